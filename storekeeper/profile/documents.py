"""The document of a profile, what it extends merged in."""

from __future__ import annotations

import os

from ..errors import LimitExceeded, Unreadable
from ..frozen import Frozen
from ..host.files import read_file
from ..host.yaml_tree import MOST_BYTES, Bounds, Mark, Node, tree, wrong
from ..model import LIMITS, replace
from .shapes import table_of, table_of_any
from .shipped import shipped, shipped_path
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Document", "document", "locate"]

_MOST_FILES = 64
_BY_NAME = ("targets", "checks")


class Document(Frozen):
    """A profile as one tree of nodes.

    Attributes:
        path: of the file, or what the text was called.
        root: the table.
        extends: paths of what it is built on, nearest first.
    """

    path: str
    root: Node
    extends: tuple[str, ...] = ()


def locate(name: str) -> str:
    """The file a name stands for: a path, or a shipped profile.

    Raises:
        Unreadable: it is neither.
    """
    names = shipped()
    if name == "-" or (os.path.exists(name) and not (name in names and os.path.isdir(name))):
        return name
    if name in names:  # also where a directory has the name, as jre has in many a product's home
        return shipped_path(name)
    hint = ""
    if os.sep not in name:
        hint = meant(name, names)
    raise Unreadable(
        "no such file, and no shipped profile of that name",
        hint=hint or "storekeeper profiles list shows the shipped ones",
        path=name,
    )


def document(path: str, data: bytes | None = None) -> Document:
    """The document of a file, or of text that goes by ``path``.

    Raises:
        Unreadable, LimitExceeded: the file, or one it extends, can't be read or is too large.
        Damaged: it is no YAML, no table, or extends itself.
    """
    loader = _Loader()
    root = loader.merged(path, data, ())
    return Document(path, root, tuple(dict.fromkeys(loader.extended)))


class _Loader:
    def __init__(self) -> None:
        self.files = 0
        self.extended: list[str] = []

    def merged(self, path: str, data: bytes | None, trail: tuple[str, ...]) -> Node:
        self.files += 1
        if self.files > _MOST_FILES:
            raise LimitExceeded(f"extends more than {_MOST_FILES} profiles", path=path)
        if data is None:
            data = read_file(path, replace(LIMITS, file_size=MOST_BYTES))
        name = "standard input" if path == "-" else path
        root = tree(data, name, "profile", Bounds())
        if root is None:
            raise wrong(Mark(name, 1, 1), "there is nothing in it", "it begins with storekeeper: 1")
        said = table_of(root, "profile")
        if "storekeeper" not in said:
            raise wrong(
                root.mark,
                "expected the version of the format, found none",
                "write storekeeper: 1 into the first line",
            )
        node = said.get("extends")
        if node is None or node.kind == "nothing":
            return root
        trail = (*trail, os.path.realpath(path))
        merged: Node | None = None
        for one in node.value if node.kind == "list" else (node,):
            base = self._base(one, trail)
            merged = base if merged is None else _merge(merged, base, "profile")
        own = Node(_without(root.value, "extends"), "table", root.mark)
        return own if merged is None else _merge(merged, own, "profile")

    def _base(self, node: Node, trail: tuple[str, ...]) -> Node:
        if node.kind != "text" or not node.value:
            raise wrong(node.mark, "expected the name or path of a profile to extend")
        path = self._path(node)
        if os.path.realpath(path) in trail:
            names = [os.path.basename(one) for one in (*trail, path)]
            raise wrong(
                node.mark, f"it extends itself: {' -> '.join(names)}", "take one of them out"
            )
        self.extended.append(path)
        try:
            return self.merged(path, None, trail)
        except Unreadable as problem:
            problem.hint = f"extended in {node.mark}; {problem.hint}".removesuffix("; ")
            raise

    def _path(self, node: Node) -> str:
        name = os.path.expanduser(node.value)
        beside = os.path.join(os.path.dirname(node.mark.path), name)
        names = shipped()
        if name in names:
            return shipped_path(name)
        if os.path.lexists(beside):
            return beside
        hint = meant(name, names) if os.sep not in name and "." not in name else ""
        raise wrong(
            node.mark,
            f"there is no profile {node.value[:80]!r} to extend: no shipped one, and no file "
            f"{beside[:200]}",
            hint or "storekeeper profiles list shows the shipped ones",
        )


def _without(pairs: Iterable[tuple[Node, Node]], name: str) -> tuple[tuple[Node, Node], ...]:
    return tuple((key, value) for key, value in pairs if key.value != name)


def _merge(base: Node, own: Node, where: str) -> Node:
    """``own`` over ``base``: tables by key, targets and checks by name, the rest replaced."""
    if where == "variable":
        if base.kind == "text":
            base = _short(base)
        if own.kind == "text":
            # It is this, wherever the other would have looked for it.
            about = table_of_any(base).get("about")
            pairs = [("default", own)] + ([("about", about)] if about else [])
            return _table(own.mark, pairs)
    if where in _BY_NAME and base.kind == own.kind == "list":
        return _by_name(base, own)
    if not (base.kind == own.kind == "table"):
        return own
    inner = "variable" if where == "variables" else ""
    found: dict[str, tuple[Node, Node]] = {_word(key): (key, value) for key, value in base.value}
    for key, value in own.value:
        word = _word(key)
        if word in found:
            place = inner or (word if where == "profile" else "")
            value = _merge(found[word][1], value, place)
        found[word] = key, value
    return Node(tuple(found.values()), "table", own.mark)


def _by_name(base: Node, own: Node) -> Node:
    found: dict[str, Node] = {}
    for number, node in enumerate(base.value):
        found[_label(node) or f"\0base {number}"] = node
    for number, node in enumerate(own.value):
        label = _label(node) or f"\0own {number}"
        found[label] = _merge(found[label], node, "target") if label in found else node
    return Node(tuple(found.values()), "list", own.mark)


def _label(node: Node) -> str:
    said = table_of_any(node)
    for key in ("name", "path", "server"):
        if key in said and said[key].kind == "text":
            return str(said[key].value)
    return ""


def _word(key: Node) -> str:
    return key.value if key.kind == "text" else f"\0{key.mark}"


def _short(node: Node) -> Node:
    return _table(node.mark, [("default", node)])


def _table(mark: Mark, pairs: list[tuple[str, Node]]) -> Node:
    return Node(tuple((Node(name, "text", mark), value) for name, value in pairs), "table", mark)
