"""Writing a file piece by piece, and putting it in place when it is whole.

For reports, which are made anew each time and have no backup: a reader sees the old one or
the new one. Stores are changed through `replace`, which has more to keep.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from ..errors import WriteRefused
from . import beside
from .files import real_path
from .refusals import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def write_pieces(
    path: str, pieces: Iterable[str], *, check: Callable[[os.stat_result], None] | None = None
) -> None:
    r"""Write text in UTF-8 as the file at ``path``; a symbolic link stays one.

    A pipe or device is written into. What the text has of bytes that are no UTF-8 (in names
    of files) becomes ``\xff`` in it.

    Args:
        path: the file; its directory must be there.
        pieces: the text, as it comes.
        check: is asked about the file that would be replaced, after the last piece; it raises
            to refuse.

    Raises:
        WriteRefused: it can't be written. What was there is as it was, and nothing is left.
    """
    doing, temporary, descriptor = "writing it", "", -1
    try:
        old = _status(path)
        real = real_path(path)
    except (OSError, ValueError) as problem:
        raise refused(problem, path, doing) from problem
    try:
        if old is not None and stat.S_ISDIR(old.st_mode):
            raise WriteRefused("expected a file, found a directory", path=path)
        if old is not None and not stat.S_ISREG(old.st_mode):
            with open(path, "wb") as stream:
                stream.writelines(map(_encoded, pieces))
            return
        directory, name = os.path.split(real)
        descriptor, temporary = beside.create(directory or os.curdir, name, 0o666)
        beside.fill(descriptor, map(_encoded, pieces))
        if old is not None and os.name == "posix":
            os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
        beside.sync(descriptor)
        os.close(descriptor)
        descriptor, doing = -1, "putting it in place"
        if check is not None and (old := _status(real)) is not None:
            check(old)
        os.replace(temporary, real)
        temporary = ""
    except OSError as problem:
        raise refused(problem, path, doing, os.path.dirname(path) or os.curdir) from problem
    finally:
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)
        if temporary:
            beside.remove(temporary)


def _encoded(piece: str) -> bytes:
    return piece.encode("utf-8", "backslashreplace")


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
