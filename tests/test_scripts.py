"""The command line, as scripts in tests/scripts: one block a behaviour, its reason above it.

How a script is written: `tests.console`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console import matches, parse, run

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.mark.parametrize(
    "script", sorted(SCRIPTS.glob("*.txt")), ids=lambda script: str(script.stem)
)
def test_script(script: Path, tmp_path: Path) -> None:
    assert run(script.read_text(encoding="utf-8"), tmp_path) > 0


def test_the_driver_can_fail() -> None:
    (step,) = parse("$ cmd\none\n...\nlast ... line\n! bad\n[3]\n")
    assert (step.command, step.status, step.err) == ("cmd", 3, ["bad"])
    assert matches(step.out, "one\ntwo\nthree\nlast long line\n")
    assert not matches(step.out, "one\nlast line\n")
    assert not matches(step.out, "zero\none\nlast long line\n")
    assert not matches([], "something\n")
