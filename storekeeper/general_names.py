"""GeneralName (RFC 5280 section 4.2.1.6): the names in SANs, CRL and AIA locations."""

from __future__ import annotations

from . import der
from .errors import StorekeeperError
from .names import Name, printable


class GeneralName:
    """One GeneralName (RFC 5280 section 4.2.1.6).

    Attributes:
        kind: "dns", "ip", "email", "uri", "dirname", "rid", "other" (otherName, and
            whatever is unknown or malformed).
        value: the text as found; an IP in its usual notation, a directory name as RFC 4514
            writes it, an otherName as ``OID=text``, all else in hex. `str` of the name is
            safe for a terminal, this need not be.
    """

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: str) -> None:
        self.kind = kind
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GeneralName):
            return NotImplemented
        return (self.kind, self.value) == (other.kind, other.value)

    def __hash__(self) -> int:
        return hash((self.kind, self.value))

    def __str__(self) -> str:
        return printable(f"{self.kind}:{self.value}")

    __repr__ = __str__


_KINDS = {0x81: "email", 0x82: "dns", 0x86: "uri", 0x87: "ip", 0x88: "rid", 0xA4: "dirname"}


def general_name(value: der.Value, *, subtree: bool = False) -> GeneralName:
    """One GeneralName; whatever can't be read as its kind comes as "other" in hex.

    In a ``subtree`` of name constraints an IP address has a mask.
    """
    kind = _KINDS.get(value.tag, "other")
    content = value.content
    try:
        if kind in ("email", "dns", "uri"):
            return GeneralName(kind, content.decode("latin-1"))
        if kind == "rid":
            return GeneralName(kind, der.decode_oid(content))
        if kind == "dirname":
            name = Name(value.explicit("directoryName").raw)
            if name.rdns is not None:
                return GeneralName(kind, name.rfc4514())
        if kind == "ip" and len(content) in ((8, 32) if subtree else (4, 16)):
            return GeneralName(kind, _network(content) if subtree else _address(content))
        if value.tag == 0xA0:
            return GeneralName(kind, _other_name(value))
    except StorekeeperError:
        pass
    return GeneralName("other", content.hex())


def _other_name(value: der.Value) -> str:
    # RFC 5280: SEQUENCE { type-id, [0] EXPLICIT value }; here a user principal name is text.
    oid, explicit = value.items("otherName", at_least=2)[:2]
    inner = explicit.expect(0xA0, "otherName").explicit("otherName")
    if inner.tag in (der.UTF8_STRING, der.IA5_STRING, der.PRINTABLE_STRING):
        return f"{oid.oid('otherName')}={inner.content.decode('utf-8', 'replace')}"
    return f"{oid.oid('otherName')}=#{inner.raw.hex()}"


def _address(octets: bytes) -> str:
    if len(octets) == 4:
        return ".".join(map(str, octets))
    from ipaddress import IPv6Address

    return str(IPv6Address(octets))


def _network(octets: bytes) -> str:
    half = len(octets) // 2
    mask = int.from_bytes(octets[half:], "big")
    ones = mask.bit_count()
    whole = mask == ((1 << ones) - 1) << (half * 8 - ones)
    return f"{_address(octets[:half])}/{ones if whole else _address(octets[half:])}"
