"""`check` as text and as JSON: the runtime's words, and what they mean."""

from __future__ import annotations

from ..names import printable
from ..times import iso, iso_date
from ..trust.calling import called
from ..trust.inventory import colons
from ..trust.rules import meaning
from ..x509 import facts_or_none
from .table import fit, folded, pad
from .values import certificate_json, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..model import Certificate
    from ..tls.verified import Verified
    from ..trust.java_trust import Trust
    from ..trust.question import Question
    from ..trust.until import Until
    from ..trust.verdict import Verdict

    # What was asked, the answer, what stands behind a refusal, and when it changes.
    Asked = tuple[Question, Verdict, str, Until | None]

SCHEMA = "storekeeper.check/1"
_INDENT = 14

_WORDS = {True: "accepts", False: "refuses", None: "either"}


def text(
    question: Question,
    verdict: Verdict,
    trust: Trust,
    *,
    why: str = "",
    explain: bool = False,
    until: Until | None = None,
    width: int | None = None,
) -> str:
    """One verdict, for people; lines are folded at so many columns, with None not at all."""
    lines = [_headline(question, verdict)]
    if verdict.message:
        lines += _labelled("says", [verdict.message])
    sentence = meaning(verdict.rule)
    lines += _labelled("rule", [f"{verdict.rule}: {sentence}" if sentence else verdict.rule])
    lines += _labelled("here", [why] if why else [])
    if verdict.accepts:
        lines += _labelled("path", [_step(one, question, trust) for one in verdict.path])
    elif verdict.certificate is not None:
        lines += _labelled("decided by", _decided(verdict.certificate, question, trust))
    lines += _labelled("note", verdict.notes)
    if explain:
        lines += _labelled("judged", [_circumstances(question)])
        steps = [f"{number}. {step}" for number, step in enumerate(verdict.walk, 1)]
        lines += _labelled("walk", steps or ["nothing on the way"])
    if until is not None:
        lines += _labelled("until", _until(until))
    return _printed(lines, width)


def _printed(lines: Sequence[str], width: int | None) -> str:
    several = (folded(printable(line), width, _INDENT) for line in lines)
    return "".join(f"{line}\n" for pieces in several for line in pieces)


def _headline(question: Question, verdict: Verdict) -> str:
    whom = question.host if question.host is not None else "the chain, for no host name"
    when = iso_date(verdict.at) if verdict.at % 86_400 == 0 else iso(verdict.at)
    if verdict.accepts is not None:
        return f"{verdict.runtime} {_WORDS[verdict.accepts]} {whom} on {when}"
    if verdict.rule == "gave-up":
        return f"{verdict.runtime}: no answer for {whom} on {when}"
    return f"{verdict.runtime} accepts or refuses {whom} on {when}: it decides at random"


def _labelled(label: str, values: Sequence[str]) -> Iterator[str]:
    for number, value in enumerate(values):
        yield f"  {'' if number else label:11} {value}"


def _step(one: Certificate, question: Question, trust: Trust) -> str:
    facts = facts_or_none(one)
    ends = None if facts is None else facts.not_after
    told = called(one) + ("" if ends is None else f", until {iso_date(ends)}")
    return told + _place(one, question, trust)


def _place(one: Certificate, question: Question, trust: Trust) -> str:
    """Where it is: its number in what was sent, its alias in the store."""
    places = []
    if one in question.chain:
        places.append(f"sent as {question.chain.index(one) + 1}")
    if one in question.anchors:
        alias = trust.alias(one)
        places.append(f"in the store as {alias!r}" if alias else "in the store")
    return f" ({', '.join(places)})" if places else ""


def _decided(one: Certificate, question: Question, trust: Trust) -> list[str]:
    facts = facts_or_none(one)
    lines = [called(one) + _place(one, question, trust)]
    if facts is not None and facts.not_before is not None and facts.not_after is not None:
        lines.append(f"valid {iso_date(facts.not_before)} to {iso_date(facts.not_after)}")
    lines.append(f"SHA-256 {colons(one.sha256)}")
    return lines


