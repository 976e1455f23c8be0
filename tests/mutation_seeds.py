"""What mutations begin with: stores of every format, small, fixed, and cheap to open."""

from __future__ import annotations

import functools
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from storekeeper import der, formats
from storekeeper.formats import armor, encryption, jks_keys, pbe, pkcs12_write
from storekeeper.formats.ciphers import CIPHERS
from storekeeper.formats.schemes import Recipe
from storekeeper.model import (
    Certificate,
    Entry,
    Opaque,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)

PASSWORD = "changeit"

_VECTORS = Path(__file__).with_name("vectors") / "bouncycastle"


def _salts() -> Callable[[int], bytes]:
    counter = iter(range(1_000_000))
    return lambda size: sha256(b"salt %d" % next(counter)).digest()[:size].ljust(size, b"s")


@functools.cache
def private_key() -> bytes:
    return (_VECTORS / "key.der").read_bytes()


@functools.cache
def _certificate() -> Certificate:
    return Certificate((_VECTORS / "certificate.der").read_bytes())


def _jks(format: str) -> list[bytes]:
    password, salts = Password(PASSWORD), _salts()
    certificate = _certificate()
    private = (
        jks_keys.seal_private_key(private_key(), password, "JKS", random=salts)
        if format == "JKS"
        else jks_keys.seal_private_key(private_key(), password, "JCEKS", random=salts, iterations=2)
    )
    trusted = TrustedCert("Ünï 😀", certificate, 1_700_000_000_000)
    key = PrivateKey("key", (certificate, certificate), private, 1_700_000_000_000)
    stores: list[tuple[Entry, ...]] = [(trusted, key), (trusted,)]
    if format == "JCEKS":
        sealed = jks_keys.seal_secret(
            Secret("AES", bytes(16)), password, iterations=2, random=salts
        )
        stores = [(SecretKey("aes", sealed, 5), trusted), (SecretKey("aes", sealed, 5),), (key,)]
    return [formats.write(Store(format, entries), PASSWORD) for entries in stores]


def _pkcs12(name: str) -> list[bytes]:
    chosen = encryption.with_iterations(encryption.named(name), 2)
    password, salts = Password(PASSWORD), _salts()
    sealed = pkcs12_write.seal_private_key(private_key(), password, chosen, random=salts)
    secret = pkcs12_write.seal_secret(
        Secret("AES", bytes(16)), password, encryption.with_iterations(encryption.MODERN, 2),
        random=salts,
    )  # fmt: skip
    entries: tuple[Entry, ...] = (
        PrivateKey("key", (_certificate(),), sealed, 1_700_000_000_000),
        TrustedCert("Ünï 😀", _certificate()),
        SecretKey("aes", secret, 5),
    )

    def write(which: slice, mac: bool) -> bytes:
        found = chosen if mac else replace(chosen, mac=None)
        store = Store("PKCS12", entries[which])
        return pkcs12_write.write(store, password, encryption=found, random=_salts())

    return [write(slice(None), True), write(slice(None), False), write(slice(1, 2), False)]


def _scrypt() -> bytes:
    """An EncryptedPrivateKeyInfo whose key scrypt makes (RFC 7914), cheaply."""
    recipe = Recipe("scrypt", "sha256", CIPHERS["AES-256-CBC"], 1, 8, (16, 8, 1))
    return pbe.seal(private_key(), Password(PASSWORD), recipe, _salts())


def _pem() -> list[bytes]:
    certificate = armor.armour("CERTIFICATE", _certificate().der)
    key = armor.armour("PRIVATE KEY", private_key())
    inner = der.read(private_key()).items("")[2].octets("")
    sec1 = armor.armour("EC PRIVATE KEY", inner)
    chosen = encryption.with_iterations(encryption.MODERN, 2)
    locked = pkcs12_write.seal_private_key(
        private_key(), Password(PASSWORD), chosen, random=_salts()
    )
    legacy = armor.armour("RSA PRIVATE KEY", bytes(range(96))).replace(
        b"KEY-----\n", b"KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC," + b"0A" * 16
        + b"\n\n", 1,
    )  # fmt: skip
    trusted = armor.armour(
        "TRUSTED CERTIFICATE",
        _certificate().der + der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.3.1"))),
    )
    bag = b"Bag Attributes\n    friendlyName: one\n    localKeyID: 01 02\n"
    return [
        b"# roots\n\n# one\n" + certificate + certificate.replace(b"\n", b"\r\n") + trusted,
        bag + key + bag + certificate + sec1,
        armor.armour("ENCRYPTED PRIVATE KEY", locked.data) + certificate + legacy,
        armor.armour("PKCS7", _pkcs7()[0]) + armor.armour("X509 CRL", b"0\x03\x02\x01\x01"),
    ]


def _der() -> list[bytes]:
    chosen = encryption.with_iterations(encryption.MODERN, 2)
    locked = pkcs12_write.seal_private_key(
        private_key(), Password(PASSWORD), chosen, random=_salts()
    )
    inner = der.read(private_key()).items("")[2].octets("")
    rsa = der.sequence(*(der.integer(number) for number in (0, 3233, 17, 413, 61, 53, 53, 49, 38)))
    dsa = der.sequence(*(der.integer(number) for number in (0, 23, 11, 4, 8, 7)))
    encoded = _certificate().der
    return [encoded, encoded * 2, private_key(), locked.data, inner, rsa, dsa, _scrypt()]


def _pkcs7() -> list[bytes]:
    entries = (
        TrustedCert("", _certificate()),
        TrustedCert("", _certificate()),
        Opaque("", "certificate revocation list", b"0\x03\x02\x01\x01"),
    )
    data = formats.write(Store("PKCS7", entries))
    outer = der.read(data).items("")
    indefinite = b"0\x80" + outer[0].raw + b"\xa0\x80" + outer[1].content + b"\0\0\0\0"
    return [data, indefinite]


def _bks() -> list[bytes]:
    stores = [(_VECTORS / name).read_bytes() for name in ("1.72.bks", "1.72-v1.bks", "1.72.uber")]
    # 30 rounds in place of 1,800: the HMAC is wrong then, and what is read without a
    # password is the same.
    return [*stores, *(data[:28] + (30).to_bytes(4, "big") + data[32:] for data in stores)]


GROUPS: dict[str, Callable[[], list[bytes]]] = {
    "JKS": lambda: _jks("JKS"),
    "JCEKS": lambda: _jks("JCEKS"),
    "PKCS12-modern": lambda: _pkcs12("modern"),
    "PKCS12-java8": lambda: _pkcs12("java8"),
    "PKCS12-openssl1": lambda: _pkcs12("openssl1"),
    "PKCS12-passwordless": lambda: _pkcs12("passwordless"),
    "PKCS12-pbmac1": lambda: _pkcs12("pbmac1"),
    "PEM": _pem,
    "DER": _der,
    "PKCS7": _pkcs7,
    "BKS": _bks,
}
