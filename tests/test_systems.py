"""docs/systems: made from the profiles, and what is shown there happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storekeeper.profile.load import load
from storekeeper.profile.shipped import shipped
from storekeeper.trust.runtimes import jdk, table
from tests import console
from tools import system_pages

SCRIPTS = sorted((Path(__file__).parent / "scripts" / "systems").glob("*.txt"))
FOLDER = system_pages.FOLDER


def test_every_page_is_what_its_profile_says() -> None:
    made = system_pages.pages()
    assert {path: path.read_text(encoding="utf-8") for path in made} == made
    assert set(FOLDER.glob("*.md")) == set(made), "a page without a profile"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.stem))
def test_what_is_shown_happens(script: Path, tmp_path: Path) -> None:
    # What a command says on the way is left out of the pages.
    assert console.run(script.read_text(encoding="utf-8"), tmp_path, stderr=False) > 0
    assert script.stem in shipped()


@pytest.mark.parametrize("name", shipped())
def test_every_rule_has_a_source_and_every_product_a_page(name: str) -> None:
    product = load(name, resolve=False).product
    if product is None:
        return
    assert product.pages
    for rule in product.rules:
        assert rule.source.startswith("https://"), rule.text
        assert rule.text.endswith("."), rule.text
    for known in product.errors:
        assert not known.means.endswith("."), known.message


@pytest.mark.parametrize("name", shipped())
def test_its_verdicts_can_be_asked(name: str) -> None:
    profile = load(name, resolve=False)
    if profile.product is None or not profile.product.runtime:
        return
    defaults = {one.name: one.default or "" for one in profile.variables}
    word = re.sub(r"\$\{([a-z-]+)\}", lambda found: defaults[found[1]], profile.product.runtime)
    if not word.startswith("jre:"):
        assert jdk.release(word) is not None or table.find(word) is not None, word
