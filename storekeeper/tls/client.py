"""A full handshake by the standard library's `ssl`, with every message it reads and writes.

The messages come from ``SSLContext._msg_callback``, decrypted and byte for byte, also when the
handshake fails. It is private to CPython: this module is the only one that knows it, and
`observes` says whether it is there. Nothing is verified: what a server sends is what is asked
for here, and verdicts are made elsewhere.
"""

from __future__ import annotations

from ..errors import NetworkError, UsageError
from ..frozen import Frozen
from . import messages
from .stream import Closed, TimedOut
from .wire import Alert, Message
from .words import TLS10, TLS11, TLS12, TLS13, VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import ClassVar

    from .messages import CertificateRequest, KeyExchange, ServerHello
    from .stream import Stream

ALL_CIPHERS = "ALL:!aNULL:!eNULL:@SECLEVEL=0"
"""Without those that authenticate nobody: servers that have them, too, would take them."""

_HANDSHAKE, _ALERT = 22, 21
_SERVER_HELLO, _TICKET, _CERTIFICATE, _KEY_EXCHANGE, _REQUEST, _STATUS = 2, 4, 11, 12, 13, 22
_LEGACY_SERVER_CONNECT = 0x4
_PIECE = 16_384


class Identity(Frozen):
    """A client certificate to answer with.

    Attributes:
        chain: DER, the client's own first.
        pkcs8: the key, not encrypted.
    """

    chain: tuple[bytes, ...]
    pkcs8: bytes

    _hidden: ClassVar[frozenset[str]] = frozenset({"pkcs8"})


class Seen(Frozen):
    """One message or alert, in the order of the wire.

    Attributes:
        ours: whether the client sent it.
        what: it.
    """

    ours: bool
    what: Message | Alert


def observes() -> bool:
    """Whether this Python shows handshake messages."""
    import ssl

    return hasattr(ssl.SSLContext, "_msg_callback")


