"""Makes the stores the command line scripts run on (tests/scripts/files), with the field's tools.

Run once and checked in: the scripts then show fixed dates and fingerprints. keytool is that
of JRE 17.0.9, OpenSSL the one on PATH. Passwords are ``changeit``. With ``--derived`` only the
files that are put together by hand out of the others are made anew.
"""

from __future__ import annotations

import datetime as dt
import struct
import subprocess
import sys
from hashlib import sha1
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from storekeeper import der
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
            x509.NameAttribute(NameOID.COMMON_NAME, common, _validate=False),
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
    derived()


def derived() -> None:
    """Lists, and stores that are damaged or hostile, out of what `main` has made."""
    trust = (FILES / "trust-keytool17.jks").read_bytes()
    root = x509.load_pem_x509_certificate((FILES / "root.pem").read_bytes())
    old = x509.load_pem_x509_certificate((FILES / "expired.pem").read_bytes())
    count = struct.Struct(">III")
    magic, version, entries = count.unpack_from(trust)
    unreadable = struct.pack(">IH7sq", 2, 7, b"corp-xx", 0) + struct.pack(">H5sI", 5, b"X.509", 9)
    content = (
        count.pack(magic, version, entries + 1) + trust[12:-20] + unreadable + b"\x30\x07rubbish"
    )
    salt = "changeit".encode("utf-16-be") + b"Mighty Aphrodite"
    files = {
        "truncated.jks": trust[:500],
        "unreadable-inside.jks": content + sha1(salt + content).digest(),
        "entries-2-31.jks": count.pack(magic, version, 2**31) + trust[12:],
        # The first certificate claims to be 4 GiB long.
        "four-gib.jks": trust[:12]
        + struct.pack(">IH1sq", 2, 1, b"a", 0)
        + struct.pack(">H5sI", 5, b"X.509", 2**32 - 1),
        "hostile-mac.p12": _hostile_mac(),
        "certdata.txt": _certdata({root: "TRUSTED_DELEGATOR", old: "NOT_TRUSTED"}).encode(),
        "ccadb.csv": _ccadb([root, old]).encode(),
    }
    for file, data in files.items():
        (FILES / file).write_bytes(data)
    if not (FILES / "hostile.pem").exists():
        (FILES / "hostile.pem").write_bytes(_hostile_subject())


HOSTILE = (
    "=cmd|calc!A1\x1b[31mred\x1b]0;owned\x07\u202egnp.exe\r\n$ rm -rf /\x00 \u05d0 "
    '| <b>@all</b> `x` &amp; [a](b) "q",-----END CERTIFICATE-----'
)


def _hostile_subject() -> bytes:
    """A certificate whose common name tries every output."""
    key = ec.generate_private_key(ec.SECP256R1())
    return pem(issue(HOSTILE, key, HOSTILE, key, "2026-01-01", "2046-01-01", 7, True))


def _hostile_mac() -> bytes:
    """A PKCS12 whose MAC asks for 2^31 - 1 iterations."""
    content = der.explicit(0, der.octet_string(der.sequence()))
    digest = der.sequence(
        der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null()), der.octet_string(bytes(32))
    )
    return der.sequence(
        der.integer(3),
        der.sequence(der.oid("1.2.840.113549.1.7.1"), content),
        der.sequence(digest, der.octet_string(bytes(8)), der.integer(2**31 - 1)),
    )


def _certdata(roots: dict[x509.Certificate, str]) -> str:
    """The objects NSS writes for each root: a certificate, and what it is trusted for."""
    lines = ["# made for the tests of storekeeper, in the manner of NSS", "BEGINDATA"]

    def octal(attribute: str, value: bytes) -> None:
        digits = "".join(f"\\{octet:03o}" for octet in value)
        lines.append(f"{attribute} MULTILINE_OCTAL")
        lines.extend(digits[at : at + 64] for at in range(0, len(digits), 64))
        lines.append("END")

    for root, trust in roots.items():
        common = str(root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        serial = der.integer(root.serial_number)
        lines += ["", "CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE", f'CKA_LABEL UTF8 "{common}"']
        octal("CKA_ISSUER", root.issuer.public_bytes())
        octal("CKA_SERIAL_NUMBER", serial)
        octal("CKA_VALUE", root.public_bytes(serialization.Encoding.DER))
        lines += ["", "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST", f'CKA_LABEL UTF8 "{common}"']
        octal("CKA_ISSUER", root.issuer.public_bytes())
        octal("CKA_SERIAL_NUMBER", serial)
        lines.append(f"CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_{trust}")
    return "\n".join(lines) + "\n"


def _ccadb(roots: list[x509.Certificate]) -> str:
    """A report of the CCADB with the columns a comparison uses."""
    name, columns = "Common Name or Certificate Name", "Valid From [GMT],Valid To [GMT],Trust Bits"
    rows = [f"{name},SHA-256 Fingerprint,{columns}"]
    for root in roots:
        common = str(root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        dates = f"{root.not_valid_before_utc:%Y.%m.%d},{root.not_valid_after_utc:%Y.%m.%d}"
        rows.append(f"{common},{root.fingerprint(hashes.SHA256()).hex().upper()},{dates},Websites")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    if "--derived" in sys.argv:
        derived()
    else:
        main()
