"""``curl -v`` output of builds with OpenSSL (7.50 to 8), as far as it is about TLS."""

from __future__ import annotations

import re

from ..messages import CertificateRequest
from ..wire import Alert
from .dates import instant
from .name_lists import normal
from .values import (
    CLIENT,
    SERVER,
    AlertSeen,
    Certified,
    Chain,
    ClientIdentity,
    Evidence,
    Host,
    Negotiated,
    StorePath,
    Verified,
    Wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .text import Text

_MARK = re.compile(r"(?:.{0,120}?[^*])?\* {1,3}(.*)")
_CONNECTED = re.compile(r"Connected to (\S{1,255}) \([0-9a-fA-F.:]{2,45}\) port (\d{1,5})")
_FILE = re.compile(r"(CAfile|CApath): (.{1,400})")
_USING = re.compile(r"SSL connection using (\S{1,20}) / (\S{1,60})(?: / (\S{1,60}))?")
_MESSAGE = re.compile(
    r"(TLSv\d(?:\.\d)?|SSLv3|TLS) \((IN|OUT)\), TLS (handshake|alert), .{0,40}\((\d{1,5})\)"
)
_BYTES = re.compile(r"[{}] \[(\d{1,7}) bytes data\]")
_FIELD = re.compile(r"(subject|issuer|start date|expire date): (.{1,2000})")
_SAN = re.compile(r'subjectAltName: host "[^"]{1,255}" matched cert\'s "([^"]{1,255})"')
_RESULT = re.compile(r"SSL certificate verify (?:ok|result: (.{1,120}) \((\d{1,3})\))")
_CERTIFICATE, _REQUEST = 11, 13
_EMPTY = 8
"""Bytes of a Certificate message without a certificate, in TLS 1.3; 7 before it."""


def read(text: Text) -> Iterator[Evidence]:
    """What it tells; nothing where no line looks like curl's."""
    lines = text.lines
    for at, line in enumerate(lines):
        if "* " not in line[:200] or len(line) > 4_096:
            continue
        said = _MARK.match(line)
        if said is None:
            continue
        words = said[1]
        place = text.place(at)
        if found := _CONNECTED.match(words):
            yield Host(place, found[1].strip("[]"), int(found[2]))
        elif found := _FILE.match(words):
            if found[2].strip() != "none":
                yield StorePath(place, "trust", found[2].strip(), found[1])
        elif found := _USING.match(words):
            yield Negotiated(place, found[1], found[2], found[3] or "")
        elif words.startswith("Server certificate:"):
            yield from _certificate(text, at)
        elif found := _RESULT.match(words):
            yield Verified(place, int(found[2] or 0), found[1] or "ok")
        elif found := _MESSAGE.match(words):
            yield from _message(text, at, found, lines)
        else:
            continue
        text.claim(at, at + 1)


def _message(text: Text, at: int, found: re.Match[str], lines: Sequence[str]) -> Iterator[Evidence]:
    place = text.place(at)
    ours = found[2] == "OUT"
    number = int(found[4])
    if found[3] == "alert":
        # Level and description in one number.
        yield AlertSeen(place, CLIENT if ours else SERVER, Alert(number >> 8, number & 0xFF))
    elif number == _REQUEST and not ours:
        yield Wanted(place, CertificateRequest(found[1]), (), listed=False)
    elif number == _CERTIFICATE and ours:
        size = _BYTES.search(lines[at + 1]) if at + 1 < len(lines) else None
        if size and int(size[1]) <= _EMPTY:
            yield ClientIdentity(place)


def _certificate(text: Text, at: int) -> Iterator[Chain]:
    known: dict[str, str] = {}
    names: list[str] = []
    for number in range(at + 1, min(at + 12, len(text.lines))):
        said = _MARK.match(text.lines[number][:4_096])
        if said is None:
            break
        if field := _FIELD.match(said[1]):
            known.setdefault(field[1], field[2].strip())
        elif name := _SAN.match(said[1]):
            names.append(f"DNS:{name[1]}")
        else:
            break
        text.claim(number, number + 1)
    if known:
        leaf = Certified(
            b"",
            normal(known.get("subject", "")),
            normal(known.get("issuer", "")),
            None,
            instant(known.get("start date", "")),
            instant(known.get("expire date", "")),
            "",
            tuple(names),
        )
        yield Chain(text.place(at), SERVER, (leaf,), False)
