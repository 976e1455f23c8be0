"""STARTTLS of protocols that speak in lines: SMTP, LMTP, FTP, NNTP, IMAP, POP3, ManageSieve.

Sources: RFC 3207 and 5321, RFC 2033, RFC 4217 and 959, RFC 4642 and 3977, RFC 9051,
RFC 2595, RFC 5804.
"""

from __future__ import annotations

import re

from ..errors import NetworkError
from .greetings import Refused, looks_like, strange, told, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .stream import Stream

OWN_NAME = "storekeeper.invalid"
"""What SMTP is greeted with: honest, resolvable by nobody, and nothing about this machine."""

MOST_LINES = 200
MOST_BYTES = 65_536
_LONGEST_LINE = 4_096
_LONGEST_LITERAL = 8_192
_MASKED = "X{4,}A?"


class Dialogue:
    """Lines to and from a server.

    Attributes:
        protocol: for messages.
    """

    def __init__(self, stream: Stream, protocol: str) -> None:
        self._stream = stream
        self._lines = 0
        self._bytes = 0
        self.protocol = protocol

    def say(self, line: str) -> None:
        """A line of ours."""
        self._stream.send(line.encode("ascii") + b"\r\n")

    def line(self) -> bytes:
        """The server's next line, without its end.

        Raises:
            NetworkError: the lines do not end.
        """
        self._lines += 1
        if self._lines > MOST_LINES:
            raise NetworkError(
                f"{self._stream.peer} said more than {MOST_LINES} lines before TLS:"
                f" this is no {told(self.protocol)}"
            )
        found = self._stream.line(_LONGEST_LINE).rstrip(b"\r\n")
        self._count(len(found))
        self._stream.said += (words(found),)
        return found

    def literal(self, line: bytes) -> bytes:
        """The line, and after it the literal that its end announces (RFC 9051 section 4.3)."""
        while announced := re.search(rb"\{([0-9]{1,9})\+?\}$", line):
            size = int(announced[1])
            if size > _LONGEST_LITERAL:
                raise NetworkError(f"{self._stream.peer} announces a literal of {size} bytes")
            self._count(size)
            line = line[: announced.start()] + self._stream.exactly(size) + self.line()
        return line

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise NetworkError(
                f"{self._stream.peer} said more than {MOST_BYTES} bytes before TLS:"
                f" this is no {told(self.protocol)}"
            )

    def reply(self) -> tuple[int, list[str]]:
        """A reply of three digits: its code, and its lines without it (RFC 5321 section 4.2.1).

        Raises:
            NetworkError: something else.
        """
        line = self.line()
        code = line[:3]
        if not re.fullmatch(rb"[1-5][0-9]{2}([ -].*)?", line, re.DOTALL):
            raise self.strange(line)
        found = [words(line[4:])]
        while line[3:4] == b"-" or line[:3] != code:  # FTP's lines between have no code
            line = self.line()
            found.append(words(line[4:] if line[:3] == code else line))
        return int(code), found

    def strange(self, line: bytes) -> NetworkError:
        """The server speaks something else."""
        return strange(self._stream, self.protocol, line + b"\n" + self._stream.pending)

    def refused(self, answer: str) -> Refused:
        """The server does not begin TLS."""
        return Refused(f"{self._stream.peer} refuses TLS: {answer}")

    def lacks(self, offered: list[str]) -> Refused:
        """The server does not have TLS among its capabilities."""
        hint = "TLS may be switched off there, or begin at once on another port"
        if any(re.fullmatch(_MASKED, one) for one in offered):
            hint = "a firewall on the way blots out STARTTLS: it shows as X characters"
        listed = ", ".join(offered[:12]) or "nothing"
        return Refused(
            f"{self._stream.peer} does not offer STARTTLS; it offers {listed}", hint=hint
        )


def smtp(server: Dialogue) -> None:
    """SMTP (RFC 3207)."""
    _mail(server, "EHLO")


def lmtp(server: Dialogue) -> None:
    """LMTP (RFC 2033)."""
    _mail(server, "LHLO")


