"""TLS records and handshake messages, taken apart and put together (RFC 8446 sections 4 and 5).

Bytes come from whoever answers on a port, or from a capture: every length is checked before
anything is done with it, and what goes beyond `MOST_BYTES` is refused.
"""

from __future__ import annotations

from ..errors import Damaged, LimitExceeded, UnknownFormat
from ..frozen import Frozen
from .words import MESSAGES

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23

LONGEST_RECORD = 16_384 + 2_048
"""Of TLS 1.2, encrypted (RFC 5246 section 6.2.3)."""

LONGEST_MESSAGE = 1024 * 1024
"""A chain has thousands of bytes; Java refuses more than 32 kB."""

MOST_BYTES = 4 * 1024 * 1024
"""Of all handshake messages of one side."""

RECORD_HEADER = 5
_MESSAGE_HEADER = 4


class Message(Frozen):
    """A handshake message.

    Attributes:
        type: as in `words.MESSAGES`.
        body: without its header.
    """

    type: int
    body: bytes

    @property
    def name(self) -> str:
        """As in `words.MESSAGES`."""
        return MESSAGES.get(self.type, f"message {self.type}")

    def encode(self) -> bytes:
        """With its header."""
        return bytes([self.type]) + len(self.body).to_bytes(3, "big") + self.body


class Alert(Frozen):
    """An alert.

    Attributes:
        level: 1 a warning, 2 fatal.
        description: as in `words.ALERTS`.
    """

    level: int
    description: int

    @property
    def fatal(self) -> bool:
        """Whether the connection ends by it."""
        return self.level == 2

    def encode(self) -> bytes:
        """The two bytes."""
        return bytes([self.level, self.description])


class Record(Frozen):
    """A record, as it travels.

    Attributes:
        type: `HANDSHAKE`, `ALERT`, ...
        version: of its header, which says little.
        payload: encrypted or not.
    """

    type: int
    version: int
    payload: bytes

    def encode(self) -> bytes:
        """With its header."""
        return bytes([self.type]) + self.version.to_bytes(2, "big") + vector(self.payload, 2)


class Fields:
    """Numbers and vectors of a message, one after the other.

    Raises:
        Damaged: from each method, when there are not so many bytes.
    """

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._what = what
        self._at = 0

    def __len__(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """So many bytes."""
        if count > len(self):
            raise Damaged(
                f"{self._what}: expected {count} bytes, found {len(self)}", offset=self._at
            )
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """Bytes after their length, which has ``size`` bytes."""
        return self.take(self.number(size))

    def fields(self, size: int) -> Fields:
        """A vector's own fields."""
        return Fields(self.vector(size), self._what)

    def numbers(self, length: int, size: int) -> tuple[int, ...]:
        """A vector of numbers: its length has ``length`` bytes, each of them ``size``."""
        inner = self.fields(length)
        return tuple(inner.number(size) for _ in range(len(inner) // size))

    def rest(self) -> bytes:
        """What is left."""
        return self.take(len(self))


def vector(data: bytes, size: int) -> bytes:
    """Bytes with their length before them, in ``size`` bytes."""
    return len(data).to_bytes(size, "big") + data


def header(data: bytes) -> tuple[int, int, int]:
    """(type, version, length) of a record's five bytes.

    Raises:
        UnknownFormat: no TLS; the message says what it looks like.
        Damaged: a record longer than any.
    """
    kind, version, length = (
        data[0],
        int.from_bytes(data[1:3], "big"),
        int.from_bytes(data[3:5], "big"),
    )
    if kind not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA) or data[1] != 3:
        what = _looks_like(data)
        hint = "https usually has a port of its own" if "plain HTTP" in what else ""
        raise UnknownFormat(f"expected TLS, found {what}", hint=hint)
    if length > LONGEST_RECORD:
        raise Damaged(f"a TLS record of {length} bytes, expected at most {LONGEST_RECORD}")
    return kind, version, length


def _looks_like(data: bytes) -> str:
    """A phrase for the first bytes of something else."""
    for start, what in (
        (b"HTTP/", "plain HTTP"),
        (b"SSH-", "SSH"),
        (b"220 ", "an SMTP or FTP greeting"),
        (b"220-", "an SMTP or FTP greeting"),
        (b"* OK", "an IMAP greeting"),
        (b"+OK", "a POP3 greeting"),
        (b"<!DOC", "a web page in the clear (plain HTTP)"),
        (b"<html", "a web page in the clear (plain HTTP)"),
        (b"<HTML", "a web page in the clear (plain HTTP)"),
        (b"<?xml", "XML, as XMPP begins"),
        (b"<stre", "XMPP"),
    ):
        if data.startswith(start):
            return what
    return f"the bytes {data[:5].hex(' ')}"


class Messages:
    """Handshake messages out of the payloads of records, in any pieces."""

    def __init__(self) -> None:
        self._pending = b""
        self._total = 0

    def feed(self, payload: bytes) -> list[Message]:
        """The messages that are complete now.

        Raises:
            LimitExceeded: a message, or all of them, are too long.
        """
        self._total += len(payload)
        if self._total > MOST_BYTES:
            raise LimitExceeded(f"expected a handshake of at most {MOST_BYTES} bytes, found more")
        data = self._pending + payload
        found: list[Message] = []
        at = 0
        while len(data) - at >= _MESSAGE_HEADER:
            length = int.from_bytes(data[at + 1 : at + 4], "big")
            if length > LONGEST_MESSAGE:
                raise LimitExceeded(
                    f"a handshake message of {length} bytes, expected at most {LONGEST_MESSAGE}"
                )
            end = at + _MESSAGE_HEADER + length
            if end > len(data):
                break
            found.append(Message(data[at], data[at + _MESSAGE_HEADER : end]))
            at = end
        self._pending = data[at:]
        return found

    @property
    def pending(self) -> int:
        """Bytes of a message that is not complete."""
        return len(self._pending)
