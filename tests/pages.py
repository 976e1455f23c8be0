"""The pages of the documentation as what they are: blocks, each run or judged by somebody.

A ``console`` block is run and its output compared (`Session`), a ``python`` block is run, the
commands of an ``sh`` block are read by the parsers they are for, ``yaml`` and ``json`` are read.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from storekeeper import cli
from storekeeper.profile.load import load
from storekeeper.profile.variables import refuse_unknown
from tests import console

TOP = Path(__file__).parent.parent
TODAY = 1_795_219_200
"""2026-11-21: what a page says of dates stays true."""

_SHELL = re.compile(r"""[|<>&;$`(){}*?\\~]|^\w+=""")
_QUOTED = re.compile(r"'[^']*'|\"[^\"$`\\]*\"")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    mark: str
    """The HTML comment above it, if there is one."""

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Every page, relative to the top."""
    found = [TOP / "README.md", TOP / "CHANGELOG.md", *TOP.glob("docs/**/*.md")]
    return sorted(str(path.relative_to(TOP)) for path in found)


def read(page: str) -> str:
    return (TOP / page).read_text(encoding="utf-8")


def blocks(page: str, text: str | None = None) -> list[Block]:
    """The fenced blocks of a page, in order.

    Raises:
        AssertionError: one is not closed.
    """
    found: list[Block] = []
    lines = (read(page) if text is None else text).splitlines()
    at = 0
    while at < len(lines):
        fence = re.match(r"( *)(`{3,}|~{3,})\s*(\S*)", lines[at])
        at += 1
        if fence is None:
            continue
        first, indent = at, len(fence[1])
        while at < len(lines) and lines[at].strip() != fence[2]:
            at += 1
        assert at < len(lines), f"{page}:{first}: the block does not end"
        body = "".join(line[indent:] + "\n" for line in lines[first:at])
        above = next((line for line in reversed(lines[: first - 1]) if line.strip()), "")
        mark = re.fullmatch(r"\s*<!-- (.*) -->", above)
        found.append(Block(page, first + 1, fence[3], body, mark[1] if mark else ""))
        at += 1
    return found


def of(page: str, language: str) -> list[Block]:
    """The blocks of one language."""
    return [one for one in blocks(page) if one.language == language]


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command of storekeeper in a block of shell: pipes and lists taken apart."""
    joined = re.sub(r"\\\n\s*", "", text)
    for line in joined.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
        lexer.commenters = "#"
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set("|&;()"):
                if words:
                    yield words
                words = []
            else:
                words.append(word)


def storekeeper_words(words: list[str]) -> list[str] | None:
    """Of a command, the words after ``storekeeper``; None for another program."""
    while words and re.match(r"\w+=", words[0]):
        words = words[1:]
    if not words or os.path.basename(words[0]) != "storekeeper":
        return None
    rest = words[1:]
    for at, word in enumerate(rest):
        if set(word) <= set("<>"):
            return rest[:at]
    return rest


def parsed(words: list[str]) -> None:
    """Have the parser of a command read its words.

    Raises:
        StorekeeperError, SystemExit: it does not take them.
    """
    assert words, "no command"
    if words[0] in ("--help", "--version", "help"):
        return
    name, *rest = words
    assert name in cli.COMMANDS, f"there is no command {name!r}"
    parser = cli.options_of(name)
    if name == "keytool":
        return
    args = parser.parse(rest)
    if name in ("plan", "apply", "profiles") and re.fullmatch(r"[a-z-]{2,}", args.profile or ""):
        # No file: a shipped profile, which has to be one, and have the variables that are said.
        declared = [one.name for one in load(args.profile, resolve=False).variables]
        refuse_unknown([one.partition("=")[0] for one in args.variables], declared)


def mentioned(text: str) -> Iterator[list[str]]:
    """The words after ``storekeeper`` of each command between backquotes, outside of blocks."""
    prose = re.sub(r"^ *(```|~~~).*?^ *\1 *$", "", text, flags=re.DOTALL | re.MULTILINE)
    for command in re.findall(r"(?<!`)`storekeeper ([^`]+)`(?!`)", prose):
        yield from commands(re.sub(r"\s+", " ", command))


class Session:
    """Commands of one page, run one after the other in one folder, in this process where it can be.

    Args:
        folder: where they run; the files of the scripts are there.
        patch: undone by the caller.
        environment: variables.
        keytool: a real one, for what the page has keytool do; it is told servers by `places`.
    """

    def __init__(
        self,
        folder: Path,
        patch: pytest.MonkeyPatch,
        environment: Mapping[str, str],
        keytool: Path | None = None,
    ) -> None:
        self.places: Mapping[str, str] = {}
        self._keytool = keytool
        self.work = folder / "files"
        shutil.copytree(console.FILES, self.work)
        programs = folder / "bin"
        programs.mkdir()
        program = programs / "storekeeper"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m storekeeper "$@"\n')
        program.chmod(0o755)
        self._patch = patch
        self._variables = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(folder),
            "PYTHONPATH": str(TOP),
            "LC_ALL": "C.UTF-8",
            "XDG_STATE_HOME": str(folder / "state"),
            **environment,
        }
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in self._variables.items():
            patch.setenv(name, value)
        patch.chdir(self.work)
        patch.setattr(time, "time", lambda: float(TODAY))

    def run(self, block: Block) -> int:
        """Run a block of ``console`` and compare; how many commands it had.

        Standard error is compared where the block shows some.
        """
        steps = console.parse(block.text)
        compared = any(step.err for step in steps)
        for step in steps:
            status, out, err = self._step(step.command)
            said = f"{block.page}:{block.line + step.line}: {step.command}"
            said += f"\n--- stdout\n{out}\n--- stderr\n{err}"
            assert status == step.status, f"{said}\nexit status {status}"
            assert console.matches(step.out, out), f"{said}\nexpected stdout {step.out}"
            if compared:
                assert console.matches(step.err, err), f"{said}\nexpected stderr {step.err}"
        return len(steps)

    def _step(self, command: str) -> tuple[int, str, str]:
        exported = re.fullmatch(r"export (\w+)=(\S*)", command)
        if exported is not None:
            self._patch.setenv(exported[1], shlex.split(exported[2])[0])
            return 0, "", ""
        if command.startswith("keytool ") and self._keytool is not None:
            for name, place in self.places.items():
                command = command.replace(f"-sslserver {name}", f"-sslserver {place}")
            command = f"{self._keytool} {command.removeprefix('keytool ')}"
        elif command.startswith("keytool "):  # as with the alias that the page names
            command = f"storekeeper {command}"
        if command.startswith("storekeeper ") and not _SHELL.search(_QUOTED.sub("", command)):
            return _here(shlex.split(command)[1:])
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
        )
        return done.returncode, done.stdout, done.stderr


def _here(words: list[str]) -> tuple[int, str, str]:
    """Run a command in this process, as nobody's terminal."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = cli.main(words)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
    texts = []
    for stream in (out, err):
        stream.flush()
        buffer = stream.buffer
        assert isinstance(buffer, io.BytesIO)
        texts.append(buffer.getvalue().decode("utf-8", "replace"))
    return status, texts[0], texts[1]
