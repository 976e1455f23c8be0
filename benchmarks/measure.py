"""Whole processes, measured in turns so that a busy machine slows all of them alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence


class Cost:
    """What one command took: medians of CPU and wall milliseconds."""

    def __init__(self, runs: Sequence[tuple[float, float]]) -> None:
        self.cpu = statistics.median(run[0] for run in runs)
        self.wall = statistics.median(run[1] for run in runs)


def once(command: Sequence[str], env: Mapping[str, str]) -> tuple[float, float]:
    """CPU ms and wall ms of one process; its output goes nowhere."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - begun) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    cpu = (usage.ru_utime + usage.ru_stime) * 1000
    return cpu, wall


def in_turns(
    commands: Mapping[str, Sequence[str]], env: Mapping[str, str], rounds: int
) -> dict[str, Cost]:
    """The cost of each command, run round by round; the first round only warms caches."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            run = once(command, env)
            if turn:
                runs[name].append(run)
    return {name: Cost(measured) for name, measured in runs.items()}
