"""The file a change is about: found, opened strictly, and never taken for another."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.target import WRITABLE, format_for, locate, open_target
from storekeeper.errors import (
    Damaged,
    LimitExceeded,
    PasswordRequired,
    UnknownFormat,
    Unreadable,
    UsageError,
    WrongPassword,
)
from storekeeper.formats.encryption import ENCRYPTIONS
from storekeeper.host.passwords import resolve
from storekeeper.model import Limits, Password, Store
from tests import changing, jvm, pki
from tests.changing import CORP, OTHER, PASS, PASSWORD, private, secret, store_file, trusted
from tests.pkcs12_files import attributes, cert_bag, data_safe, pfx

OWN = "its own password"


# -- where it is ----------------------------------------------------------------------------


def test_words_stand_for_the_files_of_a_jre() -> None:
    home = jvm.by_major(17).home
    said: list[str] = []
    target = locate("cacerts", environ={"JAVA_HOME": str(home)}, say=said.append)
    assert target.path == str(home / "lib/security/cacerts")
    assert said == [f"cacerts is {target.path}"]
    assert target.real == os.path.realpath(target.path)
    assert locate(f"jre:{home}").real == target.real
    # It is only looked for: nothing was read.
    assert (target.store, target.sha256, target.password) == (None, None, None)


def test_no_jre(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        locate(f"jre:{tmp_path}")
    assert caught.value.exit_status == 4


def test_the_end_of_links_is_what_is_written(tmp_path: Path) -> None:
    real = store_file(tmp_path / "real.jks", "JKS")
    (tmp_path / "middle").symlink_to("real.jks")
    (tmp_path / "first").symlink_to(tmp_path / "middle")
    target = open_target(str(tmp_path / "first"), PASSWORD)
    assert (target.path, target.real) == (str(tmp_path / "first"), str(real))
    assert target.links == tuple(str(tmp_path / n) for n in ("first", "middle", "real.jks"))
    assert target == open_target(str(real), PASSWORD)


def test_a_link_to_nothing_is_a_new_file_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new.p12")
    target = open_target(str(tmp_path / "link"), PASSWORD, may_be_new=True)
    assert target.real == str(tmp_path / "new.p12")
    assert (target.store, target.sha256, target.password) == (None, None, PASSWORD)
    with pytest.raises(Unreadable, match="no such file"):
        open_target(str(tmp_path / "link"), PASSWORD)


def test_a_loop_of_links_is_no_new_file(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(Unreadable):
        open_target(str(tmp_path / "a"), PASSWORD, may_be_new=True)


@pytest.mark.parametrize("word", ["-", "", "system", "certifi", "mozilla", "temurin-21"])
def test_what_can_be_read_and_not_changed(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="can be read and not changed") as caught:
        open_target(word, PASSWORD, may_be_new=True)
    assert "cacerts or jre:HOME" in caught.value.hint
    assert (f"./{word}" in caught.value.hint) == (word not in ("", "-"))
    if word:  # A file of that name is a file.
        store_file(tmp_path / word, "JKS")
        assert open_target(f"./{word}", PASSWORD).store is not None


def test_directories_are_for_those_who_take_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory, and the target") as caught:
        open_target(str(tmp_path), PASSWORD, may_be_new=True)
    assert "import and delete take a directory" in caught.value.hint
    (tmp_path / "a.crt").write_bytes(pki.pem("CERTIFICATE", CORP.der))
    target = open_target(str(tmp_path), directories=True)
    assert target.store is not None
    assert target.store.format == "directory"
    for name in ("nowhere/", "nowhere/again/"):
        with pytest.raises(UsageError, match="there is no directory") as caught:
            open_target(str(tmp_path / "x") + "/" + name, PASSWORD, may_be_new=True)
        assert "mkdir -p" in caught.value.hint


# -- opened -----------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12", "PEM"])
def test_what_a_target_knows(format: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format)
    target = open_target(str(path), PASSWORD)
    assert target.sha256 == sha256(path.read_bytes()).hexdigest()
    assert target.store == changing.read(path)
    assert target.password == PASSWORD
    assert PASS not in repr(target)


TRUST = ("JKS", "JCEKS", "PKCS12")


@pytest.mark.parametrize("format", TRUST)
def test_a_trust_store_under_the_default_password(format: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format, trusted("corp"))
    said: list[str] = []
    target = open_target(str(path), say=said.append)
    assert target.password == PASSWORD
    (note,) = said
    assert note.endswith("opened with the default password 'changeit', and written with it again")


@pytest.mark.parametrize("format", TRUST)
@pytest.mark.parametrize("what", ["a key", "another password"])
def test_a_store_whose_password_has_to_be_said(format: str, what: str, tmp_path: Path) -> None:
    """Keys under the default password are opened by nobody who was not asked to."""
    if what == "a key":
        path = store_file(tmp_path / "s", format, trusted("corp"), private("key", format))
    else:
        path = store_file(tmp_path / "s", format, trusted("corp"), password=OWN)
    before = path.read_bytes()
    for new in (False, True):
        with pytest.raises(PasswordRequired, match="needed to write it again") as caught:
            open_target(str(path), may_be_new=new)
        assert caught.value.path == str(path)
        assert "--storepass" in caught.value.hint
        doubted = what == "another password"
        assert ("'changeit' does not verify it" in caught.value.message) == doubted
        assert ("or the file was changed" in caught.value.hint) == doubted
    assert path.read_bytes() == before


def test_a_changed_byte_is_not_taken_for_a_missing_password(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("corp"))
    data = bytearray(path.read_bytes())
    data[data.index(b"corp")] ^= 1
    path.write_bytes(data)
    with pytest.raises(PasswordRequired, match="'changeit' does not verify it") as caught:
        open_target(str(path))
    assert "or the file was changed" in caught.value.hint


def test_a_secret_key_is_a_key(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JCEKS", secret("aes", "JCEKS"))
    with pytest.raises(PasswordRequired):
        open_target(str(path))


def test_none_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "open.p12"
    store = Store("PKCS12", (trusted("corp", CORP, None),))
    path.write_bytes(formats.write(store, Password(None), encryption=ENCRYPTIONS["passwordless"]))
    said: list[str] = []
    assert open_target(str(path), say=said.append).password == Password(None)
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(pki.pem("CERTIFICATE", CORP.der))
    assert open_target(str(bundle), say=said.append).password == Password(None)
    assert said == []


@pytest.mark.parametrize("password", [PASS, OWN])
def test_certificates_in_clear_under_a_mac_are_not_written_without_it(
    password: str, tmp_path: Path
) -> None:
    """They can be read without a password; the MAC could not be made again."""
    path = tmp_path / "mac.p12"
    safe = data_safe(cert_bag(CORP.der, *attributes("corp", trusted=True)))
    path.write_bytes(pfx(safe, password=Password(password)))
    assert len(formats.read(path.read_bytes()).entries) == 1
    if password == OWN:
        with pytest.raises(PasswordRequired):
            open_target(str(path))
    else:
        assert open_target(str(path)).password == PASSWORD
    assert open_target(str(path), Password(password)).password == Password(password)


@pytest.mark.parametrize("format", TRUST)
def test_a_wrong_password_says_where_it_came_from(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store_file(tmp_path / "s", format, trusted("corp"))
    monkeypatch.setenv("OURS", "wrong one")
    given = resolve("env:OURS", warn=pytest.fail)
    with pytest.raises(WrongPassword) as caught:
        open_target(str(path), given, may_be_new=True)
    assert "the password came from environment variable OURS" in caught.value.hint
    assert "wrong one" not in f"{caught.value}{caught.value.hint}{caught.value!r}"


@pytest.mark.parametrize("size", [0, 1, 3, 40, 0.4, -30])
@pytest.mark.parametrize("format", [*TRUST, "PEM"])
def test_what_is_damaged_is_no_new_file(format: str, size: float, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format, trusted("corp", CORP, 1), trusted("b", OTHER, 1))
    whole = path.read_bytes()
    at = round(len(whole) * size) if 0 < size < 1 else int(size)
    path.write_bytes(whole[:at])
    for new in (False, True):
        with pytest.raises((Damaged, UnknownFormat, WrongPassword)):
            open_target(str(path), PASSWORD, may_be_new=new)
    assert path.read_bytes() == whole[:at]


def test_limits_count(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS")
    with pytest.raises((LimitExceeded, Unreadable)):
        open_target(str(path), PASSWORD, limits=Limits(entries=1))


# -- the format of a file that is yet to be made --------------------------------------------------


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("a.jks", "JKS"),
        ("a.JKS", "JKS"),
        ("a.jceks", "JCEKS"),
        ("a.pem", "PEM"),
        ("a.crt", "PEM"),
        ("a.der", "DER"),
        ("a.p7b", "PKCS7"),
        ("a.p12", "PKCS12"),
        ("a.pfx", "PKCS12"),
        ("a", "PKCS12"),
        (".keystore", "PKCS12"),
        ("dir.jks/cacerts", "PKCS12"),
    ],
)
def test_a_suffix_is_a_promise(path: str, format: str) -> None:
    assert format_for(path) == format
    assert format_for(path, "jks") == "JKS"


def test_a_type_that_is_said() -> None:
    assert {format_for("x", one.lower()) for one in WRITABLE} == set(WRITABLE)
    assert [format_for("x", one) for one in ("p12", "PFX", "p7b")] == ["PKCS12", "PKCS12", "PKCS7"]
    for other in ("BKS", "UBER", "DKS", "PKCS11", "Windows-ROOT", ""):
        with pytest.raises(UsageError, match="can't be written here") as caught:
            format_for("x.jks", other)
        assert "PKCS12, JKS, JCEKS" in caught.value.hint
