"""Instants as integers: read from ASN.1, printed as ISO 8601, without importing `datetime`."""

from __future__ import annotations

import re

from . import der
from .errors import Damaged

DAY = 86_400

_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)

# Text, so that `re` compiles it when an odd time comes along; most are read without.
_TIME = (
    rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})?([0-9]{2})?"
    rb"(?:[.,][0-9]+)?(?:Z|([+-])([0-9]{2})([0-9]{2}))?"
)


def parse_time(tag: int, content: bytes) -> int:
    """Seconds since 1970 UTC of a UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5).

    Offsets, fractions and missing seconds, which the RFC forbids and old roots have, are
    read. A day its month does not have counts on into the next, as Java has it.

    Raises:
        Damaged: it is neither.
    """
    if tag == der.UTC_TIME:
        text = (b"19" if content[:2] >= b"50" else b"20") + content
    elif tag == der.GENERALIZED_TIME:
        text = content
    else:
        raise Damaged(f"expected a time, found {der.tag_name(tag)}")
    offset = 0
    if len(text) == 15 and text[14] == 0x5A and text[:14].isdigit():
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
        hour, minute, second = int(text[8:10]), int(text[10:12]), int(text[12:14])
    else:
        found = re.fullmatch(_TIME, text)
        if found is None:
            raise Damaged(f"expected a time, found {content[:24]!r}")
        year, month, day, hour, minute, second = map(int, found.groups(b"0")[:6])
        if found[7]:
            offset = (int(found[8]) * 60 + int(found[9])) * (60 if found[7] == b"+" else -60)
    if not (
        1 <= month <= 12
        and 1 <= day <= 31
        and hour < 24
        and minute < 60
        and second <= 60
        and abs(offset) < DAY
    ):
        raise Damaged(f"expected a time, found {content[:24]!r}")
    days = (year - 1970) * 365 + _DAYS_BEFORE_MONTH[month - 1] + day - 1
    # Leap days of the years before this one, and of this one from March on.
    before = year if month > 2 else year - 1
    days += before // 4 - before // 100 + before // 400 - 477
    return days * 86_400 + hour * 3600 + minute * 60 + second - offset


def iso(seconds: int) -> str:
    """``2026-11-21T08:45:00Z`` for seconds since 1970 UTC; any year, proleptic Gregorian."""
    days, rest = divmod(seconds, DAY)
    # Days counted from 0000-03-01, so that the leap day is the last of its year.
    days += 719_468
    era, day_of_era = divmod(days, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (month <= 2)
    return (
        f"{year:04d}-{month:02d}-{day:02d}"
        f"T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}Z"
    )


def iso_date(seconds: int) -> str:
    """The date part of `iso`."""
    return iso(seconds).split("T")[0]


def distance(seconds: int, now: int) -> str:
    """``in 41 days``, ``3 days ago``, ``in 5 hours``, ``now``: how far an instant is from ``now``.

    Rounded down; two years and more count in years of 365 days.
    """
    gap = abs(seconds - now)
    if gap < 60:
        return "now"
    if gap >= 730 * DAY:
        amount = f"{gap // (365 * DAY)} years"
    elif gap >= 2 * DAY:
        amount = f"{gap // DAY} days"
    elif gap >= 7200:
        amount = f"{gap // 3600} hours"
    else:
        amount = "1 minute" if gap < 120 else f"{gap // 60} minutes"
    return f"in {amount}" if seconds >= now else f"{amount} ago"


def parse_iso(text: str) -> int:
    """Seconds since 1970 UTC of ``2027-03-01`` or ``2027-03-01T12:00:00Z``.

    Raises:
        UsageError: it is neither.
    """
    from datetime import UTC, datetime

    from .errors import UsageError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"expected a date such as 2027-03-01, found {text!r}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
