"""Walking trees: every file once, whatever leads to it, and nothing that waits or hides."""

from __future__ import annotations

import os
import stat
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.host.scan import Tally, is_root, walk
from tests.walking import ROOT_PEM, every, met, names

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
