"""A server that says what it is told: for what no honest server does, and for protocols of which
none can be had here.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator

from tests.servers.bench import HOST

_PIECE = 65_536


class Scripted:
    """A listening server of one behaviour.

    Attributes:
        port: on `HOST`.
        heard: all that clients sent, connection after connection.
    """

    def __init__(self, behave: Callable[[Talk], None]) -> None:
        self.heard: list[bytearray] = []
        self._behave = behave
        self._listening = socket.create_server((HOST, 0))
        self._open: set[socket.socket] = set()
        self._talks: list[threading.Thread] = []
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            heard = bytearray()
            self.heard.append(heard)
            self._open.add(connected)
            talk = threading.Thread(target=self._talk, args=(connected, heard), daemon=True)
            self._talks.append(talk)
            talk.start()

    def _talk(self, connected: socket.socket, heard: bytearray) -> None:
        with contextlib.suppress(OSError), connected:
            self._behave(Talk(connected, heard))
            # Closing with something unread would reset the connection, and what was said be lost.
            connected.shutdown(socket.SHUT_WR)
            while connected.recv(_PIECE):
                pass

    def settle(self) -> None:
        """Wait until every connection is over, so that all of it is in ``heard``."""
        for one in list(self._talks):
            one.join(20)

    def close(self) -> None:
        """End it, and every connection."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Talk:
    """One connection, from the server's side."""

    def __init__(self, connected: socket.socket, heard: bytearray) -> None:
        self.socket = connected
        self._heard = heard
        connected.settimeout(20)

    def say(self, data: bytes) -> None:
        """Send."""
        self.socket.sendall(data)

    def hear(self, end: bytes = b"\n") -> bytes:
        """What comes, up to these bytes or the end."""
        found = bytearray()
        while not found.endswith(end):
            piece = self.socket.recv(1)
            if not piece:
                break
            found += piece
            self._heard += piece
        return bytes(found)

    def hear_bytes(self, count: int) -> bytes:
        """So many bytes, or fewer at the end."""
        found = bytearray()
        while len(found) < count and (piece := self.socket.recv(count - len(found))):
            found += piece
        self._heard += found
        return bytes(found)

    def wait(self) -> None:
        """Say nothing until the client goes."""
        while piece := self.socket.recv(4096):
            self._heard += piece


def relay(one: socket.socket, other: socket.socket) -> None:
    """Everything from each to the other, until one of them ends."""
    across = {one: other, other: one}
    while True:
        for ready in select.select(list(across), [], [], 20)[0]:
            piece = ready.recv(_PIECE)
            if not piece:
                return
            across[ready].sendall(piece)


@contextlib.contextmanager
def scripted(behave: Callable[[Talk], None]) -> Iterator[Scripted]:
    """A server that behaves so with each connection."""
    server = Scripted(behave)
    try:
        yield server
    finally:
        server.close()


__all__ = ["Scripted", "Talk", "relay", "scripted"]
