"""Text in columns, for terminals of any width and names in any script."""

from __future__ import annotations

from ..trust.inventory import colons

# The sign that a cell was cut; plain, since not every terminal has a better one.
CUT = ".."


def short(fingerprint: str, width: int) -> str:
    """The beginning of a fingerprint (hex digits): enough for ``--sha256``, and what fits."""
    octets = 4 if width < 100 else 7
    return colons(fingerprint[: 2 * octets]) + CUT if fingerprint else ""


def columns(text: str) -> int:
    """Columns a terminal needs for printable text: two for a wide character, none for a mark."""
    # Marks begin at U+0300, wide characters above.
    if text.isascii() or max(text) < "\u0300":
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1
        for char in text
    )


def pad(text: str, width: int) -> str:
    """Text filled with spaces to so many columns."""
    return text + " " * (width - columns(text))


def fit(text: str, width: int | None) -> str:
    """Text of at most so many columns, with ``..`` at the end of what was cut; None: all of it."""
    if width is None or columns(text) <= width:
        return text
    text = text[: max(width - len(CUT), 0)]
    while columns(text) > width - len(CUT):
        text = text[:-1]
    return text + CUT


def folded(line: str, width: int | None, indent: int) -> list[str]:
    """A line at most so many columns wide, as several: all after the first are indented.

    It is broken at spaces, and what is wider than all there is (a fingerprint) at colons.
    """
    if width is None or columns(line) <= width:
        return [line]
    room = line
    while columns(room) > width:
        room = room[:-1]
    space, colon = room.rfind(" ", indent), room.rfind(":", indent) + 1
    word = line[space + 1 :].partition(" ")[0]
    alone = columns(word) > width - indent or not line[:space].strip()
    end = colon if colon > space and alone else space
    if end <= indent or not line[:end].strip():
        return [line]
    return [line[:end], *folded(" " * indent + line[end:].lstrip(), width, indent)]