def _circumstances(question: Question) -> str:
    identified = "host name checked" if question.host is not None else "host name not checked"
    security = ", a given java.security" if question.java_security is not None else ""
    anchors = f"{len(question.anchors)} trust anchor{'' if len(question.anchors) == 1 else 's'}"
    return (
        f"{question.trust_manager} trust manager, {question.protocol}, {anchors}, {identified}"
        f"{security}"
    )


def _until(until: Until) -> list[str]:
    if until.at is None or until.then is None:
        lines = [f"it stays so: {until.asked} later dates were asked about"]
        if until.gave_up:
            lines.append("gave up there; there are more")
        return lines
    then = until.then
    lines = [f"{iso(until.at)}: {until.why}"]
    if then.accepts:
        lines.append("then it accepts")
    else:
        word = "then it refuses" if then.accepts is False else "then it may refuse"
        lines.append(f"{word}: {then.message or meaning(then.rule)}")
    return lines


def verified(
    found: Verified, question: Question, *, now: bool = True, width: int | None = None
) -> str:
    """What the OpenSSL of this machine says of the same server, as a line of `text`.

    Args:
        found: it.
        question: that was asked of the runtimes.
        now: whether their verdicts are about this moment, as OpenSSL's always is.
        width: as for `text`.
    """
    words = {True: "accepts", False: "refuses", None: "got no answer"}[found.accepts]
    words += "" if now else " today"
    words += "" if found.host == question.host else " (the host name not looked at)"
    if found.chain and found.chain != tuple(one.der for one in question.chain):
        words += " (of another chain, which it was sent)"
    told = f"{words}: {found.message}" if found.message else words
    return _printed([f"  openssl     {found.openssl} here {told}"], width)


def verified_json(found: Verified) -> dict[str, Any]:
    """The same for ``check --json``."""
    return {
        "library": found.openssl,
        "host": found.host,
        "accepts": found.accepts,
        "message": found.message or None,
    }


def table(verdicts: Sequence[Verdict], width: int | None = None) -> str:
    """Several verdicts, a line for each runtime; their notes below."""
    rows = [("RUNTIME", "ANSWER", "RULE", "MESSAGE")]
    rows += [(one.runtime, _WORDS[one.accepts], one.rule, one.message) for one in verdicts]
    sizes = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = []
    for row in rows:
        cells = [pad(cell, size) for cell, size in zip(row, sizes, strict=False)]
        lines.append(fit(printable("  ".join((*cells, row[3])).rstrip()), width))
    for one in verdicts:
        lines += [printable(f"{one.runtime}: {note}") for note in one.notes]
    return "".join(f"{line}\n" for line in lines)


def json(asked: Sequence[Asked], *, explain: bool = False) -> dict[str, Any]:
    """The values of ``check --json``, `SCHEMA` (docs/json.md)."""
    found = [_json(one, explain) for one in asked]
    if len(found) == 1:
        return {"schema": SCHEMA} | found[0]
    accepts = [one["accepts"] for one in found]
    both = None if None in accepts else all(accepts)
    return {"schema": SCHEMA, "accepts": False if False in accepts else both, "verdicts": found}


def _json(asked: Asked, explain: bool) -> dict[str, Any]:
    question, verdict, why, until = asked
    out = verdict_json(verdict) | {"reason": why or None}
    if explain:
        out |= {
            "host": question.host,
            "trust_manager": question.trust_manager,
            "protocol": question.protocol,
            "anchors": len(question.anchors),
            "walk": list(verdict.walk),
            "path": [certificate_json(one) for one in verdict.path],
        }
    if until is not None:
        out["until"] = {
            "at": moment(until.at),
            "why": until.why,
            "asked": until.asked,
            "gave_up": until.gave_up,
            "then": None if until.then is None else verdict_json(until.then),
        }
    return out


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict; ``accepts`` is null where the runtime decides at random."""
    one = verdict.certificate
    return {
        "accepts": verdict.accepts,
        "message": verdict.message,
        "rule": verdict.rule,
        "certificate": None if one is None else certificate_json(one),
        "runtime": verdict.runtime,
        "at": moment(verdict.at),
        "notes": list(verdict.notes),
    }
