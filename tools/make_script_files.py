"""Makes the stores the command line scripts run on (tests/scripts/files), with the field's tools.

Run once and checked in: the scripts then show fixed dates and fingerprints. keytool is that
of JRE 17.0.9, OpenSSL the one on PATH. Passwords are ``changeit``.
"""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests import jvm

FILES = Path(__file__).parent.parent / "tests" / "scripts" / "files"
Key = ec.EllipticCurvePrivateKey


def date(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Corp"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def issue(
    common: str, key: Key, issuer: str, signer: Key, start: str, end: str, serial: int, ca: bool
) -> x509.Certificate:
    """A CA certificate, or a server's with two DNS names and an address."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(date(start))
        .not_valid_after(date(end))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not ca:
        import ipaddress

        builder = builder.add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName(common),
                    x509.DNSName("agent.example.net"),
                    x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
                ]
            ),
            critical=False,
        ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def main() -> None:
    """Write every file anew."""
    FILES.mkdir(parents=True, exist_ok=True)
    root_key, new_key, old_key, inter_key, leaf_key = (
        ec.generate_private_key(ec.SECP256R1()) for _ in range(5)
    )
    root = issue("Corp Root", root_key, "Corp Root", root_key, "2020-01-01", "2040-01-01", 1, True)
    reissued = issue(
        "Corp Root", root_key, "Corp Root", root_key, "2024-01-01", "2044-01-01", 2, True
    )
    rekeyed = issue("Corp Root", new_key, "Corp Root", new_key, "2026-01-01", "2046-01-01", 3, True)
    expired = issue("Old Root", old_key, "Old Root", old_key, "2001-01-01", "2021-01-01", 4, True)
    inter = issue(
        "Corp CA 1", inter_key, "Corp Root", root_key, "2021-01-01", "2031-01-01", 5, True
    )
    leaf = issue(
        "server.example.net", leaf_key, "Corp CA 1", inter_key, "2026-06-01", "2027-06-01", 6, False
    )
    files = {
        "root.pem": pem(root),
        "reissued.pem": pem(reissued),
        "rekeyed.pem": pem(rekeyed),
        "expired.pem": pem(expired),
        "chain.pem": pem(leaf) + pem(inter) + pem(root),
        "leaf.der": leaf.public_bytes(serialization.Encoding.DER),
        "leaf.key": leaf_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "page.cer": b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n",
        "empty.jks": b"",
        "prints.txt": (
            "# roots we were told about\n"
            f"{root.fingerprint(hashes.SHA256()).hex(':').upper()}  Corp Root\n"
        ).encode(),
    }
    for file, content in files.items():
        (FILES / file).write_bytes(content)
    java = jvm.by_major(17)

    def fresh(file: str) -> Path:
        path = FILES / file
        path.unlink(missing_ok=True)
        return path

    def keytool_import(store: Path, kind: str, alias: str, file: str) -> None:
        java.keytool(
            *("-importcert", "-noprompt", "-alias", alias, "-file", FILES / file),
            *("-keystore", store, "-storetype", kind, "-storepass", "changeit"),
        )

    trust = fresh("trust-keytool17.jks")
    keytool_import(trust, "JKS", "corp-root", "root.pem")
    keytool_import(trust, "JKS", "old-root", "expired.pem")
    for store, file in (("reissued", "reissued.pem"), ("rekeyed", "rekeyed.pem")):
        keytool_import(fresh(f"{store}-keytool17.jks"), "JKS", "corp-root", file)
    keytool_import(fresh("renamed-keytool17.p12"), "PKCS12", "the-corp-root", "root.pem")
    openssl = ["openssl", "pkcs12", "-export", "-passout", "pass:changeit"]
    identity = ["-inkey", "leaf.key", "-in", "chain.pem", "-name", "server"]
    for command in (
        [*openssl, *identity, "-out", "identity-openssl3.p12"],
        [*openssl, "-nokeys", "-in", "root.pem", "-name", "corp-root", "-out", "invisible.p12"],
    ):
        subprocess.run(command, check=True, cwd=FILES)
    (FILES / "really-pkcs12.jks").write_bytes((FILES / "identity-openssl3.p12").read_bytes())
    truncated = (FILES / "trust-keytool17.jks").read_bytes()
    (FILES / "truncated.jks").write_bytes(truncated[:500])


if __name__ == "__main__":
    main()
