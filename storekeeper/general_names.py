"""GeneralName (RFC 5280 section 4.2.1.6): the names in SANs, CRL and AIA locations."""

from __future__ import annotations

from . import der
from .errors import StorekeeperError
from .names import Name


class GeneralName:
    """One GeneralName (RFC 5280 section 4.2.1.6).

    Attributes:
        kind: "dns", "ip", "email", "uri", "dirname", "rid", "other" ([0] and what is unknown).
        value: text for people; an IP in its usual notation, other names in hex.
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
        return f"{self.kind}:{self.value}"

    __repr__ = __str__


_GENERAL_NAMES = {0x81: "email", 0x82: "dns", 0x86: "uri", 0x87: "ip", 0x88: "rid", 0xA4: "dirname"}


def general_name(value: der.Value) -> GeneralName:
    """One GeneralName; whatever can't be read as its kind comes as "other" in hex."""
    kind = _GENERAL_NAMES.get(value.tag, "other")
    content = value.content
    try:
        if kind in ("email", "dns", "uri"):
            return GeneralName(kind, content.decode("latin-1"))
        if kind == "rid":
            return GeneralName(kind, der.decode_oid(content))
        if kind == "dirname":
            return GeneralName(kind, Name(value.explicit("directoryName").raw).rfc4514())
        if kind == "ip" and len(content) in (4, 16):
            return GeneralName(kind, _ip_text(content))
    except StorekeeperError:
        pass
    return GeneralName("other", content.hex())


def _ip_text(address: bytes) -> str:
    if len(address) == 4:
        return ".".join(map(str, address))
    from ipaddress import IPv6Address

    return str(IPv6Address(address))
