"""New bytes in a file's place: all of them or none."""

from __future__ import annotations

import os
import stat
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storekeeper.errors import WriteRefused
from storekeeper.host.locks import lock
from storekeeper.host.replace import Written
from tests.replacing import put, store

__all__ = ["store"]  # fixtures


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_new_content_and_a_backup_of_the_old(store: Path) -> None:
    written = put(store, b"new", b"old")
    assert written.path == str(store)
    assert written.findings == ()
    assert written.backup
    assert store.read_bytes() == b"new"
    assert Path(written.backup).read_bytes() == b"old"
    assert set(os.listdir(store.parent)) == {"store.jks", os.path.basename(written.backup)}


def test_backup_name_is_the_second_in_utc(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    time.tzset()
    earliest = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    written = put(store, b"new", b"old")
    latest = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    monkeypatch.undo()
    time.tzset()
    assert written.backup
    stamp = os.path.basename(written.backup).removeprefix("store.jks.").removesuffix(".bak")
    assert earliest <= stamp <= latest


def test_new_file_is_private_or_as_the_umask_says(tmp_path: Path, umask: None) -> None:
    for private, mode in ((True, 0o600), (False, 0o640)):
        path = tmp_path / f"new-{private}"
        written = put(path, b"new", None, private=private)
        assert written == Written(str(path), None, ())
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert path.stat().st_nlink == 1


def test_private_says_nothing_about_a_file_that_exists(store: Path) -> None:
    store.chmod(0o644)
    put(store, b"new", b"old", private=True)
    assert stat.S_IMODE(store.stat().st_mode) == 0o644


def test_removal(store: Path) -> None:
    written = put(store, None, b"old")
    assert written.backup
    assert os.listdir(store.parent) == [os.path.basename(written.backup)]
    assert Path(written.backup).read_bytes() == b"old"
    assert put(store, None, None) == Written(str(store), None, ())


def test_empty_and_large(store: Path) -> None:
    large = bytes(range(256)) * 20_000
    put(store, b"", b"old")
    put(store, large, b"")
    assert store.read_bytes() == large
    put(store, b"small", large)
    assert store.read_bytes() == b"small"


@pytest.mark.parametrize(
    "name", ["-rf", "a b\n*[1]+.jks", "ключ.p12", os.fsdecode(b"\xff\xfe.jks"), ".hidden"]
)
def test_names(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    (tmp_path / f".{name}.0123456789abcdef.tmp").touch()
    (tmp_path / f".x{name[1:]}.0123456789abcdef.tmp").touch()
    content: bytes | None = None
    for number in range(5):
        put(path, b"%d" % number, content, backups=2)
        content = b"%d" % number
    names = set(os.listdir(tmp_path))
    assert {name, f".x{name[1:]}.0123456789abcdef.tmp"} < names
    assert len(names) == 4  # and two backups


def test_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(Path("store"), b"one", None)
    assert put(Path("store"), b"two", b"one").backup
    assert (tmp_path / "store").read_bytes() == b"two"


def test_inside_a_lock_already_held(store: Path) -> None:
    with lock(str(store)):
        put(store, b"new", b"old")
        put(store, b"newer", b"new")


# Many at once.


def crowd(count: int, action: Callable[[int], object]) -> list[int]:
    """Run it in so many processes, all let loose at once; gives their exit statuses."""
    reading, writing = os.pipe()
    children = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about fork beside threads
        for number in range(count):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    os.close(writing)
                    os.read(reading, 1)  # until the parent closes its end
                    action(number)
                    status = 0
                finally:
                    os._exit(status)
            children.append(child)
    os.close(reading)
    os.close(writing)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_hundred_writers_all_land(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"")

    def add(number: int) -> None:
        with lock(str(path), timeout=120):
            before = path.read_bytes()
            put(path, before + b"%d\n" % number, before, backups=2)

    assert crowd(100, add) == [0] * 100
    assert sorted(map(int, path.read_text().split())) == list(range(100))
    assert len(os.listdir(tmp_path)) == 3


def test_of_many_without_a_common_lock_one_wins_at_a_time(tmp_path: Path) -> None:
    """Reading outside the lock: every change lands on what it was made from, or is refused."""
    path = tmp_path / "lines"
    path.write_bytes(b"")

    def add(number: int) -> None:
        while True:
            before = path.read_bytes()
            try:
                put(path, before + b"%d\n" % number, before, backups=0)
                return
            except WriteRefused as refusal:
                if "changed since it was read" not in refusal.message:
                    raise

    assert crowd(20, add) == [0] * 20
    assert sorted(map(int, path.read_text().split())) == list(range(20))


def test_of_many_that_make_a_file_one_does(tmp_path: Path) -> None:
    path = tmp_path / "new"

    def make(number: int) -> None:
        put(path, b"%d" % number, None)

    statuses = crowd(20, make)
    assert sorted(statuses) == [0] + [1] * 19
    assert path.read_bytes() == b"%d" % statuses.index(0)
    assert os.listdir(tmp_path) == ["new"]
