"""``ssl_debug`` logs of IAIK's iSaSiLk, as webMethods Integration Server writes them."""

from __future__ import annotations

import re

from ..messages import CertificateRequest
from ..wire import Alert
from ..words import ALERTS, version_name
from .dates import instant
from .name_lists import normal
from .values import (
    CLIENT,
    SERVER,
    AlertSeen,
    ClientIdentity,
    Evidence,
    Failure,
    Host,
    Moment,
    Negotiated,
    Note,
    Offered,
    Program,
    Wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .text import Text

_LINE = re.compile(r".{0,120}?ssl_debug\((\d{1,9})\): ?(.*)")
_REMOTE = re.compile(r"Remote (client|server):\s?([^\s,]{1,255}?):(\d{1,5})(?:, Timestamp:(.*))?")
_LIBRARY = re.compile(r"\(iSaSiLk ([0-9.]{1,20})\)")
_VERSION = re.compile(r"requesting version 3\.(\d)")
_CHOSEN = re.compile(r"Server selected SSL version 3\.(\d)|[Ss]electing? version 3\.(\d)")
_SUITE = re.compile(r"(?:CipherSuite selected by server|Selected cipher ?suite): ?(\S{1,80})")
_ALERT = re.compile(r"(Received|Sending) alert(?: message)?: Alert (Fatal|Warning): (.{1,60})")
_FAILED = re.compile(r"((?:SSL)?Exception) while handshaking: (.{1,400})")
_SENT = re.compile(r"Server sent a (\d{1,6}) bit (\w{1,10}) certificate, chain has (\d{1,5})")
_TYPES = {"RSA": 1, "DSS": 2, "DSA": 2, "ECDSA": 64}
_NUMBERS = {name.replace("_", " "): number for number, name in ALERTS.items()}


def read(text: Text) -> Iterator[Evidence]:
    """What a log tells; nothing where it is none."""
    lines = text.lines
    serving: set[str] = set()
    found = [
        (at, match[1], match[2].strip())
        for at, line in enumerate(lines)
        if "ssl_debug(" in line and (match := _LINE.match(line[:2_000]))
    ]
    # A connection has a number, and its lines may stand between those of others.
    for _, number, said in found:
        if said.startswith("Received certificate handshake message with client certificate"):
            serving.add(number)
    for index, (at, number, said) in enumerate(found):
        text.claim(at, at + 1)
        yield from _line(text, at, said, number in serving)
        if said.startswith("Received certificate_request handshake message"):
            rest = [one[2] for one in found[index + 1 : index + 20_000] if one[1] == number]
            yield _wanted(text, at, rest)


def _line(text: Text, at: int, said: str, serving: bool) -> Iterator[Evidence]:
    place = text.place(at)
    if library := _LIBRARY.search(said):
        yield Program(place, "IAIK", library[1])
    if remote := _REMOTE.match(said):
        # It calls the other side so, whatever that is.
        if not serving:
            yield Host(place, remote[2], int(remote[3]))
        when = instant(remote[4] or "")
        if when is not None:
            yield Moment(place, when)
    elif version := _VERSION.search(said):
        yield Offered(place, (version_name(0x300 + int(version[1])),))
    elif chosen := _CHOSEN.search(said):
        yield Negotiated(place, version_name(0x300 + int(chosen[1] or chosen[2])))
    elif suite := _SUITE.search(said):
        yield Negotiated(place, "", suite[1])
    elif alert := _ALERT.match(said):
        ours = alert[1] == "Sending"
        level = 2 if alert[2] == "Fatal" else 1
        by = SERVER if ours == serving else CLIENT
        name = alert[3].strip().lower()
        yield AlertSeen(place, by, Alert(level, _NUMBERS.get(name, -1)))
    elif failed := _FAILED.match(said):
        yield Failure(place, failed[1], failed[2].strip(), (), "iaik")
    elif sent := _SENT.match(said):
        yield Note(
            place,
            f"the server sent {sent[3]} certificates, the first with a {sent[2]} key of "
            f"{sent[1]} bits; the log has no more of them",
        )
    elif said.startswith(("No client certificate available", "Certificate message is empty")):
        yield ClientIdentity(place)


def _wanted(text: Text, at: int, lines: Sequence[str]) -> Wanted:
    kinds: list[str] = []
    names: list[str] = []
    listing = False
    for said in lines:
        if said.startswith("Accepted certificate types:"):
            kinds = [one.strip().upper() for one in said.partition(":")[2].split(",")]
        elif said.startswith("Accepted certificate authorities:"):
            listing = True
            rest = said.partition(":")[2].strip()
            names += [normal(rest)] if "=" in rest else []
        elif listing and re.match(r"[A-Za-z0-9.]{1,40}=", said):
            names.append(normal(said))
        else:
            break
    types = tuple(_TYPES[one] for one in kinds if one in _TYPES)
    # It speaks TLS 1.0 at most.
    return Wanted(text.place(at), CertificateRequest("TLSv1", (), types), tuple(names))
