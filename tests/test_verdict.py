"""Verdicts on server chains, beside what JREs 11 to 25 say of the same chains."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from storekeeper.errors import UsageError
from storekeeper.model import Certificate
from storekeeper.trust.verdict import Verdict, judge
from tests import forge, golden, jvm, verdict_cases, verdict_random
from tests.oracle import Oracle
from tests.verdict_cases import HOST, Case, leaf, mid, root

AT = datetime.fromtimestamp(forge.AT, UTC)
MOST_UNSURE = 0.01
"""Share of random worlds in which Java itself goes by the order of a hash set."""


def verdict_on(case: Case, version: str) -> Verdict:
    feature = version.partition(".")[0]
    return judge(
        case.chain,
        [Certificate(one) for one in case.anchors],
        case.host,
        f"java{feature}",
        case.manager,
        case.protocol,
        AT,
    )


def difference(case: Case, found: Verdict, word: str, message: str) -> str:
    """How a verdict differs from what Java said; "" when it does not."""
    if word == "failure":
        return f"{case.name}: the oracle failed: {message}"
    if found.accepts != (word == "accept"):
        return f"{case.name}: Java says {word} {message!r}, we {found.accepts} {found.message!r}"
    if word == "unparsable":
        # Each parser has words of its own for what it can't read; the handshake's are fixed.
        return "" if found.rule == "unparsable" else f"{case.name}: unparsable, we {found.rule}"
    if found.message == message or (not message and found.rule == "no-signature-scheme"):
        return ""
    if any(message in note for note in found.notes):
        return ""
    return f"{case.name}: Java says {message!r}, we {found.message!r}"


def test_every_case_as_the_jres_judged_it() -> None:
    """No JVM here: what four of them said is kept in a file (`tests.golden`)."""
    different = []
    counts: collections.Counter[str] = collections.Counter()
    for judged in golden.load():
        for version, (word, message) in judged.answers.items():
            counts[word] += 1
            found = verdict_on(judged.case, version)
            if told := difference(judged.case, found, word, message):
                different.append(f"{version} {told}")
    assert different == []
    assert counts["accept"] > 1000
    assert counts["reject"] > 1500
    assert counts["unparsable"] > 100


def beside(cases: Iterable[Case], version: str) -> tuple[int, int]:
    """Numbers of cases judged and of those in which Java goes by chance."""
    oracle = Oracle(jvm.jvm(version))
    different: list[str] = []
    total = unsure = 0
    for case in cases:
        answer = golden.ask(oracle, case)
        if answer is None:
            continue
        total += 1
        word, message = answer
        found = verdict_on(case, version)
        if found.accepts is None:
            unsure += 1
        elif told := difference(case, found, word, message):
            different.append(told)
    oracle.close()
    assert different == []
    return total, unsure


def test_cases_asked_anew() -> None:
    """The file is what a JRE says today: a tenth of the cases, keys of this run."""
    total, unsure = beside(list(verdict_cases.all_cases())[::10], "17.0.9.2")
    assert total > 90
    assert unsure == 0


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_every_case_asked_anew(version: str) -> None:
    total, unsure = beside(verdict_cases.all_cases(), version)
    assert total > 900
    assert unsure == 0


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_whole_handshakes(version: str) -> None:
    """The same with a server on the other side; JDK 25 puts the alert before the message."""
    oracle = Oracle(jvm.jvm(version))
    different: list[str] = []
    total = 0
    for case in verdict_cases.all_cases():
        answer = None if golden.unusual_key(case) else golden.shaken(oracle, case)
        found = verdict_on(case, version)
        if answer is None or found.rule == "unparsable":
            continue
        total += 1
        message = re.sub(r"^\([a-z_]+\) ", "", answer.message)
        if message == "Unhandled exception":  # of JDK 25, around what an older one let through
            message = answer.exceptions[1].partition(": ")[2]
        if told := difference(case, found, answer.word, message):
            different.append(told)
    oracle.close()
    assert different == []
    assert total > 800


def test_random_worlds() -> None:
    total, unsure = beside(map(verdict_random.case, range(200)), "21.0.8.2")
    assert unsure <= total * MOST_UNSURE
    total, unsure = beside(map(verdict_random.namesakes, range(200)), "21.0.8.2")
    assert unsure <= total * MOST_UNSURE


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_random_worlds_by_the_thousand(version: str) -> None:
    start = 10_000 * int(version.partition(".")[0])
    total, unsure = beside(map(verdict_random.case, range(start, start + 3000)), version)
    assert unsure <= total * MOST_UNSURE
    total, unsure = beside(map(verdict_random.namesakes, range(start, start + 3000)), version)
    assert unsure <= total * MOST_UNSURE


def test_a_verdict_says_who_when_and_why() -> None:
    found = judge([leaf()], [Certificate(root())], HOST, "java17.0.9", at=AT)
    assert found.accepts is False
    assert found.message == (
        "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: "
        "unable to find valid certification path to requested target"
    )
    assert (found.rule, found.runtime, found.at) == ("no-path", "java17.0.9", forge.AT)
    assert found.certificate == Certificate(leaf())
    assert found.walk == ("nobody in the store has the last issuer's name: a path is searched",)
    assert found.notes == ()


def test_an_accepting_verdict_has_its_path() -> None:
    chain = [leaf(), mid()]
    found = judge(chain, [Certificate(root())], HOST, at=AT)
    assert found.accepts is True
    assert found.message == ""
    assert found.path == tuple(map(Certificate, (*chain, root())))


def test_releases_that_were_not_measured_say_so() -> None:
    found = judge([leaf(), mid()], [Certificate(root())], HOST, "java8u381", at=AT)
    assert found.accepts is True
    assert found.runtime == "java8u381"
    assert found.notes == ("java8u381 is documented, not measured",)


@pytest.mark.parametrize(
    ("runtime", "manager"), [("cobol", "PKIX"), ("java", "PKIX"), ("java17", "IAIK")]
)
def test_unknown_runtimes_are_refused(runtime: str, manager: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        judge([leaf()], [Certificate(root())], runtime=runtime, trust_manager=manager)


def test_a_chain_and_an_aware_date_are_needed() -> None:
    with pytest.raises(UsageError, match="found no certificate"):
        judge([], [Certificate(root())])
    with pytest.raises(UsageError, match="time zone"):
        judge([leaf()], [Certificate(root())], at=datetime(2026, 1, 1))  # noqa: DTZ001
