"""Scanning trees: against a bare loop that reads first bytes, on two cores, and in memory."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from storekeeper.host.scan import Tally
from storekeeper.trust.scanning import scan

FIRST = 4096
A_DIRECTORY = 100
A_STORE = 1_000  # one file of so many


def tree(folder: Path, number: int, store: bytes) -> Path:
    """So many files: text, programs, pictures, in sizes as they are in /usr; some stores."""
    chance = random.Random(number)
    line = b"some words of a line in a text that nobody reads to its end\n"
    sizes = (120, 700, 2_000, 3_500, 9_000, 30_000)
    noise = chance.randbytes(max(sizes))
    for one in range(number):
        inner = folder / str(one // A_DIRECTORY // A_DIRECTORY) / str(one // A_DIRECTORY)
        if one % A_DIRECTORY == 0:
            inner.mkdir(parents=True)
        size = sizes[one % len(sizes)]
        content = (line * (size // len(line) + 1), noise, b"\x7fELF\2\1\1\0" + noise)[one % 3]
        (inner / f"file{one}").write_bytes(
            store if one % A_STORE == A_STORE // 2 else content[:size]
        )
    return folder


def bare(folder: Path) -> int:
    """What anybody would write: walk, open, read the beginning."""
    seen = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(directory, name), "rb", buffering=0) as file:
                seen += bool(file.read(FIRST))
    return seen


def walked(folder: Path, number: int) -> tuple[float, float]:
    """CPU milliseconds of our scan in one process, and of the bare loop."""

    def ours() -> None:
        tally = Tally()
        found = sum(1 for _ in scan([str(folder)], tally=tally))
        assert (tally.files, found) == (number, number // A_STORE)

    def theirs() -> None:
        assert bare(folder) == number

    return _cpu(ours), _cpu(theirs)


def _cpu(action: Callable[[], object]) -> float:
    """CPU milliseconds of the fastest of four runs; the first warms the caches."""
    runs = []
    for _ in range(4):
        begun = time.process_time()
        action()
        runs.append(time.process_time() - begun)
    return min(runs) * 1000


def cores(folder: Path, store: bytes, number: int = 1_000) -> tuple[float, float]:
    """CPU milliseconds on the way through a thousand stores: with two processes, and with one.

    Of two, this process's own and half of what they took: wall time says the same where
    nobody else uses the machine.
    """
    folder.mkdir()
    for one in range(number):
        (folder / f"{one}.jks").write_bytes(store)
    alone, split = [], []
    for _ in range(3):
        alone.append(sum(_run(folder, 1)[:2]))
        own, others, _ = _run(folder, 2)
        split.append(own + others / 2)
    return min(split) * 1000, min(alone) * 1000


def peak(folder: Path) -> float:
    """Megabytes a whole `storekeeper scan` of a tree takes at most."""
    return _run(folder, 1)[2] / 1024


def _run(folder: Path, jobs: int) -> tuple[float, float, float]:
    """A whole command: CPU seconds of its own, of its processes, and its peak in kilobytes."""
    program = (
        "import resource, sys\n"
        "from storekeeper.cli import main\n"
        "assert main(['scan', sys.argv[1], '--jobs', sys.argv[2]]) == 0\n"
        "own = resource.getrusage(resource.RUSAGE_SELF)\n"
        "others = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        # Not ru_maxrss, which goes on from that of the process that started this one.
        "peak = open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]\n"
        "print(own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime, peak,"
        " file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), str(jobs)],
        capture_output=True,
        text=True,
        check=True,
    )
    own, others, memory = map(float, done.stderr.split()[-3:])
    return own, others, memory
