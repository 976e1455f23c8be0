"""Only our errors, in little time and memory, on any bytes whatever.

3,000 inputs in the ordinary run, 220,000 more in the slow one; `mutations` makes them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import pbkdf2_hmac
from pathlib import Path

import pytest

from tests import mutation_seeds, mutations

SEED = int(os.environ.get("STOREKEEPER_MUTATION_SEED", "20261121"))
GROUPS = list(mutation_seeds.GROUPS)
QUICK = 273  # times 11 groups are 3,003
CHUNK = 4_000
CHUNKS = 5


def sweep(group: str, seed: int, first: int, count: int) -> None:
    command = [sys.executable, "-m", "tests.mutations", group, str(seed), str(first), str(count)]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=900)
    again = f"python -m tests.mutations {group} {seed} INDEX 1 --save FILE"
    assert done.returncode == 0, f"the process died: {done.stderr[-3000:]}\n{' '.join(command[1:])}"
    result = json.loads(done.stdout)
    told = "\n".join(f"input {f['index']}: {'; '.join(f['wrong'])}" for f in result["failures"])
    assert not result["failures"], f"{told}\nmade again by: {again}"
    if sys.platform == "linux":
        assert result["grown_kib"] * 1024 < mutations.MEMORY, f"seed {seed}: {result}"


@pytest.mark.parametrize("group", GROUPS)
def test_seeds_are_read_without_complaint(group: str) -> None:
    from storekeeper import formats

    for data in mutation_seeds.GROUPS[group]():
        if formats.detect(data) != "UBER" and group != "BKS":
            assert formats.read(data, mutation_seeds.PASSWORD).entries


def test_inputs_can_be_made_again() -> None:
    for group in GROUPS:
        first = [mutations.make(group, 1, index) for index in range(20)]
        mutations._seeds.cache_clear()
        assert [mutations.make(group, 1, index) for index in range(20)] == first
        assert [mutations.make(group, 2, index) for index in range(20)] != first


def test_a_foreign_error_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise IndexError("not ours")

    monkeypatch.setattr("storekeeper.formats.detect", broken)
    assert any("not ours" in line for line in mutations.attempt(b"x"))


def test_too_much_work_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object, **__: object) -> None:
        pbkdf2_hmac("sha256", b"changeit", b"salt", 2 * mutations.A_SECOND)

    monkeypatch.setattr("storekeeper.formats.read", slow)
    assert "s of CPU time" in mutations.attempt(b"x")[0]


@pytest.mark.parametrize("group", GROUPS)
def test_a_few_damaged_inputs(group: str) -> None:
    sweep(group, SEED, 0, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("group", GROUPS)
def test_many_damaged_inputs(group: str, chunk: int) -> None:
    sweep(group, SEED, QUICK + chunk * CHUNK, CHUNK)
