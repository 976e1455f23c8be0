"""One line for Nagios, Icinga and their kin, with performance data; and the exit status.

What is critical and what a warning is the policy's business: its rules for ends that are near
are the thresholds. A store that could not be read makes the answer unknown, unless an error
elsewhere is certain.
"""

from __future__ import annotations

from .tally import Tally
from .words import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...errors import StorekeeperError
    from ...trust.audit.values import AuditedStore, AuditHead

_STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_MOST = 1_000  # characters; older daemons read 4 KB of output at most

# The bar would end the text and begin the performance data. The rest is what Nagios calls
# illegal in macros, since notification commands hand the line to a shell.
_UNWANTED = str.maketrans({"|": "/", "'": None, '"': None} | dict.fromkeys("`~$&<>\\", "_"))


def status(head: AuditHead, tally: Tally) -> int:  # noqa: ARG001
    """0 OK, 1 warning, 2 critical, 3 unknown: the exit status of a plugin.

    Errors count more than stores that could not be read, and those more than warnings; an
    audit of no stores at all is unknown.
    """
    if tally.errors:
        return 2
    if tally.unreadable or not tally.stores:
        return 3
    return 1 if tally.warnings else 0


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:
    """The line, when all stores were seen."""
    tally = Tally()
    for store in stores:
        tally.add(store)
    yield line(head, tally)


def failed(error: StorekeeperError) -> str:
    """The line of an audit that did not take place; its status is 3."""
    return f"STOREKEEPER UNKNOWN - {_fit(safe(str(error)))}\n"


def _fit(text: str) -> str:
    text = text.translate(_UNWANTED)
    return text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."


def line(head: AuditHead, tally: Tally) -> str:
    """``STOREKEEPER WARNING - 2 warnings in 3 stores: … | stores=3 errors=0 …``."""
    state = status(head, tally)
    counts = [
        f"{count} {word}{'s' * (count != 1)}"
        for count, word in ((tally.errors, "error"), (tally.warnings, "warning"))
        if count
    ]
    text = (
        f"{' and '.join(counts) or 'nothing found'} in {tally.stores} "
        f"store{'s' * (tally.stores != 1)}"
    )
    if tally.unreadable:
        text += f", {tally.unreadable} unreadable ({tally.unread})"
    if tally.errors or tally.warnings:
        text += f": {tally.worst}"
    return f"STOREKEEPER {_STATES[state]} - {_fit(text)} | {_measured(head, tally)}\n"


def _measured(head: AuditHead, tally: Tally) -> str:
    found = [
        f"stores={tally.stores};;;0",
        f"unreadable={tally.unreadable};;;0",
        f"entries={tally.entries};;;0",
        # Greater than these is a warning, or critical: one is one too many.
        f"errors={tally.errors};;0;0",
        f"warnings={tally.warnings};0;;0",
        f"waived={tally.waived};;;0",
    ]
    if tally.soonest is not None:
        found.append(f"key_ends={tally.soonest - head.at}s")
    return " ".join(found)
