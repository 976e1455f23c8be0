"""The documentation against the program: what is generated, executed or promised."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import storekeeper
from storekeeper import cli
from tests import console, jvm
from tools.make_docs import PAGE, VERDICTS_PAGE, page, verdicts_page
from tools.readme_commands import commands

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = sorted([TOP / "README.md", TOP / "CHANGELOG.md", *TOP.glob("docs/**/*.md")])


def test_command_page_is_what_help_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "88")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_verdicts_page_has_every_runtime_and_rule() -> None:
    assert VERDICTS_PAGE.read_text(encoding="utf-8") == verdicts_page()


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_with_examples(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f"  storekeeper {name}" in shown, "no example"
    assert "exit status:" in shown


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_option_explains_itself(name: str) -> None:
    parser = cli.options_of(name)
    assert all(action.help for action in parser._actions), name


def test_every_command_is_in_the_readme_or_the_changelog() -> None:
    told = README + (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    missing = [n for n in cli.COMMANDS if f"storekeeper {n}" not in told]
    assert missing == []


def test_readme_has_the_commands_ci_runs() -> None:
    found = commands(README)
    assert set(found) == {"main", "uv-main", "tests", "uv-tests"}
    for name in ("main", "tests"):
        assert "python3 -m venv" in found[name]
        assert "pip install" in found[name]
    assert "pytest" in found["tests"]


def test_every_dependency_is_justified() -> None:
    decision = (TOP / "docs/decisions/0001-dependencies.md").read_text(encoding="utf-8").lower()
    wanted = list(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        wanted += extra
    names = {re.split(r"[<>=;\[ ]", requirement)[0] for requirement in wanted}
    assert {name for name in names if name not in decision} == set()


def test_versions_agree() -> None:
    assert PROJECT["version"] == storekeeper.__version__
    assert f"## {storekeeper.__version__}" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8")


def test_exit_statuses_are_those_of_the_errors() -> None:
    from storekeeper import errors

    listed = set(re.findall(r"^  (\d)  ", cli.EXIT_STATUSES, re.MULTILINE))
    kinds = [
        v
        for v in vars(errors).values()
        if isinstance(v, type) and issubclass(v, errors.StorekeeperError)
    ]
    assert {str(kind.exit_status) for kind in kinds} | {"0", "1"} == listed


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize(
    "document", [TOP / "README.md", TOP / "docs/library.md"], ids=["readme", "library"]
)
def test_python_examples_run(document: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for file in (TOP / "tests/scripts/files").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    program = "\n".join(blocks)
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(TOP), "PATH": "/usr/bin:/bin"},
        check=True,
        timeout=60,
    )


def test_readme_examples_print_what_it_says(tmp_path: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    assert blocks
    env = {"WRONG": "not the password", "JAVA_HOME": str(jvm.by_major(17).home)}
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        folder.mkdir()
        # What a command says on the way is left out of the README, unless it is the point.
        assert console.run(block, folder, stderr="\n! " in block, env=env) > 0


def sections() -> dict[str, set[str]]:
    """The field names docs/json.md gives each schema."""
    found = {}
    text = (TOP / "docs/json.md").read_text(encoding="utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        schema, _, body = part.partition("\n")
        quoted = re.findall(r"`([a-z0-9_.\[\]]+)`", body)
        found[schema] = {word.rpartition(".")[2].removesuffix("[]") for word in quoted}
    return found


# Words that are quoted as values of fields.
VALUES = {"null", "verified", "absent", "warning", "info", "directory", "opaque", "system"}
# Fields of the entries and findings of a list, which the section on show calls "as above".
AS_ABOVE = {
    *("alias", "kind", "created", "sha256", "subject", "issuer", "not_before", "not_after"),
    *("chain", "code", "severity", "where", "message", "hint"),
}


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    found: set[str] = set()
    return found.union(*map(names_in, value)) if isinstance(value, list) else found


@pytest.mark.parametrize("schema", ["list", "show", "diff", "export", "jres", "sources"])
def test_json_fields_are_those_documented(
    schema: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # The key entry of identity-openssl3.p12 with another chain: changed.
    shorter = tmp_path / "shorter.p12"
    leaf = (TOP / "tests/scripts/files/chain.pem").read_text().partition("-----END")[0]
    (tmp_path / "leaf.pem").write_text(f"{leaf}-----END CERTIFICATE-----\n")
    subprocess.run(
        [
            *(
                "openssl",
                "pkcs12",
                "-export",
                "-inkey",
                "leaf.key",
                "-in",
                str(tmp_path / "leaf.pem"),
            ),
            *("-name", "server", "-out", str(shorter)),
            *("-passout", "pass:changeit"),
        ],
        cwd=TOP / "tests/scripts/files",
        check=True,
    )
    monkeypatch.chdir(TOP / "tests/scripts/files")
    monkeypatch.setenv("JAVA_HOME", str(jvm.by_major(17).home))
    stores = ["trust-keytool17.jks", "identity-openssl3.p12", "empty.jks", "prints.txt", "certifi"]
    commands: dict[str, list[list[str]]] = {
        "list": [[*stores, "unreadable-inside.jks"]],
        "show": [["leaf.der"], ["identity-openssl3.p12"], ["unreadable-inside.jks"]],
        "diff": [
            ["trust-keytool17.jks", "reissued-keytool17.jks"],
            ["trust-keytool17.jks", "rekeyed-keytool17.jks"],
            ["trust-keytool17.jks", "certdata.txt"],
            ["identity-openssl3.p12", str(shorter)],
        ],
        "export": [["chain.pem", "--hashed", str(tmp_path / "hashed")]],
        "jres": [[]],
        "sources": [[]],
    }
    printed: set[str] = set()
    for words in commands[schema]:
        cli.main([schema, *words, "--json"])
        found = json.loads(capsys.readouterr().out)
        assert found["schema"] == f"storekeeper.{schema}/1"
        printed |= names_in(found)
    documented = sections()[f"storekeeper.{schema}/1"]
    if schema in ("show", "diff"):
        documented |= AS_ABOVE & printed
    # What only some machines have: a JRE or file that is managed, or was passed over.
    rare = {"name", "occasion", "hint", "path", "why"} if schema == "jres" else set()
    assert printed - {"schema", "stores"} <= documented, "printed and not documented"
    assert documented - printed - VALUES <= rare, "documented and not printed"


def test_public_names_are_all_there() -> None:
    for name in storekeeper.__all__:
        assert getattr(storekeeper, name) is not None
    modules = {f"storekeeper.{module}" for module, _ in storekeeper._EXPORTS.values()}
    assert set(storekeeper._EXPORTS) == set(storekeeper.__all__)
    for module in modules:
        assert (import_module(module).__doc__ or "").strip()
