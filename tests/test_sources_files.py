"""Sources that are files: what they contain counts, and passwords are tried as told."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from storekeeper.errors import (
    Damaged,
    InputError,
    PasswordRequired,
    StorekeeperError,
    UnknownFormat,
    Unreadable,
    UsageError,
    WrongPassword,
)
from storekeeper.model import Password, Store
from storekeeper.trust.anchors import RootList
from storekeeper.trust.sources import open_source, open_store
from tests.jvm import newest
from tests.source_samples import home, pem, roots, sha256s

__all__ = ["home", "roots"]  # fixtures


# --- files ------------------------------------------------------------------------------


def test_a_file_is_what_it_contains(tmp_path: Path, roots: list[bytes]) -> None:
    one = hashlib.sha256(roots[0]).hexdigest()
    page = f"<html><pre>{pem(roots[0]).replace(chr(10), '<br>')}</pre></html>"
    contents: dict[str, tuple[bytes, type]] = {
        "a.jks": (pem(roots[0]).encode(), Store),
        "b.txt": (roots[0], Store),
        "c.pem": (f"{one}\n".encode(), RootList),
        "d.cer": (page.encode(), RootList),
        "e.jks": (f"Common Name,SHA-256 Fingerprint\nx,{one}\n".encode(), RootList),
    }
    for name, (data, kind) in contents.items():
        path = tmp_path / name
        path.write_bytes(data)
        found = open_source(str(path))
        assert isinstance(found, kind), name
        assert found.path == str(path)
        assert sha256s(found) == {one}


def test_a_directory(tmp_path: Path, roots: list[bytes]) -> None:
    for index, der in enumerate(roots[:3]):
        (tmp_path / f"{index}.pem").write_text(pem(der))
    (tmp_path / "all.crt").write_text("".join(map(pem, roots)))
    (tmp_path / "deadbeef.0").symlink_to("0.pem")
    (tmp_path / "README").write_text("ours\n")
    found = open_source(str(tmp_path))
    assert isinstance(found, Store)
    assert found.format == "directory"
    assert len(found.entries) == len(roots)
    assert sha256s(found) == {hashlib.sha256(der).hexdigest() for der in roots}
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UnknownFormat) as caught:
        open_source(str(empty))
    assert caught.value.path == str(empty)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("cacert", "'cacerts'"),
        ("Cacerts", "'cacerts'"),
        ("mozila", "'mozilla'"),
        ("sytem", "'system'"),
        ("temurin-8", "temurin-17"),
    ],
)
def test_a_missing_file_with_a_name_like_a_word(
    text: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreadable) as caught:
        open_source(text)
    assert caught.value.path == text
    assert hint in caught.value.hint


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        open_source(str(tmp_path / "conf" / "trust.p12"))
    assert "did you mean" not in caught.value.hint


@pytest.mark.parametrize("text", ["https://example.com/roots.pem", "ftp://x/y"])
def test_nothing_is_fetched(text: str) -> None:
    with pytest.raises(UsageError, match="nothing is fetched"):
        open_source(text)


def test_an_empty_word() -> None:
    with pytest.raises(UsageError) as caught:
        open_source("")
    assert "cacerts" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnknownFormat),
        (b"hello\n", UnknownFormat),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", UnknownFormat),
        (b"\xfe\xed\xfe\xed\0\0\0\2\x7f\xff\xff\xff" + bytes(40), InputError),
        (b"CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n", Damaged),
    ],
    ids=["empty", "text", "html", "jks", "certdata"],
)
def test_errors_name_the_file(data: bytes, error: type[StorekeeperError], tmp_path: Path) -> None:
    path = tmp_path / "root.cer"
    path.write_bytes(data)
    with pytest.raises(error) as caught:
        open_source(str(path))
    assert caught.value.path == str(path)
    assert caught.value.exit_status == 4


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.jks"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(Unreadable):
        open_source(str(path))


# --- passwords --------------------------------------------------------------------------

Make = Callable[[str, str, str], Path]


@pytest.fixture
def make(tmp_path: Path, roots: list[bytes]) -> Make:
    """A trust store made by keytool's own classes."""

    def made(type: str, password: str, name: str) -> Path:
        entries = [
            {"alias": f"ca{i}", "kind": "trusted", "chain": [der]} for i, der in enumerate(roots)
        ]
        path = tmp_path / name
        path.write_bytes(newest().worker.store(type, password, entries))
        return path

    return made


@pytest.mark.parametrize("type", ["JKS", "PKCS12"])
def test_the_default_password_is_tried_and_said(make: Make, type: str) -> None:
    path = make(type, "changeit", "trust.store")
    said: list[str] = []
    found = open_source(str(path), say=said.append)
    assert isinstance(found, Store)
    assert len(found.entries) == 5
    assert found.integrity.state == "verified"
    (finding,) = [f for f in found.findings if f.code == "default-password"]
    assert (finding.severity, "changeit" in finding.message) == ("info", True)
    # A JKS is not encrypted: only its digest needed the password.
    assert finding.message.startswith("verified" if type == "JKS" else "opened")
    assert not said, "told twice"


def test_a_jks_with_another_password_is_read_unverified(make: Make) -> None:
    path = make("JKS", "s3cret!", "trust.jks")
    found = open_source(str(path))
    assert isinstance(found, Store)
    assert (len(found.entries), found.integrity.state) == (5, "not-checked")
    assert not [f for f in found.findings if f.code == "default-password"]
    verified = open_source(str(path), "s3cret!")
    assert isinstance(verified, Store)
    assert verified.integrity.state == "verified"


def test_an_encrypted_store_needs_its_password(make: Make) -> None:
    path = make("PKCS12", "s3cret!", "trust.p12")
    with pytest.raises(PasswordRequired) as caught:
        open_source(str(path))
    assert (caught.value.path, caught.value.exit_status) == (str(path), 3)
    assert "changeit" in str(caught.value)
    with pytest.raises(WrongPassword) as wrong:
        open_source(str(path), Password("wr0ng!"))
    assert wrong.value.path == str(path)
    assert "wr0ng" not in str(wrong.value)
    assert len(sha256s(open_source(str(path), Password("s3cret!")))) == 5


def test_a_password_meant_for_the_other_side_does_not_lock_cacerts(home: Path) -> None:
    said: list[str] = []
    found = open_source(f"jre:{home}", "of the other side", say=said.append)
    assert len(sha256s(found)) > 100
    assert any("not its own" in text for text in said)


def test_the_default_password_on_private_keys_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "keys.p12"
    newest().keytool(
        *("-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=a"),
        *("-keystore", path, "-storepass", "changeit", "-storetype", "PKCS12"),
    )
    found = open_store(path)
    (finding,) = [f for f in found.findings if f.code == "default-password"]
    assert finding.severity == "warning"
