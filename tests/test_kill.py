"""Killed at any moment, a replacement leaves the old store or the new one, whole."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from tests import jvm, kill
from tests.kill_stage import PASSWORD, Stage, scenes
from tests.machine import AS_ROOT
from tests.replacing import memory

__all__ = ["memory"]  # a fixture

IDS = (
    *("jks", "pkcs12", "other-format", "new-file", "removal", "no-backup", "removal-no-backup"),
    *("leftovers", "leftovers-new-file", "copied-backup", "backup-dir", "no-hard-links"),
    *("no-hard-links-new", "large"),
)


def sweep(stage: Stage, *, only_changes: bool, every: int) -> list[bytes]:
    """Kill it everywhere; gives every n-th of what survived."""
    survivors = []
    stage.prepare()
    places = list(kill.moments(stage.action, only_changes=only_changes))
    assert {"open", "fsync"} <= {place.name for place in places} or stage.scene.new is None
    for number, place in enumerate(places):
        stage.prepare()
        assert kill.killed_at(stage.action, place.call, place.how), place
        try:
            survivor = stage.check()
        except Exception as problem:
            problem.add_note(f"killed {place.how} call {place.call}, {place.name}")
            raise
        if survivor is not None and number % every == 0:
            survivors.append(survivor)
    return survivors


def sweep_twice(stage: Stage, every: int) -> int:
    """Kill it, and then what comes next, at every pair of places; gives the number of pairs."""
    stage.prepare()
    pairs = 0
    for first in list(kill.moments(stage.action, only_changes=True))[::every]:

        def killed_once(first: kill.Moment = first) -> bytes | None:
            stage.prepare()
            assert kill.killed_at(stage.action, first.call, first.how)
            return stage.state()

        state = killed_once()

        def again(state: bytes | None = state) -> object:
            return stage.replace_there(b"next", state)

        for second in list(kill.moments(again, only_changes=True)):
            assert killed_once() == state
            assert kill.killed_at(again, second.call, second.how)
            try:
                stage.check([stage.scene.old, state], b"next")
            except Exception as problem:
                problem.add_note(f"killed at {first}, then at {second}")
                raise
            pairs += 1
    return pairs


def opened(java: jvm.Jvm, survivors: list[bytes]) -> None:
    for data in survivors:
        aliases = {entry["alias"] for entry in java.worker.load(data, PASSWORD)["entries"]}
        assert {"ca-0", "ca-1", "ca-2"} <= aliases <= {"ca-0", "ca-1", "ca-2", "ca-3"}


@pytest.mark.parametrize("id", IDS)
def test_killed_between_changes(id: str, memory: Path) -> None:
    stage = Stage(scenes()[id], memory)
    survivors = sweep(stage, only_changes=True, every=10)
    if id != "large":
        opened(jvm.newest(), survivors)


def test_killed_again_by_the_way(memory: Path) -> None:
    assert sweep_twice(Stage(scenes()["jks"], memory), every=6) > 40


@pytest.mark.slow
@pytest.mark.parametrize("id", IDS)
def test_killed_again(id: str, memory: Path) -> None:
    assert sweep_twice(Stage(scenes()[id], memory), every=1) > 40


@pytest.mark.slow
@pytest.mark.parametrize("id", IDS)
def test_killed_at_every_call(id: str, tmp_path: Path) -> None:
    stage = Stage(scenes()[id], tmp_path)
    survivors = sweep(stage, only_changes=False, every=5)
    if id != "large":
        for java in jvm.jvms():
            opened(java, survivors)


def test_keytool_opens_what_survives(tmp_path: Path) -> None:
    for id in ("jks", "pkcs12"):
        directory = tmp_path / id
        directory.mkdir()
        stage = Stage(scenes()[id], directory)
        stage.prepare()
        names = kill.calls(stage.action)
        stage.prepare()
        assert kill.killed_at(stage.action, names.index("replace") + 1, "after")
        assert stage.state() == stage.scene.new
        said = jvm.newest().keytool("-list", "-keystore", str(stage.path), "-storepass", PASSWORD)
        assert "ca-3" in str(said)


# The harness itself.


def test_calls_are_counted_and_killed_at(tmp_path: Path) -> None:
    file = tmp_path / "file"

    def action() -> None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, b"12345678")
        os.fsync(descriptor)
        os.close(descriptor)

    assert kill.calls(action) == ["open", "write", "fsync", "close"]
    assert kill.points(action) == 4
    left = {}
    for place in kill.moments(action):
        file.unlink(missing_ok=True)
        assert kill.killed_at(action, place.call, place.how)
        left[place[1:]] = file.read_bytes() if file.exists() else None
    assert left == {
        ("open", "before"): None,
        ("open", "after"): b"",
        ("write", "before"): b"",
        ("write", "middle"): b"1234",
        ("write", "after"): b"12345678",
        ("fsync", "before"): b"12345678",
        ("fsync", "after"): b"12345678",
        ("close", "before"): b"12345678",
        ("close", "after"): b"12345678",
    }
    assert not kill.killed_at(action, 5)
    fewer = [place[1:] for place in kill.moments(action, only_changes=True)]
    assert fewer == [
        ("open", "before"),
        ("write", "before"),
        ("write", "middle"),
        ("fsync", "before"),
        ("fsync", "after"),
    ]


def test_what_the_action_raises_is_told() -> None:
    def action() -> None:
        raise KeyError("the reason")

    for run in (kill.points, kill.in_child, lambda action: kill.killed_at(action, 9)):
        with pytest.raises(kill.Failed, match="the reason"):
            run(action)


def test_whole_command(tmp_path: Path) -> None:
    file = tmp_path / "store.jks"
    file.write_bytes(scenes()["jks"].old or b"")
    action = kill.command("list", str(file))
    assert "read" in kill.calls(action)
    assert kill.killed_at(action, 1)
    with pytest.raises(kill.Failed, match="exit status 4"):
        kill.points(kill.command("list", str(tmp_path / "none")))
    kill.in_child(kill.command("list", str(tmp_path / "none"), status=[4]))


# From outside, by another judge: strace stops the process as it enters the call.

REPLACE = """
import sys
from storekeeper.host.replace import replace_file
path, new, digest = sys.argv[1:]
with open(new, "rb") as file:
    content = file.read()
replace_file(path, content, expected_sha256=digest, private=True, backups=3)
"""
STRACED = (
    *("/^link", "fsync", "write", "/^rename", "/^f?chmod", "/^f?chown", "/^f?setxattr"),
    *("flock", "/^unlink"),
)


@pytest.mark.parametrize("call", STRACED)
def test_killed_under_strace(call: str, tmp_path: Path) -> None:
    if not kill.can_strace():
        pytest.skip("strace is not here, or may not trace")
    scene = scenes()["jks"]
    assert scene.old
    assert scene.new
    stage = Stage(scene, tmp_path)
    content = tmp_path / "new"
    content.write_bytes(scene.new)
    digest = hashlib.sha256(scene.old).hexdigest()
    argv = [sys.executable, "-c", REPLACE, str(stage.path), str(content), digest]
    killed = 0
    while True:
        stage.prepare()
        if not kill.strace_kill(argv, call, killed + 1):
            assert stage.state() == scene.new
            break
        killed += 1
        stage.check()
    optional = {"/^f?chown": not AS_ROOT, "/^f?setxattr": not stage.attributes}
    assert killed or optional.get(call)
