"""Certificates and a key in armour."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from storekeeper.model import (
    Store,
)
from tests import pki

ROOT, CA, LEAF, OTHER = (
    pki.certificate("Root"),
    pki.certificate("CA", "Root", ca=True),
    pki.certificate("Leaf", "CA"),
    pki.certificate("Other"),
)
P_ROOT, P_CA, P_LEAF, P_OTHER = (pki.pem("CERTIFICATE", der) for der in (ROOT, CA, LEAF, OTHER))
KEY = pki.pkcs8(pki.key("Leaf"))
P_KEY = pki.pem("PRIVATE KEY", KEY)


def ders(store: Store) -> list[bytes]:
    return [certificate.der for certificate in store.certificates()]


def codes(store: Store) -> list[str]:
    return [finding.code for finding in store.findings]


# --- keys ------------------------------------------------------------------------------


def armoured_key(kind: str, form: str) -> tuple[bytes, bytes]:
    """PEM of a key by OpenSSL's library, and its PKCS#8."""
    key = pki.key("Leaf", kind)
    private_format = {
        "traditional": PrivateFormat.TraditionalOpenSSL,
        "pkcs8": PrivateFormat.PKCS8,
    }[form]
    return key.private_bytes(Encoding.PEM, private_format, NoEncryption()), pki.pkcs8(key)


# --- damage ----------------------------------------------------------------------------

BROKEN = {
    "base64": (P_CA.replace(b"M", b"*", 3), "the base64 can't be decoded"),
    "no END": (P_CA.split(b"-----END")[0], "there is no END line"),
    "empty": (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "the block is empty"),
    "BEGIN cut": (P_CA.replace(b"CERTIFICATE-----\n", b"CERTIFICATE\n", 1), "five hyphens"),
    "END cut": (P_CA.replace(b"CERTIFICATE-----\n-", b"").rstrip(b"-\n") + b"\n", "five hyphens"),
    "labels differ": (P_CA.replace(b"END C", b"END X509 C"), "ends as X509 CERTIFICATE"),
    "DER cut short": (pki.pem("CERTIFICATE", CA[:-9]), "says it is"),
    "no certificate": (pki.pem("CERTIFICATE", b"0\x03\x02\x01\x05"), "no X.509 certificate"),
    "PKCS7": (pki.pem("PKCS7", b"0\x03\x02\x01\x05"), "ContentInfo|content type"),
}
