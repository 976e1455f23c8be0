"""Carrying profiles out: idempotent, drift found and mended, the states."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.journal import records as changes_made
from storekeeper.errors import StorekeeperError, WriteRefused
from storekeeper.model import PrivateKey, TrustedCert
from storekeeper.profile.applying import apply_profile
from storekeeper.profile.context import Context
from tests import changing
from tests.profiles import MORE, ROOT, Folder, certificates, pem

TYPES = ["trust.jks", "trust.jceks", "trust.p12", "trust.pem"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PW", "changeit")
    return Folder(tmp_path)


# -- idempotent, drift --------------------------------------------------------------------


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("state", ["present", "exact"])
def test_a_second_time_nothing_is_touched(folder: Folder, name: str, state: str) -> None:
    folder.target(name, f"  state: {state}\n  mode: '0640'\n")
    (done,) = folder.apply()
    assert done.changed
    assert stat.S_IMODE((folder.path / name).stat().st_mode) == 0o640
    before, noted = folder.seen(name), changes_made()
    (plan,) = folder.plan()
    assert plan.unchanged
    (done,) = folder.apply()
    assert not done.changed
    assert folder.seen(name) == before
    assert changes_made() == noted


def test_drift_is_found_and_mended(folder: Folder) -> None:
    folder.target()
    folder.apply()
    path = folder.path / "trust.jks"
    good = path.read_bytes()
    changing.store_file(path, "JKS", *formats.read(good, "changeit").entries[:1])
    (plan,) = folder.plan()
    assert [step.state for step in plan.plan.steps] == ["unchanged", "added"] or [
        step.state for step in plan.plan.steps
    ] == ["added", "unchanged"]
    folder.apply()
    assert set(certificates(path)) == {ROOT, MORE}


def test_attributes_alone_are_drift(folder: Folder) -> None:
    folder.target(more="  mode: '0600'\n")
    folder.apply()
    path = folder.path / "trust.jks"
    path.chmod(0o666)
    before = path.read_bytes()
    (plan,) = folder.plan()
    assert plan.plan.unchanged
    assert [(one.what, one.old, one.new) for one in plan.attributes] == [("mode", "0666", "0600")]
    (done,) = folder.apply()
    assert done.changed
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_directory_is_not_shut(folder: Folder) -> None:
    (folder.path / "anchors").mkdir(mode=0o755)
    folder.target("anchors", "  mode: '0640'\n", sources="file: root.pem")
    with pytest.raises(StorekeeperError, match="could not be entered"):
        folder.apply()
    folder.target("anchors", "  mode: '0750'\n", sources="file: root.pem")
    assert folder.apply()[0].changed
    assert stat.S_IMODE((folder.path / "anchors").stat().st_mode) == 0o750
    assert folder.plan()[0].unchanged


def test_descriptors_give_a_line_to_each_target(folder: Folder) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"first one\nsecond one\n")
    os.close(writing)
    folder.profile(
        "targets:\n"
        f"- {{path: a.jks, password: 'fd:{reading}', sources: [{{file: root.pem}}]}}\n"
        f"- {{path: b.jks, password: 'fd:{reading}', sources: [{{file: root.pem}}]}}\n"
    )
    context = Context()
    folder.apply(context)
    os.close(reading)
    assert certificates(folder.path / "a.jks", "first one") == [ROOT]
    assert certificates(folder.path / "b.jks", "second one") == [ROOT]


def test_unknown_users_are_told_before_anything_is_written(folder: Folder) -> None:
    folder.target(more="  owner: nobody-at-all\n")
    with pytest.raises(StorekeeperError, match="there is no user 'nobody-at-all'") as caught:
        folder.apply()
    assert str(folder.path / "p.yaml:3:3") in str(caught.value)
    assert not (folder.path / "trust.jks").exists()


# -- states -------------------------------------------------------------------------------


def test_absent_takes_out_what_the_sources_name(folder: Folder) -> None:
    folder.target()
    folder.apply()
    folder.target(more="  state: absent\n", sources="file: more.pem")
    folder.apply()
    assert certificates(folder.path / "trust.jks") == [ROOT]
    (plan,) = folder.plan()
    assert plan.unchanged
    (folder.path / "trust.jks").unlink()
    (plan,) = folder.plan()
    assert plan.unchanged


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12"])
def test_exact_never_removes_a_key(folder: Folder, format: str) -> None:
    path = changing.store_file(folder.path / "trust.jks", format)
    before = changing.read(path)
    folder.target(more="  state: exact\n")
    (plan,) = folder.plan()
    folder.apply()
    after = changing.read(path)
    keys = [entry for entry in before.entries if isinstance(entry, PrivateKey)]
    assert [entry for entry in after.entries if isinstance(entry, PrivateKey)] == keys
    assert {e.certificate for e in after.entries if isinstance(e, TrustedCert)} == {ROOT, MORE}
    assert sorted(step.state for step in plan.plan.steps) == ["added"] * 2 + ["removed"] * 2
    assert folder.plan()[0].unchanged


def test_exact_leaves_what_is_no_trust_of_a_store_with_keys(folder: Folder) -> None:
    """A certificate that Java does not list is a link of some chain there."""
    key = changing.private("server", "PKCS12", born=None)
    link = TrustedCert("link", changing.OTHER, attributes=())
    listed = changing.trusted("listed", changing.CORP, None)
    for keyed, left in ((True, {ROOT, MORE, changing.OTHER}), (False, {ROOT, MORE})):
        entries = (*((key,) if keyed else ()), link, listed)
        path = changing.store_file(folder.path / "trust.p12", "PKCS12", *entries)
        folder.target("trust.p12", "  state: exact\n")
        folder.apply()
        assert set(certificates(path)) == left
        assert folder.plan()[0].unchanged


def test_exact_frees_the_alias_of_what_goes(folder: Folder) -> None:
    path = folder.path / "trust.jks"
    changing.store_file(path, "JKS", changing.trusted("ca", changing.OTHER))
    folder.target(more="  state: exact\n  alias: ca\n", sources="file: root.pem")
    folder.apply()
    (entry,) = changing.read(path).entries
    assert (entry.alias, entry.certificate) == ("ca", ROOT)  # type: ignore[union-attr]


def test_exact_does_not_empty_a_store(folder: Folder) -> None:
    """Filters that leave nothing are a mistake, and trusting nothing is no way to find it."""
    path = changing.store_file(folder.path / "trust.jks", "JKS")
    before = path.read_bytes()
    nothing = "00" * 32
    folder.target(more=f"  state: exact\n  filters: {{sha256: '{nothing}'}}\n")
    with pytest.raises(WriteRefused, match="nothing is left to trust"):
        folder.apply()
    assert path.read_bytes() == before


def test_a_directory_converges(folder: Folder) -> None:
    target = folder.path / "anchors"
    target.mkdir()
    (target / "other.crt").write_bytes(pem(changing.OTHER))
    folder.target("anchors", "  state: exact\n  alias: '{cn}'\n")
    folder.profile(
        folder.path.joinpath("p.yaml").read_text()[15:].replace("  password: env:PW\n", "")
    )
    folder.apply()
    assert sorted(os.listdir(target)) == ["profile-more.crt", "profile-root.crt"]
    assert folder.plan()[0].unchanged


def test_backups_are_the_command_s_then_the_profile_s_then_the_usual(folder: Folder) -> None:
    for said, usual, kept in ((None, 3, 1), (0, 3, 0), (2, 0, 1)):
        folder.target(more="  backups: 1\n", sources="file: root.pem")
        folder.apply()
        folder.target(more="  backups: 1\n")
        list(apply_profile(folder.plan(), backups=said, usual_backups=usual))
        assert len([name for name in os.listdir(folder.path) if ".jks." in name]) == kept
        for name in os.listdir(folder.path):
            if ".jks" in name:
                (folder.path / name).unlink()


@pytest.mark.parametrize("state", ["present", "exact"])
def test_another_encryption_is_drift_once(folder: Folder, state: str) -> None:
    """Keys of the file go along, and stay the same keys."""
    path = changing.store_file(folder.path / "trust.p12", "PKCS12")
    for compat in ("java8", "modern"):
        folder.target("trust.p12", f"  compat: {compat}\n  state: {state}\n")
        folder.apply()
        (key,) = (e for e in changing.read(path).entries if isinstance(e, PrivateKey))
        assert key.pkcs8("changeit") == changing.KEY
        assert folder.plan()[0].unchanged


def test_two_targets_in_one_file(folder: Folder) -> None:
    """Each is planned alone; the second again when the first has changed the file."""
    folder.profile(
        "targets:\n"
        "- {name: a, path: t.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        "- {name: b, path: t.jks, password: env:PW, sources: [{file: more.pem}]}\n"
    )
    assert [done.changed for done in folder.apply()] == [True, True]
    assert certificates(folder.path / "t.jks") == [ROOT, MORE]
    assert [done.changed for done in folder.apply()] == [False, False]


def test_a_target_another_one_changed_is_planned_again(folder: Folder) -> None:
    """As it stands b is as wished; after a it no longer is."""
    changing.store_file(folder.path / "t.jks", "JKS", changing.trusted("m", MORE))
    folder.profile(
        "targets:\n"
        "- {name: a, path: t.jks, password: env:PW, state: exact, sources: [{file: root.pem}]}\n"
        "- {name: b, path: t.jks, password: env:PW, sources: [{file: more.pem}]}\n"
    )
    assert [plan.unchanged for plan in folder.plan()] == [False, True]
    assert [done.changed for done in folder.apply()] == [True, True]
    assert certificates(folder.path / "t.jks") == [ROOT, MORE]
