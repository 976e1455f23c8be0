"""SHA-256 fingerprints as people and vendors write them."""

from __future__ import annotations

import re

# 32 pairs of hex digits joined by colons (perhaps wrapped after one), blanks or dashes; or
# 64 digits in a row. Anchored on both sides, so that longer runs (SHA-512) do not match in part.
_PATTERN = re.compile(
    r"(?<![0-9A-Za-z:])(?:"
    r"(?:[0-9A-Fa-f]{2}:\s{0,16}){31}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{2}[ -]){31}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{64}"
    r")(?![0-9A-Za-z]|:[0-9A-Fa-f]{2})"
)
_OTHER = re.compile(
    r"(?<![0-9A-Za-z:])(?:(?:[0-9A-Fa-f]{2}[: -]){15,80}[0-9A-Fa-f]{1,2}|[0-9A-Fa-f]{32,160})"
    r"(?![0-9A-Za-z])"
)
_NAMES = {32: "MD5", 40: "SHA-1", 96: "SHA-384", 128: "SHA-512"}

search = _PATTERN.search
find_all = _PATTERN.finditer


def normal(text: str) -> str:
    """64 lower-case hex digits of a fingerprint in any spelling, or "" when it is none."""
    text = text.strip()
    digits = text.replace(":", "").replace(" ", "").replace("-", "").lower()
    if len(digits) != 64 or not all(c in "0123456789abcdef" for c in digits):
        return ""
    return digits


def other_digest(line: str) -> str:
    """A phrase for hex in a line that is no SHA-256 ("a SHA-1 fingerprint"), or ""."""
    found = _OTHER.search(line)
    if not found:
        return ""
    digits = sum(c not in ": -" for c in found[0])
    name = _NAMES.get(digits)
    return f"a {name} fingerprint" if name else f"{digits} hex digits"
