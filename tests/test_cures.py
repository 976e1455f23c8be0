"""What docs/errors advises for stores that do not open, done; and a JVM opens them then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storekeeper import cli
from tests import changing, jvm, said
from tests.jvm import Entry, JavaError, Store
from tools import error_pages

SECRET = "another-one"


def advice(page: str, title: str, verb: str) -> list[str]:
    """The words of the command an entry advises, after ``storekeeper``."""
    (entry,) = (one for one in error_pages.entries(page) if one["title"] == title)
    texts = " ".join(entry["do"])
    (found,) = re.findall(rf"`storekeeper ({verb} [^`]+)`", texts)
    words: list[str] = found.split()
    return words


def follow(words: list[str], **given: str) -> None:
    """Do as advised: with names for what is in capitals, and a variable for the prompt."""
    given = {"prompt": "env:TYPED", **given}
    assert cli.main([given.get(word, word) for word in words]) == 0, words


def java(path: Path, type: str, password: str = SECRET) -> Store:
    return jvm.by_major(17).worker.load(path.read_bytes(), password, type)


def keys(path: Path) -> list[Entry]:
    """The private keys of a JKS, opened with the password of the store as programs do."""
    found = java(path, "JKS", changing.PASS)["entries"]
    return [one for one in found if one["kind"] == "private"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for file in said.FILES.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TYPED", SECRET)
    monkeypatch.setenv("STOREPASS", changing.PASS)
    return tmp_path


@pytest.mark.parametrize(
    ("title", "type"),
    [("Invalid keystore format", "JKS"), ("toDerInputStream rejects tag type", "PKCS12")],
)
def test_a_file_of_another_format(folder: Path, title: str, type: str) -> None:
    with pytest.raises(JavaError, match=title):
        java(folder / "root.pem", type)
    words = advice("stores", title, "convert")
    follow(words, STORE="root.pem")
    assert [one["kind"] for one in java(folder / words[2], type)["entries"]] == ["trusted"]


def test_a_forgotten_password_of_a_trust_store(folder: Path) -> None:
    store = changing.store_file(folder / "t.jks", "JKS", changing.trusted("ca"), password="lost")
    title = "Keystore was tampered with, or password was incorrect"
    with pytest.raises(JavaError, match=title):
        java(store, "JKS")
    follow(advice("stores", title, "import"), STORE="t.jks")
    assert len(java(folder / "new.p12", "PKCS12")["entries"]) == 1


def test_a_key_with_a_password_of_its_own(folder: Path) -> None:
    store = changing.store_file(folder / "k.jks", "JKS")
    own = ["--key", "server", "--keypass", "env:STOREPASS", "--new-keypass", "env:TYPED"]
    assert cli.main(["passwd", "k.jks", *own, "--storepass", "env:STOREPASS", "-q"]) == 0
    (key,) = keys(store)
    assert "Cannot recover key" in (key["key_error"] or "")
    follow(advice("stores", "Cannot recover key", "passwd"), STORE="k.jks", ALIAS="server")
    (key,) = keys(store)
    assert key["key_error"] is None
    assert key["key"]


def test_a_pkcs12_that_java_calls_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TYPED", changing.PASS)
    assert java(folder / "invisible.p12", "PKCS12", changing.PASS)["entries"] == []
    words = advice("path", "the trustAnchors parameter must be non-empty", "convert")
    follow(words, STORE="invisible.p12")
    assert len(java(folder / "invisible.p12", "PKCS12", changing.PASS)["entries"]) == 1


def test_a_store_for_an_old_java(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That 11.0.13 is not old enough to refuse the new one; `storekeeper show` knows who is."""
    monkeypatch.setenv("TYPED", changing.PASS)
    words = advice("stores", "keystore password was incorrect", "convert")
    follow(words, STORE="identity-openssl3.p12")
    assert len(java(folder / words[2], "PKCS12", changing.PASS)["entries"]) == 1
