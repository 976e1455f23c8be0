"""What stands behind a key, by the shape the table of keys gives it."""

from __future__ import annotations

import os

from ..errors import StorekeeperError
from ..host.yaml_tree import Mark, Node, wrong
from .configuration import path_of_url
from .keys import TABLES, known
from .shipped import directory_of
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .keys import Key

__all__ = ["kind_of", "place_of", "table_of", "table_of_any", "text_of", "values_of"]

_WORDS = ("cacerts", "system", "certifi")


def table_of(node: Node, table: str) -> dict[str, Node]:
    """The values of a table by key, each key known and there once.

    Raises:
        Damaged: it is no table, or has a key that is not in `TABLES`, or one twice.
    """
    what = article(table)
    if node.kind == "nothing":
        return {}
    names = known(table)
    if node.kind != "table":
        raise wrong(
            node.mark,
            f"expected {what}: keys ({', '.join(names[:3])} ...) and values, found {kind_of(node)}",
        )
    found: dict[str, Node] = {}
    for key, value in node.value:
        if key.kind != "text":
            raise wrong(key.mark, f"expected the name of a key, found {kind_of(key)}")
        if key.value not in names:
            raise wrong(
                key.mark,
                f"there is no key {key.value[:80]!r} in {what}",
                meant(key.value, names),
            )
        if key.value in found:
            raise wrong(
                key.mark,
                f"{key.value} is said twice",
                f"first in line {found[key.value].mark.line}",
            )
        found[key.value] = value
    return found


def values_of(node: Node, table: str) -> dict[str, Any]:
    """The values of a table by key, each of the shape its key has."""
    found = table_of(node, table)
    values: dict[str, Any] = {}
    for key in TABLES[table]:
        value = found.get(key.name)
        if value is None or (value.kind == "nothing" and not key.required):
            if key.required:
                raise wrong(
                    node.mark, f"{article(table)} without {key.name!r}", f"{key.name}: {key.about}"
                )
            continue
        shape = key.shape.partition(" ")[0]
        values[key.name] = _SHAPES[shape](value, key)
    return values


def text_of(node: Node, key: Key | None = None) -> str:
    """The text of a node; `Damaged` for anything else."""
    if node.kind != "text":
        name = f" for {key.name}" if key else ""
        raise wrong(node.mark, f"expected text{name}, found {kind_of(node)}")
    return str(node.value)


def _texts(node: Node, key: Key) -> tuple[str, ...]:
    nodes = node.value if node.kind == "list" else (node,)
    return tuple(text_of(one, key) for one in nodes)


def _path(node: Node, key: Key) -> str:
    """A path as it can be opened: one written in a profile is relative to that."""
    text = text_of(node, key)
    if not text:
        raise wrong(node.mark, f"{key.name} is empty, expected a path")
    if stays(key.name, text):
        return text
    if key.name == "list" and not os.path.splitext(text)[1] and os.sep not in text:
        return text
    text = os.path.expanduser(path_of_url(text))
    if node.given or os.path.isabs(text) or text.startswith("${"):
        return text
    path = os.path.join(directory_of(node.mark.path), text)
    return f".{os.sep}{path}" if _is_word(path) else path


def stays(name: str, text: str) -> bool:
    """Whether what is said for a key is a word, such as ``cacerts``, and no path."""
    if ":" in text[2:] and text.startswith(("jre:", "scan:")):
        return True
    return text in _WORDS and name in ("path", "store", "list")


def _is_word(path: str) -> bool:
    """Whether a file of this name would be taken for something else."""
    from ..trust.lists import SHIPPED

    return path in (*_WORDS, "-", *SHIPPED)


def _paths(node: Node, key: Key) -> tuple[str, ...]:
    nodes = node.value if node.kind == "list" else (node,)
    return tuple(_path(one, key) for one in nodes)


def _choice(node: Node, key: Key) -> str:
    text = text_of(node, key)
    several = len(key.choices) > 1
    if text not in key.choices and "${" not in text:
        raise wrong(
            node.mark,
            f"expected {'one of ' if several else ''}{', '.join(key.choices)} for {key.name}, "
            f"found {text[:80]!r}",
            meant(text, key.choices) if several else "",
        )
    return text


