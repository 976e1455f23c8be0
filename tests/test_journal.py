"""The journal, and changes taken back byte for byte."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper.change import journal
from storekeeper.change.apply import apply
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.target import open_target
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.model import Password
from tests import jvm, pki

PASSWORD = Password("changeit")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "storekeeper" / "journal"


def add(store: Path, name: str) -> str:
    target = open_target(str(store), PASSWORD, may_be_new=True)
    plan = plan_import(target, [Incoming(pki.cert(name), "test")])
    applied = apply(plan, summary=f"import: {name}")
    assert applied.id is not None
    return applied.id


def take_back(record: journal.Record) -> None:
    apply(journal.undo(record), undoes=record.id)


@pytest.mark.parametrize("name", ["store.jks", "store.p12", "store.pem"])
def test_changes_are_taken_back_one_after_the_other(tmp_path: Path, name: str) -> None:
    store = tmp_path / name
    versions = []
    for number in range(3):
        add(store, f"Undo CA {number}")
        versions.append(store.read_bytes())
    for before in (versions[1], versions[0]):
        take_back(journal.last())
        assert store.read_bytes() == before
    take_back(journal.last())
    assert not store.exists()
    with pytest.raises(UsageError):
        journal.last()


def test_an_undo_is_taken_back_by_its_id(tmp_path: Path) -> None:
    store = tmp_path / "store.jks"
    add(store, "First CA")
    add(store, "Second CA")
    after = store.read_bytes()
    take_back(journal.last())
    take_back(journal.records()[-1])
    assert store.read_bytes() == after


def test_a_file_changed_since_is_left_alone(tmp_path: Path) -> None:
    store = tmp_path / "store.jks"
    add(store, "First CA")
    add(store, "Second CA")
    store.write_bytes(b"somebody else's")
    with pytest.raises(WriteRefused, match="has changed since"):
        journal.undo(journal.last())
    assert store.read_bytes() == b"somebody else's"


def test_a_backup_that_is_gone_or_changed_is_said(tmp_path: Path) -> None:
    store = tmp_path / "store.jks"
    add(store, "First CA")
    add(store, "Second CA")
    backup = Path(str(journal.last().backup))
    content = backup.read_bytes()
    backup.write_bytes(content + b"x")
    with pytest.raises(WriteRefused, match="the backup was changed"):
        journal.undo(journal.last())
    backup.unlink()
    with pytest.raises(WriteRefused, match="can't be read"):
        journal.undo(journal.last())


def test_what_is_already_as_before_is_unchanged(tmp_path: Path) -> None:
    store = tmp_path / "store.jks"
    add(store, "First CA")
    before = store.read_bytes()
    id = add(store, "Second CA")
    store.write_bytes(before)
    assert journal.undo(journal.named(id)).unchanged


def test_records_are_for_their_user_alone_and_name_no_password(tmp_path: Path, state: Path) -> None:
    add(tmp_path / "store.jks", "First CA")
    (file,) = state.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) & 0o077 == 0
    assert "changeit" not in file.read_text()


def test_a_state_directory_that_can_t_be_made_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    target = open_target(str(tmp_path / "s.jks"), PASSWORD, may_be_new=True)
    applied = apply(plan_import(target, [Incoming(pki.cert("First CA"), "test")]))
    assert applied.changed
    assert applied.id is None
    assert [finding.code for finding in applied.findings] == ["no-journal"]


def test_rubbish_in_the_journal_is_passed_over(tmp_path: Path, state: Path) -> None:
    id = add(tmp_path / "store.jks", "First CA")
    for number, text in enumerate(["", "[]", "{}", '{"id": 1}', "[" * 100_000]):
        (state / f"0{number}.json").write_text(text)
    assert [record.id for record in journal.records()] == [id]


def test_the_journal_forgets_the_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT", 3)
    ids = [add(tmp_path / "store.jks", f"CA {number}") for number in range(5)]
    assert [record.id for record in journal.records()] == ids[-3:]


@pytest.mark.parametrize("name", ["shared.jks", "shared.p12"])
def test_many_imports_at_once_all_land(tmp_path: Path, name: str) -> None:
    count = 12
    store = tmp_path / name
    add(store, "There before")
    processes = []
    for number in range(count):
        source = tmp_path / f"{number}.pem"
        source.write_bytes(pki.pem("CERTIFICATE", pki.certificate(f"Parallel CA {number}")))
        words = ["import", str(store), str(source), "--storepass", "pass:changeit", "-q"]
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "storekeeper", *words], stderr=subprocess.DEVNULL
            )
        )
    assert [process.wait(120) for process in processes] == [0] * count
    loaded = jvm.by_major(17).worker.load(store.read_bytes(), "changeit")
    assert len(loaded["entries"]) == count + 1
