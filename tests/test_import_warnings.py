"""What an import warns of, and the stores it makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.change.apply import apply
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming, choose
from storekeeper.change.plan import Plan, plan_of
from storekeeper.change.target import open_target
from storekeeper.errors import PasswordRequired, UsageError, WriteRefused
from storekeeper.formats.encryption import compatible
from storekeeper.host.managers import Manager, managed_by
from storekeeper.model import TrustedCert, replace
from storekeeper.times import parse_iso
from tests import changing, jvm, pki
from tests.changing import CORP, PASSWORD
from tests.importing import AT, LEAF, NEW, importing, store

__all__ = ["store"]  # fixture


# -- warnings -----------------------------------------------------------------------------


def codes(plan: Plan) -> set[str]:
    return {finding.code for finding in plan.findings}


def test_a_pinned_leaf_is_said_to_break_and_when(store: Path) -> None:
    plan = importing(LEAF)(changing.opened(store))
    assert codes(plan) == {"non-ca-as-anchor", "pinned-leaf-renewal"}
    (pin,) = [f for f in plan.findings if f.code == "pinned-leaf-renewal"]
    assert "breaks when the server renews, at the latest on 2046-01-01" in pin.message
    with pytest.raises(WriteRefused, match=r"\[non-ca-as-anchor\]"):
        importing(LEAF, strict=True)(changing.opened(store))


def test_a_leaf_taken_out_of_its_chain_is_no_mistaken_ca(store: Path) -> None:
    """The date is told, and --strict has nothing against what was chosen on purpose."""
    chosen, left = choose([Incoming(NEW, "chain.pem"), Incoming(LEAF, "chain.pem")])
    assert [step.state for step in left] == ["left-out"]
    plan = plan_import(changing.opened(store), chosen, at=AT, strict=True)
    assert {(f.code, f.severity) for f in plan.findings} == {
        ("non-ca-as-anchor", "info"),
        ("pinned-leaf-renewal", "info"),
    }
    (own,) = [f for f in plan.findings if f.code == "non-ca-as-anchor"]
    (mistaken,) = [
        f for f in importing(LEAF)(changing.opened(store)).findings if f.code == own.code
    ]
    assert "certificate" in own.message
    assert (own.message, own.hint) != (mistaken.message, mistaken.hint)
    alone, _ = choose([Incoming(LEAF, "leaf.pem")])
    everything, _ = choose([Incoming(NEW, "chain.pem"), Incoming(LEAF, "chain.pem")], "all")
    for wanted in (alone, everything):
        found = plan_import(changing.opened(store), wanted, at=AT).findings
        assert ("non-ca-as-anchor", "warning") in {(f.code, f.severity) for f in found}


@pytest.mark.parametrize(
    ("at", "code"), [("2050-01-01", "expired"), ("2020-01-01", "not-yet-valid")]
)
def test_dates_are_judged(store: Path, at: str, code: str) -> None:
    given = [Incoming(NEW, "x")]
    target = changing.opened(store)
    assert codes(plan_import(target, given, at=parse_iso(at))) == {code}
    with pytest.raises(WriteRefused, match=code):
        plan_import(target, given, at=parse_iso(at), strict=True)
    assert codes(plan_import(target, given, at=AT, strict=True)) == set()


def test_what_rewrites_the_file_is_named_with_the_command_that_keeps(store: Path) -> None:
    anchors = "/usr/local/share/ca-certificates"
    manager = Manager("ca-certificates-java", "often", anchors, "*.crt", "update-ca-certificates")
    target = replace(changing.opened(store), manager=manager)
    plan = plan_import(target, [Incoming(NEW, "my ca.pem")], at=AT)
    (finding,) = plan.findings
    assert finding.code == "managed-file"
    assert finding.hint == (
        f"to keep it: storekeeper import {anchors} 'my ca.pem' && update-ca-certificates"
    )
    assert plan_import(target, [Incoming(CORP, "x")], at=AT).findings == ()


@pytest.mark.parametrize(
    ("path", "kept", "out"),
    [
        (
            "etc/ssl/certs/java/cacerts",
            "storekeeper import /usr/local/share/ca-certificates FILE && update-ca-certificates",
            "/etc/ca-certificates.conf",
        ),
        (
            "etc/pki/java/cacerts",
            "storekeeper import /etc/pki/ca-trust/source/anchors FILE && update-ca-trust",
            "/etc/pki/ca-trust/source/blocklist",
        ),
    ],
)
def test_what_survives_depends_on_what_is_done(
    store: Path, tmp_path: Path, path: str, kept: str, out: str
) -> None:
    manager = managed_by(str(tmp_path / path), str(tmp_path))
    target = replace(changing.opened(store), manager=manager)
    assert target.store is not None
    entries = target.store.entries
    added = plan_of(target, replace(target.store, entries=(*entries, TrustedCert("new", NEW))))
    assert [f.hint for f in added.findings] == [f"to keep it: {kept}"]
    removed = plan_of(target, replace(target.store, entries=entries[1:]))
    (finding,) = removed.findings
    assert finding.hint.startswith("to keep it out: ")
    assert out in finding.hint


# -- new stores ---------------------------------------------------------------------------

NEW_STORES = [
    ("a.jks", None, "JKS"),
    ("a.jceks", None, "JCEKS"),
    ("a.p12", None, "PKCS12"),
    ("a", None, "PKCS12"),
    ("a.pem", None, "PEM"),
    ("a.jks", "pkcs12", "PKCS12"),
    ("a.p12", "JKS", "JKS"),
]


@pytest.mark.parametrize("name", ["a.jks", "a.jceks", "a.p12"])
def test_a_new_store_without_a_password_is_told_how_to_say_one(tmp_path: Path, name: str) -> None:
    target = open_target(str(tmp_path / name), may_be_new=True)
    with pytest.raises(PasswordRequired, match="a password is needed") as caught:
        importing(NEW)(target)
    assert "--storepass env:NAME" in caught.value.hint
    if name == "a.p12":
        apply(importing(NEW, encryption=compatible("passwordless"))(target))
        assert changing.read(tmp_path / name).find("new-root-" + NEW.sha256[:8])


@pytest.mark.parametrize(("name", "type", "format"), NEW_STORES)
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[-1:])
def test_a_new_store_has_the_type_that_was_said(
    tmp_path: Path, name: str, type: str | None, format: str, version: str
) -> None:
    target = open_target(str(tmp_path / name), PASSWORD, may_be_new=True)
    plan = importing(NEW, CORP, storetype=type)(target)
    apply(plan)
    found = changing.read(tmp_path / name)
    assert found.format == format
    if format == "PEM":
        text = pki.openssl("crl2pkcs7", "-nocrl", "-certfile", str(tmp_path / name))
        shown = pki.openssl("pkcs7", "-print_certs", "-noout", stdin=text).decode()
        assert shown.count("subject=") == 2
    else:
        java = changing.java(version, tmp_path / name, format)
        assert {entry["chain"][0] for entry in java.values()} == {NEW.der, CORP.der}


def test_the_type_of_a_store_is_never_changed(store: Path) -> None:
    other = "JKS" if changing.read(store).format != "JKS" else "PKCS12"
    with pytest.raises(UsageError, match="not a") as caught:
        importing(NEW, storetype=other)(changing.opened(store))
    assert "convert" in caught.value.hint
