"""Every block of every page is run, or judged, or in a list with the reason why not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper import cli
from storekeeper.errors import StorekeeperError, UsageError
from tests import jvm, page_worlds, pages
from tests.pages import TOP, Block, Session
from tools import error_pages

OUTPUT = "part of an output, compared by tests/test_audit_outputs.py"
GENERATED = "made from --help, whose examples are read by test_examples_of_help_can_be_typed"
MESSAGE = "an error message, which tests/test_error_pages.py finds in the mouth of a program"
PICTURE = "a picture in text, no command"
TRANSCRIPT = "a conversation, held again and compared by tests/test_wizard_terminal.py"
SIGNATURE = "a signature, made from the source and compared by tests/test_reference.py"
QUERY = "PromQL, for a monitoring system that is not here"
LEFT_OUT: dict[str, dict[str, str]] = {
    "docs/audit-outputs.md": {"xml": OUTPUT, "json": OUTPUT, "text": f"{OUTPUT}; {QUERY}"},
    "docs/architecture.md": {"text": PICTURE},
    "docs/cli.md": {"text": GENERATED},
    "docs/reference.md": {"py": SIGNATURE},
    "docs/wizard.md": {"text": TRANSCRIPT},
    **{f"docs/errors/{name}.md": {"output": MESSAGE} for name in error_pages.WITH_MESSAGES},
}
"""By page and language: why nobody runs it. What is new is run, so this is short."""

ELSEWHERE = {"docs/probe.md": "tests/test_probe_page.py"}
"""Pages whose commands a test of their own runs, with the server they need."""

CI = ("command: main", "command: uv-main", "command: tests", "command: uv-tests")
"""Marks of the README's commands that `.ci/run` runs in clean clones."""

RUN = {"console", "python", "sh", "yaml"}
ALL = [block for page in pages.pages() for block in pages.blocks(page)]


def with_block(*languages: str) -> list[str]:
    return sorted({one.page for one in ALL if one.language in languages})


def test_no_block_is_nobodys() -> None:
    nobodys = [
        f"{one.where}: {one.language or 'no language'}"
        for one in ALL
        if one.language not in RUN and one.language not in LEFT_OUT.get(one.page, {})
    ]
    assert nobodys == []


def test_what_is_left_out_is_there() -> None:
    there = {(one.page, one.language) for one in ALL}
    left = {(page, language) for page, kinds in LEFT_OUT.items() for language in kinds}
    assert left - there == set(), "left out, and not there any more"
    reasons = " ".join(one for kinds in LEFT_OUT.values() for one in kinds.values())
    assert all((TOP / one).exists() for one in re.findall(r"tests/\w+\.py", reasons))
    assert not {language for _, language in left} & RUN
    hidden = [
        one.where
        for one in ALL
        if one.language == "text" and one.page not in ("docs/cli.md", "docs/wizard.md")
        for line in one.text.splitlines()
        if line.startswith(("$ ", "storekeeper "))
    ]
    assert hidden == [], "a command in a block of text"


def test_what_is_run_elsewhere_is_run_there() -> None:
    for page, test in ELSEWHERE.items():
        text = (TOP / test).read_text(encoding="utf-8")
        assert Path(page).name in text
        assert "```console" in text


@pytest.mark.parametrize("page", sorted({*with_block("console")} - ELSEWHERE.keys()))
def test_commands_print_what_is_said(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"WRONG": "not the password", "JAVA_HOME": str(jvm.by_major(17).home)}
    session = Session(tmp_path, monkeypatch, environment)
    with page_worlds.world(page, session.work, monkeypatch):
        for block in pages.blocks(page):
            if block.mark.startswith("file: "):
                (session.work / block.mark.removeprefix("file: ")).write_text(block.text)
            elif block.language == "console":
                assert session.run(block) > 0, block.where


