"""GnuTLS as a TLS client: gnutls_x509_trust_list_verify_crt2, with a host and a purpose.

The chain is sorted as far as it goes, cut where something trusted begins, and judged from
its end down; the trust list is a table by a hash of names, and what is in another row of
it is not seen. Profile "low", as the priority NORMAL has it.
Source: the GnuTLS manual ("Verifying X.509 certificate paths"), and GnuTLS 3.7.9 as seen
from outside.
"""

from __future__ import annotations

from ...errors import StorekeeperError
from .gnutls_names import Constraints, matches_host
from .gnutls_seen import GnuCertificate, gnu
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...model import Certificate
    from .table import Question

_UNKNOWN_ISSUER, _NO_CA, _INSECURE = "no-path", "not-a-ca", "security-level"
_EARLY, _LATE, _SIGNATURE = "not-yet-valid", "expired", "signature"
_OWNER, _LIMITS, _PURPOSE, _CRITICAL = (
    "host-name",
    "signer-constraints",
    "purpose",
    "critical-extension",
)
_INVALID = "unreadable"

# In the order they are printed.
_WORDS = {
    _UNKNOWN_ISSUER: "The certificate issuer is unknown. ",
    _NO_CA: "The certificate issuer is not a CA. ",
    _INSECURE: "The certificate chain uses insecure algorithm. ",
    _LIMITS: "The certificate chain violates the signer's constraints. ",
    _PURPOSE: "The certificate chain does not match the intended purpose. ",
    _EARLY: "The certificate chain uses not yet valid certificate. ",
    _LATE: "The certificate chain uses expired certificate. ",
    _SIGNATURE: "The signature in the certificate is invalid. ",
    _OWNER: "The name in the certificate does not match the expected. ",
    _CRITICAL: "The certificate contains an unknown critical extension. ",
}
_ROWS = 127
_WORD = 0xFFFF_FFFF_FFFF_FFFF
_DEEPEST = 16


class _Finding:
    """What is wrong, and with which certificate first."""

    def __init__(self) -> None:
        self.rules: set[str] = set()
        self.one: GnuCertificate | None = None

    def add(self, rule: str, one: GnuCertificate) -> None:
        if not self.rules:
            self.one = one
        self.rules.add(rule)

    def __bool__(self) -> bool:
        return bool(self.rules)


