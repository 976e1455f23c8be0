"""Laws of the frozen values."""

from __future__ import annotations

import copy
import pickle
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.frozen import Frozen, replace


class Point(Frozen):
    x: int
    y: int = 0
    kind: ClassVar[str] = "point"


class Labelled(Point):
    label: str = ""
    secret: bytes = b""

    _hidden: ClassVar[frozenset[str]] = frozenset({"secret"})
    _uncompared: ClassVar[frozenset[str]] = frozenset({"label"})


class Sibling(Frozen):
    x: int
    y: int = 0


points = st.builds(Point, st.integers(-3, 3), st.integers(-3, 3))
labelled = st.builds(
    Labelled, st.integers(-2, 2), st.integers(-2, 2), st.text(max_size=2), st.binary(max_size=2)
)


@given(points, points)
def test_equality_is_that_of_the_values(one: Point, other: Point) -> None:
    assert (one == other) is ((one.x, one.y) == (other.x, other.y))
    assert (one != other) is not (one == other)
    if one == other:
        assert hash(one) == hash(other)


@given(labelled, labelled)
def test_uncompared_fields_take_no_part(one: Labelled, other: Labelled) -> None:
    same = (one.x, one.y, one.secret) == (other.x, other.y, other.secret)
    assert (one == other) is same
    if same:
        assert len({one, other}) == 1


def test_other_types_are_never_equal() -> None:
    assert Point(1, 2) != Sibling(1, 2)
    assert Point(1, 2) != Labelled(1, 2)
    assert Point(1, 2) != (1, 2)
    assert len({Point(1), Sibling(1), Point(1, 0)}) == 2


@given(labelled)
def test_copies_are_equal(value: Labelled) -> None:
    for again in (
        pickle.loads(pickle.dumps(value)),
        copy.copy(value),
        copy.deepcopy(value),
        replace(value),
    ):
        assert again == value
        assert again.label == value.label
        assert type(again) is Labelled


@given(labelled, st.integers())
def test_replace_changes_what_is_named(value: Labelled, x: int) -> None:
    changed = replace(value, x=x)
    assert changed.x == x
    assert (changed.y, changed.label, changed.secret) == (value.y, value.label, value.secret)
    assert replace(changed, x=value.x) == value


@given(labelled)
def test_values_match_by_position_and_name(value: Labelled) -> None:
    match value:
        case Labelled(x, y, label, secret=hidden):
            assert (x, y, label, hidden) == (value.x, value.y, value.label, value.secret)
        case _:
            pytest.fail("no match")
    assert Labelled.__match_args__ == ("x", "y", "label", "secret")


def test_repr_shows_all_but_the_hidden() -> None:
    assert repr(Point(1)) == "Point(x=1, y=0)"
    shown = repr(Labelled(1, 2, "l", b"key material"))
    assert shown == "Labelled(x=1, y=2, label='l', secret=<hidden>)"
    assert "material" not in f"{Labelled(1, secret=b'material')}"


def test_nothing_can_be_set_or_deleted() -> None:
    value = Point(1)
    with pytest.raises(AttributeError, match="Point is frozen: use replace"):
        value.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        value.z = 2
    with pytest.raises(AttributeError, match="frozen"):
        del value.x
    assert value == Point(1)
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize(
    ("args", "named", "message"),
    [
        ((), {}, "Point needs 'x'"),
        ((), {"y": 1}, "Point needs 'x'"),
        ((1, 2, 3), {}, "Point takes 2 values, 3 given"),
        ((1,), {"z": 3}, "Point has no field 'z' to set"),
        ((1,), {"x": 3}, "Point has no field 'x' to set"),
    ],
)
def test_wrong_arguments(args: tuple[int, ...], named: dict[str, int], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Point(*args, **named)
    with pytest.raises(TypeError, match="no field 'z'"):
        replace(Point(1), z=1)


def test_a_class_variable_is_no_field() -> None:
    assert Point.kind == Point(1).kind == "point"
    assert Point._fields == ("x", "y")
