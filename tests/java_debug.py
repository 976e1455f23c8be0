"""``javax.net.debug`` output of real JVMs, as clients of the bench and as a server of it."""

from __future__ import annotations

import functools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_private_key,
    pkcs12,
)

from tests import jvm, pki, servers
from tests.servers.bench import HOST, setup

PASSWORD = "changeit"
AUTHORITIES = (pki.certificate("Client Root"), pki.certificate("Zeta Root"))
CHAIN = ("localhost", "Inter", "Root")
_SCRIPT = Path(__file__).with_name("java_tls.py")
_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Duser.timezone=UTC",
            "-Duser.language=en")  # fmt: skip


@dataclass(frozen=True)
class Logged:
    """What a JVM said, and what s_client sees of the same server.

    Attributes:
        text: of the JVM, with its stack trace.
        chain: DER that the server sends.
        said: s_client's output.
    """

    text: bytes
    chain: tuple[bytes, ...]
    said: str


def _trust(path: Path, *ders: bytes) -> Path:
    made = [
        pkcs12.PKCS12Certificate(x509.load_der_x509_certificate(der), f"ca{at}".encode())
        for at, der in enumerate(ders)
    ]
    path.write_bytes(
        pkcs12.serialize_java_truststore(made, BestAvailableEncryption(PASSWORD.encode()))
    )
    return path


def _identity(path: Path, name: str, issuer: str) -> Path:
    key = load_der_private_key(pki.pkcs8(pki.key(name)), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    leaf = x509.load_der_x509_certificate(pki.certificate(name, issuer, ca=False))
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            name.encode(), key, leaf, None, BestAvailableEncryption(PASSWORD.encode())
        )
    )
    return path


@functools.cache
def client(
    version: str,
    debug: str,
    protocol: str,
    *,
    trusted: bool = True,
    issuer: str = "Client Root",
    ask: str = "required",
    extra: tuple[str, ...] = (),
) -> Logged:
    """A Java client at openssl s_server, which asks it for a certificate."""
    library = next(jvm.jvm(version).home.glob("lib/server/libjvm.*"), None)
    if library is None:
        pytest.skip(f"Java {version} has no JVM library")
    pytest.importorskip("jpype")
    made = setup(*CHAIN, authorities=AUTHORITIES, client=ask, versions=(protocol, protocol))
    made = made.but(extra=extra)
    with servers.openssl(made) as server:
        folder = server.directory
        root = pki.certificate("Root") if trusted else pki.certificate("Another Root")
        options = [
            f"-Djavax.net.debug={debug}",
            f"-Djavax.net.ssl.trustStore={_trust(folder / 'trust.p12', root)}",
            f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
        ]
        if issuer:
            path = _identity(folder / "id.p12", "client", issuer)
            options += [f"-Djavax.net.ssl.keyStore={path}"]
            options += [f"-Djavax.net.ssl.keyStorePassword={PASSWORD}"]
        command = [sys.executable, str(_SCRIPT), str(library), "localhost"]
        command += [str(server.port), *_OPTIONS, *options]
        done = subprocess.run(command, capture_output=True, timeout=90)
        said = subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{server.port}", "-showcerts",
             "-nameopt", "RFC2253"],
            input=b"", capture_output=True, timeout=30,
        )  # fmt: skip
    return Logged(done.stdout + done.stderr, made.chain, said.stdout.decode())
