"""The same bytes on every machine; the same plan from a command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.apply import encode
from storekeeper.change.plan import Plan
from storekeeper.errors import StorekeeperError
from storekeeper.model import Store, TrustedCert
from storekeeper.profile.context import Context
from storekeeper.profile.load import load
from storekeeper.profile.planning import plan_profile
from tests import changing, jvm
from tests.profiles import HEAD, MORE, ROOT, Folder, certificates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PW", "changeit")
    return Folder(tmp_path)


# -- the same everywhere ------------------------------------------------------------------


ALIKE = {
    "trust.jks": "  password: env:PW\n",
    "trust.jceks": "  password: env:PW\n",
    "trust.p12": "  password: env:PW\n",
    "java8.p12": "  password: env:PW\n  compat: java8\n",
    "passwordless.p12": "  password: none\n  compat: passwordless\n",
    "trust.pem": "",
    "anchors/": "",
}


def test_two_machines_write_the_same_bytes(folder: Folder, tmp_path: Path) -> None:
    """Two processes with another home, time zone, locale and hash seed, a second apart."""
    text = "targets:\n"
    for name, more in ALIKE.items():
        path = name.rstrip("/")
        text += f"- path: ${{out}}/{path}\n{more}  sources: [{{file: '{tmp_path}/*.pem'}}]\n"
    folder.profile("variables: {out: {required: true}}\n" + text)
    written: list[dict[str, bytes]] = []
    for number, zone in enumerate(("UTC", "Asia/Tokyo")):
        out = tmp_path / f"out{number}"
        (out / "anchors").mkdir(parents=True)
        environment = {
            **os.environ,
            "HOME": str(out),
            "TZ": zone,
            "PYTHONHASHSEED": str(number),
            "XDG_STATE_HOME": str(out / "state"),
            "PYTHONPATH": str(Path(formats.__file__).parents[2]),
        }
        environment.pop("SOURCE_DATE_EPOCH", None)
        words = ["-m", "storekeeper", "apply", str(folder.path / "p.yaml"), "-q"]
        subprocess.run([sys.executable, *words, "--set", f"out={out}"], check=True, env=environment)
        written.append(
            {
                str(path.relative_to(out)): path.read_bytes()
                for path in out.rglob("*")
                if path.is_file() and "state" not in path.parts
            }
        )
    assert written[0] == written[1]
    assert len(written[0]) == len(ALIKE) + 1


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_every_java_opens_what_a_profile_made(folder: Folder, version: str) -> None:
    java = jvm.jvm(version)
    for name, more in list(ALIKE.items())[:5]:
        folder.profile(f"targets:\n- path: {name}\n{more}  sources: [{{file: '*.pem'}}]\n")
        (done,) = folder.apply()
        password = None if "passwordless" in name else "changeit"
        content = (folder.path / name).read_bytes()
        found = java.worker.load(content, password)["entries"]
        assert {entry["chain"][0] for entry in found} == {ROOT.der, MORE.der}
        assert {entry["kind"] for entry in found} == {"trusted"}
        assert done.changed


def test_salts_are_drawn_where_there_is_a_key(folder: Folder) -> None:
    path = changing.store_file(folder.path / "trust.p12", "PKCS12")
    folder.target("trust.p12")
    (plan,) = folder.plan()
    assert encode(plan.plan)[0] != encode(plan.plan)[0]
    trust = Store("PKCS12", (TrustedCert("a", ROOT), TrustedCert("b", MORE)))
    path.write_bytes(formats.write(trust, "changeit"))
    folder.write("new.pem", changing.CORP)
    (plan,) = folder.plan()
    first = encode(plan.plan)[0]
    assert first == encode(plan.plan)[0]
    assert first is not None
    path.write_bytes(formats.write(Store("PKCS12", trust.entries[:1]), "changeit"))
    (other,) = folder.plan()
    salt = formats.read(first, "changeit")
    assert salt.entries  # it opens
    assert encode(other.plan)[0] != first


def test_a_new_password_is_typed_twice(folder: Folder) -> None:
    folder.profile("targets: [{path: t.jks, password: prompt, sources: [{file: '*.pem'}]}]")
    asked: list[str] = []

    def typed(*answers: str) -> Context:
        left = iter(answers)

        def prompt(what: str) -> str:
            asked.append(what)
            return next(left)

        return Context(prompt=prompt)

    with pytest.raises(StorekeeperError, match="not the same"):
        folder.apply(typed("one two", "one too"))
    folder.apply(typed("one two", "one two"))
    assert asked[-1].endswith("t.jks again")
    # Of one that is there, once, though it is opened twice.
    folder.write("new.pem", changing.CORP)
    folder.apply(typed("one two"))
    assert len(certificates(folder.path / "t.jks", "one two")) == 3


# -- one road -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ([], ""),
        (["--alias", "{cn}"], "  alias: '{cn}'\n"),
        (["--on-conflict", "skip", "--alias", "corp-root"],
         "  alias: corp-root\n  on-conflict: skip\n"),
        (["--compat", "java11"], "  compat: java11\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["there.jks", "there.p12", "new.p12", "new.jks"])
def test_the_command_and_the_profile_make_the_same_plan(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, name: str, words: list[str], more: str
) -> None:
    from storekeeper.cli import main, mending

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    changing.store_file(folder.path / "there.jks", "JKS")
    changing.store_file(folder.path / "there.p12", "PKCS12")
    seen: list[Plan] = []

    def told(_args: object, plan: Plan, **_: object) -> int:
        seen.append(plan)
        return 0

    monkeypatch.setattr(mending, "told", told)
    path = str(folder.path / name)
    sources = [str(folder.path / "more.pem"), str(folder.path / "root.pem")]
    said = ["import", path, *sources, "--storepass", "env:PW", "--at", "2026-06-01", *words]
    assert main(said) == 0
    folder.target(name, more)
    (plan,) = folder.plan(Context(at=1_780_272_000))
    assert seen == [plan.plan]


def test_the_plan_of_a_profile_shows_no_secret(folder: Folder) -> None:
    folder.target()
    os.environ["PW"] = "hunter2 secret"
    try:
        plans = plan_profile(load(folder.path / "p.yaml"))
    finally:
        os.environ["PW"] = "changeit"
    assert "hunter2" not in repr(plans)


def test_a_profile_shows_no_password_that_stands_in_it() -> None:
    profile = load(
        HEAD.encode() + b"variables: {spec: 'pass:hunter2', word: hunter2}\ntargets:\n"
        b"- {path: a.p12, password: 'pass:hunter2', key-password: '${spec}',\n"
        b"   sources: [{store: a, password: 'pass:${word}'}]}\n"
        b"- {path: b.p12, keys: [{from: b, password: '${spec}', key-password: 'pass:hunter2'}]}\n"
        b"checks: [{server: a, password: 'pass:hunter2'}]\n"
    )
    assert profile.targets[0].sources[0].password == "pass:hunter2"
    assert "hunter2" not in repr(profile)
