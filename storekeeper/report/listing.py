"""`list` as text, CSV, PEM and JSON."""

from __future__ import annotations

from itertools import chain

from ..model import Store
from ..names import printable
from ..times import iso_date
from ..trust.inventory import colons, unreadable
from .table import columns, fit, pad, short
from .values import finding_json, moment, row_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TextIO

    from ..errors import StorekeeperError
    from ..trust.inventory import Row
    from ..trust.lists import RootList

SCHEMA = "storekeeper.list/1"
_KINDS = {
    "trusted-certificate": "trusted",
    "private-key": "key",
    "secret-key": "secret",
    "opaque": "opaque",
}
_INTEGRITY = {
    "verified": "integrity verified",
    "absent": "no integrity check",
    "not-checked": "integrity not checked",
}


def headline(source: Store | RootList, shown: int, total: int) -> str:
    """One line about the store: path, format, how many entries, integrity."""
    count = f"{total} entr{'y' if total == 1 else 'ies'}"
    if shown != total:
        count = f"{shown} of {count}"
    if isinstance(source, Store) and source.format == "scan":
        return printable(f"{source.path}: {count} in what is below it")
    if isinstance(source, Store):
        facts = f"{source.format}, {count}, {_integrity(source)}"
        return printable(f"{source.path or 'standard input'}: {facts}")
    title = f"{source.title} of {source.date}" if source.date else source.title
    return printable(f"{source.name}: {title}, {count}")


def _integrity(store: Store) -> str:
    said = _INTEGRITY[store.integrity.state]
    for finding in store.findings:
        if finding.code == "default-password" and not finding.where:
            # "verified with the default password 'changeit'", or "opened with …"
            verified = finding.message.startswith("verified")
            return f"integrity {finding.message}" if verified else f"{said}, {finding.message}"
    return said


def text(rows: Sequence[Row], now: int, width: int | None) -> Iterator[str]:
    """Lines of a table, one a row: kind, end of validity, alias, subject, SHA-256.

    With a terminal's ``width`` the cells are cut to fit it; without, nothing is cut, and
    what is longer than its column pushes the rest of its line to the right.
    """
    cells = []
    for row in rows:
        read = row.read()
        cells.append(
            (
                _KINDS[row.kind],
                _expiry(read.not_after, now),
                printable(row.alias) or "-",
                printable(read.describe),
            )
        )
    head = ("KIND", "EXPIRES", "ALIAS", "SUBJECT")
    longest = [max(map(columns, column)) for column in zip(head, *cells, strict=True)]
    if width is None:
        widths = [min(one, most) for one, most in zip(longest, (8, 18, 36, 60), strict=True)]
    else:
        # Alias and subject share what the others leave.
        left = max(width - longest[0] - longest[1] - len(short("0" * 64, width)) - 8, 24)
        alias = min(longest[2], max(left * 2 // 5, left - longest[3]))
        widths = [longest[0], longest[1], alias, min(longest[3], left - alias)]
    yield _line(head, widths, width, "SHA-256")
    for row, line in zip(rows, cells, strict=True):
        sha256 = row.sha256 or ""
        last = colons(sha256) if width is None else short(sha256, width)
        yield _line(line, widths, width, last)


def _line(cells: Sequence[str], widths: list[int], width: int | None, last: str) -> str:
    line = "".join(
        pad(cell if width is None else fit(cell, most), most) + "  "
        for cell, most in zip(cells, widths, strict=True)
    )
    return (line + last).rstrip() + "\n"


def _expiry(not_after: int | None, now: int) -> str:
    if not_after is None:
        return "-"
    return iso_date(not_after) + (" expired" if not_after < now else "")


def csv_header(out: TextIO) -> None:
    """The first line of the CSV."""
    out.write("store,alias,kind,created,subject,issuer,not_before,not_after,sha256\n")


def csv(path: str, rows: Iterable[Row], out: TextIO) -> None:
    """RFC 4180. Cells a spreadsheet would run as a formula get a quote."""
    import csv as writer

    table = writer.writer(out, lineterminator="\n")
    for row in rows:
        read = row.read()
        cells = (
            path,
            row.alias,
            row.kind,
            moment(None if row.created_ms is None else row.created_ms // 1000) or "",
            read.describe,
            read.issuer or "",
            moment(read.not_before) or "",
            moment(read.not_after) or "",
            row.sha256 or "",
        )
        table.writerow(map(_safe, cells))


def _safe(cell: str) -> str:
    # A subject or alias is chosen by strangers: hidden characters are shown, and spreadsheets
    # run cells that begin like this.
    cell = printable(cell)
    return "'" + cell if cell[:1] in ("=", "+", "-", "@") else cell


def rfc(rows: Iterable[Row]) -> Iterator[str]:
    """Every certificate of the rows in PEM, each under a line with its alias."""
    from ..formats.armor import armour

    for row in rows:
        for place, certificate in enumerate(row.chain):
            # Five hyphens would begin a block for some readers, wherever they stand.
            alias = printable(row.alias).replace("--", "- -") + (
                f", certificate {place + 1} of its chain" if place else ""
            )
            yield f"# {alias}\n" + armour("CERTIFICATE", certificate.der).decode("ascii")


def json(
    stores: Sequence[tuple[str, Store | RootList | StorekeeperError, Sequence[Row]]],
) -> dict[str, Any]:
    """The values of ``list --json``, `SCHEMA` (docs/json.md).

    A store that could not be read has ``"error"`` and no entries, so that nobody takes it
    for an empty one. Entries and findings are iterators, for `values.dump`: certificates
    that can't be read are known, and become findings, when the entries have been printed.
    """
    out: list[dict[str, Any]] = []
    for path, source, rows in stores:
        if isinstance(source, Store):
            out.append(
                {
                    "path": path,
                    "format": source.format,
                    "integrity": source.integrity.state,
                    "integrity_detail": source.integrity.detail or None,
                    "entries": map(row_json, rows),
                    "findings": map(finding_json, chain(source.findings, unreadable(rows))),
                }
            )
        elif isinstance(source, Exception):
            out.append(
                {
                    "path": path,
                    "format": None,
                    "integrity": None,
                    "entries": [],
                    "findings": [],
                    "error": {
                        "message": str(source),
                        "hint": source.hint,
                        "exit_status": source.exit_status,
                    },
                }
            )
        else:
            out.append(
                {
                    "path": path,
                    "format": "root-list",
                    "integrity": None,
                    "list": {
                        "name": source.name,
                        "title": source.title,
                        "date": source.date or None,
                        "source": source.source or None,
                    },
                    "entries": map(row_json, rows),
                    "findings": map(finding_json, chain(source.findings, unreadable(rows))),
                }
            )
    return {"schema": SCHEMA, "stores": out}
