"""Certificates made: self-signed, and issued by another (RFC 5280 section 4.1).

Names go into a certificate byte for byte as they were given, so that an issued certificate
chains to its issuer whatever string types the issuer's name is made of.
"""

from __future__ import annotations

import secrets

from .. import der
from ..errors import Damaged, Unsupported, UsageError
from ..model import Certificate
from ..x509 import facts
from . import keys
from .ext_text import Asked, honour
from .extensions import authority_key_id, encode_all, key_id, ordered, subject_key_id
from .signatures import signer
from .validity import end_of, time_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..names import Name
    from .extensions import Extension
    from .requests import Request
    from .signatures import Signer

_SERIAL_BITS = 159  # 20 octets, of which the first bit is the sign
VALIDITY_DAYS = 90
"""keytool's ``-validity`` when it is not given."""


def self_signed(
    pkcs8: bytes,
    subject: Name,
    *,
    not_before: int,
    days: int = VALIDITY_DAYS,
    not_after: int | None = None,
    extensions: Iterable[Extension] = (),
    serial: int | None = None,
    signature_algorithm: str | None = None,
    generation: int = keys.NEWEST,
) -> Certificate:
    """A certificate of a key for itself, as ``keytool -genkeypair`` makes it.

    A subject key identifier is added where ``extensions`` has none.

    Args:
        pkcs8: the private key.
        subject: subject and issuer.
        not_before: seconds since 1970 UTC.
        days: validity; not used when ``not_after`` is given.
        not_after: seconds since 1970 UTC.
        extensions: put into keytool's order; the last of each kind counts.
        serial: positive; 64 random bits when None.
        signature_algorithm: keytool's ``-sigalg``; None for its default.
        generation: the Java whose default that is.

    Raises:
        UsageError: the key can't sign, or an argument makes no certificate.
        Damaged, Unsupported: as `keys.spki_of`.
    """
    by = signer(pkcs8, signature_algorithm, generation=generation)
    tbs = _tbs(
        by.algorithm,
        serial,
        (subject, subject),
        (not_before, end_of(not_before, days) if not_after is None else not_after),
        by.spki,
        _with_key_ids(extensions, by.spki, None),
    )
    return _assembled(tbs, by)


def issue(
    spki: bytes,
    subject: Name,
    issuer: Certificate,
    issuer_pkcs8: bytes,
    *,
    not_before: int,
    days: int = VALIDITY_DAYS,
    not_after: int | None = None,
    extensions: Iterable[Extension] = (),
    serial: int | None = None,
    signature_algorithm: str | None = None,
    generation: int = keys.NEWEST,
) -> Certificate:
    """A certificate for a public key, signed by an issuer, as ``keytool -gencert`` makes it.

    Key identifiers of subject and authority are added where ``extensions`` has none; the
    authority's is the issuer's own subject key identifier where it has one. Whether the issuer
    may issue (CA, validity) is not judged here.

    Args:
        spki: DER of the subject's public key.
        subject: the subject.
        issuer: the issuer's certificate, whose subject becomes the issuer, byte for byte.
        issuer_pkcs8: the issuer's private key.
        not_before: as for `self_signed`, and so are all others.
        days: validity.
        not_after: its end.
        extensions: what to say of the subject.
        serial: a number this issuer has not used.
        signature_algorithm: one that fits the issuer's key.
        generation: the Java to be like.

    Raises:
        UsageError: the issuer's key is not the one of its certificate, or as `self_signed`.
        Damaged: the issuer's certificate can't be read.
        Unsupported: as `keys.spki_of`.
    """
    if not keys.same_key(issuer_pkcs8, issuer):
        raise UsageError("the issuer's private key does not belong to its certificate")
    found = facts(issuer)
    by = signer(issuer_pkcs8, signature_algorithm, generation=generation)
    identifier = found.subject_key_id or key_id(subject_key_id(found.spki))
    tbs = _tbs(
        by.algorithm,
        serial,
        (found.subject, subject),
        (not_before, end_of(not_before, days) if not_after is None else not_after),
        spki,
        _with_key_ids(extensions, spki, identifier),
    )
    return _assembled(tbs, by)


def answer(
    request: Request,
    issuer: Certificate,
    issuer_pkcs8: bytes,
    *,
    not_before: int,
    asked: Asked | None = None,
    subject: Name | None = None,
    days: int = VALIDITY_DAYS,
    not_after: int | None = None,
    serial: int | None = None,
    signature_algorithm: str | None = None,
    generation: int = keys.NEWEST,
) -> Certificate:
    """A certificate for a request, as ``keytool -gencert`` makes it.

    Args:
        request: what was asked; it must be signed by its own key, which proves that whoever
            asks has it.
        issuer: as for `issue`, and so are all others.
        issuer_pkcs8: its private key.
        not_before: seconds since 1970 UTC.
        asked: extensions to add, and by ``honored=`` those to take over from the request;
            nothing is taken over unasked, and what is added replaces what is taken over.
        subject: another subject than the one asked for.
        days: validity.
        not_after: its end.
        serial: a number this issuer has not used.
        signature_algorithm: one that fits the issuer's key.
        generation: the Java to be like.

    Raises:
        Damaged: the request is signed by another key, or changed.
        Unsupported: whether it is can't be told.
        UsageError: as `issue`.
    """
    if request.verified is None:
        raise Unsupported(f"the signature of the request ({request.signature_algorithm})")
    if not request.verified:
        raise Damaged(
            "the request is not signed by its own key",
            hint="ask for it again: it was changed on the way, or is not the asker's",
        )
    wanted = asked or Asked()
    return issue(
        request.spki,
        subject or request.subject,
        issuer,
        issuer_pkcs8,
        not_before=not_before,
        days=days,
        not_after=not_after,
        extensions=(*honour(request.extensions, wanted.honoured), *wanted.extensions),
        serial=serial,
        signature_algorithm=signature_algorithm,
        generation=generation,
    )


def _with_key_ids(
    asked: Iterable[Extension], spki: bytes, authority: bytes | None
) -> tuple[Extension, ...]:
    """The extensions in keytool's order, with the key identifiers it adds unless asked for."""
    added = [subject_key_id(spki)]
    if authority is not None:
        added.append(authority_key_id(authority))
    return ordered([*added, *asked])


def _tbs(
    algorithm: bytes,
    serial: int | None,
    names: tuple[Name, Name],
    validity: tuple[int, int],
    spki: bytes,
    extensions: tuple[Extension, ...],
) -> bytes:
    """DER of a TBSCertificate of version 3; ``names`` are issuer and subject."""
    serial = random_serial() if serial is None else serial
    if serial <= 0 or serial.bit_length() > _SERIAL_BITS:
        raise UsageError("a serial number is positive and has at most 20 bytes (RFC 5280)")
    not_before, not_after = validity
    if not_after < not_before:
        raise UsageError("the validity ends before it begins")
    issuer, subject = names
    return der.sequence(
        der.explicit(0, der.integer(2)),
        der.integer(serial),
        algorithm,
        issuer.der,
        der.sequence(time_value(not_before), time_value(not_after)),
        subject.der,
        spki,
        der.explicit(3, encode_all(extensions)),
    )


def random_serial(bits: int = 64) -> int:
    """A serial number nobody has used (RFC 5280 section 4.1.2.2): positive, of that many bits.

    The highest bit is always set, so that every serial has the same length.
    """
    return secrets.randbits(bits - 1) | 1 << bits - 1


def _assembled(tbs: bytes, by: Signer) -> Certificate:
    signature = by.sign(tbs)
    return Certificate(der.sequence(tbs, by.algorithm, der.bit_string(signature)))
