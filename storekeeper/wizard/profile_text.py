"""The profile a conversation offers: YAML that makes the same plan."""

from __future__ import annotations

import re

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Offer", "text"]

_PLAIN = re.compile(r"[A-Za-z/_~][A-Za-z0-9/_.@+~-]*(?::[A-Za-z0-9/_.@+~-]+)*\Z")
_WORDS = frozenset({"y", "yes", "n", "no", "true", "false", "on", "off", "null", "~"})


class Offer(Frozen):
    """What goes into one.

    Attributes:
        title: a line.
        store: the target's path.
        sources: (key, value) pairs in order, for each source: ("server", HOST:PORT),
            ("pin", ...).
        keys: likewise, for each key entry.
        password: a specification, "" for none.
        server: that is checked afterwards, "" for none.
        reach: (key, value) of how it is reached: starttls, proxy.
        runtime: of that check.
        restart: what to restart.
    """

    title: str
    store: str
    sources: tuple[tuple[tuple[str, str], ...], ...] = ()
    keys: tuple[tuple[tuple[str, str], ...], ...] = ()
    password: str = ""
    server: str = ""
    reach: tuple[tuple[str, str], ...] = ()
    runtime: str = ""
    restart: tuple[str, ...] = ()


def text(offer: Offer) -> str:
    """The YAML of a profile."""
    name = "identity" if offer.keys else "trust"
    lines = ["storekeeper: 1", f"title: {_scalar(offer.title)}", "targets:"]
    lines += [f"  - name: {name}", f"    path: {_scalar(offer.store)}"]
    if offer.password:
        lines.append(f"    password: {_scalar(offer.password)}")
    for key, items in (("sources", offer.sources), ("keys", offer.keys)):
        if items:
            lines += [f"    {key}:", *_list(items)]
    if offer.server:
        lines += ["checks:", "  - name: server", f"    server: {_scalar(offer.server)}"]
        lines += [f"    {key}: {_scalar(value)}" for key, value in offer.reach]
        lines.append("    store: trust")
        if offer.runtime:
            lines.append(f"    runtime: {_scalar(offer.runtime)}")
    if offer.restart:
        lines += ["restart:", *(f"  - {_scalar(one)}" for one in offer.restart)]
    return "\n".join(lines) + "\n"


def _list(items: Iterable[tuple[tuple[str, str], ...]]) -> Iterable[str]:
    for pairs in items:
        for number, (key, value) in enumerate(pairs):
            yield f"      {'- ' if number == 0 else '  '}{key}: {_block(value) or _scalar(value)}"


def _block(value: str) -> str:
    """The lines of an armoured text, as they are; "" for any other value."""
    if not re.fullmatch(r"(?:[A-Za-z0-9+/= -]+\n)+", value):
        return ""
    lines = "".join(f"\n          {line}" for line in value.splitlines())
    return f"|{lines}"


def _scalar(value: str) -> str:
    """A YAML scalar; a dollar of the value is none of a variable."""
    shown = value.replace("$", "$$")
    if _PLAIN.match(shown) and shown.lower() not in _WORDS:
        return shown
    return '"' + "".join(map(_escaped, shown)) + '"'


def _escaped(character: str) -> str:
    """One character of a YAML string in double quotes (YAML 1.2 section 5.7)."""
    if character in '"\\':
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
