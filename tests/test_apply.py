"""Carrying plans out: what the file holds afterwards, and after being killed on the way."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change import journal
from storekeeper.change.apply import apply
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.plan import Plan, plan_of
from storekeeper.change.target import open_target
from storekeeper.errors import WriteRefused
from storekeeper.formats.encryption import compatible
from storekeeper.model import Password, PrivateKey, Store, TrustedCert, replace
from tests import jvm, kill, pki

PASSWORD = Password("changeit")
NAMES = ("store.jks", "store.p12")


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def importing(store: Path, *names: str) -> Plan:
    target = open_target(str(store), PASSWORD, may_be_new=True)
    return plan_import(target, [Incoming(pki.cert(name), "test") for name in names])


def seen_by_java(store: Path, version: str = "17.0.9.2") -> list[bytes]:
    loaded = jvm.jvm(version).worker.load(store.read_bytes(), "changeit")
    return sorted(entry["chain"][0] for entry in loaded["entries"])


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
@pytest.mark.parametrize("name", NAMES)
def test_every_java_sees_what_was_planned(tmp_path: Path, name: str, version: str) -> None:
    store = tmp_path / name
    names = ("Planned CA 1", "Planned CA 2")
    applied = apply(importing(store, *names))
    assert applied.changed
    assert seen_by_java(store, version) == sorted(pki.cert(one).der for one in names)


@pytest.mark.parametrize("compat", ["java8", "openssl1", "fips", "passwordless"])
def test_java_sees_what_was_planned_in_every_encryption(tmp_path: Path, compat: str) -> None:
    store = tmp_path / "store.p12"
    target = open_target(str(store), PASSWORD, may_be_new=True)
    incoming = [Incoming(pki.cert("Planned CA"), "test")]
    apply(plan_import(target, incoming, encryption=compatible(compat)))
    assert seen_by_java(store) == [pki.cert("Planned CA").der]


@pytest.mark.parametrize("name", [*NAMES, "store.pem"])
def test_a_second_time_nothing_is_touched(tmp_path: Path, name: str) -> None:
    store = tmp_path / name
    apply(importing(store, "Same CA"))
    before = (store.read_bytes(), store.stat().st_mtime_ns)
    plan = importing(store, "Same CA")
    assert plan.unchanged
    assert [step.state for step in plan.steps] == ["unchanged"]
    assert not apply(plan).changed
    assert (store.read_bytes(), store.stat().st_mtime_ns) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".bak")] == []


def test_a_file_that_is_another_one_now_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "store.jks"
    apply(importing(store, "First CA"))
    plan = importing(store, "Second CA")
    apply(importing(store, "Third CA"))
    now = store.read_bytes()
    with pytest.raises(WriteRefused) as refused:
        apply(plan)
    assert refused.value.exit_status == 6
    assert store.read_bytes() == now


def test_backups_are_pruned_and_hold_the_old_bytes(tmp_path: Path) -> None:
    store = tmp_path / "store.jks"
    versions = []
    for number in range(5):
        apply(importing(store, f"CA {number}"), backups=2)
        versions.append(store.read_bytes())
    kept = sorted(tmp_path.glob("store.jks.*.bak"))
    assert sorted(path.read_bytes() for path in kept) == sorted(versions[2:4])


def test_trust_stores_are_as_the_umask_has_it_and_key_stores_private(tmp_path: Path) -> None:
    from storekeeper.formats.reseal import seal_private_key

    trust, keys = tmp_path / "trust.p12", tmp_path / "keys.p12"
    apply(importing(trust, "A CA"))
    sealed = seal_private_key(pki.pkcs8(pki.key("own")), "PKCS12", PASSWORD)
    entry = PrivateKey("own", (pki.cert("own"),), sealed)
    apply(plan_of(open_target(str(keys), PASSWORD, may_be_new=True), Store("PKCS12", (entry,))))
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(trust.stat().st_mode) & 0o077 != 0


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.jks", tmp_path / "link.jks"
    apply(importing(real, "First CA"))
    link.symlink_to(real.name)
    assert apply(importing(link, "Second CA")).path == str(real)
    assert link.is_symlink()
    assert len(formats.read(real.read_bytes(), PASSWORD).entries) == 2


def test_a_plan_whose_alias_the_format_loses_writes_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store.pem"
    apply(importing(store, "First CA"))
    before = store.read_bytes()
    target = open_target(str(store))
    assert target.store is not None
    entry = replace(target.store.entries[0], alias="blank at the end ")
    with pytest.raises(WriteRefused, match="would not give this alias back"):
        apply(plan_of(target, replace(target.store, entries=(entry,))))
    assert store.read_bytes() == before


class Stage:
    """A store, and a change of it that can be repeated from the same beginning."""

    def __init__(self, folder: Path, name: str, *, new: bool) -> None:
        self.folder = folder / "stage"
        self.store = self.folder / name
        self.new = new
        self.old: bytes | None = None
        self.reset()
        if not new:
            apply(importing(self.store, "Old CA"))
            self.old = self.store.read_bytes()

    def reset(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        if self.old is not None:
            self.store.write_bytes(self.old)

    def change(self) -> object:
        return apply(importing(self.store, "New CA"))

    def check(self) -> bool:
        """The store is the old one or the new one, whole; whether it is the new one."""
        if self.old is None and not self.store.exists():
            return False
        content = self.store.read_bytes()
        if content == self.old:
            return False
        held = {
            entry.certificate
            for entry in formats.read(content, PASSWORD).entries
            if isinstance(entry, TrustedCert)
        }
        assert held == {pki.cert("New CA")} | (set() if self.new else {pki.cert("Old CA")})
        return True


def sweep(stage: Stage, action: Callable[[], object], keep: Callable[[kill.Moment], bool]) -> int:
    runs = 0
    for moment in kill.moments(action):
        if not keep(moment):
            continue
        stage.reset()
        # The journal grows from run to run, so that the last calls may not come: then the
        # action is through.
        runs += kill.killed_at(action, moment.call, moment.how)
        stage.check()
        # Whatever the killed one left behind, the next one does its work.
        apply(importing(stage.store, "New CA"))
        assert stage.check()
        apply(importing(stage.store, "Later CA"))
        left = [path.name for path in stage.folder.iterdir() if path.name.endswith(".tmp")]
        assert left == [], moment
    return runs


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("new", [False, True], ids=["existing", "new"])
def test_killed_at_any_change_of_the_file_system(tmp_path: Path, name: str, new: bool) -> None:
    stage = Stage(tmp_path, name, new=new)
    changing = {"write", "fsync", "replace", "rename", "link"}
    runs = sweep(stage, stage.change, lambda moment: moment.name in changing)
    assert runs >= 6
    assert seen_by_java(stage.store) == sorted(
        pki.cert(one).der for one in ["New CA", "Later CA", *([] if new else ["Old CA"])]
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("new", [False, True], ids=["existing", "new"])
def test_killed_at_every_call(tmp_path: Path, name: str, new: bool) -> None:
    stage = Stage(tmp_path, name, new=new)
    runs = sweep(stage, stage.change, lambda _: True)
    assert runs >= 50
    assert seen_by_java(stage.store)


def test_killed_while_undoing(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "store.jks", new=False)
    stage.reset()
    stage.change()
    changed = stage.store.read_bytes()
    record = journal.last()
    saved = tmp_path / "saved"
    shutil.copytree(stage.folder, saved)

    def undo() -> object:
        return apply(journal.undo(record), undoes=record.id)

    for moment in kill.moments(undo):
        if moment.name not in {"write", "fsync", "replace"}:
            continue
        shutil.rmtree(stage.folder)
        shutil.copytree(saved, stage.folder)
        kill.killed_at(undo, moment.call, moment.how)
        assert stage.store.read_bytes() in (stage.old, changed)
        undo()
        assert stage.store.read_bytes() == stage.old
