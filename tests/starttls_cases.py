"""What the tests of STARTTLS share: who asks, and dialogues as the RFCs have them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from storekeeper.errors import NetworkError
from storekeeper.tls.connect import Address, connect
from storekeeper.tls.starttls import starttls
from storekeeper.tls.stream import Stream
from tests.servers import Setup, scripted, setup
from tests.servers.bench import HOST
from tests.servers.scripted import Talk, context_of

SECONDS = 20.0


def made() -> Setup:
    return setup("localhost", "Bench Inter", "Bench Root", kind="RSA")


def asked(port: int, protocol: str, seconds: float = SECONDS, name: str = "localhost") -> Stream:
    stream = connect(Address(HOST, port), seconds, f"server:{port}")
    try:
        return starttls(stream, protocol, name)
    except BaseException:
        stream.close()
        raise


def problem(port: int, protocol: str, seconds: float = SECONDS) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        asked(port, protocol, seconds)
    assert caught.value.exit_status == 5
    assert caught.value.message.replace("\\", "").isprintable()
    return caught.value


@contextlib.contextmanager
def speaking(*turns: tuple[bytes, bytes]) -> Iterator[int]:
    """A server of (what it says, what it then hears the end of), with TLS after the last turn."""
    context = context_of(made())

    def behave(talk: Talk) -> None:
        for says, hears in turns:
            talk.say(says)
            if hears:
                talk.hear(hears)
        talk.secure(context)

    with scripted(behave) as server:
        yield server.port


_FEATURES = (
    b"<?xml version='1.0'?>\n<stream:stream id='1'>\n<stream:features><a/>"
    b"<tls:starttls xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'></tls:starttls></stream:features>"
)

SPOKEN: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    "smtp": (
        (b"220-mx greets\r\n220-you\r\n220 mx ESMTP\r\n", b"\n"),
        (b"250-mx\r\n250-SIZE 1000\r\n250-starttls\r\n250 HELP\r\n", b"\n"),
        (b"220-2.0.0 Ready\r\n220 go\r\n", b""),
    ),
    "lmtp": (
        (b"220 mx LMTP\r\n", b"\n"),
        (b"250-mx\r\n250 STARTTLS\r\n", b"\n"),
        (b"220 go\r\n", b""),
    ),
    "ftp": ((b"220-Hello\r\n  230 in between\r\n220 done\r\n", b"\n"), (b"234 go\r\n", b"")),
    "nntp": ((b"201 no posting\r\n", b"\n"), (b"382 go\r\n", b"")),
    "imap": (
        (b"* OK hello\n", b"\n"),
        (b"* CAPABILITY IMAP4rev1 {5}\r\nx\r\ny\nrest\r\na1 ok begin\r\n", b""),
    ),
    "pop3": ((b"+ok hello\r\n", b"\n"), (b"+OK go\r\n", b"")),
    "sieve": (
        (b'"IMPLEMENTATION" "x"\r\n"NOTE" {3+}\r\nab\n\r\n"starttls"\r\nOK\r\n', b"\n"),
        (b'OK "go"\r\n', b""),
    ),
    "xmpp": (
        (b"", b">"),
        (b"", b">"),
        (
            _FEATURES,
            b"/>",
        ),
        (b"<tls:proceed xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'></tls:proceed>", b""),
    ),
    # Active Directory writes every length in four bytes.
    "ldap": (
        (b"", b"1.3.6.1.4.1.1466.20037"),
        (
            bytes.fromhex("3084000000280201017884 0000001f0a0100040004008a16".replace(" ", ""))
            + b"1.3.6.1.4.1.1466.20037",
            b"",
        ),
    ),
}

# Those who wait for the client's word first, and how much of it.
FIRST = {"ldap": 31, "postgres": 8, "rdp": 19, "mssql": 26, "xmpp": 150}


def saying(protocol: str, script: bytes) -> Callable[[Talk], None]:
    def behave(talk: Talk) -> None:
        if protocol == "xmpp":
            talk.hear(b"version='1.0'>")
        elif protocol in FIRST:
            talk.hear_bytes(FIRST[protocol])
        for number, says in enumerate(script.split(b"|")):
            if number:
                talk.hear(b">" if protocol == "xmpp" else b"\n")
            talk.say(says)

    return behave


AGREED = {protocol: b"".join(says for says, _ in turns) for protocol, turns in SPOKEN.items()} | {
    "postgres": b"S",
    "mysql": b"\x1c\x00\x00\x00\x0a5.0\x00" + bytes(13) + b"\xff\xff" + bytes(8),
    "rdp": bytes.fromhex("030000130ed000000000000200080001000000"),
}
