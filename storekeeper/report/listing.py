"""`list` as text, CSV, PEM and JSON."""

from __future__ import annotations

from ..model import Store
from ..names import printable
from ..times import iso, iso_date
from ..trust.inventory import colons
from .values import finding_json, row_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

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
    if isinstance(source, Store):
        facts = f"{source.format}, {count}, {_INTEGRITY[source.integrity.state]}"
        return printable(f"{source.path or 'standard input'}: {facts}")
    title = f"{source.title} of {source.date}" if source.date else source.title
    return printable(f"{source.name}: {title}, {count}")


def text(rows: Sequence[Row], now: int, width: int | None) -> str:
    """A table, one line a row: kind, end of validity, alias, subject, SHA-256.

    With a terminal's ``width`` the cells are cut to fit it; without, nothing is cut, and
    what is longer than its column pushes the rest of its line to the right.
    """
    cells = [
        (
            _KINDS[row.kind],
            _expiry(row.not_after, now),
            printable(row.alias),
            printable(row.describe),
            colons(row.sha256 or ""),
        )
        for row in rows
    ]
    head = ("KIND", "EXPIRES", "ALIAS", "SUBJECT", "SHA-256")
    most = (8, 18, 36, 60, 95)
    if width is not None:
        # The fingerprint keeps its first 8 octets; alias and subject share what is left.
        left = max(width - 7 - 18 - 23 - 8, 24)
        most = (8, 18, left * 2 // 5, left - left * 2 // 5, 23)
    widths = [min(most[i], max(len(line[i]) for line in (head, *cells))) for i in range(len(head))]
    lines = []
    for whole in (head, *cells):
        line = whole if width is None else map(_fit, whole, most)
        lines.append("  ".join(f"{c:{w}}" for c, w in zip(line, widths, strict=True)).rstrip())
    return "\n".join(lines) + "\n"


def _fit(cell: str, most: int) -> str:
    return cell if len(cell) <= most else cell[: most - 1] + "…"


def _expiry(not_after: int | None, now: int) -> str:
    if not_after is None:
        return "-"
    return iso_date(not_after) + (" expired" if not_after < now else "")


def csv(stores: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """RFC 4180 with a header line. Cells a spreadsheet would run as a formula get a quote."""
    import csv as writer
    from io import StringIO

    out = StringIO()
    table = writer.writer(out, lineterminator="\n")
    table.writerow(
        ("store", "alias", "kind", "created", "subject", "issuer", "not_before", "not_after",
         "sha256")
    )  # fmt: skip
    for path, rows in stores:
        for row in rows:
            table.writerow(
                _safe(cell)
                for cell in (
                    path,
                    row.alias,
                    row.kind,
                    "" if row.created_ms is None else iso(row.created_ms // 1000),
                    row.describe,
                    row.issuer or "",
                    "" if row.not_before is None else iso(row.not_before),
                    "" if row.not_after is None else iso(row.not_after),
                    row.sha256 or "",
                )
            )
    return out.getvalue()


def _safe(cell: str) -> str:
    # A subject is chosen by strangers, and spreadsheets run cells that begin like this.
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def rfc(rows: Sequence[Row]) -> str:
    """Every certificate of the rows in PEM, each under a line with its alias."""
    from ..formats.armor import armour

    blocks = []
    for row in rows:
        for place, certificate in enumerate(row.chain):
            alias = printable(row.alias) + (
                f", certificate {place + 1} of its chain" if place else ""
            )
            blocks.append(f"# {alias}\n" + armour("CERTIFICATE", certificate.der).decode("ascii"))
    return "".join(blocks)


def json(
    stores: Sequence[tuple[str, Store | RootList | StorekeeperError, Sequence[Row]]],
) -> dict[str, Any]:
    """The values of ``list --json``, `SCHEMA` (docs/json.md).

    A store that could not be read has ``"error"`` and no entries, so that nobody takes it
    for an empty one.
    """
    out: list[dict[str, Any]] = []
    for path, source, rows in stores:
        if isinstance(source, Store):
            out.append(
                {
                    "path": path,
                    "format": source.format,
                    "integrity": source.integrity.state,
                    "integrity_detail": source.integrity.detail,
                    "entries": [row_json(row) for row in rows],
                    "findings": [finding_json(f) for f in source.findings],
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
                        "date": source.date,
                        "source": source.source,
                    },
                    "entries": [row_json(row) for row in rows],
                    "findings": [finding_json(f) for f in source.findings],
                }
            )
    return {"schema": SCHEMA, "stores": out}
