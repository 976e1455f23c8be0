"""YAML as nodes with positions: every word is text until its reader says what it is.

No value is constructed by the YAML library, so there are no objects out of tags, no
booleans out of ``off`` and no dates out of numbers. What an alias stands for counts anew each
time, so that a small file stays small.
"""

from __future__ import annotations

from ..errors import Damaged, LimitExceeded, Unsupported
from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, ClassVar, Literal

    Kind = Literal["text", "list", "table", "nothing"]

__all__ = ["MOST_BYTES", "Bounds", "Mark", "Node", "tree", "wrong"]

MOST_BYTES = 1024 * 1024
"""How large a file of YAML may be."""

_CORE = "tag:yaml.org,2002:"
_CORE_TAGS = {"str", "int", "float", "bool", "null", "seq", "map"}


class Mark(Frozen):
    """A place in a file; line and column are counted from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Node(Frozen):
    """A value of the file and where it stands.

    Attributes:
        value: text, a tuple of nodes, or a tuple of (key node, value node) pairs.
        kind: "text", "list", "table", or "nothing" for a key with nothing behind it.
        mark: where it begins.
        given: of text, that it begins with what was said on the way and not in the file.
    """

    value: Any
    kind: Kind
    mark: Mark
    given: bool = False

    _uncompared: ClassVar[frozenset[str]] = frozenset({"mark", "given"})


class Bounds(Frozen):
    """How much a document may hold.

    Attributes:
        values: texts, and where lists and tables begin and end; aliases followed.
        depth: of lists and tables in one another.
        anchors: whether anchors and aliases are allowed at all.
    """

    values: int = 50_000
    depth: int = 16
    anchors: bool = True


def tree(data: bytes, path: str, what: str, bounds: Bounds = Bounds()) -> Node | None:  # noqa: B008
    """The one document of a file; None when there is nothing in it.

    Args:
        data: the bytes of the file, UTF-8.
        path: what to call it.
        what: what it should be: "policy".
        bounds: how much it may hold.

    Raises:
        Damaged: it is no YAML; the path of the error has line and column.
        LimitExceeded: it is larger, deeper or longer than it may be.
        Unsupported: PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise Unsupported(
            f"a {what} is YAML, and PyYAML is not installed",
            hint="pip install pyyaml",
            path=path,
        ) from None
    if len(data) > MOST_BYTES:
        raise LimitExceeded(f"expected at most {MOST_BYTES} bytes, found {len(data)}", path=path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Damaged(
            f"expected UTF-8, found byte {data[problem.start]:#04x}",
            hint=f"if this is the {what}, save it as UTF-8",
            path=path,
            offset=problem.start,
        ) from None
    composer = _Composer(path, what, bounds)
    found: Node | None = None
    try:
        events = composer.counted(yaml.parse(text, Loader=yaml.SafeLoader))
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found is not None:
                    raise wrong(composer.mark(event), "expected one document, found a second")
                found = composer.node(next(events), events, 0)
    except yaml.MarkedYAMLError as problem:
        place = problem.problem_mark or problem.context_mark
        mark = Mark(path, place.line + 1, place.column + 1) if place else Mark(path, 1, 1)
        raise wrong(mark, f"this is no YAML: {problem.problem or problem.context}") from None
    except yaml.YAMLError as problem:
        text = str(problem).partition("\n")[0][:120]
        raise wrong(Mark(path, 1, 1), f"this is no YAML: {text}") from None
    except RecursionError:
        raise LimitExceeded(f"nested deeper than {bounds.depth} levels", path=path) from None
    return None if found is None or found.kind == "nothing" else found


class _Composer:
    """Nodes out of events."""

    def __init__(self, path: str, what: str, bounds: Bounds) -> None:
        self.path = path
        self.what = what
        self.bounds = bounds
        self.count = 0
        # name: the node and how many values are in it; None while it is still open.
        self.anchors: dict[str, tuple[Node, int] | None] = {}

    def counted(self, events: Iterator[Any]) -> Iterator[Any]:
        for event in events:
            self.add(1)
            yield event

    def add(self, number: int) -> None:
        self.count += number
        if self.count > self.bounds.values:
            raise LimitExceeded(
                f"a {self.what} of more than {self.bounds.values} values", path=self.path
            )

    def mark(self, event: Any) -> Mark:
        return Mark(self.path, event.start_mark.line + 1, event.start_mark.column + 1)

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        import yaml

        mark = self.mark(event)
        if depth > self.bounds.depth:
            raise wrong(mark, f"expected at most {self.bounds.depth} levels, found more")
        anchor = getattr(event, "anchor", None)
        if anchor is not None and not self.bounds.anchors:
            kind = "an alias" if isinstance(event, yaml.AliasEvent) else "an anchor"
            raise wrong(mark, f"{kind}: a {self.what} says everything where it stands")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(anchor, mark)
        self.tag(event, mark)
        before = self.count
        if anchor is not None:
            self.anchors[anchor] = None
        found = self.built(event, events, depth, mark)
        if anchor is not None:
            self.anchors[anchor] = found, self.count - before + 1
        return found

    def alias(self, name: str | None, mark: Mark) -> Node:
        if name not in self.anchors:
            raise wrong(mark, f"an alias without an anchor before it: {str(name)[:60]}")
        known = self.anchors[name]
        if known is None:
            raise wrong(mark, f"an alias within what it stands for: {name[:60]}")
        self.add(known[1])
        return known[0]

    def tag(self, event: Any, mark: Mark) -> None:
        tag = getattr(event, "tag", None)
        if tag is None or tag == "!":
            return
        if not (str(tag).startswith(_CORE) and str(tag)[len(_CORE) :] in _CORE_TAGS):
            raise wrong(
                mark,
                f"a tag ({str(tag)[:60]}): a {self.what} has none",
            )

    def built(self, event: Any, events: Iterator[Any], depth: int, mark: Mark) -> Node:
        import yaml

        if isinstance(event, yaml.ScalarEvent):
            plain = event.style is None and event.tag is None
            if plain and event.value in ("", "~", "null", "Null", "NULL"):
                return Node("", "nothing", mark)
            return Node(event.value, "text", mark)
        nodes = []
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                break
            nodes.append(self.node(inner, events, depth + 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(tuple(nodes), "list", mark)
        return Node(tuple(zip(nodes[::2], nodes[1::2], strict=True)), "table", mark)


def wrong(mark: Mark, message: str, hint: str = "") -> Damaged:
    """The error of a place in a file; its path has line and column."""
    return Damaged(message, path=str(mark), hint=hint)
