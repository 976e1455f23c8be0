"""Nagios: one line, its performance data, and the status monitoring goes by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.report.audit import nagios
from storekeeper.report.audit.tally import Tally
from storekeeper.trust.audit.values import AuditedStore, AuditFinding, Waiver
from tests import audit_samples
from tests.audit_outputs import judge, rendered

ERROR, WARNING, INFO = (
    AuditedStore(severity, findings=(AuditFinding("expired", severity, "gone", alias="a"),))
    for severity in ("error", "warning", "info")
)
WAIVED = AuditedStore(
    "w", findings=(AuditFinding("expired", "error", "gone", waived=Waiver("why")),)
)
UNREADABLE = AuditedStore("u", problem="no such file")
CLEAN = AuditedStore("c")


def judged(*stores: AuditedStore) -> tuple[str, dict[str, int]]:
    found: tuple[str, dict[str, int]] = judge("nagios", rendered("nagios", stores))
    return found


@pytest.mark.parametrize(
    ("stores", "status", "word"),
    [
        ((CLEAN, INFO, WAIVED), 0, "OK"),
        ((CLEAN, WARNING), 1, "WARNING"),
        ((WARNING, ERROR), 2, "CRITICAL"),
        ((UNREADABLE,), 3, "UNKNOWN"),
        ((WARNING, UNREADABLE), 3, "UNKNOWN"),
        # What is certain counts more than what is unknown.
        ((ERROR, UNREADABLE), 2, "CRITICAL"),
        ((), 3, "UNKNOWN"),
    ],
)
def test_status(stores: tuple[AuditedStore, ...], status: int, word: str) -> None:
    tally = Tally()
    assert tuple(tally.watch(stores)) == stores
    assert nagios.status(audit_samples.head(), tally) == status
    assert judged(*stores)[0] == word


def test_the_line() -> None:
    assert rendered("nagios", audit_samples.small()) == (
        "STOREKEEPER CRITICAL - 1 error and 3 warnings in 4 stores, 1 unreadable"
        " (/root/secret.p12: none of the usual passwords opens it):"
        " /opt/app/truststore.jks: old: expired on 2026-10-12"
        " | stores=4;;;0 unreadable=1;;;0 entries=8;;;0 errors=1;;0;0 warnings=3;0;;0"
        " waived=1;;;0 key_ends=1036800s\n"
    )


def test_thresholds_in_the_data_say_what_the_state_says() -> None:
    """Graphs draw the limits from the data: above 0 warnings, above 0 errors."""
    text = rendered("nagios", (CLEAN,))
    assert " errors=0;;0;0 " in text
    assert " warnings=0;0;;0 " in text


def test_nothing_found() -> None:
    assert rendered("nagios", (CLEAN,)).startswith(
        "STOREKEEPER OK - nothing found in 1 store | stores=1;;;0 "
    )


def test_the_policy_is_no_store() -> None:
    ended = AuditFinding("waiver-ended", "warning", "ended")
    policy = AuditedStore("p", "p", "policy", findings=(ended,))
    assert judged(CLEAN, policy) == (
        "WARNING",
        {"stores": 1, "unreadable": 0, "entries": 0, "errors": 0, "warnings": 1, "waived": 0},
    )


def test_the_first_end_of_a_key() -> None:
    assert judged(*audit_samples.small())[1]["key_ends"] == 12 * 86_400


@given(st.text(max_size=3000), st.text(max_size=50))
def test_any_text_is_one_line_and_no_command(message: str, alias: str) -> None:
    finding = AuditFinding("expired", "error", message, alias=alias)
    state, values = judged(AuditedStore(message, findings=(finding,)))
    assert state == "CRITICAL"
    assert values["errors"] == 1
