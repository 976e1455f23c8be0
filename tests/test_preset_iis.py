"""The preset for IIS: files for the certificate stores of Windows, read and judged by OpenSSL."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from storekeeper.model import Certificate
from tests import pki
from tests.commands import PASSWORD, Commands
from tests.preset_world import (
    OTHER,
    SERVER,
    SERVER_CHAIN,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    Preset,
    command,
    keystore,
    pem,
    where,
)

__all__ = ["command", "where"]  # fixtures


def expired_low() -> Certificate:
    """Server Low as Windows was shipped with it: the same name and key, over since 2020."""
    now = x509.load_der_x509_certificate(SERVER_LOW.der)
    made = (
        x509.CertificateBuilder(extensions=list(now.extensions))
        .subject_name(now.subject)
        .issuer_name(now.issuer)
        .public_key(now.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2010, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC))
        .sign(pki.key("Server Top"), SHA256())
    )
    return Certificate(made.public_bytes(Encoding.DER))


EXPIRED = expired_low()


def p7b(path: Path, *certificates: Certificate) -> Path:
    """As Export-Certificate -Type P7B writes it: DER."""
    loaded = [x509.load_der_x509_certificate(one.der) for one in certificates]
    path.write_bytes(pkcs7.serialize_certificates(loaded, Encoding.DER))
    return path


def inside(path: Path) -> set[bytes]:
    """The certificates of a P7B, as OpenSSL reads it."""
    out = pki.openssl("pkcs7", "-inform", "DER", "-in", str(path), "-print_certs")
    found = x509.load_pem_x509_certificates(out)
    return {one.public_bytes(Encoding.DER) for one in found}


def verifies(where: Path, store: Path) -> str:
    """OpenSSL in the place of Windows: a chain built of what the stores Root and CA have."""
    out = pki.openssl("pkcs7", "-inform", "DER", "-in", str(store), "-print_certs")
    (where / "store.pem").write_bytes(out)
    pem(where / "roots.pem", SERVER_ROOT)
    pem(where / "leaf.pem", SERVER)
    command = ["openssl", "verify", "-CAfile", str(where / "roots.pem"), "-no-CApath"]
    command += ["-untrusted", str(where / "store.pem"), str(where / "leaf.pem")]
    done = subprocess.run(command, capture_output=True, timeout=30)
    return (done.stdout + done.stderr).decode()


def test_an_expired_intermediate(where: Path, command: Commands) -> None:
    """The store CA loses what is over and gets what was renewed; everything else stays."""
    store = p7b(where / "ca-store.p7b", EXPIRED, SERVER_TOP, OTHER)
    assert "certificate has expired" in verifies(where, store)
    pem(where / "renewed.pem", SERVER_LOW, SERVER_ROOT)
    said = Preset(
        command, "iis", store=store, issuers=where / "renewed.pem"
    ).apply()  # fmt: skip
    assert "certutil -delstore CA" in said.err
    assert inside(store) == {one.der for one in (SERVER_LOW, SERVER_TOP, OTHER)}
    assert "leaf.pem: OK" in verifies(where, store)


def test_nothing_but_roots(where: Path, command: Commands) -> None:
    """An intermediate in the store Root is what IIS answers 403.16 for."""
    pem(where / "cas.pem", *SERVER_CHAIN[1:], SERVER_ROOT, EXPIRED)
    Preset(
        command, "iis", roots=where / "roots.p7b", issuers=where / "cas.pem"
    ).apply()  # fmt: skip
    found = [x509.load_der_x509_certificate(one) for one in inside(where / "roots.p7b")]
    assert [one.subject == one.issuer for one in found] == [True]


def algorithms(path: Path) -> str:
    """What OpenSSL says the file is encrypted with."""
    command = ["openssl", "pkcs12", "-in", str(path), "-info", "-noout", "-passin"]
    done = subprocess.run([*command, f"pass:{PASSWORD}"], capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize(
    ("windows", "digest", "cipher"),
    [
        ("windows", "sha1", "pbeWithSHA1And3-KeyTripleDES-CBC"),
        ("modern", "sha256", "AES-256-CBC, Iteration"),
    ],
)
def test_a_pkcs12_for_each_windows(
    where: Path, command: Commands, windows: str, digest: str, cipher: str
) -> None:
    keystore(where / "server.p12", "localhost", SERVER)
    pem(where / "cas.pem", SERVER_ROOT, SERVER_TOP, SERVER_LOW)
    Preset(
        command, "iis", key=where / "server.p12", issuers=where / "cas.pem",
        pfx=where / "server.pfx", windows=windows,
    ).apply()  # fmt: skip
    said = algorithms(where / "server.pfx")
    assert f"MAC: {digest}" in said
    bags = re.findall(r"^(?:Shrouded Keybag|PKCS7 Encrypted data): (.*)$", said, re.MULTILINE)
    assert len(bags) == 2
    assert all(cipher in bag for bag in bags)
    out = pki.openssl(
        "pkcs12", "-in", str(where / "server.pfx"), "-nokeys", "-passin", f"pass:{PASSWORD}"
    )
    assert out.count(b"BEGIN CERTIFICATE") == 4