def _flag(node: Node, key: Key) -> bool:
    text = text_of(node, key).lower()
    if "${" in text:
        return False
    if text not in ("true", "false", "yes", "no"):
        raise wrong(node.mark, f"expected true or false for {key.name}, found {text[:80]!r}")
    return text in ("true", "yes")


def _number(node: Node, key: Key) -> int:
    text = text_of(node, key)
    if "${" in text:
        return key.least
    if not (text.isascii() and text.isdecimal() and len(text) < 10) or not (
        key.least <= int(text) <= key.most
    ):
        raise wrong(node.mark, f"expected a number for {key.name}, found {text[:80]!r}")
    return int(text)


def _fingerprints(node: Node, key: Key) -> tuple[str, ...]:
    from ..trust.inventory import fingerprint

    found = []
    for one in node.value if node.kind == "list" else (node,):
        text = text_of(one, key)
        if "${" in text:
            found.append(text)
            continue
        if not text.strip():
            raise wrong(
                one.mark,
                f"{key.name} is empty, expected a SHA-256 fingerprint",
                "--set says it where it is a variable; storekeeper fetch HOST:PORT shows that of "
                "a server, to be compared with what its owner tells",
            )
        try:
            digest = fingerprint(text)
        except StorekeeperError as problem:
            hint = "write all of its 64 hex digits, with or without colons"
            raise wrong(one.mark, f"{key.name}: {problem.message[:200]}", hint) from None
        if len(digest) != 64:
            raise wrong(
                one.mark,
                f"expected a whole SHA-256 fingerprint for {key.name}, found {len(digest)} digits",
                "a part of one can be forged",
            )
        found.append(digest)
    return tuple(found)


def _specification(node: Node, key: Key) -> str:
    """A password's specification; what may be a password itself is not repeated."""
    text = text_of(node, key)
    if not text:
        return ""  # as if it were not there: a variable may be empty
    from ..host.passwords import FORMS

    word, colon, rest = text.partition(":")
    kinds = ("env", "file", "fd", "keyring", "cmd", "pass")
    if text not in ("none", "prompt", "stdin") and not (colon and rest and word in kinds):
        if "${" in text:
            return text
        raise wrong(
            node.mark,
            f"this is no way to give the {key.name}",
            f"it is one of {FORMS}; no password stands in a profile",
        )
    if word == "file" and not node.given and not rest.startswith("${"):
        rest = os.path.join(directory_of(node.mark.path), os.path.expanduser(rest))
        return f"file:{rest}"
    return text


def _pairs(node: Node, key: Key) -> tuple[tuple[str, str], ...]:
    if node.kind != "table":
        raise wrong(
            node.mark, f"expected values and what they mean for {key.name}, found {kind_of(node)}"
        )
    return tuple((text_of(name), text_of(value, key)) for name, value in node.value)


def _tables(node: Node, key: Key) -> tuple[Node, ...]:
    if node.kind != "list":
        raise wrong(
            node.mark,
            f"expected a list for {key.name}, found {kind_of(node)}",
            f"each {key.shape.partition(' ')[2]} begins with a hyphen",
        )
    found: tuple[Node, ...] = node.value
    return found


def _as_it_is(node: Node, _: Key) -> Node:
    return node


_SHAPES: dict[str, Callable[[Node, Key], Any]] = {
    "text": text_of,
    "texts": _texts,
    "path": _path,
    "paths": _paths,
    "choice": _choice,
    "flag": _flag,
    "number": _number,
    "fingerprints": _fingerprints,
    "password": _specification,
    "pairs": _pairs,
    "tables": _tables,
    "table": _as_it_is,
    "named": _as_it_is,
}


def place_of(node: Node, name: str) -> Mark:
    """Where the value of a key stands."""
    found = table_of_any(node).get(name)
    return found.mark if found else node.mark


def table_of_any(node: Node) -> dict[str, Node]:
    """The values of a table by key, whatever they are called."""
    if node.kind != "table":
        return {}
    return {key.value: value for key, value in node.value if key.kind == "text"}


def kind_of(node: Node) -> str:
    """What a node is, for a message."""
    if node.kind == "text":
        return f"the text {node.value[:60]!r}"
    return {"nothing": "nothing"}.get(node.kind, f"a {node.kind}")


def article(table: str) -> str:
    if table == "profile":
        return "the profile"
    return f"{'an' if table[0] in 'aeiou' else 'a'} {table}" if table != "filters" else "filters"
