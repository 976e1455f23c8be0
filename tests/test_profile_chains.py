"""Of a profile: chains, hashed directories, conditions, and values out of configuration files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storekeeper import open_store
from storekeeper.errors import Damaged, UsageError, WriteRefused
from storekeeper.model import Certificate
from storekeeper.profile import Context, apply_profile, load, plan_profile
from storekeeper.profile.configuration import looked_up, paths_of
from tests.preset_world import (
    OTHER,
    SERVER,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    pem,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pem(tmp_path / "leaf.pem", SERVER)
    pem(tmp_path / "cas.pem", OTHER, SERVER_ROOT, SERVER_LOW, SERVER_TOP)
    return tmp_path


def applied(text: str, **variables: str) -> list[bool]:
    """Apply a profile, and again, which must change nothing; what of it changed."""
    Path("p.yaml").write_text("storekeeper: 1\n" + text)
    context = Context(environ={})
    done = [
        one.changed
        for one in apply_profile(plan_profile(load("p.yaml", variables, environ={}), context))
    ]
    again = plan_profile(load("p.yaml", variables, environ={}), context)
    assert all(one.unchanged for one in again)
    return done


TARGET = """targets:
  - path: made{suffix}
    type: {type}
    password: {password}
    state: {state}
    chain-of: leaf.pem
    part: {part}
    sources: [{{file: cas.pem}}]
"""


@pytest.mark.parametrize(
    ("type", "suffix", "state", "part", "expected"),
    [
        ("PEM", ".pem", "exact", "sent", [SERVER, SERVER_LOW, SERVER_TOP]),
        ("PEM", ".pem", "exact", "whole", [SERVER, SERVER_LOW, SERVER_TOP, SERVER_ROOT]),
        ("PEM", ".pem", "present", "issuers", [OTHER, SERVER_LOW, SERVER_TOP, SERVER_ROOT]),
        ("JKS", ".jks", "present", "issuers", [SERVER_LOW, SERVER_ROOT, SERVER_TOP]),
        ("JKS", ".jks", "exact", "intermediates", [SERVER_LOW, SERVER_TOP]),
    ],
)
def test_parts_in_stores(type: str, suffix: str, state: str, part: str, expected: object) -> None:
    if expected == [OTHER, SERVER_LOW, SERVER_TOP, SERVER_ROOT]:
        pem(Path("made.pem"), OTHER)  # which is not in the way
    password = "pass:changeit" if type == "JKS" else "none"
    text = TARGET.format(suffix=suffix, type=type, password=password, state=state, part=part)
    assert applied(text) == [True]
    found = list(open_store(f"made{suffix}", "changeit" if type == "JKS" else None).certificates())
    if type == "JKS":
        assert isinstance(expected, list)
        assert {one.der for one in found} == {one.der for one in expected}
    else:
        assert found == expected


def test_a_missing_issuer(folder: Path) -> None:
    pem(folder / "cas.pem", SERVER_ROOT, SERVER_LOW)
    text = TARGET.format(suffix=".pem", type="PEM", password="none", state="exact", part="sent")
    with pytest.raises(WriteRefused, match="CN=Server Top is missing") as refused:
        applied(text)
    assert "p.yaml:3:5" in f"{refused.value} {refused.value.hint}"
    assert not (folder / "made.pem").exists()


def test_a_directory_that_is_made(folder: Path) -> None:
    text = """targets:
  - path: new/certs
    type: directory
    hashed: true
    sources: [{file: cas.pem}]
"""
    assert applied(text) == [True]
    names = os.listdir(folder / "new" / "certs")
    assert len(names) == 8
    assert sum(one.endswith(".0") for one in names) == 4


CONDITIONS = """variables:
  one: ""
  two: ""
  cas: cas.pem
targets:
  - {name: both, path: both.pem, when: ["${one}", "${two}"], sources: [{file: "${cas}"}]}
  - {name: not-two, path: not-two.pem, when: ["${one}", "!${two}"], sources: [{file: "${cas}"}]}
  - name: sources
    path: sources.pem
    when: "${one}"
    sources:
      - {file: "${two}", when: "${two}"}
      - {file: "${cas}", only: root}
