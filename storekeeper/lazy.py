"""Loading a module when it is needed."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def load(name: str) -> ModuleType:
    """A module of this package by its name below ``storekeeper``, as "formats.jks".

    What `importlib.import_module` does, without importing `importlib` and `warnings`.
    """
    whole = f"storekeeper.{name}"
    __import__(whole)
    return sys.modules[whole]
