"""Merging: what is the same stands once, what collides is told, and the order is as asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change.apply import apply
from storekeeper.change.merge import plan_merge
from storekeeper.change.openings import KeyPasswords
from storekeeper.change.order import in_order
from storekeeper.change.plan import Plan
from storekeeper.change.target import open_target
from storekeeper.change.union import Side
from storekeeper.errors import WriteRefused, WrongPassword
from storekeeper.model import Entry, Password, Store, TrustedCert, replace
from tests import jvm, pki
from tests.changing import (
    BORN,
    CORP,
    KEY,
    OTHER,
    PASS,
    PASSWORD,
    aliases,
    java,
    private,
    read,
    secret,
    store_file,
    trusted,
)

THIRD = pki.cert("Aaa Root")
NOW = 1_750_000_000_000


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def source(name: str, format: str, *entries: Entry) -> Side:
    store = formats.read(formats.write(Store(format, entries), PASSWORD), PASS)
    return Side(name, store, KeyPasswords(PASSWORD))


def plan(path: Path, *sources: Side | None, **options: object) -> Plan:
    """None stands for the target itself."""
    target = open_target(str(path), PASSWORD, may_be_new=True)
    native = None
    if target.store is not None:
        native = Side(str(path), target.store, KeyPasswords(PASSWORD), native=True)
    sides = [native if side is None else side for side in sources]
    return plan_merge(target, [s for s in sides if s], now_ms=NOW, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("to", ["JKS", "JCEKS", "PKCS12"])
@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_java_finds_what_both_held(version: str, to: str, tmp_path: Path) -> None:
    one = source("one", "JKS", trusted("corp"), private("server", "JKS"))
    two = source("two", "PKCS12", trusted("other", OTHER, None), private("second", "PKCS12"))
    path = tmp_path / "out"
    apply(plan(path, one, two, storetype=to))
    assert plan(path, one, two).unchanged
    found = java(version, path, to)
    assert set(found) == {"corp", "server", "other", "second"}
    assert found["server"]["key"] == found["second"]["key"] == KEY
    assert found["server"]["created_ms"] == BORN
    if to != "PKCS12":
        assert (found["corp"]["created_ms"], found["other"]["created_ms"]) == (BORN, NOW)


def test_what_is_the_same_stands_once_with_the_older_date(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("corp", CORP, BORN + 5), private("k", "JKS"))
    other = source("other", "JKS", trusted("CORP".lower(), CORP, BORN), private("k", "JKS"))
    made = plan(path, None, other)
    assert [type(one).__name__ for one in made.changes] == ["Redate"]
    apply(made)
    assert [(e.alias, e.created_ms) for e in read(path).entries] == [("corp", BORN), ("k", BORN)]
    assert plan(path, None, other).unchanged


def test_the_entries_of_an_input_that_is_the_output_stay_as_they_are(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JCEKS", secret("aes", "JCEKS", "nobody knows"))
    before = read(path).entries
    apply(plan(path, None, source("two", "JKS", trusted("corp"))))
    assert read(path).entries[:1] == before


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("skip", [("ca", CORP)]),
        ("replace", [("ca", OTHER)]),
        ("rename", [("ca", CORP), ("ca-1", OTHER)]),
    ],
)
def test_conflicts(policy: str, expected: list[tuple[str, object]], tmp_path: Path) -> None:
    path = tmp_path / "out.jks"
    one = source("one", "JKS", trusted("ca", CORP))
    two = source("two", "JKS", trusted("ca", OTHER))
    with pytest.raises(WriteRefused, match="taken by another trusted certificate") as error:
        plan(path, one, two)
    assert (error.value.alias, error.value.path) == ("ca", "two")
    apply(plan(path, one, two, on_conflict=policy))
    found = [(e.alias, e.certificate) for e in read(path).entries if isinstance(e, TrustedCert)]
    assert found == expected
    assert plan(path, one, two, on_conflict=policy).unchanged


def test_each_certificate_once(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s", "JKS", trusted("second", CORP, BORN + 1), trusted("other", OTHER)
    )
    first = source("first", "JKS", trusted("first", CORP, BORN))
    made = plan(path, None, first, dedupe=True)
    (step,) = [s for s in made.steps if s.state == "present"]
    assert (step.alias, step.source) == ("first", "first")
    assert "'second', the first of them" in step.message
    apply(made)
    assert [(e.alias, e.created_ms) for e in read(path).entries] == [
        ("second", BORN),
        ("other", BORN),
    ]
    assert plan(path, None, first, dedupe=True).unchanged
    with_duplicates = plan(path, None, first)
    assert with_duplicates.result is not None
    assert [e.alias for e in with_duplicates.result.entries] == ["second", "other", "first"]


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12", "PEM"])
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("alias", ["a", "b", "c"]),
        ("subject", ["c", "a", "b"]),  # Aaa, Corp, Other
        ("none", ["b", "c", "a"]),
    ],
)
def test_the_order_is_in_the_file(
    by: str, expected: list[str], format: str, tmp_path: Path
) -> None:
    date = BORN if format.startswith("J") else None
    entries = (trusted("b", OTHER, date), trusted("c", THIRD, date), trusted("a", CORP, date))
    path = store_file(tmp_path / "s", format, *entries)
    apply(plan(path, None, sort=by))
    assert aliases(path) == expected
    assert plan(path, None, sort=by).unchanged
    if format != "PEM":
        assert set(java(jvm.DEFAULT_VERSIONS[0], path, format)) == {"a", "b", "c"}


def test_a_sorted_pkcs12_keeps_its_keys(tmp_path: Path) -> None:
    entries = (
        private("z", "PKCS12"),
        replace(private("y", "PKCS12"), created_ms=BORN + 1),
        trusted("b", OTHER, None),
        trusted("a", CORP, None),
    )
    path = store_file(tmp_path / "s", "PKCS12", *entries)
    apply(plan(path, None, sort="alias"))
    assert aliases(path) == ["y", "z", "a", "b"]
    found = java(jvm.DEFAULT_VERSIONS[-1], path, "PKCS12")
    assert found["y"]["key"] == found["z"]["key"] == KEY
    assert (found["y"]["created_ms"], found["z"]["created_ms"]) == (BORN + 1, BORN)


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.sampled_from(["alias", "expiry", "subject"]),
    st.sampled_from(["JKS", "PKCS12"]),
)
def test_sorting_twice_is_sorting_once_and_loses_nothing(
    names: list[str], by: str, format: str
) -> None:
    pool = (CORP, OTHER, THIRD)
    store = Store(format, tuple(trusted(name, pool[ord(name) % 3], None) for name in names))
    once = in_order(store, by)
    assert in_order(once, by) is once
    assert sorted(e.alias for e in once.entries) == sorted(names)


def test_the_output_is_not_emptied_by_the_way(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("precious", OTHER), trusted("corp"))
    before = path.read_bytes()
    one = source("one", "JKS", trusted("corp"))
    with pytest.raises(WriteRefused, match="1 entry that would be gone: 'precious'") as error:
        plan(path, one)
    assert "--force" in error.value.hint
    assert path.read_bytes() == before
    apply(plan(path, one, force=True))
    assert aliases(path) == ["corp"]
    with pytest.raises(WrongPassword):
        open_target(str(path), Password("wrong"), may_be_new=True)


def test_what_the_output_has_no_place_for(tmp_path: Path) -> None:
    path = tmp_path / "out.jks"
    one = source("one", "JCEKS", trusted("corp"), secret("aes", "JCEKS"))
    with pytest.raises(WriteRefused, match="secret key"):
        plan(path, one)
    apply(plan(path, one, skip_unsupported=True))
    assert aliases(path) == ["corp"]
