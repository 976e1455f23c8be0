"""What a server says before TLS: in words that are safe to print, and whose words they are."""

from __future__ import annotations

from ..errors import NetworkError
from ..names import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .stream import Closed, Stream

_LONGEST_TOLD = 300


class Refused(NetworkError):
    """The server speaks the protocol, and no TLS in it."""


def told(protocol: str) -> str:
    """The protocol's name for people."""
    return {
        "sieve": "ManageSieve",
        "postgres": "PostgreSQL",
        "mysql": "MySQL",
        "mssql": "SQL Server",
        "xmpp-server": "XMPP",
    }.get(protocol, protocol.upper())


def words(data: bytes) -> str:
    """What a server said, safe to print, on one line."""
    text = " ".join(data.decode("utf-8", "backslashreplace").split())
    short = text[:_LONGEST_TOLD] + ("..." if len(text) > _LONGEST_TOLD else "")
    return printable(short)


def strange(stream: Stream, protocol: str, data: bytes) -> NetworkError:
    """Another protocol than the one that was named."""
    kind = looks_like(data)
    what = f"{kind}: {words(data[:80])}" if kind else f"{words(data[:80])!r}"
    if data[:1] in (b"\x15", b"\x16") and data[1:2] == b"\x03":
        return NetworkError(
            f"{stream.peer}: expected {told(protocol)}, found TLS at once",
            hint="leave out STARTTLS: HOST:PORT, or the scheme with an s (smtps, imaps, ldaps)",
        )
    return NetworkError(
        f"{stream.peer}: expected {told(protocol)}, found {what}", hint="is it the right port?"
    )


def looks_like(data: bytes) -> str:
    """A phrase for what a server begins with; "" when it is unknown."""
    from re import IGNORECASE, match

    for pattern, what in (
        (rb"SSH-", "an SSH greeting"),
        (rb"HTTP/", "an answer of HTTP"),
        (rb"RFB ", "a VNC greeting"),
        (rb"@RSYNCD", "an rsync greeting"),
        (rb"\* (OK|PREAUTH|BYE)\b", "an IMAP greeting"),
        (rb"\+OK", "a POP3 greeting"),
        (rb"220[ -].*(SMTP|mail)", "an SMTP greeting"),
        (rb"220[ -].*FTP", "an FTP greeting"),
        (rb"20[01][ -]", "an NNTP greeting"),
        (rb'"IMPLEMENTATION"', "a ManageSieve greeting"),
        (rb"<(\?xml|stream:)", "XMPP or other XML"),
        (rb"<(html|!doctype)", "HTML"),
        (rb"[\x00-\xff]{3}\x00\x0a[0-9]+\.", "a MySQL greeting"),
    ):
        if match(pattern, data, IGNORECASE):
            return what
    return ""


def ended(stream: Stream, protocol: str, closed: Closed) -> NetworkError:
    """The connection's end before TLS; with what came of an answer."""
    if closed.partial:
        return strange(stream, protocol, closed.partial)
    before = "" if stream.received else " before it said anything"
    return NetworkError(
        f"{closed.message}{before}, expected {told(protocol)}",
        hint="" if stream.received else "it may not want to talk to this machine's address",
    )


__all__ = ["Refused", "ended", "looks_like", "strange", "told", "words"]
