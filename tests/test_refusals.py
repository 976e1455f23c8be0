"""What is refused, how that is said, and that a refusal touches nothing."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from storekeeper.errors import WriteRefused
from storekeeper.host.replace import replace_file
from tests import kill
from tests.machine import (
    NOBODY,
    as_user,
    bind,
    may_mount,
    needs_root,
    open_path,
    tmpfs,
    with_mounts,
)
from tests.replacing import contents, memory, put, refused, sha, store, tree

__all__ = ["memory", "open_path", "store"]  # fixtures


def test_not_the_file_that_was_read(store: Path) -> None:
    error = refused(store, lambda: put(store, b"new", b"other"))
    assert error.message.startswith("changed since it was read: expected SHA-256 ")
    assert str(sha(b"old")) in error.message
    assert "read it again" in error.hint
    error = refused(store, lambda: put(store, b"new", None))
    assert error.message == "changed since it was read: expected no file, found one"
    none = store.parent / "none"
    assert "found no file" in refused(none, lambda: put(none, b"new", b"old")).message
    assert "found no file" in refused(none, lambda: put(none, None, b"old")).message


def test_the_digest_may_be_in_capitals(store: Path) -> None:
    replace_file(str(store), b"new", expected_sha256=str(sha(b"old")).upper(), private=True)


def rival_at(monkeypatch: pytest.MonkeyPatch, call: str, deed: Callable[[], object]) -> None:
    """Another program, which knows nothing of our lock, acts just before that call."""
    real = getattr(os, call)

    def first(*args: object, **options: object) -> object:
        monkeypatch.setattr(os, call, real)
        deed()
        return real(*args, **options)

    monkeypatch.setattr(os, call, first)


def test_written_in_place_meanwhile(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rival_at(monkeypatch, "write", lambda: store.write_bytes(b"theirs"))
    with pytest.raises(WriteRefused, match="another program wrote it just now"):
        put(store, b"new", b"old")
    assert {name: found[-1] for name, found in tree(store.parent).items()} == {
        "store.jks": b"theirs"
    }


def test_replaced_or_removed_meanwhile(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def replaced() -> None:
        (store.parent / "theirs").write_bytes(b"old")
        (store.parent / "theirs").rename(store)

    rival_at(monkeypatch, "write", replaced)
    with pytest.raises(WriteRefused, match="another program wrote it just now"):
        put(store, b"new", b"old", backups=0)
    rival_at(monkeypatch, "write", store.unlink)
    with pytest.raises(WriteRefused, match="another program removed it just now"):
        put(store, b"new", b"old", backups=0)
    assert os.listdir(store.parent) == []


def test_never_writes_into_a_file_that_is_there(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even one that has, by chance or malice, the name of the temporary."""
    monkeypatch.setattr(os, "urandom", bytes)
    planted = store.parent / f".store.jks.{bytes(8).hex()}.tmp"
    rival_at(monkeypatch, "link", lambda: planted.write_bytes(b"planted"))
    with pytest.raises(WriteRefused, match="file exists"):
        put(store, b"new", b"old")
    assert planted.read_bytes() == b"planted"
    assert store.read_bytes() == b"old"


