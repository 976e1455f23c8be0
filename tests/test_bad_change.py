"""Bad input, for every command that changes a store: what is said, and an untouched store.

The messages of single commands, as a person reads them, are in scripts/bad_change.txt.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storekeeper import cli
from storekeeper.change import journal
from storekeeper.model import Entry, SecretKey
from tests import changing, machine, mended, pki
from tests.changing import CORP
from tests.commands import Commands, Said
from tests.mended import COMMANDS, IN_PLACE, everything, verbatim, words

FORMATS = ["JKS", "PKCS12", pytest.param("JCEKS", marks=pytest.mark.slow)]
# Those that write nothing of another format, so that a stranger stays where it is.
KEEPING = tuple(name for name in IN_PLACE if name != "convert")


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name, value in mended.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Commands(tmp_path, capsys, monkeypatch)


def untouched(run: Commands, line: list[str], status: int) -> Said:
    """Run, expect to be refused with a message and a hint, and that nothing was done."""
    before, known = everything(run.folder), journal.records()
    said = run(*line, status=status)
    assert everything(run.folder) == before
    assert journal.records() == known
    assert said.out == ""
    lines = [one for one in said.err.splitlines() if not one.startswith("storekeeper: note: ")]
    assert lines[-2].startswith("storekeeper: error: ")
    assert lines[-1].startswith("hint: ")
    for one in lines[-2:]:
        text = one.split(": ", 2)[-1]
        assert not text.endswith("."), one
    return said


# -- a store that does not open --------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", IN_PLACE)
def test_wrong_password(name: str, format: str, run: Commands) -> None:
    mended.furnish(run.folder, format)
    said = untouched(run, [*words(name, format), "--storepass", "env:WRONG"], 3)
    assert "wrong password, or the file was changed" in said.err
    assert "the password came from environment variable WRONG" in said.err
    assert mended.ENVIRONMENT["WRONG"] not in said.err
    for advice in ("recreate", "delete the", "remove the", "new store"):
        assert advice not in said.err


@pytest.mark.parametrize("name", IN_PLACE)
def test_no_password(name: str, run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STOREKEEPER_STOREPASS")
    mended.furnish(run.folder, "JKS")
    said = untouched(run, words(name, "JKS"), 3)
    assert "the store's password is needed to write it again" in said.err


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", IN_PLACE)
def test_a_store_that_is_cut_off(name: str, format: str, run: Commands) -> None:
    path = mended.furnish(run.folder, format)
    whole = path.read_bytes()
    for size in (0, 1, 20, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        said = untouched(run, words(name, format), 4)
        assert path.name in said.err


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", IN_PLACE)
def test_a_store_with_a_changed_byte(name: str, format: str, run: Commands) -> None:
    path = mended.furnish(run.folder, format)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    said = untouched(run, words(name, format), 3)
    assert "or the file was changed" in said.err


@pytest.mark.parametrize("name", IN_PLACE)
def test_something_else_of_that_name(name: str, run: Commands) -> None:
    path = mended.furnish(run.folder, "JKS")
    path.write_bytes(b"<!DOCTYPE html><html><title>Log in</title></html>\n")
    assert "a web page (HTML)" in untouched(run, words(name, "JKS"), 4).err
    path.unlink()
    path.mkdir()
    if name not in ("import", "delete"):  # which take directories
        assert "is a directory" in run(*words(name, "JKS"), status=2).err


# -- what nobody understands stays -----------------------------------------------------------------


@pytest.mark.parametrize("format", [*FORMATS, "PEM"])
@pytest.mark.parametrize("name", KEEPING)
def test_strangers_stay_verbatim(name: str, format: str, run: Commands) -> None:
    if format == "PEM" and name == "passwd":
        pytest.skip("a bundle has no password")
    path = mended.furnish(run.folder, format, *mended.strangers(format))
    before = verbatim(changing.read(path))
    text = path.read_bytes()
    assert before
    run(*words(name, format))
    assert path.read_bytes() != text
    password = mended.ENVIRONMENT["NEW"] if name == "passwd" else changing.PASS
    store = changing.read(path, password)
    assert sorted(verbatim(store)) == sorted(before)
    if format == "PEM":
        # With the text as it stood.
        for block in (b"CERTIFICATE REQUEST", b"X509 CRL"):
            assert _armoured(path.read_bytes(), block) == _armoured(text, block)


def _armoured(text: bytes, label: bytes) -> bytes:
    return text.partition(b"-----BEGIN " + label)[2].partition(b"-----END")[0]


@pytest.mark.parametrize("format", ["PKCS12", pytest.param("JCEKS", marks=pytest.mark.slow)])
def test_strangers_are_not_dropped_by_another_format(format: str, run: Commands) -> None:
    mended.furnish(run.folder, format, *mended.strangers(format))
    for name in ("convert", "convert-new"):
        said = untouched(run, words(name, format), 6)
        assert "--skip-unsupported" in said.err


# -- places that can't be written ------------------------------------------------------------------


def refused_there(
    folder: Path, name: str, says: str, prepare: Callable[[], None] | None = None
) -> Callable[[], None]:
    """An action for a child: the command is refused, and everything is as it was."""

    def action() -> None:
        if prepare is not None:
            prepare()
        os.chdir(folder)
        before = _lasting(folder)
        status, said = _captured(words(name, "JKS"))
        assert status == 6, (status, said)
        assert says in said, said
        assert "\nhint: " in said, said
        assert _lasting(folder) == before

    return action


def _lasting(folder: Path) -> dict[str, tuple[object, ...]]:
    """All there is; but a file that came and went is no change of its directory."""
    return {
        path: (*facts[:3], facts[-1]) if (folder / path).is_dir() else facts
        for path, facts in everything(folder).items()
    }


def _captured(line: list[str]) -> tuple[int, str]:
    """Its exit status and what it says on standard error, in a child without pytest's capture."""
    from io import StringIO

    sys.stdout, sys.stderr = StringIO(), StringIO()
    status = cli.main(line)
    said = sys.stderr.getvalue()
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    return status, said


