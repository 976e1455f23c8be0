"""Start-up: what a command must not import (times are in benchmarks/, as ratios)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FILES = Path(__file__).parent / "scripts" / "files"
HEAVY = {
    "asyncio",
    "certifi",
    "cryptography",
    "dataclasses",
    "email",
    "http",
    "inspect",
    "jks",
    "json",
    "logging",
    "prompt_toolkit",
    "questionary",
    "rich",
    "socket",
    "ssl",
    "subprocess",
    "typing",
    "urllib",
    "yaml",
}


def loaded_by(*words: str) -> set[str]:
    """Top-level modules in memory after a command, and that it ended well."""
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from storekeeper.cli import main\n"
        f"status = main({list(words)!r})\n"
        "assert status in (0, 1), status\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(names), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(FILES.parents[2])!r})\n{program}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--help"], id="help"),
        pytest.param(["list", str(FILES / "trust-keytool17.jks")], id="list-jks"),
        pytest.param(["list", str(FILES / "chain.pem")], id="list-pem"),
        pytest.param(["diff", str(FILES / "root.pem"), "mozilla"], id="diff-shipped-list"),
        pytest.param(["list", "temurin-21"], id="list-shipped"),
        pytest.param(["list", str(FILES / "root.pem"), "--csv"], id="list-csv"),
        pytest.param(["show", str(FILES / "leaf.der")], id="show"),
        pytest.param(["jres"], id="jres"),
        pytest.param(["audit", str(FILES / "trust-keytool17.jks")], id="audit"),
        pytest.param(["audit", "certifi", "--against", "mozilla"], id="audit-against"),
        pytest.param(["completion", "bash"], id="completion"),
        pytest.param(["undo", "--list"], id="undo"),
        pytest.param(
            [
                *("keytool", "-list", "-v", "-storepass", "changeit"),
                *("-keystore", str(FILES / "trust-keytool17.jks")),
            ],
            id="keytool-list",
        ),
        pytest.param(["keytool", "-printcert", "-file", str(FILES / "chain.pem")], id="printcert"),
    ],
)
def test_looking_needs_only_the_standard_library(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # the lines of a journal are JSON
    loaded = loaded_by(*words)
    assert "storekeeper" in loaded
    assert not loaded & HEAVY


def test_json_is_loaded_for_json_only() -> None:
    loaded = loaded_by("list", str(FILES / "root.pem"), "--json")
    assert loaded & HEAVY == {"json"}


def test_yaml_is_loaded_for_a_policy_only(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("fails_on: never\n")
    loaded = loaded_by("audit", str(FILES / "root.pem"), "--policy", str(policy))
    assert loaded & HEAVY <= {"yaml", "datetime", "typing"}
    assert "yaml" in loaded
    assert "cryptography" not in loaded


def test_ciphers_are_loaded_for_what_is_encrypted_only() -> None:
    loaded = loaded_by("list", str(FILES / "identity-openssl3.p12"), "--storepass", "pass:changeit")
    assert "cryptography" in loaded
    assert not loaded & {"certifi", "yaml", "questionary", "ssl", "dataclasses"}


def test_arrow_keys_are_loaded_for_a_person_at_a_terminal_only() -> None:
    store = str(FILES / "trust-keytool17.jks")
    answers = ("--what", "compare", "--list", "mozilla", "--store", store)
    loaded = loaded_by("wizard", *answers)
    assert "storekeeper" in loaded
    assert not loaded & {"questionary", "prompt_toolkit", "asyncio", "yaml", "ssl", "cryptography"}


def test_importing_the_library_imports_nothing_else() -> None:
    program = "import sys; b = set(sys.modules); import storekeeper; print(*set(sys.modules) - b)"
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(FILES.parents[2])!r}); {program}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == {"storekeeper", "__future__"}
