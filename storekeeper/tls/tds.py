"""TLS inside packets of TDS, as SQL Server wants its handshake (MS-TDS 2.2.6.5, 3.2.5.2)."""

from __future__ import annotations

from ..errors import NetworkError
from .greetings import Refused, strange
from .stream import Stream

_PRELOGIN, _RESPONSE = 0x12, 0x04
_HEADER = 8
_LONGEST_PIECE = 4_096 - _HEADER
_VERSION, _ENCRYPTION, _END = 0, 1, 0xFF
_ENCRYPT_ON, _NOT_SUPPORTED = 1, 2
_APPLICATION_DATA = 23


def _packet(payload: bytes) -> bytes:
    size = (_HEADER + len(payload)).to_bytes(2, "big")
    return bytes([_PRELOGIN, 1]) + size + bytes(4) + payload


def prelogin(stream: Stream) -> None:
    """Ask for encryption.

    Raises:
        Refused: the server has none.
        NetworkError: it speaks something else.
    """
    table = bytes([_VERSION, 0, 11, 0, 6, _ENCRYPTION, 0, 17, 0, 1, _END])
    stream.send(_packet(table + bytes(6) + bytes([_ENCRYPT_ON])))
    head = stream.exactly(1)
    if head[0] not in (_RESPONSE, _PRELOGIN):
        raise strange(stream, "mssql", head + stream.pending[:200])
    head += stream.exactly(_HEADER - 1)
    size = int.from_bytes(head[2:4], "big")
    if size < _HEADER:
        raise strange(stream, "mssql", head)
    payload = stream.exactly(size - _HEADER)
    at = 0
    while at + 5 <= len(payload) and payload[at] != _END:
        kind, offset = payload[at], int.from_bytes(payload[at + 1 : at + 3], "big")
        if kind == _ENCRYPTION and offset < len(payload):
            stream.said += (f"encryption {payload[offset]}",)
            if payload[offset] == _NOT_SUPPORTED:
                raise Refused(f"{stream.peer} has no TLS")
            return
        at += 5
    raise strange(stream, "mssql", head + payload)


class Tds(Stream):
    """A connection whose handshake is wrapped; what follows it is not."""

    def __init__(self, plain: Stream) -> None:
        super().__init__(plain._socket, plain.left, plain.peer)
        self.sent, self.received, self.said = plain.sent, plain.received, plain.said
        self._wrapped = b""

    def send(self, data: bytes) -> None:
        """As `Stream.send`; each piece in a packet until application data comes."""
        if data[:1] == bytes([_APPLICATION_DATA]):
            super().send(data)
            return
        for at in range(0, len(data), _LONGEST_PIECE):
            super().send(_packet(data[at : at + _LONGEST_PIECE]))

    def some(self, seconds: float | None = None) -> bytes:
        """As `Stream.some`, unwrapped."""
        if self._pending:
            return super().some()
        while True:
            found = self._unwrap()
            if found:
                return found
            piece = super().some(seconds)
            if not piece:
                return b""
            self._wrapped += piece

    def _unwrap(self) -> bytes:
        data = self._wrapped
        if not data or data[0] not in (_PRELOGIN, _RESPONSE):
            self._wrapped = b""
            return data
        if len(data) < _HEADER:
            return b""
        size = int.from_bytes(data[2:4], "big")
        if size <= _HEADER:
            raise NetworkError(f"{self.peer} sent an empty packet of TDS within the handshake")
        if len(data) < size:
            return b""
        self._wrapped = data[size:]
        return data[_HEADER:size]


__all__ = ["Tds", "prelogin"]
