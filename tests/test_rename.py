"""Renaming: everything but the alias stays, for Java too."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.rename import plan_rename
from storekeeper.errors import NoSuchEntry, WriteRefused
from storekeeper.model import replace
from tests import jvm, pki
from tests.changing import (
    CORP,
    KEY,
    OTHER,
    aliases,
    change,
    java,
    opened,
    read,
    store_file,
    trusted,
)


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12"])
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_finds_key_chain_and_date_under_the_new_alias(
    version: str, format: str, tmp_path: Path
) -> None:
    path = store_file(tmp_path / "s", format)
    before = java(version, path, format)
    change(path, lambda target: plan_rename(target, "server", "web"))
    after = java(version, path, format)
    assert after["web"]["key"] == KEY
    assert after["web"] == before["server"] | {"alias": "web"}
    assert set(after) == {"corp-root", "corp-other", "web"}


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12"])
def test_nothing_else_changes(format: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format)
    before = read(path)
    change(path, lambda target: plan_rename(target, "corp-other", "Größe 2"))
    alias = "Größe 2" if format == "PKCS12" else "größe 2"
    expected = [
        replace(entry, alias=alias) if entry.alias == "corp-other" else entry
        for entry in before.entries
    ]
    # A key comes first in a PKCS12, whose certificates lie apart.
    found = read(path).entries
    assert sorted(found, key=lambda e: e.alias) == sorted(expected, key=lambda e: e.alias)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_capitals_that_java_does_not_find_in_a_jks_are_mended(version: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("Corp-Root"))
    keytool = jvm.jvm(version).keytool
    words = ("-list", "-keystore", path, "-storepass", "changeit", "-alias", "Corp-Root")
    assert "does not exist" in keytool(*words, check=False).stdout
    change(path, lambda target: plan_rename(target, "Corp-Root", "corp-root"))
    assert "trustedCertEntry" in keytool(*words).stdout
    assert not change(path, lambda t: plan_rename(t, "Corp-Root", "corp-root")).changed


def test_of_two_that_differ_in_case_the_one_spelled_so_is_meant(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("Ca"), trusted("ca", OTHER))
    change(path, lambda target: plan_rename(target, "Ca", "corp"))
    assert [(e.alias, getattr(e, "certificate", None)) for e in read(path).entries] == [
        ("corp", CORP),
        ("ca", OTHER),
    ]


def test_done_already(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS")
    make = lambda target: plan_rename(target, "corp-root", "root")  # noqa: E731
    assert change(path, make).changed
    stamp = path.stat().st_mtime_ns
    assert not change(path, make).changed
    assert path.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    ("new", "why"), [("corp-other", "taken"), (" x", "blanks"), ("", "empty"), ("a\nb", "printed")]
)
def test_refused(new: str, why: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "PKCS12")
    before = path.read_bytes()
    with pytest.raises(WriteRefused, match=why):
        change(path, lambda target: plan_rename(target, "corp-root", new))
    assert path.read_bytes() == before


def test_neither_is_there(tmp_path: Path) -> None:
    with pytest.raises(NoSuchEntry):
        plan_rename(opened(store_file(tmp_path / "s", "JKS")), "no", "nothing")


def test_formats_without_aliases(tmp_path: Path) -> None:
    path = tmp_path / "ca.der"
    path.write_bytes(CORP.der)
    with pytest.raises(WriteRefused, match="no aliases"):
        plan_rename(opened(path, None), aliases(path, None)[0], "x")


def test_a_bundle_keeps_the_name_as_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(b"# from the intranet\n" + pki.pem("CERTIFICATE", CORP.der))
    change(path, lambda target: plan_rename(target, aliases(path, None)[0], "corp"), None)
    assert aliases(path, None) == ["corp"]
    assert formats.read(path.read_bytes()).entries[0] == trusted("corp", CORP, None)
