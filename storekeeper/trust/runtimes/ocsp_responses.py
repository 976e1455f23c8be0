"""OCSP responses as a verdict needs them (RFC 6960 section 4.2), read as strictly as Java does."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from ... import der
from ...errors import Damaged, LimitExceeded, StorekeeperError
from ...frozen import Frozen
from ...model import Certificate
from ...names import Name
from ...times import parse_time
from ..issuance import match_key
from .revocation_lists import Line, read_extensions, reason_of

STATUSES = {
    0: "SUCCESSFUL",
    1: "MALFORMED_REQUEST",
    2: "INTERNAL_ERROR",
    3: "TRY_LATER",
    4: "UNUSED",
    5: "SIG_REQUIRED",
    6: "UNAUTHORIZED",
}
MOST_ANSWERS = 1_000
"""Of one response; responders answer for one certificate, a few for a whole chain."""

MOST_CERTIFICATES = 3
"""Sent with a response; java.base reads three."""

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_SHA1 = "1.3.14.3.2.26"

# Who issued, and the serial number: hash algorithm, of the name, of the key, number.
CertId = tuple[str, bytes, bytes, int]


class Single(Frozen):
    """The answer for one certificate.

    Attributes:
        status: "good", "revoked", "unknown".
        this_update, next_update: seconds since 1970 UTC; the latter None when it is not said.
        line: of a revoked one.
    """

    status: str
    this_update: int
    next_update: int | None = None
    line: Line | None = None


class Response(Frozen):
    """An OCSP response.

    Attributes:
        status: a value of `STATUSES`; of others than SUCCESSFUL nothing else is said.
        responder: `match_key` of the responder's name, or the SHA-1 of its key.
        answers: by certificate; the last one of a certificate counts.
        algorithm, signature, tbs: of its signature.
        certificates: sent with it.
    """

    status: str
    responder: object = None
    answers: tuple[tuple[CertId, Single], ...] = ()
    algorithm: bytes = b""
    signature: bytes = b""
    tbs: bytes = b""
    certificates: tuple[Certificate, ...] = ()


def cert_id(issuer_name: bytes, issuer_bits: bytes, serial: int) -> CertId:
    """How Java names a certificate in a request: by SHA-1, and by no other digest.

    Args:
        issuer_name: DER of the name.
        issuer_bits: the contents of the key's BIT STRING.
        serial: of the certificate.
    """
    return (
        _SHA1,
        hashlib.sha1(issuer_name, usedforsecurity=False).digest(),
        hashlib.sha1(issuer_bits, usedforsecurity=False).digest(),
        serial,
    )


def request(issuer_name: bytes, issuer_bits: bytes, serial: int) -> bytes:
    """The DER of a question about one certificate (RFC 6960 section 4.1.1), named as `cert_id`."""
    digest, name, bits, number = cert_id(issuer_name, issuer_bits, serial)
    named = der.sequence(
        der.sequence(der.oid(digest), der.null()),
        der.octet_string(name),
        der.octet_string(bits),
        der.integer(number),
    )
    return der.sequence(der.sequence(der.sequence(der.sequence(named))))


@lru_cache(maxsize=32)
def read(encoded: bytes) -> Response:
    """A response in DER.

    Raises:
        Damaged: it is none, or not a basic one.
        LimitExceeded: more than `MOST_ANSWERS`.
    """
    what = "OCSP response"
    try:
        fields = der.read(encoded).expect(der.SEQUENCE, what).items(what, at_least=1)
        status = STATUSES.get(int.from_bytes(fields[0].expect(0x0A, "status").content[:4], "big"))
        if status is None:
            raise Damaged("an unknown status")
        if status != "SUCCESSFUL":
            return Response(status)
        if len(fields) < 2 or fields[1].tag != 0xA0:
            raise Damaged("no response in it")
        kind, inner = fields[1].explicit("responseBytes").items("responseBytes", at_least=2)[:2]
        if kind.oid("response type") != _BASIC:
            raise Damaged("it is not of the basic type")
        return _basic(der.read(inner.octets("response")))
    except LimitExceeded:
        raise
    except StorekeeperError as error:
        raise Damaged(f"no OCSP response: {error.message}", offset=error.offset) from None


def _basic(basic: der.Value) -> Response:
    data, algorithm, signature, *more = basic.items("BasicOCSPResponse", at_least=3)
    fields = data.expect(der.SEQUENCE, "response data").items("response data", at_least=3)
    if fields[0].tag == 0xA0:
        fields.pop(0)
    who, produced, listed, *rest = fields
    parse_time(produced.expect(der.GENERALIZED_TIME, "producedAt").tag, produced.content)
    chosen = who.explicit("responder")
    responder: object
    if who.tag == 0xA1:
        responder = match_key(Name(chosen.expect(der.SEQUENCE, "responder").raw))
    elif who.tag == 0xA2:
        responder = chosen.octets("responder")
    else:
        raise Damaged("a responder without name or key")
    answers: dict[CertId, Single] = {}
    for number, one in enumerate(listed.expect(der.SEQUENCE, "responses").children()):
        if number >= MOST_ANSWERS:
            raise LimitExceeded(f"an OCSP response with more than {MOST_ANSWERS} answers")
        found, single = _single(one)
        answers[found] = single
    if rest and rest[0].tag == 0xA1:
        _refuse_critical(rest[0])
    certificates: tuple[Certificate, ...] = ()
    if more:
        sent = more[0].explicit("certificates").items("certificates")
        certificates = tuple(Certificate(one.raw) for one in sent)
    return Response(
        "SUCCESSFUL",
        responder,
        tuple(answers.items()),
        algorithm.expect(der.SEQUENCE, "signature algorithm").raw,
        signature.bits("signature"),
        data.raw,
        certificates,
    )


def _single(one: der.Value) -> tuple[CertId, Single]:
    named, status, this, *rest = one.items("answer", at_least=3)
    algorithm, name, key, serial = named.items("certificate", at_least=4)[:4]
    identity: CertId = (
        algorithm.items("digest", at_least=1)[0].oid("digest"),
        name.octets("issuer"),
        key.octets("key"),
        serial.integer("serial number"),
    )
    next_update: int | None = None
    extensions: tuple[str, ...] = ()
    for part in rest:
        if part.tag == 0xA0:
            value = part.explicit("nextUpdate")
            next_update = parse_time(value.tag, value.content)
        elif part.tag == 0xA1:
            extensions = _refuse_critical(part)
        else:
            raise Damaged("something unknown in an answer")
    line: Line | None = None
    number = status.tag & 0x1F
    if number == 1:
        parts = status.items("revoked", at_least=1)
        date = parse_time(parts[0].expect(der.GENERALIZED_TIME, "date").tag, parts[0].content)
        reason = "UNSPECIFIED"
        if len(parts) > 1 and parts[1].tag & 0x1F == 0:
            reason = reason_of(parts[1].explicit("reason"))
        line = Line(date, reason, extensions)
    elif number not in (0, 2):
        raise Damaged("an unknown status of a certificate")
    word = ("good", "revoked", "unknown")[number]
    return identity, Single(word, parse_time(this.tag, this.content), next_update, line)


def _refuse_critical(part: der.Value) -> tuple[str, ...]:
    found = read_extensions(part.explicit("extensions"))
    if any(critical for critical, _ in found.values()):
        raise Damaged("a critical extension nobody knows")
    return tuple(found)
