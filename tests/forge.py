"""Certificates built byte by byte: what no library would issue, signed all the same."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

from storekeeper import der
from storekeeper.errors import StorekeeperError
from tests import pki

AT = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
"""When every case is judged."""

DAY = 86_400

SIGNATURES = {
    "SHA256withRSA": "1.2.840.113549.1.1.11",
    "SHA384withRSA": "1.2.840.113549.1.1.12",
    "SHA512withRSA": "1.2.840.113549.1.1.13",
    "SHA224withRSA": "1.2.840.113549.1.1.14",
    "SHA1withRSA": "1.2.840.113549.1.1.5",
    "MD5withRSA": "1.2.840.113549.1.1.4",
    "SHA1withECDSA": "1.2.840.10045.4.1",
    "SHA224withECDSA": "1.2.840.10045.4.3.1",
    "SHA256withECDSA": "1.2.840.10045.4.3.2",
    "SHA384withECDSA": "1.2.840.10045.4.3.3",
    "SHA512withECDSA": "1.2.840.10045.4.3.4",
    "SHA256withDSA": "2.16.840.1.101.3.4.3.2",
    "SHA1withDSA": "1.2.840.10040.4.3",
    "Ed25519": "1.3.101.112",
    "Ed448": "1.3.101.113",
    "RSASSA-PSS": "1.2.840.113549.1.1.10",
}


_KEYS: dict[bytes, Any] = {}
_CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "P-224": ec.SECP224R1(),
    "P-192": ec.SECP192R1(),
    "secp256k1": ec.SECP256K1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
}


@functools.cache
def key(name: str, kind: str = "P-256") -> Any:
    """The key called ``name``, the same throughout a run."""
    made = _key(kind)
    _KEYS[spki(made)] = made
    return made


def key_of(certificate: bytes) -> Any:
    """The key of a certificate made here, None when it has none of ours."""
    try:
        fields = list(next(iter(der.read(certificate).children())).children())
    except StorekeeperError:
        return None
    return next((_KEYS[one.raw] for one in fields if one.raw in _KEYS), None)


@functools.cache
def key_of_seed(name: str, kind: str = "P-256") -> Any:
    """The key called ``name``, the same in every run: of an RSA one, the numbers are in a file."""
    number = int.from_bytes(hashlib.sha512(f"{kind} {name}".encode()).digest(), "big")
    if kind in _CURVES:
        # Of the smallest curve, so that it suits each.
        made: Any = ec.derive_private_key(number % 2**190 + 1, _CURVES[kind])
    elif kind == "Ed25519":
        made = ed25519.Ed25519PrivateKey.from_private_bytes(number.to_bytes(64, "big")[:32])
    else:
        made = serialization.load_pem_private_key(_rsa_keys()[f"{kind} {name}"], None)
    _KEYS[spki(made)] = made
    return made


@functools.cache
def _rsa_keys() -> dict[str, bytes]:
    text = (Path(__file__).parent / "vectors" / "random_world_keys.pem").read_text()
    parts = text.split("# ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2].encode() for part in parts}


def _key(kind: str) -> Any:
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind.startswith("DSA"):
        return dsa.generate_private_key(int(kind[3:]))
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "Ed448":
        return ed448.Ed448PrivateKey.generate()
    return ec.generate_private_key(_CURVES[kind])


def spki(private: Any) -> bytes:
    return pki.spki(private)


def name(text: str, *, tag: int = der.UTF8_STRING) -> bytes:
    """A name from "CN=a,O=b" (first is first in the file)."""
    oids = {"CN": "2.5.4.3", "O": "2.5.4.10", "OU": "2.5.4.11", "C": "2.5.4.6",
            "E": "1.2.840.113549.1.9.1"}  # fmt: skip
    rdns = []
    for part in text.split(",") if text else ():
        word, _, value = part.partition("=")
        kind = der.IA5_STRING if word == "E" else der.PRINTABLE_STRING if word == "C" else tag
        pair = der.sequence(der.oid(oids[word]), der.encode(kind, value.encode()))
        rdns.append(der.encode(0x31, pair))
    return der.sequence(*rdns)


def when(seconds: int) -> bytes:
    """A UTCTime or GeneralizedTime."""
    instant = datetime.fromtimestamp(seconds, UTC)
    if instant.year < 2050:
        return der.encode(0x17, instant.strftime("%y%m%d%H%M%SZ").encode())
    return der.encode(0x18, instant.strftime("%Y%m%d%H%M%SZ").encode())


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = der.encode(1, b"\xff") if critical else b""
    return der.sequence(der.oid(oid), flag, der.octet_string(value))


def basic(ca: bool = True, length: int | None = None, *, critical: bool = True) -> bytes:
    parts = [der.encode(1, b"\xff")] if ca else []
    if length is not None:
        parts.append(der.integer(length))
    return extension("2.5.29.19", der.sequence(*parts), critical=critical)


def usage(*bits: int, critical: bool = True) -> bytes:
    number = 0
    for bit in bits:
        number |= 1 << (15 - bit)
    raw = number.to_bytes(2, "big").rstrip(b"\0")
    unused = 0
    if raw:
        while not raw[-1] >> unused & 1:
            unused += 1
    return extension("2.5.29.15", der.encode(3, bytes([unused]) + raw), critical=critical)


def purposes(*oids: str, critical: bool = False) -> bytes:
    return extension("2.5.29.37", der.sequence(*map(der.oid, oids)), critical=critical)


SERVER, CLIENT, ANY = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"


def names(*values: tuple[str, bytes | str], critical: bool = False) -> bytes:
    return extension("2.5.29.17", general(*values), critical=critical)


def general(*values: tuple[str, bytes | str]) -> bytes:
    tags = {"dns": 0x82, "ip": 0x87, "email": 0x81, "uri": 0x86, "dir": 0xA4, "rid": 0x88,
            "other": 0xA0, "x400": 0xA3}  # fmt: skip
    return der.sequence(
        *(
            der.encode(tags[kind], value.encode() if isinstance(value, str) else value)
            for kind, value in values
        )
    )


def constraints(
    permitted: Sequence[tuple[str, bytes | str]] = (),
    excluded: Sequence[tuple[str, bytes | str]] = (),
    *,
    critical: bool = True,
) -> bytes:
    parts = []
    for tag, trees in ((0xA0, permitted), (0xA1, excluded)):
        if trees:
            bases = [der.sequence(next(iter(der.read(general(tree)).children())).raw)
                     for tree in trees]  # fmt: skip
            parts.append(der.encode(tag, *bases))
    return extension("2.5.29.30", der.sequence(*parts), critical=critical)


def subject_id(value: bytes) -> bytes:
    return extension("2.5.29.14", der.octet_string(value))


def authority_id(
    value: bytes | None = None, serial: int | None = None, issuer: bytes | None = None
) -> bytes:
    parts = []
    if value is not None:
        parts.append(der.encode(0x80, value))
    if serial is not None:
        parts.append(der.encode(0xA1, der.encode(0xA4, issuer or name("CN=x"))))
        content = der.read(der.integer(serial)).content
        parts.append(der.encode(0x82, content))
    return extension("2.5.29.35", der.sequence(*parts))


def algorithm(called: str) -> bytes:
    if called == "RSASSA-PSS":
        sha256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
        mgf = der.sequence(der.oid("1.2.840.113549.1.1.8"), sha256)
        return der.sequence(
            der.oid(SIGNATURES[called]),
            der.sequence(
                der.explicit(0, sha256), der.explicit(1, mgf), der.explicit(2, der.integer(32))
            ),
        )
    parts = [der.oid(SIGNATURES[called])]
    if called.endswith("RSA"):
        parts.append(der.null())
    return der.sequence(*parts)


def sign(private: Any, called: str, data: bytes) -> bytes:
    digest = called.partition("with")[0]
    if called in ("Ed25519", "Ed448"):
        return bytes(private.sign(data))
    if called == "RSASSA-PSS":
        return bytes(
            private.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        )
    chosen = getattr(hashes, digest)()
    if called.endswith("RSA"):
        return bytes(private.sign(data, padding.PKCS1v15(), chosen))
    if called.endswith("ECDSA"):
        return bytes(private.sign(data, ec.ECDSA(chosen, deterministic_signing=True)))
    return bytes(private.sign(data, chosen))


def usual_algorithm(private: Any) -> str:
    if isinstance(private, rsa.RSAPrivateKey):
        return "SHA256withRSA"
    if isinstance(private, dsa.DSAPrivateKey):
        return "SHA256withDSA"
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "Ed25519"
    if isinstance(private, ed448.Ed448PrivateKey):
        return "Ed448"
    return "SHA256withECDSA"


def make(
    subject: bytes | str,
    own: Any,
    issuer: bytes | str,
    signer: Any,
    *extensions: bytes,
    start: int = AT - 100 * DAY,
    end: int = AT + 100 * DAY,
    serial: int = 1,
    version: int = 3,
    called: str | None = None,
    inner: str | None = None,
    broken: bool = False,
) -> bytes:
    """The DER of a certificate."""
    called = called or usual_algorithm(signer)
    parts = [
        *([der.explicit(0, der.integer(version - 1))] if version > 1 else []),
        der.integer(serial),
        algorithm(inner or called),
        name(issuer) if isinstance(issuer, str) else issuer,
        der.sequence(when(start), when(end)),
        name(subject) if isinstance(subject, str) else subject,
        own if isinstance(own, bytes) else spki(own),
    ]
    if extensions:
        parts.append(der.explicit(3, der.sequence(*extensions)))
    tbs = der.sequence(*parts)
    signature = sign(signer, called, tbs)
    if broken:
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    return der.sequence(tbs, algorithm(called), der.bit_string(signature))
