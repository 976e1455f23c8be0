"""Changing passwords: of a store with its keys, of one key, from and to none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.openings import KeyPasswords
from storekeeper.change.passwords import plan_key_password, plan_store_password
from storekeeper.errors import NoSuchEntry, UsageError, WriteRefused, WrongPassword
from storekeeper.formats.encryption import ENCRYPTIONS
from storekeeper.formats.reseal import encrypted_as, open_to_all, seal_private_key
from storekeeper.model import Entry, Password, PrivateKey, Store, replace
from tests import jvm, pki
from tests.changing import (
    AES,
    CHAIN,
    CORP,
    KEY,
    PASS,
    PASSWORD,
    aliases,
    change,
    java,
    opened,
    private,
    read,
    secret,
    store_file,
    trusted,
    usual,
)

NEW = Password("new password")
NONE = Password(None)
FORMATS = ("JKS", "JCEKS", "PKCS12")


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_java_opens_store_and_keys_with_the_new_one(
    version: str, format: str, tmp_path: Path
) -> None:
    keys: tuple[Entry, ...] = () if format == "JKS" else (secret("aes", format),)
    path = store_file(tmp_path / "s", format, *usual(format), *keys)
    before = java(version, path, format)
    change(path, lambda target: plan_store_password(target, NEW))
    after = java(version, path, format, "new password")
    for alias in before:
        if format == "PKCS12" and before[alias]["kind"] == "trusted":
            before[alias]["created_ms"] = after[alias]["created_ms"]
    assert after == before
    assert after["server"]["key"] == KEY
    if keys:
        assert after["aes"]["key"] == AES.material
    with pytest.raises(jvm.JavaError):
        java(version, path, format, PASS)


@pytest.mark.parametrize("format", FORMATS)
def test_done_already(format: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format)
    assert change(path, lambda target: plan_store_password(target, NEW)).changed
    stamp = path.stat().st_mtime_ns
    again = change(path, lambda target: plan_store_password(target, NEW), "new password")
    assert not again.changed
    assert path.stat().st_mtime_ns == stamp


def test_a_jks_key_of_its_own_keeps_its_password_and_that_is_said(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s", "JKS", private("mine", "JKS", "its own"), private("server", "JKS")
    )
    plan = plan_store_password(opened(path), NEW)
    assert [(s.alias, s.state) for s in plan.steps] == [("mine", "unchanged")]
    change(path, lambda target: plan_store_password(target, NEW))
    mine, server = read(path, "new password").entries
    assert isinstance(mine, PrivateKey)
    assert isinstance(server, PrivateKey)
    assert mine.pkcs8("its own") == KEY == server.pkcs8(NEW)


def test_keytool_leaves_a_key_behind_and_store_only_does_as_keytool(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS")
    theirs = tmp_path / "theirs"
    shutil.copy(path, theirs)
    jvm.jvm(jvm.DEFAULT_VERSIONS[-1]).keytool(
        "-storepasswd", "-keystore", theirs, "-storepass", PASS, "-new", "new password"
    )
    change(path, lambda target: plan_store_password(target, NEW, store_only=True))
    for found in (path, theirs):
        key = read(found, "new password").find("server")
        assert isinstance(key, PrivateKey)
        assert key.pkcs8(PASSWORD) == KEY
        with pytest.raises(WrongPassword):
            key.pkcs8(NEW)
    assert path.read_bytes() == theirs.read_bytes()


def test_every_key_of_a_pkcs12_follows_or_nothing_does(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s",
        "PKCS12",
        private("mixed", "PKCS12", "its own"),
        private("server", "PKCS12"),
    )
    before = path.read_bytes()
    with pytest.raises(WrongPassword) as error:
        change(path, lambda target: plan_store_password(target, NEW))
    assert error.value.alias == "mixed"
    assert "--keypass" in error.value.hint
    assert path.read_bytes() == before
    keys = KeyPasswords(every=Password("its own"))
    change(path, lambda target: plan_store_password(target, NEW, keys=keys))
    for entry in read(path, "new password").entries:
        assert isinstance(entry, PrivateKey)
        assert entry.pkcs8(NEW) == KEY


def test_a_mixed_pkcs12_is_mended_under_the_password_it_has(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "PKCS12", private("mixed", "PKCS12", "its own"))
    keys = KeyPasswords(every=Password("its own"))
    assert change(path, lambda target: plan_store_password(target, PASSWORD, keys=keys)).changed
    assert java(jvm.DEFAULT_VERSIONS[-1], path, "PKCS12")["mixed"]["key"] == KEY
    assert not change(path, lambda target: plan_store_password(target, PASSWORD)).changed


def test_store_only_would_leave_a_mixed_pkcs12(tmp_path: Path) -> None:
    with pytest.raises(WriteRefused, match="not the store's"):
        plan_store_password(opened(store_file(tmp_path / "s", "PKCS12")), NEW, store_only=True)


@pytest.mark.parametrize("name", ["java8", "openssl1", "fips", "modern"])
def test_a_pkcs12_stays_encrypted_as_it_was(name: str, tmp_path: Path) -> None:
    path, encryption = tmp_path / "s", ENCRYPTIONS[name]
    sealed = seal_private_key(KEY, "PKCS12", PASSWORD, encryption)
    key = replace(private("k", "PKCS12"), sealed=sealed)
    store = Store("PKCS12", (key, trusted("ca", CORP, None)))
    path.write_bytes(formats.write(store, PASSWORD, encryption=encryption))
    change(path, lambda target: plan_store_password(target, NEW))
    again = read(path, "new password")
    assert encrypted_as(again, encryption)
    pki.openssl("pkcs12", "-in", str(path), "-passin", "pass:new password", "-nokeys", "-legacy")


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_to_none_and_back(version: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "PKCS12", trusted("ca", CORP, None))
    change(path, lambda target: plan_store_password(target, NONE))
    assert open_to_all(read(path, None))
    found = jvm.jvm(version).worker.load(path.read_bytes(), None, "PKCS12")["entries"]
    assert [(e["alias"], e["chain"]) for e in found] == [("ca", [CORP.der])]
    assert not change(path, lambda target: plan_store_password(target, NONE), None).changed
    # Any password opens such a store, so one that is given is no sign that it has one.
    assert change(path, lambda target: plan_store_password(target, NEW), "whatever").changed
    assert encrypted_as(read(path, "new password"), ENCRYPTIONS["modern"])
    assert set(java(version, path, "PKCS12", "new password")) == {"ca"}


def test_to_none_never_bares_a_key(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "PKCS12")
    before = path.read_bytes()
    with pytest.raises(WriteRefused, match="in clear"):
        change(path, lambda target: plan_store_password(target, NONE))
    assert path.read_bytes() == before
    plan = plan_store_password(opened(path), NONE, store_only=True)
    assert [f.code for f in plan.findings] == ["key-password-differs"]
    change(path, lambda target: plan_store_password(target, NONE, store_only=True))
    key = read(path, None).find("server")
    assert isinstance(key, PrivateKey)
    assert key.pkcs8(PASSWORD) == KEY
    keys = KeyPasswords(every=PASSWORD)
    change(path, lambda target: plan_store_password(target, NEW, keys=keys), None)
    found = java(jvm.DEFAULT_VERSIONS[-1], path, "PKCS12", "new password")
    assert found["server"]["key"] == KEY
    assert found["server"]["chain"] == [one.der for one in CHAIN]


@pytest.mark.parametrize("format", ["JKS", "JCEKS"])
def test_formats_that_need_one(format: str, tmp_path: Path) -> None:
    with pytest.raises(WriteRefused, match="without a password"):
        plan_store_password(opened(store_file(tmp_path / "s", format)), NONE)


def test_a_bundle_has_none_to_change(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(pki.pem("CERTIFICATE", CORP.der))
    with pytest.raises(WriteRefused, match="has no password"):
        plan_store_password(opened(path, None), NEW)


# -- one key ----------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JKS", "JCEKS"])
@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_one_key(version: str, format: str, tmp_path: Path) -> None:
    keys: tuple[Entry, ...] = () if format == "JKS" else (secret("aes", format),)
    path = store_file(tmp_path / "s", format, *usual(format), *keys)
    before = java(version, path, format)
    change(path, lambda target: plan_key_password(target, "SERVER", NEW))
    own = {"server": "new password"}
    if keys:
        change(path, lambda target: plan_key_password(target, "aes", NEW))
        own["aes"] = "new password"
    assert java(version, path, format, PASS, own) == before
    assert java(version, path, format)["server"]["key"] is None
    assert not change(path, lambda target: plan_key_password(target, "server", NEW)).changed


def test_a_key_of_a_pkcs12_has_the_password_of_the_store(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "PKCS12")
    with pytest.raises(WriteRefused, match="that of the store"):
        plan_key_password(opened(path), "server", NEW)
    assert plan_key_password(opened(path), "server", PASSWORD).unchanged


def test_a_key_in_a_bundle_is_encrypted_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    path.write_bytes(pki.pem("PRIVATE KEY", KEY) + pki.pem("CERTIFICATE", CHAIN[0].der))
    alias = aliases(path, None)[0]
    change(path, lambda target: plan_key_password(target, alias, NEW), None)
    assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    pki.openssl("pkey", "-in", str(path), "-passin", "pass:new password", "-noout")
    keys = KeyPasswords(every=NEW)
    change(path, lambda target: plan_key_password(target, alias, NONE, keys=keys), None)
    assert pki.pem("PRIVATE KEY", KEY) in path.read_bytes()


def test_what_is_no_key(tmp_path: Path) -> None:
    target = opened(store_file(tmp_path / "s", "JKS"))
    with pytest.raises(UsageError, match="trusted certificate has no password"):
        plan_key_password(target, "corp-root", NEW)
    with pytest.raises(NoSuchEntry):
        plan_key_password(target, "nobody", NEW)


def test_a_key_nobody_can_open(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", private("mine", "JKS", "s3cr3t"))
    before = path.read_bytes()
    with pytest.raises(WrongPassword) as error:
        change(path, lambda target: plan_key_password(target, "mine", NEW))
    assert (error.value.alias, error.value.exit_status) == ("mine", 3)
    assert "changeit" not in str(error.value) + error.value.hint
    assert path.read_bytes() == before
