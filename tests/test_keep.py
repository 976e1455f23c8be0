"""What a new file takes over from the old one."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from tests.machine import (
    AS_ROOT,
    NOBODY,
    access_list,
    as_user,
    needs_root,
    open_path,
    takes_attributes,
)
from tests.replacing import put, refused, store

__all__ = ["open_path", "store"]  # fixtures


@needs_root
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o2755, 0o4711, 0o000])
def test_keeps_owner_and_mode(store: Path, mode: int) -> None:
    os.chown(store, 1234, 5678)
    store.chmod(mode)
    before = store.stat()
    assert put(store, b"new", b"old").findings == ()
    after = store.stat()
    assert before.st_ino != after.st_ino
    assert (before.st_mode, before.st_uid, before.st_gid) == (
        *(after.st_mode, after.st_uid, after.st_gid),
    )


@needs_root
def test_keeps_a_group_one_is_in(open_path: Path) -> None:
    path = open_path / "store.jks"
    path.write_bytes(b"old")
    os.chown(path, NOBODY, 8765)
    path.chmod(0o660)
    as_user(lambda: put(path, b"new", b"old"), groups=[8765])
    assert path.read_bytes() == b"new"
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY, 8765)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


@needs_root
def test_setgid_one_may_not_set_is_said(open_path: Path) -> None:
    path = open_path / "store.jks"
    path.write_bytes(b"old")
    os.chown(path, NOBODY, 8765)
    path.chmod(0o2770)
    open_path.chmod(0o2777)
    os.chown(open_path, 0, 8765)  # gives the temporary file the group, and nobody is not in it

    def action() -> None:
        [finding] = put(path, b"new", b"old").findings
        assert finding.code == "mode-not-kept"
        assert finding.message == "its mode was 2770, is 0770 now"

    as_user(action)
    assert path.stat().st_gid == 8765


@needs_root
@pytest.mark.parametrize(
    ("uid", "gid", "what", "who"),
    [
        (0, NOBODY, "owner uid 0", "run as uid 0, or as root"),
        (NOBODY, 8765, "group gid 8765", f"run as uid {NOBODY} in that group, or as root"),
        (1, 2, "owner uid 1 and group gid 2", "run as uid 1 in that group, or as root"),
    ],
)
def test_refuses_to_change_hands(open_path: Path, uid: int, gid: int, what: str, who: str) -> None:
    path = open_path / "store.jks"
    path.write_bytes(b"old")
    os.chown(path, uid, gid)
    path.chmod(0o666)

    def action() -> None:
        error = refused(path, lambda: put(path, b"new", b"old"))
        assert error.message.startswith(f"its {what} can't be kept by uid {NOBODY}: ")
        assert error.hint == who

    as_user(action)


def test_keeps_extended_attributes(store: Path) -> None:
    if not takes_attributes(store.parent):
        pytest.skip("the file system has no extended attributes")
    values = {"user.note": b"\0binary\xff", "user.empty": b""}
    if AS_ROOT:
        values["trusted.note"] = b"for root"
        values["security.selinux"] = b"system_u:object_r:cert_t:s0\0"
    for name, value in list(values.items()):
        try:
            os.setxattr(store, name, value)
        except PermissionError:  # root without its capabilities, as in most containers
            del values[name]
    assert values
    written = put(store, b"new", b"old")
    assert written.findings == ()
    assert written.backup
    for path in (str(store), written.backup):
        assert {name: os.getxattr(path, name) for name in os.listxattr(path)} == values


@needs_root
def test_attributes_that_can_not_be_kept_are_said(open_path: Path) -> None:
    path = open_path / "store.jks"
    path.write_bytes(b"old")
    os.chown(path, NOBODY, NOBODY)
    try:
        os.setxattr(path, "security.note", b"only root")
    except OSError:
        pytest.skip("the file system has no such attributes")

    def action() -> None:
        [finding] = put(path, b"new", b"old").findings
        assert (finding.code, finding.severity) == ("attribute-not-kept", "warning")
        assert "security.note" in finding.message

    as_user(action)
    assert path.read_bytes() == b"new"


def has_access_lists(directory: Path) -> bool:
    try:
        value = access_list(6, 0, 4, named=1000, rights=4)
        (directory / "probe").touch()
        os.setxattr(directory / "probe", "system.posix_acl_access", value)
    except (OSError, AttributeError):
        return False
    finally:
        (directory / "probe").unlink()
    return True


def test_keeps_access_lists(store: Path) -> None:
    if not has_access_lists(store.parent):
        pytest.skip("the file system has no access lists")
    store.chmod(0o600)
    value = access_list(6, 0, 6, named=1000, rights=6)
    os.setxattr(store, "system.posix_acl_access", value)
    mode = store.stat().st_mode
    assert put(store, b"new", b"old").findings == ()
    assert os.getxattr(store, "system.posix_acl_access") == value
    assert store.stat().st_mode == mode


def test_lets_nobody_in_whom_the_directory_would(tmp_path: Path) -> None:
    """A directory's default list is for its new files, not for those that had none."""
    if not has_access_lists(tmp_path):
        pytest.skip("the file system has no access lists")
    store = tmp_path / "store.jks"
    store.write_bytes(b"old")
    store.chmod(0o640)
    default = access_list(7, 7, 7, named=1000, rights=7)
    os.setxattr(tmp_path, "system.posix_acl_default", default)
    written = put(store, b"new", b"old")
    assert written.findings == ()
    assert "system.posix_acl_access" not in os.listxattr(store)
    assert stat.S_IMODE(store.stat().st_mode) == 0o640
    # A new private file has a list, which gives nobody anything.
    put(tmp_path / "new", b"new", None, private=True)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_a_lost_access_list_lets_nobody_in(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mode's group bits are the most the list gives anybody, here not the group."""
    if not has_access_lists(store.parent):
        pytest.skip("the file system has no access lists")
    os.setxattr(store, "system.posix_acl_access", access_list(6, 0, 6, named=1000, rights=6))
    assert stat.S_IMODE(store.stat().st_mode) == 0o660

    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "setxattr", full)
    written = put(store, b"new", b"old")
    assert [finding.code for finding in written.findings] == ["attribute-not-kept", "mode-not-kept"]
    assert stat.S_IMODE(store.stat().st_mode) == 0o600


def test_other_names_are_said_and_keep_the_old_content(store: Path) -> None:
    other = store.parent / "other-name"
    os.link(store, other)
    written = put(store, b"new", b"old")
    [finding] = written.findings
    assert (finding.code, finding.severity) == ("hard-links", "warning")
    assert "1 other name (hard links)" in finding.message
    assert other.read_bytes() == b"old"
    assert written.backup
    # The backup is a copy: what is written through the other name does not reach it.
    other.write_bytes(b"changed in place")
    assert Path(written.backup).read_bytes() == b"old"
