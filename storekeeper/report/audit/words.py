"""What the formats share: text from strangers made safe and short, names of stores, URIs."""

from __future__ import annotations

from ...names import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...trust.audit.values import AuditedStore, AuditFinding

MOST = 1_000
"""Characters of one value: the longest subject of a public root has 600."""

_SERIAL_BITS = 512  # RFC 5280 allows 160; Python refuses to print thousands of digits


def safe(text: str, most: int = MOST) -> str:
    r"""Text an attacker may have chosen: hidden characters as ``\u{…}``, no longer than ``most``.

    What is left out is counted in its place.
    """
    if len(text) > most:
        head, tail = most * 3 // 4, most // 8
        text = f"{text[:head]} [{len(text) - head - tail} characters] {text[-tail:]}"
    text = printable(text)
    # Not characters, by Unicode's own word, and illegal in XML.
    return text.replace("\ufffe", "\\u{fffe}").replace("\uffff", "\\u{ffff}")


def place(store: AuditedStore) -> str:
    """Where a store is: its path, or the word it was asked for by."""
    return safe(store.path or store.name)


def serial(number: int) -> str:
    """A serial number in decimal; the first digits of its hex when it has hundreds of them."""
    if number.bit_length() <= _SERIAL_BITS:
        return str(number)
    digits = f"{number:#x}"
    return f"{digits[:40]} [{len(digits) - 40} digits]"


def about(finding: AuditFinding) -> str:
    """``alias: message``, or the message alone when it is about the whole store."""
    before = f"{safe(finding.alias, 200)}: " if finding.alias else ""
    return before + safe(finding.message)


def uri(store: AuditedStore) -> str:
    """The store as a URI reference (RFC 3986): absolute paths as ``file:``, others relative."""
    import os
    from urllib.parse import quote

    if store.path is None:
        return quote(safe(store.name), safe="")
    path = store.path
    if len(path) > 2 and path[1] == ":" and path[2] in "\\/":
        return "file:///" + quote(path.replace("\\", "/"), safe="/:")
    if path.startswith("\\\\"):
        return "file:" + quote(path.replace("\\", "/"))
    # A name that is not UTF-8 goes through as the bytes it is made of.
    quoted = quote(path.encode("utf-8", "surrogateescape" if _undecoded(path) else "replace"))
    return f"file://{quoted}" if os.path.isabs(path) else quoted


def _undecoded(path: str) -> bool:
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a pair that no file name of bytes gives
        return False
    return True
