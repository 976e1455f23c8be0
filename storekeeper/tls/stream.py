"""A connection as exact bytes within a time: what probes, STARTTLS and proxies read from."""

from __future__ import annotations

import time

from ..errors import LimitExceeded, NetworkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Self

_PIECE = 65_536


class Closed(NetworkError):
    """The other side ended the connection.

    Attributes:
        reset: by a TCP reset; otherwise it closed.
        partial: the bytes that came of those that were wanted.
    """

    def __init__(self, message: str, *, reset: bool = False, partial: bytes = b"") -> None:
        super().__init__(message)
        self.reset = reset
        self.partial = partial


class TimedOut(NetworkError):
    """Nothing came in time."""


class Stream:
    """Bytes to and from a connected socket, until a deadline.

    Args:
        connected: the socket; it is closed with the stream.
        seconds: for everything.
        peer: for messages, "server.example.net:443".

    Attributes:
        sent, received: counts of bytes.
        said: what the server said before TLS, in lines safe to print.
    """

    def __init__(self, connected: socket.socket, seconds: float, peer: str) -> None:
        self._socket = connected
        self._until = time.monotonic() + seconds
        self.peer = peer
        self._pending = b""
        self.sent = 0
        self.received = 0
        self.said: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._until

    @property
    def left(self) -> float:
        """Seconds that are left.

        Raises:
            TimedOut: none.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimedOut(f"{self.peer} did not answer in time")
        return left

    def send(self, data: bytes) -> None:
        """All of the bytes.

        Raises:
            NetworkError: they can't be sent.
        """
        try:
            self._socket.settimeout(self.left)
            self._socket.sendall(data)
        except TimeoutError:
            raise TimedOut(f"{self.peer} took nothing in time") from None
        except OSError as problem:
            raise self._closed(problem, b"") from None
        self.sent += len(data)

    def some(self, seconds: float | None = None) -> bytes:
        """Whatever is there next; b"" when the other side has closed.

        Args:
            seconds: to wait, at most what is left.

        Raises:
            TimedOut: nothing came.
            Closed: by a reset.
        """
        if self._pending:
            found, self._pending = self._pending, b""
            return found
        wait = self.left if seconds is None else min(seconds, self.left)
        try:
            self._socket.settimeout(wait)
            found = self._socket.recv(_PIECE)
        except TimeoutError:
            raise TimedOut(f"{self.peer} did not answer in time") from None
        except OSError as problem:
            raise self._closed(problem, b"") from None
        self.received += len(found)
        return found

    def exactly(self, count: int) -> bytes:
        """So many bytes, and none more.

        Raises:
            Closed: there are fewer; what came is in ``partial``.
            TimedOut: they do not come.
        """
        found = b""
        while len(found) < count:
            found += self._more(found)
        self._pending = found[count:] + self._pending
        return found[:count]

    def line(self, longest: int = 8_192) -> bytes:
        r"""Up to and with the next ``\n``, read so that nothing behind it is lost.

        Raises:
            Closed, TimedOut: it does not come.
            LimitExceeded: it is longer.
        """
        found = b""
        while b"\n" not in found:
            if len(found) > longest:
                raise LimitExceeded(f"{self.peer} sent a line of more than {longest} bytes")
            found += self._more(found)
        line, newline, rest = found.partition(b"\n")
        self._pending = rest + self._pending
        return line + newline

    def until(self, pattern: bytes, longest: int = 65_536) -> bytes:
        """Up to and with the first match of a regular expression; nothing behind it is lost.

        Args:
            pattern: it never matches nothing, and has no greedy end.
            longest: that is read without a match.

        Raises:
            Closed, TimedOut: it does not come; ``partial`` has what did.
            LimitExceeded: it does not come in so many bytes.
        """
        import re

        found = b""
        while not (match := re.search(pattern, found)):
            if len(found) > longest:
                raise LimitExceeded(f"{self.peer} sent more than {longest} bytes, none expected")
            found += self._more(found)
        self._pending = found[match.end() :] + self._pending
        return found[: match.end()]

    def _more(self, found: bytes) -> bytes:
        """What is there next, where something has to be."""
        try:
            piece = self.some()
        except Closed as closed:
            closed.partial = found
            raise
        if not piece:
            raise Closed(f"{self.peer} closed the connection", partial=found)
        return piece

    @property
    def pending(self) -> bytes:
        """What came already and nobody took."""
        return self._pending

    def _closed(self, problem: OSError, partial: bytes) -> Closed:
        reset = isinstance(problem, ConnectionResetError | BrokenPipeError | ConnectionAbortedError)
        what = "reset the connection" if reset else str(problem.strerror or problem)
        return Closed(f"{self.peer} {what}" if reset else f"{self.peer}: {what}", reset=reset,
                      partial=partial)  # fmt: skip
