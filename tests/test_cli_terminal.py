"""The command at a terminal, and what its streams may be."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.command_line import COMMAND, ENVIRONMENT, FILES, run
from tests.prompting import at_terminal

# --- terminals -------------------------------------------------------------------------


def shown_at(
    *words: str, answer: bytes = b"", columns: int = 80, env: dict[str, str] | None = None
) -> tuple[int, str]:
    """Exit status, and what the terminal shows."""
    environ = ENVIRONMENT | (env or {})
    answers = [answer] if answer else []
    return at_terminal([*COMMAND, *words], FILES, environ, answers, columns=columns)


@pytest.fixture
def own_password(tmp_path: Path) -> str:
    """A store with the password s3cret."""
    path = tmp_path / "own.p12"
    subprocess.run(
        [
            *("openssl", "pkcs12", "-export", "-nokeys", "-in", "root.pem", "-out", str(path)),
            *("-passout", "pass:s3cret"),
        ],
        cwd=FILES,
        check=True,
    )
    return str(path)


def test_a_person_is_asked_for_the_password(own_password: str) -> None:
    status, shown = shown_at("list", own_password, answer=b"s3cret\n", columns=200)
    assert status == 0, shown
    assert f"Password of {own_password}: " in shown
    assert "PKCS12, 1 entry, integrity verified" in shown
    assert "s3cret" not in shown


def test_a_wrong_answer(own_password: str) -> None:
    status, shown = shown_at("list", own_password, answer=b"wrong\n")
    assert status == 3
    assert "came from the prompt" in shown


def test_nobody_is_asked_without_a_terminal(own_password: str) -> None:
    done = run("list", own_password)
    assert done.returncode == 3
    assert b"a password is needed" in done.stderr
    assert b"--storepass" in done.stderr


@pytest.mark.parametrize("columns", [80, 120])
def test_lines_fit_the_terminal(columns: int) -> None:
    for words in (
        ("list", "mozilla"),
        ("list", "trust-keytool17.jks", "hostile.pem"),
        ("diff", "temurin-17", "mozilla"),
    ):
        _, shown = shown_at(*words, columns=columns)
        rows = [line for line in shown.splitlines() if re.search(r"[0-9A-F]{2}\.\.( |$)", line)]
        assert len(rows) > 2
        assert max(map(len, rows)) <= columns, shown
        if "mozilla" in words:
            assert max(map(len, rows)) == columns, "room is left"
            assert all(".." in row for row in rows)
        assert "Traceback" not in shown


def test_colour_is_for_terminals_that_want_it() -> None:
    _, shown = shown_at("list", "nosuch")
    assert "\x1b[31merror\x1b[0m" in shown
    _, shown = shown_at("list", "nosuch", env={"NO_COLOR": "1"})
    assert "\x1b" not in shown
    assert b"\x1b" not in run("list", "nosuch").stderr


# --- streams ---------------------------------------------------------------------------


def test_a_reader_that_leaves_early() -> None:
    for output in ((), ("--json",), ("--csv",), ("--rfc",)):
        command = " ".join([*map(str, COMMAND), "list", "certifi", *output])
        done = subprocess.run(
            ["bash", "-c", f"{command} | head -1 > /dev/null; exit ${{PIPESTATUS[0]}}"],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_closed_and_full_outputs() -> None:
    for redirect, status, said in (
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        ("> /dev/full", 6, "no space left on device"),
    ):
        done = subprocess.run(
            ["sh", "-c", f'"$@" {redirect}', "sh", *COMMAND, "list", "certifi"],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_any_encoding_of_the_terminal(encoding: str) -> None:
    """NetLock's root has letters that are neither ASCII nor Latin-1."""
    env = {"PYTHONIOENCODING": encoding}
    words = ("list", "certifi", "--subject", "NetLock")
    done = run(*words, env=env)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode(encoding)
    assert ("Főtanúsítvány" in shown) == (encoding == "utf-8")
    (store,) = json.loads(run(*words, "--json", env=env).stdout.decode(encoding))["stores"]
    assert "Főtanúsítvány" in store["entries"][0]["subject"]
    text = run(*words, "--csv", env=env).stdout.decode(encoding)
    assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_a_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.pem"
    with open(name, "wb") as file:
        file.write((FILES / "root.pem").read_bytes())
    for output in ((), ("--json",), ("--csv",)):
        done = subprocess.run(
            [*COMMAND, "list", name, *output], env=ENVIRONMENT, capture_output=True
        )
        assert (done.returncode, done.stderr) == (0, b"")
        if output == ("--json",):
            (store,) = json.loads(done.stdout)["stores"]
            assert os.fsencode(store["path"]) == name
        elif output:
            assert "caf" in list(csv.reader(io.StringIO(done.stdout.decode())))[1][0]
