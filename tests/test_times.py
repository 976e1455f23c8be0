"""Instants, judged by datetime, cryptography's encoder and the JVMs."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, StorekeeperError, UsageError
from storekeeper.times import DAY, distance, iso, iso_date, parse_iso, parse_time
from storekeeper.x509 import Facts
from tests import jvm
from tests.x509_judges import encoded, made

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FIRST, LAST = -62135596800, 253402300799  # the years 0001 to 9999
Y1950, Y2050 = -631152000, 2524608000


def moment(seconds: int) -> dt.datetime:
    return EPOCH + dt.timedelta(seconds=seconds)


@given(st.integers(Y1950, Y2050 - 1))
@example(Y1950)
@example(Y2050 - 1)
@example(951782400)  # 2000-02-29
def test_utc_time(seconds: int) -> None:
    text = f"{moment(seconds):%y%m%d%H%M%SZ}".encode()
    assert parse_time(der.UTC_TIME, text) == seconds


@given(st.integers(FIRST, LAST))
@example(FIRST)
@example(LAST)
@example(-2203891200)  # 1900-03-01: no leap year
def test_generalized_time_and_back(seconds: int) -> None:
    at = moment(seconds)
    # strftime pads the year on some platforms only
    text = f"{at.year:04d}{at:%m%d%H%M%S}Z".encode()
    assert parse_time(der.GENERALIZED_TIME, text) == seconds
    assert iso(seconds) == at.replace(tzinfo=None).isoformat() + "Z"
    assert iso_date(seconds) == at.date().isoformat()
    assert parse_iso(iso(seconds)) == seconds
    assert parse_iso(iso_date(seconds)) == seconds // DAY * DAY


@settings(deadline=None)
@given(st.integers(Y1950, LAST))
@example(Y2050 - 1)
@example(Y2050)
def test_what_cryptography_encodes(seconds: int) -> None:
    found = Facts(encoded(made(start=moment(seconds), end=moment(LAST))))
    assert (found.not_before, found.not_after) == (seconds, LAST)


@given(st.integers(-(10**11), 10**12))
def test_days_count_on_without_a_gap(seconds: int) -> None:
    """Beyond the years of datetime the calendar repeats every 400 years."""
    era = 146_097 * DAY
    year, rest = iso(seconds).rsplit("-", 2)[0], iso(seconds)[-16:]
    later = iso(seconds + era)
    assert int(later.rsplit("-", 2)[0]) == int(year) + 400
    assert later[-16:] == rest


# Spellings RFC 5280 forbids: what Java makes of them, or that it refuses.
_ODD: list[tuple[int, bytes, str | None]] = [
    (der.UTC_TIME, b"2302281200Z", "2023-02-28T12:00:00Z"),
    (der.UTC_TIME, b"230228120000+0130", "2023-02-28T10:30:00Z"),
    (der.UTC_TIME, b"230228120000-0130", "2023-02-28T13:30:00Z"),
    (der.UTC_TIME, b"230230120000Z", "2023-03-02T12:00:00Z"),
    (der.UTC_TIME, b"230431120000Z", "2023-05-01T12:00:00Z"),
    (der.GENERALIZED_TIME, b"20230101000000.25Z", "2023-01-01T00:00:00Z"),
    (der.GENERALIZED_TIME, b"20230101000000,5Z", "2023-01-01T00:00:00Z"),
    (der.GENERALIZED_TIME, b"20230101000000-2359", "2023-01-01T23:59:00Z"),
    (der.GENERALIZED_TIME, b"00000101000000Z", "0000-01-01T00:00:00Z"),
    (der.UTC_TIME, b"", None),
    (der.UTC_TIME, b"Z", None),
    (der.UTC_TIME, b"231301120000Z", None),
    (der.UTC_TIME, b"230001120000Z", None),
    (der.UTC_TIME, b"230100120000Z", None),
    (der.UTC_TIME, b"230132120000Z", None),
    (der.UTC_TIME, b"230101240000Z", None),
    (der.UTC_TIME, b"230101126000Z", None),
    (der.UTC_TIME, b"230101120000+2500", None),
    (der.UTC_TIME, b"230101120000+ 100", None),
    (der.UTC_TIME, b"23010112000 Z", None),
    (der.UTC_TIME, b"23010112_000Z", None),
    (der.UTC_TIME, b"230101120000ZZ", None),
    (der.GENERALIZED_TIME, b"20230101000000.Z", None),
    (der.GENERALIZED_TIME, b"20230101000000.x1Z", None),
    (der.GENERALIZED_TIME, b"230101120000Z", "2301-01-12T00:00:00Z"),
    (der.OCTET_STRING, b"230101120000Z", None),
]


@pytest.mark.parametrize(("tag", "content", "meant"), _ODD)
def test_odd_spellings_are_read_as_java_reads_them(
    tag: int, content: bytes, meant: str | None
) -> None:
    certificate = encoded(made())
    outer = der.read(certificate).items("certificate", 3)
    fields = list(outer[0].children())
    dates = list(fields[4].children())
    fields_ = [field.raw for field in fields]
    fields_[4] = der.sequence(der.encode(tag, content), dates[1].raw)
    changed = der.sequence(der.sequence(*fields_), *(part.raw for part in outer[1:]))
    answer = jvm.newest().worker.call("many", requests=[{"op": "certificate", "der": changed}])[0]
    found = Facts(changed)
    assert answer["ok"] is (meant is not None)
    assert found.not_after == dates_of(certificate)
    if meant is None:
        assert found.not_before is None
        assert found.problems == ("validity: a date is unreadable",)
        with pytest.raises(Damaged, match="expected a time, found"):
            parse_time(tag, content)
    else:
        assert found.not_before is not None
        assert found.not_before * 1000 == answer["result"]["not_before_ms"] // 1000 * 1000
        assert iso(found.not_before) == meant


def dates_of(certificate: bytes) -> int | None:
    return Facts(certificate).not_after


def test_java_is_stricter_here() -> None:
    """A leap second, no zone, no minutes: old tools wrote them, and they mean something."""
    assert iso(parse_time(der.UTC_TIME, b"230228125960Z")) == "2023-02-28T13:00:00Z"
    assert iso(parse_time(der.UTC_TIME, b"230228120000")) == "2023-02-28T12:00:00Z"
    assert iso(parse_time(der.GENERALIZED_TIME, b"2023010100Z")) == "2023-01-01T00:00:00Z"


@given(
    st.sampled_from([der.UTC_TIME, der.GENERALIZED_TIME, der.NULL]),
    st.binary(max_size=20) | st.text("0123456789Z+-., _", max_size=22).map(str.encode),
)
def test_any_bytes_are_a_time_or_damaged(tag: int, content: bytes) -> None:
    try:
        seconds = parse_time(tag, content)
    except StorekeeperError as error:
        assert isinstance(error, Damaged)  # noqa: PT017
    else:
        assert iso(seconds)


@pytest.mark.parametrize(
    ("gap", "ahead", "behind"),
    [
        (0, "now", "now"),
        (59, "now", "now"),
        (60, "in 1 minute", "1 minute ago"),
        (119, "in 1 minute", "1 minute ago"),
        (120, "in 2 minutes", "2 minutes ago"),
        (7199, "in 119 minutes", "119 minutes ago"),
        (7200, "in 2 hours", "2 hours ago"),
        (2 * DAY - 1, "in 47 hours", "47 hours ago"),
        (2 * DAY, "in 2 days", "2 days ago"),
        (41 * DAY + 5, "in 41 days", "41 days ago"),
        (730 * DAY - 1, "in 729 days", "729 days ago"),
        (730 * DAY, "in 2 years", "2 years ago"),
        (3650 * DAY, "in 10 years", "10 years ago"),
    ],
)
def test_distance(gap: int, ahead: str, behind: str) -> None:
    now = 1_800_000_000
    assert distance(now + gap, now) == ahead
    assert distance(now - gap, now) == behind


def test_dates_people_type() -> None:
    assert parse_iso("2027-03-01") == parse_iso("2027-03-01T00:00:00+00:00")
    assert parse_iso("2027-03-01T12:00:00+02:00") == parse_iso("2027-03-01T10:00:00Z")


@given(st.text() | st.text("0123456789-:TZ+", max_size=26))
@example("0001-01-01T00:00:00+23:59")
@example("9999-12-31T23:59:59-23:59")
@example("tomorrow")
def test_other_text_is_a_usage_error(text: str) -> None:
    try:
        assert isinstance(parse_iso(text), int)
    except UsageError as error:
        assert "expected a date such as" in error.message  # noqa: PT017
