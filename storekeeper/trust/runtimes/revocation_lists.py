"""Certificate revocation lists as a verdict needs them (RFC 5280 section 5).

Only looked up, never shown: a line of the list is found by its serial number, and what a
runtime has to understand before it may use the list is told apart from what it may skip.
"""

from __future__ import annotations

from functools import lru_cache

from ... import der
from ...errors import Damaged, LimitExceeded, StorekeeperError
from ...frozen import Frozen
from ...model import LIMITS
from ...names import Name
from ...times import parse_time
from ..issuance import match_key
from .java_hash import hash_order
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from .seen import Seen

DISTRIBUTION_POINT = "2.5.29.28"
DELTA = "2.5.29.27"
_AUTHORITY_KEY, _REASON, _CERTIFICATE_ISSUER = "2.5.29.35", "2.5.29.21", "2.5.29.29"

REASONS = {
    0: "UNSPECIFIED",
    1: "KEY_COMPROMISE",
    2: "CA_COMPROMISE",
    3: "AFFILIATION_CHANGED",
    4: "SUPERSEDED",
    5: "CESSATION_OF_OPERATION",
    6: "CERTIFICATE_HOLD",
    7: "UNUSED",
    8: "REMOVE_FROM_CRL",
    9: "PRIVILEGE_WITHDRAWN",
    10: "AA_COMPROMISE",
}
"""Reasons by their number, as java.security.cert.CRLReason spells them."""


class Line(Frozen):
    """What a list, or a response, says of a revoked certificate.

    Attributes:
        date: of the revocation, seconds since 1970 UTC.
        reason: a value of `REASONS`.
        extensions: OIDs of the line's extensions, in file order.
        unknown: OIDs of those that are critical and that nobody knows.
    """

    date: int
    reason: str = "UNSPECIFIED"
    extensions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def revoked(line: Line, authority: str, one: Seen) -> Refused:
    """The refusal of a revoked certificate, as CertificateRevokedException words it."""
    from .simple import java_date

    oids = ", ".join(hash_order(line.extensions))
    return Refused(
        f"Certificate has been revoked, reason: {line.reason}, revocation date: "
        f"{java_date(line.date)}, authority: {authority}, extension OIDs: [{oids}]",
        "revoked",
        one.certificate,
    )


class Point(Frozen):
    """An issuing distribution point (RFC 5280 section 5.2.5).

    Attributes:
        names: DER of its full names; () without any.
        relative: it has a name relative to the issuer instead.
        only_users, only_cas, only_attributes: which certificates the list is for.
        reasons: a bit for each reason it is for (`reason_bits`), None for all.
        indirect: it is also for certificates of other issuers.
    """

    names: tuple[bytes, ...] = ()
    relative: bool = False
    only_users: bool = False
    only_cas: bool = False
    only_attributes: bool = False
    reasons: int | None = None
    indirect: bool = False


class RevocationList(Frozen):
    """A list of revoked certificates.

    Attributes:
        der: as given.
        issuer: `match_key` of who signed it.
        name: of the issuer, as X500Principal.toString prints it.
        this_update, next_update: seconds since 1970 UTC; the latter None when it is not said.
        lines: by the issuer as X500Principal.toString prints it, by which Java looks them up, and
            serial number; the first line of both counts.
        algorithm, signature, tbs: of its signature.
        key_id: of the issuer's key, None when it is not said.
        critical: OIDs of its critical extensions.
        point: its distribution point, or None.
    """

    der: bytes
    issuer: object
    name: str
    this_update: int
    next_update: int | None
    lines: dict[tuple[str, int], Line]
    algorithm: bytes
    signature: bytes
    tbs: bytes
    key_id: bytes | None = None
    critical: frozenset[str] = frozenset()
    point: Point | None = None

    _hidden: ClassVar[frozenset[str]] = frozenset({"der", "tbs", "lines"})  # megabytes
    _uncompared: ClassVar[frozenset[str]] = frozenset({"lines"})


