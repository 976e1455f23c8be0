"""What was changed is written down for its user alone, and taken back byte for byte."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from storekeeper.change import journal
from storekeeper.change.apply import Applied, apply
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.target import open_target
from storekeeper.cli import main
from storekeeper.errors import NoSuchEntry, UsageError, WriteRefused
from storekeeper.model import Certificate
from tests import changing, jvm, machine, pki
from tests.changing import PASS, PASSWORD

NEW, NEWER = pki.cert("Noted Root"), pki.cert("Newer Noted Root")
AT = 1_780_000_000


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "storekeeper" / "journal"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return changing.store_file(tmp_path / "store.jks", "JKS")


def trust(path: Path, certificate: Certificate, *, backups: int = 5) -> Applied:
    target = open_target(str(path), PASSWORD, may_be_new=True)
    plan = plan_import(target, [Incoming(certificate, "x")], at=AT)
    return apply(plan, backups=backups, summary="import: 1 added")


def test_written_for_its_user_alone_and_without_secrets(store: Path, state: Path) -> None:
    applied = trust(store, NEW)
    (file,) = state.iterdir()
    assert file.name == f"{applied.id}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    text = file.read_text()
    assert PASS not in text
    values = json.loads(text)
    assert values["schema"] == "storekeeper.journal/1"
    assert values["path"] == str(store)
    assert values["summary"] == "import: 1 added"


def test_taken_back_byte_for_byte_one_after_the_other(store: Path) -> None:
    contents = [store.read_bytes()]
    for certificate in (NEW, NEWER):
        trust(store, certificate)
        contents.append(store.read_bytes())
    first = apply(journal.undo(journal.last()))
    assert store.read_bytes() == contents[1]
    apply(journal.undo(journal.last()))
    assert store.read_bytes() == contents[0]
    with pytest.raises(NoSuchEntry, match="no change to undo"):
        journal.last()
    # Taking back a taking back, by its name.
    assert first.id is not None
    with pytest.raises(WriteRefused, match="changed since"):
        journal.undo(journal.named(first.id))
    apply(journal.undo(journal.named(journal.records()[-1].id)))
    assert store.read_bytes() == contents[1]
    apply(journal.undo(journal.named(first.id)))
    assert store.read_bytes() == contents[2]
    jvm.newest().worker.load(contents[2], PASS, "JKS")


def test_as_many_undos_as_backups(store: Path) -> None:
    contents = []
    for number in range(7):
        contents.append(store.read_bytes())
        trust(store, pki.cert(f"Undone {number}"), backups=5)
    for expected in reversed(contents[2:]):
        apply(journal.undo(journal.last()), backups=5)
        assert store.read_bytes() == expected
    with pytest.raises(WriteRefused, match="is gone"):
        journal.undo(journal.last())
    assert store.read_bytes() == contents[2]
    assert len(list(store.parent.glob("store.jks.*.bak"))) > 5
    trust(store, NEW, backups=5)
    assert len(list(store.parent.glob("store.jks.*.bak"))) == 5


def test_a_second_time_nothing_is_done(store: Path) -> None:
    applied = trust(store, NEW)
    assert applied.id is not None
    record = journal.named(applied.id)
    apply(journal.undo(record))
    before = store.stat().st_mtime_ns
    plan = journal.undo(record)
    assert plan.unchanged
    assert not apply(plan).changed
    assert store.stat().st_mtime_ns == before


def test_a_file_that_was_made_goes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "made.p12"
    trust(path, NEW)
    content = path.read_bytes()
    apply(journal.undo(journal.last()))
    assert not path.exists()
    apply(journal.undo(journal.records()[-1]))
    assert path.read_bytes() == content


def test_changed_since(store: Path) -> None:
    applied = trust(store, NEW)
    store.write_bytes(store.read_bytes() + b"\0")
    with pytest.raises(WriteRefused, match=f"has changed since {applied.id}") as caught:
        journal.undo(journal.last())
    assert caught.value.exit_status == 6
    assert str(applied.backup) in caught.value.hint


def test_a_plan_to_undo_is_refused_when_the_file_changes_before_it(store: Path) -> None:
    trust(store, NEW)
    plan = journal.undo(journal.last())
    trust(store, NEWER)
    content = store.read_bytes()
    with pytest.raises(WriteRefused, match="changed since it was read"):
        apply(plan)
    assert store.read_bytes() == content


def test_without_its_backup(store: Path) -> None:
    applied = trust(store, NEW)
    assert applied.backup is not None
    content = store.read_bytes()
    backup = Path(applied.backup)
    old = backup.read_bytes()
    backup.unlink()
    backup.write_bytes(old + b"x")
    with pytest.raises(WriteRefused, match="the backup was changed"):
        journal.undo(journal.last())
    backup.unlink()
    with pytest.raises(WriteRefused, match="no longer there, as a later change keeps") as caught:
        journal.undo(journal.last())
    assert "--backups" in caught.value.hint
    assert caught.value.path == str(store)
    assert store.read_bytes() == content
    trust(store, NEWER, backups=0)
    with pytest.raises(WriteRefused, match="no backup was made"):
        journal.undo(journal.last())


def test_names(store: Path) -> None:
    applied = trust(store, NEW)
    assert applied.id is not None
    assert journal.named(applied.id[:12]).id == applied.id
    trust(store, NEWER)
    with pytest.raises(UsageError, match="2 changes begin with"):
        journal.named(applied.id[:8])
    with pytest.raises(NoSuchEntry, match="there is no change"):
        journal.named("2001")
    other = changing.store_file(store.with_name("other.jks"), "JKS")
    trust(other, NEW)
    assert journal.last(str(store)).path == str(store)
    assert journal.last().path == str(other)


def test_only_so_many_are_kept(store: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT", 3)
    ids = [trust(store, pki.cert(f"Kept {number}"), backups=1).id for number in range(5)]
    assert [record.id for record in journal.records()] == ids[-3:]
    assert len(list(state.iterdir())) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"id": 1}',
        '{"id": "a", "at": 0, "path": 5, "summary": "", "before": null, "after": null}',
        (
            '{"id": "a", "at": 0, "path": "/x", "summary": "", "before": null, "after": null, '
            '"links_before": 7}'
        ),
        (
            '{"id": "a", "at": 0, "path": "/x", "summary": "", "before": null, "after": null, '
            '"links_after": [7]}'
        ),
        "[" * 100_000,
    ],
)
def test_files_that_are_no_records_are_passed_over(store: Path, state: Path, text: str) -> None:
    applied = trust(store, NEW)
    (state / "19990101T000000.000000Z-0000.json").write_text(text)
    assert [record.id for record in journal.records()] == [applied.id]


@machine.needs_root
def test_a_state_that_can_not_be_written_is_a_warning(tmp_path: Path) -> None:
    """The change is made all the same, and where the old file is, is said."""
    place = tmp_path / "mine"
    place.mkdir()
    path = changing.store_file(place / "store.jks", "JKS")
    for one in (tmp_path, place, path):
        os.chown(one, machine.NOBODY, machine.NOBODY)
    tmp_path.chmod(0o755)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)

    def action() -> None:
        os.environ["XDG_STATE_HOME"] = str(locked / "state")
        applied = trust(path, NEW)
        assert applied.changed
        assert applied.id is None
        (finding,) = applied.findings
        assert finding.code == "no-journal"
        assert finding.hint == f"the old file is {applied.backup}"

    for parent in tmp_path.parents:
        if parent.stat().st_mode & 0o011 != 0o011:
            parent.chmod(parent.stat().st_mode | 0o011)
    machine.as_user(action)
    assert len(changing.aliases(path)) == 4


def test_the_place_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    home = {"XDG_STATE_HOME": "/s"}
    assert journal.folder(home) == "/s/storekeeper/journal"
    monkeypatch.setenv("HOME", "/home/x")
    expected = "/home/x/.local/state/storekeeper/journal"
    assert journal.folder({}) == expected
    assert journal.folder({"XDG_STATE_HOME": "relative"}) == expected


def test_the_command(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.read_bytes()
    applied = trust(store, NEW)
    assert main(["undo", "--check"]) == 1
    assert main(["undo", "--dry-run"]) == 0
    assert store.read_bytes() != before
    assert main(["undo", "--of", str(store), "--json"]) == 0
    assert store.read_bytes() == before
    said = capsys.readouterr().out
    values = json.loads(said[said.index("{") :])
    assert values["changes"] == [
        {"change": "restored", "alias": None, "undoes": applied.id, "sha256": values["sha256"]}
    ]
    assert main(["undo"]) == 1
    assert main(["undo", "--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[-2].endswith("(taken back)")
    assert listed[-1].endswith(f"(took back {applied.id})")
