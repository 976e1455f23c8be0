"""A server's first flight, read from its plain bytes: SSL 3.0 to TLS 1.2, with no cryptography.

What OpenSSL refuses to talk to is seen this way, too: old protocols, tiny Diffie-Hellman
groups, certificates nobody can parse. The handshake ends after the server's first words, with
an alert that says so (user_canceled). In TLS 1.3 the rest is encrypted; see `client`.
"""

from __future__ import annotations

import contextlib

from ..errors import NetworkError, StorekeeperError, UnknownFormat
from ..frozen import Frozen
from . import ciphers, hello, messages
from .stream import Closed, TimedOut
from .wire import ALERT, HANDSHAKE, RECORD_HEADER, Alert, Message, Messages, Record, header
from .words import TLS12, TLS13

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .messages import CertificateRequest, KeyExchange, ServerHello
    from .stream import Stream

_USER_CANCELED = Record(ALERT, 0x0301, Alert(1, 90).encode()).encode()
_CERTIFICATE, _KEY_EXCHANGE, _REQUEST, _DONE, _STATUS = 11, 12, 13, 14, 22
_MOST_RECORDS = 4_096


class FirstFlight(Frozen):
    """What a server said to a ClientHello.

    Attributes:
        hello: its choice; None when it refused.
        chain: DER as sent.
        key_exchange: the ephemeral key; None where none is sent.
        request: what it asks of a client; None when it does not.
        stapled: an OCSP response, b"" without one.
        alert: with which it refused; None for none.
        problem: why there is no more, or "": a message that can't be read, an end without a word.
        messages: all of it, as sent.
    """

    hello: ServerHello | None = None
    chain: tuple[bytes, ...] = ()
    key_exchange: KeyExchange | None = None
    request: CertificateRequest | None = None
    stapled: bytes = b""
    alert: Alert | None = None
    problem: str = ""
    messages: tuple[Message, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether the server agreed to what was offered."""
        return self.hello is not None


def first_flight(
    stream: Stream,
    version: int = TLS12,
    suites: Sequence[int] | None = None,
    *,
    server_name: str | None = None,
    groups: Iterable[int] = hello.CURVES,
    status_request: bool = False,
) -> FirstFlight:
    """Say hello and listen, until the server waits for an answer.

    Args:
        stream: a connection, where TLS is to begin now.
        version: that is offered; below TLS 1.3.
        suites: that are offered; all of them when not given.
        server_name: for server name indication.
        groups: elliptic curves that are offered.
        status_request: ask for a stapled OCSP response.

    Raises:
        NetworkError: the connection can't be written to.
        UnknownFormat: what answers is no TLS.
    """
    offered = ciphers.of_version(version) if suites is None else suites
    stream.send(
        hello.client_hello(
            version,
            offered,
            server_name=server_name,
            groups=groups,
            status_request=status_request,
        )
    )
    found, alert, problem = _listen(stream)
    if alert is None or not alert.fatal:
        with contextlib.suppress(NetworkError):  # it is only manners
            stream.send(_USER_CANCELED)
    return read(found, alert, problem)


def _listen(stream: Stream) -> tuple[list[Message], Alert | None, str]:
    found: list[Message] = []
    joined = Messages()
    last: Alert | None = None
    for _ in range(_MOST_RECORDS):
        try:
            kind, _, length = header(stream.exactly(RECORD_HEADER))
            payload = stream.exactly(length)
            if kind == ALERT and length == 2:
                last = Alert(payload[0], payload[1])
                if last.fatal or last.description == 0:
                    return found, last, ""
                continue
            if kind != HANDSHAKE:
                return found, last, "an encrypted record before the handshake's end"
            found += joined.feed(payload)
        except Closed as closed:
            return found, last, closed.message
        except TimedOut as late:
            return found, last, late.message
        except UnknownFormat:
            if found:
                return found, last, "what follows is no TLS"
            raise
        except StorekeeperError as error:
            return found, last, error.message
        if any(one.type == _DONE for one in found):
            return found, last, ""
        if found and found[0].type == 2 and _version(found[0]) >= TLS13:
            return found, last, ""
    return found, last, f"more than {_MOST_RECORDS} records"


def _version(message: Message) -> int:
    try:
        return messages.server_hello(message.body).version
    except StorekeeperError:
        return 0


def read(found: Sequence[Message], alert: Alert | None = None, problem: str = "") -> FirstFlight:
    """The messages of a flight, understood; what can't be read is in ``problem``."""
    said: ServerHello | None = None
    chain: tuple[bytes, ...] = ()
    exchange: KeyExchange | None = None
    request: CertificateRequest | None = None
    stapled = b""
    problems = [problem] if problem else []
    for one in found:
        try:
            if one.type == 2:
                said = messages.server_hello(one.body)
                kind = ciphers.suite(said.cipher).key_exchange
                if said.group is not None:
                    exchange = messages.of_group(said.group)
                elif kind == "RSA":
                    exchange = messages.KeyExchange(kind)
            elif said is None:
                continue
            elif one.type == _CERTIFICATE:
                chain = messages.certificates(one.body, said.version)
            elif one.type == _STATUS:
                stapled = messages.stapled(one.body)
            elif one.type == _KEY_EXCHANGE:
                kind = ciphers.suite(said.cipher).key_exchange
                exchange = messages.key_exchange(one.body, kind)
            elif one.type == _REQUEST:
                request = messages.certificate_request(one.body, said.version)
        except StorekeeperError as error:
            problems.append(f"its {one.name} can't be read: {error.message}")
    return FirstFlight(
        said, chain, exchange, request, stapled, alert, "; ".join(problems), tuple(found)
    )


__all__ = ["FirstFlight", "first_flight", "read"]
