"""``storekeeper export`` where a script can't reach: at a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from tests import pki
from tests.console import FILES, TOP
from tests.prompting import ANY_PROMPT, at_terminal


def exported(*words: str, answers: list[bytes], env: dict[str, str]) -> tuple[int, str]:
    """Exit status and what the terminal shows; each prompt gets the next answer."""
    command = [sys.executable, "-m", "storekeeper", "export", *words]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), **env}
    lines = [one + b"\n" for one in answers]
    return at_terminal(command, FILES, environ, lines, prompt=ANY_PROMPT)


def test_a_new_password_is_asked_for_twice(tmp_path: Path) -> None:
    file = tmp_path / "k.pem"
    words = ("identity-openssl3.p12", "--storepass", "env:IN", "--key", "-o", str(file))
    env = {"IN": "changeit"}
    status, shown = exported(*words, answers=[b"one", b"other"], env=env)
    assert status == 2, shown
    assert "not the same" in shown
    assert not file.exists()
    status, shown = exported(*words, answers=[b"s3cret", b"s3cret"], env=env)
    assert status == 0, shown
    assert "s3cret" not in shown
    assert pki.openssl("pkcs8", "-in", str(file), "-passin", "pass:s3cret")


def test_the_password_of_a_key_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "k.pem"
    words = ("identity-openssl3.p12", "--key", "--dest-storepass", "env:OUT", "-o", str(file))
    status, shown = exported(*words, answers=[b"changeit"], env={"OUT": "s3cret"})
    assert status == 0, shown
    assert "assword of the key 'server'" in shown
    assert pki.openssl("pkcs8", "-in", str(file), "-passin", "pass:s3cret")


def test_a_key_in_clear_reaches_a_terminal_only_when_said() -> None:
    words = ("identity-openssl3.p12", "--storepass", "env:IN", "--key")
    env = {"IN": "changeit"}
    status, shown = exported(*words, answers=[b"s3cret", b"s3cret"], env=env)
    assert status == 0, shown
    assert "BEGIN ENCRYPTED PRIVATE KEY" in shown
    status, shown = exported(*words, "--no-encryption", answers=[], env=env)
    assert status == 0, shown
    assert "BEGIN PRIVATE KEY" in shown


def test_binary_is_not_for_a_terminal() -> None:
    status, shown = exported("root.pem", "--format", "der", answers=[], env={})
    assert status == 2
    assert "DER is binary" in shown