@pytest.mark.slow
@pytest.mark.parametrize("major", [11, 17, 21, 25])
def test_what_the_page_has_keytool_do_is_done_by_a_real_one(
    major: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stores are read by ours, and compared as the page says."""
    page = "docs/migrating/keytool.md"
    java = jvm.by_major(major).home
    session = Session(tmp_path, monkeypatch, {"JAVA_HOME": str(java)}, java / "bin" / "keytool")
    with page_worlds.world(page, session.work, monkeypatch) as session.places:
        for block in pages.of(page, "console"):
            session.run(block)


@pytest.mark.parametrize("page", with_block("python"))
def test_python_examples_run(page: str, tmp_path: Path) -> None:
    """All of a page, one after the other."""
    for file in (TOP / "tests/scripts/files").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(one.text for one in pages.of(page, "python"))],
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(TOP),
            "PATH": "/usr/bin:/bin",
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "AGENT_PASS": "changeit",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "block", [one for one in ALL if one.language == "sh"], ids=lambda block: str(block.where)
)
def test_commands_can_be_typed(block: Block) -> None:
    """What asks a real server or changes a real machine is at least read by its parser."""
    if block.mark in CI:
        return
    if block.mark == "begins the README's first command":
        (first,) = (one for one in ALL if one.mark == "command: main")
        assert first.text.startswith(block.text.strip() + " ")
        return
    seen = 0
    for words in pages.commands(block.text):
        ours = pages.storekeeper_words(words)
        assert ours is not None, f"{block.where}: {words[0]}: not ours, so nobody runs it"
        pages.parsed(ours)
        seen += 1
    assert seen, block.where


MEASURED = {"docs/performance.md"}
"""Made by `benchmarks`: rows are named after commands and are none."""


@pytest.mark.parametrize("page", sorted({*pages.pages()} - MEASURED))
def test_commands_in_sentences_can_be_typed(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence may leave out what is to be given, and not name what there is not."""
    refused = []
    for words in pages.mentioned(pages.read(page)):
        try:
            pages.parsed(words)
        except UsageError as error:
            lacking = r"following arguments are required|expected (one|at least one) argument"
            if not re.search(lacking, error.message):
                refused.append(f"{words}: {error.message}")
        except SystemExit:  # --help
            pass
    capsys.readouterr()
    assert refused == []


def test_every_command_of_keytool_is_on_its_page() -> None:
    from storekeeper.cli.keytool.grammar import COMMANDS

    text = pages.read("docs/migrating/keytool.md")
    names = [name for one in COMMANDS.values() for name in (one.name, one.old) if name]
    assert [one for one in names if f"-{one}" not in text] == []


def test_examples_of_help_can_be_typed() -> None:
    """docs/cli.md is what --help says; the examples there are no fiction."""
    seen = 0
    for block in pages.of("docs/cli.md", "text"):
        _, _, examples = block.text.partition("\nexamples:\n")
        shell = examples.partition("\n\n")[0]
        for words in pages.commands(shell.replace("\\\n", " ")):
            ours = pages.storekeeper_words(words)
            if ours is not None:
                pages.parsed(ours)
                seen += 1
    assert seen > 80


@pytest.mark.parametrize(
    "block", [one for one in ALL if one.language == "yaml"], ids=lambda block: str(block.where)
)
def test_yaml_is_what_it_says(block: Block, tmp_path: Path) -> None:
    """A policy of audits, a profile, or answers for the wizard: whoever reads it takes it."""
    import yaml

    (tmp_path / "roots.pem").write_bytes(b"")
    content = yaml.safe_load(block.text)
    assert isinstance(content, dict)
    if {"waive", "fails_on", "rules", "lists"} & set(content):
        from storekeeper.trust.audit.policy_file import parse_policy

        parse_policy(block.text.encode(), str(tmp_path / "audit.yaml"))
        return
    if {"storekeeper", "targets", "variables", "product"} & set(content):
        from storekeeper.profile.load import parse

        parse(block.text, str(tmp_path / "profile.yaml"))
        return
    if "what" in content:
        from storekeeper.cli import wizard

        (tmp_path / "answers.yaml").write_text(block.text, encoding="utf-8")
        args = cli.options_of("wizard").parse(["--answers", str(tmp_path / "answers.yaml")])
        assert wizard._given(args)[0]["what"] == content["what"]
        return
    raise AssertionError(f"{block.where}: nobody reads this")


def test_json_left_out_is_json_or_a_part_of_it() -> None:
    for one in ALL:
        if one.language == "json":
            json.loads("{" + one.text.strip().removesuffix(",") + "}")


def test_the_runner_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(tmp_path, monkeypatch, {})
    good = "$ storekeeper list root.pem\nroot.pem: PEM, 1 entry...\n...\n"
    assert session.run(Block("x", 1, "console", good, "")) == 1
    for bad in (
        "$ storekeeper list root.pem\nroot.pem: PEM, 2 entries...\n...\n",
        "$ storekeeper list root.pem\n...\n[1]\n",
        "$ storekeeper list gone.pem\n! storekeeper: error: something else\n[4]\n",
        "$ cat gone.pem\n",
    ):
        with pytest.raises(AssertionError):
            session.run(Block("x", 1, "console", bad, ""))
    assert os.getcwd() == str(session.work)


@pytest.mark.parametrize(
    "words",
    [
        ["list", "x.jks", "--no-such-option"],
        ["lst", "x.jks"],
        ["diff", "one"],
        ["list", "x.jks", "--at", "tomorrow"],
        ["apply", "plain-jre"],
        ["plan", "jre", "--set", "ca=corp-root.pem"],
    ],
)
def test_the_parsers_can_refuse(words: list[str]) -> None:
    with pytest.raises((AssertionError, StorekeeperError, SystemExit)):
        pages.parsed(words)


def test_blocks_are_found_as_they_stand() -> None:
    text = (
        "a\n\n<!-- mark -->\n\n```sh\none\n```\n- x\n  ```yaml\n  a: 1\n  ```\n````md\n```\n````\n"
    )
    found = pages.blocks("page", text)
    assert [(one.line, one.language, one.text, one.mark) for one in found] == [
        (6, "sh", "one\n", "mark"),
        (10, "yaml", "a: 1\n", ""),
        (13, "md", "```\n", ""),
    ]
    with pytest.raises(AssertionError, match="does not end"):
        pages.blocks("page", "```sh\nx\n")
