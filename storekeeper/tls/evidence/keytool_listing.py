"""What ``keytool`` lists and prints, in English, of JDK 8 to 25: ``-list``, ``-list -v``,
``-list -rfc``, ``-printcert``.
"""

from __future__ import annotations

import re

from .blocks import decoded
from .dates import day, instant
from .name_lists import normal
from .printed import hexadecimal, of_x509, san
from .values import SERVER, Certified, Chain, Evidence, Listed, StorePath, certified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .text import Text

_SHORT = re.compile(
    r"(.{1,300}?), ([A-Z][a-z]{2} \d{1,2}, \d{4}|\d{4}-\d\d-\d\d), "
    r"(trustedCertEntry|PrivateKeyEntry|SecretKeyEntry|keyEntry),? ?$"
)
_SHORT_PRINT = re.compile(r"Certificate fingerprint \((SHA-?1|SHA-?256|MD5)\): ([0-9A-F:]{40,120})")
_NUMBERED = re.compile(r"Certificate ?(?:\[(\d{1,3})\]:|#(\d{1,3}))\s*$")
_PRINT = re.compile(r"\s{1,8}SHA256: ([0-9A-Fa-f:]{95})")
_VALID = re.compile(r"Valid from: (.{10,60}?) until: (.{10,60})")
_KINDS = ("trustedCertEntry", "PrivateKeyEntry", "SecretKeyEntry", "keyEntry")
_LONGEST = 3_000  # lines of a certificate


def read(text: Text) -> Iterator[Evidence]:
    """Entries, and certificates that are printed without one."""
    lines = text.lines
    at = 1
    while at < len(lines):
        line = lines[at]
        if len(line) > 4_096 or at in text.claimed:
            at += 1
        elif line.startswith("Alias name:"):
            entry, end = _entry(text, at)
            yield entry
            text.claim(at, end)
            at = end
        elif line.startswith(("Owner:", "Certificate[", "Certificate #")) and _prints(lines, at):
            end = _certificates_end(lines, at)
            by = SERVER if line.startswith("Certificate #") else ""
            yield Chain(text.place(at), by, _certificates(text, at, end))
            text.claim(at, end)
            at = end
        elif found := _SHORT.match(line):
            yield _short(text, at, found)
            text.claim(at, at + 2)
            at += 2
        else:
            if line.startswith("Keystore file: "):
                yield StorePath(text.place(at), "", line.partition(": ")[2].strip())
            at += 1


def _short(text: Text, at: int, found: re.Match[str]) -> Listed:
    lines = text.lines
    after = lines[at + 1] if at + 1 < len(lines) else ""
    digest = _SHORT_PRINT.match(after)
    chain: tuple[Certified, ...] = ()
    if digest and digest[1] in ("SHA-256", "SHA256"):
        chain = (Certified(sha256=digest[2].replace(":", "").lower()),)
    return Listed(text.place(at), found[1], found[3], chain, day(found[2]))


def _entry(text: Text, at: int) -> tuple[Listed, int]:
    """An entry of ``-v`` or ``-rfc``, and the line behind it."""
    lines = text.lines
    alias = lines[at].partition(":")[2].strip()
    kind = ""
    created = None
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if line.startswith(("Alias name:", "*****")) or _SHORT.match(line[:400]):
            break
        word, _, rest = line.partition(": ")
        if word == "Creation date":
            created = day(rest)
        elif word == "Entry type":
            kind = next((one for one in _KINDS if one in rest), kind)
        elif word == "Owner" or line.startswith(("Certificate[", "-----BEGIN CERTIFICATE")):
            stop = _certificates_end(lines, end)
            chain = _certificates(text, end, stop)
            return Listed(text.place(at), alias, kind, chain, created), stop
        elif end - at > 12:
            break
        end += 1
    return Listed(text.place(at), alias, kind, (), created), end


def _prints(lines: Sequence[str], at: int) -> bool:
    """Whether a certificate begins here, and no list of something else."""
    return any(line.startswith("Owner:") for line in lines[at : at + 4]) and any(
        line.startswith("Issuer:") for line in lines[at : at + 12]
    )


def _certificates_end(lines: Sequence[str], at: int) -> int:
    quiet = 0
    for end in range(at, min(at + _LONGEST * 100, len(lines))):
        line = lines[end]
        if line.startswith(("Alias name:", "*****")) or _SHORT.match(line[:400]):
            return end
        # Three empty lines do not stand inside a certificate, but inside a dump of a list.
        quiet = 0 if line.strip() else quiet + 1
        if quiet > 4:
            return end
    return min(at + _LONGEST * 100, len(lines))


def _certificates(text: Text, at: int, end: int) -> tuple[Certified, ...]:
    lines = text.lines
    pems = [
        number for number in range(at, end) if lines[number].startswith("-----BEGIN CERTIFICATE")
    ]
    if pems:
        ders = [decoded(text, number)[0] for number in pems]
        return tuple(map(certified, filter(None, ders)))
    owners = [number for number in range(at, end) if lines[number].startswith("Owner:")]
    if not owners:
        # With -debug it prints them in another layout.
        return of_x509(lines[at:end])
    return tuple(
        _certificate(lines[begin : owners[index + 1] if index + 1 < len(owners) else end])
        for index, begin in enumerate(owners[:1_000])
    )


def _certificate(lines: Sequence[str]) -> Certified:
    known: dict[str, str] = {}
    digest = ""
    for line in lines[:_LONGEST]:
        word, colon, rest = line.partition(":")
        if colon and not line.startswith((" ", "\t", "#")):
            known.setdefault(word, rest.strip())
        elif found := _PRINT.match(line):
            digest = found[1].replace(":", "").lower()
        if _NUMBERED.match(line):
            break
    dates = _VALID.match(f"Valid from: {known.get('Valid from', '')}")
    return Certified(
        b"",
        normal(known.get("Owner", "")),
        normal(known.get("Issuer", "")),
        hexadecimal(known.get("Serial number", "")),
        instant(dates[1]) if dates else None,
        instant(dates[2]) if dates else None,
        known.get("Signature algorithm name", "").partition(" (")[0],
        san(lines[:_LONGEST]),
        digest,
    )
