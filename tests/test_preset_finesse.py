"""Cisco Finesse: what is uploaded, imported as the appliance does it, and judged by a real JVM."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests import jvm, pki, presets, servers
from tests.servers.bench import Setup


@functools.cache
def issued(subject: str, issuer: str, *, pss: bool = False) -> bytes:
    """An RSA certificate, by one of the two paddings."""

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    signer, mine = pki.key(issuer, "RSA"), pki.key(subject, "RSA")
    assert isinstance(signer, rsa.RSAPrivateKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(mine.public_key())
        .serial_number(1 + sum(subject.encode()))
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(subject != "localhost", None), critical=True)
    )
    pads = padding.PSS(padding.MGF1(SHA256()), 32) if pss else padding.PKCS1v15()
    return builder.sign(signer, SHA256(), rsa_padding=pads).public_bytes(Encoding.DER)


def gadget_server(*, pss: bool = False) -> Setup:
    chain = (
        issued("localhost", "Gadget Inter"),
        issued("Gadget Inter", "Gadget Root", pss=pss),
        issued("Gadget Root", "Gadget Root"),
    )
    return Setup(chain, pki.pkcs8(pki.key("localhost", "RSA")))


def tomcat_trust(where: Path, runtime: jvm.Jvm, uploads: Path) -> list[str]:
    """The appliance's trust store: each uploaded file imported by a real keytool."""
    store = where / "tomcat-trust.keystore"
    store.unlink(missing_ok=True)
    for number, file in enumerate(sorted(uploads.glob("*.pem"))):
        runtime.worker.keytool(
            *("-importcert", "-noprompt", "-alias", f"upload{number}", "-file", str(file)),
            *("-keystore", str(store), "-storepass", "changeit", "-storetype", "JKS"),
        )
    return [f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=changeit"]


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_a_gadget_loads_after_the_upload(version: str, tmp_path: Path) -> None:
    runtime = jvm.jvm(version)
    made = gadget_server()
    uploads = tmp_path / "upload"
    uploads.mkdir()
    with servers.python_ssl(made) as server:
        said = presets.handshake(runtime.home, server.port)
        assert "PKIX path building failed" in said
        words = presets.settings(
            upload=uploads, host="localhost", port=server.port, pin=presets.pin(made.chain[0])
        )
        presets.applied("finesse", *words)
        assert len(list(uploads.glob("*.pem"))) == 2, "a file for each CA, and none for the server"
        options = tomcat_trust(tmp_path, runtime, uploads)
        assert presets.handshake(runtime.home, server.port, *options) == ""


def test_a_signature_that_finesse_does_not_know_is_said(tmp_path: Path) -> None:
    made = gadget_server(pss=True)
    uploads = tmp_path / "upload"
    uploads.mkdir()
    with servers.python_ssl(made) as server:
        words = presets.settings(
            upload=uploads, host="localhost", port=server.port, pin=presets.pin(made.chain[0])
        )
        done = presets.storekeeper("apply", "finesse", *words)
        assert done.status == 1, done.out + done.err
        assert "SSLPeerUnverifiedException: peer not authenticated" in done.out + done.err
        assert "(signature-algorithm: " in done.out
        assert "CN=Gadget Inter" in done.out.rpartition("check")[2], "who is to blame"


@pytest.mark.slow
def test_a_jvm_without_rsassa_pss_refuses_the_same_chain(tmp_path: Path) -> None:
    """What a Java that knows no RSASSA-PSS does, by a setting; another CA mends it."""
    runtime = jvm.by_major(17)
    (tmp_path / "old.security").write_text("jdk.certpath.disabledAlgorithms=RSASSA-PSS\n")
    old = f"-Djava.security.properties={tmp_path}/old.security"
    for pss in (True, False):
        made = gadget_server(pss=pss)
        uploads = tmp_path / f"upload-{pss}"
        uploads.mkdir()
        (uploads / "root.pem").write_bytes(pki.pem("CERTIFICATE", made.chain[2]))
        options = tomcat_trust(tmp_path, runtime, uploads)
        with servers.python_ssl(made) as server:
            said = presets.handshake(runtime.home, server.port, old, presets.TLS12, *options)
        assert ("RSASSA-PSS" in said) is pss
        assert bool(said) is pss
