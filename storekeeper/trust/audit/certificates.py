"""What an audit says of one certificate by itself, worked out once a process.

A thousand stores of a fleet hold the same hundred roots: what depends on nothing but the
certificate, the lists and the date is kept by fingerprint, in a table with a bound.
"""

from __future__ import annotations

from ...errors import StorekeeperError
from ...model import Certificate
from ...times import distance, iso_date
from ...x509 import facts_or_none
from .. import checks
from ..anchors import canonical_subject_sha256
from ..distrust import distrust_of
from . import lifetimes
from .asked import both_sha256
from .values import AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding, Severity
    from ...x509 import Facts
    from ..distrust import Distrust
    from .asked import Asked
    from .policy import Soon

KEPT = 4096
"""Certificates whose judgement is kept in a process: some 10 MB."""

LONGEST = 1_000
"""Characters of a name that are told: a subject of megabytes is somebody's joke."""

_BREAKABLE = frozenset(
    {"RSA", "RSASSA-PSS", "RSAES-OAEP", "DSA", "EC", "DH", "Ed25519", "Ed448", "X25519", "X448"}
)
_SAFE = ("ML-DSA", "SLH-DSA", "ML-KEM")

# What a certificate is told of that a key shows to others; the rest is about trusting it.
_OF_CHAINS = frozenset(
    {
        *("blocked", "expired", "not-yet-valid", "weak-key", "weak-signature"),
        *("non-positive-serial", "unreadable-certificate"),
    }
)

# Of the codes of `checks`: ours, where they differ.
_RENAMED = {"non-ca-as-anchor": "not-a-ca"}
_STANDARD = {
    "weak-key": "NIST SP 800-131A",
    "weak-signature": "JDK: jdk.certpath.disabledAlgorithms",
    "non-positive-serial": "RFC 5280 section 4.1.2.2",
    "not-a-ca": "RFC 5280 section 4.2.1.9",
}


class Judged:
    """One certificate, as far as reports print it, and what is to be said of it.

    Attributes:
        subject, issuer, serial, not_before, not_after, key, signature, quantum_vulnerable,
        trusted_by, problem: as `values.AuditedEntry` has them.
        is_ca, self_issued: as `x509.Facts` has them; False when unreadable.
        public: it says of itself that it is a public CA's server certificate.
        distrust: what is known against it.
        trusted: findings where it is trusted.
        presented: findings where it is a key's own certificate or an issuer in its chain.
    """

    __slots__ = (
        "distrust", "is_ca", "issuer", "key", "not_after", "not_before", "presented", "problem",
        "public", "quantum_vulnerable", "self_issued", "serial", "signature", "subject",
        "trusted", "trusted_by",
    )  # fmt: skip

    def __init__(self) -> None:
        self.subject = self.issuer = self.key = self.signature = self.problem = ""
        self.serial: int | None = None
        self.not_before: int | None = None
        self.not_after: int | None = None
        self.quantum_vulnerable: bool | None = None
        self.is_ca = self.self_issued = self.public = False
        self.trusted_by: tuple[str, ...] = ()
        self.distrust: tuple[Distrust, ...] = ()
        self.trusted: tuple[AuditFinding, ...] = ()
        self.presented: tuple[AuditFinding, ...] = ()


