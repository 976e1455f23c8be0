"""One storekeeper at a time changes what lies in a directory.

The lock is ``flock`` on the directory that holds the file. It leaves no file behind, needs
no permission to write, holds for a file that does not exist yet and survives the rename that
puts a new file in the old one's place. The kernel lets go of it when the process holding it
ends, however that happens: after SIGKILL nobody waits for the dead.

Where a directory can't be locked so (NFS wants write access to what it locks, Windows knows
no such thing, a directory may be searchable but not readable), a file
``.NAME.storekeeper-lock`` beside is locked in its stead, with ``flock`` or, on Windows,
``msvcrt.locking``. Those locks end with their process too; the empty file may stay after a
kill, blocks nobody, and goes with the next change.

Two costs are known. Changes to different files of one directory wait for each other, for
milliseconds. And whoever may read the directory may hold its lock, as with any ``flock``:
they can delay a change up to the timeout, not spoil it.

The Windows branches are written after the documentation of ``msvcrt`` and have not been run.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from _thread import get_ident
from contextlib import suppress

from ..errors import WriteRefused
from .refusals import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

    # Process, thread, device and number of the directory, and the file's name where only
    # that file is locked.
    Key = tuple[int, int, int, int, str]

TIMEOUT = 30.0  # seconds

# A waiter looks again after a random time in between (seconds): short beside one change,
# which takes a few fsyncs, and drawn anew each time, so that nobody is last every time.
_PAUSE = (0.001, 0.015)

# What flock answers where the file system has no such lock for this kind of descriptor.
# NFS says EBADF: it makes record locks of them, and those need a descriptor open for writing.
_NOT_HERE = frozenset({errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})

# How deep each thread of each process is in each lock. A thread only touches its own keys,
# so the table needs no lock; a forked child has another process number, and holds nothing.
_depths: dict[Key, int] = {}


def lock(path: str, timeout: float = TIMEOUT) -> AbstractContextManager[None]:
    """Exclusive among storekeepers, and among threads, for the file at a real path.

    The file need not exist, its directory must. A thread that holds the lock may take it
    again, for this file or, where directories can be locked, for a neighbour.

    Args:
        path: symbolic links already followed.
        timeout: seconds to wait for whoever holds it; 0 tries once.

    Raises, on entering:
        WriteRefused: still held after `timeout`, no such directory, or nothing there that
            can be locked.
    """
    return _Lock(path, timeout)


class _Lock:
    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._key: Key | None = None
        self._descriptor = -1
        self._file = ""  # the lock file, when the directory could not be locked

    def __enter__(self) -> None:
        deadline = time.monotonic() + self._timeout
        try:
            while not self._again() and not self._try():
                if time.monotonic() >= deadline:
                    raise self._held_by_another()
                _pause(deadline)
        except (OSError, ValueError) as problem:
            raise refused(problem, self._path, "locking it") from problem

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        key, self._key = self._key, None
        if key is None or key[0] != os.getpid():  # a forked child leaves the parent's lock alone
            return
        _depths[key] -= 1
        if _depths[key]:
            return
        del _depths[key]
        descriptor, self._descriptor = self._descriptor, -1
        _release(descriptor, self._file)

    def _keys(self) -> tuple[Key, Key]:
        directory, name = os.path.split(self._path)
        status = os.stat(directory or os.curdir)
        here = (os.getpid(), get_ident(), status.st_dev, status.st_ino)
        return (*here, ""), (*here, os.path.normcase(name))

    def _again(self) -> bool:
        """Whether this thread holds the lock already."""
        for key in self._keys():
            if key in _depths:
                _depths[key] += 1
                self._key = key
                return True
        return False

    def _try(self) -> bool:
        """Take the lock if it is free."""
        directory = os.path.dirname(self._path) or os.curdir
        of_directory, of_file = self._keys()
        for key, file in ((of_directory, ""), (of_file, lock_file(self._path))):
            descriptor = -1
            try:
                descriptor = _open_file(file) if file else _open_directory(directory)
                taken = _take(descriptor)
                # Whoever held it may have removed the lock file, or somebody the directory,
                # and a lock on what is no longer there excludes nobody.
                if taken and _is(descriptor, file or directory):
                    _depths[key] = 1
                    self._key, self._descriptor, self._file = key, descriptor, file
                    descriptor = -1
                    return True
                return False
            except OSError as problem:
                if file or not (problem.errno in _NOT_HERE or isinstance(problem, PermissionError)):
                    raise
            finally:
                if descriptor >= 0:
                    os.close(descriptor)
        return False

    def _held_by_another(self) -> WriteRefused:
        directory = os.path.dirname(self._path) or os.curdir
        file = lock_file(self._path)
        pid = _holder(directory) or (_holder(file) if os.path.lexists(file) else 0)
        return WriteRefused(
            f"another process{f' (pid {pid})' if pid else ''} is changing files in its directory,"
            f" waited {self._timeout:g} second{'' if self._timeout == 1 else 's'}",
            hint="try again when it has finished",
            path=self._path,
        )


def lock_file(path: str) -> str:
    """The file beside `path` that is locked where its directory can't be."""
    directory, name = os.path.split(path)
    return os.path.join(directory, f".{name}.storekeeper-lock")


def _open_directory(directory: str) -> int:
    if sys.platform == "win32":
        raise PermissionError(errno.EACCES, "a directory can't be opened", directory)
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY)


def _open_file(file: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(file, flags, 0o666)


def _take(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _release(descriptor: int, file: str) -> None:
    # The file goes while it is still locked: who waits for it finds out by `_is`. Windows
    # removes no file that is open, here or by somebody waiting; then it stays for them.
    if file and sys.platform != "win32":
        _remove(file)
    # What was to be done under the lock is done: no error here may turn it into a failure.
    if sys.platform != "win32":
        import fcntl

        # Closing is not enough when a child was forked meanwhile: it has the lock too.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    with suppress(OSError):
        os.close(descriptor)
    if file and sys.platform == "win32":
        _remove(file)


def _remove(file: str) -> None:
    with suppress(OSError):
        os.unlink(file)


def _is(descriptor: int, path: str) -> bool:
    """Whether the path still leads to what was opened."""
    opened = os.fstat(descriptor)
    try:
        found = os.stat(path, follow_symlinks=False) if path else opened
    except OSError:
        return False
    return (opened.st_dev, opened.st_ino) == (found.st_dev, found.st_ino)


def _pause(deadline: float) -> None:
    from random import uniform

    time.sleep(max(0.0, min(uniform(*_PAUSE), deadline - time.monotonic())))  # noqa: S311


def _holder(path: str) -> int:
    """The process that has locked the file or directory, as far as Linux tells; else 0."""
    try:
        status = os.stat(path)
        place = (
            f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
            if hasattr(os, "major")
            else ""
        )
        with open("/proc/locks", encoding="ascii") as table:
            # 1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF
            for line in table:
                words = line.split()
                if len(words) > 5 and words[1] == "FLOCK" and words[5] == place:
                    return int(words[4])
    except (OSError, ValueError):
        pass
    return 0
