"""The command line, as scripts: what is typed, what is printed, how it ends.

A script is a text file in tests/scripts. It runs in a copy of tests/scripts/files::

    # a comment
    $ storekeeper list root.pem            a command; storekeeper is this checkout's
    root.pem: PEM, 1 entry, ...            its standard output; ... stands for any text
    ! storekeeper: warning: ...            a line of its standard error
    [1]                                    its exit status, when not 0

Commands go through sh, so pipes and variables work. A line ``...`` alone stands for any
number of lines. One block a behaviour, with the reason above it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"


class Step:
    """One command of a script and what it must give."""

    def __init__(self, line: int, command: str) -> None:
        self.line = line
        self.command = command
        self.out: list[str] = []
        self.err: list[str] = []
        self.status = 0


def parse(text: str) -> list[Step]:
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            steps.append(Step(number, line[2:]))
        elif not line.strip() or line.startswith("# "):
            continue
        elif re.fullmatch(r"\[\d+\]", line):
            steps[-1].status = int(line[1:-1])
        elif line.startswith("! "):
            steps[-1].err.append(line[2:])
        else:
            steps[-1].out.append(line.removeprefix("| "))
    return steps


def matches(expected: list[str], found: str) -> bool:
    """Whether the lines fit; blank lines of the output don't count."""
    lines = [line.rstrip() for line in found.splitlines() if line.strip()]
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + "\n"
        for line in (line.rstrip() for line in expected)
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


@pytest.mark.parametrize(
    "script", sorted(SCRIPTS.glob("*.txt")), ids=lambda script: str(script.stem)
)
def test_script(script: Path, tmp_path: Path) -> None:
    work = tmp_path / "files"
    shutil.copytree(SCRIPTS / "files", work)
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "storekeeper"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m storekeeper "$@"\n')
    program.chmod(0o755)
    env = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(SCRIPTS.parent.parent),
        "LC_ALL": "C.UTF-8",
    }
    for name in ("SystemRoot", "COVERAGE_PROCESS_START"):
        if name in os.environ:
            env[name] = os.environ[name]
    steps = parse(script.read_text(encoding="utf-8"))
    assert steps, "a script without a command"
    for step in steps:
        done = subprocess.run(
            ["sh", "-c", step.command],
            cwd=work,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,  # no terminal: nothing can wait for a password
        )
        where = f"{script.name}:{step.line}: {step.command}"
        said = f"{where}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
        assert done.returncode == step.status, f"{said}\nexit status {done.returncode}"
        assert matches(step.out, done.stdout), f"{said}\nexpected stdout {step.out}"
        assert matches(step.err, done.stderr), f"{said}\nexpected stderr {step.err}"


def test_the_driver_can_fail() -> None:
    (step,) = parse("$ cmd\none\n...\nlast ... line\n! bad\n[3]\n")
    assert (step.command, step.status, step.err) == ("cmd", 3, ["bad"])
    assert matches(step.out, "one\ntwo\nthree\nlast long line\n")
    assert not matches(step.out, "one\nlast line\n")
    assert not matches(step.out, "zero\none\nlast long line\n")
    assert not matches([], "something\n")
