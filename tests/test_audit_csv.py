"""CSV: rows that every reader reads alike, and no cell that a spreadsheet runs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storekeeper.report.audit import csv as report
from storekeeper.trust.audit.values import AuditedStore, AuditFinding
from tests import audit_samples, hostile
from tests.audit_outputs import judge, rendered


def rows(*stores: AuditedStore) -> list[dict[str, str]]:
    found: list[dict[str, str]] = judge("csv", rendered("csv", stores))
    return found


def test_a_row_for_each_finding_and_unreadable_store() -> None:
    found = rows(*audit_samples.small())
    assert [(row["alias"], row["code"]) for row in found] == [
        ("old", "expired"),
        ("broken", "unreadable-certificate"),
        ("", "default-password"),
        ("web", "expires-soon"),
        ("alone", "incomplete-chain"),
        ("web", "weak-key"),
        ("", "unreadable-store"),
    ]
    first, last = found[0], found[-1]
    assert first["store"] == first["path"] == "/opt/app/truststore.jks"
    assert first["subject"] == "CN=Old Root"
    assert first["not_after"] == "2026-10-12T18:00:00Z"
    assert (last["message"], last["hint"]) == (
        "none of the usual passwords opens it",
        "give it with --storepass",
    )


def test_waived_findings_have_their_reason() -> None:
    (waived,) = [row for row in rows(*audit_samples.small()) if row["waived"]]
    assert waived["code"] == "weak-key"
    assert waived["waived"] == "legacy scanner, replaced in spring"
    assert waived["waived_until"] == "2027-03-31"


def test_header_without_a_mark_and_quotes_around_everything() -> None:
    text = rendered("csv", ())
    assert text == ",".join(f'"{name}"' for name in report.COLUMNS) + "\r\n"


@pytest.mark.parametrize("text", [text for text in hostile.TEXTS.values() if len(text) < 1000])
def test_no_formula(text: str) -> None:
    """`judge` reads it as spreadsheets of three countries do."""
    rows(AuditedStore("a", findings=(AuditFinding("expired", "error", text, text, text),)))


@example(';"=')
@example('; "=')
@example('|""-1')
@given(st.text(alphabet='=+-@;|,"\t\r\n \uff1da1\u3000', max_size=20))
def test_no_formula_by_law(text: str) -> None:
    (row,) = rows(AuditedStore("a", findings=(AuditFinding("expired", "error", text),)))
    assert row["message"].replace("'", "") == row["message"].replace("'", "")
    assert len(row["message"]) >= len(text)


@given(st.text(alphabet="abc,;\"'\u00e9 x", max_size=30))
def test_plain_text_comes_back_as_it_was(text: str) -> None:
    (row,) = rows(AuditedStore("a", findings=(AuditFinding("expired", "error", text),)))
    assert row["message"] == text
