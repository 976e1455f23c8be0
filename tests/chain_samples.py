"""Certificates of any names, keys and identifiers, made to be put in order."""

from __future__ import annotations

import functools
import warnings
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
)
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from storekeeper import der
from storekeeper.model import Certificate
from storekeeper.x509 import facts
from tests import pki

PASSWORD = "changeit"


@functools.cache
def made(
    subject: str,
    issuer: str | None = None,
    *,
    key: str | None = None,
    signer: str | None = None,
    ca: bool = True,
    until: int = 2046,
    ids: bool = False,
    printable: bool = False,
) -> Certificate:
    """A certificate; key and signer are called after subject and issuer unless given."""
    issuer = subject if issuer is None else issuer
    key, signer = key or subject, signer or (key if issuer == subject and key else issuer)
    kind = _ASN1Type.PrintableString if printable else _ASN1Type.UTF8String

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, kind)])

    public = pki.key(key).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(public)
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(until, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if ids:
        theirs = x509.AuthorityKeyIdentifier.from_issuer_public_key(pki.key(signer).public_key())
        builder = builder.add_extension(theirs, critical=False)
        own = x509.SubjectKeyIdentifier.from_public_key(public)
        builder = builder.add_extension(own, critical=False)
    private = pki.key(signer)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return Certificate(builder.sign(private, SHA256()).public_bytes(Encoding.DER))


def unverifiable(certificate: Certificate) -> Certificate:
    """The same, signed with an algorithm nobody knows."""
    parts = der.read(certificate.der).items("certificate", at_least=3)
    odd = der.sequence(der.oid("1.3.6.1.4.1.99999.1"))
    return Certificate(der.sequence(parts[0].raw, odd, parts[2].raw))


def really_signed(issuer: Certificate, certificate: Certificate) -> bool:
    """What cryptography says; both names compared byte for byte."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, own = (x509.load_der_x509_certificate(one.der) for one in (issuer, certificate))
        try:
            own.verify_directly_issued_by(theirs)
        except (InvalidSignature, ValueError, TypeError):
            return False
    return True


ROOT, MIDDLE = made("Root"), made("Middle", "Root")
LEAF = made("leaf", "Middle", ca=False)


def until(path: tuple[Certificate, ...]) -> int:
    return min(facts(one).not_after or 0 for one in path)
