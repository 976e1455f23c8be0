"""The key a server will accept, out of all that lies about, and the chain to send with it."""

from __future__ import annotations

import time

from ..errors import StorekeeperError
from ..frozen import Frozen
from ..model import PrivateKey, Sealed, Store
from ..times import iso_date
from ..trust.chain import complete
from ..trust.public_keys import matches_key
from ..x509 import facts_or_none
from .asked import KNOWN, filled
from .requests import shown
from .select import issuers_of, select_client_key
from .stored import unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ..model import Certificate
    from ..tls.messages import CertificateRequest
    from ..x509 import Facts

_KINDS = {1: "RSA", 2: "DSA", 64: "EC"}
_MOST_TRIED = 10_000
_CLIENT = frozenset({"clientAuth", "anyExtendedKeyUsage", "2.5.29.37.0"})


class Option(Frozen):
    """A key with one of its certificates: what could be offered to the server.

    Attributes:
        alias: of the key in its source.
        source: its place among the stores that were given.
        entry: where the key is.
        chain: the certificate, its issuers in order, and no root, as far as they are there.
        code: "chosen"; "second-best"; "issuer-not-listed", "key-type", "expired",
            "not-yet-valid", "purpose", "refused-by-java", "unreadable", "no-certificate".
        why: the reason in words.
        missing: the issuer that lacks, where the chain is cut; "" where it is whole.
    """

    alias: str
    source: int
    entry: PrivateKey
    chain: tuple[Certificate, ...]
    code: str
    why: str
    missing: str = ""


class Built(Frozen):
    """What to put into a client's keystore.

    Attributes:
        chosen: the best that the server accepts and Java sends; None where there is none.
        rejected: every other, the better ones first.
        authorities: whom the server accepts, readable; () for anybody.
        kinds: the kinds of key it accepts, in words.
        notes: what limits the answer.
    """

    chosen: Option | None
    rejected: tuple[Option, ...]
    authorities: tuple[str, ...]
    kinds: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """What is sent; () where there is nothing to send."""
        return () if self.chosen is None else self.chosen.chain


def build_client_key(
    stores: Sequence[Store],
    request: CertificateRequest,
    *,
    known: Iterable[Certificate] = (),
    runtime: str = "java17",
    key_manager: str = "SunX509",
    at: datetime | None = None,
    unfit: bool = False,
) -> Built:
    """The key whose certificate chains to a CA that the server accepts, from any number of stores.

    Of several the best is the one that is valid now, for clients, with the stronger key, and
    the newest. No key is opened.

    Args:
        stores: keystores and files of keys and certificates, as they were read; a certificate
            may be in another of them than its key.
        request: what the server asks for.
        known: more certificates that issuers may be found among.
        runtime: the Java release that is to send it.
        key_manager: "SunX509" or "PKIX".
        at: the instant to judge by, aware; now when not given.
        unfit: one that is expired, or not for clients, will do where there is no other.

    Raises:
        UsageError: as `select_client_key`.
    """
    instant = int(time.time()) if at is None else int(at.timestamp())
    stored = (one for store in stores for one in store.certificates())
    lying = tuple(dict.fromkeys((*stored, *known)))
    finding = _Finding(lying, request, runtime, key_manager, at, instant)
    options: list[tuple[tuple[object, ...], Option]] = []
    for number, store in enumerate(stores):
        for entry in store.entries:
            if isinstance(entry, PrivateKey) and len(options) < _MOST_TRIED:
                options += finding.options(entry, number)
    options.sort(key=lambda one: one[0])
    fitting = {"fits", "expired", "not-yet-valid", "purpose"} if unfit else {"fits"}
    ranked = _each_once([one for _, one in options])
    best = next((one for one in ranked if one.code in fitting), None)
    full, notes = filled(request)
    if request.protocol == "TLSv1.3":
        found = (KNOWN[one].key for one in full.signature_algorithms if one in KNOWN)
    else:
        found = (_KINDS[one] for one in full.certificate_types if one in _KINDS)
    return Built(
        None if best is None else _told(best, "chosen"),
        tuple(_told(one, "second-best") for one in ranked if one is not best),
        tuple(map(shown, request.authorities)),
        tuple(dict.fromkeys(found)),
        notes,
    )


def _each_once(options: list[Option]) -> list[Option]:
    """Without the same certificate of the same key in another place."""
    found: dict[object, Option] = {}
    for number, one in enumerate(options):
        found.setdefault(one.chain[0] if one.chain else number, one)
    return list(found.values())


def _told(option: Option, code: str) -> Option:
    from ..frozen import replace

    return replace(option, code=code) if code == "chosen" or option.code == "fits" else option


