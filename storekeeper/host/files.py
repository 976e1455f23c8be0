"""Reading files: bounded, never blocking on a pipe nobody writes to, with our errors.

Paths in results and errors are paths that can be opened here. Where a function takes
``root``, the tree below it is treated as if it were mounted at "/": absolute symbolic
links lead back into it, so an unpacked container image is read as it would be inside.
"""

from __future__ import annotations

import errno
import os
import stat
import sys

from ..errors import InputError, LimitExceeded, Unreadable
from ..model import LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from ..model import Limits

STDIN = "-"

# Linux follows 40 links in one path before it gives ELOOP (path_resolution(7)).
MAX_LINKS = 40

# Descriptors the shell has already opened, as in `list <(kubectl get ...)`: somebody
# writes to the other end of such a pipe, unlike a FIFO met by its name.
_DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")

_CHUNK = 1024 * 1024

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISSOCK, "a socket"),
)


def read_file(path: str, limits: Limits = LIMITS) -> bytes:
    """The bytes of a file; "-" is standard input.

    Raises:
        Unreadable: no such file, a directory, no permission, a pipe, device or socket.
        LimitExceeded: more than ``limits.file_size`` bytes.
    """
    if path == STDIN:
        return _read_stdin(limits)
    try:
        if path == "/dev/stdin" or path.startswith(_DESCRIPTORS):
            with open(path, "rb", buffering=0) as file:
                return _read_stream(file, limits, path)
        _refuse_special(os.stat(path), path)
        # Between stat and open somebody may have put a FIFO there: O_NONBLOCK keeps open
        # from waiting for its writer, and the second look is at what was really opened.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
        try:
            status = os.fstat(descriptor)
            _refuse_special(status, path)
            return _read_descriptor(descriptor, status.st_size, limits, path)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise in_our_words(path, problem) from problem
    except ValueError as problem:  # a NUL in the path, or characters it can't be encoded with
        raise Unreadable("this can't be the name of a file", path=path) from problem


def is_directory(path: str) -> bool:
    """Whether the path is a directory, or a symbolic link to one."""
    return path != STDIN and os.path.isdir(path)


def read_directory(path: str, limits: Limits = LIMITS) -> list[tuple[str, bytes | InputError]]:
    """Every file directly in a directory, sorted by name: its bytes, or why there are none.

    Symbolic links are listed under their own names (the ``5ed36f99.0`` of an OpenSSL hashed
    directory beside the file it stands for); a file reached by several names is read
    once, and the very same bytes object is given for each. Directories inside are left out.

    Raises:
        Unreadable: no such directory, or no permission to list it.
        LimitExceeded: more names than ``limits.entries``, or files that come to more
            than ``limits.file_size`` bytes together.
    """
    try:
        names = sorted(os.listdir(path))
    except OSError as problem:
        raise in_our_words(path, problem, "directory") from problem
    except ValueError as problem:
        raise Unreadable("this can't be the name of a directory", path=path) from problem
    if len(names) > limits.entries:
        raise LimitExceeded(
            f"the directory holds {len(names)} names, at most {limits.entries} are read", path=path
        )
    found: list[tuple[str, bytes | InputError]] = []
    seen: dict[tuple[int, int], bytes | InputError] = {}
    total = 0
    for name in names:
        full = os.path.join(path, name)
        identity = None
        try:
            status = os.stat(full)
            if stat.S_ISDIR(status.st_mode):
                continue
            # Windows gives 0 where the file system has no such numbers.
            identity = (status.st_dev, status.st_ino) if status.st_ino else None
        except OSError:
            pass  # read_file says why
        content = seen.get(identity) if identity else None
        if content is None:
            try:
                content = read_file(full, limits)
            except InputError as problem:
                if isinstance(problem, LimitExceeded):
                    raise
                content = problem
            else:
                total += len(content)
            if identity:
                seen[identity] = content
        if total > limits.file_size:
            raise LimitExceeded(
                f"the files in the directory come to more than {limits.file_size} bytes",
                path=path,
            )
        found.append((name, content))
    return found


def symlink_chain(path: str, root: str = "/") -> tuple[str, ...]:
    """The path and what it becomes with each symbolic link followed; the last is real.

    Links of directories on the way count as well: ``.../default-java/lib/security/cacerts``,
    ``.../java-17-openjdk-amd64/lib/security/cacerts``, ``/etc/ssl/certs/java/cacerts``.
    One element when no link is involved. What doesn't exist is no link.

    Raises:
        Unreadable: the links form a loop (more than `MAX_LINKS`), or the path is relative
            and the current directory is gone.
    """
    if os.name == "nt":  # drives, junctions and reparse points: the system knows best
        real = os.path.realpath(path)
        return (path,) if os.path.normcase(real) == os.path.normcase(path) else (path, real)
    base = os.path.realpath(root)
    start = path if path.startswith("/") else os.path.join(_here(path), path)
    # A path given with the root in front stays below it; any other is inside it already.
    inside = start[len(base) :] if base == "/" or _below(start, base) else start
    done = base
    todo = [part for part in reversed(inside.split("/")) if part not in ("", ".")]
    hops = [_shown(done, todo)]
    links = 0
    while todo:
        part = todo.pop()
        if part == "..":
            if done != base:
                done = os.path.dirname(done)
            continue
        candidate = os.path.join(done, part)
        try:
            target = os.readlink(candidate)
        except (OSError, ValueError):
            done = candidate
            continue
        links += 1
        if links > MAX_LINKS:
            raise Unreadable(
                f"more than {MAX_LINKS} symbolic links: {hops[-2]} -> {hops[-1]} -> ...",
                hint="the links lead in a circle; remove one of them",
                path=path,
            )
        if target.startswith("/"):
            done = base
        todo += [piece for piece in reversed(target.split("/")) if piece not in ("", ".")]
        hops.append(_shown(done, todo))
    return (*dict.fromkeys(hop for hop in hops if hop != done), done)


