"""Asking for TLS on a connection that begins in the clear, up to the first byte of TLS.

Each protocol is spoken just as far as its request for TLS; nobody logs in and nothing is asked
besides. What a server sent already behind its answer would count as said under TLS by careless
clients: it is the sign of an injection (CVE-2011-0411, CVE-2021-23222), and an error here.
"""

from __future__ import annotations

from ..errors import LimitExceeded, NetworkError, UsageError
from .greetings import Refused, ended, told, words
from .stream import Closed, TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .stream import Stream


def starttls(stream: Stream, protocol: str, name: str = "") -> Stream:
    """Ask for TLS.

    Args:
        stream: a new connection.
        protocol: one of `target.STARTTLS`.
        name: the server's domain, which XMPP needs.

    Returns:
        What TLS is spoken over now: the same connection, or one that wraps each of its pieces
        as the protocol wants it (mssql). Its ``said`` has what the server said.

    Raises:
        Refused: the server has no TLS, or not now, in its own words.
        NetworkError: it speaks another protocol, too much, or nothing in time.
        UsageError: no such protocol.
    """
    from . import starttls_binary, starttls_lines, starttls_xmpp

    lines, binary = starttls_lines.PROTOCOLS, starttls_binary.PROTOCOLS
    try:
        if protocol in lines:
            lines[protocol](starttls_lines.Dialogue(stream, protocol))
        elif protocol in binary:
            stream = binary[protocol](stream)
        elif protocol in starttls_xmpp.NAMESPACES:
            starttls_xmpp.ask(stream, protocol, name)
        else:
            raise UsageError(f"expected a protocol with STARTTLS, found {protocol!r}")
    except LimitExceeded as much:
        raise NetworkError(f"{much.message}: this is no {told(protocol)}") from None
    except Closed as closed:
        raise ended(stream, protocol, closed) from None
    except TimedOut as late:
        hint = "a server where TLS begins at once waits like this: try without STARTTLS"
        if stream.received:
            hint = "it began to answer; --timeout gives it more time"
        raise NetworkError(f"{late.message}: no {told(protocol)} so far", hint=hint) from None
    if stream.pending:
        raise NetworkError(
            f"{stream.peer} sent {len(stream.pending)} bytes behind its answer, before TLS began:"
            f" {words(stream.pending)}",
            hint="somebody on the way may have put them there, for a client to take as encrypted",
        )
    return stream


__all__ = ["Refused", "starttls"]
