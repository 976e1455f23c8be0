"""Rows: one view over the entries of a store and the anchors of a root list.

`list`, `show` and the reports read rows, so a list of bare fingerprints and a keystore
with private keys go through the same filters and come out in the same shape.
"""

from __future__ import annotations

from ..errors import UsageError
from ..frozen import Frozen
from ..model import Opaque, PrivateKey, SecretKey, Store, TrustedCert, kind
from ..x509 import facts_or_none
from .lists import Anchor, RootList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Certificate, Entry
    from ..x509 import Facts

KINDS = ("trusted-certificate", "private-key", "secret-key", "opaque")
UNREADABLE = "(unreadable certificate)"


class Row:
    """One entry or anchor, read as far as somebody asks.

    Attributes:
        source: the entry or anchor itself.
        alias: its label.
        kind: one of `KINDS`.
        certificate: its own certificate (for a key, the first of the chain), or None.
        chain: all its certificates, own first; () for an anchor without one.
    """

    __slots__ = ("alias", "certificate", "chain", "kind", "source")

    def __init__(self, source: Entry | Anchor) -> None:
        self.source = source
        self.chain: tuple[Certificate, ...] = ()
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
    def facts(self) -> Facts | None:
        """Facts of its own certificate; None without one or when it is unreadable."""
        return None if self.certificate is None else facts_or_none(self.certificate)

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

    @property
    def subject(self) -> str | None:
        """Subject in RFC 4514 form, or what a fingerprint list calls it."""
        facts = self.facts
        if facts is not None:
            return facts.subject.rfc4514()
        if isinstance(self.source, Anchor):
            return self.source.subject or None
        return None

    @property
    def issuer(self) -> str | None:
        """Issuer in RFC 4514 form."""
        facts = self.facts
        return None if facts is None else facts.issuer.rfc4514()

    @property
    def not_before(self) -> int | None:
        """Start of validity, seconds since 1970 UTC."""
        facts = self.facts
        if facts is None:
            return self.source.not_before if isinstance(self.source, Anchor) else None
        return facts.not_before

    @property
    def not_after(self) -> int | None:
        """End of validity, seconds since 1970 UTC."""
        facts = self.facts
        if facts is None:
            return self.source.not_after if isinstance(self.source, Anchor) else None
        return facts.not_after

    @property
    def describe(self) -> str:
        """What stands in a subject column: the subject, or what there is instead."""
        if isinstance(self.source, SecretKey):
            return f"(secret key, {self.source.sealed.scheme})"
        if isinstance(self.source, Opaque):
            return f"({self.source.what})"
        if self.certificate is None and isinstance(self.source, PrivateKey):
            return "(no certificate)"
        return self.subject or UNREADABLE


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
    if wanted.aliases and not _matches(row.alias, wanted.aliases):
        return False
    if wanted.sha256 and not (row.sha256 or "").startswith(wanted.sha256):
        return False
    if wanted.expired or wanted.expires_in is not None:
        end = row.not_after
        if end is None:
            return False
        gone = wanted.expired and end < now
        soon = wanted.expires_in is not None and now <= end <= now + wanted.expires_in
        if not (gone or soon):
            return False
    if wanted.subject and not _named(row, wanted.subject, "subject"):
        return False
    return not wanted.issuer or _named(row, wanted.issuer, "issuer")


def _matches(alias: str, patterns: tuple[str, ...]) -> bool:
    from fnmatch import fnmatchcase

    folded = alias.lower()
    # An alias may itself hold brackets, so the plain text counts as well as the pattern.
    return any(
        folded == pattern.lower() or fnmatchcase(folded, pattern.lower()) for pattern in patterns
    )


def _named(row: Row, text: str, which: str) -> bool:
    text = text.lower()
    facts = row.facts
    if facts is None:
        return which == "subject" and text in (row.subject or "").lower()
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
    upper = digits.upper()
    return ":".join(upper[at : at + 2] for at in range(0, len(upper), 2))
