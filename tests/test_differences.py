"""`diff` as text and Markdown: every class, in the order of alarm; nothing becomes markup."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.model import Opaque, Store, TrustedCert
from storekeeper.names import printable
from storekeeper.report import differences, table
from storekeeper.report.values import dump
from storekeeper.trust.diff import diff
from storekeeper.trust.sources import open_store

FILES = Path(__file__).parent / "scripts" / "files"
NOW = 1_795_219_200


def certificates(*names: str) -> list[TrustedCert]:
    found = []
    for name in names:
        (entry,) = open_store(FILES / f"{name}.pem").entries
        assert isinstance(entry, TrustedCert)
        found.append(entry)
    return found


def store(path: str, *entries: TrustedCert | Opaque) -> Store:
    return Store("JKS", entries, path=path)


(ROOT, REISSUED, REKEYED, EXPIRED) = certificates("root", "reissued", "rekeyed", "expired")


def test_the_alarming_comes_first() -> None:
    old = store("old", ROOT, EXPIRED)
    new = store("new", REKEYED)
    shown = differences.text(diff(old, new, at=NOW))
    titles = re.findall(r"^\n?(\S.*?) \(\d+\)", shown, re.MULTILINE)
    assert titles == ["SAME NAME, NEW KEY", "removed: only in old", "expired, on either side"]
    assert "SAME NAME, NEW KEY (1): ask the issuer" in shown
    assert shown.index("SAME NAME") < shown.index("removed:")
    assert shown.endswith("\n0 common, 1 removed, 0 added, 1 with a new key, 1 expired\n")


def test_reissued_is_not_loud() -> None:
    shown = differences.text(diff(store("old", ROOT), store("new", REISSUED), at=NOW))
    assert "NEW KEY" not in shown
    assert "re-issued: same name and key, another certificate (1)" in shown


def test_the_same() -> None:
    shown = differences.text(diff(store("old", ROOT), store("new", ROOT), at=NOW))
    assert shown.endswith("1 common, 0 removed, 0 added: no difference in what is trusted\n")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit(width: int) -> None:
    old = store("old", ROOT, EXPIRED)
    for new in (store("new", REKEYED), store("new", REISSUED), store("new")):
        shown = differences.text(diff(old, new, at=NOW), width)
        rows = [line for line in shown.splitlines() if line.startswith("  ")]
        assert rows
        assert max(map(table.columns, rows)) <= width


def cells(row: str) -> list[str]:
    """Cells of a Markdown table row, by GitHub's rule: a bar counts unless escaped."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def rendered(cell: str) -> str:
    """The text of a cell that holds no markup: escapes and entities undone."""
    return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", cell))


@given(st.text(max_size=40))
def test_no_name_becomes_markup(what: str) -> None:
    one = Opaque(f"x{what}", "CRL bag", b"1")
    shown = differences.markdown(diff(store("old", one), store("new"), at=NOW))
    assert shown.count("\n|") == 3, "one table with one row"
    (cell, expires, print_) = cells(shown.splitlines()[-1])
    assert rendered(cell) == printable(f"opaque 'x{what}'").strip()
    assert (expires, print_) == ("-", "")
    plain = re.sub(r"\\.|&#\d+;", "", cell)
    assert not re.search(r"[\\`*_\[\]<>|#@~]", plain)


def test_a_hostile_subject_in_markdown() -> None:
    (hostile,) = certificates("hostile")
    shown = differences.markdown(diff(store("old"), store("new", hostile), at=NOW))
    row = shown.splitlines()[-1]
    subject = diff(store("old"), store("new", hostile), at=NOW).added[0].subject
    assert rendered(cells(row)[0]) == printable(subject)
    assert "<b>" not in shown
    assert "@all" not in shown


def test_names_of_sources_are_no_markup_either() -> None:
    shown = differences.markdown(diff(store("a|b`c\n# d", ROOT), store("<x>", ROOT), at=NOW))
    assert shown.startswith("### a&#124;b&#96;c")
    assert "\n# d" not in shown
    assert "<x>" not in shown


def test_json_has_what_the_issue_names() -> None:
    found = json.loads(
        "".join(
            dump(
                differences.json(
                    diff(store("old", ROOT, EXPIRED), store("new", REKEYED, EXPIRED), at=NOW)
                )
            )
        )
    )
    lists = ("common", "added", "removed", "reissued", "new_key", "renamed", "expired")
    for name in lists:
        assert isinstance(found[name], list)
        for item in found[name]:
            assert {"sha256", "subject"} <= item.keys()
    assert found["new_key"][0]["subject"] == "CN=Corp Root,O=Example Corp,C=NL"
    assert found["new_key"][0]["old"]["sha256"] == ROOT.certificate.sha256
    assert found["expired"][0]["sha256"] == EXPIRED.certificate.sha256
