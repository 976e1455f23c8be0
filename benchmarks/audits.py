"""Audits: the command against keytool's own listing, and many stores at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Cost, in_turns
from storekeeper import formats
from storekeeper.model import Store
from storekeeper.trust.sources import open_store
from tests import jvm

ENCRYPTED = 60
"""PKCS12 stores of 143 encrypted certificates each: work that processes can share."""


def command(folder: Path, ours: str, rounds: int) -> dict[str, Cost]:
    """`audit cacerts` against all shipped lists, and one `keytool -list -v` of each JRE."""
    java = jvm.by_major(17)
    jks = folder / "audited-cacerts"
    jks.write_bytes(java.cacerts.read_bytes())
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["JAVA_HOME"] = str(java.home)
    commands = {"storekeeper audit cacerts": [ours, "audit", "cacerts"]}
    for found in jvm.jvms():
        tool = str(found.home / "bin" / "keytool")
        commands[f"keytool {found.major} -list -v cacerts"] = [
            *(tool, "-list", "-v", "-keystore", str(jks), "-storepass", "changeit"),
        ]
    return in_turns(commands, env, rounds)


_PROGRAM = """\
import resource, sys, time
from storekeeper import audit
names, jobs = sys.argv[2:], int(sys.argv[1])
begun = time.perf_counter()
head, stores = audit(names, jobs=jobs)
assert sum(len(store.entries) for store in stores) == 143 * len(names)
print(time.perf_counter() - begun)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _measured(jobs: int, names: list[str]) -> tuple[float, int]:
    """Milliseconds, and the peak memory of the largest of the processes."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(jobs), *names],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, own, children = done.stdout.split()
    return float(seconds) * 1000, max(int(own), int(children))


def both_cores(folder: Path) -> tuple[float, float]:
    """Milliseconds of encrypted stores in two processes, and in one; the best of three each."""
    entries = open_store(str(jvm.by_major(17).cacerts)).entries
    path = folder / "encrypted.p12"
    path.write_bytes(formats.write(Store("PKCS12", entries), "changeit"))
    names = [str(path)] * ENCRYPTED
    pairs = [(_measured(2, names)[0], _measured(1, names)[0]) for _ in range(3)]
    return min(two for two, _ in pairs), min(one for _, one in pairs)


def by_number(folder: Path) -> tuple[float, float, float]:
    """Milliseconds of a thousand of 2,000 stores and of 200, and memory of the one by the other."""
    path = folder / "audited.jks"
    path.write_bytes(jvm.by_major(17).cacerts.read_bytes())
    few, few_memory = _measured(2, [str(path)] * 200)
    many, many_memory = _measured(2, [str(path)] * 2_000)
    return many / 2, few * 5, many_memory / few_memory
