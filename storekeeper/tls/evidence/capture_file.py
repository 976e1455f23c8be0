"""Packets out of capture files: pcap and pcapng (IETF drafts opsawg-pcap and opsawg-pcapng).

Nothing of a packet is read here but its bytes and its time. A cut file gives the packets
before the cut, and a note.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_PACKET = 1024 * 1024
"""More than any capture program writes (tcpdump: 262,144)."""

MOST_PACKETS = 2_000_000

_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_FILE_HEADER, _PACKET_HEADER = 24, 16
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_RESOLUTION, _OFFSET = 9, 14
_MOST_INTERFACES = 1_000


class Packet:
    """One packet.

    Attributes:
        number: counted from 1, as Wireshark does.
        at: seconds since 1970; None where the file does not tell.
        link: type of its link layer (LINKTYPE_...).
        data: what was captured of it.
        length: of the packet on the wire.
        little: whether the file was written by a little-endian machine.
    """

    __slots__ = ("at", "data", "length", "link", "little", "number")

    def __init__(
        self, number: int, at: int | None, link: int, data: bytes, length: int, little: bool
    ) -> None:
        self.number = number
        self.at = at
        self.link = link
        self.data = data
        self.length = length
        self.little = little


def is_capture(data: bytes) -> bool:
    """Whether the bytes begin as a capture."""
    return data[:4] in _PCAP or data[:4] == _PCAPNG


def packets(data: bytes, notes: list[str]) -> Iterator[Packet]:
    """The packets of a capture, up to where it is cut or damaged.

    Args:
        data: the file.
        notes: gets a sentence for what could not be read.
    """
    if data[:4] in _PCAP:
        found = _pcap(data, notes)
    elif data[:4] == _PCAPNG:
        found = _pcapng(data, notes)
    else:
        notes.append("this is no capture")
        return
    for packet in found:
        if packet.number > MOST_PACKETS:
            notes.append(f"only the first {MOST_PACKETS:,} packets were read")
            return
        yield packet


def _pcap(data: bytes, notes: list[str]) -> Iterator[Packet]:
    order, fraction = _PCAP[data[:4]]
    if len(data) < _FILE_HEADER:
        notes.append("the file is cut in its header")
        return
    # The upper bits tell of checksums behind the packets, the lower sixteen the type.
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    at = _FILE_HEADER
    number = 0
    while at < len(data):
        if len(data) - at < _PACKET_HEADER:
            notes.append(f"the file is cut after packet {number}")
            return
        seconds, part, captured, length = struct.unpack_from(order + "4I", data, at)
        at += _PACKET_HEADER
        number += 1
        if captured > LONGEST_PACKET or part >= fraction * 2:
            notes.append(f"packet {number} is damaged, and what follows can't be found")
            return
        taken = data[at : at + captured]
        yield Packet(number, seconds, link, taken, max(length, captured), order == "<")
        at += captured
        if len(taken) < captured:
            notes.append(f"the file is cut in packet {number}")
            return


class _Interface:
    """Where packets of a pcapng come from.

    Attributes:
        link: type of its link layer.
        snap: longest part of a packet that is kept; 0 for all.
        units: of its clock, a second.
        shift: seconds to add.
    """

    def __init__(self, body: bytes, order: str) -> None:
        self.link, _, self.snap = struct.unpack_from(order + "HHI", body)
        self.units, self.shift = 1_000_000, 0
        for code, value in _options(body[8:], order):
            if code == _RESOLUTION and value:
                power = value[0] & 0x7F
                # Finer than 2^-63 or 10^-18 seconds no 64 bits can tell.
                if value[0] & 0x80:
                    self.units = 1 << min(power, 63)
                else:
                    self.units = 10 ** min(power, 18)
            elif code == _OFFSET and len(value) == 8:
                self.shift = struct.unpack(order + "q", value)[0]

    def seconds(self, high: int, low: int) -> int:
        """Since 1970."""
        return int((high << 32 | low) // self.units) + self.shift


def _options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while len(data) - at >= 4:
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4 : at + 4 + length]
        at += 4 + (length + 3 & ~3)


def _pcapng(data: bytes, notes: list[str]) -> Iterator[Packet]:
    order = "<"
    interfaces: list[_Interface] = []
    at = number = 0
    while at < len(data):
        if len(data) - at < 12:
            notes.append(f"the file is cut after packet {number}")
            return
        if data[at : at + 4] == _PCAPNG:
            order = ">" if data[at + 8 : at + 12] == b"\x1a\x2b\x3c\x4d" else "<"
            interfaces = []
        kind, length = struct.unpack_from(order + "2I", data, at)
        if length < 12 or length % 4:
            notes.append(f"a block of {length} bytes after packet {number}: the file is damaged")
            return
        body = data[at + 8 : min(at + length - 4, len(data))]
        cut = at + length > len(data)
        at += length
        if kind == _INTERFACE and len(body) >= 8 and len(interfaces) < _MOST_INTERFACES:
            interfaces.append(_Interface(body, order))
        elif kind in (_ENHANCED, _OLD_PACKET, _SIMPLE):
            number += 1
            packet = _packet(kind, body, order, interfaces, number)
            if packet is None:
                notes.append(f"packet {number} is damaged")
            else:
                yield packet
        if cut:
            notes.append(f"the file is cut after packet {number}")
            return


def _packet(
    kind: int, body: bytes, order: str, interfaces: list[_Interface], number: int
) -> Packet | None:
    index, when = 0, None
    if kind == _SIMPLE:
        if len(body) < 4 or not interfaces:
            return None
        length = struct.unpack_from(order + "I", body)[0]
        snap = interfaces[0].snap
        captured, begin = min(length, snap) if snap else length, 4
    else:
        if len(body) < 20:
            return None
        begin = 20
        index, high, low, captured, length = struct.unpack_from(order + "5I", body)
        if kind == _OLD_PACKET:
            index = struct.unpack_from(order + "H", body)[0]
        if index >= len(interfaces):
            return None
        when = interfaces[index].seconds(high, low)
    if captured > LONGEST_PACKET:
        return None
    taken = body[begin : begin + captured]
    link = interfaces[index].link
    return Packet(number, when, link, taken, max(length, captured), order == "<")
