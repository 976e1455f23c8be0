"""Handshakes out of packet captures: what was said in the clear, and what stays hidden.

Up to TLS 1.2 that is everything before ChangeCipherSpec; in TLS 1.3 the two hellos. Nothing
is decrypted, also where the keys were recorded beside it.
"""

from __future__ import annotations

from ...errors import StorekeeperError
from ..transcript import Seen
from ..wire import Message
from ..words import TLS13
from . import segments
from .capture_file import is_capture, packets
from .pieces import pieces
from .reassembly import Stream
from .records import Direction
from .values import Ended, Evidence, Handshake, Host, Moment, Note, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..wire import Alert
    from .capture_file import Packet
    from .reassembly import Piece
    from .segments import Segment

MOST_CONNECTIONS = 5_000
"""Of which the handshakes are kept; more are counted."""

MOST_BYTES = 64 * 1024 * 1024
"""Of all handshake messages of a capture."""

HIDDEN = (
    "TLS 1.3 encrypts all that follows the server hello: certificates, a request for a client "
    "certificate and alerts are not to be seen in a capture"
)

_CERTIFICATE, _CLIENT_HELLO, _SERVER_HELLO = 11, 1, 2
_SHOWN = 60


class _Side:
    """One direction: its segments, and the TLS in them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.stream = Stream()
        self.tls = Direction()
        self.begin: int | None = None
        self.reset = 0
        self.finished = 0


class _Connection:
    """Two directions and what was said in them."""

    def __init__(self, packet: Packet, first: str, second: str) -> None:
        self.packet = packet.number
        self.at = packet.at
        self.sides = {first: _Side(first), second: _Side(second)}
        self.opener = ""
        self.said: list[tuple[_Side, Message | Alert, int]] = []
        self.size = 0
        self.problem = ""

    def other(self, side: _Side) -> _Side:
        return next((one for one in self.sides.values() if one is not side), side)

    def take(self, segment: Segment, packet: int) -> None:
        side = self.sides[segment.source]
        if segment.flags & segments.SYN:
            side.stream.start(segment.sequence)
            side.begin = segment.sequence
            if not segment.flags & segments.ACK:
                self.opener = segment.source
        if segment.flags & segments.RST:
            side.reset = side.reset or packet
        if segment.flags & segments.FIN:
            side.finished = side.finished or packet
        if not side.tls.over:
            self._follow(side, side.stream.take(segment, packet))

    def finish(self) -> None:
        for side in self.sides.values():
            if not side.tls.over and side.stream.begun:
                self._follow(side, side.stream.finish())

    def _follow(self, side: _Side, found: Iterator[Piece]) -> None:
        other = self.other(side)
        try:
            for piece in found:
                if side.tls.client is None and other.tls.client is not None:
                    side.tls.client = not other.tls.client
                for what in side.tls.feed(piece):
                    self.said.append((side, what, piece.packet))
                    self.size += len(what.body) if isinstance(what, Message) else 2
                    # The client's own records do not tell what was agreed on.
                    other.tls.version = max(side.tls.version, other.tls.version)
                if side.tls.over:
                    return
        except StorekeeperError as error:
            self.problem = error.message

    @property
    def client(self) -> _Side:
        """Who said the ClientHello, who is not the other one, or who opened the connection."""
        first, second = self.sides.values()
        if first.tls.client or second.tls.client is False:
            return first
        if second.tls.client or first.tls.client is False:
            return second
        return second if self.opener == second.address else first


class _Capture:
    """All connections of a capture."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], _Connection] = {}
        self.all: list[_Connection] = []
        self.fragments = 0
        self.unknown: dict[int, int] = {}
        self.beyond = 0
        self.size = 0

    def take(self, packet: Packet) -> None:
        if not segments.known(packet.link):
            self.unknown[packet.link] = self.unknown.get(packet.link, 0) + 1
            return
        found = segments.segment(packet)
        if isinstance(found, segments.Fragment):
            self.fragments += 1
        elif found is not None:
            self._segment(found, packet)

    def _segment(self, found: Segment, packet: Packet) -> None:
        first, second = sorted((found.source, found.target))
        if first == second:
            return
        connection = self.open.get((first, second))
        begins = found.flags & segments.SYN and not found.flags & segments.ACK
        if connection is not None and begins:
            before = connection.sides[found.source].begin
            if before is not None and before != found.sequence:
                connection = None  # the same ports again
        if connection is None:
            if len(self.all) >= MOST_CONNECTIONS or self.size > MOST_BYTES:
                self._forget()
            if len(self.all) >= MOST_CONNECTIONS or self.size > MOST_BYTES:
                self.beyond += bool(begins)
                return
            connection = _Connection(packet, found.source, found.target)
            self.open[first, second] = connection
            self.all.append(connection)
        size = connection.size
        connection.take(found, packet.number)
        self.size += connection.size - size

    def _forget(self) -> None:
        """Give up connections that are over and had no TLS in them."""
        self.all = [one for one in self.all if one.said or not _ended(one)]
        kept = set(map(id, self.all))
        self.open = {ends: one for ends, one in self.open.items() if id(one) in kept}