def _mail(server: Dialogue, hello: str) -> None:
    greeting = _greeted(server, (220,))
    server.say(f"{hello} {OWN_NAME}")
    code, offered = server.reply()
    if code != 250:
        # A mail server may greet in any words: only one that does not know EHLO is another.
        if looks_like(greeting) == "an FTP greeting":
            raise server.strange(greeting)
        raise server.refused(f"{hello} is answered with {code} {offered[-1]}")
    known = [one.split(" ")[0].upper() for one in offered[1:] if one]
    if "STARTTLS" not in known:
        raise server.lacks(known)
    server.say("STARTTLS")
    _agreed(server, (220,))


def ftp(server: Dialogue) -> None:
    """FTP (RFC 4217): the control connection."""
    greeting = _greeted(server, (220,))
    server.say("AUTH TLS")
    code, lines = server.reply()
    if code != 234:
        if looks_like(greeting) == "an SMTP greeting":
            raise server.strange(greeting)
        raise server.refused(f"{code} {' '.join(lines)}")


def nntp(server: Dialogue) -> None:
    """NNTP (RFC 4642)."""
    _greeted(server, (200, 201))
    server.say("STARTTLS")
    _agreed(server, (382,))


def _greeted(server: Dialogue, codes: tuple[int, ...]) -> bytes:
    """The greeting's first line."""
    code, lines = server.reply()
    greeting = f"{code} {lines[0]}".encode()
    # 421 and 554 are how a server declines to talk at all.
    if code >= 400:
        raise server.refused(f"it greets with {code} {' '.join(lines)}")
    if code not in codes:
        raise server.strange(greeting)
    return greeting


def _agreed(server: Dialogue, codes: tuple[int, ...]) -> None:
    code, lines = server.reply()
    if code not in codes:
        raise server.refused(f"{code} {' '.join(lines)}")


def imap(server: Dialogue) -> None:
    """IMAP (RFC 9051 section 6.2.1)."""
    greeting = server.line()
    if not re.match(rb"\* (OK|PREAUTH|BYE)\b", greeting, re.IGNORECASE):
        raise server.strange(greeting)
    if greeting[2:4].upper() != b"OK":
        raise server.refused(words(greeting[2:]))
    server.say("A1 STARTTLS")
    while (line := server.literal(server.line())).startswith(b"* "):
        if line[2:5].upper() == b"BYE":
            raise server.refused(words(line[2:]))
    if not line.upper().startswith(b"A1 "):
        raise server.strange(line)
    if line[3:5].upper() != b"OK":
        raise server.refused(words(line[3:]))


def pop3(server: Dialogue) -> None:
    """POP3 (RFC 2595 section 4)."""
    _positive(server)
    server.say("STLS")
    _positive(server)


def _positive(server: Dialogue) -> None:
    line = server.line()
    if line.upper().startswith(b"-ERR"):
        raise server.refused(words(line))
    if not line.upper().startswith(b"+OK"):
        raise server.strange(line)


def sieve(server: Dialogue) -> None:
    """ManageSieve (RFC 5804 sections 1.7 and 2.2)."""
    offered = []
    while (line := server.literal(server.line())).startswith(b'"'):
        offered.append(words(line).split('"')[1].upper())
    _settled(server, line)
    if "STARTTLS" not in offered:
        raise server.lacks(offered)
    server.say("STARTTLS")
    _settled(server, server.literal(server.line()))


def _settled(server: Dialogue, line: bytes) -> None:
    if re.match(rb"(NO|BYE)\b", line, re.IGNORECASE):
        raise server.refused(words(line))
    if not re.match(rb"OK\b", line, re.IGNORECASE):
        raise server.strange(line)


PROTOCOLS: dict[str, Callable[[Dialogue], None]] = {
    "smtp": smtp,
    "lmtp": lmtp,
    "ftp": ftp,
    "nntp": nntp,
    "imap": imap,
    "pop3": pop3,
    "sieve": sieve,
}

__all__ = ["MOST_LINES", "OWN_NAME", "PROTOCOLS", "Dialogue"]