"""


@pytest.mark.parametrize(
    ("variables", "made"),
    [
        ({}, set()),
        ({"one": "leaf.pem"}, {"not-two", "sources"}),
        ({"one": "leaf.pem", "two": "leaf.pem"}, {"both", "sources"}),
        ({"one": "no"}, set()),
    ],
)
def test_conditions(folder: Path, variables: dict[str, str], made: set[str]) -> None:
    applied(CONDITIONS, **variables)
    assert {one.stem for one in folder.glob("*.pem")} - {"leaf", "cas"} == made
    if "two" in variables:
        assert SERVER.der in {
            one.der for one in load_store(folder / "sources.pem")
        }  # the first source took part


def load_store(path: Path) -> list[Certificate]:
    return list(open_store(str(path)).certificates())


def test_what_is_said_for_nothing() -> None:
    with pytest.raises(UsageError, match="two is said, and nothing comes of it: the target both"):
        applied(CONDITIONS, two="leaf.pem")
    assert applied(CONDITIONS, cas="leaf.pem") == []  # no `when` asks for it


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("hashed: true", "hashed without type: directory"),
        ("part: whole", "part without chain-of"),
        ("part: half", "expected one of sent, intermediates, issuers, whole for part"),
        ("{chain-of: leaf.pem, keys: [{from: a.p12}]}", "a target with keys has no chain-of"),
    ],
)
def test_what_does_not_go_together(line: str, message: str) -> None:
    inner = line[1:-1] if line.startswith("{") else line
    text = f"storekeeper: 1\ntargets:\n  - {{path: a.pem, {inner}}}\n"
    with pytest.raises(Damaged, match=message) as refused:
        load(text.encode())
    assert "profile:3:" in str(refused.value)


def test_values_of_a_configuration(folder: Path) -> None:
    (folder / "web").mkdir()
    (folder / "web" / "b.conf").write_text(
        "http { server { server_name a.example; ssl_certificate one.pem; }\n"
        "server { server_name b.example; ssl_certificate two.pem; include more.conf; } }\n"
    )
    (folder / "web" / "more.conf").write_text("ssl_verify_depth 7;\n")
    (folder / "engine.tra").write_text("store=file:///opt/my%20certs\nwindows=file:///c:/certs\n")
    text = """variables:
  site: b.example
  main: web/{a,b}.conf
  certificate:
    read: [{file: "${main}", key: ssl_certificate, syntax: nginx, site: "${site}", as: file}]
  depth: {read: [{file: "${main}", key: ssl_verify_depth, syntax: nginx}], default: "1"}
  store: {read: [{file: engine.tra, key: store, as: file-url}]}
  windows: {read: [{file: engine.tra, key: windows, as: file-url}]}
targets:
  - {path: "${certificate}", about: "${depth} ${store} ${windows}", sources: []}
"""
    (target,) = load(b"storekeeper: 1\n" + text.encode(), environ={}).targets
    assert target.path == str(folder / "web" / "two.pem")
    assert target.about == "7 /opt/my certs c:/certs"
    with pytest.raises(UsageError, match="ssl_certificate has 2 different values"):
        load(b"storekeeper: 1\n" + text.encode(), {"site": ""}, environ={})
    assert paths_of("web/{a,b}.conf") == ["web/a.conf", "web/b.conf"]
    assert paths_of("web/{b,more}*") == ["web/b.conf", "web/more.conf"]
    assert looked_up("nowhere.conf", "x", syntax="apache") is None


def test_a_file_url_is_a_path(folder: Path) -> None:
    """As somebody pastes it from where a product wants it so."""
    text = "targets: [{path: '${p}', type: directory, sources: [{file: cas.pem}]}]\n"
    applied(f"variables: {{p: {{about: a folder}}}}\n{text}", p=f"file://{folder}/my%20cas")
    assert len(os.listdir(folder / "my cas")) == 4


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("identifier", ["a", "A_b_1"], ["1a", "a__b", "a_", "a b", "a\n"]),
        ("label", ["a b.c-d_e", "x" * 255], ["a/b", "ä", "x" * 256]),
    ],
)
def test_what_a_value_may_be_made_of(kind: str, good: list[str], bad: list[str]) -> None:
    text = f"storekeeper: 1\nvariables: {{n: {{allowed: {kind}}}}}\ntargets: [{{path: '${{n}}'}}]"
    for name in good:
        load(text.encode(), {"n": name})
    for name in bad:
        with pytest.raises(UsageError, match="for n, found"):
            load(text.encode(), {"n": name})
