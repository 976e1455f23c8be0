"""The profile a conversation offers: YAML that makes the same plan."""

from __future__ import annotations

import os
import re

from ..frozen import Frozen
from ..profile.dumping import scalar
from ..profile.shapes import stays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Offer", "text"]


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
    lines = ["storekeeper: 1", f"title: {scalar(offer.title)}", "targets:"]
    lines += [f"  - name: {name}", f"    path: {scalar(_placed('path', offer.store))}"]
    if offer.password:
        lines.append(f"    password: {scalar(offer.password)}")
    for key, items in (("sources", offer.sources), ("keys", offer.keys)):
        if items:
            lines += [f"    {key}:", *_list(items)]
    if offer.server:
        lines += ["checks:", "  - name: server", f"    server: {scalar(offer.server)}"]
        lines += [f"    {key}: {scalar(value)}" for key, value in offer.reach]
        lines.append("    store: trust")
        if offer.runtime:
            lines.append(f"    runtime: {scalar(offer.runtime)}")
    if offer.restart:
        lines += ["restart:", *(f"  - {scalar(one)}" for one in offer.restart)]
    return "\n".join(lines) + "\n"


def _list(items: Iterable[tuple[tuple[str, str], ...]]) -> Iterable[str]:
    for pairs in items:
        for number, (key, value) in enumerate(pairs):
            said = _block(value) or scalar(_placed(key, value))
            yield f"      {'- ' if number == 0 else '  '}{key}: {said}"


def _placed(key: str, value: str) -> str:
    """A path so that it is the same one wherever the profile lies."""
    if key not in ("path", "store", "file", "from") or stays(key, value):
        return value
    return os.path.join(os.getcwd(), os.path.expanduser(value))


def _block(value: str) -> str:
    """The lines of an armoured text, as they are; "" for any other value."""
    if not re.fullmatch(r"(?:[A-Za-z0-9+/= -]+\n)+", value):
        return ""
    lines = "".join(f"\n          {line}" for line in value.splitlines())
    return f"|{lines}"
