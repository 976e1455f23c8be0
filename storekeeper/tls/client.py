"""A full handshake by the standard library's `ssl`, with every message it reads and writes.

The messages come from ``SSLContext._msg_callback``, decrypted and byte for byte, also when the
handshake fails. It is private to CPython: this module is the only one that knows it, and
`observes` says whether it is there; without it there is no handshake, and a probe reads the first
flight alone. Nothing is verified: what a server sends is what is asked for here, and verdicts are
made elsewhere.
"""

from __future__ import annotations

from ..errors import NetworkError, UsageError
from ..frozen import Frozen
from .stream import Closed, TimedOut
from .transcript import Seen, Transcript
from .wire import MOST_BYTES, Alert, Message
from .words import TLS10, TLS11, TLS12, TLS13, VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import ClassVar

    from .stream import Stream

ALL_CIPHERS = "ALL:!aNULL:!eNULL:@SECLEVEL=0"
"""Without those that authenticate nobody: servers that have them, too, would take them."""

_HANDSHAKE, _ALERT = 22, 21
_CLIENT_KEY_EXCHANGE, _FINISHED = 16, 20
_LEGACY_SERVER_CONNECT = 0x4
_PIECE = 16_384
_MOST_DATA = 65_536


class Identity(Frozen):
    """A client certificate to answer with.

    Attributes:
        chain: DER, the client's own first.
        pkcs8: the key, not encrypted.
    """

    chain: tuple[bytes, ...]
    pkcs8: bytes

    _hidden: ClassVar[frozenset[str]] = frozenset({"pkcs8"})


def observes() -> bool:
    """Whether this Python shows handshake messages."""
    import ssl

    return hasattr(ssl.SSLContext, "_msg_callback")


class _Observer:
    """Keeps what OpenSSL reads and writes, up to a limit.

    It knows nothing of the handshake: that would be a circle, and OpenSSL's memory in it, which
    Python does not count, would stay for long.
    """

    def __init__(self) -> None:
        self.said = Transcript()
        self.bytes = 0

    def __call__(
        self,
        _tls: object,
        direction: str,
        _version: object,
        kind: object,
        _type: object,
        data: bytes,
    ) -> None:
        self.bytes += len(data)
        if self.bytes > MOST_BYTES:
            return  # told by the handshake: an exception would be lost in OpenSSL's call
        number = int(kind)  # type: ignore[call-overload]
        ours = direction == "write"
        if number == _ALERT and len(data) == 2:
            self.said.seen.append(Seen(ours, Alert(data[0], data[1])))
        elif number == _HANDSHAKE and len(data) >= 4:
            self.said.seen.append(Seen(ours, Message(data[0], bytes(data[4:]))))


