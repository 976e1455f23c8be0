"""Throwaway keys and certificates, made by `cryptography` once a run.

Keys are elliptic so that a whole run makes hundreds without noticing; names and serials are
given, so only keys and signatures differ from run to run.
"""

from __future__ import annotations

import functools
import subprocess
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from storekeeper.model import Certificate

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey
AnyKey = PrivateKey | ed25519.Ed25519PrivateKey


def key(name: str = "one", kind: str = "EC") -> AnyKey:
    """The key called ``name``, the same one throughout a run."""
    return _key(name, kind)


@functools.cache
def _key(_name: str, kind: str) -> AnyKey:
    match kind:
        case "EC":
            return ec.generate_private_key(ec.SECP256R1())
        case "RSA":
            return rsa.generate_private_key(65537, 2048)
        case "DSA":
            return dsa.generate_private_key(2048)
        case "Ed25519":
            return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(kind)


def pkcs8(private: AnyKey) -> bytes:
    """Its PrivateKeyInfo."""
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def spki(private: AnyKey) -> bytes:
    """Its SubjectPublicKeyInfo."""
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@functools.cache
def certificate(
    subject: str, issuer: str | None = None, *, ca: bool | None = None, kind: str = "EC"
) -> bytes:
    """DER of a certificate; subject and issuer name both their CN and their key."""
    issuer = subject if issuer is None else issuer
    signer = key(issuer, "EC" if issuer != subject else kind)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key(subject, kind).public_key())
        .serial_number(1 + sum(subject.encode()))
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.BasicConstraints(ca=subject == issuer if ca is None else ca, path_length=None),
            critical=True,
        )
    )
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(signer, digest).public_bytes(Encoding.DER)


def cert(subject: str, issuer: str | None = None, **options: bool) -> Certificate:
    """The same as a `Certificate`."""
    return Certificate(certificate(subject, issuer, **options))


def pem(label: str, der: bytes) -> bytes:
    """One armoured block, by OpenSSL's rules and none of our code."""
    from base64 import encodebytes

    text = encodebytes(der).replace(b"\n", b"")
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    name = label.encode()
    return b"-----BEGIN " + name + b"-----\n" + lines + b"\n-----END " + name + b"-----\n"


def openssl(*args: str, stdin: bytes = b"") -> bytes:
    """What the openssl command line prints; fails with what it says."""
    done = subprocess.run(["openssl", *args], input=stdin, capture_output=True, timeout=60)
    assert done.returncode == 0, f"openssl {' '.join(args)}: {done.stderr.decode()}"
    return done.stdout


@functools.cache
def oracle_identity(kind: str = "EC") -> tuple[bytes, bytes]:
    """A certificate and its key (PKCS#8), for a handshake with nobody in particular."""
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if kind == "EC":
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = rsa.generate_private_key(65537, 3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(private, SHA256())
    )
    return made.public_bytes(Encoding.DER), pkcs8(private)
