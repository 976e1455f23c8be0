"""What the system trusts: bundles, directories, the stores of Windows and macOS."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from storekeeper.errors import LimitExceeded, Unreadable
from storekeeper.host import system
from storekeeper.model import LIMITS, replace
from tests.real_roots import pem_certificates

BUNDLES = [
    ("/etc/ssl/certs/ca-certificates.crt", "Debian"),
    ("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "RHEL"),
    ("/etc/pki/tls/certs/ca-bundle.crt", "RHEL"),
    ("/var/lib/ca-certificates/ca-bundle.pem", "SUSE"),
    ("/usr/local/etc/ssl/cert.pem", "FreeBSD"),
    ("/etc/ssl/cert.pem", "OpenBSD"),
    ("/data/data/com.termux/files/usr/etc/tls/cert.pem", "Termux"),
]


@pytest.mark.parametrize(("place", "whose"), BUNDLES, ids=[row[0] for row in BUNDLES])
def test_system_bundles(tmp_path: Path, place: str, whose: str) -> None:
    file = tmp_path / place[1:]
    file.parent.mkdir(parents=True)
    file.touch()
    got = system.system_certificates({}, root=str(tmp_path), platform="linux")
    assert (got.path, got.is_directory, got.ders) == (str(file), False, ())
    assert whose in got.description


def test_system_directory(tmp_path: Path) -> None:
    (tmp_path / "system/etc/security/cacerts").mkdir(parents=True)
    with pytest.raises(Unreadable, match="no bundle of certificates"):
        system.system_certificates({}, root=str(tmp_path), platform="linux")
    (tmp_path / "system/etc/security/cacerts/5ed36f99.0").touch()
    got = system.system_certificates({}, root=str(tmp_path), platform="linux")
    assert got.is_directory
    assert got.path == str(tmp_path / "system/etc/security/cacerts")


def test_variables_come_first(tmp_path: Path) -> None:
    default = tmp_path / "etc/ssl/certs/ca-certificates.crt"
    default.parent.mkdir(parents=True)
    for file in (default, tmp_path / "mine.pem"):
        file.touch()
    (tmp_path / "d1").mkdir()
    environ = {"SSL_CERT_FILE": "/mine.pem", "SSL_CERT_DIR": "/d1:/d2"}
    bundles = system.system_bundle(environ, str(tmp_path))
    assert [(b.path[len(str(tmp_path)) :], b.origin, b.is_directory) for b in bundles[:3]] == [
        ("/mine.pem", "SSL_CERT_FILE", False),
        ("/d1", "SSL_CERT_DIR", True),
        ("/d2", "SSL_CERT_DIR", True),
    ]
    assert bundles[3].path == str(default)

    def path(**values: str) -> str | None:
        return system.system_certificates(values, root=str(tmp_path), platform="win32").path

    assert path(**environ) == str(tmp_path / "mine.pem")
    assert path(SSL_CERT_DIR="/d2:/d1") == str(tmp_path / "d1")
    with pytest.raises(Unreadable, match="SSL_CERT_FILE is set, and there is no such file"):
        path(SSL_CERT_FILE="/none.pem")
    with pytest.raises(Unreadable, match="SSL_CERT_DIR is set, and there is no such directory"):
        path(SSL_CERT_DIR="/d2")
    got = system.system_certificates({"SSL_CERT_FILE": ""}, root=str(tmp_path), platform="linux")
    assert got.path == str(default)


def test_this_system_agrees_with_openssl() -> None:
    """The bundle holds what OpenSSL trusts by default, as Python's ssl loads it."""
    import ssl

    if sys.platform != "linux":
        pytest.skip("where the system is asked and not read")
    got = system.system_certificates()
    assert got.path is not None
    ours = set(pem_certificates(Path(got.path).read_bytes()))
    context = ssl.create_default_context(cafile=got.path)
    assert ours
    assert {bytes(der) for der in context.get_ca_certs(binary_form=True)} <= ours
    assert len(ours) - len(context.get_ca_certs()) <= 3  # OpenSSL leaves out what is no CA


@pytest.mark.skipif(sys.platform == "win32", reason="there it can be read")
def test_windows_stores_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="only be read on Windows"):
        system.system_certificates({}, root=str(tmp_path), platform="win32")


def test_windows_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shape `ssl.enum_certificates` documents: server authentication or every purpose."""
    import ssl

    server, client = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
    entries = {
        "ROOT": [
            (b"any", "x509_asn", True),
            (b"server", "x509_asn", {server, client}),
            (b"client only", "x509_asn", {client}),
            (b"bag", "pkcs_7_asn", True),
            (b"any", "x509_asn", True),
        ],
        "CA": [(b"intermediate", "x509_asn", True)],
    }
    monkeypatch.setattr(ssl, "enum_certificates", entries.__getitem__, raising=False)
    got = system.system_certificates({}, root=str(tmp_path), platform="win32")
    assert got.ders == (b"any", b"server")
    assert got.path is None
    with pytest.raises(LimitExceeded, match="2 certificates, at most 1"):
        system.system_certificates(
            {}, replace(LIMITS, entries=1), root=str(tmp_path), platform="win32"
        )


def test_keychains() -> None:
    """On a Mac the real ones; elsewhere there is nobody to ask, and that is said."""
    if sys.platform == "darwin":
        assert len(system.system_certificates({}).ders) > 50
        return
    with pytest.raises(Unreadable, match="keychain can't be read: FileNotFoundError"):
        system.system_certificates({}, platform="darwin")
