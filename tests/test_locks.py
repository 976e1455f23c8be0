"""One at a time, nobody for ever, and no lock outlives who held it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper.errors import WriteRefused
from storekeeper.host import locks
from storekeeper.host.locks import lock
from tests import kill
from tests.machine import as_user, needs_root, open_path

__all__ = ["open_path"]  # a fixture

REAL_FLOCK = fcntl.flock


def no_directory_locks(descriptor: int, operation: int) -> None:
    """As NFS answers for a directory: a lock wants a descriptor that is open for writing."""
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    REAL_FLOCK(descriptor, operation)


@pytest.fixture(params=["directory", "file"])
def mechanism(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "file":
        monkeypatch.setattr(fcntl, "flock", no_directory_locks)
    return str(request.param)


@contextlib.contextmanager
def holder(path: Path) -> Iterator[int]:
    """Another process that holds the lock until it is killed; its number."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about fork beside threads
        child = os.fork()
    if child == 0:
        with lock(str(path)):
            os.write(writing, b"held")
            time.sleep(600)
    os.close(writing)
    try:
        assert os.read(reading, 9) == b"held"
        yield child
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def refusal(path: Path, timeout: float = 0) -> WriteRefused:
    with pytest.raises(WriteRefused) as caught, lock(str(path), timeout):
        pass
    error = caught.value
    assert error.exit_status == 6
    assert error.path == str(path)
    assert error.message[0].islower()
    assert not error.message.endswith(".")
    return error


def free(path: Path) -> bool:
    """Whether another thread gets the lock now."""
    got = []

    def run() -> None:
        with contextlib.suppress(WriteRefused), lock(str(path), 0):
            got.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return bool(got)


def test_leaves_nothing_behind(mechanism: str, tmp_path: Path) -> None:
    with lock(str(tmp_path / "store.jks")):
        litter = [] if mechanism == "directory" else [".store.jks.storekeeper-lock"]
        assert os.listdir(tmp_path) == litter
    assert os.listdir(tmp_path) == []


def test_reentrant_in_a_thread_exclusive_between(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    with lock(str(path)):
        with lock(str(path), 0), lock(str(path), 0):
            assert not free(path)
        assert not free(path)  # leaving the inner ones has not let go
    assert free(path)


def test_let_go_after_an_exception(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    with pytest.raises(KeyError), lock(str(path)):
        raise KeyError
    assert free(path)


def test_neighbours(mechanism: str, tmp_path: Path) -> None:
    with lock(str(tmp_path / "one")), lock(str(tmp_path / "two"), 0):
        assert not free(tmp_path / "two")
        # A locked directory excludes from all its files; a locked file from itself alone.
        assert free(tmp_path / "three") == (mechanism == "file")
    assert free(tmp_path / "one")


def test_relative_and_absolute_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with lock("store.jks"), lock(str(tmp_path / "store.jks"), 0):
        assert not free(tmp_path / "store.jks")


def test_waits_no_longer_than_told(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    with holder(path) as other:
        started = time.monotonic()
        error = refusal(path, timeout=0.2)
        assert time.monotonic() - started >= 0.2
        assert "waited 0.2 seconds" in error.message
        assert error.hint
        if os.path.exists("/proc/locks"):
            assert f"(pid {other})" in error.message


def test_a_killed_holder_blocks_nobody(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    with holder(path) as other:
        assert not free(path)
        killer = threading.Timer(0.1, os.kill, (other, signal.SIGKILL))
        killer.start()
        with lock(str(path), 20):
            pass
        killer.join()
    assert os.listdir(tmp_path) == []


def test_a_forked_child_neither_holds_nor_releases(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    held = lock(str(path))
    held.__enter__()
    kill.in_child(lambda: refusal(path))
    kill.in_child(lambda: held.__exit__(None, None, None))
    assert not free(path)
    held.__exit__(None, None, None)
    assert free(path)


def test_a_forked_child_that_lives_on_keeps_nothing(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    with lock(str(path)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # about fork beside threads
            child = os.fork()
        if child == 0:
            time.sleep(600)
            os._exit(0)
    try:
        assert free(path)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_lock_file_removed_while_waiting_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder removes it before letting go: who waited has locked what is nowhere."""
    path = tmp_path / "store.jks"
    removed: list[bool] = []

    def flock(descriptor: int, operation: int) -> None:
        no_directory_locks(descriptor, operation)
        if not removed:
            os.unlink(locks.lock_file(str(path)))
            removed.append(True)

    monkeypatch.setattr(fcntl, "flock", flock)
    with lock(str(path)):
        assert os.path.exists(locks.lock_file(str(path)))
        assert not free(path)
    assert removed


def test_killed_at_every_call_of_taking_and_leaving(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"

    def action() -> None:
        with lock(str(path)):
            pass

    runs = 0
    for place in kill.moments(action):
        assert kill.killed_at(action, place.call, place.how)
        action()
        assert os.listdir(tmp_path) == []
        runs += 1
    assert runs > 10


def test_threads_take_turns(mechanism: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    inside = []
    most = []

    def run() -> None:
        for _ in range(5):
            with lock(str(path)):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.0005)
                inside.pop()

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 60
    assert max(most) == 1
    assert locks._depths == {}


def test_a_directory_put_in_its_place_is_another_lock(tmp_path: Path) -> None:
    """Who waits at a directory that is moved away ends up with the new one's lock."""
    directory = tmp_path / "stores"
    directory.mkdir()
    with holder(directory / "store.jks"):
        directory.rename(tmp_path / "old")
        directory.mkdir()
        with lock(str(directory / "store.jks"), 0):
            assert free(tmp_path / "old" / "store.jks") is False


@needs_root
def test_needs_no_permission_to_write(open_path: Path) -> None:
    open_path.chmod(0o755)
    path = open_path / "store.jks"

    def action() -> None:
        with lock(str(path), 0):
            assert not free(path)

    as_user(action)


@needs_root
def test_directory_one_may_not_read(open_path: Path) -> None:
    """It can't be locked itself, so a file in it is."""
    open_path.chmod(0o333)

    def action() -> None:
        with lock(str(open_path / "store.jks"), 0):
            assert (open_path / ".store.jks.storekeeper-lock").exists()

    as_user(action)
    open_path.chmod(0o311)
    as_user(lambda: "no permission" in refusal(open_path / "store.jks").message or 1 / 0)


def test_impossible_places(tmp_path: Path) -> None:
    error = refusal(tmp_path / "none" / "store.jks")
    assert error.message.startswith(f"there is no directory {tmp_path / 'none'}")
    assert error.hint == f"make it first: mkdir -p {tmp_path / 'none'}"
    (tmp_path / "file").touch()
    assert "not a directory" in refusal(tmp_path / "file" / "store.jks").message
    refusal(tmp_path / "a\0b" / "store.jks")
    assert "too long" in refusal(tmp_path / ("x" * 300) / "store.jks").message


def test_a_planted_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", no_directory_locks)
    victim = tmp_path / "victim"
    (tmp_path / ".store.jks.storekeeper-lock").symlink_to(victim)
    assert "symbolic link" in refusal(tmp_path / "store.jks").message
    assert not victim.exists()


def test_no_locks_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused rather than unlocked."""

    def none(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    assert "gives no locks" in refusal(tmp_path / "store.jks").message