class Certificates:
    """Judges certificates, each once.

    Args:
        asked: the root lists.
        soon: when an end is near.
        at: the instant to judge by, seconds since 1970 UTC.
    """

    def __init__(self, asked: Asked, soon: Soon, at: int) -> None:
        self.asked = asked
        self.at = at
        self._soon = soon
        self._phrase = ""
        self._known: dict[str, Judged] = {}

    def judged(self, certificate: Certificate) -> Judged:
        """What is to be said of a certificate."""
        found = self._known.get(certificate.sha256)
        if found is None:
            found = self._judge(certificate)
            while len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]
            self._known[certificate.sha256] = found
        return found

    def _judge(self, certificate: Certificate) -> Judged:
        # A copy, whose facts are not kept with the store's own.
        certificate = Certificate(certificate.der, certificate.type)
        found = Judged()
        found.trusted_by = self.asked.trusted_by(certificate.sha256)
        found.distrust = distrust_of(certificate.sha256)
        facts = facts_or_none(certificate)
        if facts is not None:
            _read(found, facts)
        checked = checks.check(certificate, self.at)
        if facts is None:
            found.problem = next((one.message for one in checked), "unreadable")
        against = tuple(against_root(found))
        every = tuple(self._checked(checked, certificate, found))
        shown = (one for one in (*every, *against) if one.code in _OF_CHAINS)
        found.presented = tuple(shown)
        findings = [one for one in every if not (found.public and one.code == "not-a-ca")]
        if found.public:
            findings += self._pinned(found)
        if found.is_ca:
            findings += against
            findings += self._unknown(certificate, found)
        else:
            findings += (one for one in against if one.code == "blocked")
        if (near := self._near(found)) is not None:
            findings.append(near)
        found.trusted = tuple(findings)
        found.presented += tuple(self._too_long(found))
        return found

    def _checked(
        self, checked: tuple[Finding, ...], certificate: Certificate, found: Judged
    ) -> Iterator[AuditFinding]:
        for one in checked:
            if one.code == "pinned-leaf-renewal":
                continue  # said better, with the dates of the rule, of those of public CAs
            code = _RENAMED.get(one.code, one.code)
            message = one.message
            if code == "expired" and found.not_after is not None:
                after = found.not_after
                message = f"expired {distance(after, self.at)}, on {iso_date(after)}"
            elif code == "not-yet-valid" and found.not_before is not None:
                before = found.not_before
                message = f"not valid yet: it begins {distance(before, self.at)}, on "
                message += iso_date(before)
            yield AuditFinding(
                code, one.severity, capped(message), one.hint,
                sha256=certificate.sha256, source=_STANDARD.get(code, ""),
            )  # fmt: skip

    # -- dates ----------------------------------------------------------------------------

    def near(self, found: Judged) -> str:
        """A phrase for an end that is near, or ""."""
        before, after = found.not_before, found.not_after
        if before is None or after is None or self.at > after or self.at < before:
            return ""
        left = after - self.at
        if left > self._soon.seconds(after - before, ca=found.is_ca):
            return ""
        lifetime = lifetimes.days(before, after)
        said = f"expires {distance(after, self.at)}, on {iso_date(after)}"
        return f"{said}, of a lifetime of {lifetime} days" if not found.is_ca else said

    def _near(self, found: Judged) -> AuditFinding | None:
        said = self.near(found)
        if not said:
            return None
        hint = "import its successor before the server changes over"
        if found.is_ca:
            hint = "see that its successor is trusted before that day"
        return AuditFinding("expires-soon", "warning", said, hint, source="policy: expires_soon")

    def _pinned(self, found: Judged) -> Iterator[AuditFinding]:
        after = found.not_after
        if after is not None and after >= self.at:
            most = lifetimes.most_days(after)
            yield AuditFinding(
                "public-leaf-pinned", "warning",
                f"a server's certificate of a public CA ({found.issuer}), trusted directly: this "
                f"breaks with its renewal, on {iso_date(after)} ({distance(after, self.at)}) at "
                f"the latest, and from then on every {most} days",
                "trust the root it leads to instead", source="CA/Browser Forum SC-081v3",
            )  # fmt: skip
        yield from self._too_long(found)

    def _too_long(self, found: Judged) -> Iterator[AuditFinding]:
        before, after = found.not_before, found.not_after
        if not found.public or before is None or after is None:
            return
        lives, most = lifetimes.days(before, after), lifetimes.most_days(before)
        if most is None or lives <= most:
            return
        yield AuditFinding(
            "lifetime-too-long", "warning",
            f"lives {lives} days; of public certificates issued on {iso_date(before)} at most "
            f"{most} were allowed",
            "browsers refuse it, Java does not; ask its CA for another",
            source="CA/Browser Forum Baseline Requirements section 6.3.2",
        )  # fmt: skip

    # -- lists ----------------------------------------------------------------------------

    def _unknown(self, certificate: Certificate, found: Judged) -> Iterator[AuditFinding]:
        if found.trusted_by or found.distrust:
            return
        both = both_sha256(certificate)
        again = self.asked.same_root(both) if both is not None else ()
        self._phrase = self._phrase or self.asked.phrase(self.at)
        said, hint, severity = f"in none of {self._phrase}: private or rogue", _UNKNOWN, "warning"
        if again:
            said = f"not in a root list itself, but {', '.join(again)} has its subject and key"
            hint, severity = "another issue of a known root; the listed one serves as well", "info"
        elif listed := self.asked.same_name(canonical_subject_sha256(certificate)):
            said = (
                f"{listed} has a root of this very name with another key: expected that key, "
                f"found one that none of {self._phrase} has"
            )
            hint = "take it out unless you know who made it: it borrows a known CA's name"
            severity = "error"
        elif not found.self_issued:
            above = self.asked.same_name(_issuer_sha256(certificate))
            said = f"an intermediate CA, issued by {found.issuer}, {said}"
            hint = "trust its root, or see who runs it; " + _UNKNOWN
            if above:
                said = f"an intermediate CA, issued by {found.issuer}, by its name a root of "
                said += f"{above}: trusted directly, it stays when that root goes"
                hint = "trust its root instead"
        yield AuditFinding("unknown-root", _severity(severity), said, hint,
                           source=self._phrase)  # fmt: skip


_UNKNOWN = (
    "if it is your own, waive it in a policy, with the reason; if nobody knows it, take it out: "
    "who has its key can read what this store's users send"
)


