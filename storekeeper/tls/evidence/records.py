"""TLS in one direction of a connection, as far as it is not encrypted.

Finds where TLS begins behind SMTP, LDAP, a proxy's CONNECT and so on, takes records apart and
puts handshake messages together; a gap costs the record it lies in.
"""

from __future__ import annotations

import re

from ...errors import StorekeeperError
from ..messages import server_hello
from ..wire import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    LONGEST_RECORD,
    RECORD_HEADER,
    Alert,
    Message,
    Messages,
)
from ..words import TLS13

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .reassembly import Piece

LONGEST_PREFACE = 64 * 1024
"""Bytes of another protocol before TLS."""

_CLIENT_HELLO, _SERVER_HELLO = 1, 2
# A record with the begin of a ClientHello; one with that of a ServerHello, or with an alert.
_CLIENT = re.compile(rb"\x16\x03[\x00-\x04]..\x01\x00..\x03[\x00-\x03]", re.DOTALL)
_SERVER = re.compile(
    rb"\x16\x03[\x00-\x04]..\x02\x00..\x03[\x00-\x03]|\x15\x03[\x00-\x04]\x00\x02[\x01\x02].",
    re.DOTALL,
)
_LONGEST_BEGIN = 10
_RECORD = re.compile(rb"[\x14-\x17]\x03[\x00-\x04][\x00-\x48].", re.DOTALL)
# What Java 6 and OpenSSL 0.9 began with: a hello in the layout of SSLv2 that offers more.
_OLD_HELLO = re.compile(rb"[\x80-\xbf].\x01\x03[\x00-\x03]\x00", re.DOTALL)


class Direction:
    """What one side sends.

    Attributes:
        client: whether it is the client's; None while that is not known.
        preface: the bytes before TLS.
        encrypted: the packet from which on nothing can be read; 0 before it.
        hidden_alert: the packet of the first alert that is encrypted; 0 without one.
        application: the packet of the first application data; 0 before it.
        lost: bytes that the capture does not have.
        version: of the protocol that the server chose; 0 before.
        nonsense: the packet with bytes that are no TLS where it should be; 0 without.
        old_hello: it began with a hello of SSLv2's layout.
    """

    def __init__(self) -> None:
        self.client: bool | None = None
        self.preface = b""
        self.encrypted = 0
        self.hidden_alert = 0
        self.application = 0
        self.lost = 0
        self.version = 0
        self.nonsense = 0
        self.old_hello = False
        self._begun = False
        self._over = False
        self._data = b""
        self._searched = 0
        self._adrift = False
        self._skip = 0
        self._messages = Messages()
        self._broken = False

    @property
    def begun(self) -> bool:
        """Whether TLS was found."""
        return self._begun

    @property
    def over(self) -> bool:
        """Whether nothing that follows will be read."""
        return self._over

    @property
    def unfinished(self) -> bool:
        """Whether a record or a message has begun that is not there to its end."""
        pending = self._messages.pending and not self._broken
        return self._begun and not self._over and bool(self._data or pending)

    def feed(self, piece: Piece) -> Iterator[Message | Alert]:
        """The messages and alerts that are complete now.

        Raises:
            StorekeeperError: they are too long.
        """
        if self._over:
            return
        if piece.gap:
            self._gap(piece.gap)
            return
        if self._adrift:
            # A segment that begins like a record most likely begins with one.
            if not _RECORD.match(piece.data):
                return
            self._adrift = False
        if self._skip:
            passed = min(self._skip, len(piece.data))
            self._skip -= passed
            self._data += piece.data[passed:]
            if self._skip:
                return
        else:
            self._data += piece.data
        if not self._begun and not self._find():
            return
        yield from self._records(piece.packet)

    def _gap(self, count: int) -> None:
        self.lost += count
        if not self._begun:
            # Where TLS begins can only be found in bytes that are there.
            self._data, self._searched = b"", 0
            return
        if self._skip:
            passed = min(self._skip, count)
            self._skip -= passed
            count -= passed
        if not count:
            return
        if len(self._data) < RECORD_HEADER:
            # The header of a record is lost: where the next one begins nobody knows.
            self._data, self._adrift, self._broken = b"", True, True
            return
        length = RECORD_HEADER + int.from_bytes(self._data[3:5], "big")
        left = length - len(self._data) - count
        self._data = b""
        self._broken = True
        self._adrift = left < 0
        self._skip = max(left, 0)

    def _find(self) -> bool:
        """Where TLS begins; the bytes before it are the preface."""
        data = self._data
        if _OLD_HELLO.match(data) and not self.preface:
            length = 2 + (int.from_bytes(data[:2], "big") & 0x7FFF)
            if len(data) < length:
                return False
            self.client, self._begun, self.old_hello = True, True, True
            self._data = data[length:]
            return True
        found = None
        if self.client is not False:
            found = _CLIENT.search(data, self._searched)
            if found:
                self.client = True
        if found is None and self.client is not True:
            found = _SERVER.search(data, self._searched)
            if found:
                self.client = False
        if found is None:
            # A record that is not complete is looked for again, the rest is not.
            self._searched = max(len(data) - _LONGEST_BEGIN, 0)
            if len(data) > LONGEST_PREFACE:
                self.preface, self._over = data[:LONGEST_PREFACE], True
            return False
        self.preface, self._data = data[: found.start()], data[found.start() :]
        self._begun = True
        return True

    def rest(self) -> bytes:
        """Bytes that are no TLS, when it never began."""
        return b"" if self._begun else self._data or self.preface

    def _records(self, packet: int) -> Iterator[Message | Alert]:
        at = 0
        data = self._data
        while len(data) - at >= RECORD_HEADER:
            kind, length = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
            if not 20 <= kind <= 24 or data[at + 1] != 3 or length > LONGEST_RECORD:
                self.nonsense, self._over = packet, True
                break
            if len(data) - at < RECORD_HEADER + length:
                break
            payload = data[at + RECORD_HEADER : at + RECORD_HEADER + length]
            at += RECORD_HEADER + length
            yield from self._record(kind, payload, packet)
            if self._over:
                break
        self._data = b"" if self._over else data[at:]

    def _record(self, kind: int, payload: bytes, packet: int) -> Iterator[Message | Alert]:
        if kind == ALERT:
            if len(payload) == 2 and not self.encrypted:
                yield Alert(payload[0], payload[1])
            elif not self.hidden_alert:
                self.hidden_alert = packet
        elif kind == HANDSHAKE and not self.encrypted and not self._broken:
            for message in self._messages.feed(payload):
                if message.type == _SERVER_HELLO and not self.client:
                    self._choose(message)
                yield message
        elif kind == CHANGE_CIPHER_SPEC and self.version < TLS13:
            self.encrypted = self.encrypted or packet
        elif kind == APPLICATION_DATA:
            self.encrypted = self.encrypted or packet
            self.application = self.application or packet
            # An alert of TLS 1.3 looks like everything else, so nothing is left to see.
            self._over = self.version >= TLS13

    def _choose(self, message: Message) -> None:
        try:
            self.version = server_hello(message.body).version
        except StorekeeperError:
            self.version = 0
