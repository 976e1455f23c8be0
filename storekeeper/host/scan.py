"""Walking trees for files that may be stores, by their first bytes.

Every regular file is looked at once, whatever leads to it: files of a directory in the order
of their names, then its symbolic links, then its directories. A link into the tree is another
name; one that leads out of it is followed, once. Pipes, sockets and devices are never read,
and kernel file systems (/proc, /sys) never entered. Nothing of a file but its beginning is
read here, and nothing is kept of those that are no stores.

The root of another system (a mounted disk, an unpacked image) is told by its etc and usr;
absolute links in it lead back into it, as they would there.
"""

from __future__ import annotations

import errno
import os
import stat

from ..errors import LimitExceeded, Unreadable
from ..formats.heads import FIRST, TEXT, promising
from ..frozen import Frozen
from . import deep
from .files import in_our_words, real_path
from .mounts import kernel_devices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Look = Callable[[bytes, int], bool | None]


class Met(Frozen):
    """Something met on the way that is worth a row.

    Attributes:
        path: by which it was met, below the path that was asked for.
        what: "file" (it may be a store), "link" (another name of one), "unreadable".
        real: for a file, the path to open; for a link, the file's name in this walk.
        size: bytes; None where that is not known.
        mode: permission bits; None where that is not known.
        message, hint: why it can't be read; "" when it can.
    """

    path: str
    what: str
    real: str
    size: int | None = None
    mode: int | None = None
    message: str = ""
    hint: str = ""


class Tally:
    """How much was seen so far.

    Attributes:
        files: regular files whose beginning was read, or was to be.
        directories: listed, or to be listed.
        special: pipes, sockets and devices, passed over.
        dangling: symbolic links that lead nowhere or in a circle.
        left_out: what the options or a kernel's file system keep from being entered.
    """

    def __init__(self) -> None:
        self.files = self.directories = self.special = self.dangling = self.left_out = 0


def walk(
    paths: Sequence[str],
    *,
    follow: bool = True,
    one_file_system: bool = False,
    exclude: Sequence[str] = (),
    tally: Tally | None = None,
    look: Look = promising,
    progress: Callable[[Tally], None] | None = None,
) -> Iterator[Met]:
    """What is below the paths, in an order that is the same every time.

    Args:
        paths: directories or files; a path that is a symbolic link itself is followed.
        follow: symbolic links that lead out of the paths.
        one_file_system: enter no directory that another file system is mounted on.
        exclude: shell patterns of what is left out: of a name, or with a slash in it of a
            whole path, as it would be told.
        tally: is counted up.
        look: says of first bytes and size whether the file is met; None asks for more.
        progress: is called now and then.
    """
    walked = _Walk(follow, one_file_system, exclude, tally or Tally(), look, progress)
    # First of all, so that a link from one into another is no way out.
    starts = [(path, _real(path)) for path in paths]
    for path, real in starts:
        walked.bases.setdefault(real, path)
    for path, real in starts:
        yield from walked.start(path, real)


def is_root(path: str) -> bool:
    """Whether a directory is the root of another system than this."""
    real = _real(path)
    return real != os.path.realpath("/") and all(
        os.path.isdir(os.path.join(path, name)) for name in ("etc", "usr")
    )


