"""Names of files made from aliases and subjects, which strangers choose.

A name is one component of a path on every system: no separators, no control or shell
characters, nothing Windows keeps for devices, nothing that begins like an option or a hidden
file; and no two names of one set fall together where case or composition of letters does
not count.
"""

from __future__ import annotations

import re

__all__ = ["Filenames", "safe"]

# An alias such as debian:Amazon_Root_CA_1.pem was a file's name once.
_SUFFIX = r"(?i:\.(?:pem|crt|cer|der|p7b|p7c|p12|pfx|key))+\Z"
# File systems allow 255 octets; a number and a suffix are still to come.
_LONGEST = 200
# What may stand inside a name and not at its ends.
_OUTSIDE = "._-+@"
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file; with any suffix as well.
_RESERVED = r"(?i:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])(?=\.|\Z)"


class Filenames:
    """Gives out names, none twice."""

    __slots__ = ("_next", "_taken")

    def __init__(self) -> None:
        self._taken: set[str] = set()
        # A thousand entries may ask for one name: the search goes on where it ended.
        self._next: dict[str, int] = {}

    def claim(self, stem: str, suffix: str) -> str:
        """``stem`` made `safe`, with the suffix; ``-1`` and so on before it when it is taken.

        What the stem itself ends in is dropped where it is a suffix of certificates or keys.
        """
        stem = safe(stem)
        stem = re.sub(_SUFFIX, "", stem).rstrip(_OUTSIDE) or stem
        base = _folded(stem + suffix)
        name, number = stem + suffix, self._next.get(base, 1)
        while _folded(name) in self._taken:
            name = f"{stem}-{number}{suffix}"
            number += 1
        self._next[base] = number
        self._taken.add(_folded(name))
        return name


def safe(text: str) -> str:
    """A file name for any text; "entry" where nothing of it can stand."""
    from unicodedata import category, normalize

    def kept(char: str) -> bool:
        return char in _OUTSIDE or char.isalnum() or category(char)[0] == "M"

    # NFC first: a letter and its accent are one character then, and fewer octets.
    plain = normalize("NFC", text[: 4 * _LONGEST])
    name = re.sub("_+", "_", "".join(char if kept(char) else "_" for char in plain))
    name = name.encode("utf-8")[:_LONGEST].decode("utf-8", "ignore")
    # Not at the end either: Windows drops dots there. A mark without its letter is none.
    name = name.strip(_OUTSIDE)
    while name and category(name[0])[0] == "M":
        name = name[1:].lstrip(_OUTSIDE)
    if re.match(_RESERVED, name):
        name = "_" + name
    return name or "entry"


def _folded(name: str) -> str:
    """What names are compared by: equal when any usual file system takes two for one."""
    from unicodedata import normalize

    return normalize("NFKC", normalize("NFKC", name).upper().casefold())
