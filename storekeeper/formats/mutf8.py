"""Java's modified UTF-8, as `java.io.DataInput` defines it.

It differs from UTF-8 twice: U+0000 is the two bytes C0 80, and a character beyond the
BMP is its two UTF-16 surrogates of three bytes each. Java's reader also takes overlong
forms; what it does not take (four-byte forms, stray bytes) makes it refuse the store.
"""

from __future__ import annotations

import re

_BEYOND_BMP = "[\U00010000-\U0010ffff]"


def encode(text: str) -> bytes:
    """The bytes Java writes for ``text``; lone surrogates are three bytes each."""
    if text.isascii() and "\0" not in text:
        return text.encode("ascii")
    split = re.sub(_BEYOND_BMP, _surrogates, text)
    return split.encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")


def decode(raw: bytes) -> tuple[str, str]:
    r"""The text of ``raw``, and "" or what is unusual about its bytes.

    Never fails. The second value is

    * "" when `encode` gives the same bytes again,
    * "overlong" when Java reads the text but would write other bytes,
    * "malformed" when Java refuses the bytes. They are then read as ordinary UTF-8,
      which other tools write by mistake; what is not even that shows as ``\xNN``.
    """
    if raw.isascii() and b"\0" not in raw:
        return raw.decode("ascii"), ""
    text = _like_java(raw)
    if text is None:
        return raw.decode("utf-8", "backslashreplace"), "malformed"
    return text, "" if encode(text) == raw else "overlong"


def _surrogates(match: re.Match[str]) -> str:
    offset = ord(match[0]) - 0x10000
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def _like_java(raw: bytes) -> str | None:
    """The text by the rules of `DataInput.readUTF`, or None where it would throw."""
    units = bytearray()
    at, end = 0, len(raw)
    while at < end:
        first = raw[at]
        if first < 0x80:
            unit, size = first, 1
        elif first & 0xE0 == 0xC0:
            unit, size = first & 0x1F, 2
        elif first & 0xF0 == 0xE0:
            unit, size = first & 0x0F, 3
        else:
            return None
        if at + size > end:
            return None
        for following in raw[at + 1 : at + size]:
            if following & 0xC0 != 0x80:
                return None
            unit = unit << 6 | following & 0x3F
        units += unit.to_bytes(2, "big")
        at += size
    return units.decode("utf-16-be", "surrogatepass")
