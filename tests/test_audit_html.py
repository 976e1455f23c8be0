"""The HTML report: its markup by a parser, and its looks and manners by a real browser."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from storekeeper.frozen import replace
from storekeeper.report.audit.html import render
from storekeeper.report.audit.html_page import asset
from storekeeper.trust.audit.values import (
    AuditedEntry,
    AuditedStore,
    AuditFinding,
    AuditHead,
    Waiver,
)
from tests import audit_samples as samples
from tests import browser, pki

VOID = {"meta", "input", "br", "wbr"}
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


class Element:
    """A node of the page: its tag, attributes, children and text."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.inside: list[Element | str] = []

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.inside)

    def all(self, tag: str = "", of: str = "") -> list[Element]:
        """Every element below of that tag and class, in order."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                if tag in ("", one.tag) and (
                    not of or of in one.attributes.get("class", "").split()
                ):
                    found.append(one)
                found += one.all(tag, of)
        return found

    def one(self, tag: str = "", of: str = "") -> Element:
        found = self.all(tag, of)
        assert len(found) == 1, f"{tag}.{of}: {len(found)}"
        return found[0]

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def hidden(self) -> bool:
        return "hidden" in self.attributes or (self.parent is not None and self.parent.hidden())


class Tree(HTMLParser):
    """Strict: an element that is not closed where it should be is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"an attribute of {tag} twice: {names}"
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.inside.append(made)
        if tag not in VOID:
            self.at = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> where <{self.at.tag}> is open"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:80]}")


def parsed(markup: str) -> Element:
    tree = Tree()
    tree.feed(markup)
    tree.close()
    assert tree.at is tree.root, f"<{tree.at.tag}> is never closed"
    return tree.root


def page(stores: Iterable[AuditedStore], head: AuditHead | None = None) -> str:
    return "".join(render(head or samples.head(), stores))


@functools.cache
def small() -> str:
    return page(samples.small(), samples.head(host="build-07", policy="policy.yaml"))


@functools.cache
def hostile() -> str:
    evil = samples.hostile(1_000_000)
    beacon = (
        '<img src="https://collector.example/a"><link rel=stylesheet href=//collector.example/b>'
    )
    asked = AuditedStore(beacon, beacon, problem=beacon, hint=beacon)
    head = samples.head(host=samples.SCRIPT, policy=samples.IMAGE, version=samples.BIDI)
    head = replace(
        head, lists=(*head.lists, replace(head.lists[0], name=samples.IMAGE, source=beacon))
    )
    plain = replace(evil, runtime="", name=beacon, missing=((samples.IMAGE, (("ff", beacon),)),))
    return page((evil, asked, replace(plain, format=beacon)), head)


def written(folder: Path, markup: str, name: str = "page.html") -> Path:
    path = folder / name
    path.write_text(markup, encoding="utf-8", errors="strict", newline="\n")
    return path


# -- what stands on the page ----------------------------------------------------------------


