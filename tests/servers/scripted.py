"""A server that says what it is told: for what no honest server does, and for protocols of which
none can be had here.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

from tests.servers.bench import HOST, Setup, folder, pem_file

_PIECE = 65_536


class Scripted:
    """A listening server of one behaviour, at any free port of `HOST` or where it is told.

    Attributes:
        port: that it listens on.
        heard: all that clients sent, connection after connection.
    """

    def __init__(self, behave: Callable[[Talk], None], at: tuple[str, int] = (HOST, 0)) -> None:
        self.heard: list[bytearray] = []
        self._behave = behave
        self._listening = socket.create_server(at)
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

    def secure(self, context: ssl.SSLContext, answer: bytes = b"") -> None:
        """TLS from here on: what is asked first gets this answer."""
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(self.socket, server_side=True) as tls,
        ):
            tls.recv(4096)
            tls.sendall(answer)


def context_of(made: Setup) -> ssl.SSLContext:
    """A server's context with the chain and the key; all else is Python's own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with folder() as where:
        context.load_cert_chain(pem_file(where / "both.pem", *made.chain, key=made.key))
    return context


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


__all__ = ["Scripted", "Talk", "context_of", "relay", "scripted"]
