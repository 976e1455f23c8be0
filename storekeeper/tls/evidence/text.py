"""A text that somebody sent: its lines, without what a log wrapper put before them."""

from __future__ import annotations

import re

from .values import Place

MOST_BYTES = 64 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
"""What follows in a line is left out: a list of 10,000 CA names has half of it."""

# The Java Service Wrapper: "jvm 1    | ", "INFO   | jvm 1    | 2016/03/16 18:51:40 | ".
_WRAPPER = re.compile(
    r"(?:[A-Z]{4,8} {0,8}\| )?(?:jvm \d{1,4}|wrapper) {0,8}\| ?"
    r"(?:(?:main +\| )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \| ?)?"
)


class Text:
    """Lines, counted from 1.

    Attributes:
        file: its name.
        lines: without their ends, and without what a wrapper put before them; the first is
            empty, so that an index is a number of a line.
        claimed: numbers of lines that a reader has understood as its own.
    """

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        text = _decode(data[:MOST_BYTES])
        self.cut = len(data) > MOST_BYTES
        self.lines = [""]
        for line in text.split("\n"):
            line = line[:LONGEST_LINE].rstrip("\r")
            found = _WRAPPER.match(line)
            self.lines.append(line[found.end() :] if found else line)
        self.claimed: set[int] = set()

    def __len__(self) -> int:
        return len(self.lines)

    def place(self, line: int) -> Place:
        """Of a line."""
        return Place(self.file, line)

    def claim(self, first: int, end: int) -> None:
        """Lines from ``first`` on, without ``end``, are understood."""
        self.claimed.update(range(first, end))


def _decode(data: bytes) -> str:
    """UTF-16 by its mark or its zeros (what PowerShell writes), UTF-8, else Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return data.decode("utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