class _Finding:
    """What every key is measured by."""

    def __init__(
        self,
        lying: tuple[Certificate, ...],
        request: CertificateRequest,
        runtime: str,
        key_manager: str,
        at: datetime | None,
        instant: int,
    ) -> None:
        self.lying = tuple(one for one in lying if not unreadable(one))
        self.request = request
        self.runtime = runtime
        self.key_manager = key_manager
        self.at = at
        self.instant = instant
        self.issuers, _ = issuers_of(request.authorities)
        listed = self.issuers or frozenset()
        # A chain that ends at one of these is one the server accepts.
        self.anchors = tuple(
            one for one in self.lying if not listed.isdisjoint(_names(one))
        )  # fmt: skip
        self.passing = tuple(
            one for one in self.lying if one in self.anchors or not _own_issuer(one)
        )

    def options(self, entry: PrivateKey, source: int) -> list[tuple[tuple[object, ...], Option]]:
        """The key with each of its certificates; the better ones sort first."""
        leaves = self._leaves(entry)
        if not leaves:
            why = "there is no certificate for the key among what was given"
            if entry.chain:
                why = "its certificate can't be read"
            option = Option(entry.alias, source, entry, (), "no-certificate", why)
            return [((9,), option)]
        return [self._option(entry, source, leaf) for leaf in leaves]

    def _leaves(self, entry: PrivateKey) -> list[Certificate]:
        from ..formats.pem_keys import public_bits
        from ..key_info import spki_bits

        if entry.chain:
            facts = facts_or_none(entry.chain[0])
            if facts is None:
                return []
            own = entry.chain[0]
            return [one for one in self.lying if one == own or matches_key(one, facts.spki)]
        bits = public_bits(entry.sealed)
        if bits is None:
            return []
        found = []
        for one in self.lying:
            facts = facts_or_none(one)
            if facts is not None and spki_bits(facts.spki) == bits:
                found.append(one)
        return found

    def _option(
        self, entry: PrivateKey, source: int, leaf: Certificate
    ) -> tuple[tuple[object, ...], Option]:
        chain, missing = self._chain(leaf, entry)
        facts = facts_or_none(leaf)
        assert facts is not None  # `lying` has none that can't be read
        code, why = self._judged(entry, chain, facts, missing)
        option = Option(entry.alias, source, entry, chain, code, why, missing)
        order = ("fits", "expired", "not-yet-valid", "purpose", "issuer-not-listed")
        rank = order.index(code) if code in order else len(order)
        own = bool(entry.chain) and entry.chain[0] == leaf
        return (rank, -_strength(facts), -(facts.not_before or 0), not own, source), option

    def _chain(self, leaf: Certificate, entry: PrivateKey) -> tuple[tuple[Certificate, ...], str]:
        """The certificate and its issuers without the root, and whose certificate is missing."""
        near = (*entry.chain[1:], *self.lying)
        whole = complete(leaf, near, self.anchors)
        if not self._fits(whole.chain) and self.issuers is not None:
            other = complete(leaf, self.passing, self.anchors)
            whole = other if self._fits(other.chain) else whole
        chain = whole.chain
        if whole.rooted and len(chain) > 1:
            chain = chain[:-1]
        missing = "" if whole.closed or whole.missing is None else whole.missing.rfc4514()
        return chain, missing

    def _fits(self, chain: Sequence[Certificate]) -> bool:
        if self.issuers is None:
            return True
        return any(not self.issuers.isdisjoint(_names(one)[1:]) for one in chain)

    def _judged(
        self, entry: PrivateKey, chain: tuple[Certificate, ...], facts: Facts, missing: str
    ) -> tuple[str, str]:
        if not self._fits(chain):
            issued = facts_or_none(chain[-1])
            above = missing or (issued.issuer.rfc4514() if issued else "")
            cut = ", whose own certificate is not among what was given" if missing else ""
            return "issuer-not-listed", f"its chain ends below {above}{cut}, not below a listed CA"
        if facts.not_after is not None and self.instant > facts.not_after:
            return "expired", f"expired on {iso_date(facts.not_after)}"
        if facts.not_before is not None and self.instant < facts.not_before:
            return "not-yet-valid", f"not valid before {iso_date(facts.not_before)}"
        purposes = facts.extended_key_usage
        if purposes is not None and _CLIENT.isdisjoint(purposes):
            return "purpose", "its extended key usage has no clientAuth"
        usage = facts.key_usage
        if usage is not None and "digitalSignature" not in usage:
            return "purpose", "its key usage has no digitalSignature"
        alone = Store("PKCS12", (PrivateKey(entry.alias or "key", chain, _SEALED),))
        chosen = select_client_key(alone, self.request, self.runtime, self.key_manager, self.at)
        if chosen.alias is None or chosen.problem:
            reason = chosen.candidates[0] if chosen.candidates else None
            code = reason.code if reason is not None and reason.code == "key-type" else ""
            why = chosen.problem or (reason.message if reason is not None else "")
            return code or "refused-by-java", why
        until = "" if facts.not_after is None else f", valid until {iso_date(facts.not_after)}"
        return "fits", f"{facts.key}{until}, {chosen.candidates[0].message}"


def _never(data: bytes, password: object) -> bytes:  # noqa: ARG001 - an opener
    raise StorekeeperError("there is no key here")


_SEALED = Sealed("none", b"", _never)


def _names(certificate: Certificate) -> tuple[object, object]:
    """Subject and issuer, as they are compared."""
    from ..trust.runtimes.seen import seen

    one = seen(certificate)
    return one.subject, one.issuer


def _own_issuer(certificate: Certificate) -> bool:
    subject, issuer = _names(certificate)
    return subject == issuer


def _strength(facts: Facts) -> int:
    """Bits of security of a key, roughly (NIST SP 800-57 part 1, table 2)."""
    key = facts.key
    bits = key.bits or 0
    if key.algorithm == "EC":
        return bits // 2
    if key.algorithm in ("Ed25519", "Ed448"):
        return 128 if key.algorithm == "Ed25519" else 224
    table = ((15360, 256), (7680, 192), (4096, 140), (3072, 128), (2048, 112), (1024, 80))
    return next((strength for least, strength in table if bits >= least), 0)
