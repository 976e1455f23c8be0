"""Times of a certificate: keytool's ``-startdate`` and ``-validity``, and their DER."""

from __future__ import annotations

import re

from .. import der
from ..errors import UsageError
from ..times import DAY, iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

# A time beyond which DER's GeneralizedTime has no four digits for the year.
_YEAR_10000 = 253_402_300_800
_YEAR_1950 = -631_152_000
_YEAR_2050 = 2_524_608_000

_SHIFTS = r"(?:[+-][0-9]+[ymdHMS])+"
_SHIFT = r"([+-])([0-9]+)([ymdHMS])"
_DATE = r"(?:([0-9]{4})/([0-9]{2})/([0-9]{2}))?(?:(?:^|[ ])([0-9]{2}):([0-9]{2}):([0-9]{2}))?"
_HINT = "write +1d, -1y+2m, 2026/11/21, 10:00:00 or '2026/11/21 10:00:00'"


def start_date(text: str, now: int) -> int:
    """Seconds since 1970 UTC of a ``-startdate``, in the local time zone as keytool has it.

    Either shifts (``+1d``, ``-1y+2m-3H``: years, months, days, Hours, Minutes, Seconds; a shift
    in months that ends after a month's last day ends on it), or a date ``2026/11/21``, a time
    ``10:00:00``, or both with one space between; what is missing is taken from ``now``.

    Raises:
        UsageError: it is neither, or beyond the year 9999.
    """
    from datetime import datetime, timedelta

    try:
        moment = datetime.fromtimestamp(now)  # noqa: DTZ006 - the words are local time
        if re.fullmatch(_SHIFTS, text):
            for sign, digits, unit in re.findall(_SHIFT, text):
                amount = int(digits) * (1 if sign == "+" else -1)
                if unit in "ym":
                    moment = _months(moment, amount * (12 if unit == "y" else 1))
                elif unit == "d":
                    moment += timedelta(days=amount)
                else:  # an hour is an hour also where the clocks change
                    moment = datetime.fromtimestamp(  # noqa: DTZ006
                        moment.timestamp() + amount * {"H": 3600, "M": 60, "S": 1}[unit]
                    )
        else:
            found = re.fullmatch(_DATE, text) if text else None
            if found is None:
                raise ValueError
            if found[1]:
                moment = moment.replace(int(found[1]), int(found[2]), int(found[3]))
            if found[4]:
                moment = moment.replace(
                    hour=int(found[4]), minute=int(found[5]), second=int(found[6])
                )
        return int(moment.timestamp())
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{text!r} is no start date", hint=_HINT) from None


def end_of(not_before: int, days: int) -> int:
    """The end of a validity of so many days (of 86,400 seconds, keytool's ``-validity``).

    Raises:
        UsageError: the days are not positive, or end after the year 9999.
    """
    if days <= 0:
        raise UsageError(f"expected a validity of one day or more, found {days}")
    end = not_before + days * DAY
    if end >= _YEAR_10000:
        raise UsageError(
            f"a validity of {days} days ends after the year 9999", hint="the default is 90 days"
        )
    return end


def time_value(seconds: int) -> bytes:
    """DER of a Time (RFC 5280 section 4.1.2.5): UTCTime from 1950 to 2049, else GeneralizedTime.

    Raises:
        UsageError: it has no year of four digits.
    """
    if not -62_167_219_200 <= seconds < _YEAR_10000:
        raise UsageError("a time without a year of four digits")
    digits = re.sub("[-:T]", "", iso(seconds)).encode()
    if _YEAR_1950 <= seconds < _YEAR_2050:
        return der.encode(der.UTC_TIME, digits[2:])
    return der.encode(der.GENERALIZED_TIME, digits)


def _months(moment: datetime, months: int) -> datetime:
    from calendar import monthrange

    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError
    return moment.replace(
        year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1])
    )
