"""Instants in the words of Java, OpenSSL, curl, keytool and log wrappers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.times import iso
from storekeeper.tls.evidence.dates import day, instant

_ANY = st.datetimes(datetime(1950, 1, 1), datetime(2300, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu Feb 18 16:00:00 PST 2016", "2016-02-19T00:00:00Z"),
        ("Fri Feb 22 04:00:00 PST 2019", "2019-02-22T12:00:00Z"),
        ("Wed Mar 16 18:51:40 IST 2016", "2016-03-16T13:21:40Z"),
        ("Mon Jan 01 00:00:00 GMT+05:30 2046", "2045-12-31T18:30:00Z"),
        ("Jan  1 00:00:00 2025 GMT", "2025-01-01T00:00:00Z"),
        ("Nov 21 08:45:00.123 2026", "2026-11-21T08:45:00Z"),
        ("2026-11-21 19:08:13.880 UTC", "2026-11-21T19:08:13Z"),
        ("2026-11-21 19:08:13.880 CET", "2026-11-21T18:08:13Z"),
        ("2026-11-21T19:08:13+02:00", "2026-11-21T17:08:13Z"),
        # What Java's log writes for midnight, at the begin of the day.
        ("2025-01-01 24:00:00.000 UTC", "2025-01-01T00:00:00Z"),
        ("2016/03/16 18:51:40", "2016-03-16T18:51:40Z"),
    ],
)
def test_known_words(text: str, expected: str) -> None:
    found = instant(f"at {text}, it was")
    assert found is not None
    assert iso(found) == expected


@pytest.mark.parametrize(
    "text",
    ["", "now", "Thu Feb 18 16:00:00 XYZ 2016", "Foo 18 16:00:00 2016 GMT",
     "2026-13-21 19:08:13 UTC", "Feb 40 10:00:00 2016 GMT"],
)  # fmt: skip
def test_others_are_not_guessed(text: str) -> None:
    assert instant(text) is None


def test_days() -> None:
    assert day("Feb 27, 2017") == day("2017-02-27") == 1488153600
    assert day("27.02.2017") is None


@given(_ANY)
def test_what_is_written_comes_back(when: datetime) -> None:
    when = when.replace(microsecond=0)
    expected = int(when.timestamp())
    assert instant(when.strftime("%a %b %d %H:%M:%S UTC ") + f"{when.year:04d}") == expected
    assert instant(when.strftime("%b %d %H:%M:%S ") + f"{when.year:04d} GMT") == expected
    assert instant(f"{when.year:04d}" + when.strftime("-%m-%d %H:%M:%S.000 UTC")) == expected
