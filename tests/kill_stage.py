"""What is replaced and killed on the way, and what must be there afterwards."""

from __future__ import annotations

import dataclasses
import errno
import functools
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from storekeeper import formats
from storekeeper.host.locks import lock
from storekeeper.host.replace import replace_file
from storekeeper.model import Store, TrustedCert
from tests import kill, pki
from tests.machine import AS_ROOT, takes_attributes

NAME = "store.jks"
OLDER = {  # backups of earlier days; one too many for KEPT, once the next is made
    f"{NAME}.20200101T000000Z.bak": b"first",
    f"{NAME}.20200101T000000Z-1.bak": b"second",
    f"{NAME}.20210101T000000Z.bak": b"third",
}
KEPT = 3
NOT_OURS = (  # near our patterns, and other people's
    f".{NAME}.0123456789abcde.tmp",
    f".{NAME}.0123456789ABCDEF.tmp",
    ".other.jks.0123456789abcdef.tmp",
    f"{NAME}.bak",
    f"{NAME}.20200101T000000Z.bak.txt",
    f"x{NAME}.20200101T000000Z.bak",
    f"{NAME}.20200101T000000Z-0.bak",
)
PASSWORD = "changeit"
OWNER = (4321, 8765) if AS_ROOT else (os.geteuid(), os.getegid())


@dataclasses.dataclass(frozen=True)
class Scene:
    """What is there, what is to be there, and what makes it harder."""

    id: str
    old: bytes | None
    new: bytes | None
    backups: int = KEPT
    leftovers: bool = False
    second_name: bool = False
    backup_dir: bool = False
    links: bool = True


def store(format: str, names: int) -> bytes:
    entries = tuple(
        TrustedCert(f"ca-{n}", pki.cert(f"CA {n}"), 1_600_000_000_000) for n in range(names)
    )
    return formats.write(Store(format, entries), PASSWORD)


@functools.cache
def scenes() -> dict[str, Scene]:
    jks, more_jks = store("JKS", 3), store("JKS", 4)
    p12, more_p12 = store("PKCS12", 3), store("PKCS12", 4)
    return {
        scene.id: scene
        for scene in (
            Scene("jks", jks, more_jks),
            Scene("pkcs12", p12, more_p12),
            Scene("other-format", jks, more_p12),
            Scene("new-file", None, more_jks),
            Scene("removal", jks, None),
            Scene("no-backup", p12, more_p12, backups=0),
            Scene("removal-no-backup", p12, None, backups=0),
            Scene("leftovers", jks, more_jks, leftovers=True),
            Scene("leftovers-new-file", None, more_p12, leftovers=True),
            Scene("copied-backup", jks, more_jks, second_name=True),
            Scene("backup-dir", jks, more_jks, backup_dir=True),
            Scene("no-hard-links", p12, more_p12, links=False),
            Scene("no-hard-links-new", None, more_p12, links=False),
            Scene("large", jks * 2500, more_jks * 2500, leftovers=True),
        )
    }


def age(path: Path) -> tuple[str, int]:
    stamp, _, number = path.name.removesuffix(".bak").rpartition(".")[2].partition("-")
    return stamp, int(number or 0)


