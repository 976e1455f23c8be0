"""Annotations: commands nobody can forge from within a subject, worst first, ten of a kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storekeeper.names import printable
from storekeeper.trust.audit.values import AuditedStore, AuditFinding
from tests import audit_samples
from tests.audit_outputs import judge, rendered

Annotation = tuple[str, str, str, str]


def told(*stores: AuditedStore) -> list[Annotation]:
    found: list[Annotation] = judge("github", rendered("github", stores))
    return found


def test_worst_first_with_file_and_title() -> None:
    found = told(*audit_samples.small())
    assert [kind for kind, *_ in found] == [*["error"] * 2, *["warning"] * 3, "notice"]
    assert found[0] == (
        "error",
        "/opt/app/truststore.jks",
        "expired in /opt/app/truststore.jks",
        "old: expired on 2026-10-12\nhint: delete it",
    )
    assert found[1][3] == "none of the usual passwords opens it\nhint: give it with --storepass"


def test_waived_is_not_told() -> None:
    assert "weak-key" not in rendered("github", audit_samples.small())


def test_nothing_found_is_said() -> None:
    assert rendered("github", ()) == "storekeeper audit: 0 stores, 0 annotations\n"


def test_findings_of_a_rule_are_one_annotation() -> None:
    found = tuple(AuditFinding("expired", "error", "gone", alias=f"a{n}") for n in range(40))
    ((_, _, _, message),) = told(AuditedStore("cacerts", "a.jks", findings=found))
    assert message.splitlines() == [*(f"a{n}: gone" for n in range(5)), "and 35 more"]


def test_ten_of_a_kind_and_how_many_more() -> None:
    stores = [
        AuditedStore(f"s{n}", findings=(AuditFinding("expired", "warning", "gone"),))
        for n in range(25)
    ]
    worse = AuditedStore("bad", findings=(AuditFinding("blocked", "error", "blocked"),))
    found = told(*stores, worse)
    assert found[0][0] == "error"
    assert len(found) == 11
    assert found[-1][3] == "and 16 more; the other formats have them all"


def test_a_store_that_is_no_file_has_no_place() -> None:
    ((_, file, title, _),) = told(
        AuditedStore("system", findings=(AuditFinding("expired", "error", "gone"),))
    )
    assert (file, title) == ("", "expired in system")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_comes_back(name: str, message: str) -> None:
    finding = AuditFinding("expired", "error", message, alias="a")
    ((_, file, _, said),) = told(AuditedStore(name, name or None, findings=(finding,)))
    if not {"\ufffe", "\uffff", "%"} & set(name + message):
        assert file == printable(name)
        assert said == f"a: {printable(message)}"