class Handshake:
    """One handshake and what follows it.

    Attributes:
        seen: every message and alert so far.
        completed: whether the client is done with its part.
        problem: why it did not complete, in OpenSSL's words; "" for no reason.
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
    ) -> None:
        """Shake hands.

        Args:
            stream: a connection, where TLS is to begin now.
            server_name: for server name indication; None to send none.
            versions: the oldest and the newest that are offered.
            ciphers: in OpenSSL's words, those of TLS 1.3 apart.
            identity: what to answer a request for a certificate with.
            alpn: protocols that are offered.

        Raises:
            UsageError: an identity that OpenSSL does not take.
        """
        import ssl

        self.seen: list[Seen] = []
        self.completed = False
        self.problem = ""
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = _context(versions, ciphers, identity, alpn)
        context._msg_callback = self._observe  # type: ignore[attr-defined]
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_name or None
        )
        self._shake()

    def _observe(
        self,
        _tls: object,
        direction: str,
        _version: object,
        kind: object,
        _type: object,
        data: bytes,
    ) -> None:
        number = int(kind)  # type: ignore[call-overload]
        ours = direction == "write"
        if number == _ALERT and len(data) == 2:
            self.seen.append(Seen(ours, Alert(data[0], data[1])))
        elif number == _HANDSHAKE and len(data) >= 4:
            self.seen.append(Seen(ours, Message(data[0], bytes(data[4:]))))

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
                self._flush()
                return
            else:
                self.completed = True
                self._flush()
                return

    def _more(self, seconds: float | None = None) -> bool:
        """Whether the other side said more."""
        self._flush()
        if self.problem:
            return False
        try:
            piece = self._stream.some(seconds)
        except (Closed, TimedOut) as error:
            self.problem = error.message
            return False
        if not piece:
            self._incoming.write_eof()
            self.problem = f"{self._stream.peer} closed the connection"
            return False
        self._incoming.write(piece)
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
        the alert that says why.
        """
        self.read(seconds)

    def write(self, data: bytes) -> None:
        """Application data."""
        import ssl

        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            self.problem = _reason(error)
        self._flush()

    def read(self, seconds: float, most: int = 65_536) -> bytes:
        """Application data that comes within a time; b"" for none."""
        import ssl
        import time

        until = time.monotonic() + seconds
        found = b""
        while len(found) < most:
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
                break
            if not piece:
                break
            found += piece
        self._flush()
        return found

    def _wait(self, seconds: float) -> bool:
        self._flush()
        try:
            piece = self._stream.some(seconds)
        except TimedOut:
            return False
        except Closed as error:
            self.problem = self.problem or error.message
            return False
        if not piece:
            self._incoming.write_eof()
            return False
        self._incoming.write(piece)
        return True

    # -- what was said ---------------------------------------------------------------------

    def received(self, kind: int) -> Iterator[Message]:
        """The server's messages of a type."""
        for one in self.seen:
            if not one.ours and isinstance(one.what, Message) and one.what.type == kind:
                yield one.what

    @property
    def hello(self) -> ServerHello | None:
        """The server's choice; None where it made none."""
        said = [messages.server_hello(one.body) for one in self.received(_SERVER_HELLO)]
        final = [one for one in said if not one.retry]
        return final[0] if final else None

    @property
    def version(self) -> int:
        """Of the protocol; 0 before it is agreed on."""
        return self.hello.version if self.hello else 0

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER as sent, whatever it is."""
        for one in self.received(_CERTIFICATE):
            return messages.certificates(one.body, self.version)
        return ()

    @property
    def stapled(self) -> bytes:
        """An OCSP response; b"" without one."""
        for one in self.received(_STATUS):
            return messages.stapled(one.body)
        if self.version >= TLS13:
            for one in self.received(_CERTIFICATE):
                return messages.stapled_in(one.body)
        return b""

    @property
    def key_exchange(self) -> KeyExchange | None:
        """The ephemeral key; also where the client refused it."""
        from . import ciphers

        said = self.hello
        if said is None:
            return None
        if said.group is not None:
            return messages.of_group(said.group)
        kind = ciphers.suite(said.cipher).key_exchange
        for one in self.received(_KEY_EXCHANGE):
            return messages.key_exchange(one.body, kind)
        return messages.KeyExchange(kind) if kind else None

    @property
    def requests(self) -> tuple[CertificateRequest, ...]:
        """What was asked of the client, the first in the handshake and those after it."""
        found = []
        hellos = finished = 0
        for one in self.seen:
            if one.ours or not isinstance(one.what, Message):
                continue
            if one.what.type == _SERVER_HELLO:
                hellos += not messages.server_hello(one.what.body).retry
            elif one.what.type == 20:
                finished += 1
            elif one.what.type == _REQUEST:
                when = "handshake"
                if hellos > 1:
                    when = "renegotiation"
                elif finished and self.version >= TLS13:
                    when = "post-handshake"
                found.append(messages.certificate_request(one.what.body, self.version, when))
        return tuple(found)

    @property
    def alert(self) -> Alert | None:
        """The last that the server sent and that says something."""
        found = [one.what for one in self.seen if not one.ours and isinstance(one.what, Alert)]
        telling = [one for one in found if one.description not in (0, 90)]
        return telling[-1] if telling else None

    @property
    def own_alert(self) -> Alert | None:
        """With which the client ended the handshake."""
        found = [one.what for one in self.seen if one.ours and isinstance(one.what, Alert)]
        telling = [one for one in found if one.description != 0]
        return telling[-1] if telling else None

    @property
    def tickets(self) -> int:
        """Session tickets after the handshake: in TLS 1.3 a sign that the server is content."""
        return sum(1 for _ in self.received(_TICKET))

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


__all__ = ["ALL_CIPHERS", "Handshake", "Identity", "Seen", "observes"]
