"""The profiles that travel with storekeeper."""

from __future__ import annotations

import os

from ..errors import UsageError
from .words import meant

__all__ = ["directory_of", "shipped", "shipped_path"]

SUFFIX = ".yaml"


def shipped() -> tuple[str, ...]:
    """Names of the shipped profiles, sorted."""
    try:
        names = os.listdir(_folder())
    except OSError:
        return ()
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def shipped_path(name: str) -> str:
    """The file of a shipped profile.

    Raises:
        UsageError: there is none of that name.
    """
    names = shipped()
    if name not in names:
        raise UsageError(f"no shipped profile is called {name[:80]!r}", hint=meant(name, names))
    return os.path.join(_folder(), name + SUFFIX)


def directory_of(path: str) -> str:
    """Where the relative paths of a profile begin: beside it; of a shipped one, here."""
    directory = os.path.dirname(path)
    return "" if os.path.abspath(directory) == _folder() else directory


def _folder() -> str:
    """``shipped_profiles`` of an installed package; ``profiles`` of a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "shipped_profiles")
    if os.path.isdir(installed):
        return installed
    return os.path.join(os.path.dirname(package), "profiles")
