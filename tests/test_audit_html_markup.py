"""Markup of the HTML report: well formed, accessible, and nothing a store wrote is part of it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from storekeeper.report.audit.html import render
from storekeeper.report.audit.html_page import asset
from tests import audit_samples as samples
from tests.audit_pages import hostile, page, small
from tests.html_tree import parsed

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "script", "svg", "symbol", "path"),
    *("circle", "use", "rect", "line", "text", "defs", "pattern", "desc", "a", "header", "nav"),
    *("main", "section", "footer", "form", "label", "input", "select", "option", "button"),
    *("output", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption"),
    *("thead", "tbody", "tr", "th", "td", "details", "summary", "figure", "figcaption", "div"),
    *("span", "b", "em", "small", "code", "bdi", "br", "wbr", "time"),
}
HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


@pytest.mark.parametrize("made", [small, hostile])
def test_markup_is_well_formed_of_known_elements_and_fetches_nothing(
    made: Callable[[], str],
) -> None:
    root = parsed(made())
    ids: Counter[str] = Counter()
    anchors = set()
    for element in root.all():
        assert element.tag in TAGS, element.tag
        for name, value in element.attributes.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "src", "srcset", "action", "formaction", "ping"), name
            if name == "id":
                ids[value] += 1
            if name.endswith("href"):
                assert value.startswith("#"), value
                anchors.add(value[1:])
    assert set(ids.values()) == {1}
    assert anchors <= ids.keys()
    assert len(root.all("script")) == 1
    assert len(root.all("style")) == 1


def test_accessible_by_its_structure() -> None:
    root = parsed(small())
    assert root.one("html").get("lang") == "en"
    for landmark in ("header", "nav", "main", "footer"):
        root.one(landmark)
    levels = [int(one.tag[1]) for one in root.all() if one.tag in ("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for heading in root.all("th"):
        assert heading.get("scope") in ("col", "row", "rowgroup")
    for field in [*root.all("input"), *root.all("select")]:
        assert field.parent is not None
        assert field.parent.tag == "label"
    for scrolling in root.all("div", "scroll"):
        assert scrolling.get("tabindex") == "0"
        assert scrolling.get("aria-label")
    for mark in root.all("span", "mark"):
        assert mark.text.strip(), "a severity by colour alone"


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_every_ink_on_every_paper(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", asset("audit.css"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", blocks[0]))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#\w+)", blocks[1]))
    for ink in ("ink", "quiet", "link", "error", "warning", "info", "clear"):
        for paper in ("paper", "tint"):
            one, other = sorted((_luminance(colours[ink]), _luminance(colours[paper])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (ink, paper)


def test_hidden_characters_are_visible_and_text_is_cut_with_its_length_said() -> None:
    markup = hostile()
    found = HIDDEN.search(markup)
    assert found is None, markup[found.start() - 40 : found.end() + 40]
    assert "good\\u{202e}cod.live" in markup
    assert "(100,003 characters)" in markup
    assert "(1,000,003 characters)" in markup
    lengths = {int(one.replace(",", "")) for one in re.findall(r"\(([\d,]+) characters\)", markup)}
    real = {len(text) for text in (*samples.HOSTILE, "CN=" + "y" * 1_000_000)}
    # A list's name, and a store's in the filter, are cut shorter.
    assert lengths - real <= {len(samples.IMAGE), 87}
    assert len(markup) < 400_000
    assert "&lt;script&gt;document.title=&#39;owned&#39;" in markup
    markup.encode()


def test_the_same_audit_gives_the_same_bytes() -> None:
    stores = [*samples.small(), samples.hostile()]
    assert page(stores) == page(iter(stores))


def test_policy_names_style_and_script_by_their_hashes() -> None:
    root = parsed(small())
    policy = next(one for one in root.all("meta") if one.get("http-equiv")).get("content")
    for tag in ("style", "script"):
        digest = hashlib.sha256(root.one(tag).text.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_memory_grows_with_what_differs_and_not_with_stores() -> None:
    import tracemalloc

    def peak(stores: int) -> int:
        tracemalloc.start()
        for _ in render(samples.head(), samples.many(stores, entries=40)):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(140) < peak(14) + 140 * 2_000
