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
from storekeeper.cli import audit as audit_command
from storekeeper.report import changes
from tests import changing, jvm, mended
from tools.make_docs import (
    AUDIT_PAGE,
    PAGE,
    PROFILE_SCHEMA,
    PROFILES_PAGE,
    VERDICTS_PAGE,
    audit_page,
    page,
    profile_schema,
    profiles_page,
    verdicts_page,
)
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


def test_audit_page_has_every_rule_and_list_and_a_policy_that_is_one(tmp_path: Path) -> None:
    from storekeeper.trust.audit.policy_file import parse_policy
    from storekeeper.trust.audit.rules import RULES

    text = AUDIT_PAGE.read_text(encoding="utf-8")
    assert text == audit_page()
    assert all(f"| `{code}` | {rule.severity} |" in text for code, rule in RULES.items())
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "roots.pem").write_bytes(b"")
    policy = parse_policy(example.encode(), str(tmp_path / "audit.yaml"))
    assert len(policy.waived) == 2
    formats = text.partition("| `--format` |")[2].partition("\n\n")[0]
    named = {word for row in formats.splitlines()[2:] for word in re.findall(r"`(\w+)`", row)}
    assert named == set(audit_command.FORMATS)


def test_profiles_page_has_every_key_and_a_profile_that_is_one() -> None:
    from storekeeper.profile.keys import TABLES

    text = PROFILES_PAGE.read_text(encoding="utf-8")
    assert text == profiles_page()
    assert all(f"\n### `{name}`\n" in text for name in TABLES if name != "profile")
    assert PROFILE_SCHEMA.read_text(encoding="utf-8") == profile_schema()
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example == (TOP / "tests/scripts/files/agent.yaml").read_text(encoding="utf-8")


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


@pytest.mark.slow
def test_python_examples_are_typed(tmp_path: Path) -> None:
    """The page as a program of a user who has mypy --strict."""
    pytest.importorskip("mypy")
    text = (TOP / "docs/library.md").read_text(encoding="utf-8")
    program = tmp_path / "page.py"
    program.write_text("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)))
    # What is installed is not checked by its users: only the page is.
    options = ("--strict", "--config-file=", "--follow-imports=silent")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(program)],
        cwd=tmp_path,
        env={"MYPYPATH": str(TOP), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout


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
VALUES = {
    *("null", "verified", "absent", "warning", "info", "directory", "opaque", "system"),
    *("store", "key", "link", "unreadable", "growing", "keychain", "scan"),
}
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


@pytest.mark.parametrize(
    "schema", ["list", "show", "diff", "export", "jres", "sources", "audit", "scan"]
)
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
    policy = tmp_path / "policy.yaml"
    policy.write_text("waive: [{code: [not-a-ca, missing-from-store], reason: meant}]\n")
    monkeypatch.chdir(TOP / "tests/scripts/files")
    java = jvm.by_major(17).home
    monkeypatch.setenv("JAVA_HOME", str(java))
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
        "scan": [[".", str(java / "lib")]],
        "audit": [
            [*stores, "--against", "mozilla"],
            ["leaf.der", "--policy", str(policy), "--at", "2026-11-21"],
        ],
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


def test_json_fields_of_changes_are_those_documented(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STOREKEEPER_STOREPASS", changing.PASS)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name, value in mended.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def printed(*words: str, schema: str = "change") -> set[str]:
        cli.main([*words, "--json"])
        found = json.loads(capsys.readouterr().out)
        assert found["schema"] == f"storekeeper.{schema}/1"
        return names_in(found)

    fields: set[str] = set()
    for number, name in enumerate(mended.COMMANDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = mended.furnish(folder, "JKS")
        if name == "undo":
            mended.something_to_undo(path)
        if name == "import-directory":  # where a link of OpenSSL's is missing
            subprocess.run(["openssl", "rehash", "anchors"], cwd=folder, check=True)
            links = [one for one in (folder / "anchors").iterdir() if one.is_symlink()]
            next(one for one in links if one.readlink().name == "corp.crt").unlink()
            (folder / "new.pem").write_bytes((folder / "anchors" / "corp.crt").read_bytes())
        if name == "merge":
            older = changing.trusted("corp-root", born=changing.BORN - 1)
            changing.store_file(folder / "extra.jks", "JKS", older)
        monkeypatch.chdir(folder)
        fields |= printed(*mended.words(name, "JKS"))
    documented = sections()["storekeeper.change/1"]
    assert fields - {"schema"} <= documented | AS_ABOVE, "printed and not documented"
    values = {word.split()[0] for word in changes._WORDS.values()} | set(changes._MARKS)
    assert documented - fields - VALUES <= values, "documented and not printed"
    # Every value of `change` and `state` is told, and none that there is not.
    rows = _rows("storekeeper.change/1")
    told = re.search(r"`change` \((.*?)\)", rows["changes[]"])
    assert told
    assert set(re.findall(r"`([a-z-]+)`", told[1])) == {
        word.split()[0] for word in changes._WORDS.values()
    }
    told = re.search(r"`state` \((.*?)\)", rows["steps[]"])
    assert told
    assert set(re.findall(r"`([a-z-]+)`", told[1])) == set(changes._MARKS)

    listed = printed("undo", "--list", schema="journal")
    assert listed - {"schema"} == sections()["storekeeper.journal/1"]


def _rows(schema: str) -> dict[str, str]:
    """The rows of a schema's table, by the first field they are about."""
    text = (TOP / "docs/json.md").read_text(encoding="utf-8").partition(f"## {schema}\n")[2]
    rows = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    return {row.split("`")[1]: row for row in rows}


def test_public_names_are_all_there() -> None:
    for name in storekeeper.__all__:
        assert getattr(storekeeper, name) is not None
    modules = {f"storekeeper.{module}" for module, _ in storekeeper._EXPORTS.values()}
    assert set(storekeeper._EXPORTS) == set(storekeeper.__all__)
    for module in modules:
        assert (import_module(module).__doc__ or "").strip()
