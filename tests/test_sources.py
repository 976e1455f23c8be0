"""The vocabulary of sources, on real JREs, real files and real pipes."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import certifi
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
from storekeeper.model import Password, Store, TrustedCert
from storekeeper.trust import lists
from storekeeper.trust.anchors import RootList
from storekeeper.trust.sources import known_sources, open_any, open_source, open_store
from tests.jvm import VERSION_PARAMS, jvm, newest

ROOT = Path(__file__).resolve().parent.parent
SHA256 = "0a" * 32


def sha256s(found: Store | RootList) -> set[str]:
    if isinstance(found, RootList):
        return {anchor.sha256 for anchor in found.anchors}
    return {e.certificate.sha256 for e in found.entries if isinstance(e, TrustedCert)}


@pytest.fixture
def roots() -> list[bytes]:
    """DER of some real roots."""
    text = Path(certifi.where()).read_text()
    blocks = text.split("-----BEGIN CERTIFICATE-----")[1:6]
    return [base64.b64decode(block.split("-----END")[0]) for block in blocks]


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A JRE as far as its trust store goes, with a copy of a real cacerts."""
    made = tmp_path / "jre"
    security = made / "lib" / "security"
    security.mkdir(parents=True)
    shutil.copy(newest().cacerts, security / "cacerts")
    (made / "bin").mkdir()
    (made / "bin" / "java").write_text("#!/bin/sh\n")
    (made / "bin" / "java").chmod(0o755)
    return made


# --- words ------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_jre_and_cacerts_are_what_java_trusts(version: str) -> None:
    machine = jvm(version)
    entries = machine.worker.load(machine.cacerts.read_bytes(), "changeit")["entries"]
    expected = {hashlib.sha256(entry["chain"][0]).hexdigest() for entry in entries}
    found = open_source(f"jre:{machine.home}")
    assert isinstance(found, Store)
    assert sha256s(found) == expected
    assert found.path == str(machine.home / "lib" / "security" / "cacerts")
    by_environment = open_source("cacerts", environ={"JAVA_HOME": str(machine.home)})
    assert by_environment == found


def test_jssecacerts_comes_first_and_that_is_said(home: Path, roots: list[bytes]) -> None:
    (home / "lib" / "security" / "jssecacerts").write_text(pem(roots[0]))
    said: list[str] = []
    found = open_source("cacerts", environ={"JAVA_HOME": str(home)}, say=said.append)
    assert sha256s(found) == {hashlib.sha256(roots[0]).hexdigest()}
    assert any("jssecacerts" in text for text in said)


