"""SARIF: valid by the standard's schema; places, identities and suppressions of results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.frozen import replace
from storekeeper.report.audit import sarif
from storekeeper.trust.audit.rules import RULES
from storekeeper.trust.audit.values import AuditedStore, AuditFinding
from tests import audit_samples
from tests.audit_outputs import judge, rendered, theirs


def run(*stores: AuditedStore) -> dict[str, Any]:
    found: dict[str, Any] = judge("sarif", rendered("sarif", stores))
    return found


def test_the_schema_of_the_standard_says_no_where_it_should() -> None:
    if not theirs("sarif"):
        pytest.skip("the extra check is not installed")
    log = json.loads(rendered("sarif", audit_samples.small()))
    log["runs"][0]["results"][0]["level"] = "severe"
    with pytest.raises(AssertionError, match="severe"):
        judge("sarif", json.dumps(log))
    log["runs"][0]["results"][0]["level"] = "note"
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = (
        "not a uri \\ at all"
    )
    with pytest.raises(AssertionError, match="uri"):
        judge("sarif", json.dumps(log))


def test_results_have_place_and_logical_place() -> None:
    results = run(*audit_samples.small())["results"]
    assert len(results) == sum(len(store.findings) for store in audit_samples.small())
    first = results[0]
    (location,) = first["locations"]
    place = location["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "file:///opt/app/truststore.jks"
    (logical,) = location["logicalLocations"]
    assert logical["fullyQualifiedName"] == "/opt/app/truststore.jks!old"
    assert first["partialFingerprints"]["certificateSha256/v1"] == (
        audit_samples.small()[0].findings[0].sha256
    )
    whole = next(one for one in results if one["ruleId"] == "default-password")
    assert "logicalLocations" not in whole["locations"][0]
    assert whole["level"] == "note"


def test_rules_say_what_they_are() -> None:
    rules = run()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules}
    assert levels["expired"] == "warning"
    assert levels["quantum-vulnerable"] == "note"


def test_waived_is_suppressed() -> None:
    results = run(*audit_samples.small())["results"]
    (waived,) = [one for one in results if "suppressions" in one]
    (suppression,) = waived["suppressions"]
    assert suppression["justification"] == "legacy scanner, replaced in spring"
    assert suppression["properties"] == {"until": "2027-03-31", "where": "policy.yaml:12"}


def test_an_unreadable_store_is_a_failed_execution() -> None:
    (invocation,) = run(*audit_samples.small())["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == (
        "/root/secret.p12: none of the usual passwords opens it; give it with --storepass"
    )
    (invocation,) = run(*audit_samples.small()[:3])["invocations"]
    assert invocation["executionSuccessful"] is True


def test_each_finding_is_an_alert_of_its_own_and_the_same_tomorrow() -> None:
    store = audit_samples.small()[0]
    more = tuple(replace(store.findings[0], alias=f"old {n}") for n in range(50))
    found = run(replace(store, findings=more))
    assert max(found["prints"].values()) == 1
    later = replace(store, findings=tuple(replace(one, message="later") for one in more[::-1]))
    assert run(later)["prints"] == found["prints"]


def test_a_store_named_twice_is_one_artifact() -> None:
    store, other = audit_samples.small()[:2]
    found = run(store, other, store)
    assert len(found["artifacts"]) == 2
    assert len(found["results"]) == 2 * len(store.findings) + len(other.findings)


def test_a_code_without_a_rule_has_no_index() -> None:
    finding = AuditFinding("never-heard-of", "info", "odd")
    (result,) = run(AuditedStore("a", findings=(finding,)))["results"]
    assert result["ruleId"] == "never-heard-of"
    assert "ruleIndex" not in result


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/opt/a b.jks", "file:///opt/a%20b.jks"),
        ("conf/trust store.jks", "conf/trust%20store.jks"),
        ("a:b.jks", "a%3Ab.jks"),
        ("C:\\certs\\a b.jks", "file:///C:/certs/a%20b.jks"),
        ("\\\\host\\share\\a.jks", "file://host/share/a.jks"),
        ("/caf\udce9.jks", "file:///caf%E9.jks"),
        ("/\u4e2d.jks", "file:///%E4%B8%AD.jks"),
        (None, "cacerts%3A%20%3Cb%3E"),
    ],
)
def test_uris(path: str | None, uri: str) -> None:
    store = AuditedStore("cacerts: <b>", path)
    (artifact,) = run(store)["artifacts"]
    assert artifact["location"]["uri"] == uri


def test_results_are_written_as_stores_come() -> None:
    seen = 0

    def stores() -> Iterator[AuditedStore]:
        nonlocal seen
        for store in audit_samples.many(3):
            seen += 1
            yield store

    for piece in sarif.render(audit_samples.head(), stores()):
        if "primaryLocationLineHash" in piece:
            break
    assert seen == 1


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text(name: str, text: str) -> None:
    finding = AuditFinding("expired", "error", text, text, name, source=text)
    (result,) = run(AuditedStore(name, text or None, findings=(finding,)))["results"]
    assert result["ruleId"] == "expired"