@lru_cache(maxsize=32)
def read(encoded: bytes) -> RevocationList:
    """A list in DER.

    Raises:
        Damaged: it is none.
        LimitExceeded: it has more lines than `Limits.entries`.
    """
    what = "revocation list"
    try:
        outer = der.only(encoded, what).expect(der.SEQUENCE, what).items(what, at_least=3)
        tbs, algorithm, signature = outer[:3]
        fields = tbs.expect(der.SEQUENCE, what).items("tbsCertList", at_least=3)
        if fields[0].tag == der.INTEGER:
            fields.pop(0)
        if len(fields) < 3:
            raise Damaged("tbsCertList: values are missing", offset=tbs.start)
        inner, issuer, this, *rest = fields
        if inner.raw != algorithm.raw:
            raise Damaged("the algorithm inside and that of the signature differ")
        name = Name(issuer.expect(der.SEQUENCE, "issuer").raw)
        next_update: int | None = None
        lines: dict[tuple[str, int], Line] = {}
        extensions: dict[str, tuple[bool, bytes]] = {}
        for field in rest:
            if field.tag in (der.UTC_TIME, der.GENERALIZED_TIME):
                next_update = parse_time(field.tag, field.content)
            elif field.tag == der.SEQUENCE:
                lines = _lines(field, name.java())
            elif field.tag == 0xA0:
                extensions = read_extensions(field.explicit("extensions"))
        return RevocationList(
            encoded,
            match_key(name),
            name.java(),
            parse_time(this.tag, this.content),
            next_update,
            lines,
            algorithm.expect(der.SEQUENCE, "signature algorithm").raw,
            signature.bits("signature"),
            tbs.raw,
            _key_id(extensions),
            frozenset(oid for oid, (critical, _) in extensions.items() if critical),
            _point(extensions[DISTRIBUTION_POINT][1]) if DISTRIBUTION_POINT in extensions else None,
        )
    except LimitExceeded:
        raise
    except StorekeeperError as error:
        raise Damaged(f"no revocation list: {error.message}", offset=error.offset) from None


def read_extensions(listed: der.Value) -> dict[str, tuple[bool, bytes]]:
    """Extensions by their OID: whether critical, and the value; the first of an OID counts."""
    found: dict[str, tuple[bool, bytes]] = {}
    for part in listed.children():
        fields = part.items("extension", at_least=2)
        critical = len(fields) > 2 and fields[1].content not in (b"", b"\0")
        found.setdefault(fields[0].oid("extension"), (critical, fields[-1].octets("extension")))
    return found


def _lines(listed: der.Value, issuer: str) -> dict[tuple[str, int], Line]:
    found: dict[tuple[str, int], Line] = {}
    for number, line in enumerate(listed.children()):
        if number >= LIMITS.entries:
            raise LimitExceeded(f"a list of more than {LIMITS.entries} revoked certificates")
        parts = line.items("revoked certificate", at_least=2)
        extensions = read_extensions(parts[2]) if len(parts) > 2 else {}
        if _CERTIFICATE_ISSUER in extensions:
            # RFC 5280 section 5.3.3: it holds for the lines that follow, too.
            names = der.read(extensions[_CERTIFICATE_ISSUER][1]).items("issuer", at_least=1)
            issuer = Name(names[0].explicit("issuer").raw).java()
        critical = {oid for oid, (critical, _) in extensions.items() if critical}
        found.setdefault(
            (issuer, parts[0].integer("serial number")),
            Line(
                parse_time(parts[1].tag, parts[1].content),
                _reason(extensions),
                tuple(extensions),
                tuple(critical - {_REASON, _CERTIFICATE_ISSUER}),
            ),
        )
    return found


def _reason(extensions: dict[str, tuple[bool, bytes]]) -> str:
    if _REASON not in extensions:
        return "UNSPECIFIED"
    return reason_of(der.read(extensions[_REASON][1]))


def reason_of(value: der.Value) -> str:
    """The reason an ENUMERATED stands for."""
    number = int.from_bytes(value.content[:4], "big")
    return REASONS.get(number, "UNSPECIFIED")


def _key_id(extensions: dict[str, tuple[bool, bytes]]) -> bytes | None:
    if _AUTHORITY_KEY not in extensions:
        return None
    for part in der.read(extensions[_AUTHORITY_KEY][1]).children():
        if part.tag == 0x80:
            return part.content
    return None


ALL_REASONS = 0x1FF
"""A bit for each of the nine flags of RFC 5280 section 4.2.1.13, the first one highest."""


def reason_bits(content: bytes) -> int:
    """The flags of a ReasonFlags, given the contents of its BIT STRING."""
    bits = int.from_bytes((content[1:] + b"\0\0")[:2], "big")
    return bits >> 7


def _point(encoded: bytes) -> Point:
    names: tuple[bytes, ...] = ()
    relative = False
    reasons: int | None = None
    flags: dict[int, bool] = {}
    for part in der.read(encoded).children():
        if part.tag == 0xA0:
            names, relative = point_name(part)
        elif part.tag == 0x83:
            reasons = reason_bits(part.content)
        else:
            flags[part.tag & 0x1F] = part.content not in (b"", b"\0")
    only = (flags.get(1, False), flags.get(2, False), flags.get(5, False))
    return Point(names, relative, *only, reasons, flags.get(4, False))


def point_name(part: der.Value) -> tuple[tuple[bytes, ...], bool]:
    """The full names of a DistributionPointName in its explicit tag, and whether it has a
    relative name instead.
    """
    choice = part.explicit("distribution point name")
    if choice.tag == 0xA1:
        return (), True
    return tuple(one.raw for one in choice.children()), False
