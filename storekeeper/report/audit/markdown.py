"""Markdown (GitHub's), for the summary of a CI job: what is wrong in each store, then counts."""

from __future__ import annotations

import re

from ...times import iso
from .tally import Tally
from .words import place, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...trust.audit.values import AuditedStore, AuditFinding, AuditHead

_ROWS = 50  # of one store; a summary may have a megabyte
_ALIASES = 5


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:
    """The text, store by store."""
    yield f"# Audit of trust and key stores\n\n{iso(head.at)}, storekeeper {head.version}"
    yield f", policy {_text(head.policy)}\n" if head.policy else "\n"
    tally = Tally()
    clean: list[str] = []
    left_out = 0
    for store in tally.watch(stores):
        if store.problem or any(one.waived is None for one in store.findings):
            yield from _store(store)
        elif len(clean) < _ROWS:
            clean.append(place(store))
        else:
            left_out += 1
    if clean:
        yield "\n## Nothing found\n\n"
        yield from (f"- {_text(name)}\n" for name in clean)
        yield f"- and {left_out} more\n" if left_out else ""
    yield "\n| stores | unreadable | entries | errors | warnings | notes | waived |\n"
    yield "|---:|---:|---:|---:|---:|---:|---:|\n"
    counts = (tally.stores, tally.unreadable, tally.entries, tally.errors, tally.warnings)
    yield f"| {' | '.join(map(str, (*counts, tally.infos, tally.waived)))} |\n"
    if head.lists:
        yield "\nRoot lists asked:\n\n"
    for used in head.lists:
        old = ", old" if used.old else ""
        yield f"- {_text(used.title)}: {used.count} roots, {used.date or 'no date'}{old}\n"


def _store(store: AuditedStore) -> Iterator[str]:
    yield f"\n## {_text(place(store))}\n\n"
    if store.problem:
        yield f"**Could not be read:** {_text(store.problem)}\n"
        yield f"\n{_text(store.hint)}\n" if store.hint else ""
        return
    groups: dict[tuple[str, str], list[AuditFinding]] = {}
    for finding in store.findings:
        if finding.waived is None:
            groups.setdefault((finding.severity, finding.code), []).append(finding)
    yield "| severity | rule | entries | finding |\n|---|---|---|---|\n"
    for (severity, code), found in list(groups.items())[:_ROWS]:
        aliases = [_text(one.alias, 100) for one in found if one.alias]
        named = ", ".join(aliases[:_ALIASES])
        named += f" and {len(aliases) - _ALIASES} more" if len(aliases) > _ALIASES else ""
        more = f" ({len(found)} of these)" if len(found) > 1 else ""
        yield f"| {severity} | {_text(code)} | {named} | {_text(found[0].message)}{more} |\n"
    if len(groups) > _ROWS:
        yield f"\nand {len(groups) - _ROWS} more rules\n"


def _text(text: str, most: int = 400) -> str:
    """Text that stays text: every sign that Markdown may take for a mark, or an address."""
    return re.sub(
        r"[!#$&()*+<=>@\[\\\]_`{|}~]|:(?=//)|(?<=[Ww]{3})\.",
        lambda found: "\\" + found[0],
        safe(text, most),
    )
