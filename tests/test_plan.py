"""Plans as values: read off by comparing, the same whoever asks, silent about no change."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change.changes import (
    Add,
    Redate,
    Reformat,
    Remove,
    Rename,
    Reorder,
    Repassword,
    Replace,
)
from storekeeper.change.convert import plan_convert
from storekeeper.change.copy import plan_copy
from storekeeper.change.delete import plan_delete
from storekeeper.change.key_entries import plan_reply
from storekeeper.change.merge import plan_merge
from storekeeper.change.openings import KeyPasswords
from storekeeper.change.passwords import plan_store_password
from storekeeper.change.plan import Plan, now, plan_of
from storekeeper.change.rename import plan_rename
from storekeeper.change.target import Target
from storekeeper.change.union import Side
from storekeeper.cli import main, mending
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.formats.encryption import ENCRYPTIONS
from storekeeper.host.managers import Manager
from storekeeper.model import (
    Certificate,
    Entry,
    Opaque,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from tests import changing, mended, strategies
from tests.changing import CHAIN, CORP, KEY, OTHER, PASS, PASSWORD, private, trusted

NOW = 1_780_000_000_000
FORMATS = ("JKS", "JCEKS", "PKCS12", "PEM")
POOL = [Certificate(b"0\x03\x02\x01" + bytes([number])) for number in range(6)]


def holding(format: str, *entries: Entry) -> Target:
    return Target("x", "x", store=Store(format, entries), sha256="0" * 64, password=PASSWORD)


# -- read off by comparing --------------------------------------------------------------------

Opening = st.sampled_from(["JKS", "PEM", "PKCS12"])


@st.composite
def edits(draw: st.DrawFn) -> tuple[Target, Store]:
    """A store, and another made of it: entries that stay, changed ones and new ones, shuffled."""
    format = draw(Opening)
    dated = st.integers(0, 2**41) if format == "JKS" else st.none()
    names = st.uuids().map(str)
    entry = st.one_of(
        strategies.trusted_certs(names, dated, st.sampled_from(POOL)),
        st.builds(Opaque, names, st.just("bag"), st.binary(max_size=4), dated),
    )
    before = draw(st.lists(entry, max_size=6, unique_by=lambda one: one.alias))
    after: list[Entry] = []
    for one in before:
        match draw(st.sampled_from(["stays", "stays", "goes", "renamed", "redated", "other"])):
            case "stays":
                after.append(one)
            case "renamed":
                after.append(replace(one, alias=draw(names)))
            case "redated" if format == "JKS":
                after.append(replace(one, created_ms=draw(dated)))
            case "other" if isinstance(one, TrustedCert):
                after.append(replace(one, certificate=draw(st.sampled_from(POOL))))
    after += draw(st.lists(entry, max_size=3))
    target = holding(format, *before)
    assert target.store is not None
    return target, replace(target.store, entries=tuple(draw(st.permutations(after))))


@given(edits())
def test_changes_are_exactly_the_difference(made: tuple[Target, Store]) -> None:
    """Carried out one by one on what there is, they give what there is to be, and no less."""
    target, result = made
    plan = plan_of(target, result, now_ms=NOW)
    assert target.store is not None
    assert plan.result is not None
    assert plan.result.entries == result.entries
    found = list(target.store.entries)
    for change in plan.changes:
        match change:
            case Add(entry=entry):
                found.append(entry)
            case Remove(entry=entry):
                found.remove(entry)
            case Replace(old=old, new=new) | Rename(old=old, new=new) | Redate(old=old, new=new):
                assert old != new
                found.remove(old)
                found.append(new)
            case _:
                assert isinstance(change, Reorder)
                assert len(plan.changes) == 1
                assert found != list(result.entries)
                found = list(result.entries)
    assert sorted(found, key=repr) == sorted(result.entries, key=repr)
    if plan.unchanged:
        assert target.store.entries == result.entries
    # A wish fulfilled is an empty plan, and the same wish the same plan.
    assert plan_of(replace(target, store=plan.result), plan.result).unchanged
    assert plan_of(target, result, now_ms=NOW) == plan


@pytest.mark.parametrize("format", FORMATS)
def test_a_wish_fulfilled_of_a_file_that_was_read(format: str, tmp_path: Path) -> None:
    target = changing.opened(changing.store_file(tmp_path / "s", format))
    assert target.store is not None
    assert plan_of(target, target.store).changes == ()
    again = Store(format, tuple(target.store.entries))
    assert plan_of(target, again).changes == ()


def kinds(plan: Plan) -> list[type]:
    return [type(change) for change in plan.changes]


def test_each_kind_of_change_is_told_from_the_others() -> None:
    one, two = trusted("one"), trusted("two", OTHER)
    key = private("key", "JKS")
    target = holding("JKS", one, two, key)

    def to(*entries: Entry, **options: object) -> list[type]:
        return kinds(plan_of(target, Store("JKS", entries), **options))  # type: ignore[arg-type]

    assert to(one, two, key) == []
    assert to(two, one, key) == [Reorder]
    assert to(one, key) == [Remove]
    assert to(one, replace(two, alias="second"), key) == [Rename]
    assert to(one, replace(two, created_ms=1), key) == [Redate]
    assert to(one, replace(two, certificate=CORP), key) == [Replace]
    assert to(one, two, key, trusted("three")) == [Add]
    again = private("key", "JKS", "another one")
    assert to(one, two, again) == [Replace]
    assert to(one, two, again, resealed=["key"]) == [Repassword]
    assert to(one, two, replace(key, chain=CHAIN[:1])) == [Replace]
    assert to(one, two, key, repassword=True) == [Repassword]
    # A certificate in the place of a key is another entry, whatever it is called.
    assert to(one, two, trusted("key", CHAIN[0])) == [Replace]
    assert kinds(plan_of(target, Store("PKCS12", (one, two)))) == [Reformat, Remove]
    nothing = Target("x", "x", password=PASSWORD)
    assert kinds(plan_of(nothing, Store("JKS", (one,)))) == [Reformat, Add]


def test_encryption_alone_is_a_change(tmp_path: Path) -> None:
    target = changing.opened(changing.store_file(tmp_path / "s", "PKCS12", trusted("a", born=None)))
    assert target.store is not None
    for name, expected in (("modern", []), ("java8", [Reformat])):
        plan = plan_of(target, target.store, encryption=ENCRYPTIONS[name])
        assert kinds(plan) == expected
    plain = holding("JKS", trusted("a"))
    assert plain.store is not None
    assert plan_of(plain, plain.store, encryption=ENCRYPTIONS["java8"]).unchanged


def test_dates_where_the_format_has_them_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    undated = TrustedCert("a", CORP), replace(private("k", "PKCS12"), created_ms=None)
    for format, expected in {
        "JKS": [NOW, NOW],
        "JCEKS": [NOW, NOW],
        "PKCS12": [None, NOW],
        "PEM": [None, None],
    }.items():
        empty = Target("x", "x", password=PASSWORD)
        for entries in (undated, tuple(replace(one, created_ms=NOW) for one in undated)):
            result = plan_of(empty, Store(format, entries), now_ms=NOW).result
            assert result is not None
            assert [entry.created_ms for entry in result.entries] == expected
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    assert now() == 1_234_567_890_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(UsageError, match="expected seconds since 1970, found 'yesterday'"):
        now()


@pytest.mark.parametrize("format", FORMATS)
def test_no_second_entry_of_an_alias_is_made(format: str) -> None:
    """Java takes ``Corp`` and ``corp`` for one, and would find one of them only."""
    date = changing.BORN if format in ("JKS", "JCEKS") else None
    target = holding(format, trusted("corp", CORP, date), trusted("other", OTHER, date))
    assert target.store is not None
    first, second = target.store.entries
    for more in (
        (first, second, trusted("CORP", OTHER)),
        (first, replace(second, alias="Corp")),
    ):
        with pytest.raises(WriteRefused, match="two entries would have this alias"):
            plan_of(target, replace(target.store, entries=more))
    # What the file has of old may stay, while something else changes.
    twice = holding(format, first, replace(second, alias="CORP"))
    assert twice.store is not None
    plan = plan_of(twice, replace(twice.store, entries=(*twice.store.entries, trusted("new"))))
    assert kinds(plan) == [Add]


# -- as values ----------------------------------------------------------------------------------


def test_how_the_target_was_named_is_no_part_of_a_plan() -> None:
    manager = Manager("ca-certificates-java", "often", "/anchors", "*.crt", "run it")
    plain = holding("JKS", trusted("a"))
    linked = replace(plain, path="link", links=("link", "x"), manager=manager)
    assert plain.store is not None
    one, other = (plan_of(t, plain.store) for t in (plain, linked))
    assert one == other
    assert hash(one) == hash(other)
    changed = replace(plain.store, entries=())
    (finding,) = plan_of(linked, changed).findings
    assert finding.code == "managed-file"
    assert plan_of(replace(plain, sha256="1" * 64), plain.store) != one


def test_a_plan_goes_elsewhere_and_comes_back(tmp_path: Path) -> None:
    for format in FORMATS:
        target = changing.opened(changing.store_file(tmp_path / format, format))
        plan = plan_rename(target, "corp-root", "renamed")
        assert pickle.loads(pickle.dumps(plan)) == plan


def test_secrets_are_in_no_repr(tmp_path: Path) -> None:
    for format in FORMATS:
        target = changing.opened(changing.store_file(tmp_path / format, format))
        plan = plan_store_password(target, Password("a new secret")) if format != "PEM" else None
        plan = plan or plan_delete(target, ["corp-root"])
        shown = repr(replace(plan, content=KEY))
        assert "secret'" not in shown
        assert PASS not in shown
        assert repr(KEY)[2:40] not in shown
        sealed = next(e.sealed for e in plan.result.entries if isinstance(e, PrivateKey))  # type: ignore[union-attr]
        assert repr(sealed.data)[2:40] not in shown


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((trusted("a"),), False),
        ((), False),
        ((trusted("a"), private("k", "JCEKS")), True),
        ((changing.secret("k", "JCEKS"),), True),
    ],
)
def test_private_is_what_holds_keys(entries: tuple[Entry, ...], expected: bool) -> None:
    plan = plan_of(Target("x", "x", password=PASSWORD), Store("JCEKS", entries))
    assert plan.private is expected
    assert any(isinstance(entry, PrivateKey | SecretKey) for entry in entries) is expected
    # Of bytes that nobody looked into, only whoever planned them knows.
    assert replace(plan, result=None).private
    assert not replace(plan, result=None, public=True).private


# -- the same whoever asks ------------------------------------------------------------------------


def _extra(folder: Path) -> Side:
    store = changing.read(folder / "extra.jks")
    return Side("extra.jks", store, KeyPasswords(PASSWORD))


def _native(target: Target) -> Side:
    assert target.store is not None
    return Side("store.jks", target.store, KeyPasswords(PASSWORD), native=True)


def _answer(folder: Path) -> list[Certificate]:
    return list(formats.read((folder / "answer.pem").read_bytes()).certificates())


# import: test_import.py. Where keys are sealed, salts are new each time.
LIBRARY: dict[str, Callable[[Target, Path], Plan]] = {
    "delete": lambda target, _: plan_delete(target, ["corp-other"], missing_ok=True),
    "rename": lambda target, _: plan_rename(target, "corp-other", "other"),
    "copy": lambda target, folder: plan_copy(target, _extra(folder), ["extra"], now_ms=NOW),
    "merge": lambda target, folder: plan_merge(target, [_native(target), _extra(folder)]),
    "sort": lambda target, _: plan_merge(target, [_native(target)], sort="alias"),
    "reply": lambda target, folder: plan_reply(target, "server", _answer(folder), incomplete=True),
    "convert": lambda target, _: plan_convert(target, _native(target), storetype="PKCS12"),
    "passwd": lambda target, _: plan_store_password(target, Password("another one")),
}


@pytest.mark.parametrize("name", LIBRARY)
def test_the_library_and_the_command_make_the_same_plan(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mended.furnish(tmp_path, "JKS")
    if name in ("convert", "passwd"):
        changing.store_file(path, "JKS", trusted("corp-root"), trusted("corp-other", OTHER))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW // 1000))
    monkeypatch.setenv("STOREKEEPER_STOREPASS", PASS)
    for variable, value in mended.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    seen: list[Plan] = []

    def told(_args: object, plan: Plan, **_: object) -> int:
        seen.append(plan)
        return 0

    monkeypatch.setattr(mending, "told", told)
    assert main(mended.words(name, "JKS")) == 0
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW // 1000))
    (plan,) = seen
    assert plan.changes
    assert plan == LIBRARY[name](changing.opened(path), tmp_path)
