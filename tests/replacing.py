"""Replacing files, as the tests of it do."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storekeeper.errors import WriteRefused
from storekeeper.host.replace import Written, replace_file


def sha(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def put(
    path: Path,
    content: bytes | None,
    old: bytes | None,
    *,
    private: bool = True,
    backups: int = 5,
    backup_dir: Path | None = None,
) -> Written:
    return replace_file(
        os.fspath(path),
        content,
        expected_sha256=sha(old),
        private=private,
        backups=backups,
        backup_dir=None if backup_dir is None else os.fspath(backup_dir),
    )


def tree(directory: Path) -> dict[str, tuple[object, ...]]:
    """All there is in a directory, and what is known of it; but not when it was read."""
    found: dict[str, tuple[object, ...]] = {}
    for name in os.listdir(directory):
        path = directory / name
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        identity = (status.st_ino, status.st_mode, status.st_uid, status.st_gid, status.st_nlink)
        found[name] = (*identity, status.st_mtime_ns, content)
    return found


def refused(path: Path, action: Callable[[], object]) -> WriteRefused:
    """The action is refused, says so properly, and leaves the directory as it was."""
    before = tree(path.parent) if path.parent.is_dir() else {}
    with pytest.raises(WriteRefused) as caught:
        action()
    assert (tree(path.parent) if path.parent.is_dir() else {}) == before
    error = caught.value
    assert error.exit_status == 6
    assert error.path == os.fspath(path)
    assert error.message[0].islower()
    assert not error.message.endswith(".")
    return error


def contents(directory: Path, pattern: str = "store.jks.*.bak") -> list[bytes]:
    return sorted(path.read_bytes() for path in directory.glob(pattern))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.jks"
    path.write_bytes(b"old")
    return path


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where there is one: a killed process loses no more there than on
    a disk, and fsync takes no time."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        yield Path(directory)
