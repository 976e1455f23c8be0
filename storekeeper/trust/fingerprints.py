"""SHA-256 fingerprints as people and vendors write them."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Patterns are kept as text: `re` compiles (and remembers) them when a list is first read.

# 32 pairs of hex digits joined by colons (perhaps wrapped after one), blanks or dashes; or
# 64 digits in a row. Anchored on both sides, so that longer runs (SHA-512) do not match in part.
# `sha256:` may stand right before it. The first branch takes keys and signatures as openssl and
# certtool print them, lines of pairs, so that no 32 of them are taken for a fingerprint.
_PATTERN = (
    r"(?:(?<![0-9A-Za-z:])|(?<=(?i:sha256:))|(?<=(?i:sha-256:)))(?:"
    r"(?:[0-9A-Fa-f]{2}:\s{0,32}){32,}[0-9A-Fa-f]{0,2}"
    r"|(?P<sha256>(?:[0-9A-Fa-f]{2}:\s{0,16}){31}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{2}[ -]){31}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{64})"
    r"(?![0-9A-Za-z]|:[0-9A-Fa-f]{2}))"
)
_OTHER = (
    r"(?<![0-9A-Za-z:])(?:(?:[0-9A-Fa-f]{2}[: -]){15,80}[0-9A-Fa-f]{1,2}|[0-9A-Fa-f]{32,160})"
    r"(?![0-9A-Za-z])"
)
# How far into a text a fingerprint of another kind is looked for, characters.
_HEAD = 4096
_NAME = r"(?i)\b(?:MD5|SHA-?(?:1|224|384|512))\b"
_NAMES = {32: "MD5", 40: "SHA-1", 96: "SHA-384", 128: "SHA-512"}


def find_all(text: str) -> Iterator[re.Match[str]]:
    """Every fingerprint in a text."""
    return (found for found in re.finditer(_PATTERN, text) if found["sha256"])


def search(text: str) -> bool:
    """Whether there is a fingerprint in a text."""
    return any(True for _ in find_all(text))


def others(text: str) -> bool:
    """Whether a text without a SHA-256 begins as a list of other fingerprints, named so."""
    lines = text[:_HEAD].split("\n")
    return any("fingerprint" in line.lower() and other_digest(line) for line in lines)


def named(line: str) -> bool:
    """Whether a line says of a digest in it, or in the next, that it is no SHA-256."""
    return bool(re.search(_NAME, line))


def normal(text: str) -> str:
    """64 lower-case hex digits of a fingerprint in any spelling, or "" when it is none."""
    text = text.strip()
    digits = text.replace(":", "").replace(" ", "").replace("-", "").lower()
    if len(digits) != 64 or not all(c in "0123456789abcdef" for c in digits):
        return ""
    return digits


def other_digest(line: str) -> str:
    """A phrase for hex in a line that is no SHA-256 ("a SHA-1 fingerprint"), or ""."""
    found = re.search(_OTHER, line)
    if not found:
        return ""
    digits = sum(c not in ": -" for c in found[0])
    name = _NAMES.get(digits)
    return f"a {name} fingerprint" if name else f"{digits} hex digits"
