"""The HTML report: its markup by a parser, and its looks and manners by a real browser."""

from __future__ import annotations

from collections import Counter

import pytest

from storekeeper.frozen import replace
from storekeeper.trust.audit.values import (
    AuditedEntry,
    AuditedStore,
    AuditFinding,
    Waiver,
)
from tests import audit_samples as samples
from tests import pki
from tests.audit_pages import page, small
from tests.html_tree import Element, parsed


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