class Stage:
    """One scene in one directory, set up again and again."""

    def __init__(self, scene: Scene, directory: Path) -> None:
        self.scene = scene
        self.directory = directory / "stores"
        self.elsewhere = directory / "elsewhere"
        self.attributes = takes_attributes(directory)
        self.path = self.directory / NAME
        self.older = list(OLDER.values()) if scene.old and not scene.backup_dir else []
        self._set_up()
        self.first_write = [*kill.calls(self.action), "write"].index("write") + 1

    def action(self) -> object:
        """What is to be killed; in a forked child."""
        return self.replace_there(self.scene.new, self.scene.old)

    def replace_there(self, content: bytes | None, old: bytes | None) -> object:
        if not self.scene.links:
            # What vfat, exfat and some network file systems say.
            def link(*_args: object, **_options: object) -> None:
                raise PermissionError(errno.EPERM, "no links here")

            setattr(os, "link", link)  # noqa: B010  # in the forked child only
        return self.replace(content, old)

    def replace(self, content: bytes | None, old: bytes | None) -> object:
        return replace_file(
            str(self.path),
            content,
            expected_sha256=None if old is None else hashlib.sha256(old).hexdigest(),
            private=True,
            backups=self.scene.backups,
            backup_dir=str(self.elsewhere) if self.scene.backup_dir else None,
        )

    def prepare(self) -> None:
        self._set_up()
        if self.scene.leftovers:
            assert kill.killed_at(self.action, self.first_write, "middle")
            (self.directory / f".{NAME}.0123456789abcdef.tmp").write_bytes(b"half of somethi")
            (self.directory / f".{NAME}.0123456789abcdef.tmp").chmod(0o600)
            assert len(self.temporaries()) == 2

    def _set_up(self) -> None:
        for directory in (self.directory, self.elsewhere):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
        for name in NOT_OURS:
            (self.directory / name).write_bytes(b"not ours")
        if self.scene.old is not None:
            self.path.write_bytes(self.scene.old)
            self.path.chmod(0o640)
            os.chown(self.path, *OWNER)
            if self.attributes:
                os.setxattr(self.path, "user.note", b"kept")
            if self.scene.second_name:
                os.link(self.path, self.elsewhere / "second-name")
        if self.older:
            for name, content in OLDER.items():
                (self.directory / name).write_bytes(content)
                (self.directory / name).chmod(0o600)

    def temporaries(self) -> list[Path]:
        found = [*self.directory.glob(".*.tmp"), *self.elsewhere.glob(".*.tmp")]
        return [path for path in found if path.name not in NOT_OURS]

    def backups(self) -> list[bytes]:
        """Their contents, oldest first, by the documented names."""
        directory, pattern = self.directory, f"{NAME}.2???????T??????Z*.bak"
        if self.scene.backup_dir:
            directory, pattern = self.elsewhere, f"{NAME}.????????.2???????T??????Z*.bak"
        found = [path for path in directory.glob(pattern) if path.name not in NOT_OURS]
        return [path.read_bytes() for path in sorted(found, key=age)]

    def state(self) -> bytes | None:
        return self.path.read_bytes() if self.path.exists() else None

    def check(self, before: Sequence[bytes | None] = (), new: bytes | None = None) -> bytes | None:
        """After the kill; then after the next change. Gives what survived.

        Args:
            before: what the file was, oldest first; without, what the scene says.
            new: what it was to become.
        """
        if not before:
            before, new = [self.scene.old], self.scene.new
        state = self.check_survivor(before, new)
        self.check_next([*before, state])
        return state

    def check_survivor(self, before: Sequence[bytes | None], new: bytes | None) -> bytes | None:
        state = self.state()
        assert state in (before[-1], new)
        if state is not None:
            self.check_kept(existed=None not in before)
        if self.scene.backups:
            # What was is somewhere, and no backup is half of anything.
            backups = self.backups()
            assert {content for content in before if content} <= {state, *backups}
            assert set(backups) <= {*self.older, *before}
        for path in (*self.directory.iterdir(), *self.elsewhere.iterdir()):
            assert path.name in NOT_OURS or not path.stat().st_mode & 0o007, path
        return state

    def check_kept(self, *, existed: bool) -> None:
        status = self.path.stat()
        assert status.st_mode & 0o7777 == (0o640 if existed else 0o600)
        if existed:
            assert (status.st_uid, status.st_gid) == OWNER
            if self.attributes:
                assert os.getxattr(self.path, "user.note") == b"kept"

    def check_next(self, states: Sequence[bytes | None]) -> None:
        """The next change lands, whatever state the dead left, and tidies up."""
        state = states[-1]
        with lock(str(self.path), timeout=0):  # the dead hold no lock
            pass
        self.replace(b"last", state)
        assert self.path.read_bytes() == b"last"
        self.check_kept(existed=None not in states)
        assert self.temporaries() == []
        assert all((self.directory / name).read_bytes() == b"not ours" for name in NOT_OURS)
        made = [content for content in dict.fromkeys(states) if content]
        full = self.older + made * bool(self.scene.backups)
        # Without a backup of its own, a change takes none away: then it is as the dead left it.
        pruned = full[-KEPT:] if self.scene.backups else full
        assert self.backups() in ([pruned] if state is not None else [pruned, full])
        if self.scene.second_name:
            assert (self.elsewhere / "second-name").read_bytes() == self.scene.old
        strays = {NAME, *NOT_OURS} | {path.name for path in self.directory.glob(f"{NAME}.2*Z*.bak")}
        assert {path.name for path in self.directory.iterdir()} == strays