class Handshake:
    """One handshake and what follows it.

    Attributes:
        said: every message and alert so far.
        completed: whether the client is done with its part.
        ended: whether the server has ended the connection, or an error after the handshake.
        problem: why it did not complete, in OpenSSL's words; "" for no reason.
        error: OpenSSL's, None for none.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        server_name: str | None = None,
        versions: tuple[int, int] = (TLS10, TLS13),
        ciphers: str = ALL_CIPHERS,
        identity: Identity | None = None,
        alpn: tuple[str, ...] = (),
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Shake hands.

        Args:
            stream: a connection, where TLS is to begin now.
            server_name: for server name indication; None to send none.
            versions: the oldest and the newest that are offered.
            ciphers: in OpenSSL's words, those of TLS 1.3 apart.
            identity: what to answer a request for a certificate with.
            alpn: protocols that are offered.
            context: in place of all that; it may verify, which is not done here.

        Raises:
            UsageError: an identity or a server name that OpenSSL does not take.
        """
        import ssl

        self._observer = _Observer()
        self.said = self._observer.said
        self.completed = False
        self.ended = False
        self.problem = ""
        self.error: ssl.SSLError | None = None
        self._early = b""
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        if context is None:
            if not observes():
                self.problem = "this Python does not show the messages of a handshake"
                return
            context = _context(versions, ciphers, identity, alpn)
        context._msg_callback = self._observer  # type: ignore[attr-defined]
        try:
            # As bytes a name is not taken through Python's IDNA, whose work `hosts` has done.
            name = None if server_name is None else server_name.encode("ascii")
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        except ValueError:  # UnicodeError is one
            raise UsageError(
                f"expected a server name, found {(server_name or '')[:80]!r}"
            ) from None
        self._shake()

    def _shake(self) -> None:
        import ssl

        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                if not self._more():
                    return
            except ssl.SSLError as error:
                self.problem = _reason(error)
                self.error = error.with_traceback(None)
                self._flush()
                return
            else:
                self.completed = True
                self._flush()
                return

    def _more(self) -> bool:
        """Whether the other side said more."""
        self._flush()
        if self.problem or self._flooded():
            return False
        try:
            piece = self._stream.some()
        except (Closed, TimedOut) as error:
            self.problem = error.message
            self.ended = isinstance(error, Closed)
            return False
        if not piece:
            self._incoming.write_eof()
            self.ended = True
            self.problem = f"{self._stream.peer} closed the connection"
            return False
        self._incoming.write(piece)
        return True

    def _flooded(self) -> bool:
        """Whether the handshake has more bytes than any."""
        if self._observer.bytes <= MOST_BYTES:
            return False
        self.problem = self.problem or f"a handshake of more than {MOST_BYTES} bytes"
        self.ended = True
        return True

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data:
            try:
                self._stream.send(data)
            except NetworkError as error:
                self.problem = self.problem or error.message

    def settle(self, seconds: float) -> None:
        """Wait for what a server says after the handshake: a ticket, an alert, a greeting.

        In TLS 1.3 a server refuses a client's certificate only now; writing at once may lose
        the alert that says why. Who sends a ticket is content, and before TLS 1.3 nothing is
        open once the handshake is over.
        """
        if self.said.version >= TLS13:
            self._early = self._read(seconds, lambda found: bool(found or self.said.tickets))

    def write(self, data: bytes) -> None:
        """Application data."""
        import ssl

        if not data:
            return
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            self.problem = _reason(error)
            self.ended = True
        self._flush()

    def read(self, seconds: float, ends: bytes = rb"(?!)") -> bytes:
        """Application data that comes within a time; b"" for none.

        Args:
            seconds: for its beginning; the rest has to follow closely.
            ends: a regular expression; what comes after its match is not waited for.
        """
        import re

        pattern = re.compile(ends)
        return self._read(seconds, lambda found: pattern.search(found) is not None)

    def _read(self, seconds: float, enough: Callable[[bytes], bool]) -> bytes:
        import ssl
        import time

        until = time.monotonic() + seconds
        found, self._early = self._early, b""
        while len(found) < _MOST_DATA and not enough(found):
            try:
                piece = self._tls.read(_PIECE)
            except ssl.SSLWantReadError:
                left = until - time.monotonic()
                # Once something came, the rest of it is not waited for for long.
                if left <= 0 or not self._wait(min(left, 0.2) if found else left):
                    break
                continue
            except ssl.SSLError as error:
                self.problem = self.problem or _reason(error)
                self.ended = True
                break
            if not piece:
                self.ended = True
                break
            found += piece
        self._flush()
        return found

    def _wait(self, seconds: float) -> bool:
        self._flush()
        if self._flooded():
            return False
        try:
            piece = self._stream.some(seconds)
        except TimedOut:
            return False
        except Closed as error:
            self.problem = self.problem or error.message
            self.ended = True
            return False
        if not piece:
            self._incoming.write_eof()
            self.ended = True
            return False
        self._incoming.write(piece)
        return True

    @property
    def judged(self) -> bool:
        """Whether OpenSSL was content with the server's certificates, if not with the rest.

        It is once it sends keys (before TLS 1.3) or its Finished; what comes after that is
        about the client.
        """
        spoken = [one.what for one in self.said.seen if one.ours]
        kind = _FINISHED if self.said.version >= TLS13 else _CLIENT_KEY_EXCHANGE
        return self.completed or any(
            isinstance(one, Message) and one.type == kind for one in spoken
        )

    @property
    def proved(self) -> bool:
        """Whether the server has shown that it has the key of its certificate.

        With ephemeral keys by its signature; with RSA alone by its Finished (RFC 5246 F.1.1.2).
        """
        exchange = self.said.key_exchange
        return self.completed or (self.judged and exchange is not None and exchange.kind != "RSA")

    @property
    def alpn(self) -> str | None:
        """The application protocol that was agreed on."""
        return self._tls.selected_alpn_protocol()


def _reason(error: ssl.SSLError) -> str:
    return str(error.reason or error.args[-1] or error).lower().replace("_", " ")


def _context(
    versions: tuple[int, int], ciphers: str, identity: Identity | None, alpn: tuple[str, ...]
) -> ssl.SSLContext:
    import ssl
    import warnings

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(ciphers)
    context.options |= _LEGACY_SERVER_CONNECT
    context.post_handshake_auth = True
    named = {
        TLS10: ssl.TLSVersion.TLSv1,
        TLS11: ssl.TLSVersion.TLSv1_1,
        TLS12: ssl.TLSVersion.TLSv1_2,
        TLS13: ssl.TLSVersion.TLSv1_3,
    }
    for version in versions:
        if version not in named:
            raise UsageError(f"expected TLSv1 to TLSv1.3, found {VERSIONS.get(version, version)}")
    with warnings.catch_warnings():
        # That TLS 1.0 is deprecated is why it is looked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = map(named.__getitem__, versions)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if identity is not None:
        with _file_of(identity) as path:
            try:
                context.load_cert_chain(path)
            except (ssl.SSLError, OSError) as error:
                raise UsageError(f"OpenSSL does not take the client certificate: {error}") from None
    return context


def _file_of(identity: Identity) -> AbstractContextManager[str]:
    """The identity as a file that nobody else can read, as `load_cert_chain` wants one.

    On Linux it is memory with a name below /proc, and never on a disk.
    """
    import base64
    import contextlib
    import os
    import tempfile

    def pem(label: str, data: bytes) -> bytes:
        text = base64.encodebytes(data).decode("ascii")
        return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode("ascii")

    content = pem("PRIVATE KEY", identity.pkcs8)
    content += b"".join(pem("CERTIFICATE", one) for one in identity.chain)

    @contextlib.contextmanager
    def given() -> Iterator[str]:
        if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
            number = os.memfd_create("identity")
            with os.fdopen(number, "wb") as file:
                file.write(content)
                file.flush()
                yield f"/proc/self/fd/{number}"
            return
        number, path = tempfile.mkstemp(prefix="storekeeper-")  # 0600
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
            yield path
        finally:
            os.unlink(path)

    return given()


__all__ = ["ALL_CIPHERS", "Handshake", "Identity", "observes"]
