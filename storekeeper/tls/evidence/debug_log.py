"""``javax.net.debug`` output of JDK 11 and later (JDK class SSLLogger).

What is printed becomes evidence; where the log has the bytes as well (``all``, ``packet``,
``plaintext``), they count in place of what is printed of them, also in TLS 1.3.
"""

from __future__ import annotations

import re

from ..messages import CertificateRequest
from ..wire import Alert
from ..words import ALERTS, CERTIFICATE_TYPES, SCHEMES
from . import debug_bytes, name_lists, printed
from .dates import instant
from .values import (
    CLIENT,
    SERVER,
    AlertSeen,
    Anchors,
    Chain,
    ClientIdentity,
    Evidence,
    Host,
    Listed,
    Moment,
    Negotiated,
    Offered,
    StorePath,
    Wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .text import Text
    from .values import Place

MARK = "javax.net.ssl|"

_HEADER = re.compile(
    r"javax\.net\.ssl\|([A-Z]{2,10})\|([0-9A-Fa-f]{1,16})\|(.{0,200}?)\|"
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^|]{0,24})\|([^|]{0,100})\|(.*)"
)
_CERTIFICATE = re.compile(
    r"(Produced|Consuming) (server|client) Certificate (?:handshake )?message"
)
_VALUE = re.compile(r'\s{0,40}"([a-z_ ]{3,40})" {0,24}: {0,4}"?(.*?)"?,?\s*$')
_SERVER_NAME = re.compile(r"type=host_name \(0\), value=([^\s,\]]{1,255})")
_STORE = re.compile(r"(trust|key)Store is ?: ?(.*)")
_TYPE = re.compile(r"(?:trust|key)Store type is ?: ?(\S{1,40})")
_FATAL = re.compile(r"Fatal \(([A-Z_0-9]{4,40})\): ?(.*)")
_FOUND_KEY = re.compile(r"found key for ?: ?(.*?) ?\($")
_ALIAS = re.compile(r"matching alias: ?(.{1,200})")
_LONGEST_BLOCK = 200_000  # lines

_NUMBERS = {name: number for number, name in ALERTS.items()}
_SCHEMES = {name: number for number, name in SCHEMES.items()}
_TYPES = {name: number for number, name in CERTIFICATE_TYPES.items()}


class Block:
    """One event of the log.

    Attributes:
        line: its number.
        end: the number of the line behind it.
        thread: its number, as printed.
        when: as printed.
        title: what the first line says, behind the header.
        body: the lines behind it.
    """

    __slots__ = ("body", "end", "line", "thread", "title", "when")

    def __init__(self, line: int, thread: str, when: str, title: str) -> None:
        self.line = line
        self.end = line + 1
        self.thread = thread
        self.when = when
        self.title = title
        self.body: Sequence[str] = ()


def blocks(text: Text) -> Iterator[Block]:
    """The events of a log, whatever stands between them."""
    lines = text.lines
    at = 1
    while at < len(lines):
        begin = lines[at].find(MARK)
        found = _HEADER.match(lines[at], begin) if begin >= 0 else None
        if found is None:
            at += 1
            continue
        block = Block(at, found[2], found[4], found[6].rstrip())
        at += 1
        stop = at
        if block.title.endswith("("):
            # A cut block ends where the next one begins.
            while stop < min(len(lines), at + _LONGEST_BLOCK) and MARK not in lines[stop]:
                stop += 1
                if lines[stop - 1].strip() == ")":
                    break
        elif _STORE.match(block.title):
            while stop < min(len(lines), at + 2) and _TYPE.search(lines[stop]):
                stop += 1
        block.body = lines[at:stop]
        block.end = at = stop
        yield block


def read(text: Text) -> Iterator[Evidence]:
    """What a log tells; nothing where it is none."""
    if not any(MARK in line for line in text.lines):
        return
    found = list(blocks(text))
    servers = {block.thread for block in found if block.title.startswith("Consuming ClientHello")}
    sent = debug_bytes.pieces(text, found, servers)
    known = {(thread, type(one)) for thread, one in sent}
    alerts = {
        (thread, one.by, one.alert.description)
        for thread, one in sent
        if isinstance(one, AlertSeen)
    }
    for block in found[:1]:
        when = instant(block.when)
        if when is not None:
            yield Moment(text.place(block.line), when)
    aliases: dict[str, str] = {}
    for block in found:
        # A throwable is left to the reader of stack traces.
        thrown = bool(block.body) and "throwable" in block.body[0]
        text.claim(block.line, block.line + 2 if thrown else block.end)
        if alias := _ALIAS.match(block.title):
            aliases[block.thread] = alias[1].strip()
        ours = SERVER if block.thread in servers else CLIENT
        for one in _evidence(block, text.place(block.line), ours, aliases):
            if isinstance(one, AlertSeen):
                if (block.thread, one.by, one.alert.description) not in alerts:
                    yield one
            elif (block.thread, type(one)) not in known or isinstance(one, Listed | Anchors):
                yield one
    for thread, one in sent:
        if isinstance(one, ClientIdentity) and one.sent:
            yield ClientIdentity(one.place, one.certificates, aliases.get(thread, ""))
        else:
            yield one


