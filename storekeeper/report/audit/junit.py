"""JUnit XML: a test suite for each store, a test case for each rule.

There is no official schema; what Jenkins, GitLab and Azure read is the common part of Ant's
and Surefire's, and this is written so that the stricter of the two accepts it: one result a
case, counts on the suite, no time zone in the timestamp. Findings milder than what fails the
run, and waived ones beside others, are in the suite's output.
"""

from __future__ import annotations

import re

from ...times import iso
from .words import about, place, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...trust.audit.values import AuditedStore, AuditFinding, AuditHead

_MOST = 100  # findings of one case in full
_READABLE = "readable"

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:
    """The XML, a suite at a time."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, store in enumerate(stores):
        yield from _suite(head, number, store)
    yield "</testsuites>\n"


def _suite(head: AuditHead, number: int, store: AuditedStore) -> Iterator[str]:
    from ...trust.audit.policy import fails
    from ...trust.audit.rules import RULES

    found: dict[str, list[AuditFinding]] = {}
    for finding in store.findings:
        found.setdefault(finding.code, []).append(finding)
    # Rules about the policy itself come with a store of their own, the last.
    of_policy = store.format == "policy"
    rules = [
        code
        for code, rule in RULES.items()
        if (rule.group == "policy") is of_policy and code not in head.off
    ]
    codes = [] if store.problem else list(dict.fromkeys([*rules, *found]))
    cases = [_case(store, _READABLE, _unreadable(store) if store.problem else "")]
    failures = skipped = 0
    told: list[AuditFinding] = []
    for code in codes:
        bad: list[AuditFinding] = []
        mild: list[AuditFinding] = []
        waived: list[AuditFinding] = []
        for one in found.get(code, ()):
            fitting = waived if one.waived is not None else mild
            (bad if fails(one, head.fails_on) else fitting).append(one)
        result = ""
        if bad:
            failures += 1
            result = _failure(bad)
        elif waived and not mild:
            skipped += 1
            result = _skipped(waived)
            waived = []
        cases.append(_case(store, code, result))
        told += mild + waived
    yield _opening(head, number, store, (len(cases), failures, bool(store.problem), skipped))
    yield from cases
    yield "    <system-out>"
    for finding in told[: _MOST * 10]:
        yield _text(f"{_word(finding)} {finding.code} {about(finding)}") + "\n"
    if len(told) > _MOST * 10:
        yield f"and {len(told) - _MOST * 10} more\n"
    yield "</system-out>\n    <system-err></system-err>\n  </testsuite>\n"


def _opening(
    head: AuditHead, number: int, store: AuditedStore, counts: tuple[int, int, int, int]
) -> str:
    tests, failures, errors, skipped = counts
    properties = (
        ("storekeeper", head.version),
        ("store", store.name),
        ("format", store.format),
        ("sha256", store.sha256),
        ("runtime", store.runtime),
        ("policy", head.policy),
        ("entries", str(len(store.entries))),
        *((f"list {used.name}", used.date or "no date") for used in head.lists),
    )
    lines = "".join(
        f'      <property name="{_text(safe(name))}" value="{_text(safe(value))}"/>\n'
        for name, value in properties
        if value
    )
    return (
        f'  <testsuite name="{_text(place(store))}" package="storekeeper.audit" id="{number}"'
        f' tests="{tests}" failures="{failures}" errors="{int(errors)}" skipped="{skipped}"'
        f' time="0" timestamp="{_moment(head.at)}"'
        f' hostname="{_text(safe(head.host) or "localhost")}">\n'
        f"    <properties>\n{lines}    </properties>\n"
    )


def _moment(at: int) -> str:
    return iso(at).removesuffix("Z")


def _case(store: AuditedStore, name: str, result: str) -> str:
    # The class name groups cases in every viewer; dots would make packages of a path.
    group = _text(place(store).replace(".", "_"))
    start = f'    <testcase classname="{group}" name="{_text(safe(name))}" time="0"'
    return f"{start}>\n{result}    </testcase>\n" if result else f"{start}/>\n"


def _unreadable(store: AuditedStore) -> str:
    hint = f"\nhint: {safe(store.hint)}" if store.hint else ""
    message = _text(safe(store.problem))
    return f'      <error message="{message}" type="unreadable">{message}{_text(hint)}</error>\n'


def _failure(found: list[AuditFinding]) -> str:
    lines = []
    hints: dict[str, None] = {}
    for finding in found[:_MOST]:
        lines.append(f"{_word(finding)} {about(finding)}")
        lines += [f"  sha256 {finding.sha256}"] if finding.sha256 else []
        lines += [f"  by {safe(finding.source)}"] if finding.source else []
        if finding.hint:
            hints[finding.hint] = None
    lines += [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    lines += [f"hint: {safe(hint)}" for hint in list(hints)[:10]]
    first = about(found[0])
    message = first if len(found) == 1 else f"{len(found)} findings, first: {first}"
    body = _text("\n".join(lines))
    kind = found[0].severity
    return f'      <failure message="{_text(message)}" type="{kind}">{body}</failure>\n'


def _skipped(found: list[AuditFinding]) -> str:
    reasons: dict[str, None] = {}
    for finding in found[:_MOST]:
        waiver = finding.waived
        assert waiver is not None
        until = f" until {safe(waiver.until, 40)}" if waiver.until else ""
        reasons[f"waived{until}: {safe(waiver.reason)}"] = None
    return f'      <skipped message="{_text("; ".join(list(reasons)[:10]))}"/>\n'


def _word(finding: AuditFinding) -> str:
    return "waived" if finding.waived is not None else finding.severity


def _text(text: str) -> str:
    """Text and attribute values alike; in ASCII, so that any stream carries it.

    Everything given here went through `safe`: there is nothing XML forbids.
    """
    text = re.sub('[&<>"]', lambda found: _ESCAPES[found[0]], text)
    return text.encode("ascii", "xmlcharrefreplace").decode()
