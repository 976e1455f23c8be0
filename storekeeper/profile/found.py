"""Installed products: directories that match a glob and have what makes them an installation."""

from __future__ import annotations

import glob
import os
import re

from .configuration import paths_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .values import Variable
    from .variables import Values

__all__ = ["homes", "version_of"]

_MOST = 1_000


def homes(variable: Variable, values: Values, root: str = "/") -> tuple[str, ...]:
    """The installations of a variable with ``find``, the newest version first.

    Args:
        variable: with the globs, and what has to be below.
        values: for references in them.
        root: the tree to look in; the paths that are given are as they are inside it.
    """
    found: dict[str, None] = {}
    has = [values.text(one, variable.mark)[0] for one in variable.has]
    for template in variable.find:
        pattern = os.path.expanduser(values.text(template, variable.mark)[0])
        if not pattern:
            continue
        for path in glob.iglob(values.below(pattern)):
            if len(found) >= _MOST:
                break
            if os.path.isdir(path) and all(_there(path, one) for one in has):
                found[_inside(path, root)] = None
    return tuple(sorted(found, key=version_of, reverse=True))


def _there(home: str, name: str) -> bool:
    path = os.path.join(home, name)
    return any(map(os.path.exists, paths_of(path)))


def _inside(path: str, root: str) -> str:
    return path if root == "/" else os.path.join("/", os.path.relpath(path, root))


def version_of(path: str) -> tuple[tuple[int, ...], str]:
    """A key to sort by: the numbers in the last part of a path, then the path."""
    numbers = re.findall(r"[0-9]{1,9}", os.path.basename(path.rstrip("/\\")))
    return tuple(map(int, numbers)), path