def furnished(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    path = mended.furnish(folder, "JKS")
    if name == "undo":
        mended.something_to_undo(path)


@pytest.mark.parametrize("name", COMMANDS)
def test_read_only_media(name: str, run: Commands, tmp_path: Path) -> None:
    if not machine.may_mount():
        pytest.skip("mounts are not permitted here")
    folder = tmp_path / "media"
    furnished(folder, name)

    def prepare() -> None:
        machine.bind(folder, folder, read_only=True)

    machine.with_mounts(refused_there(folder, name, "its file system is read-only", prepare))


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"delete-directory"}))  # needs no space
def test_out_of_space(name: str, run: Commands, tmp_path: Path) -> None:
    if not machine.may_mount():
        pytest.skip("mounts are not permitted here")
    folder = tmp_path / "disk"
    folder.mkdir()

    def prepare() -> None:
        machine.tmpfs(folder, 256 * 1024)
        furnished(folder, name)
        with open(folder / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(1024))
            except OSError as problem:
                if problem.errno != errno.ENOSPC:
                    raise

    machine.with_mounts(refused_there(folder, name, "no space left on its file system", prepare))


@machine.needs_root
@pytest.mark.parametrize("name", COMMANDS)
def test_no_permission(
    name: str, open_path: Path, monkeypatch: pytest.MonkeyPatch, run: Commands
) -> None:
    """Somebody who may read all of it and change nothing."""
    folder = open_path / "etc"
    monkeypatch.setenv("XDG_STATE_HOME", str(open_path / "state"))
    furnished(folder, name)
    for place, folders, names in os.walk(open_path):
        for one in (".", *folders, *names):
            os.chmod(os.path.join(place, one), 0o755)
    action = refused_there(folder, name, "permission")
    action_imports()
    machine.as_user(action)


