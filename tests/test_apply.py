"""Carrying plans out: refused when the file is another, read back, and never half done."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change import journal
from storekeeper.change.apply import apply, encode
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.plan import Plan, plan_of
from storekeeper.change.target import open_target
from storekeeper.errors import PasswordRequired, WriteRefused
from storekeeper.model import Certificate, Password, Store, TrustedCert, replace
from tests import changing, jvm, kill, pki
from tests.changing import CORP, OTHER, PASS, PASSWORD

NEW = pki.cert("Applied Root")
NOW = 1_760_000_000_000
AT = 1_780_000_000
FORMATS = ("JKS", "PKCS12")


def trusting(path: Path, *certificates: Certificate, password: str = PASS) -> Plan:
    target = open_target(str(path), Password(password), may_be_new=True)
    return plan_import(target, [Incoming(one, "x") for one in certificates], at=AT, now_ms=NOW)


def stored(path: Path, format: str, *certificates: Certificate) -> Path:
    entries = [TrustedCert(f"ca-{n}", one, NOW) for n, one in enumerate(certificates)]
    if format == "PKCS12":
        entries = [replace(entry, created_ms=None) for entry in entries]
    path.write_bytes(formats.write(Store(format, tuple(entries)), PASS))
    return path


# -- what it refuses and keeps --------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_another_file_than_planned_from(tmp_path: Path, format: str) -> None:
    path = stored(tmp_path / "store", format, CORP)
    plan = trusting(path, NEW)
    stored(path, format, OTHER)
    other = path.read_bytes()
    with pytest.raises(WriteRefused, match="changed since it was read: expected SHA-256") as caught:
        apply(plan)
    assert caught.value.exit_status == 6
    assert path.read_bytes() == other
    path.unlink()
    with pytest.raises(WriteRefused, match="found no file"):
        apply(plan)
    assert list(tmp_path.iterdir()) == []


def test_a_file_made_meanwhile(tmp_path: Path) -> None:
    plan = trusting(tmp_path / "new.p12", NEW)
    (tmp_path / "new.p12").write_bytes(b"somebody's")
    with pytest.raises(WriteRefused, match="expected no file, found one"):
        apply(plan)
    assert (tmp_path / "new.p12").read_bytes() == b"somebody's"


def test_what_encodes_to_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that loses the last entry is found out by reading back."""
    path = stored(tmp_path / "store", "JKS", CORP)
    before = path.read_bytes()
    plan = trusting(path, NEW)
    real = formats.write

    def lossy(store: Store, *args: object, **options: object) -> bytes:
        return real(replace(store, entries=store.entries[:-1]), *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(formats, "write", lossy)
    with pytest.raises(WriteRefused) as caught:
        apply(plan)
    assert caught.value.path == str(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["store"]


def test_what_reads_back_as_nothing_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path / "store", "JKS", CORP)
    plan = trusting(path, NEW)
    monkeypatch.setattr(formats, "write", lambda *_args, **_options: b"\xfe\xed\xfe\xed")
    with pytest.raises(WriteRefused, match="can't be read again"):
        apply(plan)
    assert changing.aliases(path) == ["ca-0"]


def test_a_store_without_a_password_for_its_digest(tmp_path: Path) -> None:
    target = open_target(str(tmp_path / "new.jks"), may_be_new=True)
    with pytest.raises(PasswordRequired):
        plan_import(target, [Incoming(NEW, "x")], at=AT)
    plan = plan_of(target, Store("JKS", (TrustedCert("new", NEW, NOW),)))
    with pytest.raises(PasswordRequired) as caught:
        apply(plan)
    assert "--storepass" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["PEM", "DER", "PKCS7"])
def test_an_empty_file_is_no_store(tmp_path: Path, format: str) -> None:
    path = tmp_path / "one"
    path.write_bytes(formats.write(Store(format, (TrustedCert("a", CORP),))))
    target = open_target(str(path))
    assert target.store is not None
    plan = plan_of(target, replace(target.store, entries=()))
    with pytest.raises(WriteRefused, match="without any entry"):
        encode(plan)


def test_modes(tmp_path: Path) -> None:
    """Keys are for their owner; trust is for everybody; what is there keeps what it has."""
    os.umask(os.umask(0))
    key = changing.private("key", "PKCS12")
    target = open_target(str(tmp_path / "keys.p12"), PASSWORD, may_be_new=True)
    apply(plan_of(target, Store("PKCS12", (key,))))
    assert stat.S_IMODE((tmp_path / "keys.p12").stat().st_mode) == 0o600
    apply(trusting(tmp_path / "trust.p12", NEW))
    assert stat.S_IMODE((tmp_path / "trust.p12").stat().st_mode) & 0o444 == 0o444
    (tmp_path / "trust.p12").chmod(0o640)
    apply(trusting(tmp_path / "trust.p12", CORP))
    assert stat.S_IMODE((tmp_path / "trust.p12").stat().st_mode) == 0o640


