"""The old content: where it is kept, how often, and for how long."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.host import backups as backups_of
from tests.machine import (
    AS_ROOT,
)
from tests.replacing import contents, put, store

__all__ = ["store"]  # fixtures


def test_backups_are_pruned_to_the_newest(store: Path) -> None:
    old = b"old"
    for number in range(12):
        new = b"%02d" % number
        put(store, new, old, backups=3)
        old = new
    assert contents(store.parent) == [b"08", b"09", b"10"]


def test_only_exactly_our_names_are_pruned(store: Path) -> None:
    others = (
        *("store.jks.bak", "store.jks.20200101.bak", "store.jks.20200101T000000Z.bak~"),
        *("store.jks.20200101T000000Z-0.bak", "store.jks.20200101T000000Z-x.bak"),
        *("my-store.jks.20200101T000000Z.bak", "storeXjks.20200101T000000Z.bak"),
        *("store.jks.\u0662020\u0661101T000000Z.bak", "store.jks.20200101T000000z.bak"),
    )
    for name in others:
        (store.parent / name).touch()
    (store.parent / "store.jks.20190101T000000Z.bak").symlink_to("store.jks.bak")
    (store.parent / "store.jks.20180101T000000Z.bak").mkdir()
    (store.parent / "store.jks.20200101T000000Z.bak").touch()
    put(store, b"new", b"old", backups=1)
    left = set(os.listdir(store.parent))
    assert {*others, "store.jks.20190101T000000Z.bak", "store.jks.20180101T000000Z.bak"} <= left
    assert "store.jks.20200101T000000Z.bak" not in left


def test_no_backups_makes_none_and_removes_none(store: Path) -> None:
    put(store, b"one", b"old")
    assert put(store, b"two", b"one", backups=0).backup is None
    assert contents(store.parent) == [b"old"]


def test_a_clock_that_went_back(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, b"one", b"old", backups=1)
    past = time.gmtime(0)
    monkeypatch.setattr(time, "gmtime", lambda: past)
    written = put(store, b"two", b"one", backups=1)
    assert written.backup == f"{store}.19700101T000000Z.bak"
    assert contents(store.parent) == [b"one"]


def test_what_is_backed_up_already_is_not_again(store: Path) -> None:
    first = put(store, b"new", b"old").backup
    store.write_bytes(b"old")  # as somebody who puts the old content back by hand
    assert put(store, b"newer", b"old").backup == first
    assert contents(store.parent) == [b"old"]
    # But not when it had another mode: the backup has what the file had.
    store.write_bytes(b"old")
    store.chmod(0o604)
    again = put(store, b"newest", b"old").backup
    assert again != first
    assert again
    assert stat.S_IMODE(os.stat(again).st_mode) == 0o604


def test_backups_elsewhere_do_not_mix(tmp_path: Path) -> None:
    """Two files of one name in one backup directory, each pruned for itself."""
    backup_dir = tmp_path / "backups"
    backup_dir.mkdir()
    for directory in ("a", "b"):
        (tmp_path / directory).mkdir()
        put(tmp_path / directory / "store.jks", b"0", None, backup_dir=backup_dir)
    for number in range(4):
        for directory in ("a", "b"):
            path = tmp_path / directory / "store.jks"
            content = directory.encode() * (number + 1)
            written = put(path, content, path.read_bytes(), backups=2, backup_dir=backup_dir)
            assert os.listdir(path.parent) == ["store.jks"]
            assert written.backup
            assert os.path.dirname(written.backup) == str(backup_dir)
    assert contents(backup_dir) == [b"aa", b"aaa", b"bb", b"bbb"]


def test_backup_dir_that_is_the_file_s_own(store: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    written = put(store, b"new", b"old", backup_dir=link)
    assert written.backup
    assert os.path.basename(written.backup)[: len("store.jks.2")] == "store.jks.2"


def test_backup_on_another_file_system(tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system")
    backup_dir = other / f"storekeeper-{os.getpid()}"
    backup_dir.mkdir()
    store = tmp_path / "store.jks"
    store.write_bytes(b"old" * 1_000_000)
    store.chmod(0o640)
    try:
        written = put(store, b"new", b"old" * 1_000_000, backup_dir=backup_dir)
        assert written.backup
        assert Path(written.backup).read_bytes() == b"old" * 1_000_000
        assert stat.S_IMODE(os.stat(written.backup).st_mode) == 0o640
        assert len(os.listdir(backup_dir)) == 1
    finally:
        for name in os.listdir(backup_dir):
            (backup_dir / name).unlink()
        backup_dir.rmdir()


def test_backup_has_owner_mode_and_dates(store: Path) -> None:
    store.chmod(0o640)
    os.utime(store, (1_000_000_000, 1_000_000_000))
    if AS_ROOT:
        os.chown(store, 1234, 5678)
    before = store.stat()
    backup = put(store, b"new", b"old").backup
    assert backup
    after = os.stat(backup)
    for field in ("st_mode", "st_uid", "st_gid", "st_mtime_ns", "st_nlink"):
        assert getattr(before, field) == getattr(after, field)


CONTENT = st.none() | st.binary(max_size=40)


@given(st.lists(st.tuples(CONTENT, st.integers(0, 3)), max_size=12))
def test_any_sequence_of_changes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bytes | None, int]]
) -> None:
    """The file is what was written last, and the backups what it was before."""
    directory = tmp_path_factory.mktemp("sequence")
    path = directory / "store.jks"
    now: bytes | None = None
    expected: list[bytes] = []
    for content, keep in changes:
        written = put(path, content, now, backups=keep)
        assert written.findings == ()
        if now is not None and keep:
            if expected[-1:] != [now]:
                expected.append(now)
            expected = expected[-keep:]
        assert bool(written.backup) == (now is not None and keep > 0)
        now = content
        assert (path.read_bytes() if path.exists() else None) == now
        found = backups_of.listed(backups_of.place(str(path), None))
        assert [Path(backup).read_bytes() for backup in found] == expected
        assert len(os.listdir(directory)) == len(expected) + (now is not None)
