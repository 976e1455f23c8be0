"""The changes a user has made, as lines and as JSON (docs/json.md)."""

from __future__ import annotations

from ..names import printable
from ..times import iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ..change.journal import Record


def lines(records: Iterable[Record]) -> Iterator[str]:
    """One line a change, oldest first, with what was taken back marked."""
    known = list(records)
    undone = {record.undoes for record in known}
    for record in known:
        line = f"{record.id}  {printable(record.path)}  {printable(record.summary)}"
        if record.undoes:
            line += f"  (took back {record.undoes})"
        elif record.id in undone:
            line += "  (taken back)"
        elif record.backup is None and record.before is not None:
            line += "  (no backup)"
        yield line


def json(records: Iterable[Record]) -> dict[str, Any]:
    """``storekeeper.journal/1``."""
    return {
        "schema": "storekeeper.journal/1",
        "changes": [
            {
                "id": record.id,
                "at": iso(record.at),
                "path": record.path,
                "summary": record.summary,
                "before_sha256": record.before,
                "after_sha256": record.after,
                "backup": record.backup,
                "undoes": record.undoes or None,
            }
            for record in records
        ],
    }
