"""The kinds of change: as values, as the lines of a diff, and as JSON."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from storekeeper.change import changes as kinds
from storekeeper.change.apply import Applied
from storekeeper.change.changes import (
    Add,
    Change,
    Link,
    Redate,
    Reformat,
    Remove,
    Rename,
    Reorder,
    Repassword,
    Replace,
    Restore,
    Step,
)
from storekeeper.change.plan import Plan
from storekeeper.change.target import Target
from storekeeper.model import Finding, Opaque, PrivateKey, Store, TrustedCert, replace
from storekeeper.report import changes as report
from tests import pki
from tests.changing import CHAIN, CORP, OTHER, private, secret, trusted

ONE, TWO = trusted("one"), trusted("two", OTHER)
KEY = private("key", "JKS")
NAMELESS = Opaque("", "certificate request", b"x")
SHORT = ":".join(CORP.sha256[at : at + 2].upper() for at in range(0, 16, 2)) + "..."
LEAF = ":".join(CHAIN[0].sha256[at : at + 2].upper() for at in range(0, 16, 2)) + "..."

# A change, its line, what JSON says beside "change" and "alias".
CASES: list[tuple[Change, str, str, dict[str, Any]]] = [
    (
        Add(ONE),
        f"+ added      one  CN=Corp Root  {SHORT}",
        "added",
        {"kind": "trusted-certificate", "sha256": CORP.sha256},
    ),
    (
        Add(KEY),
        f"+ added      key  private key  CN=server.example  {LEAF}",
        "added",
        {"kind": "private-key", "sha256": CHAIN[0].sha256},
    ),
    (
        Add(replace(KEY, chain=())),
        "+ added      key  private key",
        "added",
        {"kind": "private-key", "sha256": None},
    ),
    (
        Remove(secret("aes", "JCEKS")),
        "- removed    aes  secret key",
        "removed",
        {"kind": "secret-key", "sha256": None},
    ),
    (
        Remove(NAMELESS),
        "- removed    -  certificate request",
        "removed",
        {"kind": "opaque", "sha256": None},
    ),
    (
        Replace(TWO, replace(ONE, alias="two")),
        f"~ replaced   two  CN=Corp Root  {SHORT}",
        "replaced",
        {"kind": "trusted-certificate", "sha256": CORP.sha256, "old_sha256": OTHER.sha256},
    ),
    (
        Rename(ONE, replace(ONE, alias="first")),
        "~ renamed    one -> first",
        "renamed",
        {"kind": "trusted-certificate", "sha256": CORP.sha256, "old_alias": "one"},
    ),
    (
        Redate(replace(ONE, created_ms=None), ONE),
        "~ re-dated   one: no date -> 2023-11-14",
        "re-dated",
        {
            "kind": "trusted-certificate",
            "sha256": CORP.sha256,
            "old_created": None,
            "created": "2023-11-14T22:13:20Z",
        },
    ),
    (Repassword(), "~ password   of the store", "password", {}),
    (Repassword("key"), "~ password   of the key key", "password", {}),
    (Reformat("", "JKS"), "+ new store  JKS", "format", {"old": None, "new": "JKS"}),
    (
        Reformat("JKS", "PKCS12 java8"),
        "~ format     JKS -> PKCS12 java8",
        "format",
        {"old": "JKS", "new": "PKCS12 java8"},
    ),
    (Reorder(), "~ order      of the entries", "re-ordered", {}),
    (
        Link("corp.pem", "1a2b3c4d.0"),
        "+ link       1a2b3c4d.0 -> corp.pem",
        "linked",
        {"link": "1a2b3c4d.0"},
    ),
    (
        Restore("20260101T0", "0" * 64),
        "~ restored   as before 20260101T0",
        "restored",
        {"undoes": "20260101T0", "sha256": "0" * 64},
    ),
    (
        Restore("20260101T0"),
        "- removed    the file made by 20260101T0",
        "restored",
        {"undoes": "20260101T0", "sha256": None},
    ),
]


def plan(*changes: Change, steps: tuple[Step, ...] = (), **more: Any) -> Plan:
    target = Target("./store.jks", "/etc/store.jks", sha256="1" * 64)
    return Plan(target, more.pop("result", Store("JKS", (ONE,))), changes, steps, **more)


@pytest.mark.parametrize(("change", "line", "word", "more"), CASES, ids=lambda _: "")
def test_a_change_in_a_line_and_as_json(
    change: Change, line: str, word: str, more: dict[str, Any]
) -> None:
    assert report.change_line(change) == line
    assert list(report.lines(plan(change))) == [line]
    (found,) = report.json(plan(change), None)["changes"]
    assert found == {"change": word, "alias": change.alias, **more}
    assert json.loads(json.dumps(found)) == found
    # As values: the same made again, and another than every other.
    assert change == type(change)(*(getattr(change, name) for name in type(change)._fields))
    assert [other for other, *_ in CASES if other == change] == [change]
    with pytest.raises(AttributeError):
        change.alias = "x"  # type: ignore[misc]


def test_every_kind_is_told() -> None:
    every = set(get_args(Change))
    assert {type(change) for change, *_ in CASES} == every == set(report._WORDS)
    assert {name for name in kinds.__all__ if name not in ("Change", "Step")} == {
        kind.__name__ for kind in every
    }


def test_what_was_asked_for_stands_for_the_changes_it_made() -> None:
    steps = (
        Step("added", "one", "CN=Corp Root", CORP.sha256, source="a.pem"),
        Step("left-out", "", "CN=Other Root", message="an issuer"),
        Step("unchanged", "gone"),
    )
    made = plan(Reformat("", "JKS"), Add(ONE), Remove(TWO), steps=steps)
    lines = list(report.lines(made))
    assert lines[:3] == [
        f"+ added      one  CN=Corp Root  {SHORT}",
        ". left-out   -  CN=Other Root  (an issuer)",
        "= unchanged  gone",
    ]
    # The store being new, and what was not asked for in so many words.
    assert sorted(line[:12] for line in lines[3:]) == ["+ new store ", "- removed   "]
    assert report.summary(made) == "1 added, 1 left-out, 1 unchanged, 1 removed"
    assert report.json(made, None)["steps"] == [
        {
            "state": "added",
            "alias": "one",
            "subject": "CN=Corp Root",
            "sha256": CORP.sha256,
            "message": None,
            "source": "a.pem",
        },
        {
            "state": "left-out",
            "alias": None,
            "subject": "CN=Other Root",
            "sha256": None,
            "message": "an issuer",
            "source": None,
        },
        {
            "state": "unchanged",
            "alias": "gone",
            "subject": None,
            "sha256": None,
            "message": None,
            "source": None,
        },
    ]


def test_the_last_line() -> None:
    made = plan(Add(ONE))
    assert report.outcome(plan(), None) == "/etc/store.jks: unchanged"
    assert report.outcome(made, None) == "/etc/store.jks: nothing written; planned: 1 added"
    applied = Applied("/etc/store.jks", True, "/etc/store.jks.bak", "20260101T0", "2" * 64)
    assert report.outcome(made, applied) == (
        "/etc/store.jks: written (1 added); backup /etc/store.jks.bak; "
        "undo with: storekeeper undo 20260101T0"
    )
    stays = plan(steps=(Step("unchanged", "one"),))
    assert report.outcome(stays, None) == "/etc/store.jks: unchanged (1 unchanged)"


def test_the_whole_as_json() -> None:
    note = Finding("dates-lost", "info", "", "a date is not kept")
    late = Finding("no-attributes", "warning", "", "not kept", "look")
    made = plan(Add(ONE), findings=(note,))
    applied = Applied("/etc/store.jks", True, "b", "id", "2" * 64, (late,))
    found = report.json(made, applied)
    assert {key: found[key] for key in found if key not in ("changes", "steps", "findings")} == {
        "schema": "storekeeper.change/1",
        "path": "./store.jks",
        "real_path": "/etc/store.jks",
        "format": "JKS",
        "entries": 1,
        "changed": True,
        "written": True,
        "base_sha256": "1" * 64,
        "sha256": "2" * 64,
        "backup": "b",
        "id": "id",
    }
    assert [one["code"] for one in found["findings"]] == ["dates-lost", "no-attributes"]
    shown = report.json(made, None)
    assert [shown[key] for key in ("written", "sha256", "backup", "id")] == [False, *[None] * 3]
    gone = report.json(plan(Restore("x"), result=None), None)
    assert (gone["format"], gone["entries"]) == (None, None)


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "right\u202eleft", "nul\x00"])
def test_nothing_a_terminal_obeys(text: str) -> None:
    """Aliases and names come from strangers."""
    named = TrustedCert(text, pki.cert(text), 1)
    key = PrivateKey(text, (named.certificate,), KEY.sealed, 1)
    changes: list[Change] = [
        *(Add(named), Remove(key), Replace(ONE, named), Rename(ONE, named), Rename(named, ONE)),
        *(Redate(named, named), Repassword(text), Link(text, "00000000.0")),
    ]
    for change in changes:
        assert report.change_line(change).isprintable(), change
    step = Step("added", text, text, "", text, text)
    assert report.step_line(step).isprintable()