def real_path(path: str, root: str = "/") -> str:
    """The end of `symlink_chain`; of a loop, the path itself."""
    try:
        return symlink_chain(path, root)[-1]
    except Unreadable:
        return path


def _here(path: str) -> str:
    try:
        return os.getcwd()
    except OSError as problem:
        raise Unreadable("the current directory no longer exists", path=path) from problem


def _below(path: str, base: str) -> bool:
    return path == base or path.startswith(base.rstrip("/") + "/")


def _shown(done: str, todo: list[str]) -> str:
    return os.path.normpath("/".join([done.rstrip("/"), *reversed(todo)]) or "/")


def _refuse_special(status: os.stat_result, path: str) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory", path)
    for test, what in _KINDS:
        if test(status.st_mode):
            raise Unreadable(
                f"expected a file, found {what}",
                hint="give it on standard input: storekeeper ... - < FILE",
                path=path,
            )
    raise Unreadable("expected a file, found something else", path=path)


def _read_descriptor(descriptor: int, size: int, limits: Limits, path: str) -> bytes:
    if size > limits.file_size:
        raise _too_large(f"{size} bytes", limits, path)
    chunks: list[bytes] = []
    left = limits.file_size + 1
    # One byte more than the size, so that a file of that size is read in one piece and
    # its end is seen; files in /proc have size 0 and content.
    step = max(size + 1, 65536)
    while left > 0 and (chunk := os.read(descriptor, min(step, left))):
        chunks.append(chunk)
        left -= len(chunk)
        step = _CHUNK
    if left <= 0:
        raise _too_large("still growing", limits, path)
    return b"".join(chunks)


def _read_stdin(limits: Limits) -> bytes:
    if sys.stdin is None:
        raise Unreadable("there is no standard input", path=STDIN)
    try:
        return _read_stream(sys.stdin.buffer, limits, STDIN)
    except OSError as problem:
        raise in_our_words(STDIN, problem) from problem
    except ValueError as problem:
        raise Unreadable("standard input is closed", path=STDIN) from problem


def _read_stream(stream: BinaryIO, limits: Limits, path: str) -> bytes:
    chunks: list[bytes] = []
    left = limits.file_size + 1
    while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0:
        raise _too_large("more", limits, path)
    return b"".join(chunks)


def _too_large(found: str, limits: Limits, path: str) -> LimitExceeded:
    return LimitExceeded(
        f"expected at most {limits.file_size} bytes, found {found}",
        hint="is this the right file?",
        path=path,
    )


def in_our_words(path: str, problem: OSError, wanted: str = "file") -> Unreadable:
    """The operating system's error in our words."""
    message = (problem.strerror or type(problem).__name__).lower()
    hint = ""
    match problem:
        case FileNotFoundError():
            message = f"no such {wanted}"
            hops = _hops(path)
            if len(hops) > 1:
                message = f"a symbolic link to {hops[-1]}, which does not exist"
                hint = "whoever made the link should make the file, or the link is out of date"
        case IsADirectoryError():
            message = "expected a file, found a directory"
            hint = "name a file in it; a directory is read as a whole only if it holds certificates"
        case NotADirectoryError() if wanted == "directory" and os.path.lexists(path):
            message = "expected a directory, found a file"
        case NotADirectoryError():
            message = f"no such {wanted}: a part of the path is not a directory"
        case PermissionError():
            message, hint = _permission(path)
        case OSError(errno=errno.ELOOP):
            message = "its symbolic links lead in a circle"
            hint = "ls -l shows where each leads; remove one of them"
    return Unreadable(message, hint=hint, path=path)


def _hops(path: str) -> tuple[str, ...]:
    try:
        return symlink_chain(path)
    except (Unreadable, OSError):
        return (path,)


def _permission(path: str) -> tuple[str, str]:
    """Who may read it, when that much can be seen."""
    hint = "run as a user who may read it, or have it copied"
    try:
        status = os.stat(path)
    except OSError:
        return "no permission to look into its directory", hint
    if not hasattr(os, "geteuid"):
        return "no permission to read it", hint
    mode = stat.filemode(status.st_mode)
    who = f"owner uid {status.st_uid}, {mode}; this process is uid {os.geteuid()}"
    return f"no permission to read it ({who})", hint
