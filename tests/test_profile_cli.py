"""``plan``, ``apply`` and ``profiles`` as they are typed: statuses, JSON, diffs, checks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import changing, pki, servers
from tests.commands import Commands
from tests.profiles import HEAD, MORE, ROOT
from tests.test_docs import names_in, sections

MADE = servers.setup("localhost", "Cli Inter", "Cli CA")


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    commands = Commands(tmp_path, capsys, monkeypatch)
    monkeypatch.delenv("STOREKEEPER_STOREPASS")
    monkeypatch.setenv("PW", "changeit")
    commands.write("root.pem", ROOT)
    commands.write("more.pem", MORE)
    (tmp_path / "p.yaml").write_text(
        HEAD + "variables: {store: trust.jks}\ntargets:\n- name: trust\n  path: ${store}\n"
        "  password: env:PW\n  mode: '0640'\n  sources: [{file: '*.pem'}]\n"
        "restart: [restart it]\n"
    )
    return commands


def test_exit_statuses(run: Commands) -> None:
    """Drift is a no; --detailed-exitcode counts as configuration management does."""
    run("plan", "p.yaml", status=1)
    run("plan", "p.yaml", "--detailed-exitcode", status=2)
    run("apply", "p.yaml", "--check", status=1)
    run("apply", "p.yaml", "--check", "--detailed-exitcode", status=2)
    run("apply", "p.yaml", "--dry-run")
    assert not (run.folder / "trust.jks").exists()
    said = run("apply", "p.yaml", "--detailed-exitcode", status=2)
    assert "for the change to count: restart it" in said.err
    for words in (("plan",), ("apply",), ("apply", "--check"), ("plan", "--detailed-exitcode"),
                  ("apply", "--detailed-exitcode"), ("apply", "--dry-run")):  # fmt: skip
        said = run(words[0], "p.yaml", *words[1:])
        assert "unchanged (2 unchanged)" in said.out
        assert said.err == ""


def test_quiet_says_nothing(run: Commands) -> None:
    assert run("plan", "p.yaml", "-q", status=1).out == ""
    assert run("apply", "p.yaml", "-q").out == ""


def test_values_are_said_by_set(run: Commands) -> None:
    run("apply", "p.yaml", "--set", "store=other.p12")
    assert (run.folder / "other.p12").exists()
    assert "no variable 'stor'" in run("plan", "p.yaml", "--set", "stor=x", status=2).err
    assert "expected NAME=VALUE" in run("plan", "p.yaml", "--set", "stor", status=2).err
    twice = run("plan", "p.yaml", "--set", "store=a", "--set", "store=b", status=2)
    assert "said twice" in twice.err


def test_a_diff_is_entry_by_entry(run: Commands) -> None:
    changing.store_file(run.folder / "trust.jks", "JKS", changing.trusted("a", ROOT))
    out = run("plan", "p.yaml", "--diff", status=1).out
    assert "--- trust.jks\n+++ trust.jks\n+profile-more-" in out
    text = (run.folder / "p.yaml").read_text()
    changing.store_file(run.folder / "trust.jks", "JKS", changing.trusted("a", changing.CORP))
    (run.folder / "p.yaml").write_text(text.replace("mode: '0640'", "state: exact"))
    lines = run("plan", "p.yaml", "--diff", status=1).out.splitlines()
    assert [line[:2] for line in lines if line[:3] not in ("---", "+++")][1:4] == ["-a", "+p", "+p"]


def test_json_fields_are_those_documented(run: Commands) -> None:
    documented = sections()["storekeeper.profile-plan/1"] | sections()["storekeeper.change/1"]
    shape = {"title", "trust", "store", "path", "mode"}
    planned = json.loads(run("plan", "p.yaml", "--json", status=1).out)
    applied = json.loads(run("apply", "p.yaml", "--json").out)
    again = json.loads(run("apply", "p.yaml", "--json").out)
    more = {"kind", "code", "severity", "where", "message", "hint"}
    for found in (planned, applied, again):
        assert found["schema"] == "storekeeper.profile-plan/1"
        assert names_in(found) - {"schema"} <= documented | shape | more
    assert [one["changed"] for one in (planned, applied, again)] == [True, True, False]
    assert [one["written"] for one in (planned, applied, again)] == [False, True, False]
    assert planned["targets"][0]["attributes"] == [
        {"attribute": "mode", "old": None, "new": "0640"}
    ]
    assert planned["variables"] == {"store": "trust.jks"}
    listed = json.loads(run("profiles", "list", "--json").out)
    assert names_in(listed) - {"schema"} <= sections()["storekeeper.profiles/1"]
    shown = json.loads(run("profiles", "show", "p.yaml", "--json").out)
    assert shown["schema"] == "storekeeper.profile/1"
    assert shown["profile"]["targets"][0]["path"] == "trust.jks"


def test_checks_are_asked_before_and_afterwards(run: Commands) -> None:
    root = pki.certificate("Cli CA", None, ca=True)
    (run.folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", root))
    with servers.openssl(MADE) as running:
        with (run.folder / "p.yaml").open("a") as file:
            file.write(f"checks: [{{name: it, server: '{running.at}', host: localhost}}]\n")
        out = run("plan", "p.yaml", "--checks", status=1).out
        assert "= check     it: java17.0.9 accepts the server\n" in out
        found = json.loads(run("apply", "p.yaml", "--json").out)
        (check,) = found["checks"]
        assert (check["passed"], check["accepts"], check["runtime"]) == (True, True, "java17.0.9")
        documented = sections()["storekeeper.profile-plan/1"]
        assert set(check) <= documented
        (run.folder / "root.pem").unlink()
        (run.folder / "trust.jks").unlink()
        refused = run("apply", "p.yaml", status=1)
        assert "! check     it: java17.0.9 refuses the server: PKIX path building" in refused.out
        assert (run.folder / "trust.jks").exists()
        run("apply", "p.yaml", "--no-checks")
    gone = run("apply", "p.yaml", status=5).out
    assert "? check     it: could not be asked: " in gone


def test_a_new_profile_builds_on_another(run: Commands) -> None:
    run("profiles", "new", "p.yaml", "--set", "store=mine.jks", "-o", "mine.yaml")
    text = (run.folder / "mine.yaml").read_text()
    assert "extends: p.yaml\n" in text
    assert "  store: mine.jks\n" in text
    assert "a profile of 1 target" in run("profiles", "validate", "mine.yaml").out
    run("apply", "mine.yaml")
    assert (run.folder / "mine.jks").exists()
    assert run("profiles", "new", "p.yaml").out.startswith("# ")
    run("profiles", "new", "p.yaml", "-o", "mine.yaml", status=6)
    assert (run.folder / "mine.yaml").read_text() == text
    run("profiles", "new", "p.yaml", "--set", "stor=x", status=2)


def test_validate_finds_what_is_wrong_without_a_store(run: Commands) -> None:
    (run.folder / "bad.yaml").write_text(HEAD + "restart: ['${hots}']\nvariables: {host: a}\n")
    said = run("profiles", "validate", "bad.yaml", status=4).err
    assert "bad.yaml:2:11: there is no variable 'hots'" in said
    assert "did you mean 'host'?" in said
    assert "needs a profile" in run("profiles", "validate", status=2).err
    assert "nothere" in run("profiles", "show", "nothere", status=4).err


def test_a_password_in_the_profile_is_warned_about(run: Commands) -> None:
    path = run.folder / "p.yaml"
    path.write_text(path.read_text().replace("env:PW", "pass:hunter2"))
    said = run("plan", "p.yaml", status=1)
    assert "whoever reads the profile" in said.err
    assert "hunter2" not in said.out + said.err
    shown = run("profiles", "show", "p.yaml", "--json").out
    assert "hunter2" not in shown


def test_a_password_out_of_a_variable_is_not_shown(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where a variable stands for it, and not where one is a part of it."""
    monkeypatch.setenv("SESAME", "hunter2")
    (run.folder / "v.yaml").write_text(
        HEAD + 'variables: {word: "${SESAME}", spec: "pass:${SESAME}", shown: told}\ntargets:\n'
        '- {path: a.p12, password: "pass:${word}", about: "${shown}", sources: [{file: "*.pem"}]}\n'
        '- {path: b.p12, password: "${spec}", sources: [{file: root.pem}]}\n'
    )
    asked: tuple[tuple[str, ...], ...] = (
        ("profiles", "show", "v.yaml"),
        ("profiles", "show", "v.yaml", "--json"),
        ("apply", "v.yaml", "--check", "--json"),
        ("apply", "v.yaml", "--check"),
    )
    for words in asked:
        said = run(*words, status=1 if words[0] == "apply" else 0)
        assert "hunter2" not in said.out + said.err
        if words[0] == "profiles" or "--json" in words:
            assert "pass:..." in said.out
            assert "told" in said.out
