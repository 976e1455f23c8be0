"""docs/probe.md against the program: its examples, its findings, and what it says of servers."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from storekeeper.cli import fetch, options, probe
from storekeeper.tls import oddities
from tests import servers
from tests.commands import Commands
from tests.probing import ASKING

TOP = Path(__file__).parent.parent
PAGE = (TOP / "docs" / "probe.md").read_text(encoding="utf-8")


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    return Commands(tmp_path, capsys, monkeypatch)


def _masked(text: str) -> str:
    """Without what differs from server to server: times, ports, fingerprints, long lists."""
    text = re.sub(r"\d+ ms", "N ms", text)
    text = re.sub(r"(localhost|127\.0\.0\.1):\d+", r"\1:PORT", text)
    text = re.sub(r"SHA-256 .*", "SHA-256 ...", text)
    return re.sub(r"(signatures \w+, \w+, ).*", r"\1...", text)


def test_the_example_is_what_is_printed(run: Commands) -> None:
    (block,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    command, _, expected = block.partition("\n")
    with servers.nginx(ASKING) as running:
        words = command.removeprefix("$ storekeeper ").replace("8443", str(running.port))
        said = run(*shlex.split(words)).out
    assert _masked(said) == _masked(expected)


EXAMPLES = [
    line
    for text in (*re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL), probe.EPILOG, fetch.EPILOG)
    for line in map(str.strip, text.splitlines())
    if line.startswith("storekeeper ")
]


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_is_understood(line: str) -> None:
    from storekeeper.cli import check

    words = shlex.split(re.sub(r" > .*|:\.\.\.", "", line))[1:]
    made = {"probe": probe, "fetch": fetch, "check": check}[words[0]]
    parser = options.Parser(words[0], "", "")
    made.configure(parser)
    parser.parse_args(words[1:])  # raises for what it does not know


def test_every_finding_is_explained() -> None:
    source = Path(oddities.__file__).read_text(encoding="utf-8")
    found = set(re.findall(r'Finding\(\s*"([a-z-]+)"', source))
    assert len(found) > 10
    assert found - {"chain"} <= set(re.findall(r"`([a-z-]+)`", PAGE))
