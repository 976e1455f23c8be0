"""``javax.net.debug`` output of JDK 8 and before (JDK class Handshaker and its messages).

One event has no header there: milestones begin with ``***``, and a thread's name stands before
what it does. Written from what such logs look like in articles and tickets; no JDK 8 was run.
"""

from __future__ import annotations

import re

from ..messages import CertificateRequest
from ..wire import Alert
from ..words import ALERTS
from . import name_lists, printed
from .debug_log import MARK
from .values import (
    CLIENT,
    SERVER,
    AlertSeen,
    Anchors,
    Certified,
    Chain,
    ClientIdentity,
    Evidence,
    Host,
    Listed,
    Negotiated,
    Offered,
    StorePath,
    Wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .text import Text

_MILESTONE = re.compile(
    r"\*\*\* (ClientHello|ServerHello|Certificate chain|CertificateRequest|ServerHelloDone"
    r"|Finished|ECDH ServerKeyExchange|Diffie-Hellman ServerKeyExchange)(?:, (\S{1,20}))?\s*$"
)
_ALERT = re.compile(
    r"(?:(?P<way>SEND|RECV) )?(?P<version>TLSv1(?:\.\d)?|SSLv3|SSLv2) ALERT: {1,3}"
    r"(?P<level>fatal|warning), ?(?:description ?= ?)?(?P<name>[a-z_]{3,40})"
)
_STORE = re.compile(r"\s{0,8}(trust|key)Store is ?: ?(.*)")
_TYPE = re.compile(r"\s{0,8}(?:trust|key)Store type is ?: ?(\S{1,40})")
_TRUSTED = re.compile(r"\s{0,8}adding as trusted cert(?:ificate)?s?:\s*$")
_KEY = re.compile(r"\s{0,8}(?:\*\*\*)?\s{0,4}found key for ?: ?(.{1,200}?)\s*$")
_NO_CERTIFICATE = re.compile(r"Warning: no suitable certificate found")
_ALIAS = re.compile(r"\s{0,8}matching alias: ?(.{1,200}?)\s*$")
_SERVER_NAME = re.compile(r"(?:host_name \(0\), value=|host_name: )([^\s,\]]{1,255})")
_ANCHOR = re.compile(r"Serial number: ?(0x[0-9a-fA-F]{1,80}|\d{1,80})")
_VALID = re.compile(r"Valid from (.{10,60}) until (.{10,60})")
_TYPES = {"RSA": 1, "DSS": 2, "RSA_FIXED_DH": 3, "DSS_FIXED_DH": 4, "ECDSA": 64,
          "RSA_FIXED_ECDH": 65, "ECDSA_FIXED_ECDH": 66}  # fmt: skip
_NUMBERS = {name: number for number, name in ALERTS.items()}
_HASHES = {"MD5": 1, "SHA1": 2, "SHA224": 3, "SHA256": 4, "SHA384": 5, "SHA512": 6}
_SIGNATURES = {"RSA": 1, "DSA": 2, "ECDSA": 3}
_LONGEST = 100_000  # lines of a chain
_LONGEST_ANCHOR = 6


def read(text: Text) -> Iterator[Evidence]:
    """What a log tells; nothing where it is none."""
    lines = text.lines
    at = 1
    state = _State()
    while at < len(lines):
        line = lines[at]
        # Most lines are of something else: only these can begin with a word of ours.
        if MARK in line or len(line) > 4_096 or not line:
            at += 1
            continue
        stop = at + 1
        for one in _line(text, at, line, state):
            yield one
            stop = max(stop, state.stop)
        at = max(stop, state.stop)


class _State:
    """Where in a handshake the log is.

    Attributes:
        stop: the line behind what was read last.
        server: whether the log is the server's.
        done: ServerHelloDone was seen, so that a chain is the client's.
        alias: of the key that was chosen.
    """

    def __init__(self) -> None:
        self.stop = 0
        self.server = False
        self.done = False
        self.alias = ""


def _line(text: Text, at: int, line: str, state: _State) -> Iterator[Evidence]:
    lines = text.lines
    place = text.place(at)
    state.stop = at + 1
    if line.startswith("***") and (found := _MILESTONE.match(line)):
        yield from _milestone(text, at, found[1], found[2] or "", state)
        text.claim(at, state.stop)
    elif "ALERT:" in line and (found := _ALERT.search(line)):
        by = {None: "", "SEND": CLIENT, "RECV": SERVER}[found["way"]]
        if state.server and by:
            by = CLIENT if by == SERVER else SERVER
        level = 2 if found["level"] == "fatal" else 1
        yield AlertSeen(place, by, Alert(level, _NUMBERS.get(found["name"], -1)))
        text.claim(at, at + 1)
    elif "Store is" in line and (found := _STORE.match(line)):
        kind = next((one[1] for after in lines[at + 1 : at + 3] if (one := _TYPE.match(after))), "")
        if found[2].strip():
            yield StorePath(place, found[1], found[2].strip(), kind)
            text.claim(at, at + 1)
    elif "adding as trusted" in line and _TRUSTED.match(line):
        anchors, state.stop = _anchors(lines, at)
        yield Anchors(place, anchors)
        text.claim(at, state.stop)
    elif "found key for" in line and (found := _KEY.match(line)):
        state.stop = _chain_end(lines, at + 1)
        yield Listed(
            place, found[1], "PrivateKeyEntry", printed.of_x509(lines[at + 1 : state.stop])
        )
        text.claim(at, state.stop)
    elif "matching alias" in line and (found := _ALIAS.match(line)):
        state.alias = found[1]
    elif "no suitable certificate" in line and _NO_CERTIFICATE.search(line):
        yield ClientIdentity(place)
        text.claim(at, at + 1)


def _milestone(text: Text, at: int, kind: str, version: str, state: _State) -> Iterator[Evidence]:
    lines = text.lines
    place = text.place(at)
    state.stop = end = _block_end(lines, at + 1)
    body = lines[at + 1 : end]
    if kind == "ClientHello":
        before = lines[max(at - 3, 1) : at]
        state.server = any(", READ: " in one for one in before)
        state.done, state.alias = False, ""
        yield from _hello(text, at, body, version)
    elif kind == "ServerHello":
        cipher = _after(body, "Cipher Suite: ")
        yield Negotiated(place, version, cipher)
    elif kind == "Certificate chain":
        state.stop = end = _chain_end(lines, at + 1)
        chain = printed.of_x509(lines[at + 1 : end])
        if state.done:
            yield ClientIdentity(place, chain, state.alias if chain else "")
        else:
            closed = end < len(lines) or lines[end - 1].strip() == "***"
            yield Chain(place, SERVER, chain, closed)
    elif kind == "CertificateRequest":
        yield _wanted(text, at, body)
    elif kind == "ServerHelloDone":
        state.done = True


def _block_end(lines: Sequence[str], at: int) -> int:
    """The line at which the next milestone begins, or the thread's next action."""
    for end in range(at, min(at + 2_000, len(lines))):
        if lines[end].startswith(("***", "%%")) or re.match(
            r".{1,80}, (?:READ|WRITE|SEND|RECV|called|handling)\b", lines[end][:200]
        ):
            return end
    return min(at + 2_000, len(lines))


def _chain_end(lines: Sequence[str], at: int) -> int:
    """Behind the last certificate of a chain, which ``***`` ends."""
    for end in range(at, min(at + _LONGEST, len(lines))):
        line = lines[end]
        if line.startswith("***"):
            return end + (line.strip() == "***")
        if line.startswith(("Found trusted certificate", "%%")) or MARK in line:
            return end
        if ", SEND TLS" in line or ", handling exception" in line:
            return end
    return min(at + _LONGEST, len(lines))


def _after(body: Sequence[str], words: str) -> str:
    """What follows words at the begin of a line."""
    return next((line[len(words) :].strip() for line in body if line.startswith(words)), "")


def _hello(text: Text, at: int, body: Sequence[str], version: str) -> Iterator[Evidence]:
    # The signals among the suites mean no cipher.
    names = _after(body, "Cipher Suites: ").strip("[]").split(",")
    ciphers = tuple(
        name.strip() for name in names if name.strip() and "_SCSV" not in name and "…" not in name
    )
    server = ""
    line = 0
    for number, one in enumerate(body, at + 1):
        if one.startswith("Extension server_name") and (found := _SERVER_NAME.search(one)):
            server, line = found[1], number
    yield Offered(text.place(at), (version,) if version else (), ciphers, (), server)
    if server:
        yield Host(text.place(line), server, None, "sni")


def _wanted(text: Text, at: int, body: Sequence[str]) -> Wanted:
    kinds = [one.strip().upper() for one in _after(body, "Cert Types: ").split(",")]
    schemes = [
        _HASHES[one[0]] << 8 | _SIGNATURES[one[1]]
        for word in _after(body, "Supported Signature Algorithms: ").split(",")
        if (one := word.strip().partition("with")[::2])[0] in _HASHES and one[1] in _SIGNATURES
    ]
    listed = ""
    for number, line in enumerate(body):
        if line.startswith("Cert Authorities:"):
            listed = " ".join([line.partition(":")[2], *body[number + 1 :]]).strip()
            break
    request = CertificateRequest(
        "TLSv1.2" if schemes else "TLSv1",
        (),
        tuple(_TYPES[one] for one in kinds if one in _TYPES),
        tuple(schemes),
    )
    return Wanted(text.place(at), request, _authorities(listed))


def _authorities(listed: str) -> tuple[str, ...]:
    """Names in angle brackets, the first of which web pages tend to lose."""
    if not listed or listed.strip("<> ").lower() in ("empty", ""):
        return ()
    if ">" not in listed:
        return name_lists.java(listed)
    return tuple(
        name_lists.normal(" ".join(part.strip().removeprefix("<").split()))
        for part in listed.split(">")
        if part.strip().removeprefix("<").strip()
    )


def _anchors(lines: Sequence[str], at: int) -> tuple[tuple[Certified, ...], int]:
    """The certificates of all "adding as trusted cert" that follow one another."""
    from .dates import instant

    found: list[Certified] = []
    while at < len(lines) and _TRUSTED.match(lines[at]):
        subject = issuer = ""
        serial = begin = until = None
        at += 1
        for _ in range(_LONGEST_ANCHOR):
            line = lines[at].strip() if at < len(lines) else ""
            word, _colon, rest = line.partition(":")
            if word == "Subject":
                subject = rest.strip()
            elif word == "Issuer":
                issuer = rest.strip()
            elif number := _ANCHOR.search(line):
                text = number[1]
                serial = int(text, 16) if text.startswith("0x") else int(text)
            elif dates := _VALID.match(line):
                begin, until = instant(dates[1]), instant(dates[2])
            elif line:
                break
            else:
                at += at < len(lines)
                break
            at += 1
        found.append(
            Certified(
                b"", name_lists.normal(subject), name_lists.normal(issuer), serial, begin, until
            )
        )
    return tuple(found), at
