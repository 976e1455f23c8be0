"""What is promised of every command that changes a store, proven for each of them.

Looking leaves everything as it is; what was shown is what is done; a second time does nothing;
undo gives the bytes back.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storekeeper import cli
from storekeeper.change import journal
from tests import mended
from tests.commands import Commands, Said
from tests.mended import COMMANDS, everything, words

# Every command in one format, and those that write the store in each of them.
CASES = [
    *((name, "JKS") for name in COMMANDS),
    *((name, "PKCS12") for name in mended.IN_PLACE),
    *((name, "PEM") for name in mended.IN_PLACE if name != "passwd"),  # it has none
    *(pytest.param(name, "JCEKS", marks=pytest.mark.slow) for name in mended.IN_PLACE),
]


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name, value in mended.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Certificates have seconds in their dates.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    return Commands(tmp_path, capsys, monkeypatch)


def prepared(run: Commands, name: str, format: str) -> list[str]:
    path = mended.furnish(run.folder, format)
    if name == "undo":
        mended.something_to_undo(path)
    return words(name, format)


def told(run: Commands, *more: str, status: int = 0) -> Any:
    return json.loads(run(*more, "--json", status=status).out)


def test_no_command_is_forgotten() -> None:
    """Whatever has ``--backups`` changes stores.

    ``apply`` does by a profile, ``wizard`` by answers: test_profile_apply, test_wizard_plans.
    """
    changing = {
        name for name in cli.COMMANDS if "--backups" in cli.options_of(name)._option_string_actions
    }
    assert changing - {"apply", "wizard"} == {text.split()[0] for text in COMMANDS.values()}


@pytest.mark.parametrize(("name", "format"), CASES)
def test_shown_then_done_then_done_already(name: str, format: str, run: Commands) -> None:
    line = prepared(run, name, format)
    before, known = everything(run.folder), journal.records()

    shown = run(*line, "--dry-run").out
    assert "nothing written; planned: " in shown
    checked = run(*line, "--check", status=1).out
    assert checked == shown or name == "genkey"
    planned = told(run, *line, "--dry-run")
    assert (planned["changed"], planned["written"]) == (True, False)
    assert planned["changes"]
    assert everything(run.folder) == before
    assert journal.records() == known

    done = told(run, *line)
    assert (done["changed"], done["written"]) == (True, True)
    # Keys are sealed, and made, with new salts every time; what is done is the same.
    for key in ("changes", "steps", "format", "entries", "base_sha256"):
        assert _lasting(name, done[key]) == _lasting(name, planned[key]), key
    record = journal.records()[-1]
    assert len(journal.records()) == len(known) + 1
    assert done["id"] in (record.id, record.batch)

    if name == "undo":
        run(*line, status=1)  # there is no other change to take back
        line = ["undo", record.undoes]
    after = everything(run.folder)
    again = run(*line).out
    assert again.splitlines()[-1].split(": ")[1].startswith("unchanged")
    assert "unchanged" in run(*line, "--check").out
    last = told(run, *line)
    assert (last["changed"], last["written"], last["changes"]) == (False, False, [])
    assert last["base_sha256"] == done["sha256"]
    assert everything(run.folder) == after
    if name != "undo":
        run("undo")
        assert _contents(run.folder) == _contents_of(before)


def _lasting(name: str, value: Any) -> Any:
    """Without the fingerprint of a certificate that is another one every time."""
    if name != "genkey" or not isinstance(value, list):
        return value
    return [{key: item[key] for key in item if key != "sha256"} for item in value]


def _contents(folder: Path) -> dict[str, object]:
    return _contents_of(everything(folder))


def _contents_of(found: dict[str, tuple[object, ...]]) -> dict[str, object]:
    """Of the files, but not the backups and the journal."""
    return {
        path: facts[-1]
        for path, facts in found.items()
        if facts[-1] and not path.endswith(".bak") and not path.startswith("state")
    }


# Commands that write files of their own.
OUTPUTS = {
    "export": "export store.p12 --alias server --chain -o out.pem",
    "export-key": "export store.p12 --alias server --key -o out.pem --dest-storepass env:NEW",
    "export-each": "export store.p12 --each out",
    "export-hashed": "export store.p12 --hashed out",
    "csr": "csr store.p12 --alias server -o out.csr",
    "sign": "sign request.csr --ca ca.p12 -o out.pem",
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_files_shown_then_written_then_unchanged(name: str, run: Commands) -> None:
    mended.furnish(run.folder, "PKCS12")
    if name == "sign":
        dname = ["--dname", "CN=Lab", "--ext", "bc=ca:true", "--keyalg", "EC"]
        run("genkey", "ca.p12", "--alias", "ca", *dname)
        run("csr", "store.p12", "--alias", "server", "-o", "request.csr")
    line = OUTPUTS[name].split()
    before, known = everything(run.folder), journal.records()
    assert "would write out" in _all(run(*line, "--dry-run"))
    assert "would write out" in _all(run(*line, "--check", status=1))
    assert everything(run.folder) == before
    assert "wrote out" in _all(run(*line))
    after = everything(run.folder)
    assert {path: after[path] for path in before if path != "."} == {
        path: before[path] for path in before if path != "."
    }
    # A certificate is another one every time, and an encrypted key has new salts.
    again = 6 if name == "sign" else 0
    assert ("unchanged" in _all(run(*line, status=again))) is (again == 0)
    run(*line, "--check", status=again)
    assert everything(run.folder) == after
    # What leaves a store is no change of one.
    assert journal.records() == known


def _all(said: Said) -> str:
    return said.out + said.err
