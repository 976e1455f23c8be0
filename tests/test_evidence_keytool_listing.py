"""Listings of real keytools, of JDK 11 to 25, and of what articles print."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_private_key,
    pkcs12,
)

from storekeeper.times import iso_date
from storekeeper.tls.evidence import read
from storekeeper.tls.evidence.values import Chain, Listed, StorePath, certified
from tests import jvm, pki, servers
from tests.evidence import every, one
from tests.servers.bench import HOST, setup

# Java completes a chain with whatever the file has.
CHAIN = (
    pki.certificate("leaf", "Inter"),
    pki.certificate("Inter", "Root", ca=True),
    pki.certificate("Root"),
)
ROOT = CHAIN[-1]
PRINTED = ("subject", "issuer", "serial", "not_before", "not_after", "signature_algorithm",
           "names", "sha256")  # fmt: skip


@functools.cache
def _listing(version: str, *args: str) -> str:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.p12"
        key = load_der_private_key(pki.pkcs8(pki.key("leaf")), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        leaf, inter = map(x509.load_der_x509_certificate, CHAIN[:2])
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"my, key", key, leaf, [inter], BestAvailableEncryption(b"changeit")
            )
        )
        (Path(folder) / "root.pem").write_bytes(pki.pem("CERTIFICATE", ROOT))
        keytool = jvm.jvm(version).worker.keytool
        common = ("-keystore", str(path), "-storepass", "changeit")
        keytool("-importcert", "-noprompt", "-alias", "root", "-file", f"{folder}/root.pem",
                *common)  # fmt: skip
        # The worker's has -debug, which prints other words with -rfc.
        if args not in (("-v",), ("-rfc", "-debug")):
            return jvm.jvm(version).keytool("-list", *args, *common).stdout
        return keytool("-list", *args, *common)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_verbose(version: str) -> None:
    said = _listing(version, "-v")
    found = {each.alias: each for each in every(read(said.encode(), "l.txt"), Listed)}
    assert set(found) == {"my, key", "root"}
    key = found["my, key"]
    assert key.kind == "PrivateKeyEntry"
    for shown, der in zip(key.certificates, CHAIN, strict=True):
        known = certified(der)
        for field in PRINTED:
            assert getattr(shown, field) == getattr(known, field), field
    assert found["root"].kind == "trustedCertEntry"
    assert found["root"].certificates[0].sha256 == certified(ROOT).sha256
    line = said.splitlines()[key.place.line - 1]
    assert line == "Alias name: my, key"
    (day,) = {line for line in said.splitlines() if line.startswith("Creation date: ")}
    assert key.created is not None
    assert iso_date(key.created)[:4] == day[-4:]


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_rfc_and_short(version: str) -> None:
    found = {each.alias: each for each in every(read(_listing(version, "-rfc").encode(), "l"),
                                                Listed)}  # fmt: skip
    assert tuple(each.der for each in found["my, key"].certificates) == CHAIN
    assert tuple(each.der for each in found["root"].certificates) == (ROOT,)
    short = {each.alias: each for each in every(read(_listing(version).encode(), "l"), Listed)}
    assert set(short) == set(found)
    for alias, entry in short.items():
        assert entry.kind == found[alias].kind
        assert entry.certificates[0].sha256 == found[alias].certificates[0].sha256
        assert entry.created == found[alias].created


def test_printcert(tmp_path: Path) -> None:
    path = tmp_path / "c.pem"
    path.write_bytes(b"".join(pki.pem("CERTIFICATE", der) for der in CHAIN))
    keytool = jvm.jvm("17.0.9.2").worker.keytool
    chain = one(read(keytool("-printcert", "-file", path).encode(), "p"), Chain)
    assert [each.sha256 for each in chain.certificates] == [certified(der).sha256 for der in CHAIN]
    assert chain.by == ""
    rfc = one(read(keytool("-printcert", "-rfc", "-file", path).encode(), "p"), Chain)
    assert tuple(each.der for each in rfc.certificates) == CHAIN


def test_the_layout_with_debug() -> None:
    entries = every(read(_listing("17.0.9.2", "-rfc", "-debug").encode(), "l"), Listed)
    (key,) = [each for each in entries if each.alias == "my, key"]
    for shown, der in zip(key.certificates, CHAIN, strict=True):
        assert (shown.subject, shown.serial) == (certified(der).subject, certified(der).serial)


def test_printcert_of_a_server() -> None:
    made = setup("localhost", "Inter", "Root")
    with servers.openssl(made) as server:
        said = jvm.jvm("17.0.9.2").worker.keytool(
            "-printcert", "-sslserver", f"{HOST}:{server.port}"
        )
    chain = one(read(said.encode(), "p"), Chain)
    assert chain.by == "server"
    assert [each.sha256 for each in chain.certificates] == [
        certified(der).sha256 for der in made.chain
    ]


def test_an_excerpt_with_holes() -> None:
    found = one(
        read(
            b"C:\\app\\bin>keytool -list -v -storepass changeit -keystore /temp/cacerts -alias x\n"
            b"Alias name: xmatters\nCreation date: Feb 27, 2017\nEntry type: trustedCertEntry\n\n"
            b'Owner: CN=*, O="xMatters, inc.", L=San Ramon, ST=CA, C=US\n'
            b"Issuer: CN=DigiCert SHA2 Secure Server CA, O=DigiCert Inc, C=US \n\n"
            b"Valid from: Thu Feb 18 16:00:00 PST 2016 until: Fri Feb 22 04:00:00 PST 2019\n\n"
            b"SubjectAlternativeName [\nDNSName: *\nDNSName: a.example\n",
            "x",
        ),
        Listed,
    )
    (certificate,) = found.certificates
    assert (found.alias, found.created) == ("xmatters", 1488153600)
    assert certificate.subject == "CN=*,O=xMatters\\, inc.,L=San Ramon,ST=CA,C=US"
    assert certificate.not_after == 1550836800
    assert certificate.names == ("DNS:*", "DNS:a.example")


def test_a_short_listing_of_jdk_8() -> None:
    digest = ":".join(f"{byte:02X}" for byte in range(20))
    text = (
        "Keystore file: /opt/cacerts\n\nverisignclass3ca, Feb 7, 2019, trustedCertEntry, \n"
        f"Certificate fingerprint (SHA1): {digest}\n"
        "mykey, Feb 8, 2019, PrivateKeyEntry, \n"
    )
    found = read(text.encode(), "x")
    assert one(found, StorePath).path == "/opt/cacerts"
    first, second = every(found, Listed)
    assert (first.alias, first.kind, first.certificates) == (
        "verisignclass3ca", "trustedCertEntry", ())  # fmt: skip
    assert (second.alias, second.kind) == ("mykey", "PrivateKeyEntry")
