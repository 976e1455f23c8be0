"""The first date on which a verdict changes, by asking again at every instant it can change.

A verdict depends on the date through the validity of certificates, through ``denyAfter`` in
lists of disabled algorithms and through the last days of distrusted roots. Between two such
instants it is the same, so each is asked once, in order: it need not change for the worse, nor
only once, so halving the interval would not do.
"""

from __future__ import annotations

import re

from ..errors import StorekeeperError, UsageError
from ..frozen import Frozen, replace
from ..times import iso_date, parse_iso
from ..x509 import facts_or_none
from .calling import name_text
from .reach import concerned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Certificate
    from .question import Question
    from .verdict import Verdict

MOST_INSTANTS = 2_000
"""Instants asked about; a chain and the anchors of its names have a few dozen."""

MOST_WORK = 10_000
"""Instants times the certificates that each has to do with: at the worst half a minute."""

_MOST_VAIN = 5

_LAST = 253_402_300_799  # 9999-12-31T23:59:59Z, where datetime ends

# From this day on the JDK refuses the roots of Chunghwa altogether.
_DISTRUST_DAYS = ("2027-04-20",)
_DENY_AFTER = r"(?i)denyAfter\s+([0-9]{4}-[0-9]{2}-[0-9]{2})"
_DAY = 86_400


class Until(Frozen):
    """When a verdict changes.

    Attributes:
        now: the verdict at the date of the question.
        at: the first second of another verdict, since 1970 UTC; None where there is none.
        then: that verdict.
        why: what happens at that instant, in words.
        asked: how many instants were asked about.
        gave_up: there were more than the bounds above allow, and the rest was left out.
    """

    now: Verdict
    at: int | None = None
    then: Verdict | None = None
    why: str = ""
    asked: int = 0
    gave_up: bool = False


def until(question: Question) -> Until:
    """The first change of the answer, or of its words, after the date of the question.

    Raises:
        UsageError: as `verdict.judge`.
    """
    now = question.verdict()
    near = concerned(question.chain, question.anchors)
    most = min(MOST_INSTANTS, MOST_WORK // len(near))
    later = sorted(pair for pair in _instants(question, near).items() if pair[0] > question.at)
    asked = vain = 0
    for at, why in later[:most]:
        asked += 1
        then = replace(question, at=at).verdict()
        if _differ(now, then):
            return Until(now, at, then, _event(then, at) or why, asked)
        vain += then.rule == "gave-up"
        if vain > _MOST_VAIN:
            break
    return Until(now, asked=asked, gave_up=asked < len(later))


def _differ(one: Verdict, other: Verdict) -> bool:
    mine = one.accepts, one.message, one.rule
    return mine != (other.accepts, other.message, other.rule)


def _event(then: Verdict, at: int) -> str:
    """What happens at an instant to the certificate that decides; "" if it is not that one."""
    facts = None if then.certificate is None else facts_or_none(then.certificate)
    if facts is None:
        return ""
    name = name_text(facts.subject)
    if facts.not_after is not None and facts.not_after + 1 == at:
        return f"{name} has expired"
    return f"{name} becomes valid" if facts.not_before == at else ""


def _instants(question: Question, near: list[Certificate]) -> dict[int, str]:
    """Each instant at which the answer can change, and what happens then."""
    found: dict[int, str] = {}
    for certificate in near:
        facts = facts_or_none(certificate)
        if facts is None:
            continue
        name = name_text(facts.subject)
        if facts.not_before is not None:
            found.setdefault(facts.not_before, f"{name} becomes valid")
        if facts.not_after is not None:
            found[facts.not_after + 1] = f"{name} has expired"
    for at, why in _updates(question):
        found.setdefault(at, why)
    for day in (*_DISTRUST_DAYS, *_denied(question)):
        try:
            start = parse_iso(day)
        except UsageError:
            continue
        for at in (start, start + 1, start + _DAY, start + _DAY + 1):
            found.setdefault(at, f"the runtime has a rule of {iso_date(start)}")
    return {at: why for at, why in found.items() if at <= _LAST}


def _updates(question: Question) -> Iterator[tuple[int, str]]:
    """Where revocation lists and responses begin and end, with the minutes Java grants them."""
    from .runtimes import ocsp_responses, revocation_lists
    from .runtimes.list_check import SKEW

    asked = question.revocation
    spans: list[tuple[int, int | None]] = []
    for encoded in () if asked is None else asked.crls:
        listed = revocation_lists.read(encoded)
        spans.append((listed.this_update, listed.next_update))
    for encoded in () if asked is None else filter(None, asked.responses):
        try:
            response = ocsp_responses.read(encoded)
        except StorekeeperError:
            continue  # the verdict says so
        spans += [(one.this_update, one.next_update) for _, one in response.answers]
    for start, end in spans:
        yield start - SKEW, "a word about revocation begins to hold"
        yield (start if end is None else end) + SKEW + 1, "a word about revocation has run out"


def _denied(question: Question) -> Iterator[str]:
    from .runtimes import jdk

    release = jdk.release(question.runtime)
    if release is None:
        return
    settings = question.settings() or jdk.defaults(release)
    for text in (settings.certpath, settings.tls):
        yield from re.findall(_DENY_AFTER, text)
