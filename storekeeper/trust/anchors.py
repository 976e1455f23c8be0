"""Trust anchors and lists of them: what a vendor publishes, with or without certificates.

Three identities are kept, because lists give different ones: SHA-256 of the certificate,
SHA-256 of subject and key together (CCADB's "Subject + SPKI SHA256"), and the hashes of
subject and key by themselves.
"""

from __future__ import annotations

from hashlib import sha256 as _sha256

from ..der import GENERALIZED_TIME
from ..errors import Damaged
from ..frozen import Frozen
from ..model import Certificate, Finding, TrustedCert
from ..times import DAY, parse_time
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Store

__all__ = [
    "CODE_SIGNING",
    "EMAIL",
    "OLD_AFTER_DAYS",
    "SERVER",
    "Anchor",
    "Published",
    "RootList",
    "age_days",
    "age_finding",
    "by_trust",
    "canonical_subject_sha256",
    "from_store",
    "parse_date",
    "titled",
]

SERVER = "server-auth"
EMAIL = "email"
CODE_SIGNING = "code-signing"

# Root programs change their lists several times a year.
OLD_AFTER_DAYS = 180

_MONTHS = {
    "janfebmaraprmayjunjulaugsepoctnovdec"[3 * index : 3 * index + 3]: f"{index + 1:02d}"
    for index in range(12)
}


class Published(Frozen):
    """What a list prints about an anchor whose certificate it may not contain.

    Attributes:
        subject: RFC 4514 text, or the vendor's name for the root where that is all there is.
        subject_sha256: see `canonical_subject_sha256`; None when the list has no subject.
        spki_sha256: SHA-256 of the SubjectPublicKeyInfo DER, hex, or None.
        subject_spki_sha256: SHA-256 over subject DER followed by SubjectPublicKeyInfo DER,
            hex, or None: the second identity CCADB prints.
        not_before, not_after: seconds since 1970 UTC, or None.
    """

    subject: str = ""
    subject_sha256: str | None = None
    spki_sha256: str | None = None
    subject_spki_sha256: str | None = None
    not_before: int | None = None
    not_after: int | None = None


_NOTHING = Published()


class Anchor(Frozen):
    """One root of a list. What the list does not print is read from its certificate.

    Attributes:
        sha256: SHA-256 of the certificate, 64 lower-case hex digits.
        label: the alias or name the list gives it, or "".
        certificate: when the list holds it.
        published: what the list prints about it.
        purposes: what it is trusted for (`SERVER`, `EMAIL`, `CODE_SIGNING`); None when the
            list does not distinguish.
        rejected: purposes for which the list actively distrusts it.
        distrust_after: (purpose, seconds since 1970 UTC) pairs. The instant is compared
            with the **leaf's** notBefore, not with today: the anchor stays trusted for
            certificates issued up to it.
        programs: root programs that include it, where one list speaks for several (CCADB).
    """

    sha256: str
    label: str = ""
    certificate: Certificate | None = None
    published: Published = _NOTHING
    purposes: tuple[str, ...] | None = None
    rejected: tuple[str, ...] = ()
    distrust_after: tuple[tuple[str, int], ...] = ()
    programs: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """RFC 4514 text, or the list's own name for it; "" when there is neither."""
        if self.published.subject:
            return self.published.subject
        facts = facts_or_none(self.certificate) if self.certificate else None
        return facts.subject.rfc4514() if facts else ""

    @property
    def subject_sha256(self) -> str | None:
        """SHA-256 of the subject in its canonical form, hex; None when unknown."""
        if self.published.subject_sha256 or not self.certificate:
            return self.published.subject_sha256
        return canonical_subject_sha256(self.certificate)

    @property
    def spki_sha256(self) -> str | None:
        """SHA-256 of the SubjectPublicKeyInfo, hex; None when unknown."""
        if self.published.spki_sha256 or not self.certificate:
            return self.published.spki_sha256
        facts = facts_or_none(self.certificate)
        return _sha256(facts.spki).hexdigest() if facts else None

    @property
    def subject_spki_sha256(self) -> str | None:
        """CCADB's "Subject + SPKI SHA256", hex; None when unknown."""
        if self.published.subject_spki_sha256 or not self.certificate:
            return self.published.subject_spki_sha256
        facts = facts_or_none(self.certificate)
        return _sha256(facts.subject.der + facts.spki).hexdigest() if facts else None

    @property
    def not_before(self) -> int | None:
        """Start of validity, seconds since 1970 UTC; None when unknown."""
        if self.certificate is None:
            return self.published.not_before
        facts = facts_or_none(self.certificate)
        return facts.not_before if facts else None

    @property
    def not_after(self) -> int | None:
        """End of validity, seconds since 1970 UTC; None when unknown."""
        if self.certificate is None:
            return self.published.not_after
        facts = facts_or_none(self.certificate)
        return facts.not_after if facts else None

    def distrusted_after(self, purpose: str = SERVER) -> int | None:
        """Leaves issued after this instant are not trusted for ``purpose``; None: no such date."""
        return dict(self.distrust_after).get(purpose)


