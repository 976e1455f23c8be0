"""Answers in a file: text by the names of the options, and bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.errors import StorekeeperError
from storekeeper.wizard.answers import answers
from tests.commands import Commands
from tests.wizard_cases import run

__all__ = ["run"]


def test_they_are_taken(run: Commands) -> None:
    (run.folder / "a.yaml").write_text("what: compare\nstore: trust.jks\nlist: mozilla\n")
    said = run("wizard", "--answers", "a.yaml", status=1).out
    assert "With which list of CAs? Mozilla's roots" in said
    said = run("wizard", "--answers", "a.yaml", "--list", "certifi", status=1).out
    assert "With which list of CAs? the certifi package" in said


def test_they_are_text(tmp_path: Path) -> None:
    """What YAML takes for a number or a truth elsewhere stays as it is written."""
    path = tmp_path / "a.yaml"
    path.write_text("pin: 0012\nfrom: [1e3, on]\nhost: 10\nyes: on\n")
    found, accept = answers(str(path), ("pin", "from", "host"), ("pin", "from"))
    assert found == {"pin": ["0012"], "from": ["1e3", "on"], "host": ["10"]}
    assert accept
    path.write_text("yes: false\n")
    assert answers(str(path), ()) == ({}, False)


def _bomb() -> str:
    lines = ["from: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number, name in enumerate(("host", "store", "home", "fix", "list", "change")):
        lines.append(f"{name}: &a{number + 1} [{', '.join([f'*a{number}'] * 10)}]")
    return "\n".join(lines)


BAD = {
    "bad": ("a: [1\n", 4, "bad.yaml:2:1: this is no YAML"),
    "list": ("- host\n", 4, "list.yaml: expected answers in YAML, as in host: api.example.com"),
    "nested": ("host: [a.example]\n", 4, "nested.yaml:1:7: expected text, found a list"),
    "twice": ("host: a\nhost: b\n", 4, "twice.yaml:2:1: host is said twice"),
    "perhaps": ("yes: perhaps\n", 4, "expected yes: true or false, found 'perhaps'"),
    "unknown": ("hots: a.example\n", 2, "unknown.yaml:1:1: no question is answered by 'hots'"),
    "tag": ("host: !!python/object/apply:os.system [exit]\n", 4, "a file of answers has none"),
    "bomb": (_bomb(), 4, "a file of answers of more than 50000 values"),
    "large": (f"host: {'x' * 2**21}\n", 4, "expected at most 1048576 bytes, found 2097159 bytes"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files(run: Commands, name: str) -> None:
    content, status, message = BAD[name]
    (run.folder / f"{name}.yaml").write_text(content)
    before = {path: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
    assert message in run("wizard", "--answers", f"{name}.yaml", status=status).err
    assert before == {path: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(StorekeeperError, match="no such file"):
        answers("/nowhere/a.yaml", ("host",))
