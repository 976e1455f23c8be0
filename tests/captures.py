"""Packet captures for the tests: real connections recorded by a relay, written as packets.

The bytes are those of real programs; the packets around them are made here, so that a capture
can have any link layer, any order and any gap, without the rights a capture needs.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

CLIENT, SERVER = ("192.0.2.10", 40_000), ("198.51.100.20", 8443)
ETHERNET = 1
SYN, ACK, FIN, RST, PUSH = 2, 16, 1, 4, 8
BEGIN = 1_800_000_000


@dataclass
class Talk:
    """A connection: (whether the client sent it, bytes), in the order they passed."""

    said: list[tuple[bool, bytes]] = field(default_factory=list)

    def of(self, client: bool) -> bytes:
        """All bytes of one side."""
        return b"".join(data for one, data in self.said if one is client)


@contextlib.contextmanager
def relay(host: str, port: int) -> Iterator[tuple[int, list[Talk]]]:
    """(a port that leads to another one, what was said on it)."""
    listening = socket.create_server(("127.0.0.1", 0))
    talks: list[Talk] = []
    threads: list[threading.Thread] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            talk = Talk()
            talks.append(talk)
            thread = threading.Thread(target=_pass, args=(client, (host, port), talk), daemon=True)
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=serve, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1], talks
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for thread in threads:
            thread.join(10)


def _pass(client: socket.socket, target: tuple[str, int], talk: Talk) -> None:
    with client, contextlib.suppress(OSError), socket.create_connection(target, 10) as server:
        open_ends = {client: server, server: client}
        while open_ends:
            ready, _, _ = select.select(list(open_ends), [], [], 10)
            if not ready:
                return
            for one in ready:
                data = one.recv(65_536)
                if data:
                    talk.said.append((one is client, data))
                    open_ends[one].sendall(data)
                else:
                    open_ends.pop(one).shutdown(socket.SHUT_WR)


# --- packets -----------------------------------------------------------------------------

Frame = bytes


def ip4(source: str, target: str, payload: bytes, *, fragment: int = 0) -> bytes:
    """An IPv4 packet."""
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, fragment, 64, 6, 0,
        socket.inet_aton(source), socket.inet_aton(target),
    )  # fmt: skip
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return head[:10] + struct.pack(">H", total) + head[12:] + payload


def ip6(source: str, target: str, payload: bytes, *, headers: int = 0) -> bytes:
    """An IPv6 packet, with so many empty hop-by-hop options before TCP."""
    extra = b"".join(
        bytes([6 if at == headers - 1 else 60, 0, 1, 4, 0, 0, 0, 0]) for at in range(headers)
    )
    body = extra + payload
    return (
        struct.pack(">IHBB", 6 << 28, len(body), 60 if headers else 6, 64)
        + socket.inet_pton(socket.AF_INET6, source)
        + socket.inet_pton(socket.AF_INET6, target)
        + body
    )


def tcp(source: int, target: int, sequence: int, flags: int, payload: bytes = b"") -> bytes:
    """A TCP segment with a timestamp option."""
    head = struct.pack(
        ">HHIIBBHHH", source, target, sequence & 0xFFFFFFFF, 1, 0x80, flags, 65_535, 0, 0
    )
    return head + b"\x01\x01\x08\x0a" + b"\0" * 8 + payload


LINKS: dict[str, tuple[int, Callable[[bytes, bool], bytes]]] = {
    "ethernet": (1, lambda ip, six: b"\1" * 12 + (b"\x86\xdd" if six else b"\x08\0") + ip),
    "vlan": (
        1,
        lambda ip, six: (
            b"\1" * 12 + b"\x88\xa8\0\7\x81\0\0\x05" + (b"\x86\xdd" if six else b"\x08\0") + ip
        ),
    ),
    "pppoe": (
        1,
        lambda ip, six: (
            b"\1" * 12 + b"\x88\x64\x11\0\0\1\0\0" + (b"\0\x57" if six else b"\0\x21") + ip
        ),
    ),
    "linux": (113, lambda ip, six: b"\0" * 14 + (b"\x86\xdd" if six else b"\x08\0") + ip),
    "linux2": (276, lambda ip, six: (b"\x86\xdd" if six else b"\x08\0") + b"\0" * 18 + ip),
    "null": (0, lambda ip, six: (b"\x1e\0\0\0" if six else b"\2\0\0\0") + ip),
    "loop": (108, lambda ip, six: (b"\0\0\0\x1e" if six else b"\0\0\0\2") + ip),
    "raw": (101, lambda ip, _six: ip),
    "ip": (228, lambda ip, _six: ip),
}


def frames(
    talk: Talk,
    *,
    link: str = "ethernet",
    six: bool = False,
    size: int = 1_400,
    client: tuple[str, int] = CLIENT,
    server: tuple[str, int] = SERVER,
    first: tuple[int, int] = (4_294_967_000, 77),
    end: int = FIN,
) -> list[Frame]:
    """A connection as packets, from SYN to FIN, in order; numbers wrap on the way."""
    wrap = LINKS[link][1]
    ends = (("2001:db8::10", client[1]), ("2001:db8::20", server[1])) if six else (client, server)
    sequence = [first[0], first[1]]
    made: list[Frame] = []

    def send(from_client: bool, flags: int, payload: bytes = b"") -> None:
        source, target = ends if from_client else ends[::-1]
        side = 0 if from_client else 1
        segment = tcp(source[1], target[1], sequence[side], flags, payload)
        packet = (ip6 if six else ip4)(source[0], target[0], segment)
        made.append(wrap(packet, six))
        sequence[side] += len(payload) + bool(flags & (SYN | FIN))

    send(True, SYN)
    send(False, SYN | ACK)
    send(True, ACK)
    for from_client, data in talk.said:
        for at in range(0, len(data), size):
            send(from_client, ACK | PUSH, data[at : at + size])
    send(True, end | ACK)
    if end == FIN:
        send(False, FIN | ACK)
    return made


# --- files -------------------------------------------------------------------------------


def pcap(
    packets: Iterable[Frame],
    *,
    link: str = "ethernet",
    order: str = "<",
    nano: bool = False,
    snap: int = 262_144,
) -> bytes:
    """A file as tcpdump writes it."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    found = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, LINKS[link][0])]
    for number, data in enumerate(packets):
        head = (BEGIN + number // 1000, number, min(len(data), snap), len(data))
        found.append(struct.pack(order + "4I", *head) + data[:snap])
    return b"".join(found)


def pcapng(
    packets: Sequence[Frame],
    *,
    link: str = "ethernet",
    order: str = "<",
    kind: int = 6,
    units: int | None = None,
) -> bytes:
    """A file as Wireshark writes it; ``units`` is its if_tsresol, ``kind`` its packet block."""

    def block(number: int, body: bytes) -> bytes:
        padded = body + b"\0" * (-len(body) % 4)
        length = len(padded) + 12
        return struct.pack(order + "2I", number, length) + padded + struct.pack(order + "I", length)

    options = b""
    per_second = 1_000_000
    if units is not None:
        options = struct.pack(order + "HHB3xHH", 9, 1, units, 0, 0)
        per_second = 1 << (units & 0x7F) if units & 0x80 else 10**units
    found = [
        block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(1, struct.pack(order + "HHI", LINKS[link][0], 0, 0) + options),
        block(5, b"\0" * 12),
    ]
    for number, data in enumerate(packets):
        when = (BEGIN + number // 1000) * per_second
        sizes = (len(data), len(data))
        if kind == 3:
            body = struct.pack(order + "I", len(data)) + data
        elif kind == 2:
            head = (0, 0, when >> 32, when & 0xFFFFFFFF, *sizes)
            body = struct.pack(order + "HHIIII", *head) + data
        else:
            head6 = (0, when >> 32, when & 0xFFFFFFFF, *sizes)
            body = struct.pack(order + "5I", *head6) + data
        found.append(block(kind, body))
    return b"".join(found)
