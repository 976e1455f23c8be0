"""Every format from the command line, and docs/audit-outputs.md against what is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storekeeper import cli
from tests.audit_outputs import FORMATS, judge

TOP = Path(__file__).parent.parent
FILES = Path(__file__).parent / "scripts" / "files"
PAGE = (TOP / "docs" / "audit-outputs.md").read_text(encoding="utf-8")
HEADINGS = {
    "JUnit": "junit",
    "SARIF": "sarif",
    "CycloneDX": "cyclonedx",
    "Prometheus": "prometheus",
    "CSV": "csv",
    "GitHub annotations": "github",
    "Nagios": "nagios",
    "Markdown": "markdown",
}
COMMAND = ["audit", "expired.pem", "missing.jks", "--only", "expired", "--at", "2026-11-21"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "expired.pem").write_bytes((FILES / "expired.pem").read_bytes())
    monkeypatch.chdir(tmp_path)


def printed(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = cli.main([*COMMAND, *words])
    return status, capfd.readouterr().out


@pytest.mark.parametrize(("heading", "name"), HEADINGS.items())
def test_examples_are_what_is_printed(
    heading: str, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = [line.strip() for line in printed(capfd, "--format", name)[1].splitlines()]
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)
    examples = [block for block in blocks if "time()" not in block]
    assert examples
    for example in examples:
        lines = [line.strip() for line in example.splitlines()]
        places = [at for at, line in enumerate(shown) if line.startswith(lines[0])]
        # The last line of an example may end before the line does.
        assert any(
            shown[at : at + len(lines) - 1] == lines[:-1]
            and shown[at + len(lines) - 1].startswith(lines[-1])
            for at in places
        ), example


def test_the_page_has_every_format() -> None:
    assert set(HEADINGS.values()) == set(FORMATS)
    for name in FORMATS:
        assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", FORMATS)
def test_file_and_standard_output_are_alike(
    name: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out = printed(capfd, "--format", name)
    # Nothing at the path is an error of the input; monitoring has numbers of its own.
    assert status == (3 if name == "nagios" else 4)
    assert printed(capfd, "--format", name, "-o", "out") == (status, "")
    text = (tmp_path / "out").read_bytes().decode()
    assert text.replace("\r\n", "\n") == out.replace("\r\n", "\n")
    judge(name, text)


def test_monitoring_is_told_when_there_was_no_audit(capfd: pytest.CaptureFixture[str]) -> None:
    status, out = printed(capfd, "--format", "nagios", "--policy", "none.yaml")
    assert status == 3
    assert out == "STOREKEEPER UNKNOWN - none.yaml: no such file\n"


def test_metrics_of_roots_are_there_when_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    def told(*words: str) -> int:
        return printed(capfd, "--format", "prometheus", *words)[1].count("\nx509_cert_error{")

    assert told() == told("--metrics", "leaves") == 0
    assert told("--metrics", "all") == 1
