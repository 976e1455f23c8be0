"""Certificate revocation lists (RFC 5280 section 5): read, made, checked."""

from __future__ import annotations

import re

from .. import der
from ..errors import Damaged, LimitExceeded, StorekeeperError, UsageError
from ..frozen import Frozen
from ..model import LIMITS
from ..names import Name
from ..times import parse_time
from ..x509 import facts
from . import keys
from .extensions import Extension, decode_all, encode_all
from .requests import blocks
from .signatures import algorithm_name, signer, verify
from .validity import time_value
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import ClassVar

    from ..model import Certificate

LABEL = "X509 CRL"
CRL_NUMBER = "2.5.29.20"
REASON = "2.5.29.21"
REASONS = {
    0: "unspecified",
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    8: "removeFromCRL",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}


class Revoked(Frozen):
    """One line of a list.

    Attributes:
        serial: of the certificate.
        date: of its revocation, seconds since 1970 UTC.
        extensions: of this entry.
    """

    serial: int
    date: int
    extensions: tuple[Extension, ...] = ()

    @property
    def reason(self) -> str | None:
        """RFC 5280's word for the reason, its number when unknown, None when not said."""
        for extension in self.extensions:
            if extension.oid == REASON:
                number = _enumerated(extension.value)
                return None if number is None else REASONS.get(number, str(number))
        return None


class Crl(Frozen):
    """A certificate revocation list.

    Attributes:
        der: as found.
        version: 1 or 2.
        issuer: who signed it.
        this_update: seconds since 1970 UTC.
        next_update: the same, or None when it is not said.
        revoked: in file order.
        extensions: of the list, in file order.
        signature_algorithm: as Java names it, or an OID.
    """

    der: bytes
    version: int
    issuer: Name
    this_update: int
    next_update: int | None = None
    revoked: tuple[Revoked, ...] = ()
    extensions: tuple[Extension, ...] = ()
    signature_algorithm: str = ""

    _hidden: ClassVar[frozenset[str]] = frozenset({"der"})  # megabytes

    @property
    def number(self) -> int | None:
        """The CRL number, or None when there is none that can be read."""
        for extension in self.extensions:
            if extension.oid == CRL_NUMBER:
                try:
                    return der.read(extension.value).integer("CRL number")
                except StorekeeperError:
                    return None
        return None


def read_all(data: bytes) -> tuple[Crl, ...]:
    """Every list in PEM, with any text around the blocks, or the one in DER.

    Raises:
        UnknownFormat: there is none.
        Damaged: one is broken.
        LimitExceeded: more blocks, or more revoked certificates, than `Limits.entries`.
    """
    return tuple(map(_crl, blocks(data, (LABEL, "CRL"), "revocation list")))


def signed_by(crl: Crl, certificate: Certificate) -> bool | None:
    """Whether the key of a certificate signed a list; None when that can't be told.

    Raises:
        Damaged: the certificate can't be read.
    """
    tbs, algorithm, signature = der.read(crl.der).items("revocation list", at_least=3)[:3]
    return verify(facts(certificate).spki, algorithm.raw, tbs.raw, signature.bits("signature"))


def make(
    issuer: Certificate,
    issuer_pkcs8: bytes,
    revoked: Iterable[Revoked],
    *,
    this_update: int,
    next_update: int,
    extensions: Iterable[Extension] = (),
    signature_algorithm: str | None = None,
    generation: int = keys.NEWEST,
) -> bytes:
    """DER of a list, as keytool's undocumented ``-gencrl`` makes it.

    Version 1 unless there is an extension somewhere, as there is for a reason.

    Args:
        issuer: whose subject becomes the issuer, byte for byte.
        issuer_pkcs8: its private key.
        revoked: in order.
        this_update: seconds since 1970 UTC.
        next_update: the same.
        extensions: of the list, in order; keytool writes none.
        signature_algorithm: keytool's ``-sigalg``; None for its default.
        generation: the Java whose default that is.

    Raises:
        UsageError: the key is not the certificate's, or can't sign so.
        Damaged: the certificate can't be read.
        Unsupported: as `keys.spki_of`.
    """
    if not keys.same_key(issuer_pkcs8, issuer):
        raise UsageError("the issuer's private key does not belong to its certificate")
    by = signer(issuer_pkcs8, signature_algorithm, generation=generation)
    entries = tuple(revoked)
    lines = [
        der.sequence(der.integer(one.serial), time_value(one.date), encode_all(one.extensions))
        for one in entries
    ]
    listed = encode_all(extensions)
    extended = listed or any(one.extensions for one in entries)
    tbs = der.sequence(
        der.integer(1) if extended else b"",
        by.algorithm,
        facts(issuer).subject.der,
        time_value(this_update),
        time_value(next_update),
        der.sequence(*lines) if lines else b"",
        der.explicit(0, listed) if listed else b"",
    )
    return der.sequence(tbs, by.algorithm, der.bit_string(by.sign(tbs)))


