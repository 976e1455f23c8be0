"""What ``openssl s_client`` prints (1.0 to 3.6), also where line ends were lost."""

from __future__ import annotations

import re

from ..messages import CertificateRequest
from ..words import CERTIFICATE_TYPES
from . import name_lists
from .blocks import decoded
from .dates import instant
from .values import (
    SERVER,
    Certified,
    Chain,
    Evidence,
    Host,
    Negotiated,
    Note,
    Verified,
    Wanted,
    certified,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Text

_CHAIN = "Certificate chain"
_SUBJECT = re.compile(r" {0,3}(\d{1,3}) s:(.{0,4000})")
_ISSUER = re.compile(r" {0,6}i:(.{0,4000})")
_DATES = re.compile(r" {0,6}v:NotBefore: (.{10,40}); NotAfter: (.{10,40})")
_SIGNATURE = re.compile(r" {0,6}a:PKEY: .{0,80}sigalg: (\S{1,60})")
_NAMES = re.compile(r"Acceptable client certificate CA names(.*)", re.IGNORECASE)
_AFTER_NAMES = re.compile(
    r"(?:---|Client Certificate Types|Requested Signature|Shared Requested|Peer |Server Temp|SSL "
    r"|Negotiated |New, |Verif)"
)
_TYPES = re.compile(r"Client Certificate Types: (.{1,300})")
_SCHEMES = re.compile(r"Requested Signature Algorithms: (.{1,2000})")
_TEMPORARY = re.compile(r"(?:Server|Peer) Temp Key: (.{1,60})|Negotiated TLS1\.3 group: (.{1,60})")
_NEW = re.compile(r"(?:New|Reused), (\S{1,20}), Cipher is (\S{1,60})")
_PROTOCOL = re.compile(r" {4}Protocol {1,2}: (\S{1,20})")
_VERIFIED = re.compile(r"\s{0,8}Verify return code: (\d{1,3}) \((.{1,120})\)")
_CONNECT = re.compile(r"s_client\b.{0,200}?-connect (\[[0-9a-f:]{2,40}\]|[\w.-]{1,255}):(\d{1,5})")
_SNI = re.compile(r"s_client\b.{0,400}?-servername ([\w.-]{1,255})")
_TYPE_WORDS = {
    name.replace("_", " ").replace("dss", "dsa"): number
    for number, name in CERTIFICATE_TYPES.items()
}
_HASHES = {"MD5": 1, "SHA1": 2, "SHA224": 3, "SHA256": 4, "SHA384": 5, "SHA512": 6}
_PAIRS = {"RSA": 1, "DSA": 2, "ECDSA": 3}
_PSS = {"SHA256": 0x804, "SHA384": 0x805, "SHA512": 0x806}
_LONGEST = 20_000


def read(text: Text) -> Iterator[Evidence]:
    """What it tells of a connection; the session's keys beside it are never taken."""
    lines = text.lines
    names_at = 0
    output = _Output()
    for at, line in enumerate(lines):
        if len(line) > _LONGEST or not line:
            continue
        if line.startswith("CONNECTED("):
            if output.connected:
                yield from output.finish(text)
                output = _Output()
            output.connected = at
        elif line.strip() == _CHAIN and at + 1 < len(lines) and _SUBJECT.match(lines[at + 1]):
            yield _chain(text, at)
        elif line.startswith("no peer certificate available"):
            yield Note(text.place(at), "the server sent no certificate")
        elif "cceptable client certificate CA names" in line and (found := _NAMES.search(line)):
            names_at = at
            output.names_at = at
            output.names = _names(text, at, found[1])
        elif line.startswith("No client certificate CA names sent"):
            output.names_at, output.names = at, ()
        elif found := _TYPES.match(line):
            output.types = tuple(
                _TYPE_WORDS[word]
                for one in found[1].split(",")
                if (word := one.strip().lower()) in _TYPE_WORDS
            )
        elif found := _SCHEMES.match(line):
            output.schemes = _schemes(found[1])
            output.asked = output.asked or at
        elif found := _TEMPORARY.match(line):
            output.temporary = (found[1] or found[2]).strip()
        elif (found := _NEW.match(line)) and found[2] != "(NONE)":
            output.agreed_at, output.protocol, output.cipher = at, found[1], found[2]
        elif (found := _PROTOCOL.match(line)) and output.agreed_at:
            # Before 1.1.1 the line above names the oldest protocol that has the cipher.
            output.protocol = found[1]
        elif found := _VERIFIED.match(line):
            yield Verified(text.place(at), int(found[1]), found[2])
            text.claim(at, at + 1)
        elif "s_client" in line and (found := _CONNECT.search(line)):
            if output.connected:
                yield from output.finish(text)
                output = _Output()
            output.commands.append((at, found[1].strip("[]"), int(found[2]), "connect"))
            if sni := _SNI.search(line):
                output.commands.append((at, sni[1], int(found[2]), "sni"))
    yield from output.finish(text)
    if names_at:
        text.claim(names_at, names_at + 1)


class _Output:
    """What belongs to one connection."""

    def __init__(self) -> None:
        self.connected = 0
        self.names_at = 0
        self.names: tuple[str, ...] = ()
        self.types: tuple[int, ...] = ()
        self.schemes: tuple[int, ...] = ()
        self.asked = 0
        self.temporary = ""
        self.agreed_at = 0
        self.protocol = self.cipher = ""
        self.commands: list[tuple[int, str, int, str]] = []

    def finish(self, text: Text) -> Iterator[Evidence]:
        """The pieces that several lines make up."""
        # "No client certificate CA names sent" stands also where nothing was asked for.
        if self.names or self.types or self.asked:
            request = CertificateRequest(self.protocol, (), self.types, self.schemes)
            place = text.place(self.names_at or self.asked or self.connected)
            yield Wanted(place, request, self.names)
        if self.agreed_at:
            place = text.place(self.agreed_at)
            yield Negotiated(place, self.protocol, self.cipher, self.temporary)
        # Without an answer a command is advice.
        if self.connected or self.agreed_at:
            for at, host, port, how in self.commands:
                yield Host(text.place(at), host, port, how)
            self.commands = []


def _chain(text: Text, begin: int) -> Chain:
    lines = text.lines
    chain: list[Certified] = []
    at = begin + 1
    closed = False
    while at < len(lines):
        line = lines[at]
        if found := _SUBJECT.match(line):
            chain.append(Certified(subject=name_lists.normal(found[2])))
        elif not chain:
            break
        elif found := _ISSUER.match(line):
            chain[-1] = _with(chain[-1], issuer=name_lists.normal(found[1]))
        elif found := _DATES.match(line):
            chain[-1] = _with(chain[-1], not_before=instant(found[1]), not_after=instant(found[2]))
        elif found := _SIGNATURE.match(line):
            chain[-1] = _with(chain[-1], signature_algorithm=found[1])
        elif line.startswith("-----BEGIN CERTIFICATE"):
            der, end = decoded(text, at)
            if der:
                chain[-1] = certified(der)
            at = end
            continue
        else:
            closed = line.startswith("---")
            break
        at += 1
    if closed and at + 2 < len(lines) and lines[at + 1].startswith("Server certificate"):
        der, end = decoded(text, at + 2)
        # Without -showcerts only this one is printed.
        if der and chain and not chain[0].der:
            chain[0] = certified(der)
        at = max(at, end)
    text.claim(begin, at)
    return Chain(text.place(begin), SERVER, tuple(chain), closed)


def _with(one: Certified, **changes: object) -> Certified:
    from ...frozen import replace

    return replace(one, **changes)


def _names(text: Text, at: int, rest: str) -> tuple[str, ...]:
    """The lines behind the title; or the names in it, where a web page made one line of all."""
    if rest.strip():
        return name_lists.oneline(rest) or (rest.strip(" :"),)
    found = []
    for line in text.lines[at + 1 : at + 1 + _LONGEST]:
        if not line.strip() or _AFTER_NAMES.match(line):
            break
        found.append(name_lists.normal(line))
    return tuple(found)


def _schemes(listed: str) -> tuple[int, ...]:
    """Numbers of "ECDSA+SHA256:ed25519:RSA-PSS+SHA256"; unknown ones are left out."""
    from ..words import SCHEMES

    by_name = {name: number for number, name in SCHEMES.items()}
    found = []
    for one in listed.strip().split(":"):
        key, _, digest = one.strip().partition("+")
        if key in _PAIRS and digest in _HASHES:
            found.append(_HASHES[digest] << 8 | _PAIRS[key])
        elif key == "RSA-PSS" and digest in _PSS:
            found.append(_PSS[digest])
        elif one.strip().lower() in by_name:
            found.append(by_name[one.strip().lower()])
    return tuple(found)