def test_the_end_of_the_links_is_written(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    stored(tmp_path / "etc" / "cacerts", "JKS", CORP)
    (tmp_path / "default").symlink_to("etc/cacerts")
    (tmp_path / "jre").symlink_to("default")
    applied = apply(trusting(tmp_path / "jre", NEW))
    assert applied.path == str(tmp_path / "etc" / "cacerts")
    assert (tmp_path / "jre").is_symlink()
    assert (tmp_path / "default").is_symlink()
    assert len(changing.aliases(tmp_path / "etc" / "cacerts")) == 2


# -- killed ---------------------------------------------------------------------------------


def _states(version: str, format: str, seen: set[bytes]) -> None:
    """Every content that was found opens in Java."""
    for content in seen:
        jvm.jvm(version).worker.load(content, PASS, format)


CASES = [("JKS", "changed"), ("PKCS12", "changed"), ("JKS", "new"), ("PKCS12", "undone")]


@pytest.mark.parametrize(("format", "case"), CASES)
@pytest.mark.parametrize(
    "only_changes", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["changes", "every"]
)
def test_killed_anywhere_it_is_the_old_store_or_the_new_one(
    tmp_path: Path, format: str, case: str, only_changes: bool
) -> None:
    original = stored(tmp_path / "original", format, CORP).read_bytes()
    work = tmp_path / "work"
    work.mkdir()
    path = work / "store"

    def prepare() -> None:
        for name in os.listdir(work):
            (work / name).unlink()
        if case != "new":
            path.write_bytes(original)

    if case == "undone":
        path.write_bytes(original)
        apply(trusting(path, NEW))
        changed, record = path.read_bytes(), journal.last(str(path))
        backup = next(work.glob("*.bak"))

        def prepare() -> None:
            for name in os.listdir(work):
                if name != backup.name:
                    (work / name).unlink()
            path.write_bytes(changed)

        def action() -> None:
            apply(journal.undo(record), summary="undo")
    else:

        def action() -> None:
            apply(trusting(path, NEW))

    prepare()
    seen: set[bytes] = set()
    killed = 0
    old = {"new": set(), "undone": {CORP, NEW}}.get(case, {CORP})
    new = {"new": {NEW}, "undone": {CORP}}.get(case, {CORP, NEW})
    for moment in kill.moments(action, only_changes=only_changes):
        prepare()
        killed += kill.killed_at(action, moment.call, moment.how)
        if path.exists():
            content = path.read_bytes()
            seen.add(content)
            found = {e.certificate for e in formats.read(content, PASS).entries}  # type: ignore[union-attr]
        else:
            found = set()
        assert found in (old, new), moment
        # The next run finds its way, and leaves nothing of the one that was killed.
        if found == old:
            action()
        assert path.read_bytes()
        rest = {name for name in os.listdir(work) if not name.endswith(".bak")}
        assert rest == {"store"} or found == new, (moment, rest)
    assert killed > 10
    _states(jvm.VERSIONS[-1], format, seen)


def test_a_whole_command_killed_at_every_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its lock, its journal and its output."""
    original = stored(tmp_path / "original", "JKS", CORP).read_bytes()
    (tmp_path / "new.pem").write_bytes(pki.pem("CERTIFICATE", NEW.der))
    work = tmp_path / "work"
    work.mkdir()
    path = work / "store.jks"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    words = ("import", str(path), str(tmp_path / "new.pem"), "--storepass", "pass:changeit")
    action = kill.command(*words)
    path.write_bytes(original)
    seen = set()
    for moment in kill.moments(action, only_changes=True):
        for name in os.listdir(work):
            (work / name).unlink()
        path.write_bytes(original)
        kill.killed_at(action, moment.call, moment.how)
        content = path.read_bytes()
        seen.add(content)
        found = {e.certificate for e in formats.read(content, PASS).entries}  # type: ignore[union-attr]
        assert found in ({CORP}, {CORP, NEW}), moment
        # What the journal says is true.
        for record in journal.records():
            assert record.path == str(path)
    assert len(seen) > 1
    _states(jvm.VERSIONS[-1], "JKS", seen)


# -- many at once -----------------------------------------------------------------------------


def _together(commands: list[list[str]], env: dict[str, str]) -> Iterator[tuple[int, str]]:
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "storekeeper", *words],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in commands
    ]
    for process in running:
        _, said = process.communicate(timeout=300)
        yield process.returncode, said


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("count", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_imports_at_the_same_time_all_land(tmp_path: Path, format: str, count: int) -> None:
    path = stored(tmp_path / "store", format, CORP)
    certificates = [pki.cert(f"Parallel {number}") for number in range(count)]
    for number, one in enumerate(certificates):
        (tmp_path / f"{number}.pem").write_bytes(pki.pem("CERTIFICATE", one.der))
    env = {**os.environ, "PASS": PASS, "XDG_STATE_HOME": str(tmp_path / "state")}
    more = ["--storepass", "env:PASS", "--lock-timeout", "250", "--backups", "2"]
    commands = [
        ["import", str(path), str(tmp_path / f"{number}.pem"), *more] for number in range(count)
    ]
    for status, said in _together(commands, env):
        assert status == 0, said
    found = jvm.newest().worker.load(path.read_bytes(), PASS, format)["entries"]
    assert {entry["chain"][0] for entry in found} == {CORP.der, *(c.der for c in certificates)}
    assert len(list((tmp_path / "state").rglob("*.json"))) == count
