"""The order in which a java.util.HashMap, HashSet, Hashtable or TreeSet gives what was put in."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    _T = TypeVar("_T")

SMALLEST_TABLE = 16


def string_hash(text: str) -> int:
    """String.hashCode: of UTF-16 code units, in 32 bits."""
    encoded = text.encode("utf-16-be", "surrogatepass")
    value = 0
    for at in range(0, len(encoded), 2):
        value = (31 * value + int.from_bytes(encoded[at : at + 2], "big")) & 0xFFFFFFFF
    return value


def hash_order(texts: Iterable[str]) -> list[str]:
    """Strings as a HashMap has them; those of one bucket in the order they came."""
    return ordered(list(dict.fromkeys(texts)), string_hash)


def ordered(values: Sequence[_T], hash_of: Callable[[_T], int]) -> list[_T]:
    """Different values in the order of a table that grew as they came.

    A bucket keeps the order of insertion when a table doubles; one of eight values or more
    becomes a tree, whose order is another: not modelled, hashes that collide so are no accident.
    """
    size = SMALLEST_TABLE
    while len(values) > size * 3 // 4:
        size *= 2

    def bucket(value: _T) -> int:
        found = hash_of(value)
        return (found ^ found >> 16) & (size - 1)

    return sorted(values, key=bucket)


def hashtable_order(texts: Iterable[str]) -> list[str]:
    """Strings as a Hashtable has them, the keys of a JKS among others.

    Its buckets are gone through from the last to the first, and in each the newest comes first.
    It grows before a new one goes in, and then each bucket is turned around.
    """
    buckets: list[list[tuple[int, str]]] = [[] for _ in range(11)]
    for count, text in enumerate(dict.fromkeys(texts)):
        if count >= len(buckets) * 3 // 4:
            old = buckets
            buckets = [[] for _ in range(2 * len(old) + 1)]
            for bucket in reversed(old):
                for one in bucket:
                    buckets[one[0] % len(buckets)].insert(0, one)
        hashed = string_hash(text) & 0x7FFFFFFF
        buckets[hashed % len(buckets)].insert(0, (hashed, text))
    return [text for bucket in reversed(buckets) for _, text in bucket]


def bytes_hash(data: bytes) -> int:
    """Arrays.hashCode of bytes, as Certificate.hashCode has it, in 32 bits."""
    value = 1
    for byte in data:
        value = (31 * value + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return value


class _Node:
    __slots__ = ("left", "parent", "red", "right", "value")

    def __init__(self, value: object, parent: _Node | None) -> None:
        self.value = value
        self.parent = parent
        self.left: _Node | None = None
        self.right: _Node | None = None
        self.red = parent is not None


def tree_set(values: Iterable[_T], before: Callable[[_T, _T], bool]) -> list[_T]:
    """Values in the order of a TreeSet whose comparator never says "equal" of different ones.

    A value that is there already is only noticed where the search for its place meets it: the
    set has it twice otherwise, which depends on the shape of the tree.

    Args:
        values: as they are added.
        before: whether the first, the new one, comes before the second.
    """
    root: _Node | None = None
    for value in values:
        above, at, first = None, root, False
        while at is not None and at.value != value:
            first = before(value, at.value)  # type: ignore[arg-type]
            above, at = at, at.left if first else at.right
        if at is None:
            node = _Node(value, above)
            if above is None:
                root = node
            else:
                if first:
                    above.left = node
                else:
                    above.right = node
                root = _balanced(node, root)
    found: list[_T] = []
    _walk(root, found)
    return found


def _walk(node: _Node | None, found: list[_T]) -> None:
    if node is not None:
        _walk(node.left, found)
        found.append(node.value)  # type: ignore[arg-type]
        _walk(node.right, found)


def _balanced(node: _Node, root: _Node | None) -> _Node | None:
    """The root after the usual insertion into a red-black tree."""
    while (parent := node.parent) is not None and parent.red:
        grand = parent.parent
        assert grand is not None  # a root is black
        on_left = parent is grand.left
        uncle = grand.right if on_left else grand.left
        if uncle is not None and uncle.red:
            parent.red = uncle.red = False
            grand.red = True
            node = grand
            continue
        if node is (parent.right if on_left else parent.left):
            root = _rotated(parent, root, to_left=on_left)
            node, parent = parent, node
        parent.red, grand.red = False, True
        root = _rotated(grand, root, to_left=not on_left)
    assert root is not None
    root.red = False
    return root


def _rotated(top: _Node, root: _Node | None, *, to_left: bool) -> _Node | None:
    """The root after a node went down on one side and its child of the other side up."""
    child = top.right if to_left else top.left
    assert child is not None
    inner = child.left if to_left else child.right
    if to_left:
        top.right, child.left = inner, top
    else:
        top.left, child.right = inner, top
    if inner is not None:
        inner.parent = top
    above = top.parent
    top.parent, child.parent = child, above
    if above is None:
        return child
    if above.left is top:
        above.left = child
    else:
        above.right = child
    return root
