"""Handshakes as words: Wireshark's packet details copied out, and ``analyze-ssl.pl``."""

from __future__ import annotations

import re

from ...frozen import replace
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
_CERTIFICATE = re.compile(r"Certificate: [0-9a-f]{4,}\S{0,8} \((.{1,1000})\)")
_SIGNED = re.compile(r"algorithmIdentifier \(([A-Za-z0-9.-]{3,60})\)")
_ALGORITHMS = {
    "id-RSASSA-PSS": "RSASSA-PSS",
    **{f"sha{size}WithRSAEncryption".lower(): f"SHA{size}withRSA" for size in (1, 256, 384, 512)},
    **{f"ecdsa-with-sha{size}": f"SHA{size}withECDSA" for size in (1, 256, 384, 512)},
    "md5withrsaencryption": "MD5withRSA",
}
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
    dissected: list[Certified] = []
    line_of_chain = line_of_dissected = 0
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
        elif "Certificate: " in short and (found := _CERTIFICATE.search(short)):
            if not dissected:
                line_of_dissected = at
            if len(dissected) < _MOST:
                dissected.append(Certified(subject=_of_wireshark(found[1])))
        elif dissected and "algorithmIdentifier" in short and (found := _SIGNED.search(short)):
            called = _ALGORITHMS.get(found[1], _ALGORITHMS.get(found[1].lower(), found[1]))
            # The first is that inside; the last, of the signature itself, is what counts.
            dissected[-1] = replace(dissected[-1], signature_algorithm=called)
    if dissected:
        yield Chain(text.place(line_of_dissected), SERVER, tuple(dissected))
    if hello == "Client Hello" and offered:
        yield Offered(text.place(line_of_hello), (version,), tuple(offered), (), name)
    if chain:
        yield Chain(text.place(line_of_chain), SERVER, tuple(chain))


def _of_wireshark(names: str) -> str:
    """``id-at-commonName=a,id-at-organizationName=b`` as RFC 4514."""
    short = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU",
             "countryName": "C", "localityName": "L", "stateOrProvinceName": "ST"}  # fmt: skip
    parts = (part.strip().removeprefix("id-at-").partition("=") for part in names.split(","))
    return ",".join(f"{short.get(word, word)}={value}" for word, equals, value in parts if equals)


def _analyzed(found: re.Match[str]) -> list[Certified]:
    """A certificate that the server sent; one that comes from the trust store has no number."""
    if found[1] == "-":
        return []
    subject, _, names = found[3].partition(" SAN=")
    listed = tuple(name.strip() for name in names.split(",") if name.strip())
    return [Certified(subject=normal(subject), names=listed)]
