"""The HTML report in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import audit_samples as samples
from tests import browser
from tests.audit_pages import hostile, page, small, written
from tests.html_tree import parsed


def test_filter_from_the_address_without_a_server(tmp_path: Path) -> None:
    path = written(tmp_path, small())
    root = parsed(browser.dom(path, "#q=missing&s=warning&n=2"))
    assert not root.one("form").hidden()
    shown = [row for row in root.all("tr", "r") if not row.hidden()]
    assert shown
    for row in shown:
        if row.get("data-s"):
            assert "missing" in row.text.lower()
            assert "warning" in row.get("data-s").split()
            assert "2" in row.get("data-n").split()
    titles = [one.one("h3").text for one in root.all("section", "block") if not one.hidden()]
    assert titles == ["warning Incomplete chain 1 finding in 1 store"]
    said = root.one("output").text
    assert re.fullmatch(r"\d+ of \d+ rows", said)


@pytest.mark.parametrize(
    "form", ["colons", *(pytest.param(one, marks=pytest.mark.slow) for one in ("bare", "spaces"))]
)
def test_fingerprints_are_found_however_they_are_written(tmp_path: Path, form: str) -> None:
    certificate = samples.small()[0].entries[0].certificate
    assert certificate is not None
    digits = certificate.sha256[:12]
    typed = {
        "bare": digits,
        "colons": bytes.fromhex(digits).hex(":").upper(),
        "spaces": f"{digits[:8]}+{digits[8:]}".upper(),
    }
    shown = browser.ask(
        written(tmp_path, small()),
        "[...page.querySelectorAll('.entries .r:not([hidden]) .alias')].map(e => e.textContent)",
        fragment=f"#q={typed[form]}",
    )
    assert shown == ["old"]


def test_typing_choosing_and_clearing(tmp_path: Path) -> None:
    """Events as a person's, and the address follows, so that a view can be passed on."""
    steps = """(async function () {
      var set = function (id, value) {
        var field = page.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event('input', {bubbles: true}));
      };
      var said = [];
      var look = async function () {
        await new Promise(function (done) { view.setTimeout(done, 400); });
        said.push(page.querySelectorAll('.r:not([hidden])').length, view.location.hash);
      };
      await look();
      set('f-q', 'lonely'); await look();
      set('f-s', 'error'); await look();
      page.getElementById('filter').reset(); await look();
      page.getElementById('f-open').click();
      said.push(page.querySelectorAll('details:not([open])').length);
      return said;
    }())"""
    every, _, lonely, first, none, second, again, third, closed = browser.ask(
        written(tmp_path, small()), steps, timers=True
    )
    assert every == again > lonely > none
    assert (first, second, third) == ("#q=lonely", "#q=lonely&s=error", "")
    assert closed == 0


def test_without_script_everything_is_there(tmp_path: Path) -> None:
    markup = small()
    found = browser.ask(
        written(tmp_path, markup),
        "[page.getElementById('filter').hidden, page.querySelectorAll('.r').length,"
        " page.querySelectorAll('.r[hidden]').length]",
        fragment="#q=lonely",
        script=False,
    )
    assert found == [True, len(parsed(markup).all("", "r")), 0]


def test_a_script_that_is_not_ours_does_not_run(tmp_path: Path) -> None:
    """The policy is in force: one changed character, and the filter stays hidden."""
    changed = small().replace('"use strict";', '"use strict" ;', 1)
    assert changed != small()
    assert parsed(browser.dom(written(tmp_path, changed))).one("form").hidden()


def test_hostile_text_runs_nothing_and_fetches_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, hostile())
    found = browser.ask(
        path,
        "({title: page.title, images: page.images.length, scripts: page.scripts.length,"
        " links: page.querySelectorAll('link').length,"
        " loaded: view.performance.getEntriesByType('resource').map(e => e.name),"
        " filter: page.getElementById('filter').hidden})",
    )
    assert found["title"].startswith("Trust store audit of 2026-11-21")
    assert found | {"title": ""} == {
        "title": "",
        "images": 0,
        "scripts": 1,
        "links": 0,
        "loaded": [],
        "filter": False,
    }
    assert {one for one in browser.fetched(path) if not one.startswith("file:")} == set()


@pytest.mark.slow
def test_a_page_that_fetches_something_is_caught(tmp_path: Path) -> None:
    path = written(tmp_path, "<!DOCTYPE html><img src=https://collector.example/a>")
    assert "https://collector.example/a" in browser.fetched(path)


@pytest.mark.parametrize("made", [small, hostile])
@pytest.mark.parametrize("width", [400, pytest.param(1280, marks=pytest.mark.slow)])
def test_nothing_is_wider_than_the_window(
    tmp_path: Path, width: int, made: Callable[[], str]
) -> None:
    found = browser.ask(
        written(tmp_path, made()),
        "(page.querySelectorAll('details').forEach(e => { e.open = true; }),"
        " [page.documentElement.scrollWidth, page.documentElement.clientWidth])",
        width=width,
    )
    assert found == [width, width]


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1280])
def test_real_stores_fit_the_window(tmp_path: Path, width: int) -> None:
    found = browser.ask(
        written(tmp_path, page(samples.real())),
        "(page.querySelectorAll('details').forEach(e => { e.open = true; }),"
        " page.documentElement.scrollWidth)",
        width=width,
    )
    assert found == width


def test_a_picture_of_it_shows_something(tmp_path: Path) -> None:
    path = written(tmp_path, small())
    width, height, said = browser.screenshot(path, 1280, 900)
    assert (width, height) == (1280, 900)
    empty = written(tmp_path, "<!DOCTYPE html><title>empty</title>", "empty.html")
    assert said > 20_000 + browser.screenshot(empty, 1280, 900)[2]


@pytest.mark.slow
def test_light_and_dark(tmp_path: Path) -> None:
    path = written(tmp_path, small())
    colour = "view.getComputedStyle(page.body).backgroundColor"
    assert browser.ask(path, colour) == "rgb(255, 255, 255)"
    assert browser.ask(path, colour, dark=True) == "rgb(22, 22, 21)"


@pytest.mark.slow
def test_heads_of_a_long_matrix_stay_in_sight(tmp_path: Path) -> None:
    found = browser.ask(
        written(tmp_path, page(samples.many(3, entries=200))),
        """(function () {
          var box = page.querySelector('.tall'), table = box.querySelector('table');
          box.scrollTop = 400; box.scrollLeft = 60;
          var frame = box.getBoundingClientRect();
          var head = table.querySelector('thead th:last-child').getBoundingClientRect();
          var side = table.querySelector('tbody th').getBoundingClientRect();
          return [box.scrollTop, head.top - frame.top, box.scrollLeft, side.left - frame.left];
        }())""",
        width=500,
    )
    assert found == [400, 0, 60, 0]


@pytest.mark.slow
def test_it_prints(tmp_path: Path) -> None:
    assert 3 <= browser.pages(written(tmp_path, small())) <= 12
