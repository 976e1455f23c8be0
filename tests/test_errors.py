"""The error tree: exit statuses, wording, and that nothing is raised against its rules."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import pytest

from storekeeper import errors
from storekeeper.errors import (
    Damaged,
    InputError,
    LimitExceeded,
    NetworkError,
    NoSuchEntry,
    PasswordError,
    PasswordRequired,
    StorekeeperError,
    UnknownFormat,
    Unreadable,
    Unsupported,
    UsageError,
    WriteRefused,
    WrongPassword,
)

ROOT = Path(errors.__file__).parent
TREE = [
    (NoSuchEntry, StorekeeperError, 1),
    (UsageError, StorekeeperError, 2),
    (PasswordError, StorekeeperError, 3),
    (PasswordRequired, PasswordError, 3),
    (WrongPassword, PasswordError, 3),
    (InputError, StorekeeperError, 4),
    (Unreadable, InputError, 4),
    (UnknownFormat, InputError, 4),
    (Damaged, InputError, 4),
    (Unsupported, InputError, 4),
    (LimitExceeded, InputError, 4),
    (NetworkError, StorekeeperError, 5),
    (WriteRefused, StorekeeperError, 6),
]


@pytest.mark.parametrize(("error", "parent", "status"), TREE)
def test_the_tree(
    error: type[StorekeeperError], parent: type[StorekeeperError], status: int
) -> None:
    assert error.__base__ is parent
    assert error("x").exit_status == status


def test_the_tree_is_whole() -> None:
    found = {one for one in vars(errors).values() if isinstance(one, type)}
    assert found == {StorekeeperError, *(error for error, _, _ in TREE)}
    for error in found - {StorekeeperError}:
        assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Damaged("broken"), "broken"),
        (Damaged("broken", offset=0), "broken (at byte 0)"),
        (Damaged("broken", path="a.jks", offset=7), "a.jks: broken (at byte 7)"),
        (Damaged("broken", path="a.jks", alias="x"), "a.jks: alias 'x': broken"),
        (Damaged("broken", alias=""), "alias '': broken"),
        (WrongPassword("wrong", hint="ask"), "wrong"),
    ],
)
def test_text(error: StorekeeperError, text: str) -> None:
    assert str(error) == text
    assert error.args == (error.message,)


def test_the_hint_stays_apart() -> None:
    assert UsageError("a", hint="b").hint == "b"
    assert UsageError("a").hint == ""


def test_a_caller_further_out_completes_the_place_but_does_not_change_it() -> None:
    error = Damaged("broken", offset=3)
    assert error.at(path="a.jks", alias="x") is error
    assert error.at(path="b.jks", alias="y") is error
    assert (error.path, error.alias, error.offset) == ("a.jks", "x", 3)
    assert Damaged("broken", alias="").at(alias="x").alias == ""


def test_errors_travel_between_processes() -> None:
    error = Damaged("broken", hint="h", path="p", alias="a", offset=3)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is Damaged
    assert str(again) == str(error)
    assert again.hint == "h"


# -- how errors are worded where they are raised ------------------------------------------

_NAMES = {error.__name__ for error, _, _ in TREE}


def wordings() -> list[tuple[str, str, str]]:
    """(place, error, text) of every message and hint written in the sources."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in _NAMES):
                continue
            texts = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "hint")]
            for text in texts:
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    found.append((place, ast.unparse(node.func), text.value))
                elif isinstance(text, ast.JoinedStr):
                    parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in text.values]
                    found.append((place, ast.unparse(node.func), "".join(map(str, parts))))
    return found


def test_messages_start_small_and_end_without_a_full_stop() -> None:
    found = wordings()
    assert len(found) > 100
    proper = {"Java", "Bouncy", "Windows", "Python", "Debian", "Mozilla"}
    for place, _, text in found:
        first = text.split()[0].strip("'\",:") if text.split() else ""
        assert text == text.strip(), place
        assert not text.endswith((".", "!")) or text.endswith("..."), (place, text)
        assert not (first.istitle() and first.isalpha()) or first in proper, (place, text)
        assert "\n" not in text, place
