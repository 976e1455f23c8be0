"""CycloneDX 1.7: valid by the official schema, each asset once, and the same bytes again."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.report.audit.cyclonedx_assets import algorithm
from storekeeper.trust.audit.values import AuditedEntry, AuditedStore
from tests import audit_samples, forge, hostile, pki
from tests.audit_outputs import judge, rendered, theirs


def bom(*stores: AuditedStore) -> dict[str, Any]:
    found: dict[str, Any] = judge("cyclonedx", rendered("cyclonedx", stores))
    return found


def by_ref(found: dict[str, Any]) -> dict[str, Any]:
    return {one["bom-ref"]: one for one in found["components"]}


def entry(der: bytes, **changes: Any) -> AuditedEntry:
    one = Certificate(der)
    return replace(AuditedEntry("a", "trusted-certificate", one, (one,)), **changes)


def asset(der: bytes) -> dict[str, Any]:
    """The component of a certificate."""
    found = by_ref(bom(AuditedStore("a", entries=(entry(der),))))
    component: dict[str, Any] = found[f"cert:sha256:{Certificate(der).sha256}"]
    return component


def properties(component: dict[str, Any]) -> dict[str, str]:
    return {
        one["name"].removeprefix("storekeeper:"): one["value"] for one in component["properties"]
    }


def test_the_official_schema_says_no_where_it_should() -> None:
    if not theirs("cyclonedx"):
        pytest.skip("the extra check is not installed")
    made = json.loads(rendered("cyclonedx", audit_samples.small()))
    certificate = next(one for one in made["components"] if one["bom-ref"].startswith("cert:"))
    certificate["cryptoProperties"]["certificateProperties"]["notValidAfter"] = "tomorrow"
    with pytest.raises(AssertionError, match="date-time"):
        judge("cyclonedx", json.dumps(made))


def test_it_is_no_bom_of_1_6() -> None:
    if not theirs("cyclonedx"):
        pytest.skip("the extra check is not installed")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = rendered("cyclonedx", audit_samples.small()).replace('"1.7"', '"1.6"')
    assert "serialNumber" in str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(text))


def test_stores_provide_what_they_hold() -> None:
    found = bom(*audit_samples.small())
    parts = by_ref(found)
    graph = {one["ref"]: one for one in found["dependencies"]}
    first = "store:file:///opt/app/truststore.jks"
    assert parts[first]["type"] == "file"
    assert parts[first]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    held = [f"cert:sha256:{one.certificate.sha256}" for one in audit_samples.small()[0].entries
            if one.certificate]  # fmt: skip
    assert graph[first]["provides"] == held
    second = graph["store:file:///opt/app/keystore.p12"]["provides"]
    assert [ref.split(":")[0] for ref in second] == [
        *("cert", "cert", "private-key", "cert", "private-key", "store"),
    ]
    (private, _) = [ref for ref in second if ref.startswith("private-key:")]
    assert graph[private]["dependsOn"] == [private.replace("private-key:", "key:")]


def test_an_unreadable_store_does_not_look_like_an_empty_one() -> None:
    found = by_ref(bom(*audit_samples.small()))
    component = found["store:file:///root/secret.p12"]
    assert properties(component)["unreadable"] == "none of the usual passwords opens it"
    assert "entries" not in properties(component)


def test_each_asset_is_there_once() -> None:
    """150 certificates in each of twenty stores are 156 components, not three thousand."""
    stores = list(audit_samples.many(20))
    distinct = {one.certificate.sha256 for store in stores for one in store.entries
                if one.certificate}  # fmt: skip
    found = bom(*stores)
    certs = [one for one in found["components"] if one["bom-ref"].startswith("cert:")]
    assert len(certs) == len(distinct) == 156
    assert len([one for one in found["components"] if one["type"] == "file"]) == 20


def test_one_store_twice_is_two_components() -> None:
    store = audit_samples.small()[0]
    files = [one["bom-ref"] for one in bom(store, store)["components"] if one["type"] == "file"]
    assert files == [f"store:file:///opt/app/truststore.jks{end}" for end in ("", "#2")]


def test_the_policy_is_no_component() -> None:
    assert bom(AuditedStore("p", "p", "policy"))["components"] == []


def test_a_certificate_says_what_it_is() -> None:
    component = asset(pki.certificate("Example Root"))
    found = component["cryptoProperties"]["certificateProperties"]
    sha256 = Certificate(pki.certificate("Example Root")).sha256
    assert found["subjectName"] == found["issuerName"] == "CN=Example Root"
    assert found["serialNumber"] == str(1 + sum(b"Example Root"))
    assert found["notValidAfter"] == "2046-01-01T00:00:00Z"
    assert found["certificateState"] == [{"state": "active"}]
    assert component["hashes"] == [{"alg": "SHA-256", "content": sha256}]
    # 1.7 means another hash by it than everybody else by a fingerprint.
    assert "fingerprint" not in found


@pytest.mark.parametrize(
    ("start", "end", "state"),
    [(-2, 2, "active"), (-2, -1, "deactivated"), (1, 2, "pre-activation")],
)
def test_states(start: int, end: int, state: str) -> None:
    at, day = audit_samples.AT, forge.DAY
    own = forge.key("a")
    one = forge.make("CN=a", own, "CN=a", own, start=at + start * day, end=at + end * day)
    found = asset(one)["cryptoProperties"]["certificateProperties"]
    assert found["certificateState"][0]["state"] == state


def test_dates_that_json_has_no_word_for() -> None:
    component = asset(hostile.certificates()["dates-past-9999"])
    assert "notValidAfter" not in component["cryptoProperties"]["certificateProperties"]
    assert properties(component)["not-after"] == "10000-01-01T23:58:59Z"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SHA256withRSA", ("signature", "RSASSA-PKCS1", "SHA256", 0)),
        ("SHA384withECDSA", ("signature", "ECDSA", "SHA384", 0)),
        ("RSASSA-PSS with SHA-256", ("signature", "RSASSA-PSS", "SHA-256", 0)),
        ("Ed25519", ("signature", "EdDSA", None, 0)),
        ("ML-DSA-65", ("signature", "ML-DSA", "65", 3)),
        ("ML-DSA-87", ("signature", "ML-DSA", "87", 5)),
        ("ML-KEM-768", ("kem", "ML-KEM", "768", 3)),
        ("SLH-DSA-SHA2-128s", ("signature", "SLH-DSA", "SHA2-128s", 1)),
        ("SLH-DSA-SHAKE-256f", ("signature", "SLH-DSA", "SHAKE-256f", 5)),
        ("RSA 2048", ("pke", None, "2048", 0)),
        ("EC secp384r1", ("other", None, "secp384r1", 0)),
        ("1.2.3.4", ("unknown", None, None, None)),
    ],
)
def test_algorithms(name: str, expected: tuple[object, ...]) -> None:
    component = algorithm(name)
    found = component["cryptoProperties"]["algorithmProperties"]
    words = ("primitive", "algorithmFamily", "parameterSetIdentifier", "nistQuantumSecurityLevel")
    assert tuple(found.get(word) for word in words) == expected


def test_every_algorithm_with_a_name_is_valid() -> None:
    """All names of `oids`, as if certificates had them, by the schema's enumerations."""
    from storekeeper.oids import CURVES, KEY_ALGORITHMS, SIGNATURES

    names = {*SIGNATURES.values(), *KEY_ALGORITHMS.values()}
    names |= {f"EC {curve}" for curve, _ in CURVES.values()}
    made = json.loads(rendered("cyclonedx", ()))
    made["components"] = [algorithm(name) for name in sorted(names)]
    made["dependencies"] = [{"ref": one["bom-ref"]} for one in made["components"]]
    judge("cyclonedx", json.dumps(made))


def test_the_same_audit_gives_the_same_bytes() -> None:
    text = rendered("cyclonedx", audit_samples.small())
    assert text == rendered("cyclonedx", audit_samples.small())
    number = uuid.UUID(json.loads(text)["serialNumber"])
    assert number.version == 5
    assert number.variant == uuid.RFC_4122
    others = {
        bom(*audit_samples.small()[:3])["serialNumber"],
        bom(replace(audit_samples.small()[0], sha256="cd" * 32))["serialNumber"],
        json.loads(rendered("cyclonedx", audit_samples.small(), audit_samples.head(at=1)))[
            "serialNumber"
        ],
    }
    assert len(others | {f"urn:uuid:{number}"}) == 4


@given(st.text(max_size=40), st.binary(max_size=40))
def test_any_text_and_any_bytes(text: str, der: bytes) -> None:
    one = Certificate(der)
    held = AuditedEntry(text, "private-key", one, (one, one), problem=text)
    bom(AuditedStore(text, text or None, runtime=text, entries=(held,)))
