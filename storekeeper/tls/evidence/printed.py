"""Certificates as Java prints them: in debug logs of both layouts, and by keytool.

JDK classes SSLLogger (11 and later) and X509CertImpl (8, and ``keytool``'s own).
"""

from __future__ import annotations

import re
from itertools import pairwise

from .dates import instant
from .name_lists import normal
from .values import Certified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CERTIFICATES = 1_000

_FIELD = re.compile(r'\s{0,40}"([a-z ]{6,20})" {0,24}: {0,4}"(.*)",?\s{0,8}$')
_CERTIFICATE = re.compile(r'\s{0,40}"certificate" ?: ?\{')
_NAME = re.compile(
    r"\s{0,40}(DNSName|IPAddress|URIName|RFC822Name|EDIPartyName|DirectoryName|OIDName|X400Name)"
    r": ?(.{1,1000})"
)
_KINDS = {"DNSName": "DNS", "IPAddress": "IP", "URIName": "URI", "RFC822Name": "email"}
_SERIAL = re.compile(r"SerialNumber: {0,4}\[ {0,16}([0-9a-fA-F ]{1,200})\]")
_FROM = re.compile(r"Validity: ?\[From: (.{10,60}?)(?:,\s*To: (.{10,60}?)\])?\s*$")
_TO = re.compile(r"\s{0,40}To: (.{10,60})\]")


def hexadecimal(text: str) -> int | None:
    """A number in hex with or without spaces and colons; None for something else."""
    digits = text.replace(" ", "").replace(":", "").removeprefix("0x").strip()
    negative = digits.startswith("-")
    digits = digits.removeprefix("-")
    if not digits or len(digits) > 200 or not re.fullmatch("[0-9a-fA-F]+", digits):
        return None
    return -int(digits, 16) if negative else int(digits, 16)


def san(lines: Sequence[str]) -> tuple[str, ...]:
    """The names of a SubjectAlternativeName that is printed in these lines."""
    found: list[str] = []
    inside = False
    for line in lines:
        if "SubjectAlternativeName [" in line:
            inside = True
        elif inside:
            name = _NAME.match(line)
            if name is None:
                if line.strip():
                    inside = False
                continue
            found.append(f"{_KINDS.get(name[1], name[1])}:{name[2].strip()}")
    return tuple(found)


def of_logger(lines: Sequence[str]) -> tuple[Certified, ...]:
    """The certificates of a block of ``javax.net.debug`` of JDK 11 and later."""
    begins = [at for at, line in enumerate(lines) if _CERTIFICATE.match(line)]
    found = []
    for at, end in _spans(begins, len(lines)):
        known: dict[str, str] = {}
        for line in lines[at:end]:
            field = _FIELD.match(line)
            if field:
                known.setdefault(" ".join(field[1].split()), field[2])
        found.append(
            Certified(
                b"",
                normal(known.get("subject", "")),
                normal(known.get("issuer", "")),
                hexadecimal(known.get("serial number", "")),
                instant(known.get("not before", "")),
                instant(known.get("not after", "")),
                known.get("signature algorithm", ""),
                san(lines[at:end]),
            )
        )
    return tuple(found)


def of_x509(lines: Sequence[str]) -> tuple[Certified, ...]:
    """The certificates of lines with ``chain [0] = [`` or with ``[``, ``  Version: V3``."""
    begins = [at for at, line in enumerate(lines) if re.match(r"\s{0,16}Version: V\d\s*$", line)]
    return tuple(_x509(lines[at:end]) for at, end in _spans(begins, len(lines)))


def _spans(begins: list[int], end: int) -> list[tuple[int, int]]:
    """From each begin to the next, of as many certificates as are looked at."""
    return list(pairwise([*begins, end]))[:MOST_CERTIFICATES]


def _x509(lines: Sequence[str]) -> Certified:
    subject = issuer = algorithm = ""
    serial = not_before = not_after = None
    for at, line in enumerate(lines):
        word, _, rest = line.strip().partition(": ")
        if word == "Subject" and not subject:
            subject = _whole(lines, at, rest)
        elif word == "Issuer" and not issuer:
            issuer = _whole(lines, at, rest)
        elif word == "Signature Algorithm" and not algorithm:
            algorithm = rest.partition(",")[0].strip()
        elif word == "SerialNumber" and serial is None:
            found = _SERIAL.search(line)
            serial = hexadecimal(found[1]) if found else None
        elif word == "Validity" and (validity := _FROM.search(line.strip())):
            not_before = instant(validity[1])
            until = validity[2]
            if until is None and at + 1 < len(lines) and (to := _TO.match(lines[at + 1])):
                until = to[1]
            not_after = instant(until or "")
    return Certified(
        b"", normal(subject), normal(issuer), serial, not_before, not_after, algorithm, san(lines)
    )


def _whole(lines: Sequence[str], at: int, begin: str) -> str:
    """A name that goes on in the next lines where a quotation is open or a comma ends it."""
    found = begin
    for line in lines[at + 1 : at + 6]:
        if not (found.endswith(",") or found.count('"') % 2):
            break
        found += ("" if found.endswith(" ") else " ") + line.strip()
    return found.strip()
