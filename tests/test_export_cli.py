"""``storekeeper export`` where a script can't reach: at a terminal."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

from tests import pki
from tests.console import FILES, TOP


def at_terminal(*words: str, answers: list[bytes], env: dict[str, str]) -> tuple[int, str]:
    """Exit status and what the terminal shows; each prompt gets the next answer."""
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover
        os.chdir(FILES)
        command = [sys.executable, "-m", "storekeeper", "export", *words]
        os.execve(sys.executable, command, {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), **env})
    shown, asked = b"", 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
        if shown.endswith(b": ") and shown.count(b": ", asked) and answers:
            asked = len(shown)
            os.write(terminal, answers.pop(0) + b"\n")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n")


def test_a_new_password_is_asked_for_twice(tmp_path: Path) -> None:
    file = tmp_path / "k.pem"
    words = ("identity-openssl3.p12", "--storepass", "env:IN", "--key", "-o", str(file))
    env = {"IN": "changeit"}
    status, shown = at_terminal(*words, answers=[b"one", b"other"], env=env)
    assert status == 2, shown
    assert "not the same" in shown
    assert not file.exists()
    status, shown = at_terminal(*words, answers=[b"s3cret", b"s3cret"], env=env)
    assert status == 0, shown
    assert "s3cret" not in shown
    assert pki.openssl("pkcs8", "-in", str(file), "-passin", "pass:s3cret")


def test_the_password_of_a_key_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "k.pem"
    words = ("identity-openssl3.p12", "--key", "--dest-storepass", "env:OUT", "-o", str(file))
    status, shown = at_terminal(*words, answers=[b"changeit"], env={"OUT": "s3cret"})
    assert status == 0, shown
    assert "assword of the key 'server'" in shown
    assert pki.openssl("pkcs8", "-in", str(file), "-passin", "pass:s3cret")


def test_a_key_in_clear_reaches_a_terminal_only_when_said() -> None:
    words = ("identity-openssl3.p12", "--storepass", "env:IN", "--key")
    env = {"IN": "changeit"}
    status, shown = at_terminal(*words, answers=[b"s3cret", b"s3cret"], env=env)
    assert status == 0, shown
    assert "BEGIN ENCRYPTED PRIVATE KEY" in shown
    status, shown = at_terminal(*words, "--no-encryption", answers=[], env=env)
    assert status == 0, shown
    assert "BEGIN PRIVATE KEY" in shown


def test_binary_is_not_for_a_terminal() -> None:
    status, shown = at_terminal("root.pem", "--format", "der", answers=[], env={})
    assert status == 2
    assert "DER is binary" in shown
