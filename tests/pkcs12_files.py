"""Certificates and PKCS12 files put together by hand, for what no tool would write."""

from __future__ import annotations

import datetime as dt
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from storekeeper import der
from storekeeper.formats import mac, pkcs12_bags
from storekeeper.formats.encryption import MODERN, with_iterations
from storekeeper.formats.mac import MacRecipe
from storekeeper.formats.pkcs12_bags import Bag, encode_bag
from storekeeper.model import Attribute, Password

DATA = der.oid("1.2.840.113549.1.7.1")
PASSWORD = Password("changeit")
FAST = with_iterations(MODERN, 1)
"""What Java writes, at the price of one iteration."""


@functools.cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """A key of that name, the same in every run."""
    secret = int.from_bytes(name.encode().ljust(24, b"."), "big")
    return ec.derive_private_key(secret, ec.SECP256R1())


@functools.cache
def pkcs8(name: str) -> bytes:
    """The key as PKCS#8 DER."""
    return key(name).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@functools.cache
def certificate(subject: str, issuer: str, signer: str | None = None, serial: int = 1) -> bytes:
    """A certificate for the key called ``subject``; names are common names."""

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key(subject.lower()).public_key())
        .serial_number(serial)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
        .sign(key((signer or issuer).lower()), hashes.SHA256(), ecdsa_deterministic=True)
        .public_bytes(serialization.Encoding.DER)
    )


ROOT = certificate("Root", "Root")
ROOT_AGAIN = certificate("ROOT ", "Root", serial=2)
"""Another certificate of the same name, as Java compares names."""
INTERMEDIATE = certificate("Intermediate", "Root")
CROSS = certificate("Intermediate", "Other root", serial=3)
SELF_ISSUED = certificate("Root", "Root", "other root", serial=4)
"""It names itself as its issuer and is signed with another key."""
LEAF = certificate("Leaf", "Intermediate")
LEAF_RENEWED = certificate("Leaf", "Intermediate", serial=9)
OTHER = certificate("Other", "Intermediate")
LOOP_A = certificate("Loop A", "Loop B")
LOOP_B = certificate("Loop B", "Loop A")
POOL = (
    ROOT,
    ROOT_AGAIN,
    SELF_ISSUED,
    INTERMEDIATE,
    CROSS,
    LEAF,
    LEAF_RENEWED,
    OTHER,
    LOOP_A,
    LOOP_B,
)


def data_safe(*bags: Bag) -> bytes:
    """A ContentInfo with bags in clear."""
    content = der.sequence(*(bag.raw for bag in bags))
    return der.sequence(DATA, der.explicit(0, der.octet_string(content)))


def pfx(*safes: bytes, recipe: MacRecipe | None = FAST.mac, password: Password = PASSWORD) -> bytes:
    """A PKCS12 file of these ContentInfos, with the MAC of the recipe."""
    content = der.sequence(*safes)
    check = mac.make(recipe, content, password).encode() if recipe else b""
    safe = der.sequence(DATA, der.explicit(0, der.octet_string(content)))
    return der.sequence(der.integer(3), safe, check)


def attributes(
    alias: str | None = None, key_id: bytes | None = None, trusted: bool = False
) -> list[Attribute]:
    """The three attributes everybody uses, where given."""
    found = []
    if alias is not None:
        found.append(pkcs12_bags.friendly_name(alias))
    if key_id is not None:
        found.append(pkcs12_bags.local_key_id(key_id))
    if trusted:
        found += pkcs12_bags.JAVA_TRUSTED
    return found


def cert_bag(certificate: bytes, *given: Attribute) -> Bag:
    """A certBag."""
    return encode_bag(pkcs12_bags.CERT_BAG, pkcs12_bags.certificate_value(certificate), given)
