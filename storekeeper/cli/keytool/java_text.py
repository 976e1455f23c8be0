"""Small forms Java prints values in: dates, hex dumps, fingerprints, PEM.

Facts read off the output of keytool 11 to 25 (JDK classes Date, DateFormat, HexDumpEncoder).
"""

from __future__ import annotations

import time

from ...times import iso

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_CRLF = "\r\n"


def date_time(seconds: int | None) -> str:
    """``Thu Nov 12 09:00:00 UTC 2026``: Date.toString, in the local zone, in English.

    The zone's short name is the system's; Java has names of its own for a few zones that
    have none there ("GST" where the system says "+04").
    """
    if seconds is None:
        return "null"
    try:
        at = time.localtime(seconds)
    except (OverflowError, OSError, ValueError):
        return iso(seconds)
    return (
        f"{_DAYS[at.tm_wday]} {_MONTHS[at.tm_mon - 1]} {at.tm_mday:02d} "
        f"{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} {at.tm_zone} {at.tm_year}"
    )


def date(seconds: int) -> str:
    """``Nov 21, 2026``: the medium date of English locales, in the local zone."""
    try:
        at = time.localtime(seconds)
    except (OverflowError, OSError, ValueError):
        return iso(seconds)
    return f"{_MONTHS[at.tm_mon - 1]} {at.tm_mday}, {at.tm_year}"


def hex_dump(octets: bytes) -> str:
    """Lines of sixteen octets: offset, hex in two groups of eight, the printable ASCII."""
    lines = []
    for at in range(0, len(octets), 16):
        row = octets[at : at + 16]
        cells = "".join(
            f"{octet:02X} {'  ' if column == 7 else ''}" for column, octet in enumerate(row)
        )
        # Java stops at z, and so prints { | } ~ as dots.
        text = "".join(chr(octet) if 0x20 <= octet <= 0x7A else "." for octet in row)
        lines.append(f"{at:04X}: {cells:<50} {text}\n")
    return "".join(lines)


def fingerprint(digest: str) -> str:
    """``AA:BB:CC`` of hex digits."""
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)).upper()


def pem(der: bytes, *, line: str = _CRLF) -> str:
    """A certificate as ``-rfc`` prints it: inside the base64 text, lines end as in MIME.

    The first and last lines and the end of the base64 text have the platform's line end,
    which the caller's stream makes of the newline here.
    """
    from base64 import b64encode

    text = b64encode(der).decode()
    rows = line.join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{rows}\n-----END CERTIFICATE-----\n"


def utf16_order(text: str) -> bytes:
    """A sort key that puts text in the order of String.compareTo."""
    return text.encode("utf-16-be", "surrogatepass")
