"""`show`: what is said about certificates and entries, against `cryptography`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from storekeeper.model import Certificate, Opaque, PrivateKey, Sealed, SecretKey, Store, TrustedCert
from storekeeper.report import details
from storekeeper.report.values import dump
from storekeeper.trust import lists
from storekeeper.trust.inventory import colons, rows
from storekeeper.trust.sources import open_store
from tests import pki
from tests.real_roots import pem_certificates

FILES = Path(__file__).parent / "scripts" / "files"
NOW = 1_795_219_200  # 2026-11-21


def lines(certificate: Certificate, now: int = NOW) -> dict[str, str]:
    text = details.certificate_text(certificate, now)
    found = [re.fullmatch(r" +([^:]+?): +(.*)", line) for line in text.splitlines()]
    assert all(found), text
    return {m[1]: m[2] for m in found if m}


def made(*extensions: x509.ExtensionType, serial: int = 1) -> Certificate:
    from datetime import UTC, datetime

    key = pki.key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    signed = builder.sign(key, hashes.SHA256())
    return Certificate(signed.public_bytes(serialization.Encoding.DER))


def test_a_server_certificate() -> None:
    (certificate,) = open_store(FILES / "leaf.der").certificates()
    said = lines(certificate)
    theirs = x509.load_der_x509_certificate(certificate.der)
    assert said["subject"] == theirs.subject.rfc4514_string()
    assert said["SHA-256"] == theirs.fingerprint(hashes.SHA256()).hex(":").upper()
    assert said["SHA-1"] == theirs.fingerprint(hashes.SHA1()).hex(":").upper()
    assert said["valid to"] == "2027-06-01T00:00:00Z (in 192 days)"
    assert said["names (SAN)"] == "dns:server.example.net, dns:agent.example.net, ip:192.0.2.7"
    assert said["extended usage"] == "serverAuth"
    assert said["CA"] == "no (critical)"
    after = lines(certificate, NOW + 200 * 86_400)
    assert after["valid to"] == "2027-06-01T00:00:00Z (8 days ago), EXPIRED"
    before = lines(certificate, NOW - 200 * 86_400)
    assert before["valid from"].endswith("NOT YET VALID")


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_every_real_root_has_its_lines() -> None:
    import certifi

    for der in pem_certificates(Path(certifi.where()).read_bytes()):
        said = lines(Certificate(der))
        theirs = x509.load_der_x509_certificate(der)
        assert said["SHA-256"] == colons(theirs.fingerprint(hashes.SHA256()).hex())
        assert int(said["serial number"].split()[0], 16) == theirs.serial_number
        assert said["CA"].startswith(("yes", "no statement (version 1)"))
        assert "problem" not in said


def test_issuer_urls_and_path_length() -> None:
    uri = x509.UniformResourceIdentifier
    said = lines(
        made(
            x509.BasicConstraints(ca=True, path_length=2),
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([uri("http://crl.example/a")], None, None, None)]
            ),
        )
    )
    assert said["CA"] == "yes, at most 2 intermediate CAs below it"
    assert said["CRL at"] == "http://crl.example/a"


def test_a_san_of_ten_megabytes_breaks_nothing() -> None:
    names = [x509.DNSName(f"{'x' * 60}.{n}.example") for n in range(140_000)]
    certificate = made(x509.SubjectAlternativeName(names))
    assert len(certificate.der) > 10_000_000
    said = lines(certificate)
    assert said["names (SAN)"].count(", ") == 139_999
    store = Store("DER", (TrustedCert("big", certificate),))
    text = "".join(dump(details.json("big.der", store, rows(store), ())))
    (entry,) = json.loads(text)["entries"]
    assert len(entry["certificates"][0]["subject_alt_names"]) == 140_000


@pytest.mark.parametrize(
    "garbage", [b"", b"0", b"\x30\x80", b"\x30\x03abc", b"0\x84\xff\xff\xff\xff", bytes(64)]
)
def test_an_unreadable_certificate_says_why(garbage: bytes) -> None:
    certificate = Certificate(garbage)
    said = lines(certificate)
    assert said["problem"].startswith("unreadable certificate: ")
    assert said["size"] == f"{len(garbage)} bytes"
    assert said["SHA-256"] == colons(certificate.sha256)
    assert "error" in json.loads("".join(dump(details.detail_json(certificate))))


def test_hidden_characters_are_shown() -> None:
    (certificate,) = open_store(FILES / "hostile.pem").certificates()
    text = details.certificate_text(certificate, NOW)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("\n") == len(lines(certificate))


def opened(data: bytes, password: object) -> bytes:
    raise AssertionError("nobody opens a key to show it")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            PrivateKey("k", (), Sealed("none", b"", opened)),
            "  key not encrypted\n  no certificate\n",
        ),
        (SecretKey("k", Sealed("PBES2 X", b"", opened)), "  key sealed by PBES2 X\n"),
        (Opaque("k", "CRL bag", b"12345"), "  CRL bag, 5 bytes\n"),
    ],
    ids=["private", "secret", "opaque"],
)
def test_entries_without_certificates(entry: PrivateKey | SecretKey | Opaque, said: str) -> None:
    (row,) = rows(Store("PKCS12", (entry,)))
    text = details.entry_text(row, NOW)
    assert text.startswith("alias 'k': ")
    assert text.endswith(said)


def test_a_chain_is_numbered_and_dated() -> None:
    store = open_store(FILES / "identity-openssl3.p12", "changeit")
    (row,) = rows(store)
    text = details.entry_text(row, NOW)
    assert text.startswith(
        "alias 'server': private key\n  key sealed by PBEWithHmacSHA256AndAES_256"
    )
    assert [int(n) for n in re.findall(r"certificate (\d) of 3 in the chain", text)] == [1, 2, 3]
    keytool = open_store(FILES / "trust-keytool17.jks")
    assert re.match(
        r"alias 'corp-root': trusted certificate, created \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n",
        details.entry_text(rows(keytool)[0], NOW),
    )


def test_an_anchor_of_a_list() -> None:
    row = rows(lists.load("mozilla"))[0]
    text = details.entry_text(row, NOW)
    assert text.startswith("(no alias): trusted certificate\n")
    assert row.sha256 is not None
    assert colons(row.sha256) in text
