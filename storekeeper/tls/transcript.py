"""What both sides said in a handshake, in order: from a connection, or from a capture."""

from __future__ import annotations

from ..frozen import Frozen
from . import messages
from .wire import Alert, Message
from .words import TLS13

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .messages import CertificateRequest, KeyExchange, ServerHello

_SERVER_HELLO, _TICKET, _CERTIFICATE, _KEY_EXCHANGE, _REQUEST, _STATUS = 2, 4, 11, 12, 13, 22
_FINISHED = 20


class Seen(Frozen):
    """One message or alert, in the order of the wire.

    Attributes:
        ours: whether the client sent it.
        what: it.
    """

    ours: bool
    what: Message | Alert


class Transcript:
    """Messages and alerts of both sides.

    Every property raises Damaged or LimitExceeded where its message can't be read.

    Attributes:
        seen: all of it, in the order of the wire.
    """

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self.seen = list(seen)

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
            elif one.what.type == _FINISHED:
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
