"""Files below paths of any length.

The system takes no path longer than PATH_MAX, and directories lie deeper than that
(unpacked archives, node_modules). Such a path is opened piece by piece.
"""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_READ = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_NOFOLLOW = _READ | getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
# Half of Linux's PATH_MAX: one name, at most 255 bytes, always fits behind it.
_PIECE = 2048


def opened(path: str, *, follow: bool = False) -> int:
    """A descriptor for reading that never waits for anybody; a link is not followed unasked."""
    flags = _READ if follow else _NOFOLLOW
    try:
        return os.open(path, flags)
    except OSError as problem:
        if problem.errno != errno.ENAMETOOLONG:
            raise
    folder, name = os.path.split(path)
    above = _folder(folder)
    try:
        return os.open(name, flags, dir_fd=above)
    finally:
        os.close(above)


def status(path: str) -> os.stat_result:
    """`os.stat`."""
    try:
        return os.stat(path)
    except OSError as problem:
        if problem.errno != errno.ENAMETOOLONG:
            raise
    folder, name = os.path.split(path)
    above = _folder(folder)
    try:
        return os.stat(name, dir_fd=above)
    finally:
        os.close(above)


def listed(path: str) -> tuple[list[str], list[str], list[str], int]:
    """Names of regular files, symbolic links and directories, each sorted; how many others."""
    try:
        return _sorted(os.scandir(path))
    except OSError as problem:
        if problem.errno != errno.ENAMETOOLONG:
            raise
    descriptor = _folder(path)
    try:
        return _sorted(os.scandir(descriptor))
    finally:
        os.close(descriptor)


def _sorted(
    entries: AbstractContextManager[Iterator[os.DirEntry[str]]],
) -> tuple[list[str], list[str], list[str], int]:
    files: list[str] = []
    links: list[str] = []
    directories: list[str] = []
    special = 0
    with entries as found:
        for entry in found:
            # What can't be told is opened, and says for itself.
            try:
                if entry.is_file(follow_symlinks=False):
                    files.append(entry.name)
                elif entry.is_symlink():
                    links.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    directories.append(entry.name)
                else:
                    special += 1
            except OSError:
                files.append(entry.name)
    files.sort()
    links.sort()
    directories.sort()
    return files, links, directories, special


def _folder(path: str) -> int:
    """A descriptor of a directory, however long its path."""
    above = os.open("/" if path.startswith("/") else ".", _DIRECTORY)
    pieces = path.strip("/").split("/")
    while pieces:
        some = [pieces.pop(0)]
        while pieces and len(os.fsencode("/".join([*some, pieces[0]]))) < _PIECE:
            some.append(pieces.pop(0))
        try:
            deeper = os.open("/".join(some), _DIRECTORY, dir_fd=above)
        finally:
            os.close(above)
        above = deeper
    return above
