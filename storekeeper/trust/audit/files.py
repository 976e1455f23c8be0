"""What an audit says of the file itself: who may write or read it, and who rewrites it."""

from __future__ import annotations

import os
import stat

from ...errors import StorekeeperError
from ...host.files import read_file, real_path
from ...host.managers import managed_by
from .values import AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Limits


def file_findings(path: str, *, keys: int) -> Iterator[AuditFinding]:
    """Findings about the file of a store.

    Args:
        path: as it was opened; links are followed.
        keys: how many private or secret keys it has.
    """
    try:
        real = real_path(path)
        status = os.stat(real)
        folder = os.stat(os.path.dirname(real) or ".")
    except (OSError, ValueError, StorekeeperError):
        return  # a descriptor, or gone meanwhile
    if os.name == "posix":
        yield from _modes(real, status, folder, keys)
    manager = managed_by(path)
    if manager is not None:
        yield AuditFinding(
            "managed-file", "info", f"{manager.name} rewrites it {manager.occasion}",
            manager.hint, source=manager.name,
        )  # fmt: skip


def _modes(
    real: str, status: os.stat_result, folder: os.stat_result, keys: int
) -> Iterator[AuditFinding]:
    mode = stat.S_IMODE(status.st_mode)
    if mode & stat.S_IWOTH:
        yield AuditFinding(
            "world-writable", "error",
            f"every user of this machine can write it: mode {mode:04o}, expected none for others",
            f"chmod o-w {real}", source="mode of the file",
        )  # fmt: skip
    around = stat.S_IMODE(folder.st_mode)
    if around & stat.S_IWOTH and not around & stat.S_ISVTX:
        yield AuditFinding(
            "world-writable", "error",
            f"every user of this machine can replace it: its directory has mode {around:04o}",
            f"chmod o-w {os.path.dirname(real)}", source="mode of its directory",
        )  # fmt: skip
    if keys and mode & stat.S_IROTH and stat.S_ISREG(status.st_mode):
        many = "a key" if keys == 1 else f"{keys} keys"
        yield AuditFinding(
            "readable-by-others", "warning",
            f"it holds {many}, and every user of this machine can read it: mode {mode:04o}",
            f"chmod o-r {real}", source="mode of the file",
        )  # fmt: skip


def file_sha256(path: str, limits: Limits) -> str:
    """SHA-256 of a file, "" where it is none (a directory, a pipe) or can't be read again."""
    from hashlib import sha256

    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return ""
        return sha256(read_file(path, limits)).hexdigest()
    except (OSError, ValueError, StorekeeperError):
        return ""
