"""TCP segments out of packets: link layers, VLANs, IPv4 and IPv6.

Sources: the list of link-layer types of tcpdump.org, RFC 791, RFC 8200, RFC 9293.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .capture_file import Packet

NULL, ETHERNET, RAW_BSD, RAW_OPENBSD, RAW, LOOP = 0, 1, 12, 14, 101, 108
LINUX_SLL, IPV4, IPV6, LINUX_SLL2 = 113, 228, 229, 276

SYN, FIN, RST, ACK = 0x02, 0x01, 0x04, 0x10

_IP4, _IP6, _PPPOE = 0x0800, 0x86DD, 0x8864
_TAGS = (0x8100, 0x88A8, 0x9100)
_TCP, _FRAGMENT, _AUTHENTICATION = 6, 44, 51
_SKIPPED = (0, 43, 60, 135)
_MOST_HEADERS = 8


class Segment:
    """A TCP segment.

    Attributes:
        source: address and port, "192.0.2.1:443" or "[2001:db8::1]:443".
        target: likewise.
        sequence: of its first byte.
        flags: `SYN`, `FIN`, `RST`, `ACK`.
        payload: what was captured of it.
        missing: bytes of it that were not captured.
    """

    __slots__ = ("flags", "missing", "payload", "sequence", "source", "target")

    def __init__(
        self, source: str, target: str, sequence: int, flags: int, payload: bytes, missing: int
    ) -> None:
        self.source = source
        self.target = target
        self.sequence = sequence
        self.flags = flags
        self.payload = payload
        self.missing = missing


class Fragment:
    """In place of a segment: an IP packet that was sent in pieces."""


def segment(packet: Packet) -> Segment | Fragment | None:
    """The TCP segment of a packet; None for anything else, and for what is cut too short."""
    try:
        return _ip(*_network(packet))
    except (struct.error, IndexError):
        return None


def known(link: int) -> bool:
    """Whether packets of this link layer can be read."""
    return link in (
        *(NULL, ETHERNET, RAW_BSD, RAW_OPENBSD, RAW, LOOP, LINUX_SLL, IPV4, IPV6, LINUX_SLL2),
    )


def _network(packet: Packet) -> tuple[bytes, int]:
    """(bytes from the IP header on, how many there were on the wire); (b"", 0) for no IP."""
    data, link = packet.data, packet.link
    if link == ETHERNET:
        kind, at = struct.unpack_from(">H", data, 12)[0], 14
    elif link == LINUX_SLL:
        kind, at = struct.unpack_from(">H", data, 14)[0], 16
    elif link == LINUX_SLL2:
        kind, at = struct.unpack_from(">H", data)[0], 20
    elif link in (NULL, LOOP):
        # A number for the address family that differs between systems; the version tells.
        kind, at = 0, 4
    elif link in (RAW_BSD, RAW_OPENBSD, RAW, IPV4, IPV6):
        kind, at = 0, 0
    else:
        return b"", 0
    for _ in range(4):
        if kind not in _TAGS:
            break
        kind, at = struct.unpack_from(">H", data, at + 2)[0], at + 4
    if kind == _PPPOE:
        kind, at = 0, at + 8
    if kind not in (0, _IP4, _IP6):
        return b"", 0
    return data[at:], packet.length - at


def _ip(data: bytes, length: int) -> Segment | Fragment | None:
    if not data:
        return None
    version = data[0] >> 4
    if version == 4:
        header = (data[0] & 15) * 4
        total, _, fragment = struct.unpack_from(">HHH", data, 2)
        # Zero where the network card cuts the packet only later.
        length = min(total, length) if total else length
        if data[9] != _TCP or header < 20:
            return None
        if fragment & 0x3FFF:
            return Fragment()
        ends = [".".join(map(str, data[at : at + 4])) for at in (12, 16)]
        return _tcp(data[header:length], length - header, ends)
    if version != 6:
        return None
    total, following = struct.unpack_from(">HB", data, 4)
    length = min(total + 40, length) if total else length
    at = 40
    for _ in range(_MOST_HEADERS):
        if following == _TCP:
            ends = [f"[{_address(data[place : place + 16])}]" for place in (8, 24)]
            return _tcp(data[at:length], length - at, ends)
        if following == _FRAGMENT:
            if struct.unpack_from(">H", data, at + 2)[0] & 0xFFF9:
                return Fragment()
            following, at = data[at], at + 8
        elif following in _SKIPPED:
            following, at = data[at], at + (data[at + 1] + 1) * 8
        elif following == _AUTHENTICATION:
            following, at = data[at], at + (data[at + 1] + 2) * 4
        else:
            return None
    return None


def _address(octets: bytes) -> str:
    from ipaddress import IPv6Address

    if len(octets) != 16:
        raise IndexError
    return str(IPv6Address(octets))


def _tcp(data: bytes, length: int, ends: list[str]) -> Segment | None:
    source, target, sequence, _, offset, flags = struct.unpack_from(">HHIIBB", data)
    header = (offset >> 4) * 4
    if header < 20:
        return None
    payload = data[header:]
    return Segment(
        f"{ends[0]}:{source}",
        f"{ends[1]}:{target}",
        sequence,
        flags,
        payload,
        max(length - header - len(payload), 0),
    )
