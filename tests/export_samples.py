"""Entries to be exported, and what is in a product."""

from __future__ import annotations

from cryptography import x509

from storekeeper.change.export import Exported
from storekeeper.formats import jks
from storekeeper.model import (
    Entry,
    Opaque,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    TrustedCert,
)
from tests import pki

OPENS = Password("opens it")
SEALS = Password("seals it")
CLEAR = Password(None)
DATE = 1_700_000_000_000
LEAF = "export.example"
KEY = pki.key(LEAF)
CHAIN = (pki.cert(LEAF, "Export CA"), pki.cert("Export CA"))
OTHER = pki.cert("Export Root")
SERVER = PrivateKey("server", CHAIN, jks.seal_private_key(pki.pkcs8(KEY), OPENS, "JKS"), DATE)
ROOT = TrustedCert("Root", OTHER, DATE)
SECRET = SecretKey("secret", jks.seal_secret(Secret("AES", b"k" * 16), OPENS), DATE)
STRANGE = Opaque("crl", "certificate revocation list", b"\x30\x00")
ENTRIES: tuple[Entry, ...] = (SERVER, ROOT)


def content(exported: Exported) -> bytes:
    (product,) = exported.products
    return product.content


def subjects(text: bytes) -> list[str]:
    """The common names of a PEM's certificates, in order, by cryptography."""
    return [
        str(found.subject.rdns[0].rfc4514_string()).removeprefix("CN=")
        for found in x509.load_pem_x509_certificates(text)
    ]
