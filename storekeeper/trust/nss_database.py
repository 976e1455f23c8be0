"""NSS ``cert9.db``: what Firefox, Thunderbird or Chromium on Linux was told to trust.

An SQLite file of PKCS#11 objects, one a row of ``nssPublic``, each attribute in a column
named "a" and its number in hex; numbers are four octets, the highest first. A certificate
and its trust are two objects joined by issuer and serial number. The numbers are those of
NSS's ``pkcs11n.h`` and of PKCS#11 3.2 for ``CKO_TRUST``; what ``certutil -t`` of NSS 3.87
writes was tried, the newer objects were not.

Only bytes are read, never the file of a running program: SQLite works on a copy in memory.
"""

from __future__ import annotations

from ..der import UTC_TIME
from ..errors import Damaged, LimitExceeded, UnknownFormat, Unsupported
from ..model import LIMITS, Certificate
from ..times import parse_time
from .anchors import CODE_SIGNING, EMAIL, SERVER, Anchor, RootList, by_trust, titled
from .findings import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from ..model import Limits

    Row = dict[str, object]

__all__ = ["MAGIC", "OLD_MAGIC", "read", "refuse_old"]

MAGIC = b"SQLite format 3\0"
# Berkeley DB 1.85, hash.
OLD_MAGIC = b"\x00\x06\x15\x61"

_CLASS, _LABEL, _VALUE, _ISSUER, _SERIAL = "a0", "a3", "a11", "a81", "a82"
_NEEDED = (_CLASS, _VALUE, _ISSUER, _SERIAL)
_CERTIFICATE, _TRUST, _NSS_TRUST = 0x1, 0xB, 0xCE534353
# Columns of a purpose: NSS's own object, and that of PKCS#11 3.2.
_PURPOSES = {
    "ace536358": SERVER,
    "ace53635b": EMAIL,
    "ace53635a": CODE_SIGNING,
    "a62c": SERVER,
    "a62f": EMAIL,
    "a62e": CODE_SIGNING,
}
_DATES = {"ace534373": SERVER, "ace534374": EMAIL}
# CKT_NSS_TRUSTED_DELEGATOR ("C" of certutil) and CKT_TRUST_ANCHOR; CKT_NSS_NOT_TRUSTED ("p")
# and CKT_NOT_TRUSTED; CKT_NSS_TRUSTED ("P") and CKT_TRUSTED: this certificate, as no CA.
_TRUSTED = (0xCE534352, 2)
_REJECTED = (0xCE53435A, 3)
_PEER = (0xCE534351, 1)

# What SQLite writes where NSS has an attribute without a value.
_NO_VALUE = b"\xa5\x00\x5a"

# Steps of SQLite's machine: a database of 100,000 certificates takes some 20 million.
_STEP, _MOST_STEPS = 100_000, 2_000


def refuse_old() -> RootList:
    """For a ``cert8.db``, the Berkeley DB that NSS wrote until 3.35.

    Raises:
        Unsupported: always.
    """
    raise Unsupported(
        "expected NSS's cert9.db, found a Berkeley DB file such as its old cert8.db",
        hint="certutil --upgrade-merge --source-dir OLD --upgrade-id ID -d sql:NEW converts it",
    )


def read(data: bytes, *, limits: Limits = LIMITS) -> RootList:
    """The certificates in a ``cert9.db`` that are trusted for TLS, and apart from them the rest.

    Raises:
        UnknownFormat: an SQLite database of another program.
        Damaged: SQLite can't read it.
        Unsupported: this Python has no SQLite, or one that can't read out of memory.
        LimitExceeded: more objects than ``limits.entries``, or more work than an honest one.
    """
    try:
        import sqlite3
    except ImportError:
        raise Unsupported(
            "this Python was built without SQLite",
            hint="certutil -L -d sql:DIRECTORY prints what is in it",
        ) from None

    findings = Findings()
    if data[18:20] == b"\x02\x02":
        # With a write-ahead log, SQLite wants files beside it; the log is not here.
        data = data[:18] + b"\x01\x01" + data[20:]
        findings.add(
            None, "what was changed last may be in the file ending in -wal, which was not read"
        )
    rows: list[Row] = []
    connection = sqlite3.connect(":memory:")
    try:
        if not hasattr(connection, "deserialize"):
            raise Unsupported("this Python's SQLite can't read a database out of memory")
        _guard(connection)
        connection.deserialize(data)
        rows = _rows(connection, limits)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise LimitExceeded("a database that takes too long to read") from None
        raise Damaged(f"an SQLite database that can't be read: {error}") from None
    except sqlite3.DataError as error:
        raise LimitExceeded(f"an SQLite database that can't be read: {error}") from None
    except (sqlite3.Error, UnicodeError, OverflowError, MemoryError) as error:
        raise Damaged(f"an SQLite database that can't be read: {error}") from None
    finally:
        connection.close()
    return _list(rows, findings)