def _issuer_sha256(certificate: Certificate) -> str | None:
    """The issuer's name as `anchors.canonical_subject_sha256` hashes subjects."""
    from hashlib import sha256

    facts = facts_or_none(certificate)
    if facts is None:
        return None
    return sha256(facts.issuer.canonical().encode("utf-8", "surrogatepass")).hexdigest()


def _severity(word: str) -> Severity:
    return "error" if word == "error" else "info" if word == "info" else "warning"


def against_root(found: Judged) -> Iterator[AuditFinding]:
    """What lists say against a trusted CA, each kind of it once."""
    kinds: dict[str, list[Distrust]] = {}
    for one in found.distrust:
        if one.purpose != "email":
            kind = "removed" if one.kind == "no-trust" else one.kind
            kinds.setdefault(kind, []).append(one)
    others = [_PROGRAMS[name] for name in found.trusted_by if name in _PROGRAMS]
    still = ""
    if others:
        named = " and ".join(filter(None, (", ".join(others[:-1]), others[-1])))
        still = f"; {named} still trust{'' if len(others) > 1 else 's'} it"
    for kind, ones in kinds.items():
        severity, hint = "warning", "take it out when no server needs it"
        match kind:
            case "blocked":
                code = "blocked"
                if any(_who(one) != "Microsoft" for one in ones):
                    severity, hint = "error", "take it out"
                said = "; ".join(f"{_who(one)}: {one.reason or 'blocked'}" for one in ones) + still
            case "removed":
                code, said = "removed-by-mozilla", _removed(ones) + still
                if any(map(_incident, ones)):
                    severity, hint = "error", "take it out"
            case "email-only":
                code = "email-only-at-mozilla"
                said = "Mozilla trusts it for e-mail only, a Java store for TLS servers too" + still
            case _:
                code, said = "distrust-after", issued_up_to(ones)
                hint = "what it issued until then stays good; servers below it need another CA "
                hint += "with their next certificate"
        link = next((f"; {one.link}" for one in ones if one.link), "")
        source = "; ".join(dict.fromkeys(one.source for one in ones))
        yield AuditFinding(code, _severity(severity), capped(said), hint + link, source=source)


_PROGRAMS = {"microsoft": "Microsoft", "apple": "Apple", "aosp": "Android"}


def _who(one: Distrust) -> str:
    if one.source.startswith("the JDK"):
        return "the JDK"
    return one.ca if _incident(one) else one.source.partition("'")[0]


def _incident(one: Distrust) -> bool:
    return one.source.startswith("the record")


def _removed(ones: list[Distrust]) -> str:
    for one in ones:
        if _incident(one):
            when = f", as announced on {one.since}" if one.since else ""
            return f"taken out by Mozilla{when}: {one.reason}"
    first = ones[0]
    if first.kind == "no-trust":
        return f"Mozilla trusts it for nothing, as of {first.since}"
    return f"Mozilla took it out by {first.since}; {first.reason}"


def issued_up_to(ones: list[Distrust]) -> str:
    """The wording of a distrust-after: of the certificates below, never of the root."""
    dates: dict[str, list[str]] = {}
    for one in ones:
        if not _incident(one):
            # Which of them have it depends on the release; the audit of a JRE says of its own.
            policy = one.reason.removeprefix("policy ")
            who = f"JDKs with {policy}" if _who(one) == "the JDK" else _who(one)
            dates.setdefault(iso_date(one.issued_until or 0), []).append(who)
    why = ""
    for one in filter(_incident, ones):
        named = dates.setdefault(iso_date(one.issued_until or 0), [])
        if not named:
            named.append("Mozilla")
        why = f": {one.reason.partition(';')[0]}"
    said = " or ".join(
        f"{day} ({'; '.join(dict.fromkeys(who))})" for day, who in sorted(dates.items())
    )
    return f"trusted only for certificates issued up to {said}{why}"


def _read(found: Judged, facts: Facts) -> None:
    found.subject = capped(facts.subject.rfc4514())
    found.issuer = capped(facts.issuer.rfc4514())
    # Numbers of megabytes would keep every printer of decimals busy, or make it refuse.
    found.serial = facts.serial if facts.serial.bit_length() <= 1024 else None
    found.not_before, found.not_after = facts.not_before, facts.not_after
    found.is_ca, found.self_issued = facts.is_ca, facts.self_issued
    found.public = lifetimes.says_public(facts)
    try:
        found.signature = facts.signature_algorithm
        key = facts.key
    except StorekeeperError:
        return  # one of the problems that are told
    found.key = f"{key}"
    if key.algorithm in _BREAKABLE or key.algorithm.startswith("GOST"):
        found.quantum_vulnerable = True
    elif key.algorithm.startswith(_SAFE):
        found.quantum_vulnerable = False


def capped(text: str) -> str:
    """A text of at most `LONGEST` characters."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
