"""The text of an audit: what is wrong first, on terminals of any width."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from storekeeper.model import Store, TrustedCert
from storekeeper.report.audit.text import render
from storekeeper.report.table import columns
from storekeeper.trust.audit.engine import audit_store
from storekeeper.trust.audit.values import AuditedStore, AuditFinding, AuditHead, ListUsed, Waiver
from tests import jvm, pki
from tests.audit_samples import HOSTILE

AT = 1_795_284_000
LISTS = (
    ListUsed("mozilla", "Mozilla's TLS roots", "2026-10-18", "certifi", 117),
    ListUsed("my.pem", "PEM store", "", "", 1, True),
)
HEAD = AuditHead(AT, "9.9", LISTS)


def told(*stores: AuditedStore, width: int | None = None, head: AuditHead = HEAD) -> str:
    return "".join(render(head, stores, width))


def finding(code: str, severity: str, message: str, alias: str = "", **how: str) -> AuditFinding:
    return AuditFinding(code, severity, message, how.get("hint", ""), alias)  # type: ignore[arg-type]


def test_findings_of_a_rule_stand_together_and_their_hint_once() -> None:
    store = AuditedStore(
        "a.jks", "a.jks", "JKS",
        findings=(
            finding("blocked", "error", "bad", "x", hint="out; https://example.org/one"),
            finding("expired", "warning", "old", "y", hint="renew"),
            finding("expired", "warning", "older", "z", hint="renew"),
            finding("expired", "warning", "old", "w", hint="renew"),
        ),
    )  # fmt: skip
    assert told(store) == (
        "a.jks: JKS, 0 entries: 1 error, 3 warnings\n"
        "\n"
        "  error: blocked\n"
        "    bad\n"
        "        x\n"
        "      see https://example.org/one\n"
        "    hint: out\n"
        "\n"
        "  warning: expired (3)\n"
        "    old\n"
        "        y\n"
        "        w\n"
        "    older\n"
        "        z\n"
        "    hint: renew\n"
        "\n"
        "root lists asked:\n"
        "  mozilla  117 roots, 2026-10-18  Mozilla's TLS roots\n"
        "  my.pem      1 root, no date, old  PEM store\n"
        "\n"
        "audited at 2026-11-21T18:00:00Z by storekeeper 9.9\n"
    )


def test_notes_name_a_few_and_count_the_rest() -> None:
    notes = tuple(finding("non-positive-serial", "info", "odd", f"a{n}") for n in range(9))
    assert "    odd\n      a0, a1, a2, a3 and 5 more\n" in told(
        AuditedStore("a", format="JKS", findings=notes)
    )


def test_what_is_waived_counts_nowhere_and_is_told() -> None:
    waived = AuditFinding(
        "expired", "error", "old", alias="a", waived=Waiver("ours", "2027-01-01", "p.yaml:3")
    )
    text = told(AuditedStore("a", format="JKS", findings=(waived,)))
    assert text.startswith("a: JKS, 0 entries: nothing found\n\n  waived: 1 finding\n")
    assert "    expired of a: ours, until 2027-01-01 (p.yaml:3)\n" in text


def test_several_stores_have_a_sum_and_unreadable_ones_are_told() -> None:
    one = AuditedStore("a", format="JKS", findings=(finding("expired", "warning", "old"),))
    lost = AuditedStore("b.jks", problem="no such file", hint="look", status=4)
    text = told(one, lost)
    assert "\nb.jks: could not be read: no such file\n  hint: look\n" in text
    assert "\n2 stores, 0 entries: 1 warning, 1 could not be read\n" in text
    assert "could not be read" not in told(one)


def test_the_same_content_again_is_told_by_its_first() -> None:
    old, extra = finding("expired", "warning", "old", "a"), finding("extra", "warning", "x", "b")
    first = AuditedStore("a", "a", "JKS", "11" * 32, findings=(old,))
    same = AuditedStore("b", "b", "JKS", "11" * 32, findings=(old,))
    more = AuditedStore("c", "c", "JKS", "11" * 32, findings=(old, extra))
    less = AuditedStore("d", "d", "JKS", "11" * 32, findings=(extra,))
    other = AuditedStore("e", "e", "JKS", "22" * 32, findings=(old,))
    text = told(first, same, more, less, other)
    assert text.count("  warning: expired\n") == 2  # of a and e
    assert "b: JKS, 0 entries: 1 warning\n  the same content as a: what is told there\n" in text
    assert (
        "c: JKS, 0 entries: 2 warnings\n"
        "  the same content as a: what is told there, and these\n"
        "\n  warning: extra\n"
    ) in text
    assert "what is told there, but for 1 finding that is not here, and these\n" in text
    # Without a fingerprint nobody knows.
    unknown = AuditedStore("f", "f", "JKS", findings=(old,))
    assert "the same content" not in told(unknown, unknown)


@pytest.mark.parametrize("width", [40, 80, 132])
def test_a_real_store_fits_any_terminal(width: int) -> None:
    audited = audit_store(str(jvm.by_major(17).cacerts), at=AT)
    lines = told(audited, width=width).splitlines()
    # Paths and addresses are there to be copied: the terminal breaks them.
    long = [one for one in lines if columns(one) > width]
    assert all("/" in one for one in long if not one.startswith("audited at"))
    assert len(lines) > 60


def test_nothing_is_cut_in_a_pipe() -> None:
    audited = audit_store(str(jvm.by_major(17).cacerts), at=AT)
    text = told(audited)
    assert ".." not in re.sub(r"[0-9A-F]{2}\.\.  ", "", text)
    subjects = {entry.subject for entry in audited.entries}
    shown = {subject for subject in subjects if subject in text}
    assert len(shown) > 30


def test_strangers_words_move_no_cursor_and_add_no_line() -> None:
    def stores() -> Iterator[AuditedStore]:
        for text in HOSTILE:
            store = Store("JKS", (TrustedCert(text, pki.cert("Text Root")),))
            yield audit_store(store, at=AT)
            yield AuditedStore(text, text, problem=text, hint=text)
            yield AuditedStore(
                text, text, text, findings=(finding("expired", "error", text, text),)
            )

    for width in (None, 80):
        for piece in render(AuditHead(AT, "9", policy=HOSTILE[5]), stores(), width):
            for line in piece.splitlines():
                assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", line)
        text = "".join(render(HEAD, stores(), width))
        assert "\n::error::injected" not in text
