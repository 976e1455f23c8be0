"""The operating system's refusals, in our words: what failed, why, what to do next."""

from __future__ import annotations

import errno
import os
import stat

from ..errors import WriteRefused


def refused(
    problem: OSError | ValueError, path: str, doing: str, directory: str | None = None
) -> WriteRefused:
    """The error for a step that failed while the file at `path` was to be changed.

    Args:
        problem: what the operating system said; ValueError for a NUL in the path.
        path: the file that was to be changed.
        doing: the step, as in "writing beside it".
        directory: where that step writes; None for the directory of the file.
    """
    if not isinstance(problem, OSError):  # or characters the path can't be encoded with
        return WriteRefused("this can't be the name of a file", path=path)
    directory = directory or os.path.dirname(path) or os.curdir
    message = (problem.strerror or type(problem).__name__).lower()
    hint = ""
    match problem.errno:
        case errno.ENOSPC:
            message = "no space left on its file system"
            hint = f"make room there, then run it again: df -h {directory}"
        case errno.EDQUOT:
            message = "the disk quota is used up"
            hint = "make room, or ask for more quota, then run it again"
        case errno.EFBIG:
            message = "the file would be larger than this process may write"
            hint = "raise the limit (ulimit -f), then run it again"
        case errno.EROFS:
            message = "its file system is read-only"
            hint = "change it where it comes from: the image, the package, or the mount"
        case errno.EACCES | errno.EPERM:
            message, hint = _permission(path, directory, message)
        case errno.EBUSY:
            message = "it is in use as a mount point of its own, and can't be replaced"
            hint = (
                "a container that mounts this single file can't replace it; change the file"
                " outside, or mount its directory instead"
            )
        case errno.ETXTBSY:
            message = "it is in use: being executed, or swap space"
            hint = "is this the right file?"
        case errno.ENAMETOOLONG:
            message = "its name is too long to write a new file or a backup beside it"
            hint = "names may have 255 bytes on most file systems; about 30 are needed beside"
        case errno.EISDIR:
            message = "expected a file, found a directory"
            hint = "name a file in it"
        case errno.ENOTDIR:
            message = "a part of its path is not a directory"
        case errno.ENOENT if not os.path.isdir(directory):
            message, doing = f"there is no directory {directory}", ""
            hint = f"make it first: mkdir -p {directory}"
        case errno.ELOOP:
            message = "a symbolic link has taken its place"
            hint = "run it again: the link will be followed"
        case errno.ENOLCK:
            message = "its file system gives no locks"
            hint = "on NFS: is the lock service running; otherwise change a copy elsewhere"
        case errno.EIO:
            message = "the disk reports an error"
            hint = "nothing was changed; look at the system's log before trying again"
    return WriteRefused(f"{message} ({doing})" if doing else message, hint=hint, path=path)


def _permission(path: str, directory: str, message: str) -> tuple[str, str]:
    hint = "run as a user who may write there, or as root"
    if os.path.exists(path) and not _allowed(path, os.R_OK):
        return "no permission to read it", "run as a user who may read it, or as root"
    try:
        status = os.stat(directory)
    except OSError:
        return "no permission to look into its directory", hint
    if not hasattr(os, "geteuid"):
        return "no permission to write it", f"{hint}; is another program using it"
    if os.geteuid() == 0 or _allowed(directory, os.W_OK | os.X_OK):
        return message, (
            "the directory may be written: is a file marked unchangeable (lsattr), or the"
            " directory one where only owners may replace (sticky)"
        )
    mode = stat.filemode(status.st_mode)
    who = f"owner uid {status.st_uid}, {mode}; this process is uid {os.geteuid()}"
    return f"no permission to write in the directory {directory} ({who})", hint


def _allowed(path: str, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
