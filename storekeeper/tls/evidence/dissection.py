"""Handshakes as words: Wireshark's packet details copied out, and ``analyze-ssl.pl``."""

from __future__ import annotations

import re

from ..wire import Alert
from ..words import ALERTS
from .name_lists import normal
from .values import SERVER, AlertSeen, Certified, Chain, Evidence, Negotiated, Offered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Text

_ALERT = re.compile(r"Alert \(Level: (Fatal|Warning), Description: ([A-Za-z ]{3,40})\)")
_HELLO = re.compile(r"Handshake Protocol: (Client Hello|Server Hello)\s*$")
_SUITE = re.compile(r"Cipher Suite: ([A-Z][A-Za-z0-9_]{5,60}) \(0x[0-9a-f]{4}\)")
_NAME = re.compile(r"Server Name: (\S{1,255})")
_VERSION = re.compile(r"[-\s]{0,20}Version: (TLS 1\.\d|SSL 3\.0) \(0x0[0-9a-f]{3}\)")
_ANALYZED = re.compile(
    r"\s{0,8}\*? ?\[(\d{1,3}|-)/(\d{1,3}|-)\] bits=\d{1,6},[^/]{0,400}(/.{1,1000})"
)
_NUMBERS = {name.replace("_", " "): number for number, name in ALERTS.items()}
_VERSIONS = {"TLS 1.0": "TLSv1", "TLS 1.1": "TLSv1.1", "TLS 1.2": "TLSv1.2",
             "TLS 1.3": "TLSv1.3", "SSL 3.0": "SSLv3"}  # fmt: skip
_MOST = 1_000


def read(text: Text) -> Iterator[Evidence]:
    """What the words tell."""
    hello = ""
    line_of_hello = 0
    version = ""
    offered: list[str] = []
    name = ""
    chain: list[Certified] = []
    line_of_chain = 0
    for at, line in enumerate(text.lines):
        short = line[:2_000]
        if "Handshake Protocol" in short and (found := _HELLO.search(short)):
            if hello == "Client Hello" and offered:
                yield Offered(text.place(line_of_hello), (version,), tuple(offered), (), name)
            hello, line_of_hello, version, offered, name = found[1], at, "", [], ""
        elif "Description:" in short and (found := _ALERT.search(short)):
            number = _NUMBERS.get(found[2].strip().lower(), -1)
            yield AlertSeen(text.place(at), "", Alert(2 if found[1] == "Fatal" else 1, number))
        elif hello and not version and (found := _VERSION.match(short)):
            version = _VERSIONS.get(found[1], "")
        elif hello and "Server Name:" in short and (found := _NAME.search(short)):
            name = found[1]
        elif hello and "Cipher Suite: " in short and (found := _SUITE.search(short)):
            if hello == "Server Hello":
                yield Negotiated(text.place(at), version, found[1])
                hello = ""
            elif len(offered) < _MOST and not found[1].endswith("_SCSV"):
                offered.append(found[1])
        elif "bits=" in short and (found := _ANALYZED.match(short)) and len(chain) < _MOST:
            if found[1] == "0":
                if chain:
                    yield Chain(text.place(line_of_chain), SERVER, tuple(chain))
                chain, line_of_chain = [], at
            chain += _analyzed(found)
    if hello == "Client Hello" and offered:
        yield Offered(text.place(line_of_hello), (version,), tuple(offered), (), name)
    if chain:
        yield Chain(text.place(line_of_chain), SERVER, tuple(chain))


def _analyzed(found: re.Match[str]) -> list[Certified]:
    """A certificate that the server sent; one that comes from the trust store has no number."""
    if found[1] == "-":
        return []
    subject, _, names = found[3].partition(" SAN=")
    listed = tuple(name.strip() for name in names.split(",") if name.strip())
    return [Certified(subject=normal(subject), names=listed)]
