"""Copying single entries: keys sealed for where they go, dates kept, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.apply import apply
from storekeeper.change.copy import plan_copy
from storekeeper.change.openings import KeyPasswords
from storekeeper.change.plan import Plan
from storekeeper.change.target import open_target
from storekeeper.change.union import Side
from storekeeper.errors import (
    NoSuchEntry,
    PasswordRequired,
    UsageError,
    WriteRefused,
    WrongPassword,
)
from storekeeper.formats.encryption import ENCRYPTIONS
from storekeeper.formats.reseal import encrypted_as, seal_private_key
from storekeeper.model import Entry, Password, PrivateKey, Store, replace
from storekeeper.trust.inventory import Filter
from tests import jvm, pki
from tests.changing import (
    AES,
    BORN,
    CORP,
    KEY,
    OTHER,
    PASS,
    PASSWORD,
    aliases,
    java,
    private,
    read,
    secret,
    store_file,
    trusted,
    usual,
)

FORMATS = ("JKS", "JCEKS", "PKCS12")
NOW = 1_750_000_000_000
THERE = "password there"


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def source(format: str, *entries: Entry, **own: Password) -> Side:
    """A store as it was read from a file."""
    store = formats.read(formats.write(Store(format, entries or usual(format)), PASSWORD), PASS)
    return Side("source", store, KeyPasswords(PASSWORD, None, tuple(own.items())))


def plan(path: Path, what: Side, *words: str, **options: object) -> Plan:
    target = open_target(str(path), Password(THERE), may_be_new=True)
    return plan_copy(target, what, words, now_ms=NOW, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("of", FORMATS)
@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_java_opens_what_was_copied(version: str, of: str, to: str, tmp_path: Path) -> None:
    keys: tuple[Entry, ...] = (secret("aes", of),) if "JKS" not in (of, to) else ()
    path = store_file(tmp_path / "s", to, trusted("here", OTHER, NOW), password=THERE)
    what = source(of, *usual(of), *keys)
    words = ["corp-root", "server", *(key.alias for key in keys)]
    apply(plan(path, what, *words))
    assert plan(path, what, *words).unchanged
    found = java(version, path, to, THERE)
    assert set(found) == {"here", *words}
    assert found["server"]["key"] == KEY
    assert found["server"]["created_ms"] == BORN
    if keys:
        assert found["aes"]["key"] == AES.material
    if "PKCS12" not in (of, to):
        assert found["corp-root"]["created_ms"] == BORN


def test_patterns_leave_keys_alone(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("here", OTHER), password=THERE)
    made = plan(path, source("JKS"), "*")
    assert [(s.state, s.alias) for s in made.steps if s.alias != "here"] == [
        ("added", "corp-root"),
        ("added", "corp-other"),
        ("left-out", "server"),
    ]
    made = plan(path, source("JKS"), wanted=Filter(kind="private-key"))
    assert [s.alias for s in made.steps] == ["server"]


def test_under_another_alias(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("here", OTHER), password=THERE)
    apply(plan(path, source("JKS"), "server", rename="Web"))
    assert aliases(path, THERE) == ["here", "web"]
    assert plan(path, source("JKS"), "server", rename="Web").unchanged
    with pytest.raises(UsageError, match="one alias for 2"):
        plan(path, source("JKS"), "corp-*", rename="x")


@pytest.mark.parametrize("there", [PASS, "its own here"])
def test_the_same_key_under_any_password_stays_as_it_is(there: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", private("server", "JKS", there), password=THERE)
    before = path.read_bytes()
    keys = KeyPasswords(Password(THERE), Password(there))
    assert plan(path, source("JKS"), "server", keys=keys).unchanged
    assert path.read_bytes() == before
    # A key that can't be compared is not taken for the same.
    with pytest.raises(WriteRefused, match="taken by another private key"):
        plan(path, source("PKCS12"), "server")


def test_conflicts(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("corp-root", OTHER), password=THERE)
    what = source("JKS")
    with pytest.raises(WriteRefused, match="taken by another trusted certificate"):
        plan(path, what, "corp-root")
    assert plan(path, what, "corp-root", on_conflict="skip").unchanged
    made = plan(path, what, "corp-root", on_conflict="rename")
    assert made.result is not None
    assert [e.alias for e in made.result.entries] == ["corp-root", "corp-root-1"]
    apply(plan(path, what, "corp-root", on_conflict="replace"))
    (entry,) = read(path, THERE).entries
    assert getattr(entry, "certificate", None) == CORP
    assert plan(path, what, "corp-root", on_conflict="replace").unchanged


@pytest.mark.parametrize("policy", ["fail", "replace"])
def test_a_key_is_never_replaced_by_a_certificate(policy: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", private("corp-root", "JKS", THERE), password=THERE)
    with pytest.raises(WriteRefused, match="taken by a private key") as error:
        plan(path, source("JKS"), "corp-root", on_conflict=policy)
    assert "replace" not in error.value.hint


def test_a_key_with_a_password_of_its_own(tmp_path: Path) -> None:
    what = source("JKS", private("mine", "JKS", "its own"), mine=Password("its own"))
    jks = store_file(tmp_path / "a", "JKS", trusted("here"), password=THERE)
    apply(plan(jks, what, "mine"))
    found = java(jvm.DEFAULT_VERSIONS[0], jks, "JKS", THERE, {"mine": "its own"})
    assert found["mine"]["key"] == KEY
    other = store_file(tmp_path / "b", "JKS", trusted("here"), password=THERE)
    apply(plan(other, what, "mine", key_password=Password("said here")))
    found = java(jvm.DEFAULT_VERSIONS[0], other, "JKS", THERE, {"mine": "said here"})
    assert found["mine"]["key"] == KEY
    p12 = store_file(tmp_path / "c", "PKCS12", trusted("here", OTHER, None), password=THERE)
    apply(plan(p12, what, "mine"))
    assert java(jvm.DEFAULT_VERSIONS[0], p12, "PKCS12", THERE)["mine"]["key"] == KEY
    with pytest.raises(UsageError, match="that of the store"):
        plan(p12, what, "mine", key_password=Password("said here"))


def test_keys_that_can_not_be_opened(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("here"), password=THERE)
    before = path.read_bytes()
    with pytest.raises(WrongPassword) as error:
        plan(path, source("JKS", private("mine", "JKS", "its own")), "mine")
    assert error.value.alias == "mine"
    untold = source("JKS")
    untold.opens = KeyPasswords()
    with pytest.raises(PasswordRequired):
        plan(path, untold, "server")
    assert path.read_bytes() == before


def test_a_key_is_sealed_as_the_others_in_a_pkcs12(tmp_path: Path) -> None:
    old = ENCRYPTIONS["java8"]
    sealed = seal_private_key(KEY, "PKCS12", Password(THERE), old)
    held = replace(private("held", "PKCS12"), sealed=sealed)
    for entries in ((held,), (trusted("ca", CORP, None),)):
        path = tmp_path / entries[0].alias
        path.write_bytes(formats.write(Store("PKCS12", entries), THERE, encryption=old))
        apply(plan(path, source("JKS"), "server"))
        assert encrypted_as(read(path, THERE), old)


def test_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "new.jks"
    apply(plan(path, source("PKCS12"), "server", "corp-root"))
    assert (path.stat().st_mode & 0o777) == 0o600
    found = java(jvm.DEFAULT_VERSIONS[0], path, "JKS", THERE)
    assert set(found) == {"server", "corp-root"}
    with pytest.raises(PasswordRequired) as error:
        plan_copy(open_target(str(tmp_path / "n"), may_be_new=True), source("JKS"), ["server"])
    assert "--storepass" in error.value.hint


def test_nothing_in_clear_in_a_store_without_a_password(tmp_path: Path) -> None:
    path = tmp_path / "open.p12"
    store = Store("PKCS12", (trusted("ca", CORP, None),))
    path.write_bytes(formats.write(store, None, encryption=ENCRYPTIONS["passwordless"]))
    target = open_target(str(path), Password(None))
    with pytest.raises(WriteRefused, match="in clear"):
        plan_copy(target, source("JKS"), ["server"])
    assert not plan_copy(target, source("JKS"), ["corp-other"]).unchanged


def test_a_key_in_clear_is_warned_about(tmp_path: Path) -> None:
    path = tmp_path / "e.pem"
    one = source("PKCS12", private("agent", "PKCS12"), trusted("corp"))
    target = open_target(str(path), Password(None), may_be_new=True)
    made = plan_copy(target, one, ("agent",), password=Password(None))
    (finding,) = [note for note in made.findings if note.code == "key-in-clear"]
    assert (finding.severity, finding.where) == ("warning", "agent")
    made = plan_copy(target, one, ("agent",), password=PASSWORD)
    assert "key-in-clear" not in {note.code for note in made.findings}
    made = plan_copy(target, one, ("corp",), password=Password(None))
    assert "key-in-clear" not in {note.code for note in made.findings}


def test_what_is_not_there(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("here"), password=THERE)
    with pytest.raises(NoSuchEntry):
        plan(path, source("JKS"), "corp-rot")
    with pytest.raises(UsageError):
        plan(path, source("JKS"))
    assert plan(path, source("JKS"), "nothing*").unchanged


def test_into_a_bundle(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(pki.pem("CERTIFICATE", OTHER.der))
    target = open_target(str(path), Password(None))
    apply(plan_copy(target, source("JKS"), ["corp-root"]))
    assert path.read_bytes().startswith(pki.pem("CERTIFICATE", OTHER.der))
    assert "corp-root" in aliases(path, None)
    (key,) = [e for e in source("JKS").store.entries if isinstance(e, PrivateKey)]
    assert key.alias == "server"
