"""The policy of an audit: severities, thresholds, waivers, lists, and what fails a run."""

from __future__ import annotations

from ...frozen import Frozen, replace
from .rules import RANK, RULES
from .values import Waiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Severity
    from .values import AuditFinding

FAILS_ON = ("error", "warning", "info", "never")
DAY = 86_400


class Soon(Frozen):
    """When an end is near.

    Attributes:
        leaf_share: of the lifetime of what is no CA; a 47-day certificate and one of two
            years are not near their ends on the same day.
        leaf_days: and never earlier than so many days before the end.
        ca_days: of CAs: so many days before the end.
    """

    leaf_share: float = 1 / 3
    leaf_days: int = 60
    ca_days: int = 365

    def seconds(self, lifetime: int, *, ca: bool) -> int:
        """How long before its end a certificate of such a lifetime (seconds) is near it."""
        if ca:
            return self.ca_days * DAY
        return min(int(lifetime * self.leaf_share), self.leaf_days * DAY)


class Waived(Frozen):
    """A line of ``waive:``; what is "" or () matches all.

    Attributes:
        waiver: the reason, the end, the place in the policy.
        codes: of findings.
        sha256: the certificate's fingerprint, or its first 8 or more hex digits.
        alias: shell pattern, in any case.
        store: shell pattern for the store's name or path.
        ends: the first instant at which it is void, seconds since 1970 UTC, or None.
    """

    waiver: Waiver
    codes: tuple[str, ...] = ()
    sha256: str = ""
    alias: str = ""
    store: str = ""
    ends: int | None = None

    def ended(self, at: int) -> bool:
        """Whether it is past its end."""
        return self.ends is not None and at >= self.ends

    def covers(self, finding: AuditFinding, names: tuple[str, ...]) -> bool:
        """Whether it is meant for a finding of a store of these names."""
        return (
            (not self.codes or finding.code in self.codes)
            and (not self.sha256 or finding.sha256.startswith(self.sha256))
            and (not self.alias or _matches(finding.alias, self.alias))
            and (not self.store or any(_matches(name, self.store) for name in names))
        )


class Policy(Frozen):
    """How an audit judges.

    Attributes:
        path: of the file it is from, "" for the default rules.
        severities: (code, severity) where it is not the rule's own; "off" for none at all.
        soon: when an end is near.
        waived: the waivers, in the order of the file.
        fails_on: the severity from which on the run fails.
        lists: names of shipped lists, or paths, that roots are looked up in; () for all
            that are shipped.
    """

    path: str = ""
    severities: tuple[tuple[str, str], ...] = ()
    soon: Soon = Soon()
    waived: tuple[Waived, ...] = ()
    fails_on: str = "warning"
    lists: tuple[str, ...] = ()

    def without(self, codes: tuple[str, ...]) -> Policy:
        """The same with these rules off."""
        off = tuple((code, "off") for code in codes)
        rest = tuple(pair for pair in self.severities if pair[0] not in codes)
        return replace(self, severities=rest + off)


class Judge:
    """A policy at work on findings.

    Args:
        policy: the policy.
        at: the instant to judge by, seconds since 1970 UTC.
        only: the codes that count; () for all.
        least: the mildest severity that is told.
    """

    def __init__(
        self, policy: Policy, at: int, only: tuple[str, ...] = (), least: Severity = "info"
    ) -> None:
        self.policy = policy
        self._severities = dict(policy.severities)
        self._only = frozenset(only)
        self._least = RANK[least]
        self._active = [one for one in policy.waived if not one.ended(at)]

    def on(self, code: str) -> bool:
        """Whether anybody wants findings of that code."""
        return self._severities.get(code) != "off" and (not self._only or code in self._only)

    def weighed(self, finding: AuditFinding, names: tuple[str, ...]) -> AuditFinding | None:
        """A finding as the policy has it; None when it is off or too mild to tell."""
        if not self.on(finding.code):
            return None
        said = self._severities.get(finding.code)
        if said is not None and said != finding.severity:
            finding = replace(finding, severity=said)
        if RANK[finding.severity] > self._least:
            return None
        for one in self._active:
            if one.covers(finding, names):
                return replace(finding, waived=one.waiver)
        return finding


def fails(finding: AuditFinding, fails_on: str) -> bool:
    """Whether a finding fails the run."""
    if fails_on == "never" or finding.waived is not None:
        return False
    return RANK[finding.severity] <= RANK[fails_on]


def check_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes, when there are rules of all of them.

    Raises:
        UsageError: there is none of one; the hint names the one that was perhaps meant.
    """
    from ...errors import UsageError

    for code in codes:
        if code not in RULES:
            raise UsageError(f"there is no rule {code!r}", hint=meant(code, RULES))
    return codes


def meant(word: str, known: object) -> str:
    """A hint naming the word somebody meant, or all there are."""
    from difflib import get_close_matches

    words = [str(one) for one in known]  # type: ignore[attr-defined]
    close = get_close_matches(word[:80], words, 1, 0.6)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(words)}"


def _matches(text: str, pattern: str) -> bool:
    # A pattern of fnmatch can take exponential time with many stars; this one can't.
    folded, pattern = text.lower(), pattern.lower()
    return folded == pattern or _glob(folded, pattern)


def _glob(text: str, pattern: str) -> bool:
    """``*`` and ``?`` by the greedy way of two pointers, linear but for the last star."""
    at = place = 0
    star = mark = -1
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, mark = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            at, place = at + 1, place + 1
        elif star >= 0:
            mark += 1
            at, place = mark, star + 1
        else:
            return False
    return not pattern[place:].strip("*")
