"""``scan:PATH`` in an audit: each store below a path by itself."""

from __future__ import annotations

import os

from ..store_files import stores_below
from .tasks import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Limits, Password


def tasks_below(path: str, password: Password | None, limits: Limits) -> Iterator[Task]:
    """A task for each store and file of certificates, and for what could not be looked into.

    Without any, one that says so: an audit of nothing is no good news.
    """
    found = False
    for met in stores_below(os.path.expanduser(path), limits):
        found = True
        # A path, not a word: "cacerts" may be the name of a file here.
        first, slash, _ = met.real.partition("/")
        plain = bool(slash) and ":" not in first
        source = met.real if plain else os.path.join(".", met.real)
        yield Task(met.path, source, password, problem=met.message, hint=met.hint)
    if not found:
        yield Task(
            f"scan:{path}",
            path,
            problem="no store and no certificate is below it",
            hint=f"storekeeper scan {path} says what was looked at",
        )
