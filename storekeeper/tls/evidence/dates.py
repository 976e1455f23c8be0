"""Instants as Java, OpenSSL, curl and keytool print them."""

from __future__ import annotations

import re

from ... import der
from ...errors import Damaged
from ...times import parse_time

_MONTHS = {
    "Jan": 1,
    "Feb": 2,
    "Mar": 3,
    "Apr": 4,
    "May": 5,
    "Jun": 6,
    "Jul": 7,
    "Aug": 8,
    "Sep": 9,
    "Oct": 10,
    "Nov": 11,
    "Dec": 12,
}
# Those of Java's English names that stand for one zone, or for one far more than others.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MET": 60,
    "CEST": 120, "MEST": 120, "EET": 120, "SAST": 120, "EEST": 180, "MSK": 180, "IST": 330,
    "SGT": 480, "HKT": 480, "AWST": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "BRT": -180, "ART": -180, "EST": -300, "EDT": -240, "CST": -360,
    "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "HST": -600,
}  # fmt: skip
_JAVA = re.compile(
    r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)"
    r" ([A-Z]{1,5}(?:[+-]\d\d:?\d\d)?) (\d{4})"
)
_OPENSSL = re.compile(
    r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?"
    r" (\d{4})(?: ([A-Z]{1,5}))?"
)
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?"
    r" ?([A-Z]{1,5}(?:[+-]\d\d:?\d\d)?|[+-]\d\d:?\d\d)?"
)
_DAY = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4})|(\d{4})-(\d\d)-(\d\d)")


def instant(text: str) -> int | None:
    """Seconds since 1970 of the first date and time in a text; None without one.

    A zone of a name that is not known here gives None; without any zone it is UTC.
    """
    if found := _JAVA.search(text):
        month, day, hour, minute, second, zone, year = found.groups()
        return _seconds(year, _MONTHS.get(month), day, hour, minute, second, zone)
    if found := _OPENSSL.search(text):
        month, day, hour, minute, second, year, zone = found.groups()
        return _seconds(year, _MONTHS.get(month), day, hour, minute, second, zone)
    if found := _ISO.search(text):
        year, month, day, hour, minute, second, zone = found.groups()
        return _seconds(year, int(month), day, hour, minute, second, zone)
    return None


def day(text: str) -> int | None:
    """The begin in UTC of a day such as "Feb 27, 2017" or "2017-02-27"; None for others."""
    found = _DAY.search(text)
    if found is None:
        return None
    month = int(found[5]) if found[5] else _MONTHS.get(found[1])
    return _seconds(found[3] or found[4], month, found[2] or found[6], "0", "0", "0", None)


def _seconds(
    year: str, month: int | None, day: str, hour: str, minute: str, second: str, zone: str | None
) -> int | None:
    offset = _offset(zone or "UTC")
    if month is None or offset is None:
        return None
    # JSSE's log writes midnight as 24:00:00 of the day that begins by it.
    hours = 0 if hour == "24" else int(hour)
    written = f"{int(year):04d}{month:02d}{int(day):02d}{hours:02d}{minute:0>2}{second:0>2}Z"
    try:
        return parse_time(der.GENERALIZED_TIME, written.encode("ascii")) - offset * 60
    except Damaged:
        return None


def _offset(zone: str) -> int | None:
    """Minutes east of Greenwich."""
    word = zone.rstrip("0123456789:+-")
    rest = zone[len(word) :]
    base = _ZONES.get(word or "UTC")
    if base is None or not rest:
        return base
    digits = rest[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
    return base - minutes if rest[0] == "-" else base + minutes
