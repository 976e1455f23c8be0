"""What stands around the commands of a page: its files, and the servers it asks.

Servers are real ones on loopback. A page asks them by names, which lead to them here: that
is all that is changed between the page and the program.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

World = Callable[[Path, pytest.MonkeyPatch], contextlib.AbstractContextManager[None]]
WORLDS: dict[str, World] = {}
"""By page."""


@contextlib.contextmanager
def world(page: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make a page's world in a folder, for as long as its commands run."""
    made = WORLDS.get(page)
    if made is None:
        yield
        return
    with made(folder, patch):
        yield
