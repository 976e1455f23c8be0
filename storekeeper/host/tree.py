"""A file system seen from a root: this machine's, or an unpacked image's.

Names inside the tree ("/usr/lib/jvm") become paths that can be opened here; absolute
symbolic links are followed inside the tree.
"""

from __future__ import annotations

import os

from .files import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# More names in one directory than any place of JREs has; keeps a pattern from walking a spool.
MAX_NAMES = 10_000


class Tree:
    """The files below a root.

    Args:
        root: "/" for this machine, else a directory.
        environ: the environment variables that count there.
    """

    def __init__(self, root: str, environ: Mapping[str, str]) -> None:
        self.root = root
        self.environ = environ
        self.foreign = os.path.realpath(root) != os.path.realpath("/")
        self._base = os.path.realpath(root).rstrip("/")

    def at(self, inside: str) -> str:
        """The openable path of a name inside the tree; a path below the root stays as it is."""
        if not self.foreign or inside == self._base or inside.startswith(self._base + "/"):
            return inside
        return self._base + "/" + inside.lstrip("/")

    def real(self, path: str) -> str:
        """The path without symbolic links."""
        if self.foreign:
            return real_path(path, self.root)
        try:
            return os.path.realpath(path)
        except (OSError, ValueError):  # no current directory any more; a NUL in it
            return path

    def isfile(self, path: str) -> bool:
        """Whether it is a file in the end."""
        return os.path.isfile(self.real(path) if self.foreign else path)

    def isdir(self, path: str) -> bool:
        """Whether it is a directory in the end."""
        return os.path.isdir(self.real(path) if self.foreign else path)

    def names(self, path: str) -> list[str]:
        """The names in a directory, sorted; none where it can't be listed."""
        try:
            return sorted(os.listdir(self.real(path)))[:MAX_NAMES]
        except (OSError, ValueError):
            return []

    def text(self, path: str, size: int = 65536) -> str:
        """The beginning of a small text file; "" where it can't be read."""
        try:
            if not self.isfile(path):  # a FIFO would wait for its writer
                return ""
            with open(self.real(path), "rb") as file:
                return file.read(size).decode("utf-8", "replace")
        except (OSError, ValueError):
            return ""

    def expand(self, pattern: str) -> Iterator[str]:
        """The paths a pattern of the tables stands for, sorted, existing or not.

        ``~`` is the user's home (in a foreign tree, every home), ``$NAME`` the value of an
        environment variable (nothing when it is not set); ``*`` stands within one name.
        """
        head, _, rest = pattern.partition("/")
        if head == "~":
            starts = self._homes()
        elif head.startswith("$"):
            value = self.environ.get(head[1:], "")
            starts = [self.at(value)] if value else []
        else:
            starts = [self.at("/")]
        for start in starts:
            yield from self._matches(start, rest.split("/"))

    def _matches(self, start: str, parts: list[str]) -> Iterator[str]:
        if not parts:
            yield start
            return
        part, *rest = parts
        if "*" not in part:
            yield from self._matches(os.path.join(start, part), rest)
            return
        from fnmatch import fnmatchcase

        for name in self.names(start):
            if fnmatchcase(name, part) and (part[0] == "." or name[0] != "."):
                yield from self._matches(os.path.join(start, name), rest)

    def _homes(self) -> list[str]:
        # USERPROFILE is Windows's name for it.
        own = self.environ.get("HOME") or self.environ.get("USERPROFILE")
        if own:
            return [self.at(own)]
        if not self.foreign:
            return [os.path.expanduser("~")]
        base = self.at("/home")
        return [self.at("/root"), *(os.path.join(base, name) for name in self.names(base))]
