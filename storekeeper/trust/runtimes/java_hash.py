"""The order in which a java.util.HashMap or HashSet gives what was put in."""

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
