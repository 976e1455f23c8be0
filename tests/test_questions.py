"""Nobody waits for somebody else's password: questions are asked outside the lock."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.cli.questions import Answers, Unanswered
from storekeeper.formats import jks
from storekeeper.model import Password
from tests import pki
from tests.commands import PASSWORD

TOP = Path(__file__).parent.parent
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "PYTHONPATH": str(TOP),
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "COLUMNS": "200",
    "PASS": PASSWORD,
    "OTHER": "of the key",
}


class Terminal:
    """A command with a person in front of it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.shown = ""
        self._read = 0
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:  # pragma: no cover
            os.chdir(folder)
            environment = {**ENVIRONMENT, "HOME": str(folder)}
            os.execve(sys.executable, [sys.executable, "-m", "storekeeper", *words], environment)

    def reads(self, pattern: str) -> None:
        """Wait until the terminal shows it, after what was read before."""
        deadline = time.monotonic() + 60
        while not (found := re.compile(pattern).search(self.shown, self._read)):
            assert time.monotonic() < deadline, self.shown
            assert self._more(), self.shown
        self._read = found.end()

    def types(self, line: str) -> None:
        """Answer with a line."""
        os.write(self._terminal, line.encode() + b"\n")

    def ends(self) -> int:
        """The exit status."""
        while self._more():
            pass
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _more(self) -> bool:
        if not select.select([self._terminal], [], [], 60)[0]:
            return False
        try:
            piece = os.read(self._terminal, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += piece.decode()
        return bool(piece)


def storekeeper(folder: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "storekeeper", *words],
        cwd=folder,
        env={**ENVIRONMENT, "HOME": str(folder)},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


CA = ("--alias", "ca", "--dname", "Lab CA", "--keyalg", "EC", "--ext", "bc:c=ca:true")
NEW = [r"New password of made\.\w+: ", r"Password of made\.\w+ again: "]
COMMANDS = {
    "import": (["import", "made.p12", "one.pem"], NEW),
    "import-prompt": (["import", "made.jks", "one.pem", "--storepass", "prompt"], NEW),
    "copy": (["copy", "trust.jks", "made.p12", "--alias", "one"], NEW),
    "merge": (["merge", "trust.jks", "trust.jks", "-o", "made.p12"], NEW),
    "convert": (["convert", "one.pem", "made.p12"], NEW),
    "delete": (["delete", "ca.jks", "one", "--missing-ok"], [r"Password of ca\.jks: "]),
    "genkey-signer": (
        [
            *("genkey", "ca.jks", "--alias", "made", "--dname", "h", "--keyalg", "EC"),
            *("--signer", "ca", "--storepass", "env:PASS"),
        ],
        [r"Password of the key 'ca': "],
    ),
    "keytool-genkeypair": (
        [
            *("keytool", "-genkeypair", "-keyalg", "EC", "-dname", "CN=h", "-alias", "made"),
            *("-keystore", "ca.jks", "-storepass:env", "PASS"),
        ],
        [r"<made>[^:]*: ", r"new password: "],
    ),
    "keytool-importpass": (
        ["keytool", "-importpass", "-keystore", "made.jks", "-storetype", "JCEKS"],
        [
            r"keystore password: ",
            r"new password: ",
            r"be stored: ",
            r"password: ",
            r"<mykey>[^:]*: ",
            r"new password: ",
        ],
    ),
    "keytool-importkeystore": (
        [
            *("keytool", "-importkeystore", "-srckeystore", "ca.jks", "-srcstorepass:env", "PASS"),
            *("-destkeystore", "made.p12", "-deststorepass:env", "PASS"),
        ],
        [r"key password for <ca>\s*"],
    ),
}
# What is typed where it is no password for something new.
TYPED = {"delete": PASSWORD, "genkey-signer": "of the key", "keytool-importkeystore": "of the key"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_second_storekeeper_is_not_blocked_by_a_question(name: str, tmp_path: Path) -> None:
    """Both change files of one directory, which is what is locked; the first is mid-question."""
    words, questions = COMMANDS[name]
    for subject in ("one", "two"):
        (tmp_path / f"{subject}.pem").write_bytes(
            pki.pem("CERTIFICATE", pki.certificate(f"Example {subject}"))
        )
    given = ("--storepass", "env:PASS")
    storekeeper(tmp_path, "import", "trust.jks", "one.pem", "--alias", "one", *given)
    storekeeper(tmp_path, "genkey", "ca.jks", *CA, *given, "--keypass", "env:OTHER")
    first = Terminal(tmp_path, *words)
    for number, question in enumerate(questions):
        first.reads(question)
        quick = ("--lock-timeout", "0", *given)
        storekeeper(tmp_path, "import", "trust.jks", "two.pem", "--alias", f"two-{number}", *quick)
        storekeeper(tmp_path, "delete", "trust.jks", f"two-{number}", *quick)
        first.types(TYPED.get(name, "typed in the end"))
    assert first.ends() == 0, first.shown
    assert "typed in" not in first.shown
    if name in ("delete", "genkey-signer", "keytool-genkeypair"):
        found = jks.read((tmp_path / "ca.jks").read_bytes(), Password(PASSWORD))
    else:
        password = PASSWORD if name in TYPED else "typed in the end"
        (made,) = tmp_path.glob("made.???")
        found = formats.read(made.read_bytes(), Password(password))
    assert len(found.entries) == (2 if "gen" in name else 1)


def test_what_was_answered_is_not_asked_again() -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("asked")
        return "an answer"

    answers = Answers()
    with pytest.raises(Unanswered) as question:
        answers.to("one", ask)
    assert asked == []
    question.value.settle()
    assert answers.to("one", ask) == "an answer"
    assert asked == ["asked"]
    with pytest.raises(Unanswered):
        answers.to("two", ask)
