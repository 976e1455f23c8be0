"""Several distinguished names in one text, as logs print them."""

from __future__ import annotations

import re

# Of the first letters of an attribute; what comes later in a name has a higher rank.
_RANKS = {"CN": 1, "OU": 3, "O": 4, "L": 5, "STREET": 5, "ST": 6, "C": 7, "DC": 8}
_SPACED = re.compile(r"[A-Za-z0-9.]{1,40} = ")
_CURL = re.compile(r"[A-Za-z0-9.]{1,40}=[^,]{0,400}; ")
_ALONE = ("CN", "C")
_OTHER = 2
_SLASH = re.compile(r"(?:^|\s)(?=/[A-Za-z][A-Za-z0-9.]{0,30}=)")


def java(text: str) -> tuple[str, ...]:
    """The names of a list that Java joined with commas, as it joins the parts of a name.

    Where one ends is told by nothing but the usual order of attributes, from CN to C, so
    names in an unusual order come out in pieces.
    """
    names: list[list[str]] = []
    before = 0
    for part in parts(text):
        word = part.partition("=")[0].strip().upper()
        rank = _RANKS.get(word, _OTHER)
        if not names or rank < before or (rank == before and word in _ALONE):
            names.append([])
        names[-1].append(part.strip())
        before = rank
    return tuple(normal(", ".join(name)) for name in names)


def parts(text: str) -> list[str]:
    """A text cut at commas outside quotations; escaped ones do not count."""
    found: list[str] = []
    begin = 0
    quoted = escaped = False
    for at, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            found.append(text[begin:at])
            begin = at + 1
    found.append(text[begin:])
    return [part for part in found if part.strip()]


def oneline(text: str) -> tuple[str, ...]:
    """The names of a line with OpenSSL's ``/C=US/O=x /C=DE/O=y``."""
    return tuple(normal(name) for name in _SLASH.split(text) if name.strip().startswith("/"))


def normal(text: str) -> str:
    """A printed name in RFC 4514; as printed where it can't be read.

    Takes what Java, IAIK, OpenSSL (``C = US, O = x`` and ``/C=US/O=x``) and curl
    (``C=US; O=x``) print; the latter two begin with the country.
    """
    from ...errors import StorekeeperError
    from ...name_text import parse

    printed = text.strip()
    written = printed
    if not printed or printed.startswith("/"):
        pass
    elif _CURL.match(printed) and "; " in printed:
        escaped = [_escaped(part) for part in printed.split("; ")]
        written = ",".join(reversed(escaped))
    elif _SPACED.match(printed):
        pairs = [part.strip().partition(" = ") for part in parts(printed)]
        written = ",".join(f"{word}={value}" for word, _, value in reversed(pairs))
    try:
        return parse(written).rfc4514()
    except StorekeeperError:
        return printed


def _escaped(part: str) -> str:
    word, _, value = part.strip().partition("=")
    return f"{word.strip()}=" + re.sub(r'([,+"\\<>;])', r"\\\1", value.strip())
