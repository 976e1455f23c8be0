"""Markdown: tables that stay tables, whatever a subject says."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from storekeeper.trust.audit.values import AuditedStore, AuditFinding
from tests import audit_samples
from tests.audit_outputs import judge, rendered


def lines(*stores: AuditedStore) -> list[str]:
    text: str = judge("markdown", rendered("markdown", stores))
    return text.splitlines()


def test_stores_findings_and_counts() -> None:
    found = lines(*audit_samples.small())
    assert "## /opt/app/truststore.jks" in found
    assert "| error | expired | old | expired on 2026-10-12 |" in found
    assert "**Could not be read:** none of the usual passwords opens it" in found
    assert "- /opt/clean.pem" in found
    assert "| 4 | 1 | 8 | 1 | 3 | 1 | 1 |" in found
    assert not any("weak-key" in line for line in found)


def test_findings_of_a_rule_are_one_row() -> None:
    wrong = tuple(AuditFinding("expired", "error", "gone", alias=f"a{n}") for n in range(40))
    assert "| error | expired | a0, a1, a2, a3, a4 and 35 more | gone (40 of these) |" in lines(
        AuditedStore("a", findings=wrong)
    )


def test_marks_are_escaped() -> None:
    finding = AuditFinding("expired", "error", "[a](b) | <b> `c` *d* _e_ &amp;", alias="a|b")
    assert r"| error | expired | a\|b | \[a\]\(b\) \| \<b\> \`c\` \*d\* \_e\_ \&amp; |" in lines(
        AuditedStore("a", findings=(finding,))
    )


@example("0.AL")
@example("http://www.example.com/ WWW.example.com")
@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    finding = AuditFinding("expired", "error", text, alias=text)
    lines(AuditedStore(text, findings=(finding,)), AuditedStore(text, problem=text, hint=text))
