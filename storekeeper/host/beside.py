"""Temporary files beside the one they will replace, and whole before they do.

Their names are ``.NAME.RANDOM.tmp``, sixteen hexadecimal digits at random: exactly that is
what the next run removes when one was killed.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CHUNK = 1024 * 1024

_BINARY = getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)

# What fsync answers for a kind of file it has nothing to do for (fsync(2)); EBADF is what
# Windows says for one that is open for reading only.
_NOTHING_TO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF})


def create(directory: str, name: str, mode: int) -> tuple[int, str]:
    """A new, empty file beside `name`: its descriptor, for reading and writing, and its path."""
    path = os.path.join(directory, f".{name}.{os.urandom(8).hex()}.tmp")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY
    return os.open(path, flags, mode), path


def fill(descriptor: int, pieces: Iterable[bytes]) -> None:
    """Write the pieces, however many calls that takes."""
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            written = os.write(descriptor, rest)
            if written <= 0:
                raise OSError(errno.EIO, "nothing could be written")
            rest = rest[written:]


def read(descriptor: int) -> Iterator[bytes]:
    """The bytes of an open file from its beginning, in pieces."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    while piece := os.read(descriptor, _CHUNK):
        yield piece


def digest(pieces: Iterable[bytes]) -> str:
    """SHA-256 in hexadecimal."""
    state = sha256()
    for piece in pieces:
        state.update(piece)
    return state.hexdigest()


def open_existing(path: str) -> int:
    """The file of that name for reading, never a link's target and never waiting for a pipe.

    Raises:
        OSError: ENOENT, ELOOP for a symbolic link, EISDIR, EINVAL for what is no file.
    """
    flags = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | _BINARY
    descriptor = os.open(path, flags)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, "is a directory", path)
    raise OSError(errno.EINVAL, "expected a file, found a pipe or device", path)


def sync(descriptor: int) -> None:
    """Wait until the disk has the file."""
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in _NOTHING_TO_SYNC:
            raise


def sync_directory(directory: str) -> None:
    """Wait until the disk has the names in the directory."""
    if os.name == "nt":  # it opens no directories
        return
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # one may write into it without being allowed to read it
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def regular_files(directory: str, pattern: str) -> list[str]:
    """The paths of the regular files whose names match wholly."""
    try:
        names = os.listdir(directory)
    except PermissionError:  # it may be written, not listed: then nothing of ours is known
        return []
    matches = re.compile(pattern).fullmatch
    found = []
    for name in names:
        if matches(name):
            path = os.path.join(directory, name)
            with suppress(OSError):
                if stat.S_ISREG(os.stat(path, follow_symlinks=False).st_mode):
                    found.append(path)
    return found


def remove_leftovers(directory: str, name: str) -> None:
    """Remove the temporaries of killed runs for this name. Only under its lock."""
    for path in regular_files(directory, rf"\.{re.escape(name)}\.[0-9a-f]{{16}}\.tmp"):
        remove(path)


def remove(path: str) -> None:
    """Remove a file of ours; what can't be removed stays."""
    with suppress(OSError):
        os.unlink(path)
