"""`scan` as text and JSON, row by row: a tree of a million files is never held in memory."""

from __future__ import annotations

from ..names import printable
from ..times import iso_date
from .values import finding_json, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ..host.scan import Tally
    from ..trust.scanning import Found

SCHEMA = "storekeeper.scan/1"

HEADING = "FORMAT    ENTRIES  KEYS  EXPIRED  NEXT END    PATH\n"

_KINDS = {
    "store": ("store", "stores"),
    "certificates": ("file of certificates", "files of certificates"),
    "key": ("file of keys alone", "files of keys alone"),
}


class Count:
    """How many rows of each kind there were, how many were printed, the worst exit status."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.problems = self.links = self.status = self.printed = 0

    def add(self, found: Found) -> None:
        """Count one."""
        if found.kind == "link":
            self.links += 1
            return
        self.kinds[found.kind] = self.kinds.get(found.kind, 0) + 1
        self.problems += bool(found.problem)
        self.status = max(self.status, found.status)

    @property
    def files(self) -> int:
        """Rows but those of links and of what could not be read."""
        return sum(number for kind, number in self.kinds.items() if kind != "unreadable")


def row(found: Found, hinted: set[str]) -> Iterator[str]:
    """Lines of the table about one file: facts, then what is to be said of it.

    Args:
        found: the file.
        hinted: hints that were printed; each is given once.
    """
    if found.kind == "link":
        yield f"{'link':8}  {'':7}  {'':4}  {'':7}  {'':10}  {printable(found.path)} -> "
        yield f"{printable(found.real)}{_runtime(found)}\n"
        return
    number = _number(found.entries, found)
    keys = _number(None if found.keys is None else found.keys + (found.secrets or 0), found)
    ended = _number(found.expired, found)
    end = "-" if found.expires is None else iso_date(found.expires)
    yield (
        f"{found.format or '-':8}  {number:>7}  {keys:>4}  {ended:>7}  {end:10}  "
        f"{printable(found.path)}{_runtime(found)}\n"
    )
    if found.problem:
        yield _note("error", found.problem)
        if found.hint and found.hint not in hinted:
            if len(hinted) < _HINTS:
                hinted.add(found.hint)
            yield _note("hint", found.hint)
    told: dict[str, int] = {}
    for finding in found.findings:
        if finding.severity == "info":
            continue
        told[finding.code] = told.get(finding.code, 0) + 1
        if told[finding.code] <= _MOST and finding.message != found.problem:
            where = f"{finding.where}: " if finding.where else ""
            yield _note(finding.severity, f"{where}{finding.message} [{finding.code}]")
    for code, times in told.items():
        if times > _MOST:
            yield _note("warning", f"and {times - _MOST} more of this kind [{code}]")


_HINTS = 100
"""So many different hints are remembered: most are alike, some name a path."""

_MOST = 3
"""So many findings of one code are printed for one file."""


def _note(severity: str, text: str) -> str:
    return f"    {severity}: {printable(text)}\n"


def _number(value: int | None, found: Found) -> str:
    if value is None:
        return "-" if found.kind == "unreadable" else "?"
    return str(value)


def _runtime(found: Found) -> str:
    if not found.runtime:
        return ""
    return f"  (Java {printable(found.version)})" if found.version else "  (a JRE's own)"


def summary(count: Count, tally: Tally, *, links: bool) -> str:
    """One line: what was looked at, and what it came to; ``links``: they were printed."""
    parts = [
        _many(count.kinds.get(kind, 0), *words)
        for kind, words in _KINDS.items()
        if count.kinds.get(kind)
    ]
    looked = (
        f"{_many(tally.files, 'file', 'files')} in "
        f"{_many(tally.directories, 'directory', 'directories')}"
    )
    line = f"{looked}: {', '.join(parts) or 'no store and no certificate'}"
    if count.problems:
        line += f"; {_many(count.problems, 'thing', 'things')} could not be read"
    if count.links:
        line += f"; {_many(count.links, 'link', 'links')} to what was found"
        line += "" if links else " (--links)"
    return line + "\n"


def _many(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def found_json(found: Found) -> dict[str, Any]:
    """One element of ``files[]``, or one line of ``--jsonl``."""
    values: dict[str, Any] = {
        "path": found.path,
        "kind": found.kind,
        "format": found.format or None,
        "size": found.size,
        "mode": None if found.mode is None else f"{found.mode:04o}",
        "sha256": found.sha256 or None,
        "entries": found.entries,
        "certificates": found.certificates,
        "keys": found.keys,
        "secrets": found.secrets,
        "next_end": moment(found.expires),
        "expired": found.expired,
        "link_to": found.real or None,
        "runtime": None,
        "findings": [finding_json(finding) for finding in found.findings],
    }
    if found.runtime:
        values["runtime"] = {"home": found.runtime, "version": found.version or None}
    if found.problem:
        values["error"] = {
            "message": found.problem,
            "hint": found.hint,
            "exit_status": found.status,
        }
    return values


def totals_json(count: Count, tally: Tally) -> dict[str, Any]:
    """How much was looked at and found."""
    return {
        "files": tally.files,
        "directories": tally.directories,
        "special": tally.special,
        "dangling": tally.dangling,
        "left_out": tally.left_out,
        "stores": count.kinds.get("store", 0),
        "certificates": count.kinds.get("certificates", 0),
        "keys": count.kinds.get("key", 0),
        "links": count.links,
        "problems": count.problems,
    }


def json(paths: list[str], rows: Iterable[Found], count: Count, tally: Tally) -> dict[str, Any]:
    """The values of ``scan --json``, `SCHEMA` (docs/json.md); rows are read as it is printed."""
    totals: dict[str, Any] = {}

    def files() -> Iterator[dict[str, Any]]:
        for found in rows:
            yield found_json(found)
        totals.update(totals_json(count, tally))

    return {"schema": SCHEMA, "paths": paths, "files": files(), "totals": totals}


def jsonl(rows: Iterable[Found]) -> Iterator[str]:
    """One JSON object a line, for programs that read while the walk goes on."""
    from json import dumps

    for found in rows:
        yield dumps({"schema": SCHEMA, **found_json(found)}, separators=(",", ":")) + "\n"
