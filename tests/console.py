"""Scripts of commands and what they print, run for real: CLI scripts and the README's examples.

::

    # a comment
    $ storekeeper list root.pem            a command; storekeeper is this checkout's
    root.pem: PEM, 1 entry, ...            its standard output; ... stands for any text
    ! storekeeper: warning: ...            a line of its standard error
    [1]                                    its exit status, when not 0

    $ storekeeper list \\
    >   root.pem                           a command on several lines

Commands go through sh, so pipes and variables work. A line ``...`` alone stands for any
number of lines. Output that would be taken for one of the above is written after ``| ``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

TOP = Path(__file__).parent.parent
FILES = TOP / "tests" / "scripts" / "files"


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
        elif line.startswith("> ") and steps and steps[-1].command.endswith("\\"):
            steps[-1].command = f"{steps[-1].command[:-1].rstrip()} {line[2:].strip()}"
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


def run(
    text: str, folder: Path, *, stderr: bool = True, env: Mapping[str, str] | None = None
) -> int:
    """Run a script in a copy of the files; how many commands it had.

    Args:
        text: the script.
        folder: an empty folder to work in.
        stderr: whether standard error has to be as the script says.
        env: variables beside the few every script has.
    """
    work = folder / "files"
    shutil.copytree(FILES, work)
    programs = folder / "bin"
    programs.mkdir()
    program = programs / "storekeeper"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m storekeeper "$@"\n')
    program.chmod(0o755)
    variables = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": str(TOP),
        "LC_ALL": "C.UTF-8",
        **(env or {}),
    }
    steps = parse(text)
    for step in steps:
        done = subprocess.run(
            ["sh", "-c", step.command],
            cwd=work,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,  # no terminal: nothing can wait for a password
        )
        where = f"line {step.line}: {step.command}"
        said = f"{where}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
        assert done.returncode == step.status, f"{said}\nexit status {done.returncode}"
        assert matches(step.out, done.stdout), f"{said}\nexpected stdout {step.out}"
        assert not stderr or matches(step.err, done.stderr), f"{said}\nexpected stderr {step.err}"
    return len(steps)
