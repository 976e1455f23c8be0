"""Prometheus: what its own parser reads, with enix's labels, and no root unless asked for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.trust.audit.values import AuditedEntry, AuditedStore, AuditFinding
from tests import audit_samples, hostile, pki
from tests.audit_outputs import judge, rendered, theirs

Metrics = dict[str, dict[str, int]]

# pkg/registry/labels.go of x509-certificate-exporter 4, those of files.
ENIX = {
    *("filename", "filepath", "serial_number", "discriminator"),
    *(f"{role}_{word}" for role in ("issuer", "subject")
      for word in ("C", "ST", "L", "O", "OU", "CN")),
}  # fmt: skip


def metrics(*stores: AuditedStore, everything: bool = False) -> Metrics:
    found: Metrics = judge("prometheus", rendered("prometheus", stores, everything=everything))
    return found


def labels(text: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', text))


def of(found: Metrics, name: str, **wanted: str) -> list[int]:
    return [value for text, value in found[name].items() if wanted.items() <= labels(text).items()]


def test_instants_are_absolute() -> None:
    found = metrics(*audit_samples.small())
    web = {"alias": "web", "subject_CN": "web", "issuer_CN": "Example Root"}
    assert of(found, "x509_cert_not_after", **web) == [audit_samples.AT + 12 * 86_400]
    assert of(found, "x509_cert_not_before", **web) == [1_767_225_600]
    assert of(found, "x509_cert_expired", **web) == [0]
    assert of(found, "x509_cert_error", **web) == [0]
    assert of(found, "storekeeper_audit_timestamp_seconds") == [audit_samples.AT]


def test_labels_are_those_of_enix_and_the_alias() -> None:
    found = metrics(*audit_samples.small())
    for text in found["x509_cert_not_after"]:
        assert set(labels(text)) == ENIX | {"alias"}
    (text,) = [one for one in found["x509_cert_not_after"] if labels(one)["alias"] == "web"]
    assert labels(text)["filename"] == "keystore.p12"
    assert labels(text)["filepath"] == "/opt/app/keystore.p12"
    assert of(found, "x509_source_up", source_kind="file", source_name="/root/secret.p12") == [0]


def test_roots_are_told_only_when_asked_for() -> None:
    stores = audit_samples.small()
    told = {labels(text)["alias"] for text in metrics(*stores)["x509_cert_error"]}
    # Keys, and what can't be read.
    assert told == {"web", "alone", "broken"}
    every = {labels(text)["alias"] for text in metrics(*stores, everything=True)["x509_cert_error"]}
    assert every == told | {"old", "example"}


def test_a_pinned_leaf_is_told() -> None:
    leaf = pki.cert("pinned", "Example Root")
    entry = AuditedEntry("pin", "trusted-certificate", leaf, (leaf,), not_after=5)
    assert of(metrics(AuditedStore("a", entries=(entry,))), "x509_cert_not_after", alias="pin") == [
        5
    ]


def test_an_unreadable_store_has_no_counts() -> None:
    found = metrics(*audit_samples.small())
    assert of(found, "storekeeper_store_up", store="/root/secret.p12") == [0]
    assert of(found, "storekeeper_store_entries", store="/root/secret.p12") == []
    assert of(found, "storekeeper_store_entries", store="/opt/app/keystore.p12") == [4]


def test_findings_are_counted_by_rule_and_waived_ones_apart() -> None:
    found = metrics(*audit_samples.small())
    path = "/opt/app/keystore.p12"
    severity = {"code": "incomplete-chain", "severity": "warning"}
    assert of(found, "storekeeper_findings", filepath=path, **severity) == [1]
    assert of(found, "storekeeper_findings", code="weak-key") == []
    assert of(found, "storekeeper_findings_waived", filepath=path) == [1]


def test_the_policy_is_no_store() -> None:
    ended = AuditFinding("waiver-ended", "warning", "ended")
    found = metrics(AuditedStore("p", "p", "policy", findings=(ended,)))
    assert of(found, "storekeeper_findings", code="waiver-ended") == [1]
    assert found["storekeeper_store_up"] == found["x509_source_up"] == {}


def test_a_series_is_there_once() -> None:
    """The collector drops the whole file when one is there twice."""
    store = audit_samples.small()[1]
    twice = replace(store, entries=store.entries + store.entries)
    found = metrics(twice, twice)
    assert len(found["x509_cert_not_after"]) == 2


def test_escapes_are_those_of_the_format() -> None:
    if not theirs("prometheus"):
        pytest.skip("the extra check is not installed")
    from prometheus_client.parser import text_string_to_metric_families

    alias = 'a"b\\c\\nd\u00e9'
    leaf = pki.cert("pinned", "Example Root")
    entry = AuditedEntry(alias, "private-key", leaf, (leaf,), not_after=5)
    text = rendered("prometheus", [AuditedStore("a", entries=(entry,))])
    (family,) = [
        one for one in text_string_to_metric_families(text) if one.name == "x509_cert_not_after"
    ]
    assert family.samples[0].labels["alias"] == alias


def test_names_as_go_reads_them() -> None:
    """Of several organisations the first, of several common names the last."""
    from storekeeper import der
    from tests import forge

    subject = forge.name("O=first,O=second,CN=one,CN=two,C=DE")
    one = Certificate(hostile.made(subject=subject))
    entry = AuditedEntry("a", "private-key", one, (one,), serial=-5, not_after=5)
    (text,) = metrics(AuditedStore("a", entries=(entry,)))["x509_cert_not_after"]
    found = labels(text)
    assert [found[f"subject_{word}"] for word in ("O", "CN", "C", "ST")] == [
        "first",
        "two",
        "DE",
        "",
    ]
    assert found["serial_number"] == "-5"
    assert der.SEQUENCE == 0x30


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    one = Certificate(b"\x30\x00")
    entry = AuditedEntry(text, "private-key", one, (one,), problem=text, not_after=-(10**12))
    finding = AuditFinding("expired", "error", text, alias=text)
    metrics(AuditedStore(text, text, "", runtime=text, entries=(entry,), findings=(finding,)))
