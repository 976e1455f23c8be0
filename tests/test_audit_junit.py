"""JUnit: a case for each rule and store; counts that are true; nothing but legal XML."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storekeeper.frozen import replace
from storekeeper.trust.audit.rules import RULES
from storekeeper.trust.audit.values import AuditedStore, AuditFinding
from tests import audit_samples
from tests.audit_outputs import judge, rendered

FAILED, PASSED = "failure", "passed"
OF_STORES = [code for code, rule in RULES.items() if rule.group != "policy"]


def suites(*stores: AuditedStore, fails_on: str = "warning") -> list[dict[str, object]]:
    head = audit_samples.head(fails_on=fails_on)
    found: list[dict[str, object]] = judge("junit", rendered("junit", stores, head))
    return found


def results(suite: dict[str, object]) -> dict[str, str]:
    cases = suite["cases"]
    assert isinstance(cases, dict)
    return {name: result for name, (result, _) in cases.items()}


def test_every_rule_is_a_case_of_every_store() -> None:
    first, second, clean, unreadable = suites(*audit_samples.small())
    for suite in (first, second, clean):
        assert set(results(suite)) == {"readable", *OF_STORES}
    assert {name for name, how in results(first).items() if how != PASSED} == {
        "expired",
        "unreadable-certificate",
    }
    assert results(second)["expires-soon"] == results(second)["incomplete-chain"] == FAILED
    assert set(results(clean).values()) == {PASSED}
    # An unreadable store says nothing of the rules: neither that they hold nor that they don't.
    assert results(unreadable) == {"readable": "error"}


def test_a_rule_that_was_off_is_no_case_that_passed() -> None:
    head = audit_samples.head(off=("weak-key", "expires-soon"))
    clean = judge("junit", rendered("junit", audit_samples.small(), head))[2]
    assert set(results(clean)) == {"readable", *OF_STORES} - {"weak-key", "expires-soon"}


def test_the_policy_is_judged_by_its_own_rules() -> None:
    ended = AuditFinding("waiver-ended", "warning", "the waiver at policy.yaml:12 has ended")
    (suite,) = suites(AuditedStore("policy.yaml", "policy.yaml", "policy", findings=(ended,)))
    assert results(suite) == {
        "readable": PASSED,
        "waiver-ended": FAILED,
        "waiver-unused": PASSED,
    }


def test_failures_say_what_where_and_what_next() -> None:
    first = suites(*audit_samples.small())[0]
    cases = first["cases"]
    assert isinstance(cases, dict)
    assert cases["expired"][1].splitlines()[0] == "error old: expired on 2026-10-12"
    assert "hint: delete it" in cases["expired"][1]


def test_waived_is_skipped_with_its_reason() -> None:
    text = rendered("junit", audit_samples.small())
    assert (
        '<skipped message="waived until 2027-03-31: legacy scanner, replaced in spring"/>' in text
    )
    second = suites(*audit_samples.small())[1]
    assert results(second)["weak-key"] == "skipped"


def test_waived_beside_others_is_told_and_skips_nothing() -> None:
    store = audit_samples.small()[1]
    waived = next(one for one in store.findings if one.waived)
    both = replace(store, findings=(waived, replace(waived, waived=None, alias="other")))
    (suite,) = suites(both)
    assert results(suite)["weak-key"] == FAILED
    assert "waived weak-key web: RSA 1024" in str(suite["out"])


def test_what_does_not_fail_the_run_fails_no_case() -> None:
    first = suites(*audit_samples.small(), fails_on="error")[0]
    assert results(first)["expired"] == FAILED
    assert results(first)["unreadable-certificate"] == PASSED
    assert "warning unreadable-certificate broken:" in str(first["out"])
    assert set(results(suites(audit_samples.small()[0], fails_on="never")[0]).values()) == {PASSED}
    last = suites(audit_samples.small()[0], fails_on="info")[0]
    assert results(last)["default-password"] == FAILED


def test_thousands_of_findings_are_counted_not_listed() -> None:
    found = tuple(
        AuditFinding("expired", "error", "expired", alias=f"root-{n}") for n in range(5000)
    )
    text = rendered("junit", [AuditedStore("a", findings=found)])
    assert len(text) < 30_000
    assert "and 4900 more" in text
    assert "5000 findings, first: root-0: expired" in text


def test_one_store_in_memory_at_a_time() -> None:
    seen = 0

    def stores() -> object:
        nonlocal seen
        for store in audit_samples.many(3):
            seen += 1
            yield store

    from storekeeper.report.audit import junit

    pieces = junit.render(audit_samples.head(), stores())  # type: ignore[arg-type]
    for piece in pieces:
        if "<testsuite " in piece:
            break
    assert seen == 1


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_xml(alias: str, message: str) -> None:
    finding = AuditFinding("expired", "error", message, message, alias, source=message)
    (suite,) = suites(AuditedStore(alias or "a", message or None, findings=(finding,)))
    assert results(suite)["expired"] == FAILED
