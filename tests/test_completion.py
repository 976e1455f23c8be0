"""Completion scripts, run by the shells they are for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from storekeeper import cli
from storekeeper.cli import completion
from storekeeper.trust import lists

FILES = Path(__file__).parent / "scripts" / "files"
FORMS = {"env:", "file:", "fd:", "stdin", "prompt", "keyring:", "cmd:", "pass:", "none"}


def shell(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed.")
    return path


def options(command: str) -> set[str]:
    return {flag for action in cli.options_of(command)._actions for flag in action.option_strings}


def bash(*words: str, cwd: Path = FILES) -> set[str]:
    """What bash offers for the last word."""
    program = (
        f"{completion.bash()}\n"
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _storekeeper; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [shell("bash"), "--norc", "-c", program, "bash", "storekeeper", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    return set(done.stdout.splitlines()) - {""}


def test_bash_commands() -> None:
    assert bash("") == set(cli.COMMANDS)
    assert bash("l") == {"list"}
    assert bash("--v") == {"--version"}


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_bash_options_are_the_parsers(command: str) -> None:
    assert bash(command, "--") == {flag for flag in options(command) if flag.startswith("--")}
    assert bash(command, "-j") == {flag for flag in options(command) if flag.startswith("-j")}


def test_bash_stores(tmp_path: Path) -> None:
    (tmp_path / "my store.jks").touch()
    (tmp_path / "star *.p12").touch()
    offered = bash("list", "", cwd=tmp_path)
    assert {"cacerts", "jre:", "system", "certifi", "-", *lists.SHIPPED} <= offered
    assert {"my store.jks", "star *.p12"} <= offered
    assert bash("diff", "cacerts", "my", cwd=tmp_path) == {"my store.jks"}
    assert bash("jres", "", cwd=tmp_path) == set()
    assert bash("completion", "", cwd=tmp_path) == set(completion.SHELLS)


def test_bash_values_of_options() -> None:
    assert bash("list", "--kind", "p") == {"private-key"}
    assert bash("diff", "--new-storepass", "") == FORMS
    assert bash("show", "--alias", "") == set()
    assert bash("list", "--expired", "root") == {"root.pem"}


def zsh(*words: str) -> str:
    """What the script hands to zsh's own functions."""
    quoted = " ".join(f"'{word}'" for word in words)
    program = f"""
_describe() {{ print -rl -- $commands }}
_arguments() {{ print -rl -- "$@" }}
compdef() {{ : }}
{completion.zsh()}
words=(storekeeper {quoted})
CURRENT=${{#words}}
_storekeeper
"""
    done = subprocess.run([shell("zsh"), "-f", "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_zsh_parses_it(tmp_path: Path) -> None:
    file = tmp_path / "_storekeeper"
    file.write_text(completion.zsh())
    subprocess.run([shell("zsh"), "-n", str(file)], check=True)
    assert completion.zsh().startswith("#compdef storekeeper\n")


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_zsh_options_are_the_parsers(command: str) -> None:
    assert f"{command}:{cli.COMMANDS[command][1]}" in zsh("").splitlines()
    specs = zsh(command, "").splitlines()
    flags = {s[1:].partition("[")[0] for s in specs if s.startswith("*-")}
    assert flags == options(command)


def test_zsh_values() -> None:
    specs = {s[1:].partition("[")[0]: s for s in zsh("list", "").splitlines()}
    kinds = "(trusted-certificate private-key secret-key opaque)"
    assert specs["--kind"].endswith(f"]:value:{kinds}")
    assert "(env\\: file\\: fd\\: " in specs["--storepass"]
    assert specs["--json"].endswith("]")
    stores = " ".join(completion._stores())
    assert f"*:store:{{ compadd -- {stores}; _files }}" in zsh("list", "").splitlines()


def fish(line: str, cwd: Path = FILES) -> dict[str, str]:
    """What fish offers at the end of a line, with its descriptions."""
    program = f"{completion.fish()}\ncomplete -C '{line}'"
    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", program],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    return dict(line.partition("\t")[::2] for line in done.stdout.splitlines())


def test_fish_commands(tmp_path: Path) -> None:
    file = tmp_path / "storekeeper.fish"
    file.write_text(completion.fish())
    subprocess.run([shell("fish"), "--no-execute", str(file)], check=True)
    offered = fish("storekeeper ", tmp_path)
    for name, (_, line) in cli.COMMANDS.items():
        assert offered[name] == line


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_fish_options_are_the_parsers(command: str, tmp_path: Path) -> None:
    wanted = {flag for flag in options(command) if flag.startswith("--")}
    assert set(fish(f"storekeeper {command} --", tmp_path)) == wanted


def test_fish_words(tmp_path: Path) -> None:
    assert {"cacerts", "mozilla"} <= set(fish("storekeeper list ", tmp_path))
    assert set(fish("storekeeper list --kind ", tmp_path)) == {
        *("trusted-certificate", "private-key", "secret-key", "opaque"),
    }
    assert set(fish("storekeeper list --storepass ", tmp_path)) == FORMS
    assert set(fish("storekeeper completion ", tmp_path)) == set(completion.SHELLS)
    (tmp_path / "root.pem").touch()
    assert "root.pem" in fish("storekeeper show roo", tmp_path)