class _TrustList:
    """The table of what is trusted."""

    def __init__(self, certificates: Sequence[Certificate]) -> None:
        self._rows: dict[int, list[GnuCertificate]] = {}
        for one in dict.fromkeys(certificates):
            try:
                found = gnu(one)
            except StorekeeperError:
                continue
            self._rows.setdefault(_hash(found.subject), []).append(found)

    def row(self, name: bytes) -> list[GnuCertificate]:
        """What stands in the row of a name, whatever its own name is."""
        return self._rows.get(_hash(name), [])


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about GnuTLS.

    Raises:
        Refused: with the text of gnutls_certificate_verification_status_print.
    """
    sent = []
    for certificate in question.chain:
        try:
            sent.append(gnu(certificate))
        except StorekeeperError as problem:
            question.say(f"a certificate is not imported: {problem.message}")
            said = "ASN1 parser: Error in DER parsing."
            raise Refused(said, "unparsable", certificate) from None
    store = _TrustList(question.store)
    chain = _shortened(_sorted(sent, store), store)
    for one in chain:
        question.say(f"to be judged: {one.facts.subject}")
    found, path = _verify(chain, store.row(chain[-1].issuer), question)
    last = chain[-1]
    if found.rules & {_UNKNOWN_ISSUER, _LATE, _INSECURE} and last.subject != last.issuer:
        question.say("once more, against what has the last one's own name")
        again, other = _verify(chain, store.row(last.subject), question)
        if not again or _UNKNOWN_ISSUER in found.rules:
            found, path = again, other
    if not sent[0].fits(server=True, any_purpose=True):
        found.add(_PURPOSE, sent[0])
    if question.host is not None and not matches_host(sent[0], question.host):
        found.add(_OWNER, sent[0])
    if not found:
        return [one.certificate for one in path]
    said = "The certificate is NOT trusted. " + "".join(
        words for rule, words in _WORDS.items() if rule in found.rules
    )
    rule = next((rule for rule in _WORDS if rule in found.rules), _INVALID)
    raise Refused(said, rule, None if found.one is None else found.one.certificate)


def _hash(name: bytes) -> int:
    value = 0
    for byte in name:
        value = (
            byte + ((value << 9 | value >> 55) & 0xFFFF_FFFF_FFFF_FFFF)
        ) & 0xFFFF_FFFF_FFFF_FFFF
    return value % _ROWS


def _issues(issuer: GnuCertificate, one: GnuCertificate) -> bool:
    """Whether names, and key identifiers where both have one, fit."""
    if one.issuer != issuer.subject:
        return False
    wanted, own = one.facts.authority_key_id, issuer.facts.subject_key_id
    return wanted is None or own is None or wanted == own


def _sorted(sent: Sequence[GnuCertificate], store: _TrustList) -> list[GnuCertificate]:
    """The chain in order: runs of issuers, one after the other, up to one whose issuer is known."""
    left = list(sent)
    chain: list[GnuCertificate] = []
    while left:
        run = _run(left)
        left = [one for one in left if not any(one is other for other in run)]
        chain += [one for one in dict.fromkeys(run) if one not in chain]
        if any(_issues(anchor, chain[-1]) for anchor in store.row(chain[-1].issuer)):
            break
    return chain


def _run(left: Sequence[GnuCertificate]) -> list[GnuCertificate]:
    """The first of them, and as far as issuers follow: of each, the first that was sent."""
    run = [left[0]]
    if len(left) > _DEEPEST:
        return run
    while not _issues(run[-1], run[-1]):
        issuer = next((one for one in left[1:] if _issues(one, run[-1])), None)
        if issuer is None or any(issuer is one for one in run):
            break
        run.append(issuer)
    return run


def _shortened(chain: list[GnuCertificate], store: _TrustList) -> list[GnuCertificate]:
    if len(chain) > 1 and _issues(chain[-1], chain[-1]):
        chain = chain[:-1]
    for index, one in enumerate(chain[1:], 1):
        if one in store.row(one.issuer):
            return chain[: index + 1]
    return chain


def _verify(
    chain: Sequence[GnuCertificate], anchors: Sequence[GnuCertificate], question: Question
) -> tuple[_Finding, list[GnuCertificate]]:
    """What is wrong with a chain below some anchors; and the path."""
    found = _Finding()
    chain = list(chain)
    if len(chain) > 1 and _issues(chain[-1], chain[-1]):
        chain.pop()
    for index, one in enumerate(chain):
        for anchor in anchors:
            same = (
                one == anchor
                if index == 0
                else (one.subject == anchor.subject and one.facts.spki == anchor.facts.spki)
            )
            if same:
                _check_dates(anchor, question.at, found)
                if not anchor.strong_key:
                    found.add(_INSECURE, anchor)
                if found:
                    return found, []
                chain = chain[:index]
                break
        if index >= len(chain):
            break
    if not chain:
        return found, [gnu(question.chain[0])]
    return _walk(chain, anchors, question, found)


def _walk(
    chain: list[GnuCertificate],
    anchors: Sequence[GnuCertificate],
    question: Question,
    found: _Finding,
) -> tuple[_Finding, list[GnuCertificate]]:
    state = _State(question.at, question.say)
    issuer = _issuer(chain[-1], anchors, question.at)
    state.check(chain[-1], issuer, found, leaf=len(chain) == 1, strict=False)
    if found or issuer is None:
        return found, []
    path = [*chain, issuer]
    for index in range(len(chain) - 1, 0, -1):
        if not chain[index].fits(server=True, any_purpose=False):
            found.add(_PURPOSE, chain[index])
            return found, []
        below, above = chain[index - 1], chain[index]
        fitting = above if _issues(above, below) else None
        state.check(below, fitting, found, leaf=index == 1, strict=True)
        if found:
            return found, []
    return found, path


def _issuer(
    one: GnuCertificate, anchors: Sequence[GnuCertificate], at: int
) -> GnuCertificate | None:
    """The last that is valid now, else the first."""
    found = None
    for anchor in anchors:
        if _issues(anchor, one):
            before, after = anchor.facts.not_before or 0, anchor.facts.not_after or 0
            if found is None or before <= at < after:
                found = anchor
    return found


def _kinds_fit(signature: str, key: str) -> bool:
    """Whether a signature can be made with a kind of key."""
    kind = signature.rpartition("with")[2]
    if kind == "RSASSA-PSS":
        return key in ("RSA", "RSASSA-PSS")
    return {"ECDSA": "EC"}.get(kind, kind) == key


def _check_dates(one: GnuCertificate, at: int, found: _Finding) -> None:
    before, after = one.facts.not_before, one.facts.not_after
    if before is None or at < before:
        found.add(_EARLY, one)
    elif after is None or at > after:
        found.add(_LATE, one)


class _State:
    """What is carried from the anchor down."""

    def __init__(self, at: int, say: Callable[[str], None]) -> None:
        self._at = at
        self._say = say
        self._room = _DEEPEST
        self._names = Constraints()

    def check(
        self,
        one: GnuCertificate,
        issuer: GnuCertificate | None,
        found: _Finding,
        *,
        leaf: bool,
        strict: bool,
    ) -> None:
        """Judge one certificate by its issuer."""
        if self._room == 0:
            found.add(_LIMITS, one)
            return
        self._room -= 1
        if issuer is None:
            found.add(_UNKNOWN_ISSUER, one)
        else:
            self._say(f"{one.facts.subject} below {issuer.facts.subject}")
            if not self._names.add(issuer) or (leaf and not self._names.allow(one)):
                found.add(_LIMITS, one)
            if strict or issuer.facts.version != 1:
                self._check_ca(one, issuer, found, strict=strict)
            self._check_signature(one, issuer, found)
            if issuer.unknown_critical:
                found.add(_CRITICAL, issuer)
        if leaf and one.unknown_critical:
            found.add(_CRITICAL, one)
        if one.signature:
            if not one.strong_key or (issuer is not None and not issuer.strong_key):
                found.add(_INSECURE, one)
            if one.signature.startswith(("MD", "SHA1")) and not _issues(one, one):
                found.add(_INSECURE, one)
        if issuer is not None:
            _check_dates(issuer, self._at, found)
        _check_dates(one, self._at, found)

    def _check_ca(
        self, one: GnuCertificate, issuer: GnuCertificate, found: _Finding, *, strict: bool
    ) -> None:
        constraints = issuer.facts.basic_constraints
        if one != issuer:
            if constraints is None:
                # One without basic constraints may be an anchor that signed itself.
                if strict or not _issues(issuer, issuer):
                    found.add(_NO_CA, issuer)
            elif not constraints[0]:
                found.add(_NO_CA, issuer)
            elif constraints[1] is not None:
                self._room = min(self._room, constraints[1])
        usage = issuer.facts.key_usage
        if usage is not None and "keyCertSign" not in usage:
            found.add(_LIMITS, issuer)

    def _check_signature(
        self, one: GnuCertificate, issuer: GnuCertificate, found: _Finding
    ) -> None:
        from ..signatures import signed

        if one.signature and not _kinds_fit(one.signature, issuer.facts.key.algorithm):
            found.add(_LIMITS, one)
            return
        verdict = signed(issuer.facts.spki, *one.facts.signature, one.facts.tbs)
        if verdict is None:
            found.add(_INVALID, one)
        elif not verdict:
            found.add(_SIGNATURE, one)