def _guard(connection: Connection) -> None:
    """Bounds what a hostile database can ask for."""
    import sqlite3

    steps = 0

    def too_long() -> int:
        nonlocal steps
        steps += 1
        return int(steps > _MOST_STEPS)

    connection.set_progress_handler(too_long, _STEP)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024)
    connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
    connection.execute("PRAGMA trusted_schema = OFF")


def _rows(connection: Connection, limits: Limits) -> list[Row]:
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")
    tables = dict(connection.execute("SELECT name, type FROM sqlite_master LIMIT 1000").fetchall())
    present = {str(row[1]) for row in connection.execute("PRAGMA table_info(nssPublic)")}
    if tables.get("nssPublic") != "table" or not present.issuperset(_NEEDED):
        if tables.get("nssPrivate") == "table":
            raise UnknownFormat(
                "expected NSS's certificates, found its keys (key4.db)",
                hint="the file beside it, cert9.db, holds what is trusted",
            )
        names = ", ".join(repr(str(name)[:40]) for name in list(tables)[:3])
        raise UnknownFormat(
            "expected NSS's certificates (cert9.db), found an SQLite database of another "
            f"program{' with ' + names if names else ' without a table'}"
        )
    columns = [c for c in (*_NEEDED, _LABEL, *_PURPOSES, *_DATES) if c in present]
    rows: list[Row] = []
    for values in connection.execute(f"SELECT {', '.join(columns)} FROM nssPublic"):  # noqa: S608 - our own names
        if len(rows) >= limits.entries:
            raise LimitExceeded(f"more than {limits.entries} objects")
        rows.append(dict(zip(columns, values, strict=True)))
    return rows


def _list(rows: list[Row], findings: Findings) -> RootList:
    trusts = {
        (row[_ISSUER], row[_SERIAL]): row
        for row in rows
        if _number(row[_CLASS]) in (_NSS_TRUST, _TRUST)
    }
    found: list[Anchor] = []
    for row in rows:
        if _number(row[_CLASS]) != _CERTIFICATE:
            continue
        label, value = _text(row.get(_LABEL)), row[_VALUE]
        if not isinstance(value, bytes) or not value or value == _NO_VALUE:
            findings.add(None, f"certificate {label!r} without a value")
            continue
        trust = trusts.pop((row[_ISSUER], row[_SERIAL]), {})
        found.append(_anchor(row, trust, label, Certificate(value), findings))
    for trust in trusts.values():
        findings.add(None, f"trust object {_text(trust.get(_LABEL))!r} without a certificate",
                     "info")  # fmt: skip
    anchors, others = by_trust(found)
    return RootList(
        "cert9.db",
        titled("NSS database (cert9.db)", others),
        source="a cert9.db of Firefox, Chromium or another program that uses NSS",
        anchors=anchors,
        others=others,
        findings=findings.all(),
        note="what was added to the program or changed in it; the roots built into it come on "
        "top of these",
    )


def _anchor(
    row: Row, trust: Row, label: str, certificate: Certificate, findings: Findings
) -> Anchor:
    purposes: list[str] = []
    rejected: list[str] = []
    for column, purpose in _PURPOSES.items():
        word = _number(trust.get(column))
        if word in _TRUSTED and purpose not in purposes:
            purposes.append(purpose)
        elif word in _PEER and purpose not in purposes:
            purposes.append(purpose)
            findings.add(None, f"{label!r} is trusted for {purpose} as itself, not as a CA", "info")
        elif word in _REJECTED and purpose not in rejected:
            rejected.append(purpose)
    dates: dict[str, int] = {}
    for holder in (row, trust):
        for column, purpose in _DATES.items():
            octets = holder.get(column)
            # A CK_FALSE stands where there is no date.
            if not isinstance(octets, bytes) or octets in (b"\0", _NO_VALUE, b""):
                continue
            try:
                dates[purpose] = parse_time(UTC_TIME, octets)
            except Damaged as error:
                findings.add(None, f"the distrust date of {label!r}: {error.message}")
    return Anchor(
        certificate.sha256,
        label,
        certificate=certificate,
        purposes=tuple(purposes),
        rejected=tuple(rejected),
        distrust_after=tuple(sorted(dates.items())),
    )


def _number(value: object) -> int | None:
    return int.from_bytes(value, "big") if isinstance(value, bytes) and len(value) == 4 else None


def _text(value: object) -> str:
    if not isinstance(value, bytes) or value == _NO_VALUE:
        return ""
    return value[:400].decode("utf-8", "replace")
