"""Lists of roots in every kind they are published in, with roots made for them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from storekeeper.errors import (
    InputError,
)
from storekeeper.trust import lists
from storekeeper.trust.lists import RootList

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "storekeeper" / "data" / "lists"


@cache
def root(name: str, days: int = 3650) -> tuple[bytes, ec.EllipticCurvePrivateKey]:
    """DER and key of a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER), key


def sha256(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode().replace("\n", "")
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def colons(digits: str) -> str:
    return ":".join(digits[i : i + 2] for i in range(0, 64, 2)).upper()


def second_opinion(der: bytes) -> dict[str, Any]:
    """What `cryptography` says of a certificate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # serial numbers that are not positive
        certificate = x509.load_der_x509_certificate(der)
    subject = certificate.subject.public_bytes()
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "spki_sha256": sha256(key),
        "subject_spki_sha256": sha256(subject + key),
        "not_before": int(certificate.not_valid_before_utc.timestamp()),
        "not_after": int(certificate.not_valid_after_utc.timestamp()),
    }


def x509_subject(der: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(der).subject.public_bytes()


# --- NSS certdata.txt ------------------------------------------------------------------


def octal(name: str, value: bytes) -> str:
    lines = [value[i : i + 16] for i in range(0, len(value), 16)]
    block = "\n".join("".join(f"\\{octet:03o}" for octet in line) for line in lines)
    return f"{name} MULTILINE_OCTAL\n{block}\nEND\n"


TRUSTED, NEITHER, REJECTED = (
    "CKT_NSS_TRUSTED_DELEGATOR",
    "CKT_NSS_MUST_VERIFY_TRUST",
    "CKT_NSS_NOT_TRUSTED",
)
HEADER = "# comment\nBEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n\n"


def nss_root(
    name: str,
    server: str,
    email: str = NEITHER,
    *,
    certificate_date: bytes | None = None,
    trust_date: bytes | None = None,
    trust_class: str = "CKO_NSS_TRUST",
    label: str = "",
    parts: str = "ct",
) -> str:
    der, _ = root(name)
    parsed = x509.load_der_x509_certificate(der)
    serial = parsed.serial_number.to_bytes(20, "big")
    joined = octal("CKA_ISSUER", parsed.issuer.public_bytes())
    joined += octal("CKA_SERIAL_NUMBER", b"\x02\x14" + serial)
    text = ""
    if "c" in parts:
        text += f'CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_LABEL UTF8 "{label or name}"\n'
        text += joined + octal("CKA_VALUE", der)
        if certificate_date:
            text += octal("CKA_NSS_SERVER_DISTRUST_AFTER", certificate_date)
        else:
            text += "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_FALSE\n"
    if "t" in parts:
        text += f'\n# trust\nCKA_CLASS CK_OBJECT_CLASS {trust_class}\nCKA_LABEL UTF8 "{name}"\n'
        text += joined
        if trust_date:
            text += octal("CKA_NSS_SERVER_DISTRUST_AFTER", trust_date)
        text += f"CKA_TRUST_SERVER_AUTH CK_TRUST {server}\n"
        text += f"CKA_TRUST_EMAIL_PROTECTION CK_TRUST {email}\n"
        text += f"CKA_TRUST_CODE_SIGNING CK_TRUST {NEITHER}\n"
    return text + "\n"


def read(text: str | bytes, **options: Any) -> RootList:
    data = text.encode() if isinstance(text, str) else text
    return lists.read(data, **options)


# --- CCADB -----------------------------------------------------------------------------


def csv_row(*values: str) -> str:
    return ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


INCLUDED = csv_row(
    "Owner",
    "Common Name or Certificate Name",
    "SHA-256 Fingerprint",
    "Subject + SPKI SHA256",
    "Valid From [GMT]",
    "Valid To [GMT]",
    "Trust Bits",
    "Distrust for TLS After Date",
    "Distrust for S/MIME After Date",
    "PEM Info",
)


# --- fingerprints and pages ------------------------------------------------------------

ONE, TWO, THREE = "0a" * 32, "1b" * 32, "2c" * 32


def page(*parts: str) -> str:
    return f"<!DOCTYPE html>\n<html><body><p>Certificates</p>{'<hr>'.join(parts)}</body></html>"


# --- Trust Stores Observatory ----------------------------------------------------------

OBSERVATORY = f"""platform: MICROSOFT_WINDOWS
version: null
url: https://vendor.example/roots
date_fetched: 2026-07-19
trusted_certificates_count: 2
trusted_certificates:
- subject_name: 'One: Root'
  fingerprint: {ONE}
- subject_name: Two
  fingerprint: {colons(TWO)}
- subject_name: Broken
  fingerprint: abc
blocked_certificates_count: 1
blocked_certificates:
- subject_name: Three
  fingerprint: {THREE}
"""


# --- all of them -----------------------------------------------------------------------

SAMPLES = (
    (HEADER + nss_root("both", TRUSTED) + nss_root("mail", NEITHER, TRUSTED)).encode(),
    (
        INCLUDED
        + csv_row("A", "b", ONE, TWO, "2020.01.01", "", "Websites", "", "", pem(root("one")[0]))
    ).encode(),
    page(pem(root("one")[0]).replace("\n", "<br>"), colons(ONE)).encode(),
    f"# ours\n{ONE} a\n{colons(TWO)}\n".encode(),
    OBSERVATORY.encode(),
    (DATA / "mozilla.tsv").read_bytes()[:3000],
)


def check(data: bytes) -> None:
    """It is read as a list that is whole in itself, or refused with our error."""
    failure = None
    try:
        roots = lists.read(data, path="x")
    except InputError as error:
        failure = error
    if failure is not None:
        assert failure.path == "x"
        assert str(failure)
        return
    for anchor in (*roots.anchors, *roots.others):
        assert isinstance(anchor.subject, str)
        hashes_of_it = (anchor.subject_sha256, anchor.spki_sha256, anchor.subject_spki_sha256)
        for digest in (anchor.sha256, *filter(None, hashes_of_it)):
            assert digest == bytes.fromhex(digest).hex()
            assert len(digest) == 64


def damaged(random: Random, known: Sequence[bytes]) -> bytes:
    """One of them, with a few bytes lost, changed, doubled or taken from another."""
    data = bytearray(random.choice(known))
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(data) + 1)
        match random.randrange(4):
            case 0:
                data[at : at + random.randint(1, 80)] = b""
            case 1:
                data[at : at + 1] = random.randbytes(random.randint(1, 3))
            case 2:
                other = random.choice(known)
                start = random.randrange(len(other))
                data[at:at] = other[start : start + random.randint(1, 200)]
            case 3:
                data[at : at + 1] = bytes([random.choice(b"\n\t,\"'<>&:-\\#[]{}*%")])
    return bytes(data)