class _Walk:
    """One walk over several paths."""

    def __init__(
        self,
        follow: bool,
        one_file_system: bool,
        exclude: Sequence[str],
        tally: Tally,
        look: Look,
        progress: Callable[[Tally], None] | None,
    ) -> None:
        self.follow = follow
        self.one_file_system = one_file_system
        self.tally = tally
        self.look = look
        self.progress = progress
        # Directories whose trees are walked, without symbolic links: the name they go by.
        self.bases: dict[str, str] = {}
        self.root = "/"
        self._top = ""
        self._device: int | None = None
        self._entered: set[tuple[int, int]] = set()
        # Stores with several names, and those that links lead to: the name they were met by.
        self._named: dict[tuple[int, int], str] = {}
        self._kernel = kernel_devices()
        self._names, self._paths = _patterns(exclude)

    def start(self, path: str, real: str) -> Iterator[Met]:
        """Walk one of the paths."""
        try:
            status = os.stat(path)
        except (OSError, ValueError) as problem:
            yield _failed(path, problem)
            return
        self._device = status.st_dev
        if stat.S_ISDIR(status.st_mode):
            self.root = real if is_root(path) else "/"
            self._top = path.rstrip("/")
            if status.st_dev in self._kernel:
                hint = "name a directory with files in it"
                yield Met(path, "unreadable", path, message="a kernel's file system", hint=hint)
                return
            yield from self._tree(path)
        elif stat.S_ISREG(status.st_mode):
            base = self._base(os.path.dirname(real))
            if base is None or not os.path.isdir(base):  # else it is met there
                yield from self._file(path, real, linked=True)
        else:
            self.tally.special += 1
            message = "expected a directory or file, found a pipe, socket or device"
            yield Met(path, "unreadable", path, message=message)

    def _tree(self, top: str) -> Iterator[Met]:
        """A directory and all below it; a stack of our own, since trees are deep at times."""
        waiting: list[Iterator[str]] = [iter((top,))]
        while waiting:
            path = next(waiting[-1], None)
            if path is None:
                waiting.pop()
                continue
            if not self._enter(path):
                continue
            try:
                files, links, directories, special = deep.listed(path)
            except OSError as problem:
                yield _failed(path, problem, "directory")
                continue
            self.tally.special += special
            prefix = path if path.endswith("/") else f"{path}/"
            for name in files:
                if self._names is None or not self._left_out(prefix, name):
                    yield from self._file(prefix + name, prefix + name)
            inner: list[str] = []
            for name in links:
                if self._names is None or not self._left_out(prefix, name):
                    yield from self._link(prefix + name, inner)
            inner += directories
            if inner:
                waiting.append(self._below(prefix, inner))

    def _below(self, prefix: str, names: list[str]) -> Iterator[str]:
        for name in names:
            if self._names is None or not self._left_out(prefix, name):
                yield prefix + name

    def _enter(self, path: str) -> bool:
        """Whether a directory is new, and one to be entered."""
        try:
            status = deep.status(path)
        except OSError:
            return True  # listing it says why not
        outside = self.one_file_system and status.st_dev != self._device
        if outside or status.st_dev in self._kernel:
            self.tally.left_out += 1
            return False
        # Windows gives 0 where the file system has no such numbers.
        identity = (status.st_dev, status.st_ino)
        if status.st_ino and identity in self._entered:
            return False
        self._entered.add(identity)
        self.tally.directories += 1
        return True

    def _file(self, path: str, real: str, *, linked: bool = False) -> Iterator[Met]:
        """A regular file: met when its beginning says that it may be a store."""
        self.tally.files += 1
        if self.progress is not None and not self.tally.files & 511:
            self.progress(self.tally)
        try:
            descriptor = deep.opened(real)
        except FileNotFoundError:
            return  # gone since its directory was listed
        except OSError as problem:
            # ELOOP: a link by now. What is empty is no store, whoever may read it.
            if (problem.errno != errno.ELOOP or linked) and _holds_something(real):
                yield _failed(path, problem)
            return
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or not status.st_size:
                return
            head = os.read(descriptor, FIRST)
            found = self.look(head, status.st_size) if head else False
            if found is None:
                while len(head) < TEXT and (more := os.read(descriptor, TEXT - len(head))):
                    head += more
                found = self.look(head, len(head))
        except OSError as problem:
            yield _failed(path, problem)
            return
        finally:
            os.close(descriptor)
        if not found:
            return
        if status.st_nlink > 1 or linked or self._named:
            identity = (status.st_dev, status.st_ino)
            first = self._named.get(identity) if status.st_ino else None
            if first is not None:
                yield Met(path, "link", first)
                return
            if status.st_nlink > 1 or linked:
                self._named[identity] = path
        yield Met(path, "file", real, status.st_size, stat.S_IMODE(status.st_mode))

    def _link(self, path: str, directories: list[str]) -> Iterator[Met]:
        """A symbolic link: another name of what is in the trees anyway, or a way out."""
        # In a root of its own, from where it really is; by its name there may be links before it.
        placed = path if self.root == "/" else self.root + path[len(self._top) :]
        real = _real(placed, self.root)
        try:
            status = deep.status(real)
        except (OSError, ValueError):
            self.tally.dangling += 1
            return
        if status.st_dev in self._kernel or (
            self.one_file_system and status.st_dev != self._device
        ):
            return
        base = self._base(real)
        if stat.S_ISDIR(status.st_mode):
            if base is None and self.follow:
                # By its own name, in its turn among the directories.
                self.bases[real] = path
                directories.append(os.path.basename(path))
            return
        if not stat.S_ISREG(status.st_mode):
            return
        if base is not None:
            if self._promises(real):
                yield Met(path, "link", self._shown(real, base))
        elif self.follow:
            yield from self._file(path, real, linked=True)

    def _base(self, real: str) -> str | None:
        """The walked directory that a path without links is in, or None."""
        while True:
            if real in self.bases:
                return real
            above = os.path.dirname(real)
            if above == real:
                return None
            real = above

    def _shown(self, real: str, base: str) -> str:
        rest = real[len(base) :].lstrip("/")
        return os.path.join(self.bases[base], rest) if rest else self.bases[base]

    def _promises(self, real: str) -> bool:
        """Whether a file that another name leads to is met under its own."""
        try:
            descriptor = deep.opened(real)
        except OSError:
            return False
        try:
            size = os.fstat(descriptor).st_size
            head = os.read(descriptor, FIRST)
            found = self.look(head, size) if head else False
            if found is None:
                found = self.look(head + os.read(descriptor, TEXT - len(head)), 0)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return bool(found)

    def _left_out(self, prefix: str, name: str) -> bool:
        assert self._names is not None
        left = bool(self._names(name)) or bool(self._paths and self._paths(prefix + name))
        self.tally.left_out += left
        return left