def _evidence(block: Block, place: Place, ours: str, aliases: dict[str, str]) -> Iterator[Evidence]:
    title, body = block.title, block.body
    theirs = CLIENT if ours == SERVER else SERVER
    if store := _STORE.match(title):
        kind = next((found[1] for line in body if (found := _TYPE.search(line))), "")
        if store[2].strip():
            yield StorePath(place, store[1], store[2].strip(), kind)
    elif "ClientHello handshake message" in title:
        yield from _hello(body, place)
    elif "ServerHello handshake message" in title:
        yield _negotiated(body, place)
    elif found := _CERTIFICATE.match(title):
        chain = printed.of_logger(body)
        if found[2] == CLIENT:
            yield ClientIdentity(place, chain, aliases.get(block.thread, "") if chain else "")
        else:
            yield Chain(place, SERVER, chain, bool(body) and body[-1].strip() == ")")
    elif "CertificateRequest" in title and "message" in title:
        yield _wanted(body, place)
    elif title.startswith("Received alert message"):
        yield from _alert(body, place, theirs)
    elif fatal := _FATAL.match(title):
        if not fatal[2].startswith("Received fatal alert"):
            number = _NUMBERS.get(fatal[1].lower(), -1)
            yield AlertSeen(place, ours, Alert(2, number))
    elif title.startswith("adding as trusted certificates"):
        yield Anchors(place, printed.of_logger(body))
    elif found_key := _FOUND_KEY.match(title):
        yield Listed(place, found_key[1], "PrivateKeyEntry", printed.of_logger(body))


def _values(body: Sequence[str]) -> dict[str, str]:
    """The first value of each name."""
    known: dict[str, str] = {}
    for line in body:
        if found := _VALUE.match(line):
            known.setdefault(found[1], found[2])
    return known


def _list(value: str) -> tuple[str, ...]:
    """The words of ``[a, b(0x1), c]``."""
    words = value.strip().strip("[]").split(",")
    return tuple(word.strip().partition("(")[0] for word in words if word.strip())


def _inside(body: Sequence[str], extension: str) -> Sequence[str]:
    """The lines of an extension."""
    for at, line in enumerate(body):
        if line.strip().startswith(f'"{extension} ('):
            indent = len(line) - len(line.lstrip())
            for end in range(at + 1, len(body)):
                if body[end][indent : indent + 1] == "}":
                    return body[at + 1 : end]
            return body[at + 1 :]
    return ()


def _hello(body: Sequence[str], place: Place) -> Iterator[Evidence]:
    known = _values(body)
    versions = _list(_values(_inside(body, "supported_versions")).get("versions", ""))
    schemes = _list(_values(_inside(body, "signature_algorithms")).get("signature schemes", ""))
    names = [
        found[1] for line in _inside(body, "server_name") if (found := _SERVER_NAME.search(line))
    ]
    ciphers = _list(known.get("cipher suites", ""))
    signals = ("TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "TLS_FALLBACK_SCSV")
    yield Offered(
        place,
        versions or tuple(filter(None, (known.get("client version", ""),))),
        tuple(name for name in ciphers if name not in signals),
        schemes,
        names[0] if names else "",
    )
    if names:
        yield Host(place, names[0], None, "sni")


def _negotiated(body: Sequence[str], place: Place) -> Negotiated:
    known = _values(body)
    chosen = _values(_inside(body, "supported_versions")).get("selected version", "")
    protocol = chosen.strip("[]") or known.get("server version", "")
    return Negotiated(place, protocol, known.get("cipher suite", "").partition("(")[0])


def _wanted(body: Sequence[str], place: Place) -> Wanted:
    known = _values(body)
    modern = "certificate_request_context" in known
    schemes = known.get("supported signature algorithms", known.get("signature schemes", ""))
    for_chain = _values(_inside(body, "signature_algorithms_cert")).get("signature schemes", "")
    request = CertificateRequest(
        "TLSv1.3" if modern else "TLSv1.2" if schemes else "TLSv1",
        (),
        tuple(_TYPES[one] for one in _list(known.get("certificate types", "")) if one in _TYPES),
        tuple(_SCHEMES[one] for one in _list(schemes) if one in _SCHEMES),
        tuple(_SCHEMES[one] for one in _list(for_chain) if one in _SCHEMES),
    )
    listed = known.get("certificate authorities", "")
    if not modern:
        return Wanted(place, request, name_lists.java(listed.removeprefix("[").removesuffix("]")))
    names = []
    inside = _inside(body, "certificate_authorities")
    for line in inside[1:] if inside else ():
        name = line.strip()
        last = name.endswith("]")
        if name.removesuffix("]"):
            names.append(name_lists.normal(name.removesuffix("]")))
        if last:
            break
    return Wanted(place, request, tuple(names))


def _alert(body: Sequence[str], place: Place, by: str) -> Iterator[AlertSeen]:
    known = _values(body)
    if "description" in known:
        level = 2 if known.get("level") == "fatal" else 1
        yield AlertSeen(place, by, Alert(level, _NUMBERS.get(known["description"], -1)))
