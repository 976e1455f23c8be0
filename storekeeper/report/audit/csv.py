"""CSV (RFC 4180): a row for each finding and for each store that could not be read.

No byte order mark; every cell in quotes. A spreadsheet must not run what a subject says:
cells that begin like a formula get an apostrophe, and so does a formula after a semicolon or
a bar, where a spreadsheet of another country cuts cells in two.
"""

from __future__ import annotations

import re

from ...times import iso
from .words import place, safe, serial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...trust.audit.values import AuditedEntry, AuditedStore, AuditFinding, AuditHead

COLUMNS = (
    *("store", "path", "format", "runtime", "severity", "code", "alias", "message", "hint"),
    *("subject", "issuer", "serial", "not_before", "not_after", "sha256", "source"),
    *("waived", "waived_until"),
)

# Also the wide forms, which some spreadsheets take for the narrow ones.
_BEGINS = "[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]"
# A quote is doubled in the cell: after a semicolon the two are an empty cell's, and fall away.
_FORMULA = rf"\A(?=\s*{_BEGINS})|(?<=[;|])(?=[\s\"]*{_BEGINS})"


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:  # noqa: ARG001
    """The table with its header, row by row."""
    yield _row(COLUMNS)
    for store in stores:
        if store.problem:
            cells = ("error", "unreadable-store", "", store.problem, store.hint)
            yield _row((*_of_store(store), *cells, *[""] * 9))
        # Findings name the certificate they are about; of duplicates any entry will do.
        entries = {
            one.certificate.sha256: one for one in store.entries if one.certificate is not None
        }
        for finding in store.findings:
            yield _row(_cells(store, finding, entries.get(finding.sha256)))


def _of_store(store: AuditedStore) -> tuple[str, ...]:
    return (store.name, place(store) if store.path else "", store.format, store.runtime)


def _cells(
    store: AuditedStore, finding: AuditFinding, entry: AuditedEntry | None
) -> tuple[str, ...]:
    waiver = finding.waived
    facts = ("", "", "", "", "")
    if entry is not None:
        facts = (
            entry.subject,
            entry.issuer,
            "" if entry.serial is None else serial(entry.serial),
            "" if entry.not_before is None else iso(entry.not_before),
            "" if entry.not_after is None else iso(entry.not_after),
        )
    return (
        *_of_store(store),
        *(finding.severity, finding.code, finding.alias, finding.message, finding.hint),
        *facts,
        *(finding.sha256, finding.source),
        *((waiver.reason, waiver.until) if waiver is not None else ("", "")),
    )


def _row(cells: Iterable[str]) -> str:
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(text: str) -> str:
    text = re.sub(_FORMULA, "'", safe(text))
    return '"' + text.replace('"', '""') + '"'
