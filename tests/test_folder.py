"""Directories of certificate files as targets, judged by OpenSSL."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from storekeeper.change import journal
from storekeeper.change.apply import Applied, apply
from storekeeper.change.delete import plan_delete
from storekeeper.change.folder import FileNames
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.plan import Plan
from storekeeper.change.rename import plan_rename
from storekeeper.change.target import Target, open_target
from storekeeper.cli import main
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.host.managers import fed_by
from storekeeper.model import Certificate
from tests import kill, pki

ROOT, OTHER, THIRD = (pki.cert(f"Folder Root {n}") for n in "ABC")
RENEWED = Certificate(pki.certificate("Folder Root A", ca=True, kind="RSA"))
AT = 1_780_000_000


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "anchors"
    path.mkdir()
    return path


def opened(folder: Path) -> Target:
    return open_target(str(folder), directories=True)


def importing(folder: Path, *certificates: Certificate, **options: object) -> Plan:
    given = [Incoming(one, "x") for one in certificates]
    return plan_import(opened(folder), given, at=AT, **options)  # type: ignore[arg-type]


def put(folder: Path, *certificates: Certificate, **options: object) -> Applied:
    return apply(importing(folder, *certificates, **options))


def rehash(folder: Path, *options: str) -> None:
    pki.openssl("rehash", *options, str(folder))


def trusts(folder: Path, certificate: Certificate) -> bool:
    """Whether OpenSSL finds it in there by its hash."""
    done = subprocess.run(
        ["openssl", "verify", "-no-CAfile", "-no-CAstore", "-CApath", str(folder)],
        input=pki.pem("CERTIFICATE", certificate.der),
        capture_output=True,
    )
    return done.returncode == 0


def tree(folder: Path) -> dict[str, bytes | str]:
    return {
        name: os.readlink(folder / name)
        if (folder / name).is_symlink()
        else (folder / name).read_bytes()
        for name in sorted(os.listdir(folder))
    }


def test_a_file_a_certificate_and_a_second_time_nothing(folder: Path) -> None:
    applied = put(folder, ROOT, OTHER)
    assert applied.changed
    names = sorted(os.listdir(folder))
    assert names == sorted(
        f"folder-root-{letter}-{one.sha256[:8]}.pem" for letter, one in (("a", ROOT), ("b", OTHER))
    )
    for name in names:
        assert stat.S_IMODE((folder / name).stat().st_mode) & 0o444 == 0o444
        pki.openssl("x509", "-noout", "-in", str(folder / name))
    plan = importing(folder, OTHER, ROOT)
    assert plan.unchanged
    assert [step.state for step in plan.steps] == ["unchanged", "unchanged"]


def test_present_in_any_file(folder: Path) -> None:
    (folder / "bundle.txt").write_bytes(
        pki.pem("CERTIFICATE", ROOT.der) + pki.pem("CERTIFICATE", OTHER.der)
    )
    (folder / "third.der").write_bytes(THIRD.der)
    assert importing(folder, OTHER, THIRD, ROOT).unchanged


@pytest.mark.parametrize(("there", "suffix"), [(".crt", ".crt"), (".cer", ".cer"), (".x", ".pem")])
def test_the_suffix_that_the_directory_uses(folder: Path, there: str, suffix: str) -> None:
    (folder / f"old{there}").write_bytes(pki.pem("CERTIFICATE", ROOT.der))
    put(folder, OTHER, alias="new")
    assert (folder / f"new{suffix}").is_file()


def test_files_of_other_content_are_left_alone(folder: Path) -> None:
    (folder / "notes.pem").write_text("to do")
    with pytest.raises(WriteRefused, match="belongs to a file of other content"):
        importing(folder, ROOT, alias="notes")
    put(folder, ROOT, alias="notes", on_conflict="rename")
    assert (folder / "notes.pem").read_text() == "to do"
    assert (folder / "notes-1.pem").is_file()


@pytest.mark.parametrize("alias", ["../../etc/x", "a/b", "a\0b", "-rf", "con", "x" * 300, "Ünï 🔑"])
def test_hostile_aliases_make_names_in_the_directory(folder: Path, alias: str) -> None:
    put(folder, ROOT, alias=alias)
    (name,) = os.listdir(folder)
    assert name.endswith(".pem")
    assert name[0] not in "-."
    assert len(name.encode()) < 255
    assert importing(folder, ROOT).unchanged


def test_hashed_by_openssl(folder: Path) -> None:
    put(folder, ROOT)
    rehash(folder)
    assert trusts(folder, ROOT)
    assert not trusts(folder, OTHER)
    put(folder, OTHER)
    assert trusts(folder, OTHER)
    ours = tree(folder)
    rehash(folder)
    assert tree(folder) == ours


def test_hashed_on_demand(folder: Path) -> None:
    """Nothing has a link yet; what is wanted gets one, there or not, and nothing else does."""
    (folder / "third.pem").write_bytes(pki.pem("CERTIFICATE", THIRD.der))
    (folder / "bundle.pem").write_bytes(2 * pki.pem("CERTIFICATE", OTHER.der))
    (folder / "other.der").write_bytes(OTHER.der)
    (folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", ROOT.der))
    wish = [Incoming(one, "x") for one in (ROOT, OTHER)]

    def planned() -> Plan:
        return plan_import(open_target(str(folder), directories=True, hashed=True), wish, at=AT)

    apply(planned())
    assert [trusts(folder, one) for one in (ROOT, OTHER, THIRD)] == [True, True, False]
    assert planned().unchanged
    apply(plan_delete(open_target(str(folder), directories=True, hashed=True), ["third.pem"]))
    (folder / "bundle.pem").unlink()  # openssl rehash warns of it
    ours = tree(folder)
    rehash(folder)
    assert tree(folder) == ours


def test_hashed_for_old_openssl_as_well(folder: Path) -> None:
    put(folder, ROOT)
    rehash(folder, "-compat")
    put(folder, OTHER)
    ours = tree(folder)
    rehash(folder, "-compat")
    assert tree(folder) == ours


def test_two_of_one_subject_are_numbered_without_gaps(folder: Path) -> None:
    put(folder, ROOT)
    rehash(folder)
    put(folder, RENEWED)
    links = {name for name in os.listdir(folder) if (folder / name).is_symlink()}
    assert sorted(name[-2:] for name in links) == [".0", ".1"]
    assert trusts(folder, ROOT)
    assert trusts(folder, RENEWED)
    before = tree(folder)
    apply(plan_delete(opened(folder), [f"folder-root-a-{ROOT.sha256[:8]}.pem"]))
    # OpenSSL would not look for .1 without .0.
    assert trusts(folder, RENEWED)
    assert not trusts(folder, ROOT)
    apply(journal.undo(journal.last()))
    assert trusts(folder, ROOT)
    assert trusts(folder, RENEWED)
    assert tree(folder).keys() == before.keys()


def test_a_link_that_is_missing_is_made(folder: Path) -> None:
    put(folder, ROOT, OTHER)
    rehash(folder)
    link = next(
        n for n, to in tree(folder).items() if to == f"folder-root-b-{OTHER.sha256[:8]}.pem"
    )
    complete = tree(folder)
    (folder / link).unlink()
    plan = importing(folder, OTHER)
    assert not plan.unchanged
    apply(plan)
    assert tree(folder) == complete


def test_replaced(folder: Path) -> None:
    put(folder, ROOT, alias="corp")
    rehash(folder)
    with pytest.raises(WriteRefused, match="taken by another certificate"):
        importing(folder, OTHER, alias="corp")
    put(folder, OTHER, alias="corp", on_conflict="replace")
    assert trusts(folder, OTHER)
    assert not trusts(folder, ROOT)
    ours = tree(folder)
    assert "corp.pem" in ours
    rehash(folder)
    assert tree(folder) == ours


def test_deleted_from_every_file_that_has_it(folder: Path) -> None:
    put(folder, ROOT)
    (folder / "bundle.pem").write_bytes(
        b"# both\n" + pki.pem("CERTIFICATE", ROOT.der) + pki.pem("CERTIFICATE", OTHER.der)
    )
    before = tree(folder)
    apply(plan_delete(opened(folder), [f"folder-root-a-{ROOT.sha256[:8]}.pem"]))
    assert list(tree(folder)) == ["bundle.pem"]
    found = opened(folder).store
    assert found is not None
    assert list(found.certificates()) == [OTHER]
    apply(journal.undo(journal.last()))
    assert tree(folder) == before


def test_what_others_use_is_not_removed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "shared.pem").write_bytes(pki.pem("CERTIFICATE", ROOT.der))
    (folder / "link.pem").symlink_to(tmp_path / "shared.pem")
    with pytest.raises(WriteRefused, match=r"a symbolic link to .*shared\.pem"):
        plan_delete(opened(folder), ["link.pem"])
    assert (tmp_path / "shared.pem").exists()


def test_renaming_is_not_ours(folder: Path) -> None:
    put(folder, ROOT, alias="corp")
    with pytest.raises(UsageError, match="added and removed, and no more"):
        plan_rename(opened(folder), "corp.pem", "other.pem")


def test_undone_as_one_change(folder: Path) -> None:
    put(folder, ROOT)
    rehash(folder)
    before = tree(folder)
    applied = put(folder, OTHER, THIRD)
    assert applied.id is not None
    after = tree(folder)
    undone = apply(journal.undo(journal.named(applied.id)))
    assert tree(folder) == before
    assert undone.id is not None
    apply(journal.undo(journal.named(undone.id)))
    assert tree(folder) == after
    assert all(stat.S_IMODE((folder / n).stat().st_mode) & 0o4 for n in after)


def test_when_one_file_fails_those_before_go_back(folder: Path) -> None:
    put(folder, ROOT)
    before = tree(folder)
    plan = importing(folder, OTHER, THIRD)
    (folder / f"folder-root-c-{THIRD.sha256[:8]}.pem").write_text("made meanwhile")
    with pytest.raises(WriteRefused, match="expected no file, found one"):
        apply(plan)
    (folder / f"folder-root-c-{THIRD.sha256[:8]}.pem").unlink()
    assert tree(folder) == before


def _prepared(folder: Path) -> Callable[[], None]:
    put(folder, ROOT)
    rehash(folder)
    original = tree(folder)

    def prepare() -> None:
        for name in os.listdir(folder):
            (folder / name).unlink()
        for name, content in original.items():
            if isinstance(content, str):
                (folder / name).symlink_to(content)
            else:
                (folder / name).write_bytes(content)

    return prepare


def test_killed_anywhere_the_next_import_completes_it(folder: Path) -> None:
    prepare = _prepared(folder)

    def action() -> None:
        put(folder, OTHER, THIRD)

    for moment in kill.moments(action, only_changes=True):
        prepare()
        kill.killed_at(action, moment.call, moment.how)
        assert trusts(folder, ROOT), moment
        put(folder, OTHER, THIRD)
        assert trusts(folder, OTHER), moment
        assert trusts(folder, THIRD), moment
        # A second name of a file may be left; it is no certificate to anybody.
        files = [n for n in os.listdir(folder) if not (folder / n).is_symlink() and n[0] != "."]
        assert len(files) == 3, moment
        found = opened(folder).store
        assert found is not None
        assert all(not entry.alias.startswith(".") for entry in found.entries)
        apply(plan_delete(opened(folder), ["*"]))
        assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("path", "name", "pattern"),
    [
        ("/usr/local/share/ca-certificates", "ca-certificates", "*.crt"),
        ("/usr/local/share/ca-certificates/corp", "ca-certificates", "*.crt"),
        ("/etc/pki/ca-trust/source/anchors", "update-ca-trust", ""),
        ("/etc/ca-certificates/trust-source/anchors", "update-ca-trust", ""),
        ("/etc/pki/trust/anchors", "update-ca-certificates", ""),
    ],
)
def test_who_is_to_run_next(tmp_path: Path, path: str, name: str, pattern: str) -> None:
    (tmp_path / path[1:]).mkdir(parents=True)
    manager = fed_by(str(tmp_path / path[1:]), str(tmp_path))
    assert manager is not None
    assert name in manager.command or name in manager.name
    assert manager.pattern == pattern
    assert fed_by(str(tmp_path), str(tmp_path)) is None


def test_what_to_run_next_is_said_and_the_suffix_is_as_demanded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from storekeeper.host import managers

    manager = fed_by("/usr/local/share/ca-certificates")
    monkeypatch.setattr(managers, "fed_by", lambda _path: manager)
    (folder.parent / "root.pem").write_bytes(pki.pem("CERTIFICATE", ROOT.der))
    assert main(["import", str(folder), str(folder.parent / "root.pem"), "--alias", "corp"]) == 0
    assert os.listdir(folder) == ["corp.crt"]
    assert "hint: run update-ca-certificates\n" in capsys.readouterr().err
    assert main(["import", str(folder), str(folder.parent / "root.pem")]) == 0
    assert "run update" not in capsys.readouterr().err


def test_a_directory_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "root.pem").write_bytes(pki.pem("CERTIFICATE", ROOT.der))
    assert main(["import", f"{tmp_path}/nowhere/", str(tmp_path / "root.pem")]) == 2
    assert f"hint: make it first: mkdir -p {tmp_path}/nowhere/" in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["root.pem"]


def test_names_are_counted_before_their_suffix(folder: Path) -> None:
    (folder / "CA.pem").write_text("x")
    found = opened(folder).store
    assert found is not None
    names = FileNames(found)
    assert [names.free("ca.pem") for _ in range(3)] == ["ca-1.pem", "ca-2.pem", "ca-3.pem"]
