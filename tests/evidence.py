"""Picking pieces out of what the readers of evidence found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from storekeeper.tls.evidence.values import Evidence, Note

T = TypeVar("T", bound=Evidence)


def every(found: Iterable[Evidence], kind: type[T]) -> list[T]:
    """The pieces of a kind."""
    return [each for each in found if isinstance(each, kind)]


def one(found: Iterable[Evidence], kind: type[T]) -> T:
    """The only piece of a kind."""
    (single,) = every(found, kind)
    return single


def notes(found: Iterable[Evidence]) -> list[str]:
    """The sentences of the notes."""
    return [each.text for each in every(found, Note)]