def pem(crl: bytes) -> bytes:
    """A list in PEM armour."""
    from ..formats.armor import armour

    return armour(LABEL, crl)


def reason(number: int) -> Extension:
    """The extension of an entry that says why; `UsageError` for a number of no reason."""
    if number not in REASONS:
        raise UsageError(f"{number} is no reason for a revocation", hint=_reasons())
    return Extension(REASON, False, der.encode(_ENUMERATED, bytes([number])))


def parse_id(text: str, date: int) -> Revoked:
    """A revoked certificate from ``-gencrl``'s ``-id SERIAL[:REASON]``.

    The serial number is decimal, as keytool has it, or hex after ``0x``; the reason one of
    `REASONS`, as a number or a word.

    Raises:
        UsageError: it is not so.
    """
    digits, colon, why = text.partition(":")
    hexadecimal = re.fullmatch("0[xX]([0-9a-fA-F]{1,40})", digits)
    if not hexadecimal and not re.fullmatch("-?[0-9]{1,48}", digits):
        raise UsageError(f"{digits[:60]!r} is no serial number", hint="decimal, or hex as 0x1F")
    serial = int(hexadecimal[1], 16) if hexadecimal else int(digits)
    if not colon:
        return Revoked(serial, date)
    words = {word.lower(): number for number, word in REASONS.items()}
    number = words.get(why.lower(), int(why) if re.fullmatch("[0-9]{1,3}", why) else -1)
    if number < 0:
        raise UsageError(
            f"{why!r} is no reason for a revocation", hint=meant(why, words) or _reasons()
        )
    return Revoked(serial, date, (reason(number),))


def _reasons() -> str:
    return ", ".join(f"{code} {word}" for code, word in REASONS.items())


_ENUMERATED = 0x0A


def _enumerated(value: bytes) -> int | None:
    try:
        found = der.only(value, "reason").expect(_ENUMERATED, "reason").content
    except StorekeeperError:
        return None
    return int.from_bytes(found, "big") if 0 < len(found) < 8 else None


def _crl(encoded: bytes) -> Crl:
    what = "revocation list"
    try:
        outer = der.only(encoded, what).expect(der.SEQUENCE, what).items(what, at_least=3)
        tbs, algorithm, signature = outer[:3]
        signature.bits("signature")
        fields = tbs.expect(der.SEQUENCE, "tbsCertList").items("tbsCertList", at_least=3)
        version = 1
        if fields[0].tag == der.INTEGER:
            version = fields.pop(0).count("version") + 1
        if len(fields) < 3:
            raise Damaged("tbsCertList: values are missing", offset=tbs.start)
        _, issuer, this, *rest = fields
        name = Name(issuer.expect(der.SEQUENCE, "issuer").raw)
        name.rdns  # noqa: B018 - read now, so that a broken one is found here
        next_update: int | None = None
        revoked: tuple[Revoked, ...] = ()
        extensions: tuple[Extension, ...] = ()
        for field in rest:
            if field.tag in (der.UTC_TIME, der.GENERALIZED_TIME):
                next_update = parse_time(field.tag, field.content)
            elif field.tag == der.SEQUENCE:
                revoked = _revoked(field)
            elif field.tag == 0xA0:
                extensions = decode_all(field.explicit("extensions"))
        return Crl(
            encoded,
            version,
            name,
            parse_time(this.tag, this.content),
            next_update,
            revoked,
            extensions,
            algorithm_name(algorithm.expect(der.SEQUENCE, "signature algorithm").raw),
        )
    except LimitExceeded:
        raise
    except StorekeeperError as error:
        raise Damaged(f"no revocation list: {error.message}", offset=error.offset) from None


def _revoked(listed: der.Value) -> tuple[Revoked, ...]:
    found: list[Revoked] = []
    for line in listed.children():
        if len(found) >= LIMITS.entries:
            raise LimitExceeded(f"a list of more than {LIMITS.entries} revoked certificates")
        parts = line.expect(der.SEQUENCE, "revoked certificate").items("revoked certificate", 2)
        found.append(
            Revoked(
                parts[0].integer("serial number"),
                parse_time(parts[1].tag, parts[1].content),
                decode_all(parts[2]) if len(parts) > 2 else (),
            )
        )
    return tuple(found)
