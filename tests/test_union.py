"""Several stores put into one: nothing is lost but what the policy says, and nothing done twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.change.fitting import Sealing
from storekeeper.change.openings import KeyPasswords
from storekeeper.change.union import (
    Side,
    Union,
    counted,
    need_password,
    refuse_leftover,
    refuse_unsupported,
)
from storekeeper.errors import PasswordRequired, WriteRefused
from storekeeper.model import Certificate, Opaque, Password, Store, TrustedCert
from tests.changing import CORP, OTHER, PASSWORD, private, secret, trusted

POOL = [Certificate(b"0\x03\x02\x01" + bytes([number])) for number in range(4)]
POLICIES = ("fail", "skip", "rename", "replace")
entries = st.lists(
    st.builds(
        TrustedCert,
        st.sampled_from(["a", "b", "B", "a-1"]),
        st.sampled_from(POOL),
        st.integers(1, 9),
    ),
    max_size=5,
    unique_by=lambda one: one.alias.lower(),
)


def side(name: str, *entries: object, format: str = "JKS", native: bool = False) -> Side:
    return Side(name, Store(format, entries), KeyPasswords(PASSWORD), native=native)  # type: ignore[arg-type]


def united(
    *sides: Side, format: str = "JKS", there: Side | None = None, **options: object
) -> tuple[Union, Store]:
    union = Union(Sealing(format, PASSWORD), there, **options)  # type: ignore[arg-type]
    for one in sides:
        for entry in one.store.entries:
            union.take(entry, one)
    return union, union.result(there.store if there else None)


def certificates(store: Store) -> set[Certificate]:
    return set(store.certificates())


@given(entries, entries, st.sampled_from(POLICIES), st.booleans(), st.booleans())
def test_nothing_is_lost_but_what_the_policy_says(
    first: list[TrustedCert],
    second: list[TrustedCert],
    policy: str,
    dedupe: bool,
    redate: bool,
) -> None:
    one, other = side("one", *first), side("other", *second)
    options: dict[str, Any] = {"on_conflict": policy, "dedupe": dedupe, "redate": redate}
    try:
        union, store = united(one, other, **options)
    except WriteRefused as refused:
        assert policy == "fail"
        taken = {entry.alias.lower(): entry.certificate for entry in first}
        assert any(taken.get(e.alias.lower(), e.certificate) != e.certificate for e in second)
        assert refused.path == "other"  # noqa: PT017
        return
    names = [entry.alias.lower() for entry in store.entries]
    assert len(names) == len(set(names))
    both = certificates(one.store) | certificates(other.store)
    if policy in ("fail", "rename"):
        assert certificates(store) == both
    elif policy == "skip":
        assert certificates(store) >= certificates(one.store)
    else:
        names = [entry.alias.lower() for entry in second]
        kept = {entry.certificate for entry in first if entry.alias.lower() not in names}
        assert certificates(store) >= certificates(other.store) | kept
    if dedupe:
        assert len(store.entries) == len(certificates(store))
    for entry in store.entries:
        assert isinstance(entry, TrustedCert)
        dates = [e.created_ms for e in (*first, *second) if e.certificate == entry.certificate]
        assert entry.created_ms in dates
    # What was put in is told of, each alias of the result with what became of it.
    told = {step.alias for step in union.steps if step.state not in ("conflict", "present")}
    assert told == {entry.alias for entry in store.entries}


@given(entries, entries, st.sampled_from(["fail", "rename", "skip"]))
def test_a_second_time_it_is_the_very_same(
    first: list[TrustedCert], second: list[TrustedCert], policy: str
) -> None:
    """The result as the target, and the same stores put in: every entry is the one there."""
    sides = side("one", *first), side("other", *second)
    try:
        _, store = united(*sides, on_conflict=policy)
    except WriteRefused:
        return
    there = side("there", *store.entries)
    union, again = united(*sides, there=there, on_conflict=policy)
    assert [id(entry) for entry in again.entries] == [id(entry) for entry in store.entries]
    assert {step.state for step in union.steps} <= {"unchanged", "conflict", "present"}
    assert union.leftover() == []


def test_the_older_date_counts_where_asked() -> None:
    one, other = side("one", trusted("a", CORP, 9)), side("other", trusted("A", CORP, 5))
    for redate, expected in ((True, 5), (False, 9)):
        _, store = united(one, other, redate=redate)
        assert [entry.created_ms for entry in store.entries] == [expected]


def test_of_two_that_are_the_same_the_first_stays() -> None:
    sides = side("one", trusted("a"), trusted("b")), side("other", trusted("c"))
    union, store = united(*sides, dedupe=True)
    assert [entry.alias for entry in store.entries] == ["a"]
    assert [(step.state, step.alias) for step in union.steps] == [
        ("present", "b"),
        ("present", "c"),
        ("added", "a"),
    ]
    assert "the first of them, which stays" in union.steps[0].message
    union, _ = united(side("one", trusted("a")), side("other", trusted("a")), dedupe=True)
    assert [step.state for step in union.steps] == ["added"]  # of what is the same nothing is said


def test_what_was_the_same_as_one_that_gave_way_comes_back() -> None:
    sides = side("one", trusted("a"), trusted("b")), side("other", trusted("a", OTHER))
    union, store = united(*sides, dedupe=True, on_conflict="replace")
    assert [(entry.alias, entry.certificate) for entry in store.entries if
            isinstance(entry, TrustedCert)] == [("a", OTHER), ("b", CORP)]  # fmt: skip
    assert not [step for step in union.steps if step.state == "present"]


@pytest.mark.parametrize("policy", ["fail", "replace"])
def test_a_key_gives_way_to_no_certificate(policy: str) -> None:
    sides = side("one", private("a", "JKS")), side("other", trusted("a"))
    with pytest.raises(WriteRefused, match="taken by a private key in one") as caught:
        united(*sides, on_conflict=policy)
    assert "replace takes it" not in caught.value.hint
    _, store = united(*sides, on_conflict="rename")
    assert [entry.alias for entry in store.entries] == ["a", "a-1"]


def test_what_was_not_kept_is_told() -> None:
    union, _ = united(
        side("one", trusted("a"), private("k", "JKS")),
        side("two", trusted("hidden", OTHER), format="JKS"),
        format="PKCS12",
    )
    (note,) = union.findings()
    assert note.code == "dates-lost"
    assert note.message.startswith("2 creation dates are not kept: a PKCS12 has none of trusted")
    union, _ = united(side("one", trusted("a", CORP, 1)), format="PEM")
    assert union.findings()[0].message == "1 creation date is not kept: a PEM has none"


def test_what_has_no_place_is_refused_all_at_once() -> None:
    union, store = united(
        side("one", secret("s", "JCEKS"), trusted("a"), secret("t", "JCEKS"), format="JCEKS")
    )
    assert [entry.alias for entry in store.entries] == ["a"]
    with pytest.raises(WriteRefused, match="and 1 more: 't'") as caught:
        refuse_unsupported(union, "new.jks")
    assert (caught.value.alias, caught.value.path) == ("s", "new.jks")
    assert "--skip-unsupported" in caught.value.hint
    nameless, _ = united(side("one", Opaque("", "CRL bag", b"x"), format="PKCS12"))
    with pytest.raises(WriteRefused) as caught:
        refuse_unsupported(nameless, "new.jks")
    assert caught.value.alias is None
    refuse_unsupported(united(side("one", trusted("a")))[0], "x")


def test_what_the_target_holds_is_not_dropped_by_the_way() -> None:
    there = side("there", trusted("a"), trusted("mine", OTHER))
    union, _ = united(side("one", trusted("a")), there=there)
    assert [entry.alias for entry in union.leftover()] == ["mine"]
    with pytest.raises(WriteRefused, match="holds 1 entry that would be gone: 'mine'") as caught:
        refuse_leftover(union, "there.jks")
    assert "--force" in caught.value.hint
    union, _ = united(side("one", *there.store.entries), there=there)
    refuse_leftover(union, "there.jks")


def test_a_password_for_what_has_to_have_one() -> None:
    for format in ("JKS", "JCEKS", "PKCS12"):
        with pytest.raises(PasswordRequired, match=f"for the {format}") as caught:
            need_password(format, None, "new", "--dest-storepass")
        assert caught.value.hint.startswith("--dest-storepass env:NAME")
        assert ("none makes it without" in caught.value.hint) is (format == "PKCS12")
        need_password(format, Password("x"), "new", "--storepass")
    need_password("PEM", None, "new", "--storepass")


def test_counts_in_words() -> None:
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(0, "entry", "entries") == "0 entries"
