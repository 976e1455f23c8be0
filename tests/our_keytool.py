"""``storekeeper keytool`` as a process, beside `jvm.Jvm.keytool`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.jvm import Jvm

TOP = Path(__file__).parent.parent


class Done(NamedTuple):
    """How it ended; line ends as they were printed."""

    returncode: int
    stdout: str
    stderr: str


def ours(
    *words: str | os.PathLike[str],
    input: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Done:
    """Run it in UTC and UTF-8, with ``input`` in a pipe and no terminal."""
    variables = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        [sys.executable, "-m", "storekeeper", "keytool", *(os.fspath(word) for word in words)],
        input=input,
        env=variables | dict(env or {}),
        cwd=cwd,
        capture_output=True,
        timeout=60,
        start_new_session=True,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def theirs(java: Jvm, *words: str | os.PathLike[str], input: bytes = b"") -> Done:
    """The same with the keytool of a JVM, line ends as they were printed."""
    done = java.ask_keytool(*words, input=input)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
