"""The bytes in a debug log of JDK 11 and later: records as read and written, and plaintexts."""

from __future__ import annotations

import re

from ...errors import StorekeeperError
from ..messages import server_hello
from ..transcript import Seen
from ..wire import Alert, Message, Messages
from ..words import MESSAGES
from .dates import instant
from .pieces import pieces as pieces_of
from .reassembly import Piece
from .records import Direction
from .values import Handshake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .debug_log import Block
    from .text import Text
    from .values import Evidence, Place

_DUMP = re.compile(r"\s{0,8}([0-9A-F]{4,8}): ((?:[0-9A-F]{2} {1,3}){1,16})")
_WRITES = re.compile(r"WRITE: \S{1,10} ([a-z_]{4,20})")
_CLIENT_HELLO, _SERVER_HELLO = 1, 2
MOST_BYTES = 16 * 1024 * 1024


def dump(lines: Sequence[str]) -> bytes:
    """The bytes of ``0000: 16 03 ...`` lines, as far as they follow one another."""
    found = bytearray()
    for line in lines:
        match = _DUMP.match(line)
        if match is None:
            continue
        if int(match[1], 16) != len(found) & 0xFFFFFFFF:
            break
        found += bytes.fromhex(match[2])
    return bytes(found)


class _Thread:
    """A connection: JSSE works on one of them in a thread at a time."""

    def __init__(self, ours: bool) -> None:
        self.ours = ours
        self.read = Direction()
        self.written = Direction()
        self.hidden = {True: Messages(), False: Messages()}
        self.writes = ""
        self.said: list[tuple[bool, Message | Alert, int]] = []
        self.at: int | None = None
        self.size = 0

    @property
    def asked_again(self) -> bool:
        """Whether the server's last word was a HelloRetryRequest."""
        last = self.said[-1][1] if self.said else None
        if not isinstance(last, Message) or last.type != _SERVER_HELLO:
            return False
        return server_hello(last.body).retry

    def raw(self, data: bytes, line: int, *, written: bool) -> None:
        way = self.written if written else self.read
        other = self.read if written else self.written
        for what in way.feed(Piece(data, 0, line)):
            self.said.append((written == self.ours, what, line))
            other.version = max(way.version, other.version)

    def plain(self, data: bytes, line: int, *, written: bool) -> None:
        """What was encrypted: handshake messages and alerts of it."""
        client = written == self.ours
        if len(data) == 2 and data[0] in (1, 2) and (not written or self.writes == "alert"):
            self.said.append((client, Alert(data[0], data[1]), line))
            return
        if written and self.writes != "handshake":
            return
        waiting = self.hidden[written]
        if not waiting.pending and (data[:1] == b"" or data[0] not in MESSAGES or data[0] == 1):
            return
        if not waiting.pending and int.from_bytes(data[1:4], "big") > 256 * 1024:
            return
        for message in waiting.feed(data):
            self.said.append((client, message, line))


def pieces(text: Text, blocks: Iterable[Block], servers: set[str]) -> list[tuple[str, Evidence]]:
    """(thread, piece) of each handshake that the log has the bytes of.

    Args:
        text: the log.
        blocks: its events.
        servers: threads that are the server of their connections.
    """
    threads: dict[str, _Thread] = {}
    found: list[tuple[str, Evidence]] = []
    for block in blocks:
        title = block.title
        writes = _WRITES.match(title)
        if writes is None and not title.startswith(("Raw ", "Plaintext ")):
            continue
        mine = block.thread not in servers
        thread = threads.get(block.thread)
        if thread is None:
            thread = threads[block.thread] = _Thread(mine)
            thread.at = instant(block.when)
        if writes:
            thread.writes = writes[1]
            continue
        data = dump(block.body)
        thread.size += len(data)
        if thread.size > MOST_BYTES or not data:
            continue
        try:
            if title.startswith("Raw "):
                written = title.startswith("Raw write")
                if _begins(data, written == mine) and thread.said and not thread.asked_again:
                    found += _finished(text, block.thread, thread)
                    thread = threads[block.thread] = _Thread(mine)
                    thread.at = instant(block.when)
                thread.raw(data, block.line, written=written)
            else:
                thread.plain(data, block.line, written="before ENCRYPTION" in title)
        except StorekeeperError:
            thread.size = MOST_BYTES
    for name, thread in threads.items():
        found += _finished(text, name, thread)
    return found


def _begins(data: bytes, client: bool) -> bool:
    """Whether a record begins another connection: a ClientHello without anything before it."""
    return client and data[:1] == b"\x16" and data[5:6] == bytes([_CLIENT_HELLO])


def _finished(text: Text, name: str, thread: _Thread) -> list[tuple[str, Evidence]]:
    # Without both hellos the rest can't be told apart.
    kinds = {what.type for _, what, _ in thread.said if isinstance(what, Message)}
    if not {_CLIENT_HELLO, _SERVER_HELLO} <= kinds:
        return []
    seen = tuple(Seen(ours, what) for ours, what, _ in thread.said)
    places: tuple[Place, ...] = tuple(text.place(line) for _, _, line in thread.said)
    handshake = Handshake(places[0], "", "", seen, places, thread.at)
    return [(name, one) for one in (handshake, *pieces_of(handshake))]
