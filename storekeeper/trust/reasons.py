"""Why a chain is refused, told of this chain: what stands behind a message that says little."""

from __future__ import annotations

from ..times import iso_date
from ..x509 import facts_or_none
from .arrangement import arrange, leaf_of
from .calling import called, name_text
from .issuance import match_key
from .rules import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate
    from .arrangement import Arrangement
    from .question import Question
    from .verdict import Verdict

_NAMES = frozenset(
    {"host-name", "no-alternative-names", "hostname-mismatch", "ip-address-mismatch"}
)
_SEARCHES = frozenset({"no-path", "no-anchor", "signature"})


def reason(question: Question, verdict: Verdict) -> str:
    """One sentence about this chain; "" where the rule's own says it all."""
    if verdict.accepts:
        return ""
    first = question.chain[0]
    if first != leaf_of(question.chain) and facts_or_none(first) is not None:
        return f"what is sent first is {called(first)}, not the server's own certificate"
    if verdict.rule in ("expired", "not-yet-valid") and verdict.certificate is not None:
        return dates(verdict.certificate, question.at)
    if verdict.rule in _NAMES and verdict.certificate is not None:
        return _names(verdict.certificate)
    if verdict.rule == "anchor-not-a-ca" and verdict.certificate is not None:
        return _renewed(question.chain[0], verdict.certificate)
    if verdict.rule in RULES and verdict.rule not in _SEARCHES:
        return ""  # the rule's own sentence tells it; those of other runtimes have none
    picture = arrange(question.chain, question.anchors)
    dated = [dates(one, question.at) for one in picture.path if one not in question.anchors]
    gap = _gap(picture, question)
    return "; ".join(filter(None, (gap, *dated)))


def dates(certificate: Certificate, at: int) -> str:
    """What is wrong with its dates, in a sentence, or ""."""
    facts = facts_or_none(certificate)
    if facts is None:
        return ""
    name = called(certificate)
    if facts.not_after is not None and facts.not_after < at:
        return f"{name} expired on {iso_date(facts.not_after)}"
    if facts.not_before is not None and facts.not_before > at:
        return f"{name} is not valid before {iso_date(facts.not_before)}"
    return ""


def _gap(picture: Arrangement, question: Question) -> str:
    last = picture.path[-1]
    facts = facts_or_none(last)
    circle = [one.message for one in picture.remarks if one.code == "loop"]
    if circle:
        return circle[0]
    if facts is None or picture.anchored:
        return "; ".join(remark.message for remark in picture.remarks if remark.fault)
    namesake = [one for one in question.anchors if _is_called(one, match_key(facts.issuer))]
    if picture.missing is not None:
        name = name_text(picture.missing)
        if namesake:
            return (
                f"{called(last)} names {name} as its issuer, and the one of that name in the "
                "store has another key"
            )
        where = f"; it says that one is at {picture.locations[0]}" if picture.locations else ""
        return f"{called(last)} was issued by {name}, which is neither sent nor in the store{where}"
    if namesake and last not in question.anchors:
        return f"the store has a {called(last)} too, with another key than the one that was sent"
    if len(picture.path) == 1:
        return f"{called(last)} is self-signed, and not in the store"
    return f"the root that was sent, {called(last)}, is not in the store"


def _is_called(one: Certificate, name: object) -> bool:
    facts = facts_or_none(one)
    return facts is not None and match_key(facts.subject) == name


def _renewed(leaf: Certificate, anchor: Certificate) -> str:
    """A self-signed certificate that was renewed, and the old one in the store."""
    new, old = facts_or_none(leaf), facts_or_none(anchor)
    if new is None or old is None or match_key(new.subject) != match_key(old.subject):
        return ""
    ends = [iso_date(one.not_after) for one in (old, new) if one.not_after is not None]
    if len(ends) < 2:
        return ""
    return (
        f"the store has another certificate of {called(leaf)}, until {ends[0]}; the server sends "
        f"one until {ends[1]}"
    )


def _names(certificate: Certificate) -> str:
    facts = facts_or_none(certificate)
    if facts is None:
        return ""
    names = [name.value for name in facts.subject_alt_names if name.kind in ("dns", "ip")]
    if names:
        return f"it is for {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}"
    common = facts.subject.common_name
    if common is None:
        return "it names nobody"
    return f"its common name is {common}, and it has no alternative names"
