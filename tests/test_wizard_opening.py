"""Stores the wizard opens: by which path they are named, and with whose password."""

from __future__ import annotations

import pytest

from storekeeper import formats
from storekeeper.model import Password, Store
from storekeeper.wizard.opening import unreadable
from tests import servers
from tests.commands import Commands
from tests.wizard_cases import OWN, PIN, commands_of, run, served

__all__ = ["run"]  # a fixture


@pytest.fixture
def shut(run: Commands, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The folder is home, and has a keystore with a password of its own."""
    monkeypatch.setenv("HOME", str(run.folder))
    entries = formats.read((run.folder / "trust.jks").read_bytes(), Password("changeit")).entries
    shut = formats.write(Store("PKCS12", entries), Password("of the store"))
    (run.folder / "shut.p12").write_bytes(shut)
    return run


def test_a_tilde_is_home_in_every_answer(shut: Commands) -> None:
    with servers.python_ssl(served(OWN)) as running:
        words = ("--what", "certificate", "--host", f"localhost:{running.port}", "--pin", PIN)
        more = ("--store", "~/new.p12", "--storepass", "env:PW", "--profile", "~/p.yaml", "--yes")
        said = shut("wizard", *words, *more).out
    assert (shut.folder / "new.p12").exists()
    assert f"path: {shut.folder}/new.p12" in (shut.folder / "p.yaml").read_text()
    ((_, *command),) = commands_of(said)
    assert command[:2] == ["import", f"{shut.folder}/new.p12"]
    assert not (shut.folder / "~").exists()
    words = ("--what", "compare", "--store", "~/trust.jks", "--list", "another")
    said = shut("wizard", *words, "--list-file", "~/trust.jks").out
    assert "2 common" in said


def test_a_list_that_is_a_store_with_a_password(shut: Commands) -> None:
    asked = ("--what", "compare", "--store", "trust.jks", "--list", "another")
    words = ("wizard", *asked, "--list-file", "shut.p12")
    assert "2 common" in shut(*words, "--srcstorepass", "env:PW").out
    said = shut(*words, status=3).err
    assert "shut.p12: a password is needed" in said
    assert "hint: say where it is: --srcstorepass env:NAME" in said


def test_a_store_with_a_password_is_audited(shut: Commands) -> None:
    words = ("wizard", "--what", "audit", "--store", "shut.p12")
    said = shut(*words, "--storepass", "env:PW", status=1).out
    assert "shut.p12: PKCS12, 2 entries" in said
    assert "storekeeper audit shut.p12 --storepass prompt" in said
    said = shut(*words, status=3).err
    assert "shut.p12: a password is needed" in said
    assert "hint: say where it is: --storepass env:NAME" in said


def test_what_can_be_read(shut: Commands) -> None:
    (shut.folder / "page.pem").write_text("<html>")
    assert unreadable("~/trust.jks") == ""
    assert unreadable(str(shut.folder / "shut.p12")) == ""
    assert unreadable("mozilla") == ""
    assert unreadable(" ") == "an answer is needed"
    assert "no such file" in unreadable("~/nothing.pem")
    assert "web page" in unreadable("~/page.pem")
