"""The preset for Apigee Edge: a JVM is its Message Processor, with what would be uploaded."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from cryptography import x509

from storekeeper.profile import load
from tests import asking, jvm, pki, presets, servers
from tests.commands import PASSWORD, Commands
from tests.preset_world import (
    CLIENT,
    CLIENT_CHAIN,
    CLIENT_LOW,
    CLIENT_ROOT,
    OTHER,
    SERVER,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    UPSTREAM,
    Preset,
    asked,
    command,
    keystore,
    pem,
    where,
)

__all__ = ["command", "where"]  # fixtures

# A backend that wants a certificate of Client Root's, and sends nothing but its own.
BACKEND = UPSTREAM.but(
    chain=(SERVER.der,),
    authorities=(CLIENT_ROOT.der,),
    client="required",
    versions=("TLSv1.2", "TLSv1.2"),
)


def processor(port: int, keys: Path, trusted: Path) -> str:
    """What a Java client says of the backend with these stores; "" when it got its answer."""
    return presets.handshake(
        jvm.by_major(17).home,
        port,
        f"-Djavax.net.ssl.keyStore={keys}",
        f"-Djavax.net.ssl.keyStorePassword={PASSWORD}",
        f"-Djavax.net.ssl.trustStore={trusted}",
        f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
    )


def prepared(where: Path) -> Path:
    """A keystore with the leaf and nothing that issued it, and the CAs of everybody."""
    keystore(where / "mine.p12", "client", CLIENT)
    pem(where / "backend.pem", SERVER)
    cas = (SERVER_LOW, CLIENT_LOW, OTHER, SERVER_ROOT, CLIENT_ROOT, SERVER_TOP)
    presets.store(where / "root.p12", "PKCS12", PASSWORD, SERVER_ROOT.der)
    return pem(where / "cas.pem", *cas)


def uploaded(where: Path, command: Commands) -> Path:
    """The preset applied, and each file of the truststore put under an alias of its own."""
    Preset(
        command, "apigee", folder=where, key=where / "mine.p12",
        backend=where / "backend.pem", issuers=where / "cas.pem",
    ).apply()  # fmt: skip
    files = sorted((where / "truststore").iterdir())
    assert len(files) == 3
    command("import", where / "trusted.p12", *files)
    return where / "trusted.p12"


def test_both_stores(where: Path, command: Commands) -> None:
    """Neither does it trust the backend, nor does it send its certificate; then it does both."""
    prepared(where)
    oracle = asking.oracle(jvm.by_major(17))
    check = ("check", "--chain", where / "backend.pem", "--runtime", "java8")
    with servers.openssl(BACKEND) as running:
        before = (where / "mine.p12").read_bytes()
        assert oracle.meet(running.port, before, "PKCS12", "TLSv1.2").chain == ()
        command(*check, "--store", where / "root.p12", status=1)
        command(*check, "--store", uploaded(where, command))
        after = (where / "client.p12").read_bytes()
        sent = oracle.meet(running.port, after, "PKCS12", "TLSv1.2")
        assert (sent.chain or ())[:2] == (CLIENT.der, CLIENT_LOW.der)
        assert not sent.problem


@pytest.mark.slow
def test_whole_handshakes(where: Path, command: Commands) -> None:
    """The same, with connections from beginning to end."""
    prepared(where)
    with servers.openssl(BACKEND) as running:
        said = processor(running.port, where / "mine.p12", where / "root.p12")
        assert "PKIX path building failed" in said
        trusted = uploaded(where, command)
        said = processor(running.port, where / "mine.p12", trusted)
        assert "handshake_failure" in said  # it sent no certificate
        assert not processor(running.port, where / "client.p12", trusted)


def test_what_is_uploaded(where: Path, command: Commands) -> None:
    """By Apigee's rules: an alias it takes, one certificate a file, the chain in order."""
    keystore(where / "mine.p12", "client", CLIENT, alias="old alias")
    pem(where / "cas.pem", CLIENT_ROOT, CLIENT_LOW)
    pem(where / "clients.pem", CLIENT_LOW, CLIENT_ROOT, OTHER, SERVER)
    Preset(
        command, "apigee", folder=where, key=where / "mine.p12", alias="api client-1",
        issuers=where / "cas.pem", clients=where / "clients.pem",
    ).apply()  # fmt: skip
    path = where / "api client-1.p12"
    out = pki.openssl("pkcs12", "-in", str(path), "-nokeys", "-passin", f"pass:{PASSWORD}")
    chain = x509.load_pem_x509_certificates(out)
    for one, issuer in itertools.pairwise(chain):
        one.verify_directly_issued_by(issuer)
    assert len(chain) == 3
    assert path.stat().st_mode & 0o777 == 0o600
    for file in (where / "clients").iterdir():
        x509.load_pem_x509_certificate(file.read_bytes())
        assert file.read_bytes().count(b"BEGIN CERTIFICATE") == 1
    assert len(list((where / "clients").iterdir())) == 3
    said = command("apply", "apigee", f"--set=key={path}", "--set=alias=client/1", status=2)
    assert "expected letters, digits, blanks and . - _, 255 at most for alias" in said.err


def listed(name: str, *pairs: tuple[str, str]) -> str:
    """What "Get cert for keystore" returns."""
    return json.dumps(
        {
            "certInfo": [
                {
                    "basicConstraints": "CA:FALSE",
                    "expiryDate": 2_300_000_000_000,
                    "isValid": "Yes",
                    "issuer": f"CN={issuer}",
                    "publicKey": "EC Public Key, 256 bits",
                    "serialNumber": "65:00",
                    "sigAlgName": "SHA256withECDSA",
                    "subject": f"CN={subject}",
                    "subjectAlternativeNames": [],
                    "validFrom": 1_767_225_600_000,
                    "version": 3,
                }
                for subject, issuer in pairs
            ],
            "certName": name,
        }
    )


def test_its_certificate_json(where: Path, command: Commands) -> None:
    """The advice of the preset: the JSON beside what the backend asks for tells the cause."""
    with servers.openssl(BACKEND) as running:
        (where / "asks.txt").write_text(asked(running, where, *CLIENT_CHAIN))
    ask = ("doctor", "--evidence", "cert.json", "--evidence", "asks.txt")
    (where / "cert.json").write_text(listed("client-cert", ("client", "Client Low")))
    said = command(*ask, status=1)
    assert "no-client-certificate-sent" in said.out
    assert "client-cert was issued by CN=Client Low, which the server does not name" in said.out
    assert "storekeeper doctor" in load("apigee", resolve=False).about
