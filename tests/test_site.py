"""The site's navigation and its links; that Sphinx builds it is `tools.site`'s business."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tools.site import problems

DOCS = Path(__file__).parent.parent / "docs"


def page(body: str) -> str:
    return f"<!doctype html><html><head></head><body>{body}</body></html>"


def site(folder: Path, **pages: str) -> list[str]:
    for name, body in pages.items():
        (folder / f"{name}.html").write_text(page(body), encoding="utf-8")
    return problems(str(folder))


def test_links_that_lead_somewhere(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(b"")
    other = '<h2 id="über-uns">x</h2><a name="old">y</a>'
    one = """<a href="other.html">1</a><a href="other.html#%C3%BCber-uns">2</a><a href="#">3</a>
    <a href="other.html#old">4</a><a href="#top">5</a><a href="https://example.com/x#y">6</a>
    <img src="a%20b.png"><img src="data:image/png;base64,AA==">
    <a href="mailto:a@example.com">7</a>"""
    assert site(tmp_path, index=one, other=other) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('<a href="gone.html">x</a>', "'gone.html': there is no such file"),
        ('<a href="#gone">x</a>', "'#gone': the page has no such anchor"),
        ('<a href="index.html#gone">x</a>', "'index.html#gone': the page has no such anchor"),
        ('<a href="./">x</a>', "'./': there is no such file"),
        ('<a href="https://example/x y">x</a>', "expected http:// or https:// and a host"),
        ('<a href="https://">x</a>', "expected http:// or https:// and a host"),
        ('<a href="htps://example.com/">x</a>', "expected http:// or https:// and a host"),
        ('<a href="http://[::1">x</a>', "no URL: Invalid IPv6 URL"),
        ('<a href="mailto:nobody">x</a>', "no address"),
        ('<script src="https://cdn.example.com/x.js"></script>', "from elsewhere"),
        ('<img src="//cdn.example.com/x.png">', "from elsewhere"),
        ('<link rel="stylesheet" href="https://fonts.example.com/x">', "from elsewhere"),
        ('<link rel="stylesheet" href="gone.css">', "there is no such file"),
    ],
)
def test_links_that_do_not(tmp_path: Path, body: str, why: str) -> None:
    found = site(tmp_path, index=body)
    assert found
    assert any(why in line for line in found), found


def test_styles_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("@font-face { src: url(https://fonts.example.com/x.woff) }")
    assert site(tmp_path, index="") == ["x.css: loads from elsewhere"]
    (tmp_path / "x.css").write_text("a { background: url(x.png) }")
    assert site(tmp_path, index="") == []


def test_a_folder_without_pages_is_no_site(tmp_path: Path) -> None:
    assert problems(str(tmp_path)) == [f"{tmp_path}: no page"]


def test_every_page_has_its_place_in_the_navigation() -> None:
    """Sphinx refuses one that has none; here it is known without Sphinx."""
    conf = runpy.run_path(str(DOCS / "conf.py"))
    listed = [name for _, names in conf["NAVIGATION"] for name in conf["pages"](names, str(DOCS))]
    assert len(listed) == len(set(listed)), "a page is listed twice"
    there = {str(path.relative_to(DOCS))[:-3] for path in DOCS.glob("**/*.md")}
    below = {str(Path(name).parent) for name in listed if Path(name).name in ("index", "README")}
    left = {name for name in there - {"index", *listed} if str(Path(name).parent) not in below}
    assert left == set()
    named = {name for _, names in conf["NAVIGATION"] for name in names if "*" not in name}
    assert named - there == set(), "named, and not there"