def read_whole(path: str, most: int) -> tuple[bytes, bool]:
    """A file's bytes as far as it reached when it was opened, and whether it has grown since.

    Raises:
        Unreadable: it is gone, no regular file any more, or not to be read.
        LimitExceeded: more than ``most`` bytes.
    """
    try:
        descriptor = deep.opened(path, follow=True)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("it is no regular file any more", path=path)
            if status.st_size > most:
                raise LimitExceeded(
                    f"expected at most {most} bytes, found {status.st_size}",
                    hint="no store is that large; --max-size takes more",
                    path=path,
                )
            chunks: list[bytes] = []
            left = status.st_size
            while left > 0 and (chunk := os.read(descriptor, left)):
                chunks.append(chunk)
                left -= len(chunk)
            return b"".join(chunks), bool(os.read(descriptor, 1))
        finally:
            os.close(descriptor)
    except FileNotFoundError as problem:
        raise Unreadable("it was there a moment ago, and is gone", path=path) from problem
    except OSError as problem:
        raise in_our_words(path, problem) from problem


def _real(path: str, root: str = "/") -> str:
    """The path without symbolic links, in a root of its own; itself where that fails."""
    try:
        return os.path.realpath(path) if root == "/" else real_path(path, root)
    except (OSError, ValueError):
        return path


def _failed(path: str, problem: OSError | ValueError, wanted: str = "file") -> Met:
    if isinstance(problem, ValueError):
        return Met(path, "unreadable", path, message="this can't be the name of a file")
    said = in_our_words(path, problem, wanted)
    return Met(path, "unreadable", path, message=said.message, hint=said.hint)


def _holds_something(path: str) -> bool:
    try:
        return deep.status(path).st_size > 0
    except OSError:
        return True  # for all that is known


def _patterns(
    exclude: Sequence[str],
) -> tuple[Callable[[str], object] | None, Callable[[str], object] | None]:
    """Matchers of names and of whole paths; None for no pattern of that kind."""
    if not exclude:
        return None, None
    import re
    from fnmatch import translate

    names = [translate(one) for one in exclude if "/" not in one]
    paths = [translate(one.rstrip("/")) for one in exclude if "/" in one]
    never = "(?!)"
    return (
        re.compile("|".join(names) or never).match,
        re.compile("|".join(paths) or never).match,
    )
