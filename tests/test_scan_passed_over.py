"""What a walk never reads, cannot read, or finds changed."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper.errors import LimitExceeded, Unreadable
from storekeeper.host import deep
from storekeeper.host.scan import Tally, read_whole
from tests import machine
from tests.machine import open_path
from tests.walking import ROOT_PEM, every, met, names

__all__ = ["open_path"]  # fixture


# -- what is never read -------------------------------------------------------------------


def test_pipes_sockets_and_devices_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)  # names of sockets are short
    try:
        listener.bind("socket")
    finally:
        os.chdir(here)
    count = 2
    try:
        os.mknod(tmp_path / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        count += 1
    except PermissionError:
        pass
    (tmp_path / "file").write_text("x")
    (tmp_path / "to-pipe").symlink_to("pipe")
    tally = Tally()
    assert names(met(tmp_path, look=every, tally=tally)) == ["file"]
    assert tally.special == count
    (row,) = met(tmp_path / "pipe")
    assert row.what == "unreadable"
    assert "found a pipe" in row.message
    listener.close()


def test_a_pipe_put_where_a_file_was_does_not_hold_the_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    outside = tmp_path.with_name("outside")
    outside.write_text("x")
    (tmp_path / "link").symlink_to(outside)
    # Listed as files, and something else by the time they are opened.
    now = ["directory", "gone", "link", "pipe"]
    monkeypatch.setattr(deep, "listed", lambda _: (now, [], [], 0))
    tally = Tally()
    assert met(tmp_path, look=every, tally=tally) == []
    assert tally.files == 4
    with pytest.raises(Unreadable, match="no regular file any more"):
        read_whole(str(tmp_path / "pipe"), 100)


def test_kernel_file_systems_are_not_entered() -> None:
    (row,) = met(Path("/proc"))
    assert (row.what, row.message) == ("unreadable", "a kernel's file system")


def test_links_into_the_kernel_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to("/proc/self/status")
    (tmp_path / "directory").symlink_to("/proc/self")
    tally = Tally()
    assert met(tmp_path, look=every, tally=tally) == []
    assert (tally.files, tally.left_out) == (0, 0)


def test_a_file_linked_to_by_itself_and_with_its_directory_is_met_once(tmp_path: Path) -> None:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "out" / "x").write_text("x")
    (tmp_path / "in" / "a").symlink_to("../out/x")
    (tmp_path / "in" / "b").symlink_to("../out")
    found = [(one.what, os.path.relpath(one.path, tmp_path)) for one in met(tmp_path / "in",
             look=every)]  # fmt: skip
    assert found == [("file", "in/a"), ("link", "in/b/x")]


@pytest.mark.skipif(not machine.may_mount(), reason="mounts need root and its capability")
def test_other_file_systems(open_path: Path) -> None:
    (open_path / "file").write_text("x")
    for name in ("proc", "other", "again"):
        (open_path / name).mkdir()
    (open_path / "to-other").symlink_to("other")

    def action() -> None:
        machine.tmpfs(open_path / "other", 1 << 20)
        (open_path / "other" / "inner").write_text("y")
        machine.bind(Path("/proc"), open_path / "proc")
        machine.bind(open_path / "other", open_path / "again")
        tally = Tally()
        # What is mounted twice is met once.
        assert names(met(open_path, look=every, tally=tally)) == ["file", "inner"]
        assert tally.left_out == 1
        tally = Tally()
        assert names(met(open_path, look=every, one_file_system=True, tally=tally)) == ["file"]
        assert tally.left_out == 3

    machine.with_mounts(action)


@machine.needs_root
def test_what_may_not_be_read_is_a_row(open_path: Path) -> None:
    closed = open_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "hidden").write_text("x")
    secret = open_path / "secret"
    secret.write_bytes(ROOT_PEM)
    secret.chmod(0o600)
    (open_path / "lock").touch(mode=0o600)  # is no store
    blind = open_path / "blind"  # names are seen, and nothing else
    blind.mkdir()
    (blind / "inner").write_bytes(ROOT_PEM)
    blind.chmod(0o744)
    (open_path / "open").write_bytes(ROOT_PEM)

    def action() -> None:
        found = met(open_path)
        assert names(found) == ["open"]
        rows = {Path(one.path).name: one.message for one in found if one.what == "unreadable"}
        assert set(rows) == {"closed", "secret", "inner"}
        assert "no permission" in rows["closed"]
        assert "uid 65534" in rows["secret"]
        (row,) = met(closed / "hidden")
        assert row.what == "unreadable"

    machine.as_user(action)


# -- files that change, names and depths ----------------------------------------------------


def test_a_file_that_grows_is_read_as_far_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before")
    assert read_whole(str(path), 100) == (b"before", False)
    real = os.fstat

    def slow(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("ab") as file:
            file.write(b"after" * 1000)
        return found

    monkeypatch.setattr("storekeeper.host.scan.os.fstat", slow)
    assert read_whole(str(path), 100) == (b"before", True)


def test_a_file_somebody_writes_to_all_the_time(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(ROOT_PEM)
    stop = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.is_set() and file.tell() < 50_000_000:
                file.write(b"one more line of a log\n" * 1000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        (found,) = met(tmp_path)
        data, _ = read_whole(found.real, 100_000_000)
    finally:
        stop.set()
        writer.join()
    assert data.startswith(ROOT_PEM)
    assert len(data) <= path.stat().st_size


def test_a_file_too_large_and_one_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(101))
    with pytest.raises(LimitExceeded, match="at most 100 bytes, found 101"):
        read_whole(str(path), 100)
    path.unlink()
    with pytest.raises(Unreadable, match="is gone"):
        read_whole(str(path), 100)


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on POSIX only")
def test_names_of_any_bytes(tmp_path: Path) -> None:
    every_name = [b"a\nb", b"\xff\xfe", "\u202egnp.exe".encode(), b"\x1b[31m", b"-r", b"$(x)"]
    for name in every_name:
        (tmp_path / os.fsdecode(name)).write_bytes(ROOT_PEM)
    found = met(tmp_path)
    assert {os.fsencode(Path(one.path).name) for one in found} == set(every_name)
    assert all(read_whole(one.real, 10_000)[0] == ROOT_PEM for one in found)
    (bad,) = met(Path("\0"))
    assert bad.what == "unreadable"


@pytest.fixture
def abyss(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A directory below a path of 9,000 bytes, a store in it, made step by step."""
    name = "d" * 180
    inner = tmp_path / "abyss"
    inner.mkdir()
    above = os.open(inner, os.O_RDONLY)
    for _ in range(50):
        os.mkdir(name, dir_fd=above)
        deeper = os.open(name, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = deeper
    file = os.open("root.pem", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=above)
    os.write(file, ROOT_PEM)
    os.close(file)
    os.symlink("root.pem", "link.pem", dir_fd=above)
    os.close(above)
    yield inner, "/".join([str(inner), *[name] * 50, "root.pem"])
    subprocess.run(["rm", "-rf", inner], check=True)


def test_paths_longer_than_the_system_takes(abyss: tuple[Path, str]) -> None:
    top, path = abyss
    with pytest.raises(OSError, match="too long"):
        os.stat(path)
    tally = Tally()
    found = met(top, tally=tally)
    assert [one.path for one in found if one.what == "file"] == [path]
    assert read_whole(path, 10_000) == (ROOT_PEM, False)
    assert tally.directories == 51
    assert not names(found, "unreadable")


def test_a_thousand_directories_deep(tmp_path: Path) -> None:
    inner = tmp_path / "deep"
    path = Path(os.path.join(inner, *["d"] * 1_000))
    subprocess.run(["mkdir", "-p", path], check=True)
    (path / "x").write_bytes(ROOT_PEM)
    tally = Tally()
    assert names(met(inner, tally=tally)) == ["x"]
    assert tally.directories == 1_001
    subprocess.run(["rm", "-rf", inner], check=True)
