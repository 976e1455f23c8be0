"""Rows: one view over the entries of a store and the anchors of a root list.

`list`, `show` and the reports read rows, so a list of bare fingerprints and a keystore
with private keys go through the same filters and come out in the same shape.
"""

from __future__ import annotations

from ..errors import StorekeeperError, UnknownFormat, UsageError
from ..frozen import Frozen
from ..model import Finding, Opaque, PrivateKey, SecretKey, Store, TrustedCert, kind
from ..x509 import Facts
from .lists import Anchor, RootList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Certificate, Entry
    from ..names import Name

KINDS = ("trusted-certificate", "private-key", "secret-key", "opaque")
UNREADABLE = "(unreadable certificate)"


class Summary:
    """What stands in one line about an entry or anchor.

    Attributes:
        subject: RFC 4514, or None where there is nothing to read it from. Of a list of
            fingerprints, what the list calls it.
        not_before, not_after: seconds since 1970 UTC, or None.
        describe: for a subject column: the subject, or in brackets what there is instead.
    """

    __slots__ = ("_issuer", "describe", "not_after", "not_before", "subject")

    def __init__(
        self,
        subject: str | None,
        describe: str,
        not_before: int | None = None,
        not_after: int | None = None,
        issuer: Name | None = None,
    ) -> None:
        self.subject = subject
        self.describe = describe
        self.not_before = not_before
        self.not_after = not_after
        self._issuer = issuer

    @property
    def issuer(self) -> str | None:
        """RFC 4514, or None; worked out when asked, since most tables have no room for it."""
        return None if self._issuer is None else self._issuer.rfc4514()


class Row:
    """One entry or anchor, read as far as somebody asks.

    Attributes:
        source: the entry or anchor itself.
        alias: its label.
        kind: one of `KINDS`.
        certificate: its own certificate (for a key, the first of the chain), or None.
        chain: all its certificates, own first; () for an anchor without one.
        problem: why its own certificate could not be read, once `read` has tried.
    """

    __slots__ = ("alias", "certificate", "chain", "kind", "problem", "source")

    def __init__(self, source: Entry | Anchor) -> None:
        self.source = source
        self.chain: tuple[Certificate, ...] = ()
        self.problem = ""
        if isinstance(source, Anchor):
            self.alias = source.label
            self.kind = "trusted-certificate"
            if source.certificate is not None:
                self.chain = (source.certificate,)
        else:
            self.alias = source.alias
            self.kind = kind(source)
            if isinstance(source, TrustedCert):
                self.chain = (source.certificate,)
            elif isinstance(source, PrivateKey):
                self.chain = source.chain
        self.certificate = self.chain[0] if self.chain else None

    @property
    def created_ms(self) -> int | None:
        """Creation date, milliseconds since 1970 UTC, where the format keeps one."""
        return None if isinstance(self.source, Anchor) else self.source.created_ms

    @property
    def sha256(self) -> str | None:
        """Fingerprint of its own certificate, 64 hex digits."""
        if isinstance(self.source, Anchor):
            return self.source.sha256
        return None if self.certificate is None else self.certificate.sha256

    def facts(self) -> Facts | None:
        """Facts of its own certificate; None without one or when it is unreadable.

        Not kept: the facts of 100,000 certificates are six times the size of their file.
        """
        if self.certificate is None:
            return None
        try:
            return Facts(self.certificate.der)
        except StorekeeperError as error:
            self.problem = str(error)
            return None

    def read(self) -> Summary:
        """The line about it, read anew at each call."""
        source, facts = self.source, self.facts()
        if facts is not None:
            subject = facts.subject.rfc4514()
            describe = subject or "(empty subject)"
            return Summary(subject, describe, facts.not_before, facts.not_after, facts.issuer)
        match source:
            case Anchor() if not self.problem:
                subject = source.subject
                describe = subject or "(no subject in the list)"
                return Summary(subject or None, describe, source.not_before, source.not_after)
            case SecretKey():
                describe = f"(secret key, {source.sealed.scheme})"
            case Opaque():
                describe = f"({source.what})"
            case _:
                describe = UNREADABLE if self.certificate is not None else "(no certificate)"
        return Summary(None, describe)


def unreadable(found: Iterable[Row]) -> Iterator[Finding]:
    """A finding for every row whose certificate could not be read, once they have been."""
    for row in found:
        if row.problem:
            yield Finding(
                "unreadable-certificate",
                "warning",
                row.alias,
                f"the certificate can't be read: {row.problem}",
                "the entry is listed and kept as it is; Java may refuse it or the whole store",
            )


