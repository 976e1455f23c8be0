"""Files that ``java.util.Properties.load`` reads: ``java.security``, ``blocked.certs``."""

from __future__ import annotations

import re

from ...errors import Damaged

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_BLANKS = " \t\f"


def read(text: str) -> dict[str, str]:
    r"""Keys and values; the last value of a key counts, and a key alone has the value "".

    Raises:
        Damaged: a ``\u`` without four hex digits, for which Java reads nothing of the file.
    """
    found: dict[str, str] = {}
    for line in _logical(text):
        key, value = _split(line)
        found[_plain(key)] = _plain(value)
    return found


def _logical(text: str) -> list[str]:
    """Lines without comments, continued ones joined."""
    lines: list[str] = []
    pieces: list[str] = []
    for natural in re.split(r"\r\n|\r|\n", text):
        line = natural.lstrip(_BLANKS)
        if not pieces and line[:1] in ("", "#", "!"):
            continue
        slashes = len(line) - len(line.rstrip("\\"))
        if slashes % 2:
            pieces.append(line[:-1])
            continue
        lines.append("".join([*pieces, line]))
        pieces = []
    if pieces:
        lines.append("".join(pieces))
    return lines


def _split(line: str) -> tuple[str, str]:
    at = 0
    while at < len(line) and line[at] not in "=: \t\f":
        at += 2 if line[at] == "\\" else 1
    key, rest = line[:at], line[at:].lstrip(_BLANKS)
    if rest[:1] in ("=", ":"):
        rest = rest[1:].lstrip(_BLANKS)
    return key, rest


def _plain(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"(?s)\\(u.{0,4}|.)", _meant, text)


def _meant(escape: re.Match[str]) -> str:
    word = escape[1]
    if word[0] == "u":
        if not re.fullmatch("u[0-9a-fA-F]{4}", word):
            raise Damaged(f"malformed \\uxxxx escape: {word[:6]!r}")
        return chr(int(word[1:], 16))
    return _ESCAPES.get(word, word)
