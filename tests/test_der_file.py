from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from storekeeper import formats
from storekeeper.errors import Damaged, WriteRefused
from storekeeper.formats import pem_keys
from storekeeper.model import (
    Certificate,
    Opaque,
    Password,
    PrivateKey,
    Store,
    TrustedCert,
    replace,
)
from tests import pki

ROOT, OTHER = pki.certificate("Root"), pki.certificate("Other")


def test_a_certificate() -> None:
    store = formats.read(ROOT, path="root.der")
    assert store == Store("DER", (TrustedCert("Root", Certificate(ROOT)),))
    assert store.findings == ()
    assert formats.write(store) == ROOT


def test_base64_without_armour() -> None:
    text = base64.encodebytes(ROOT)
    store = formats.read(text)
    assert [c.der for c in store.certificates()] == [ROOT]
    assert [finding.code for finding in store.findings] == ["no-armour"]
    assert formats.write(store) == text
    assert formats.write(replace(store, layout=None)) == ROOT


def test_several_in_a_row() -> None:
    store = formats.read(ROOT + OTHER)
    assert [c.der for c in store.certificates()] == [ROOT, OTHER]
    assert store.findings[0].code == "several-certificates"
    assert formats.write(store) == ROOT + OTHER
    assert formats.write(replace(store, entries=store.entries[1:])) == OTHER
    with pytest.raises(WriteRefused, match="here are 2 entries"):
        formats.write(replace(store, layout=None))


@pytest.mark.parametrize(
    "rest",
    [b"\n", b"\0" * 100, ROOT[:50], b"0\x03\x02\x01\x05"],
    ids=["newline", "zeros", "half-a-certificate", "an-integer"],
)
def test_bytes_that_follow(rest: bytes) -> None:
    store = formats.read(ROOT + rest)
    assert store.entries[0] == TrustedCert("Root", Certificate(ROOT))
    assert isinstance(store.entries[1], Opaque)
    assert store.findings[0].message == f"{len(rest)} bytes follow at byte {len(ROOT)}"
    assert formats.write(store) == ROOT + rest


@pytest.mark.parametrize("kind", ["RSA", "EC", "DSA"])
@pytest.mark.parametrize(
    "form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL], ids=["pkcs8", "traditional"]
)
def test_keys(kind: str, form: PrivateFormat) -> None:
    key = pki.key("k", kind)
    data = key.private_bytes(Encoding.DER, form, NoEncryption())
    store = formats.read(data)
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert entry.chain == ()
    assert entry.pkcs8() == pki.openssl(
        "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", stdin=data
    )
    assert formats.write(store) == formats.write(replace(store, layout=None)) == data


def test_an_encrypted_key() -> None:
    data = pki.key().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    (entry,) = formats.read(data).entries
    assert isinstance(entry, PrivateKey)
    assert entry.sealed.scheme == "PBEWithHmacSHA256AndAES_256"
    assert entry.pkcs8("secret") == pki.pkcs8(pki.key())


def test_a_certificate_no_parser_takes() -> None:
    odd = b"0\x0e0\x0c\xa0\x03\x02\x01\x02\x02\x01\x010\x02\x05\x00"
    store = formats.read(odd)
    assert [c.der for c in store.certificates()] == [odd]
    assert [finding.code for finding in store.findings] == ["unreadable-entry"]


def test_cut_at_every_byte() -> None:
    for size in range(12, len(ROOT)):
        with pytest.raises(Damaged) as caught:
            formats.read(ROOT[:size])
        assert caught.value.offset is not None


def test_what_it_cannot_hold() -> None:
    key = pem_keys.seal_private_key(pki.pkcs8(pki.key("Root")), Password(None))
    with pytest.raises(WriteRefused, match="here is a private-key"):
        formats.write(Store("DER", (PrivateKey("k", (Certificate(ROOT),), key),)))
