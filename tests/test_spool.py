"""Reports written as files: whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper.errors import WriteRefused
from storekeeper.host.spool import write_pieces

TOP = Path(__file__).parent.parent


def test_a_new_file_and_one_that_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    write_pieces(str(path), ["one ", "zwei ü\n"])
    assert path.read_bytes() == "one zwei ü\n".encode()
    path.chmod(0o640)
    write_pieces(str(path), iter(["two\n"]))
    assert path.read_bytes() == b"two\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["report.txt"]


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_pieces(str(tmp_path / "x"), ["x"])
    finally:
        os.umask(old)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_pieces(str(tmp_path / "link"), ["new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_readers_see_the_old_one_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old")

    def pieces() -> Iterator[str]:
        yield "new"
        assert path.read_text() == "old"
        yield " and whole"

    write_pieces(str(path), pieces())
    assert path.read_text() == "new and whole"


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old")

    def pieces() -> Iterator[str]:
        yield "half"
        raise ValueError("of the report itself")

    with pytest.raises(ValueError, match="of the report itself"):
        write_pieces(str(path), pieces())

    def refuse(found: os.stat_result) -> None:
        raise WriteRefused(f"not this one, of {found.st_size} bytes")

    with pytest.raises(WriteRefused, match="not this one, of 3 bytes"):
        write_pieces(str(path), ["new"], check=refuse)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.txt"]


@pytest.mark.parametrize("name", ["", "none/x", "nul\0", "folder"])
def test_what_can_not_be_written_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    path = str(tmp_path / name) if name else ""
    with pytest.raises(WriteRefused) as caught:
        write_pieces(path, ["x"])
    assert caught.value.exit_status == 6


def test_a_full_disk(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with pytest.raises(WriteRefused, match="no space left"):
        write_pieces("/dev/full", ["x"])


def test_a_pipe_is_written_into() -> None:
    program = "from storekeeper.host.spool import write_pieces\nwrite_pieces('/dev/stdout', ['x'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(TOP), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"x"
