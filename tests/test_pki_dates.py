"""Serial numbers and validities, said as keytool takes them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import UsageError
from storekeeper.pki import issue, requests, validity
from storekeeper.times import DAY, parse_iso, parse_time
from storekeeper.x509 import Facts, facts
from tests import jvm, pki
from tests.entries import BEGAN, Entry
from tests.issued import SUBJECT, leaf


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time zone of keytool in the tests."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_serial_numbers_are_random_positive_and_of_one_length() -> None:
    serials = {issue.random_serial() for _ in range(200)}
    assert len(serials) == 200
    assert {serial.bit_length() for serial in serials} == {64}
    assert issue.random_serial(159).bit_length() == 159
    assert facts(leaf(serial=(1 << 159) - 1)).serial == (1 << 159) - 1
    for serial in (0, -1, 1 << 159):
        with pytest.raises(UsageError, match="serial number"):
            leaf(serial=serial)


@pytest.mark.parametrize("days", [0, -1, 10**7, 10**30])
def test_validities_that_are_none(days: int) -> None:
    with pytest.raises(UsageError, match=r"validity|days"):
        leaf(days=days)
    with pytest.raises(UsageError, match="before it begins"):
        leaf(not_after=BEGAN - 1)


def test_the_end_may_be_given() -> None:
    read = facts(leaf(not_after=BEGAN + 5, days=0))
    assert (read.not_before, read.not_after) == (BEGAN, BEGAN + 5)
    assert facts(leaf()).not_after == BEGAN + 90 * DAY


@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_times_come_back(seconds: int) -> None:
    value = der.read(validity.time_value(seconds))
    assert parse_time(value.tag, value.content) == seconds


def test_utc_time_is_for_1950_to_2049() -> None:
    for text, tag in [
        ("1949-12-31T23:59:59Z", der.GENERALIZED_TIME),
        ("1950-01-01T00:00:00Z", der.UTC_TIME),
        ("2049-12-31T23:59:59Z", der.UTC_TIME),
        ("2050-01-01T00:00:00Z", der.GENERALIZED_TIME),
    ]:
        assert der.read(validity.time_value(parse_iso(text))).tag == tag


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
@pytest.mark.usefixtures("utc")
def test_start_dates_are_keytools(version: str, tmp_path: Path) -> None:
    store = Entry(jvm.jvm(version), tmp_path, "a", pki.pkcs8(pki.key()), SUBJECT)
    path = tmp_path / "request"
    path.write_bytes(requests.pem(requests.make(store.pkcs8, SUBJECT)))
    for text in (
        *("+1d", "-1y", "+1m", "+3m", "-9m", "+1y+1m+1d", "+1y-13m+5d-4H", "+1H+1M+1S", "-3H"),
        *("2026/11/21", "10:00:00", "2026/11/21 10:00:00", "2028/02/29 00:00:00", "+1d-1d"),
    ):
        before = int(time.time())
        made = store.made("-gencert", "-outfile", "-infile", path, "-startdate", text)
        after = int(time.time())
        began = Facts(made).not_before
        assert began in {validity.start_date(text, now) for now in range(before, after + 1)}, text


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1m", "2024-02-29T12:30:00Z"),
        ("+1y+1m", "2025-02-28T12:30:00Z"),
        ("+1m+1m", "2024-03-29T12:30:00Z"),
        ("-2m", "2023-11-30T12:30:00Z"),
        ("+1d", "2024-02-01T12:30:00Z"),
        ("+90S", "2024-01-31T12:31:30Z"),
        ("2026/02/03", "2026-02-03T12:30:00Z"),
        ("01:02:03", "2024-01-31T01:02:03Z"),
    ],
)
def test_shifts_from_the_end_of_a_january(text: str, expected: str) -> None:
    now = parse_iso("2024-01-31T12:30:00Z")
    assert validity.start_date(text, now) == parse_iso(expected)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_start_dates_are_local(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.exists(f"/usr/share/zoneinfo/{zone}"):
        pytest.skip("no time zones here")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        winter, summer = (
            validity.start_date(text, BEGAN) - parse_iso(iso)
            for text, iso in [
                ("2026/01/15 12:00:00", "2026-01-15T12:00:00Z"),
                ("2026/07/15 12:00:00", "2026-07-15T12:00:00Z"),
            ]
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    assert winter - summer == 3600
    assert winter == (-3600 if zone.startswith("Europe") else 5 * 3600)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "+", "1d", "+d", "+1", "+1w", "+1h", "+1D", "+ 1d", "+1d 10:00:00", "10:00"),
        *("2026/2/1", "2026/11/21  10:00:00", "2026/11/21T10:00:00", " 2026/11/21", "2026/11/21 "),
        *("2026/02/30", "2026/13/01", "24:00:00", "2026/00/10", "+9999999999d", "+8000y"),
        *("+" + "9" * 6000 + "y", "2026/11/21\n", "2026/11/2110:00:00", "٢٠٢٦/11/21"),
    ],
)
def test_start_dates_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="no start date") as caught:
        validity.start_date(text, BEGAN)
    assert "+1d" in caught.value.hint


@given(st.text("+-0123456789ymdHMS/: ", max_size=30), st.integers(0, 4_000_000_000))
def test_any_text_is_a_start_date_or_refused(text: str, now: int) -> None:
    try:
        start = validity.start_date(text, now)
        validity.time_value(start)
    except UsageError:
        pass
