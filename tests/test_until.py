"""When a verdict changes: beside asking day by day, and a real JVM on either side of the date."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import storekeeper.trust.fix
import storekeeper.trust.runtimes.pkix_build
import storekeeper.trust.until
from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.times import parse_iso
from storekeeper.trust.fix import mend
from storekeeper.trust.question import Question
from storekeeper.trust.reach import concerned
from storekeeper.trust.until import until
from tests import jvm
from tests.forge import AT, DAY, key, make
from tests.oracle import Oracle
from tests.verdict_cases import CA, HOST, leaf, mid, root


def question(chain: list[bytes], anchors: list[bytes], host: str = HOST, **more: Any) -> Question:
    return Question(
        tuple(map(Certificate, chain)), tuple(map(Certificate, anchors)), AT, host, **more
    )


def test_the_leaf_expires_first() -> None:
    found = until(question([leaf(end=AT + 30 * DAY), mid()], [root()]))
    assert found.now.accepts is True
    assert found.at == AT + 30 * DAY + 1
    assert found.then is not None
    assert found.then.rule == "expired"
    assert found.then.message == (
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: "
        "validity check failed"
    )
    assert found.why == "O=Example,CN=server.example.net has expired"


def test_the_one_that_decides_is_named() -> None:
    """Leaf, intermediate and root end in the same second; the intermediate is looked at first."""
    found = until(question([leaf(), mid()], [root()]))
    assert found.why == "O=Example,CN=Issuing has expired"
    assert found.asked == 1


def test_what_is_refused_may_be_accepted_later() -> None:
    found = until(question([leaf(start=AT + DAY, end=AT + 9 * DAY), mid()], [root()]))
    assert found.now.rule == "not-yet-valid"
    assert found.at == AT + DAY
    assert found.then is not None
    assert found.then.accepts is True
    assert found.why == "O=Example,CN=server.example.net becomes valid"


def test_words_that_change_are_a_change() -> None:
    """Refused before and after, with another reason."""
    found = until(question([leaf(end=AT + DAY), mid()], [root()], host="other.example.net"))
    assert found.now.rule == "host-name"
    assert found.then is not None
    assert (found.at, found.then.accepts, found.then.rule) == (AT + DAY + 1, False, "expired")


def test_a_pinned_certificate_never_changes() -> None:
    found = until(question([leaf()], [leaf()]))
    assert (found.now.accepts, found.at, found.then) == (True, None, None)
    assert found.asked > 0


def test_anchors_of_other_names_are_not_asked_about() -> None:
    strangers = [
        make(f"CN=Stranger {one}", key("other"), f"CN=Stranger {one}", key("other"), *CA,
             end=AT + one * DAY)
        for one in range(1, 151)
    ]  # fmt: skip
    asked = question([leaf(end=AT + 30 * DAY), mid()], [*strangers, root()])
    assert len(concerned(asked.chain, asked.anchors)) == 3
    found = until(asked)
    assert found.at == AT + 30 * DAY + 1
    assert found.asked <= 3


def test_dates_in_java_security_are_asked_about() -> None:
    text = (
        "jdk.certpath.disabledAlgorithms=MD5, SHA256 denyAfter 2026-07-01, \\\n"
        "    RSA keySize < 1024\n"
    )
    asked = question([leaf(), mid()], [root()], java_security=text)
    found = until(asked)
    assert found.now.accepts is True
    assert found.at is not None
    assert parse_iso("2026-07-01") <= found.at <= parse_iso("2026-07-02") + 1
    assert found.then is not None
    assert found.then.rule == "disabled-algorithm"
    assert "rule of 2026-07-01" in found.why


DAYS = st.integers(-40, 40)


@settings(max_examples=25, deadline=None)
@given(*[st.tuples(DAYS, DAYS)] * 3, st.booleans())
def test_as_asking_every_day(
    first: tuple[int, int], second: tuple[int, int], third: tuple[int, int], shuffled: bool
) -> None:
    def dates(days: tuple[int, int]) -> dict[str, int]:
        return {"start": AT + min(days) * DAY, "end": AT + max(days) * DAY}

    chain = [leaf(**dates(first)), mid(**dates(second))]
    top = root(**dates(third))
    asked = question([chain[0], top, chain[1]] if shuffled else chain, [top])
    found = until(asked)
    words = (found.now.accepts, found.now.message)
    changed = None
    for day in range(43):
        # Midnight is still within the last day, the second after it no more.
        for at in (AT + day * DAY, AT + day * DAY + 1):
            then = replace(asked, at=at).verdict()
            if changed is None and (then.accepts, then.message) != words:
                changed = at
    if found.then is not None and (found.then.accepts, found.then.message) == words:
        return  # another certificate decides, in the same words
    assert found.at == changed


@pytest.mark.parametrize("protocol", ["TLSv1.3", "TLSv1.2"])
def test_the_jvm_changes_its_mind_in_that_second(protocol: str) -> None:
    oracle = Oracle(jvm.by_major(17))
    chain, anchors = [leaf(end=AT + 30 * DAY), mid()], [root()]
    found = until(question(chain, anchors, protocol=protocol))
    assert found.at is not None
    answers = [
        oracle.judge(chain, anchors, host=HOST, protocol=protocol, at=at)
        for at in (found.at - 1, found.at)
    ]
    oracle.close()
    assert [answer.word for answer in answers] == ["accept", "reject"]
    assert found.then is not None
    assert answers[1].message == found.then.message


def test_the_end_of_time() -> None:
    """A certificate without an end, by RFC 5280 in the last second of the year 9999."""
    never = parse_iso("9999-12-31T23:59:59Z")
    found = until(question([leaf(end=never), mid(end=never)], [root(end=never)]))
    assert found.at is None


def test_asking_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine issuers of one name and key: every order is a path; JDK 11 would not come back."""
    monkeypatch.setattr(storekeeper.trust.runtimes.pkix_build, "MOST_STEPS", 2_000)
    ring = [
        make("CN=A", key("A"), "CN=A", key("A"), *CA, serial=one, end=AT + one * DAY)
        for one in range(1, 10)
    ]
    below = leaf(issuer="CN=A", signer=key("A"))
    asked = question([below, *ring], [root()], runtime="java11")
    found = until(asked)
    assert found.now.rule == "gave-up"
    assert found.now.accepts is None
    assert found.now.notes == ("gave up after 2000 certificates were tried",)
    mended = mend(asked)
    assert {"import-root", "import-leaf"} <= {fix.kind for fix in mended.fixes}


def test_a_store_of_namesakes_is_asked_about_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (storekeeper.trust.until, storekeeper.trust.fix):
        monkeypatch.setattr(module, "MOST_WORK", 1_500)
    same = [
        make("CN=Same", key(f"same{one % 8}"), "CN=Same", key(f"same{one % 8}"), *CA,
             serial=one + 1, end=AT + one * DAY)
        for one in range(200)
    ]  # fmt: skip
    asked = question([leaf(issuer="CN=Same", signer=key("nobody"), end=AT + 90 * DAY)], same)
    found = until(asked)
    assert found.asked <= 1_500 // 200
    assert found.gave_up
    assert mend(asked).trials <= 1_500 // 200