def bare_keys(source: Store | RootList) -> int:
    """How many private keys there are, in a PEM or DER file of nothing but keys."""
    if not isinstance(source, Store):
        return 0
    if source.format not in ("PEM", "DER"):
        return 0  # keys are compared with keys there, by alias
    bare = sum(isinstance(entry, PrivateKey) and not entry.chain for entry in source.entries)
    return bare if bare == len(source.entries) else 0


def comparable(old_name: str, old: Store | RootList, new_name: str, new: Store | RootList) -> None:
    """Refuse a private key on one side where the other has certificates.

    Raises:
        UnknownFormat: somebody gave ``server.key`` and meant ``server.crt``.
    """
    for name, side, other in ((old_name, old, new), (new_name, new, old)):
        if bare_keys(side) and not bare_keys(other):
            many = "a private key" if bare_keys(side) == 1 else f"{bare_keys(side)} private keys"
            raise UnknownFormat(
                f"expected certificates, found {many} and no certificate",
                hint="the certificate of a key is in a file of its own, often .crt, .cer or .pem",
                path=getattr(side, "path", None) or name,
            )


class Filter(Frozen):
    """Which rows to keep; every condition that is set must hold.

    Attributes:
        expired: only expired ones.
        expires_in: only those that expire within so many seconds from now. Set together
            with ``expired``, either is enough.
        issuer, subject: text contained in the name, in any case, in its RFC 4514,
            OpenSSL one-line or Java form.
        sha256: fingerprints or prefixes of them, hex digits without colons.
        aliases: shell patterns, in any case; one must match.
        kind: one of `KINDS`.
    """

    expired: bool = False
    expires_in: int | None = None
    issuer: str = ""
    subject: str = ""
    sha256: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    kind: str = ""


def rows(source: Store | RootList) -> list[Row]:
    """One row an entry or anchor, in the order of the source."""
    if isinstance(source, Store):
        return [Row(entry) for entry in source.entries]
    return [Row(anchor) for anchor in source.anchors]


def select(found: Iterable[Row], wanted: Filter, now: int) -> list[Row]:
    """The rows a filter keeps. ``now`` is in seconds since 1970 UTC."""
    return [row for row in found if _keep(row, wanted, now)]


def _keep(row: Row, wanted: Filter, now: int) -> bool:
    if wanted.kind and row.kind != wanted.kind:
        return False
    if wanted.aliases and not matches(row.alias, wanted.aliases):
        return False
    if wanted.sha256 and not (row.sha256 or "").startswith(wanted.sha256):
        return False
    if wanted.expired or wanted.expires_in is not None:
        end = row.read().not_after
        if end is None:
            return False
        gone = wanted.expired and end < now
        soon = wanted.expires_in is not None and now <= end <= now + wanted.expires_in
        if not (gone or soon):
            return False
    if wanted.subject and not _named(row, wanted.subject, "subject"):
        return False
    return not wanted.issuer or _named(row, wanted.issuer, "issuer")


def matches(alias: str, patterns: tuple[str, ...]) -> bool:
    """Whether an alias is one of the patterns, case folded."""
    from fnmatch import fnmatchcase

    folded = alias.lower()
    # An alias may itself hold brackets, so the plain text counts as well as the pattern.
    return any(
        folded == pattern.lower() or fnmatchcase(folded, pattern.lower()) for pattern in patterns
    )


def _named(row: Row, text: str, which: str) -> bool:
    text = text.lower()
    facts = row.facts()
    if facts is None:
        return which == "subject" and text in (row.read().subject or "").lower()
    name = facts.subject if which == "subject" else facts.issuer
    return any(text in form.lower() for form in (name.rfc4514(), name.oneline(), name.java()))


def fingerprint(text: str) -> str:
    """Hex digits of a SHA-256 fingerprint or a prefix of one, as people paste it.

    Raises:
        UsageError: it is no hex, or fewer than 8 or more than 64 digits.
    """
    digits = text.lower().removeprefix("sha256:").replace(":", "").replace(" ", "")
    if not 8 <= len(digits) <= 64 or any(c not in "0123456789abcdef" for c in digits):
        raise UsageError(
            f"{text!r} is no SHA-256 fingerprint",
            hint="write all or at least the first 8 of its 64 hex digits, with or without colons",
        )
    return digits


def colons(digits: str) -> str:
    """``AA:BB:…`` of hex digits, as keytool prints fingerprints."""
    return bytes.fromhex(digits).hex(":").upper()
