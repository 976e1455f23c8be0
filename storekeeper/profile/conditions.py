"""``when``: what takes part in a profile, as the values of its variables have it."""

from __future__ import annotations

import re

from ..host.yaml_tree import Node
from .shapes import table_of_any
from .values import wanted
from .variables import substituted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .variables import Values

__all__ = ["if_wanted", "unused"]


def if_wanted(node: Node, values: Values) -> Node:
    """A target or check with its variables replaced, unless its ``when`` leaves it out.

    Of its sources those are left out whose own ``when`` says so.
    """
    said = table_of_any(node)
    when = said.get("when")
    if when is not None and _answerable(when):
        holds = _holds(when, values)
        if when.kind == "text" and not when.value.startswith("!"):
            answer = substituted(when, values)
        else:
            answer = Node("yes" if holds else "no", "text", when.mark)
        pairs = tuple((key, answer if value is when else value) for key, value in node.value)
        node = Node(pairs, "table", node.mark)
        if not holds:
            return _as_written(node)
    sources = said.get("sources")
    if sources is not None and sources.kind == "list":
        left = tuple(one for one in sources.value if _takes_part(one, values))
        kept = Node(left, "list", sources.mark)
        pairs = tuple((key, kept if value is sources else value) for key, value in node.value)
        node = Node(pairs, "table", node.mark)
    return substituted(node, values)


def _as_written(node: Node) -> Node:
    """What is left out: its variables may be empty or unknown, and only a dollar is one."""
    match node.kind:
        case "text" if "${" not in node.value:
            return Node(node.value.replace("$$", "$"), "text", node.mark, node.given)
        case "list":
            return Node(tuple(map(_as_written, node.value)), "list", node.mark)
        case "table":
            pairs = tuple((key, _as_written(one)) for key, one in node.value)
            return Node(pairs, "table", node.mark)
    return node


def _takes_part(node: Node, values: Values) -> bool:
    when = table_of_any(node).get("when")
    return when is None or not _answerable(when) or _holds(when, values)


def _answerable(when: Node) -> bool:
    """Whether it has the shape of a ``when``; of any other the reader says so."""
    return when.kind == "text" or (
        when.kind == "list" and all(one.kind == "text" for one in when.value)
    )


def _holds(when: Node, values: Values) -> bool:
    """Whether all it asks for is there; with ``!`` before it, not there."""
    for one in when.value if when.kind == "list" else (when,):
        text, _ = values.text(one.value.removeprefix("!"), one.mark)
        if wanted(text) == one.value.startswith("!"):
            return False
    return True


def unused(root: Node, values: Values) -> tuple[tuple[str, str], ...]:
    """Variables that somebody said, and that nothing comes of; each with the reason.

    A variable is asked for by the ``when`` of targets and checks; when all of those are left
    out for another reason, what was said would silently do nothing.
    """
    used: set[str] = set()
    reasons: dict[str, str] = {}
    parts = table_of_any(root)
    for key in ("targets", "checks"):
        node = parts.get(key)
        for one in node.value if node is not None and node.kind == "list" else ():
            said = table_of_any(one)
            when = said.get("when")
            if when is None or not _answerable(when) or _holds(when, values):
                used.update(_every_name(one))
                continue
            items = when.value if when.kind == "list" else (when,)
            asked = {name for item in items if item.value[:1] != "!" for name in _names(item)}
            label = said.get("name") or said.get("path") or said.get("server")
            what = f"the {key[:-1]} {label.value if label is not None else ''}".strip()
            why = next(_why(item, values) for item in items if not _holds(item, values))
            for name in asked:
                if wanted(values.given.get(name, "")):
                    reasons.setdefault(name, f"{what} is left out, as {why}")
    return tuple((name, why) for name, why in reasons.items() if name not in used)


def _every_name(node: Node) -> Iterator[str]:
    """The variables that a part of a profile refers to."""
    match node.kind:
        case "text":
            yield from _names(node)
        case "list":
            for one in node.value:
                yield from _every_name(one)
        case "table":
            for _, one in node.value:
                yield from _every_name(one)


def _names(item: Node) -> list[str]:
    return re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_-]*)", item.value)


def _why(item: Node, values: Values) -> str:
    names = ", ".join(_names(item)) or item.value
    if item.value.startswith("!"):
        return f"{names} has a value"
    about = "; ".join(
        values.declared[name].about.strip() for name in _names(item) if name in values.declared
    )
    return f"{names} has none ({about})" if about else f"{names} has none"
