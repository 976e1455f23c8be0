"""Walking trees: every file once, whatever leads to it, and nothing that waits or hides."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.errors import LimitExceeded, StorekeeperError, Unreadable
from storekeeper.formats.heads import FIRST, TEXT, promising
from storekeeper.host import deep
from storekeeper.host.scan import Met, Tally, is_root, read_whole, walk
from tests import machine, pki
from tests.machine import open_path

__all__ = ["open_path"]  # a fixture

FILES = Path(__file__).parent / "scripts" / "files"
VECTORS = Path(__file__).parent / "vectors"
ROOT_PEM = (FILES / "root.pem").read_bytes()


def every(head: bytes, size: int) -> bool:
    """Take each file that has anything in it."""
    return bool(head and size)


def met(*paths: Path, **options: object) -> list[Met]:
    return list(walk([str(path) for path in paths], **options))  # type: ignore[arg-type]


def names(found: list[Met], what: str = "file") -> list[str]:
    return [Path(one.path).name for one in found if one.what == what]


# -- each file once -----------------------------------------------------------------------

PLACES = st.integers(0, 7)
STEPS = st.lists(
    st.tuples(st.sampled_from(["file", "directory", "link", "hard", "up"]), PLACES, PLACES),
    max_size=24,
)


def build(top: Path, steps: list[tuple[str, int, int]]) -> list[Path]:
    """A tree below ``top/in`` and ``top/out``; links lead anywhere in both, and in circles."""
    directories = [top / "in", top / "out"]
    for directory in directories:
        directory.mkdir()
    files: list[Path] = []
    for number, (what, where, target) in enumerate(steps):
        here = directories[where % len(directories)]
        path = here / f"{'zyxwvuts'[target]}{number}"
        if what == "file" or (what == "hard" and not files):
            path.write_text(f"content {number}")
            files.append(path)
        elif what == "directory":
            path.mkdir()
            directories.append(path)
        elif what == "hard":
            path.hardlink_to(files[target % len(files)])
        elif what == "up":
            path.symlink_to(".." if target % 2 else top)
        else:
            everything = [*directories, *files, top / "nowhere"]
            aim = everything[target % len(everything)]
            path.symlink_to(aim if number % 2 else os.path.relpath(aim, here))
    return files


def reachable(top: Path) -> set[tuple[int, int]]:
    """What following everything comes to: the plainest walk there is."""
    files, seen, todo = set(), set(), [top]
    while todo:
        path = todo.pop()
        try:
            found = path.stat()
        except OSError:
            continue
        identity = (found.st_dev, found.st_ino)
        if stat.S_ISREG(found.st_mode):
            files.add(identity)
        elif stat.S_ISDIR(found.st_mode) and identity not in seen:
            seen.add(identity)
            todo += path.iterdir()
    return files


@settings(deadline=None, max_examples=150)
@given(STEPS)
def test_every_file_is_met_exactly_once(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), steps)
        start = Path(folder) / "in"
        found = met(start, look=every)
        assert met(start, look=every) == found, "not the same twice"
        assert not [one for one in found if one.what == "unreadable"]
        identities = Counter(
            (status.st_dev, status.st_ino)
            for one in found
            if one.what == "file"
            for status in [Path(one.real).stat()]
        )
        assert set(identities) == reachable(start)
        assert set(identities.values()) <= {1}
        by_path = {one.path for one in found}
        for link in found:
            if link.what == "link":
                assert link.real in by_path  # of a hard link's second name, that
                assert Path(link.path).samefile(link.real)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_without_following_what_is_inside_is_met_once(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), steps)
        start = Path(folder) / "in"
        inside = {
            (status.st_dev, status.st_ino)
            for directory, _, files in os.walk(start)
            for name in files
            if not (Path(directory) / name).is_symlink()
            for status in [(Path(directory) / name).stat()]
        }
        found = met(start, look=every, follow=False)
        paths = [Path(one.real).stat() for one in found if one.what == "file"]
        assert Counter((one.st_dev, one.st_ino) for one in paths) == Counter(inside)


def test_order_is_files_links_directories_by_name(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a/b", "c/x", "B"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    found = [os.path.relpath(one.path, tmp_path) for one in met(tmp_path, look=every)]
    assert found == ["B", "b", "a/b", "a/z", "c/x"]


def test_a_path_given_twice_or_inside_another_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "x"
    file.write_text("x")
    for paths in ([tmp_path, tmp_path], [tmp_path, tmp_path / "a"], [tmp_path / "a", tmp_path],
                  [tmp_path, file], [file, tmp_path], [file, file]):  # fmt: skip
        found = met(*paths, look=every)
        assert len([one for one in found if one.what == "file"]) == 1, paths


def test_a_start_that_is_a_link_is_followed_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_text("x")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file").symlink_to("real/x")
    (found,) = met(tmp_path / "link", look=every, follow=False)
    assert found.path == str(tmp_path / "link" / "x")
    (found,) = met(tmp_path / "file", look=every, follow=False)
    assert found.path == str(tmp_path / "file")


def test_links_out_and_dangling_ones_are_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "x").write_text("x")
    (tmp_path / "in" / "out").symlink_to(tmp_path / "x")
    (tmp_path / "in" / "out2").symlink_to(tmp_path / "x")
    (tmp_path / "in" / "gone").symlink_to("nowhere")
    (tmp_path / "in" / "loop").symlink_to("loop")
    tally = Tally()
    found = met(tmp_path / "in", look=every, tally=tally)
    assert [(one.what, Path(one.path).name) for one in found] == [("file", "out"), ("link", "out2")]
    assert tally.dangling == 2
    assert met(tmp_path / "in", look=every, follow=False) == []


def test_a_root_of_another_system_keeps_its_absolute_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("etc/ssl", "usr/share"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/share/a.crt").write_bytes(ROOT_PEM)
    (tmp_path / "etc/ssl/a.pem").symlink_to("/usr/share/a.crt")
    (tmp_path / "etc/ssl/hosts").symlink_to("/etc/hostname")  # ours, and not theirs
    (tmp_path / "etc/ssl/up").symlink_to("../../../../../../../../../../usr/share")
    assert is_root(str(tmp_path))
    assert not is_root(str(tmp_path / "etc"))
    assert not is_root("/")
    tally = Tally()
    found = met(tmp_path, tally=tally)
    share = str(tmp_path / "usr/share/a.crt")
    assert [(one.what, one.real) for one in found] == [("link", share), ("file", share)]
    assert tally.dangling == 1
    # By other names of the root: below a link, and relative.
    other = tmp_path.with_name("other-name")
    other.symlink_to(tmp_path)
    assert [one.real for one in met(other)] == [str(other / "usr/share/a.crt")] * 2
    monkeypatch.chdir(tmp_path.parent)
    share = f"{tmp_path.name}/usr/share/a.crt"
    assert [one.real for one in walk([f"{tmp_path.name}/"])] == [share] * 2


def test_patterns_leave_out_names_and_paths(tmp_path: Path) -> None:
    for name in ("a.log", "b.pem", "keep/c.pem", "skip/d.pem", "keep/skip/e.pem"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    tally = Tally()
    found = met(tmp_path, look=every, exclude=["*.log", "skip"], tally=tally)
    assert names(found) == ["b.pem", "c.pem"]
    assert (tally.left_out, tally.files) == (3, 2)
    only = met(tmp_path, look=every, exclude=[f"{tmp_path}/skip/"])
    assert names(only) == ["a.log", "b.pem", "c.pem", "e.pem"]


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


# -- first bytes --------------------------------------------------------------------------


def asked(data: bytes) -> bool:
    """As a walk asks: first bytes, then more if they are wanted."""
    found = promising(data[:FIRST], len(data))
    if found is None:
        assert len(data) > FIRST
        found = promising(data[:TEXT], len(data[:TEXT]))
    assert found is not None
    return found


STORES = sorted(
    path
    for folder in (FILES, VECTORS / "bouncycastle", VECTORS / "pkcs8")
    for path in folder.iterdir()
    if path.is_file()
)


@pytest.mark.parametrize("path", STORES, ids=lambda path: path.name)
def test_what_opens_is_promising(path: Path) -> None:
    data = path.read_bytes()
    try:
        store = formats.read(data, "changeit")
    except StorekeeperError:
        expected = formats.sniff(data) in formats.FORMATS or formats.sniff(data) == "bcfks"
    else:
        expected = bool(store.entries)
    assert asked(data) >= expected if data else True


PEM = b"-----BEGIN CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PEM, True),
        (b"words\n  " + PEM, True),
        (b"words " + PEM, False),
        (b"x" * 4090 + b"\n" + PEM, True),
        (b"x" * 4095 + b"\n" + PEM, True),
        (b"x\n" * 32_000 + PEM, True),
        (b"x\n" * 33_000 + PEM, False),
        (PEM.replace(b"CERTIFICATE", b"RSA PRIVATE KEY"), True),
        (PEM.replace(b"CERTIFICATE", b"ENCRYPTED PRIVATE KEY"), True),
        (PEM.replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"), True),
        (PEM.replace(b"CERTIFICATE", b"PKCS7"), True),
        (PEM.replace(b"CERTIFICATE", b"OPENSSH PRIVATE KEY"), False),
        (PEM.replace(b"CERTIFICATE", b"PGP PRIVATE KEY BLOCK"), False),
        (PEM.replace(b"CERTIFICATE", b"PUBLIC KEY"), False),
        (PEM.replace(b"CERTIFICATE", b"CERTIFICATE REQUEST"), False),
        (PEM.replace(b"CERTIFICATE", b"DH PARAMETERS") + PEM, True),
        (b"\xff\xfe" + PEM.decode().encode("utf-16-le"), True),
        (b"\xff\xfe" + "words".encode("utf-16-le"), False),
        (b"\xfe\xed\xfe\xed\0\0\0\2" + bytes(20), True),
        (b"\xfe\xed\xfe\xed\0\0\0\7" + bytes(20), False),
        (b"\xce" * 100, False),
        (b"\xce\xce\xce\xce\0\0\0\2" + bytes(20), True),
        (b"\0\0\0\1\x67\x42\0\x1e" + bytes(200), False),  # H.264
        (b"\0\0\0\x14" * 100, False),
        (b"\0\0\0\1\0\0\0\x14" + bytes(200), False),
        (b"\0\0\0\1\0\0\0\x14" + bytes(20) + b"\0\0\4\0" + bytes(160), False),
        (b"\0\0\0\1\0\0\0\x14" + b"salt!" * 4 + b"\xff\0\4\0" + bytes(160), False),
        (b"\0\0\0\1\0\0\0\x14" + b"salt!" * 4 + b"\0\0\4\0" + b"\xaa" * 161, False),
        (b"\0\0\0\1\0\0\0\x14" + b"salt!" * 4 + b"\0\0\4\0" + b"\xaa" * 160, True),
        (b"0 degrees\n", False),
        (b"\x7fELF" + bytes(100) + PEM, False),
        (b"SQLite format 3\0" + bytes(100), False),
        (b"SQLite format 3\0" + bytes(5000) + b"CREATE TABLE nssPublic (id", True),
        (b"MIT License\n\nCopyright", False),
        (b"M" * 100, False),
        (b"", False),
    ],
)
def test_first_bytes(data: bytes, expected: bool) -> None:
    assert asked(data) is expected


def test_base64_without_armour_is_promising() -> None:
    from base64 import encodebytes

    assert asked(encodebytes(pki.certificate("Scanned")))
    assert asked(b"\r\n" + encodebytes(pki.certificate("Scanned")).replace(b"\n", b"\r\n"))


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    asked(data)
    for start in (b"\0\0\0\1", b"\0\0\0\2", b"0\x82", b"SQLite format 3\0", b"\xfe\xed\xfe\xed"):
        asked(start + data)
