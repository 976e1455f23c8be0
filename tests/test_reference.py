"""docs/reference.md: all public names, with what they take, give and raise."""

from __future__ import annotations

import inspect
import re

import pytest

import storekeeper
from storekeeper import errors
from tests import pages
from tools import reference_page

TEXT = reference_page.PAGE.read_text(encoding="utf-8")


def test_page_is_what_the_docstrings_say() -> None:
    assert reference_page.page() == TEXT


def test_every_public_name_has_its_heading_once() -> None:
    headings = re.findall(r"^### (\w+)$", TEXT, re.MULTILINE)
    assert sorted(headings) == sorted(storekeeper.__all__)


@pytest.mark.parametrize("name", storekeeper.__all__)
def test_every_public_name_tells_its_arguments(name: str) -> None:
    """A docstring that begins with a sentence, and names what is there and nothing else."""
    thing = getattr(storekeeper, name)
    text = inspect.getdoc(thing) or ""
    first = text.partition("\n\n")[0]
    assert first.endswith((".", "):", ":")), f"{name}: {first!r}"
    if not inspect.isfunction(thing):
        return
    given = [one for one in inspect.signature(thing).parameters if not one.startswith("_")]
    told = re.search(r"^Args:\n((?:    .*\n?|\n)+)", text, re.MULTILINE)
    names = re.findall(r"^    ((?:\*{0,2}\w+(?:, )?)+):", told[1], re.MULTILINE) if told else []
    listed = {one.strip("* ") for names_ in names for one in names_.split(",")}
    assert listed <= set(given), f"{name}: told and not taken"
    assert set(given) <= listed or not told, f"{name}: taken and not told"


def test_every_signature_is_python() -> None:
    blocks = pages.of("docs/reference.md", "py")
    assert len(blocks) == len(storekeeper.__all__)
    for block in blocks:
        head = block.text.strip()
        if head.startswith("class "):
            head = "def " + head.removeprefix("class ")
        compile(f"from __future__ import annotations\n{head}: ...", block.where, "exec")


def test_every_error_has_its_row() -> None:
    kinds = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.StorekeeperError)
    ]
    for one in kinds:
        assert re.search(rf"^\| `{one.__name__}`.* \| {one.exit_status} \| \w", TEXT, re.MULTILINE)
