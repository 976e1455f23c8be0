"""GitHub's workflow commands: findings as annotations of a run.

A step shows ten annotations of a severity and drops the rest without a word, so findings are
put together, one annotation for a rule in a store, and the tenth says how many more there
are. Worst first; waived ones are not told.
"""

from __future__ import annotations

from .words import about, place, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...trust.audit.values import AuditedStore, AuditFinding, AuditHead

_SHOWN = 10
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_TITLE = "storekeeper audit"


class _Kept:
    """The annotations of one severity: ten, and how many more."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.more = 0

    def add(self, line: str) -> None:
        if len(self.lines) < _SHOWN:
            self.lines.append(line)
        else:
            self.more += 1


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:  # noqa: ARG001
    """The commands, when all stores were seen: what comes last may be the worst."""
    kept = {severity: _Kept() for severity in _COMMANDS}
    seen = 0
    for store in stores:
        seen += 1
        if store.problem:
            text = safe(store.problem) + (f"\nhint: {safe(store.hint)}" if store.hint else "")
            kept["error"].add(_command("error", store, "unreadable-store", text))
        for severity, code, found in _grouped(store):
            kept[severity].add(_command(severity, store, code, _said(found)))
    total = 0
    for severity, command in _COMMANDS.items():
        one = kept[severity]
        total += len(one.lines) + one.more
        if one.more:
            one.lines[-1] = (
                f"::{command} title={_TITLE}::and {one.more + 1} more; the other formats have"
                " them all\n"
            )
        yield from one.lines
    # No text of a store in here: a line that is no command is looked into for older ones.
    yield f"storekeeper audit: {seen} stores, {total} annotations\n"


def _grouped(store: AuditedStore) -> Iterator[tuple[str, str, list[AuditFinding]]]:
    groups: dict[tuple[str, str], list[AuditFinding]] = {}
    for finding in store.findings:
        if finding.waived is None:
            groups.setdefault((finding.severity, finding.code), []).append(finding)
    for (severity, code), found in groups.items():
        yield severity, code, found


def _said(found: list[AuditFinding]) -> str:
    text = "\n".join(about(one) for one in found[:5])
    text += f"\nand {len(found) - 5} more" if len(found) > 5 else ""
    return text + (f"\nhint: {safe(found[0].hint)}" if found[0].hint else "")


def _command(severity: str, store: AuditedStore, code: str, text: str) -> str:
    # A store that is no file has no place in the repository.
    file = f"file={_property(store.path)}," if store.path else ""
    title = _property(f"{code} in {place(store)}")
    return f"::{_COMMANDS[severity]} {file}title={title}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe(text)).replace(":", "%3A").replace(",", "%2C")
