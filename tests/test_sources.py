"""The vocabulary of sources, on real JREs, real files and real pipes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import certifi
import pytest

from storekeeper.errors import (
    UnknownFormat,
    Unreadable,
    UsageError,
)
from storekeeper.model import Store, TrustedCert
from storekeeper.trust import lists
from storekeeper.trust.anchors import RootList
from storekeeper.trust.sources import known_sources, open_any, open_source, open_store
from tests.jvm import VERSION_PARAMS, jvm
from tests.source_samples import ROOT, SHA256, home, pem, roots, sha256s

__all__ = ["home", "roots"]  # fixtures


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
