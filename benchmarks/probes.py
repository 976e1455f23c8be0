"""Probes: one server beside `openssl s_client`, and two hundred at once."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.measure import Cost, in_turns
from tests import servers

MANY = 200

_PROGRAM = """\
import contextlib, io, resource, sys, time
from storekeeper import cli
from storekeeper.cli import servers
begun = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    status = cli.main(["probe", *sys.argv[1:]])
assert status == 0, status
print(time.perf_counter() - begun)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def command(ours: str, rounds: int) -> dict[str, Cost]:
    """`probe` and `openssl s_client -showcerts`, whole processes, of a server on loopback."""
    with servers.openssl(servers.setup("localhost", "Inter", "Root")) as running:
        return in_turns(
            {
                "storekeeper probe": [ours, "probe", "--no-sni", running.at],
                "openssl s_client": [
                    "sh", "-c", f"exec openssl s_client -showcerts -connect {running.at} </dev/null"
                ],
            },
            {name: value for name, value in os.environ.items() if "BYTECODE" not in name},
            rounds,
        )  # fmt: skip


def many_can_be_had() -> bool:
    """Whether there is a server that takes so many connections at once."""
    return servers.missing("nginx") is None


def many() -> tuple[float, float, float]:
    """Milliseconds for each of 200 servers and of 20, and memory of the one by the other."""
    with servers.nginx(servers.setup("localhost", "Inter", "Root")) as running:

        def measured(count: int) -> tuple[float, int]:
            # The same server under that many names: each path makes another one.
            names = [f"https://{running.at}/{number}" for number in range(count)]
            done = subprocess.run(
                [sys.executable, "-c", _PROGRAM, *names], capture_output=True, text=True, check=True
            )
            seconds, memory = done.stdout.split()
            return float(seconds) * 1000 / count, int(memory)

        few, few_memory = measured(MANY // 10)
        lots, lots_memory = measured(MANY)
    return lots, few, lots_memory / few_memory