class RootList(Frozen):
    """A list of trust anchors as somebody published it.

    Attributes:
        name: the word it is asked for by, or its path.
        title: one phrase for people.
        date: ISO date of the list, or "" when the file does not say.
        source: one sentence: where it comes from.
        anchors: what it trusts for TLS servers (or trusts at all, where it makes no
            difference between purposes), in file order, each sha256 once.
        others: what it lists without that trust: e-mail only, blocked, no trust bits.
        findings: damaged rows and what else was noticed, with line numbers.
        note: what a reader must know to interpret it, or "".
        licence: under which the list may be passed on, or "".
        path: the file it was read from, when there is one.
    """

    name: str
    title: str = ""
    date: str = ""
    source: str = ""
    anchors: tuple[Anchor, ...] = ()
    others: tuple[Anchor, ...] = ()
    findings: tuple[Finding, ...] = ()
    note: str = ""
    licence: str = ""
    path: str | None = None


def canonical_subject_sha256(certificate: Certificate) -> str | None:
    """SHA-256 of the subject in the form X500Principal compares names by (UTF-8), hex.

    Two encodings of one name (PrintableString here, UTF8String there) give the same value.
    None when the certificate can't be parsed.
    """
    facts = facts_or_none(certificate)
    if facts is None:
        return None
    canonical = facts.subject.canonical().encode("utf-8", "surrogatepass")
    return _sha256(canonical).hexdigest()


def by_trust(found: Iterable[Anchor]) -> tuple[tuple[Anchor, ...], tuple[Anchor, ...]]:
    """Anchors trusted for TLS servers, and the others; each SHA-256 once.

    A certificate that comes again is taken where it is trusted, and nowhere if it is
    rejected anywhere.
    """
    anchors: dict[str, Anchor] = {}
    others: dict[str, Anchor] = {}
    for anchor in found:
        serves = anchor.purposes is None or SERVER in anchor.purposes
        (anchors if serves else others).setdefault(anchor.sha256, anchor)
    for sha256, anchor in others.items():
        if SERVER in anchor.rejected:
            anchors.pop(sha256, None)
    kept = tuple(anchor for sha256, anchor in others.items() if sha256 not in anchors)
    return tuple(anchors.values()), kept


def titled(title: str, others: tuple[Anchor, ...]) -> str:
    """A title that tells of what a list has beside the anchors it trusts for TLS servers."""
    if not others:
        return title
    rejected = sum(SERVER in anchor.rejected for anchor in others)
    said = f"{len(others)} more not trusted for TLS servers"
    return f"{title}; {said}{f', {rejected} of them distrusted' if rejected else ''}"


def from_store(store: Store, name: str = "") -> RootList:
    """The trusted certificates of a store as a list; the alias becomes the label.

    Certificates of key entries are left out: a PKIX trust manager would accept only the
    first of each chain, and only by accident of how the store was made.
    """
    anchors = {
        entry.certificate.sha256: Anchor(
            entry.certificate.sha256, entry.alias, certificate=entry.certificate
        )
        for entry in reversed(store.entries)
        if isinstance(entry, TrustedCert)
    }
    return RootList(
        name or store.path or "",
        f"{store.format} store",
        anchors=tuple(reversed(anchors.values())),
        findings=store.findings,
        path=store.path,
    )


def parse_date(text: str) -> int | None:
    """Midnight UTC of ``2026-11-21``, ``2026.11.21``, ``2026/11/21`` or ``2026 Nov 21``.

    A time of day after the date (``T10:00:00Z``) is read too; None when it is no date.
    """
    words = text.strip().replace("T", " ", 1) if text[10:11] == "T" else text.strip()
    for mark in ".-/":
        words = words.replace(mark, " ", 2)
    parts = words.split()
    if not 3 <= len(parts) <= 4:
        return None
    month = _MONTHS.get(parts[1][:3].lower(), parts[1])
    clock = parts[3].rstrip("Z").replace(":", "") if len(parts) == 4 else "000000"
    stamp = f"{parts[0]:0>4}{month:0>2}{parts[2]:0>2}{clock}Z"
    if len(stamp) != 15 or not stamp[:14].isdecimal():
        return None
    try:
        return parse_time(GENERALIZED_TIME, stamp.encode())
    except Damaged:
        return None


def age_days(roots: RootList, now: int) -> int | None:
    """Days between the date of the list and ``now`` (seconds since 1970 UTC); None without one."""
    dated = parse_date(roots.date)
    return None if dated is None else (now - dated) // DAY


def age_finding(roots: RootList, now: int) -> Finding | None:
    """The finding ``old-list`` when the list is older than `OLD_AFTER_DAYS`."""
    age = age_days(roots, now)
    if age is None or age <= OLD_AFTER_DAYS:
        return None
    return Finding(
        "old-list",
        "warning",
        "",
        f"{roots.name}: a list of {roots.date}, {age} days ago",
        "what changed since then is not in it",
    )