def told(root: Element, section: str) -> Counter[tuple[str, str, str, str]]:
    """(code, severity, fingerprint, content numbers) of every row of a section."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    wrong = next(one for one in root.all("section") if one.get("id") == section)
    for block in wrong.all("section", "block"):
        if block.get("id") == "unread":
            continue
        code = block.all("dd")[-1].text
        for row in block.all("tr", "r"):
            whole = [one.get("title") for one in row.all("a", "fp")]
            found[code, row.get("data-s"), "".join(whole), row.get("data-n")] += 1
    return found


@pytest.mark.parametrize("waived", [False, True])
def test_findings_are_exactly_those_of_the_stores(waived: bool) -> None:
    stores = samples.small()
    expected = Counter(
        (
            one.code,
            one.severity,
            bytes.fromhex(one.sha256).hex(":").upper(),
            str(number),
        )
        for number, store in enumerate(stores, 1)
        for one in store.findings
        if (one.waived is not None) is waived
    )
    assert expected
    assert told(parsed(small()), "waived" if waived else "wrong") == expected


def test_findings_of_real_stores_are_told_once_with_all_their_stores() -> None:
    stores = list(samples.real())
    assert stores
    pairs = {
        (one.code, one.severity, bytes.fromhex(one.sha256).hex(":").upper(), str(number))
        for number, store in enumerate(stores, 1)
        for one in store.findings
    }
    root = parsed(page(stores))
    rows = told(root, "wrong")
    assert {
        (code, severity, whole, number)
        for code, severity, whole, numbers in rows
        for number in numbers.split()
    } == pairs
    # The summary adds up to every single finding.
    table = root.one("table", "summary")
    counts = [int(row.all("td", "n")[0].text.replace(",", "")) for row in table.all("tr")[1:]]
    assert sum(counts) == sum(len(store.findings) for store in stores)


def test_worst_comes_first() -> None:
    order = [
        row.all("span", "mark")[0].text
        for row in parsed(small()).one("table", "summary").all("tr")[1:]
    ]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    assert {"error", "warning", "note"} == set(order)


def test_an_unreadable_store_is_in_the_head_among_the_findings_and_in_the_index() -> None:
    root = parsed(small())
    assert "1 store could not be read" in root.one("header").text
    block = next(one for one in root.all("section") if one.get("id") == "unread")
    assert "/root/secret.p12" in block.text
    assert "None of the usual passwords opens it" in block.text
    assert "Give it with --storepass" in block.text
    assert "/root/secret.p12" in root.one("table", "index").text


def test_a_waived_finding_stands_apart_with_reason_end_and_place() -> None:
    root = parsed(small())
    section = next(one for one in root.all("section") if one.get("id") == "waived")
    assert "until 2027-03-31: Legacy scanner, replaced in spring policy.yaml:12" in section.text
    assert "weak-key" not in root.one("table", "summary").text.lower().replace(" ", "-")


def test_every_entry_of_every_store_with_its_whole_fingerprint() -> None:
    stores = [one for one in samples.small() if not one.problem]
    sections = parsed(small()).all("section", "store")
    assert len(sections) == len(stores)
    for section, store in zip(sections, stores, strict=True):
        rows = section.one("table", "entries").one("tbody").all("tr")
        assert [row.all("span", "alias")[0].text for row in rows] == [
            e.alias for e in store.entries
        ]
        for row, entry in zip(rows, store.entries, strict=True):
            whole = "".join(one.text for one in row.all("code", "fp"))
            sha256 = entry.certificate.sha256 if entry.certificate else ""
            assert whole.replace(":", "").lower() == sha256


def test_a_chain_is_drawn_and_what_it_lacks_is_drawn_as_missing() -> None:
    chains = {
        figure.one("figcaption").text.split()[0]: figure
        for figure in parsed(small()).all("figure", "chain")
    }
    complete = [one.get("class").split()[1:] for one in chains["web"].all("li", "link")]
    assert complete == [["own"], ["anchor"]]
    lacking = chains["alone"].all("li", "link")
    assert [one.get("class").split()[1:] for one in lacking] == [["own"], ["missing"]]
    assert "Missing CA" in lacking[1].text


def test_an_anchor_of_the_store_ends_a_chain_that_was_sent_without_it() -> None:
    issued, root = pki.cert("web", "Example Root"), pki.cert("Example Root")
    store = AuditedStore(
        "store",
        entries=(
            AuditedEntry("web", "private-key", issued, (issued,), "CN=web"),
            AuditedEntry("ca", "trusted-certificate", root, (root,), "CN=Example Root"),
        ),
    )
    links = parsed(page([store])).one("figure", "chain").all("li", "link")
    assert [one.get("class").split()[1:] for one in links] == [["own"], ["anchor"]]
    assert "trusted in this store, not sent along" in links[1].text


def test_a_heap_of_certificates_in_a_key_entry_is_not_followed() -> None:
    heap = tuple(pki.cert(f"heap {number}") for number in range(60))
    store = AuditedStore("s", entries=(AuditedEntry("k", "private-key", heap[0], heap, "CN=k"),))
    assert "59 more certificates" in parsed(page([store])).one("figure", "chain").text


def test_matrix_counts_what_stores_and_lists_have_in_common() -> None:
    stores = list(samples.real())
    trusted = [
        {e.certificate.sha256: e.trusted_by for e in store.entries if e.certificate}
        for store in stores
    ]
    table = parsed(page(stores)).all("table", "matrix")[0]
    for number, row in enumerate(table.one("tbody").all("tr")[: len(stores)]):
        cells = [cell.text for cell in row.all("td")]
        assert int(cells[0]) == len(trusted[number])
        for other in range(len(stores)):
            common = len(trusted[number].keys() & trusted[other].keys())
            assert cells[1 + other] == ("itself" if other == number else str(common))
        for at, name in enumerate(samples.LISTS):
            having = sum(name in lists for lists in trusted[number].values())
            assert int(cells[1 + len(stores) + at]) == having


def test_a_root_that_is_only_in_a_list_is_a_row_and_other_lists_say_nothing_of_it() -> None:
    root = parsed(small())
    row = next(
        row
        for table in root.all("table", "roots")
        for row in table.all("tr")
        if "Not Here Root" in row.text
    )
    assert [cell.one("span", "vh").text for cell in row.all("td")] == [
        *("no", "no"),
        *("yes", "not asked", "not asked", "not asked"),
    ]


def test_roots_that_all_have_are_folded() -> None:
    first = samples.small()[2]
    everywhere = replace(first.entries[0], trusted_by=samples.LISTS)
    stores = [replace(first, entries=(everywhere,)), samples.small()[0]]
    root = parsed(page([stores[0]]))
    assert root.all("table", "roots")[0].parent.parent.tag == "details"  # type: ignore[union-attr]
    assert "1 root that all have" in root.text


def test_stores_with_the_same_content_are_told_once_with_all_their_places() -> None:
    root = parsed(page(samples.many(20)))
    assert len(root.all("section", "store")) == 7
    index = root.one("table", "index").one("tbody").all("tr")
    assert [row.one("span", "path").text for row in index] == [
        f"/srv/{number:04}/cacerts" for number in range(20)
    ]
    wrong = sum(len(store.findings) for store in samples.many(20))
    assert f"{wrong} errors in 20 stores" in root.one("header").text


def test_findings_about_the_policy_are_not_of_a_store() -> None:
    finding = AuditFinding("waiver-unused", "info", "the waiver covered nothing")
    own = AuditedStore("policy.yaml", "policy.yaml", "policy", findings=(finding,))
    root = parsed(page([*samples.small(), own]))
    assert "2 notes in 3 stores and the policy" in root.one("header").text
    block = next(one for one in root.all("section", "block") if "waiver-unused" in one.text)
    assert "1 finding in the policy" in block.one("h3").text
    assert block.one("ul", "places").text == "4\xa0the policy"


def test_stores_that_differ_in_a_waiver_or_a_chain_are_told_apart() -> None:
    store = samples.small()[1]
    web = store.entries[0]
    shorter = replace(web, chain=(*web.chain[:1], pki.cert("Another Root")))
    waived = next(one for one in store.findings if one.waived)
    other = replace(waived, waived=Waiver("another reason", "2027-03-31", "policy.yaml:12"))
    stores = (
        store,
        replace(store, name="again", path="/again"),
        replace(store, entries=(shorter, *store.entries[1:])),
        replace(store, findings=tuple(other if one is waived else one for one in store.findings)),
    )
    root = parsed(page(stores))
    assert len(root.all("section", "store")) == 3
    assert "Another reason" in root.text


@pytest.mark.parametrize("count", [1, 2, 300, 2000])
def test_timeline_of_few_and_of_many(count: int) -> None:
    store = next(iter(samples.many(1, entries=count)))
    svg = parsed(page([store])).one("svg", "timeline")
    boxes = [one for one in svg.all("rect") if one.get("class").startswith("t-")]
    expired = sum((entry.not_after or 0) < samples.AT for entry in store.entries)
    said = svg.one("desc").text
    assert f"{expired} expired, 0 ending soon, {count - expired} later" in said
    today = float(svg.one("line", "today").get("x1"))
    for box in boxes:
        left = float(box.get("x"))
        right = left + float(box.get("width"))
        assert float(box.get("y")) >= 0
        assert float(box.get("height")) > 0
        assert left >= 0
        assert right <= 960
        assert right <= today + 0.2 if box.get("class") == "t-expired" else left >= today - 0.2
    if count <= 2:
        assert len(boxes) == count
    assert "today, 2026-11-21" in svg.text


def test_nothing_at_all_is_still_a_page() -> None:
    root = parsed(page([], samples.head(lists=())))
    assert "Nothing wrong in 0 stores" in root.one("header").text
    assert "No store was audited" in root.text
    assert "No root list was asked" in root.text


def test_old_lists_are_said_to_be_old_and_every_list_has_its_date() -> None:
    root = parsed(small())
    basis = next(one for one in root.all("section") if one.get("id") == "basis")
    rows = basis.one("tbody").all("tr")
    for row, name in zip(rows, samples.LISTS, strict=True):
        used = samples.list_used(name)
        for word in (name, used.date, used.source):
            assert word in row.text
        assert ("old" in row.one("td", "date").text) is used.old


def test_rules_that_were_not_asked_about_are_named() -> None:
    root = parsed(page(samples.small(), samples.head(off=("expired", "extra"))))
    assert "2 rules were not asked about" in root.one("header").text
    assert "expired, extra" in next(one for one in root.all("p") if one.get("id") == "off").text
    assert "not asked about" not in parsed(small()).one("header").text


# -- markup nobody else may write -----------------------------------------------------------


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


# -- in a browser ---------------------------------------------------------------------------


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
