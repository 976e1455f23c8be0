"""The command as a process, and what it is given."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
FILES = TOP / "tests" / "scripts" / "files"
COMMAND = [sys.executable, "-m", "storekeeper"]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), "LC_ALL": "C.UTF-8"}


def run(
    *words: str | Path, env: dict[str, str] | None = None, cwd: Path = FILES
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env=ENVIRONMENT | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        start_new_session=True,
    )