def action_imports() -> None:
    """Whatever commands import: another user may not read where this is."""
    for name in cli.COMMANDS:
        cli.options_of(name)


open_path = machine.open_path


# -- aliases that would be lost --------------------------------------------------------------------

ALIASED = [
    ["import", "STORE", "new.pem", "--alias", "ALIAS"],
    ["rename", "STORE", "corp-other", "ALIAS"],
    ["copy", "extra.jks", "STORE", "--alias", "extra", "--as", "ALIAS"],
    ["genkey", "STORE", "--keyalg", "EC", "--dname", "x", "--alias", "ALIAS"],
    ["import-key", "STORE", "own.key", "own.pem", "--alias", "ALIAS"],
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("line", ALIASED, ids=lambda line: line[0])
@pytest.mark.parametrize("alias", ["", " lead", "trail ", "two\nlines", "\x1b[31mred", "\udcff"])
def test_an_alias_that_would_be_lost(
    alias: str, line: list[str], format: str, run: Commands
) -> None:
    mended.furnish(run.folder, format)
    store = f"store.{mended.SUFFIX[format]}"
    stands = {"STORE": store, "ALIAS": alias}
    said = untouched(run, [stands.get(word, word) for word in line], 6)
    assert "alias" in said.err
    assert "\x1b" not in said.err


@pytest.mark.parametrize("name", ["convert", "convert-new", "copy", "merge"])
def test_an_alias_that_was_there_and_would_be_lost(
    name: str, run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PKCS12 may have anything for a name."""
    mended.furnish(run.folder, "PKCS12")
    odd: list[Entry] = [
        changing.trusted(" tail\n", CORP, None),
        changing.private("server", "PKCS12"),
    ]
    changing.store_file(run.folder / "store.p12", "PKCS12", *odd)
    monkeypatch.setenv("IN", changing.PASS)
    line = {
        "copy": ["copy", "store.p12", "extra.jks", "--sha256", CORP.sha256],
        "merge": ["merge", "store.p12", "extra.jks", "-o", "extra.jks", "--srcstorepass", "env:IN"],
    }.get(name) or words(name, "PKCS12")
    said = untouched(run, line, 6)
    assert "storekeeper rename" in said.err


# -- answers and keys that do not fit --------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_an_answer_for_another_key(format: str, run: Commands) -> None:
    mended.furnish(run.folder, format)
    said = untouched(run, ["reply", f"store.{mended.SUFFIX[format]}", "own.pem"], 6)
    assert "is not for this key: CN=mended.example" in said.err
    assert "storekeeper csr makes a request of this one" in said.err


def test_a_key_of_another_certificate(run: Commands) -> None:
    mended.furnish(run.folder, "JKS")
    said = untouched(run, ["import-key", "store.jks", "own.key", "answer.pem", "--alias", "x"], 6)
    assert "the private key does not belong to the certificate: CN=server.example" in said.err


@pytest.mark.parametrize("name", ["copy", "merge", "convert-new"])
def test_a_key_with_a_password_nobody_said(name: str, run: Commands) -> None:
    path = mended.furnish(run.folder, "JKS")
    changing.store_file(path, "JKS", changing.private("server", "JKS", "its own"))
    line = {
        "copy": ["copy", "store.jks", "extra.p12", "--alias", "server"],
        "merge": ["merge", "store.jks", "-o", "extra.p12"],
    }.get(name) or words(name, "JKS")
    said = untouched(run, line, 3)
    assert "alias 'server'" in said.err
    assert "--keypass" in said.err


def test_strangers_are_strangers() -> None:
    """Else the tests above would prove nothing."""
    for format in ("JKS", "JCEKS", "PKCS12", "PEM"):
        for entry in mended.strangers(format):
            if isinstance(entry, SecretKey):
                with pytest.raises(Exception, match="class"):
                    entry.secret(changing.PASSWORD)
    assert pki.certificate("x") != mended.NEW.der
