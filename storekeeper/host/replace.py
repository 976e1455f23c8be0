"""Putting new bytes in a file's place: all of them or none, whatever happens meanwhile.

Under the lock, in this order: the file is still the one that was read; its backup; the new
bytes under a temporary name with the old owner, mode and attributes, on the disk and read
back; one rename; the directory on the disk; old backups go. A process killed anywhere in
between leaves the old file or the new one, whole, and its litter goes with the next run.

Kept on Linux: owner, group, mode, access lists, labels, every other extended attribute.
Elsewhere: owner, group, mode. On Windows (written after the documentation, not run): what
the directory passes on.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from hashlib import sha256

from ..errors import WriteRefused
from ..frozen import Frozen
from ..model import Finding
from . import backups as backups_of
from . import beside
from .keep import keep
from .locks import lock
from .refusals import refused

AGAIN = "read it again and repeat the command"


class Written(Frozen):
    """What `replace_file` did.

    Attributes:
        path: the file.
        backup: where the old content lies now; None when there was none or none was wanted.
        findings: what could not be kept, or is worth knowing: "attribute-not-kept",
            "mode-not-kept", "hard-links", "backup-not-removed", "not-synced".
    """

    path: str
    backup: str | None
    findings: tuple[Finding, ...] = ()


def replace_file(
    path: str,
    content: bytes | None,
    *,
    expected_sha256: str | None,
    private: bool,
    backups: int = 5,
    backup_dir: str | None = None,
    prune: bool = True,
) -> Written:
    """Write `content` as the file at `path`, or remove the file when it is None.

    Args:
        path: the real file, symbolic links already followed.
        content: all of the new bytes.
        expected_sha256: hexadecimal digest of what must be there now; None for no file.
        private: a new file gets mode 0600, otherwise what the umask leaves of 0666. A
            file that exists keeps its mode.
        backups: how many old contents are kept, this one included; 0 makes none, and
            removes none.
        backup_dir: an existing directory for them; None for the file's own.
        prune: whether the oldest go when there are more; an undo leaves what the next restores.

    Raises:
        WriteRefused: the file is not as expected, a step was not possible, or owner or group
            can't be kept. The old file is where and what it was, and nothing is left behind.
    """
    with lock(path):
        run = _Replacement(path, private, backups, backup_dir, prune)
        try:
            return run.of(content, expected_sha256)
        except (OSError, ValueError) as problem:
            raise refused(problem, path, run.doing, run.where) from problem
        finally:
            run.close()


class _Replacement:
    """One run: what is open, what was made, and which step it is at."""

    def __init__(
        self, path: str, private: bool, backups: int, backup_dir: str | None, prune: bool
    ) -> None:
        self.path = path
        self.directory, self.name = os.path.split(path)
        self.directory = self.directory or os.curdir
        self.private = private
        self.backups = backups
        self.backup_dir = backup_dir
        self.prune = prune
        self.doing = "reading it"  # the step, and where it writes
        self.where = self.directory
        self.old = -1  # descriptor of the file that is there
        self.status: os.stat_result | None = None  # of that file
        self.other_names = 0  # hard links that are not backups of ours
        self.new = -1  # descriptor of the temporary file
        self.temporary = ""
        self.made = ""  # the backup this run made
        self.findings: list[Finding] = []

    def of(self, content: bytes | None, expected: str | None) -> Written:
        if not self.name:
            raise OSError(errno.EISDIR, "is a directory", self.path)
        where = backups_of.place(self.path, self.backup_dir)
        if not os.path.isdir(where.directory):
            raise WriteRefused(
                f"there is no directory {where.directory} for its backups",
                hint=f"make it first: mkdir -p {where.directory}",
                path=self.path,
            )
        self._open_old(expected)
        self.doing = "looking for what a killed run left"
        for directory, name in {(self.directory, self.name), (where.directory, where.name)}:
            beside.remove_leftovers(directory, name)
        self._count_names(where)
        backup = self._back_up(where, expected) if expected and self.backups > 0 else None
        if content is not None:
            self._write(content)
        self.doing = "putting it in place"
        self._check_unchanged()
        self._close_old()
        if content is None:
            if expected:
                os.unlink(self.path)
        elif expected:
            os.replace(self.temporary, self.path)
        else:
            self._place_new()
        self.temporary = self.made = ""
        self._settle(where, backup)
        return Written(self.path, backup, tuple(self.findings))

    def close(self) -> None:
        """Take back what was made, unless it has become the file."""
        for descriptor in (self.old, self.new):
            if descriptor >= 0:
                with suppress(OSError):
                    os.close(descriptor)
        if self.temporary:
            beside.remove(self.temporary)
        # After a break just behind the rename the backup is the only old content there is.
        if self.made and self._still_there():
            beside.remove(self.made)

    def _open_old(self, expected: str | None) -> None:
        try:
            self.old = beside.open_existing(self.path)
        except FileNotFoundError:
            if expected is None:
                return
            raise self._changed(f"expected SHA-256 {expected.lower()}, found no file") from None
        found = beside.digest(beside.read(self.old))
        if expected is None:
            raise self._changed("expected no file, found one")
        if found != expected.lower():
            raise self._changed(f"expected SHA-256 {expected.lower()}, found {found}")
        self.status = os.fstat(self.old)

    def _count_names(self, where: backups_of.Place) -> None:
        if self.status is not None:
            names = os.fstat(self.old).st_nlink - 1
            self.other_names = names and names - len(backups_of.second_names(where, self.status))

    def _back_up(self, where: backups_of.Place, expected: str) -> str:
        self.doing, self.where = "making a backup", where.directory
        made = backups_of.make(self.old, expected.lower(), self.path, where)
        self.findings += made.findings
        if made.new:
            self.made = made.path
        return made.path

    def _write(self, content: bytes) -> None:
        self.doing, self.where = "writing beside it", self.directory
        # Only the kernel knows the umask, and the access list a directory passes on: a new
        # file that need not be private is made as such. All others are private until the
        # old file's owner, mode and list are theirs.
        mode = 0o600 if self.private or self.status else 0o666
        self.new, self.temporary = beside.create(self.directory, self.name, mode)
        beside.fill(self.new, [content])
        if self.status:
            self.doing = "keeping its mode"
            self.findings += keep(self.old, self.new, self.path)
        self.doing = "writing beside it"
        beside.sync(self.new)
        if beside.digest(beside.read(self.new)) != sha256(content).hexdigest():
            raise OSError(errno.EIO, "what was written reads back differently")
        # Network file systems report some failures only here.
        descriptor, self.new = self.new, -1
        os.close(descriptor)

    def _check_unchanged(self) -> None:
        """Programs without our lock write too; the one moment left is the next call."""
        if self.status is None:
            return
        try:
            now = os.stat(self.path, follow_symlinks=False)
        except FileNotFoundError:
            raise self._changed("another program removed it just now") from None
        if not backups_of.same_file(now, self.status) or (now.st_size, now.st_mtime_ns) != (
            *(self.status.st_size, self.status.st_mtime_ns),
        ):
            raise self._changed("another program wrote it just now")

    def _close_old(self) -> None:
        if self.old >= 0:  # Windows replaces nothing that is open
            descriptor, self.old = self.old, -1
            os.close(descriptor)

    def _place_new(self) -> None:
        """Unlike a rename, a link never takes the place of a file made meanwhile."""
        try:
            os.link(self.temporary, self.path, follow_symlinks=False)
        except FileExistsError:
            # NFS says so of its own work when the first answer got lost.
            made, found = os.stat(self.temporary), os.stat(self.path, follow_symlinks=False)
            if not backups_of.same_file(made, found):
                raise self._changed("expected no file, found one") from None
        except (OSError, NotImplementedError):  # no hard links here
            if os.path.lexists(self.path):
                raise self._changed("expected no file, found one") from None
            os.replace(self.temporary, self.path)
            return
        beside.remove(self.temporary)

    def _settle(self, where: backups_of.Place, backup: str | None) -> None:
        """What remains once the file is the new one, and can't fail it any more."""
        try:
            beside.sync_directory(self.directory)
        except OSError as problem:
            reason = (problem.strerror or "refused").lower()
            message = f"it is in place, but the disk did not confirm it: {reason}"
            self.findings.append(Finding("not-synced", "warning", "", message))
        if backup and self.prune:
            try:
                self.findings += backups_of.prune(where, self.backups, backup)
            except OSError as problem:
                self.findings.append(backups_of.not_removed("old backups", problem))
        if self.other_names > 0:
            self.findings.append(_other_names(self.other_names))

    def _still_there(self) -> bool:
        try:
            now = os.stat(self.path, follow_symlinks=False)
        except OSError:
            return False
        return self.status is not None and backups_of.same_file(now, self.status)

    def _changed(self, how: str) -> WriteRefused:
        return WriteRefused(f"changed since it was read: {how}", hint=AGAIN, path=self.path)


def _other_names(count: int) -> Finding:
    return Finding(
        "hard-links",
        "warning",
        "",
        f"it had {count} other name{'s' if count > 1 else ''} (hard links), which keep"
        " the old content",
        "find FILESYSTEM -samefile BACKUP names them",
    )
