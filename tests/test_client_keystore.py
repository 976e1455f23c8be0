"""The keystore with the chosen key, as a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import apply, build_client_key, formats, open_target, request_for
from storekeeper.change.client_keystore import plan_client_keystore
from storekeeper.errors import UsageError
from storekeeper.model import Password, Store
from tests import forge, identity_cases
from tests.identity_cases import MID, OTHER, PASSWORD, entry
from tests.test_identity_build import AT

REQUEST = request_for([forge.name(MID)])
OPENS = Password(PASSWORD)


def source(*entries: identity_cases.Key) -> Store:
    return identity_cases.Case("made here", entries).store("PKCS12")


@pytest.mark.parametrize("name", ["new.p12", "new.jks"])
def test_a_new_store(name: str, tmp_path: Path) -> None:
    one = entry("one")
    built = build_client_key([source(one)], REQUEST, at=AT)
    target = open_target(str(tmp_path / name), may_be_new=True)
    plan = plan_client_keystore(target, built, one.private, REQUEST, password=OPENS, at=AT)
    assert [finding.code for finding in plan.findings if finding.code == "not-sent"] == []
    apply(plan)
    store = formats.read((tmp_path / name).read_bytes(), OPENS)
    assert store.find("one") is not None
    again = open_target(str(tmp_path / name), OPENS)
    assert plan_client_keystore(again, built, one.private, REQUEST, at=AT).unchanged


def test_another_key_of_the_store_is_sent(tmp_path: Path) -> None:
    """By the hash of the alias."""
    path = tmp_path / "id.p12"
    path.write_bytes(identity_cases.Case("x", (entry("client-2024", 1),)).file("PKCS12"))
    one = entry("client-2025")
    built = build_client_key([source(one)], REQUEST, at=AT)
    target = open_target(str(path), OPENS)
    plan = plan_client_keystore(target, built, one.private, REQUEST, at=AT)
    (finding,) = [finding for finding in plan.findings if finding.code == "not-sent"]
    assert "'client-2024'" in finding.message


def test_nothing_is_sent(tmp_path: Path) -> None:
    """Chosen for one request, asked for by another."""
    one = entry("one")
    built = build_client_key([source(one)], REQUEST, at=AT)
    target = open_target(str(tmp_path / "id.p12"), may_be_new=True)
    other = request_for([forge.name(OTHER)])
    plan = plan_client_keystore(target, built, one.private, other, password=OPENS, at=AT)
    (finding,) = [finding for finding in plan.findings if finding.code == "not-sent"]
    assert "would send nothing" in finding.message


def test_what_can_not_be_planned(tmp_path: Path) -> None:
    one = entry("one")
    target = open_target(str(tmp_path / "id.p12"), may_be_new=True)
    none = build_client_key([source(entry("far", issuer=OTHER))], REQUEST, at=AT)
    with pytest.raises(UsageError, match="no key"):
        plan_client_keystore(target, none, one.private, REQUEST, password=OPENS)
    built = build_client_key([source(one)], REQUEST, at=AT)
    with pytest.raises(UsageError, match="not that of the certificate"):
        plan_client_keystore(target, built, entry("two", 1).private, REQUEST, password=OPENS)