def test_no_jre_at_that_place(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        open_source(f"jre:{tmp_path}")
    assert caught.value.path == str(tmp_path)
    with pytest.raises(UsageError):
        open_source("jre:")


def test_a_broken_java_home_is_said(home: Path, tmp_path: Path) -> None:
    said: list[str] = []
    environ = {"JAVA_HOME": str(tmp_path / "gone"), "PATH": str(home / "bin")}
    found = open_source("cacerts", environ=environ, say=said.append)
    assert isinstance(found, Store)
    assert any("JAVA_HOME" in text for text in said)


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_a_jre_without_a_usable_cacerts_is_not_stood_in_for(home: Path, tmp_path: Path) -> None:
    """JAVA_HOME is a JRE, and its cacerts a link to nothing: no other JRE answers for it."""
    broken = tmp_path / "broken"
    (broken / "lib" / "security").mkdir(parents=True)
    (broken / "lib" / "security" / "cacerts").symlink_to("/etc/gone/cacerts")
    environ = {"JAVA_HOME": str(broken), "PATH": str(home / "bin")}
    with pytest.raises(Unreadable, match="which is missing") as caught:
        open_source("cacerts", environ=environ)
    assert caught.value.path == str(broken)
    assert "trustAnchors" in (caught.value.hint or "")


def test_without_a_jre_cacerts_is_a_shipped_list(monkeypatch: pytest.MonkeyPatch) -> None:
    # No machine of a developer is without a JRE; the search itself is tested with the host.
    passed_over = "JAVA_HOME (/gone) is passed over: no such directory"
    monkeypatch.setattr("storekeeper.host.locate.in_use", lambda *_: (None, passed_over))
    said: list[str] = []
    found = open_source("cacerts", environ={}, say=said.append)
    assert isinstance(found, RootList)
    assert found.anchors == lists.load(lists.FALLBACK).anchors
    assert said[0] == passed_over
    assert found.date in said[1]
    assert "no JRE was found" in said[1]
    assert said[1] in found.note


def test_system_is_the_file_named_by_the_environment(tmp_path: Path, roots: list[bytes]) -> None:
    path = tmp_path / "bundle.pem"
    path.write_text("".join(map(pem, roots)))
    found = open_source("system", environ={"SSL_CERT_FILE": str(path)})
    assert sha256s(found) == {hashlib.sha256(der).hexdigest() for der in roots}
    with pytest.raises(Unreadable, match="SSL_CERT_FILE"):
        open_source("system", environ={"SSL_CERT_FILE": str(tmp_path / "gone")})


@pytest.mark.skipif(
    not Path("/etc/ssl/certs/ca-certificates.crt").exists(), reason="no Debian bundle here"
)
def test_system_on_debian_is_its_bundle() -> None:
    count = Path("/etc/ssl/certs/ca-certificates.crt").read_text().count("BEGIN CERTIFICATE")
    assert len(sha256s(open_source("system", environ={}))) == count


def test_certifi_is_the_installed_package() -> None:
    found = open_source("certifi")
    assert isinstance(found, Store)
    assert found.path == certifi.where()
    assert len(found.entries) == Path(certifi.where()).read_text().count("BEGIN CERTIFICATE")


def test_certifi_not_installed(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path[:] = [{str(ROOT)!r}] + [p for p in sys.path if 'site-packages' not "
        "in p]\n"
        "from storekeeper.trust.sources import open_source\n"
        "try: open_source('certifi')\n"
        "except Exception as error: print(type(error).__name__, error, error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.startswith("Unreadable certifi: the certifi package is not installed")
    assert "mozilla" in done.stdout


@pytest.mark.parametrize("name", lists.SHIPPED)
def test_shipped_lists(name: str) -> None:
    assert open_source(name) == lists.load(name)


def test_every_known_word_opens(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(home))
    words = dict(known_sources())
    for word, meaning in words.items():
        assert meaning
        if word in ("-", "jre:HOME", "scan:PATH"):
            continue
        assert sha256s(open_source(word)), word
    assert {"cacerts", "system", "certifi", "mozilla", "jre:HOME", "-"} <= words.keys()


def test_standard_input(roots: list[bytes]) -> None:
    code = (
        "from storekeeper.trust.sources import open_source\n"
        "found = open_source('-')\n"
        "print(type(found).__name__, found.path)\n"
    )
    for data, expected in (
        (pem(roots[0]).encode(), "Store standard input\n"),
        (SHA256.encode(), "RootList standard input\n"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code], input=data, capture_output=True, check=True, cwd=ROOT
        )
        assert done.stdout.decode() == expected


def test_a_word_wins_over_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path, roots: list[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cacerts").write_text(pem(roots[0]))
    said: list[str] = []
    word = open_source("cacerts", environ={"JAVA_HOME": str(home)}, say=said.append)
    assert len(sha256s(word)) > 100
    assert any("./cacerts" in text for text in said)
    for path in ("./cacerts", Path("cacerts")):
        assert len(sha256s(open_any(path))) == 1


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


# --- as a library -----------------------------------------------------------------------


def test_open_store_takes_words_paths_and_bytes(home: Path, roots: list[bytes]) -> None:
    by_word = open_store(f"jre:{home}")
    cacerts = home / "lib" / "security" / "cacerts"
    assert open_store(cacerts) == open_store(cacerts.read_bytes()) == by_word
    assert open_store(cacerts, "changeit").integrity.state == "verified"
    assert open_any(by_word) is by_word


def test_open_store_refuses_what_has_no_certificates() -> None:
    with pytest.raises(UnknownFormat, match="roots without certificates"):
        open_store("mozilla")


def test_open_store_of_a_page_with_certificates(tmp_path: Path, roots: list[bytes]) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<html><body>{''.join(map(pem, roots))}</body></html>")
    found = open_store(path)
    assert found.format == "PEM"
    assert sha256s(found) == {hashlib.sha256(der).hexdigest() for der in roots}
    subjects = {hashlib.sha256(der).hexdigest(): subject(der) for der in roots}
    assert {e.certificate.sha256: e.alias for e in found.entries if isinstance(e, TrustedCert)} == (
        subjects
    )


def subject(der: bytes) -> str:
    from cryptography import x509

    # RFC 4514 leaves it open whether types outside its table have names.
    text = x509.load_der_x509_certificate(der).subject.rfc4514_string()
    return text.replace("1.2.840.113549.1.9.1=", "emailAddress=")


def test_a_slip_of_the_pen_in_a_file_name(tmp_path: Path) -> None:
    (tmp_path / "truststore.jks").touch()
    for wrong, hint in (
        ("trustsore.jks", f"did you mean {str(tmp_path / 'truststore.jks')!r}"),
        ("server.p12", "storekeeper sources shows the words that stand for a store"),
        ("no/such/file", "storekeeper sources shows the words that stand for a store"),
    ):
        with pytest.raises(Unreadable) as caught:
            open_source(str(tmp_path / wrong))
        assert caught.value.hint == hint
