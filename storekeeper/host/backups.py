"""The old content of a file, kept beside it as ``NAME.YYYYMMDDTHHMMSSZ.bak`` (UTC).

A backup is a second name (a hard link) of the very file that is about to be replaced, where
that is possible. Such a name appears at once or not at all, costs no space on a full disk,
has every attribute and the old dates, and holds even what another program, writing in place
without our lock, adds in the last moment. The usual objection, that a writer in place would
change the backup as well, does not apply: after the replacement the file's name leads to the
new file. It does apply when the old file has other names; then, and where a file system
has no hard links or the backups go to another one, the backup is a copy, written whole under
a temporary name, with owner, mode and attributes.
"""

from __future__ import annotations

import os
import re
import time
from hashlib import sha256

from ..frozen import Frozen
from ..model import Finding
from . import beside
from .keep import keep

TYPE_CHECKING = False

_STAMP = "%Y%m%dT%H%M%SZ"
_PATTERN = r"\.([0-9]{8}T[0-9]{6}Z)(?:-([1-9][0-9]{0,5}))?\.bak"


class Place(Frozen):
    """Where the backups of one file lie.

    Attributes:
        directory: the file's own, or the one that was asked for.
        name: what their names begin with: the file's name; in another directory followed
            by eight digits of a digest of the file's directory, since a second file of
            the same name may keep its backups there too.
    """

    directory: str
    name: str


def place(path: str, backup_dir: str | None) -> Place:
    """Where the backups of the file at `path` belong."""
    directory, name = os.path.split(path)
    directory = directory or os.curdir
    if backup_dir is None or os.path.realpath(backup_dir) == os.path.realpath(directory):
        return Place(directory, name)
    tag = sha256(os.fsencode(os.path.realpath(directory))).hexdigest()[:8]
    return Place(backup_dir, f"{name}.{tag}")


def listed(where: Place) -> list[str]:
    """The paths of the backups there, oldest first: only names of exactly our pattern."""
    return sorted(beside.regular_files(where.directory, re.escape(where.name) + _PATTERN), key=_age)


def _age(path: str) -> tuple[str, int]:
    """The second a backup was made in, and which of that second it is."""
    match = re.search(_PATTERN + r"\Z", path)
    return (match[1], int(match[2] or 0)) if match else ("", 0)


class Made(Frozen):
    """A backup: its path, whether this run made it, and what a copy could not keep."""

    path: str
    new: bool
    findings: tuple[Finding, ...] = ()


def same_file(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two names lead to one file."""
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def second_names(where: Place, status: os.stat_result) -> list[str]:
    """Backups that are the file itself: runs killed between backup and replacement."""
    return [
        path for path in listed(where) if same_file(os.stat(path, follow_symlinks=False), status)
    ]


def make(old: int, digest: str, path: str, where: Place) -> Made:
    """Keep the file open as `old`, which lies at `path` and has this SHA-256.

    A backup that is there already, from a killed run or because somebody put the old
    content back, is not made twice.

    Raises:
        WriteRefused: a copy can't keep owner or group.
        OSError: neither a link nor a copy can be made.
    """
    status = os.fstat(old)
    known = listed(where)
    if known and _holds(known[-1], status, digest):
        return Made(known[-1], new=False)
    if status.st_nlink <= 1:
        linked = _link(path, status, where)
        if linked:
            beside.sync(old)
            beside.sync_directory(where.directory)
            return Made(linked, new=True)
    return _copy(old, path, where)


def prune(where: Place, keep_newest: int, made: str) -> tuple[Finding, ...]:
    """Remove all but the newest; never the one just made, whatever the clock said."""
    findings = []
    others = [path for path in listed(where) if path != made]
    for path in others[: max(0, len(others) - keep_newest + 1)]:
        try:
            os.unlink(path)
        except OSError as problem:
            findings.append(not_removed(path, problem))
    return tuple(findings)


def not_removed(what: str, problem: OSError) -> Finding:
    """That an old backup stays."""
    reason = (problem.strerror or "refused").lower()
    return Finding("backup-not-removed", "warning", "", f"{what} could not be removed: {reason}")


def _holds(backup: str, status: os.stat_result, digest: str) -> bool:
    found = os.stat(backup, follow_symlinks=False)
    if same_file(found, status):
        return True
    if (found.st_size, found.st_mode, found.st_uid, found.st_gid) != (
        *(status.st_size, status.st_mode, status.st_uid, status.st_gid),
    ):
        return False
    try:
        descriptor = beside.open_existing(backup)
    except OSError:
        return False
    try:
        return beside.digest(beside.read(descriptor)) == digest
    finally:
        os.close(descriptor)


def _link(path: str, status: os.stat_result, where: Place) -> str | None:
    """A second name for the file; None where that can't be."""
    while True:
        name = _free(where)
        try:
            os.link(path, name, follow_symlinks=False)
        except FileExistsError:
            continue  # somebody without our lock
        except (OSError, NotImplementedError):
            return None
        if same_file(os.stat(name, follow_symlinks=False), status):
            return name
        beside.remove(name)  # another file has taken the name since; the caller finds out
        return None


def _copy(old: int, path: str, where: Place) -> Made:
    descriptor, temporary = beside.create(where.directory, where.name, 0o600)
    try:
        try:
            beside.fill(descriptor, beside.read(old))
            findings = keep(old, descriptor, path)
            beside.sync(descriptor)
        finally:
            os.close(descriptor)
        name = _free(where)
        os.rename(temporary, name)
    except BaseException:
        beside.remove(temporary)
        raise
    beside.sync_directory(where.directory)
    return Made(name, new=True, findings=findings)


def _free(where: Place) -> str:
    """A name nobody has, after those of the same second."""
    stamp = time.strftime(_STAMP, time.gmtime())
    stem = os.path.join(where.directory, f"{where.name}.{stamp}")
    numbers = [number for found, number in map(_age, listed(where)) if found == stamp]
    number = max(numbers, default=-1) + 1
    while os.path.lexists(name := f"{stem}-{number}.bak" if number else f"{stem}.bak"):
        number += 1
    return name