def _ended(connection: _Connection) -> bool:
    return any(side.reset or side.finished for side in connection.sides.values())


def read(data: bytes, name: str) -> Iterator[Evidence]:
    """Handshakes and their pieces, connection by connection, and notes.

    Args:
        data: of a pcap or pcapng file; anything else gives a note.
        name: of the file.
    """
    notes: list[str] = []
    capture = _Capture()
    for packet in packets(data, notes):
        capture.take(packet)
    for connection in capture.all:
        connection.finish()
        yield from _evidence(connection, name)
    if capture.fragments:
        notes.append(
            f"{capture.fragments} packets are fragments of IP packets, which are not put together"
        )
    for link, count in capture.unknown.items():
        notes.append(f"{count} packets have the link-layer type {link}, which is not known here")
    if capture.beyond:
        notes.append(f"{capture.beyond} connections more than can be kept were not read")
    if not any(connection.said for connection in capture.all):
        notes.append(f"no TLS handshake was found in {len(capture.all)} TCP connections")
    for text in notes:
        yield Note(Place(name), text)


def _evidence(connection: _Connection, name: str) -> Iterator[Evidence]:
    client = connection.client
    server = connection.other(client)
    yield from _preface(client, server, connection, name)
    if not connection.said:
        if client.tls.begun or server.tls.begun:
            for packet, text in _hidden(connection, client, server):
                yield Note(Place(name, packet=packet), text)
        return
    seen = tuple(Seen(side is client, what) for side, what, _ in connection.said)
    places = tuple(Place(name, packet=packet) for _, _, packet in connection.said)
    handshake = Handshake(places[0], client.address, server.address, seen, places, connection.at)
    yield handshake
    if connection.at is not None:
        yield Moment(Place(name, packet=connection.packet), connection.at)
    yield from pieces(handshake)
    for packet, text in _hidden(connection, client, server):
        yield Note(Place(name, packet=packet), text)


def _preface(
    client: _Side, server: _Side, connection: _Connection, name: str
) -> Iterator[Evidence]:
    """What was said before TLS, or in place of it."""
    where = Place(name, packet=connection.packet)
    said = client.tls.preface
    if said.startswith(b"CONNECT "):
        host, _, port = said[8:300].split(b" ")[0].rpartition(b":")
        if host and port.isdigit() and len(port) < 6:
            yield Host(where, host.decode("ascii", "backslashreplace"), int(port))
    if client.tls.begun and said:
        yield Note(where, f"TLS begins after other words of the client: {_words(said)}")
    # A server that answers a ClientHello in another language tells by that what it is.
    answer = server.tls.rest()
    if client.tls.begun and not server.tls.begun and answer:
        yield Ended(where, "not-tls", _words(answer))
    elif client.tls.begun and not server.tls.begun and not server.tls.lost:
        how = "reset" if server.reset else "closed" if server.finished else "silent"
        packet = server.reset or server.finished or connection.packet
        yield Ended(Place(name, packet=packet), how)
    elif server.reset and server.begin is None and client.begin is not None:
        yield Ended(Place(name, packet=server.reset), "refused")


def _words(data: bytes) -> str:
    return ascii(data[:_SHOWN].decode("latin-1").split("\r\n")[0].split("\n")[0])


def _hidden(connection: _Connection, client: _Side, server: _Side) -> Iterable[tuple[int, str]]:
    """What this capture does not show, with the packet it would be in."""
    first = connection.packet
    version = max(client.tls.version, server.tls.version)
    kinds = {what.type for side, what, _ in connection.said if isinstance(what, Message)}
    if version >= TLS13:
        yield (
            server.tls.encrypted or first,
            HIDDEN,
        )
    elif server.tls.encrypted and _SERVER_HELLO in kinds and _CERTIFICATE not in kinds:
        yield (
            server.tls.encrypted,
            "an earlier session is resumed, so no certificates are sent; capture a first one",
        )
    for side, who in ((client, "client"), (server, "server")):
        # Behind application data an alert is how a connection usually ends.
        talked = client.tls.application or server.tls.application
        if side.tls.hidden_alert and version < TLS13 and not talked:
            yield side.tls.hidden_alert, f"the {who} sends an alert that is encrypted"
        if side.tls.lost:
            yield first, f"{side.tls.lost} bytes of the {who} are missing in the capture"
        elif side.tls.unfinished:
            yield first, f"the capture ends in the middle of what the {who} says"
        if side.tls.nonsense:
            yield side.tls.nonsense, f"the {who} sends what is no TLS"
        if side.tls.old_hello:
            yield first, "the client begins with a hello of SSLv2's layout, which is not read"
        if side.begin is None and side.stream.begun and _CLIENT_HELLO not in kinds:
            yield first, "the capture begins in the middle of the connection"
            return
    if connection.problem:
        yield first, connection.problem


__all__ = ["MOST_CONNECTIONS", "is_capture", "read"]