def test_a_link_that_was_made_and_reported_as_there_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As NFS does when it asks a second time because the first answer got lost."""
    real = os.link

    def twice(old: str, new: str, *, follow_symlinks: bool) -> None:
        real(old, new, follow_symlinks=follow_symlinks)
        real(old, new, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "link", twice)
    put(tmp_path / "store.jks", b"new", None)
    assert os.listdir(tmp_path) == ["store.jks"]


@pytest.mark.parametrize("call", ["write", "link"])
def test_made_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = tmp_path / "store.jks"
    rival_at(monkeypatch, call, lambda: path.write_bytes(b"theirs"))
    with pytest.raises(WriteRefused, match="expected no file, found one"):
        put(path, b"new", None)
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["store.jks"]


def test_what_another_program_adds_in_the_last_moment_is_in_the_backup(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival_at(monkeypatch, "replace", lambda: store.write_bytes(b"theirs, too late"))
    written = put(store, b"new", b"old")
    assert written.backup
    assert Path(written.backup).read_bytes() == b"theirs, too late"


def test_no_such_directory(tmp_path: Path) -> None:
    path = tmp_path / "none" / "store.jks"
    error = refused(path, lambda: put(path, b"new", None))
    assert error.message.startswith(f"there is no directory {path.parent}")
    assert error.hint == f"make it first: mkdir -p {path.parent}"
    assert not path.parent.exists()


def test_no_such_backup_directory(store: Path) -> None:
    missing = store.parent / "none"
    error = refused(store, lambda: put(store, b"new", b"old", backup_dir=missing))
    assert error.message == f"there is no directory {missing} for its backups"


def test_no_file(tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    for old in (None, b"old"):
        error = refused(directory, lambda old=old: put(directory, b"new", old))  # type: ignore[misc]
        assert error.message.startswith("expected a file, found a directory")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "pipe" in refused(pipe, lambda: put(pipe, b"new", b"old")).message
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    for old in (None, b"old"):
        error = refused(link, lambda old=old: put(link, b"new", old))  # type: ignore[misc]
        assert error.message.startswith("a symbolic link has taken its place")


def test_end_of_a_dangling_link(tmp_path: Path) -> None:
    """The caller follows the link; its end is a new file, and the link stays."""
    link, end = tmp_path / "cacerts", tmp_path / "real"
    link.symlink_to("real")
    put(end, b"new", None)
    assert link.is_symlink()
    assert link.read_bytes() == b"new"


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, ""])
def test_impossible_names(tmp_path: Path, name: str) -> None:
    path = os.path.join(tmp_path, name)
    with pytest.raises(WriteRefused):
        replace_file(path, b"new", expected_sha256=None, private=True)
    assert os.listdir(tmp_path) == []


def test_name_with_no_room_for_ours(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250)
    path.write_bytes(b"old")
    error = refused(path, lambda: put(path, b"new", b"old"))
    assert "name is too long" in error.message


@needs_root
def test_no_permission(open_path: Path) -> None:
    path = open_path / "store.jks"
    path.write_bytes(b"old")
    path.chmod(0o644)
    open_path.chmod(0o755)

    def action() -> None:
        error = refused(path, lambda: put(path, b"new", b"old"))
        assert f"no permission to write in the directory {open_path}" in error.message
        assert f"this process is uid {NOBODY}" in error.message
        error = refused(open_path / "new", lambda: put(open_path / "new", b"new", None))
        assert "no permission to write" in error.message

    as_user(action)
    path.chmod(0o600)
    open_path.chmod(0o777)

    def reading() -> None:
        with pytest.raises(WriteRefused, match="no permission to read it"):
            put(path, b"new", b"old")

    as_user(reading)


def test_larger_than_the_process_may_write(tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    path.write_bytes(b"old")

    def action() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        error = refused(path, lambda: put(path, b"x" * 100_001, b"old"))
        assert error.message.startswith("the file would be larger")
        put(path, b"x" * 100_000, b"old")

    kill.in_child(action)
    assert path.stat().st_size == 100_000


def on_a_small_disk(tmp_path: Path, action: Callable[[Path], None]) -> None:
    if not may_mount():
        pytest.skip("mounts are not permitted here")
    disk = tmp_path / "disk"
    disk.mkdir()

    def run() -> None:
        tmpfs(disk, 128 * 1024)
        action(disk / "store.jks")

    with_mounts(run)


def test_disk_full(tmp_path: Path) -> None:
    def action(path: Path) -> None:
        path.write_bytes(b"o" * 50_000)
        error = refused(path, lambda: put(path, b"n" * 200_000, b"o" * 50_000))
        assert error.message.startswith("no space left on its file system")
        assert error.hint == f"make room there, then run it again: df -h {path.parent}"
        # The backup is a second name, so that the new content is all the room it takes.
        put(path, b"n" * 70_000, b"o" * 50_000)

    on_a_small_disk(tmp_path, action)


def test_disk_full_with_the_backup(tmp_path: Path) -> None:
    def action(path: Path) -> None:
        path.write_bytes(b"o" * 70_000)
        os.link(path, path.parent / "other")  # so that the backup is a copy
        error = refused(path, lambda: put(path, b"small", b"o" * 70_000))
        assert error.message == "no space left on its file system (making a backup)"

    on_a_small_disk(tmp_path, action)


def test_read_only_file_system(tmp_path: Path) -> None:
    if not may_mount():
        pytest.skip("mounts are not permitted here")
    (tmp_path / "store.jks").write_bytes(b"old")
    ro = tmp_path / "ro"
    ro.mkdir()

    def action() -> None:
        bind(tmp_path, ro, read_only=True)
        path = ro / "store.jks"
        for change in (b"new", None):
            error = refused(path, lambda: put(path, change, b"old"))  # noqa: B023
            assert error.message.startswith("its file system is read-only")
        error = refused(ro / "new", lambda: put(ro / "new", b"new", None))
        assert error.message.startswith("its file system is read-only")

    with_mounts(action)


@pytest.mark.parametrize("content", [b"new", None])
def test_mount_point_of_its_own(tmp_path: Path, content: bytes | None) -> None:
    """A single file mounted into a container."""
    if not may_mount():
        pytest.skip("mounts are not permitted here")
    inside = tmp_path / "container"
    inside.mkdir()
    (tmp_path / "outside.jks").write_bytes(b"old")
    (inside / "store.jks").touch()

    def action() -> None:
        path = inside / "store.jks"
        bind(tmp_path / "outside.jks", path)
        error = refused(path, lambda: put(path, content, b"old"))
        assert "mount point of its own" in error.message
        assert "mount its directory" in error.hint

    with_mounts(action)


# Whatever fails, and wherever.


CODES = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOENT)
ERRORS: list[BaseException] = [OSError(code, os.strerror(code)) for code in CODES]
FEW: list[BaseException] = ERRORS[1:3]

CTRL_C = KeyboardInterrupt()

CHANGES = [
    pytest.param(b"old", b"new", False, id="replace"),
    pytest.param(b"old", b"new", True, id="replace-with-a-copied-backup"),
    pytest.param(None, b"new", False, id="new"),
    pytest.param(b"old", None, False, id="remove"),
]


def failing(
    directory: Path,
    old: bytes | None,
    new: bytes | None,
    other_name: bool,
    errors: list[BaseException],
) -> None:
    """Raise each error at every call of a change, and press Ctrl-C before and after it."""
    path = directory / "store.jks"
    said = directory / "said"

    def prepare() -> None:
        for name in os.listdir(directory):
            (directory / name).unlink()
        if old is not None:
            path.write_bytes(old)
            if other_name:
                os.link(path, directory / "other")

    def action() -> None:
        try:
            put(path, new, old, private=True)
        except (WriteRefused, KeyboardInterrupt) as refusal:
            said.write_text(type(refusal).__name__)

    def litter() -> list[str]:
        return [name for name in os.listdir(directory) if name.endswith(".tmp")]

    prepare()
    for number, name in enumerate(kill.calls(action), 1):
        for error, after in [
            *((error, False) for error in errors),
            (CTRL_C, False),
            (CTRL_C, True),
        ]:
            prepare()
            kill.raising_at(action, number, error, after=after)
            where = f"call {number}, {name}, {error!r}, {after}"
            state = path.read_bytes() if path.exists() else None
            outcome = said.read_text() if said.exists() else "done"
            if outcome == "KeyboardInterrupt":
                assert state in (old, new), where
            else:
                assert state == (new if outcome == "done" else old), where
            # A temporary is left only by who may not remove it, or is stopped as it is made.
            assert not litter() or name in ("unlink", "open"), where
            if old not in (state, None):
                assert old in contents(directory), where
            said.unlink(missing_ok=True)
            put(path, b"next", state)
            assert not litter(), where


@pytest.mark.parametrize(("old", "new", "other_name"), CHANGES)
def test_any_call_fails(
    memory: Path, old: bytes | None, new: bytes | None, other_name: bool
) -> None:
    failing(memory, old, new, other_name, FEW)


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "other_name"), CHANGES)
def test_any_call_fails_in_any_way(
    tmp_path: Path, old: bytes | None, new: bytes | None, other_name: bool
) -> None:
    failing(tmp_path, old, new, other_name, ERRORS)
