"""Being somebody else, somewhere else: other users, own mounts, limits. All in forked children."""

from __future__ import annotations

import ctypes
import functools
import os
import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests import kill

NOBODY = 65534
AS_ROOT = os.geteuid() == 0

needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root becomes somebody else")

_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18


def as_user(
    action: Callable[[], object],
    uid: int = NOBODY,
    gid: int = NOBODY,
    groups: Sequence[int] = (),
) -> None:
    """Run the action in a child that is this user. Needs root."""

    def run() -> None:
        os.setgroups(list(groups))
        os.setgid(gid)
        os.setuid(uid)
        action()

    kill.in_child(run)


def with_mounts(action: Callable[[], object]) -> None:
    """Run the action in a child with mounts of its own, which end with it. Needs `may_mount`."""

    def run() -> None:
        _own_mounts()
        action()

    kill.in_child(run)


@functools.cache
def may_mount() -> bool:
    """Whether a child may have mounts of its own: root with that capability, on Linux."""
    try:
        kill.in_child(_own_mounts)
    except (kill.Failed, AssertionError):
        return False
    return True


def tmpfs(where: Path, size: int) -> None:
    """A file system in memory, of so many bytes. In `with_mounts` only."""
    _mount("tmpfs", where, "tmpfs", 0, f"size={size}")


def bind(what: Path, where: Path, *, read_only: bool = False) -> None:
    """Mount a file or directory over another. In `with_mounts` only."""
    _mount(str(what), where, "", _MS_BIND)
    if read_only:
        _mount("", where, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY)


def _own_mounts() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    _mount("none", Path("/"), "", _MS_REC | _MS_PRIVATE)


def _mount(what: str, where: Path, kind: str, flags: int, data: str = "") -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [word.encode() or None for word in (what, os.fspath(where), kind)]
    if libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(where))


def takes_attributes(directory: Path) -> bool:
    """Whether files there may have extended attributes."""
    try:
        os.setxattr(directory, "user.note", b"")
        os.removexattr(directory, "user.note")
    except (OSError, AttributeError):
        return False
    return True


def access_list(user: int, group: int, mask: int, *, named: int, rights: int) -> bytes:
    """``system.posix_acl_access`` with one named user (acl(5); Linux's posix_acl_xattr.h)."""
    nobody_special = 0xFFFFFFFF
    entries = (
        (0x01, user, nobody_special),
        (0x02, rights, named),
        (0x04, group, nobody_special),
        (0x10, mask, nobody_special),
        (0x20, 0, nobody_special),
    )
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A directory everybody may get to and write in, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o777)
        yield Path(directory)
