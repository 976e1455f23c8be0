"""`list`: tables that align, CSV and JSON that other programs read, PEM as it was."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged
from storekeeper.model import Certificate, Opaque, Store, TrustedCert
from storekeeper.names import printable
from storekeeper.report import listing, table
from storekeeper.report.values import dump
from storekeeper.trust import lists
from storekeeper.trust.inventory import rows
from storekeeper.trust.sources import open_source, open_store

FILES = Path(__file__).parent / "scripts" / "files"
NOW = 1_795_219_200
TEXTS = st.text(max_size=40)


def store_of(*aliases: str) -> Store:
    (entry,) = open_store(FILES / "root.pem").entries
    assert isinstance(entry, TrustedCert)
    made = [TrustedCert(alias, entry.certificate) for alias in aliases]
    return Store("JKS", tuple(made), path="a.jks")


# --- tables ----------------------------------------------------------------------------


@given(TEXTS.map(printable), st.integers(2, 60))
def test_cut_to_columns(text: str, width: int) -> None:
    cut = table.fit(text, width)
    assert table.columns(cut) <= width
    if table.columns(text) <= width:
        assert cut == text
    else:
        assert text.startswith(cut.removesuffix(".."))
    assert table.columns(table.pad(cut, width)) == width


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("中国", 4), ("é", 1), ("e\u0301", 1), ("ｱ", 1), ("\uff21", 2)],
)
def test_columns_of_a_terminal(text: str, columns: int) -> None:
    assert table.columns(text) == columns


@given(st.lists(TEXTS, min_size=1, max_size=4), st.integers(62, 200))
def test_no_alias_moves_the_columns(aliases: list[str], width: int) -> None:
    lines = list(listing.text(rows(store_of(*aliases)), NOW, width))
    assert len(lines) == len(aliases) + 1
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert all(table.columns(line[:-1]) <= width for line in lines)
    heads = {table.columns(line[: line.rindex("AC:B1")]) for line in lines[1:]}
    assert heads == {lines[0].index("SHA-256")}


def test_nothing_is_cut_in_a_pipe() -> None:
    alias = "x" * 300
    (_, line) = listing.text(rows(store_of(alias)), NOW, None)
    assert alias in line
    assert re.search(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$", line)


def test_headlines() -> None:
    def headline(name: str) -> str:
        return listing.headline(open_source(str(FILES / name)), 1, 2).split(": ", 1)[1]

    assert headline("root.pem") == "PEM, 1 of 2 entries, no integrity check"
    by_default = "with the default password 'changeit'"
    assert (
        headline("trust-keytool17.jks") == f"JKS, 1 of 2 entries, integrity verified {by_default}"
    )
    assert headline("invisible.p12") == (
        f"PKCS12, 1 of 2 entries, integrity verified, opened {by_default}"
    )
    piped = listing.headline(Store("PEM"), 0, 1)
    assert piped == "standard input: PEM, 0 of 1 entry, no integrity check"
    assert listing.headline(lists.load("mozilla"), 3, 3).endswith(", 3 entries")


# --- CSV ---------------------------------------------------------------------------------


@given(TEXTS, TEXTS)
def test_csv_reads_back(alias: str, what: str) -> None:
    out = io.StringIO()
    listing.csv_header(out)
    listing.csv("a.jks", rows(Store("PKCS12", (Opaque(alias, what, b""),))), out)
    (head, row) = csv.reader(io.StringIO(out.getvalue()))
    found = dict(zip(head, row, strict=True))
    assert found["alias"].removeprefix("'") == printable(alias).removeprefix("'")
    assert found["subject"] == f"({printable(what)})"
    assert not found["alias"].startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("alias", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1"])
def test_no_formula_for_spreadsheets(alias: str) -> None:
    out = io.StringIO()
    listing.csv("a", rows(store_of(alias)), out)
    ((_, cell, *_),) = csv.reader(io.StringIO(out.getvalue()))
    assert cell[0] in ("'", "\\")


# --- PEM -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alias", ["plain", "-----BEGIN CERTIFICATE-----", "a\nb", "------------", "\x1b[31m"]
)
def test_rfc_is_read_by_openssl(alias: str, tmp_path: Path) -> None:
    text = "".join(listing.rfc(rows(store_of(alias, alias))))
    assert text.count("-----BEGIN CERTIFICATE-----") == 2
    (tmp_path / "out.pem").write_text(text)
    done = subprocess.run(
        ["openssl", "crl2pkcs7", "-nocrl", "-certfile", "out.pem"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    found = open_store(done.stdout)
    (root,) = open_store(FILES / "root.pem").certificates()
    assert set(found.certificates()) == {root}


# --- JSON ----------------------------------------------------------------------------------


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_json_is_json(values: object, ascii: bool) -> None:
    text = "".join(dump(values, ascii=ascii))
    assert text.endswith("\n")
    assert json.loads(text) == values
    assert text.isascii() or not ascii
    text.encode()


@given(VALUES)
def test_json_looks_like_the_standard_librarys(values: object) -> None:
    text = "".join(dump(values, ascii=True))
    assert text == json.dumps(values, indent=2) + "\n"


def test_json_of_iterators() -> None:
    values = {"a": map(str, range(2)), "b": iter(()), "c": ()}
    assert json.loads("".join(dump(values))) == {"a": ["0", "1"], "b": [], "c": []}
    with pytest.raises(TypeError):
        "".join(dump({"a": 1.5}))


def test_a_store_that_was_not_read_is_no_empty_store() -> None:
    error = Damaged("broken", hint="mend it", path="x.jks", offset=7)
    (found,) = json.loads("".join(dump(listing.json([("x.jks", error, [])]))))["stores"]
    assert found["error"] == {
        "message": "x.jks: broken (at byte 7)",
        "hint": "mend it",
        "exit_status": 4,
    }
    assert (found["format"], found["entries"]) == (None, [])


def test_findings_of_unreadable_certificates_follow_their_entries() -> None:
    store = Store("JKS", (TrustedCert("bad", Certificate(b"?")),))
    (found,) = json.loads("".join(dump(listing.json([("x", store, rows(store))]))))["stores"]
    assert found["entries"][0]["subject"] is None
    assert [f["code"] for f in found["findings"]] == ["unreadable-certificate"]
