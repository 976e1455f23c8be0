"""An audit for people: of each store what is wrong first, counts and lists at the end."""

from __future__ import annotations

from ...names import printable
from ...times import iso
from ..table import columns, fit, pad, short
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...trust.audit.values import AuditedStore, AuditFinding, AuditHead, ListUsed

_FEW = 4
"""Of what is only worth knowing, so many entries are named."""

_LONGEST = 48
"""Columns of aliases; longer ones push the rest of their line to the right."""


def render(
    head: AuditHead, stores: Iterable[AuditedStore], width: int | None = None
) -> Iterator[str]:
    """The text, store by store.

    Args:
        head: what is the same for all.
        stores: the audited stores.
        width: columns of a terminal, to which lines are cut or folded; None for none.
    """
    tally, before = Tally(), _Before()
    for number, store in enumerate(stores):
        tally.add(store)
        if number:
            yield "\n"
        yield from _store(store, before, width)
    if tally.stores > 1:
        yield "\n" + _folded(_total(tally), "", width)
    if head.policy:
        yield f"\npolicy: {printable(head.policy)}; {_fails(head)}\n"
    if 0 < len(head.off) <= _FEW:
        yield f"\nrules that were off: {', '.join(head.off)}\n"
    if head.lists:
        yield "\nroot lists asked:\n"
        yield from _lists(head.lists, width)
    yield f"\naudited at {iso(head.at)} by storekeeper {head.version}\n"


def _fails(head: AuditHead) -> str:
    if head.fails_on == "never":
        return "no finding fails the run"
    return f"findings fail the run from {head.fails_on} on"


# -- one store ----------------------------------------------------------------------------


class _Before:
    """What was told of stores with the same bytes: fleets are mostly alike."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, frozenset[int]]] = {}

    def of(self, store: AuditedStore, name: str) -> tuple[str, frozenset[int]]:
        """The first store of this content, and hashes of its findings; "" when there is none."""
        if not store.sha256:
            return "", frozenset()
        found = self._told.get(store.sha256)
        if found is not None:
            return found
        if len(self._told) < _CONTENTS:
            self._told[store.sha256] = (name, frozenset(map(hash, store.findings)))
        return "", frozenset()


_CONTENTS = 1_000
"""So many contents are remembered."""


def _store(store: AuditedStore, before: _Before, width: int | None) -> Iterator[str]:
    name = store.path or store.name
    if store.name.startswith("jre:") or store.name == "cacerts":
        name = f"{store.name} ({store.path})" if store.path else store.name
    if store.problem:
        yield _folded(f"{name}: could not be read: {store.problem}", "", width)
        if store.hint:
            yield _folded(f"hint: {store.hint}", "  ", width)
        return
    facts = [store.format]
    if store.format != "policy":
        facts.append(_count(len(store.entries), "entry", "entries"))
    if store.runtime:
        facts.append(f"of {store.runtime}")
    yield _folded(f"{name}: {', '.join(facts)}: {_verdict(store)}", "", width)
    first, told = before.of(store, name)
    fresh = [one for one in store.findings if hash(one) not in told]
    if first:
        gone = len(told - set(map(hash, store.findings)))
        but = f", but for {_count(gone, 'finding')} that {'is' if gone == 1 else 'are'} not here"
        also = ", and these" if fresh else ""
        said = f"the same content as {first}: what is told there{but if gone else ''}{also}"
        yield _folded(said, "  ", width)
    live = [one for one in fresh if one.waived is None]
    subjects = {
        one.certificate.sha256: one.subject for one in store.entries if one.certificate is not None
    }
    # What is missing has its subjects elsewhere.
    subjects |= dict(pair for _, roots in store.missing for pair in roots)
    for group in _grouped(live):
        yield "\n"
        yield from _group(group, subjects, width)
    waived = [one for one in fresh if one.waived is not None]
    if waived:
        yield f"\n  waived: {_count(len(waived), 'finding')}\n"
        yield from _waived(waived, width)


def _verdict(store: AuditedStore) -> str:
    counts = [
        _count(number, word)
        for severity, word in (("error", "error"), ("warning", "warning"), ("info", "note"))
        if (number := store.counted(severity))
    ]
    return ", ".join(counts) or "nothing found"


def _grouped(findings: Sequence[AuditFinding]) -> Iterator[list[AuditFinding]]:
    """Findings of one severity and rule together, in their order."""
    groups: dict[tuple[str, str], list[AuditFinding]] = {}
    for one in findings:
        groups.setdefault((one.severity, one.code), []).append(one)
    yield from groups.values()


def _group(
    group: Sequence[AuditFinding], subjects: dict[str, str], width: int | None
) -> Iterator[str]:
    first = group[0]
    word = "note" if first.severity == "info" else first.severity
    times = f" ({len(group)})" if len(group) > 1 else ""
    yield f"  {word}: {first.code}{times}\n"
    said: dict[str, list[AuditFinding]] = {}
    for one in group:
        message = one.message
        if one.code == "missing-from-store":  # the subject is in the line of its SHA-256
            message = message.removeprefix(f"{subjects.get(one.sha256, '')} is ")
        said.setdefault(message, []).append(one)
    hints: dict[str, None] = {}
    for message, alike in said.items():
        yield _folded(message, "    ", width)
        about = [one for one in alike if one.alias or one.sha256 in subjects]
        if first.severity == "info" and len(about) > 1:
            names = [one.alias or one.sha256[:16] for one in about]
            more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
            yield _folded(", ".join(names[:_FEW]) + more, "      ", width)
        else:
            yield from _entries(about, subjects, width)
        for hint in dict.fromkeys(one.hint for one in alike if one.hint):
            before, link, url = hint.rpartition("; https://")
            hints.setdefault(before if link else hint)
            if link:  # of this one alone, and never cut: it is there to be copied
                yield f"      see https://{printable(url)}\n"
    for hint in hints:
        yield _folded(f"hint: {hint}", "    ", width)


def _entries(
    about: Sequence[AuditFinding], subjects: dict[str, str], width: int | None
) -> Iterator[str]:
    """A line an entry: the beginning of its SHA-256, alias, subject."""
    cells = [
        (
            short(one.sha256, width or 80),
            printable(one.alias),
            printable(subjects.get(one.sha256, "")),
        )
        for one in about
    ]
    if not cells:
        return
    aliases = min(max(columns(alias) for _, alias, _ in cells), _LONGEST)
    digits = max(len(sha256) for sha256, _, _ in cells)
    if width is not None:
        aliases = min(aliases, max((width - digits - 8) // 2, 12))
    for sha256, alias, subject in cells:
        alias = alias if width is None else fit(alias, aliases)
        named = f"{pad(alias, aliases)}  " if aliases else ""
        line = f"      {pad(sha256, digits)}  {named}{subject}".rstrip()
        yield fit(line, width) + "\n"


def _waived(findings: Sequence[AuditFinding], width: int | None) -> Iterator[str]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in findings:
        assert one.waived is not None
        until = f", until {one.waived.until}" if one.waived.until else ""
        key = (one.code, one.waived.reason + until, one.waived.where)
        groups.setdefault(key, []).append(one.alias)
    for (code, reason, where), aliases in groups.items():
        named = ", ".join(alias for alias in aliases[:_FEW] if alias)
        more = f" and {len(aliases) - _FEW} more" if len(aliases) > _FEW else ""
        about = f" of {named}{more}" if named else ""
        yield _folded(f"{code}{about}: {reason} ({where})", "    ", width)


# -- the end ------------------------------------------------------------------------------


def _total(tally: Tally) -> str:
    found = [
        _count(number, word)
        for number, word in (
            (tally.errors, "error"), (tally.warnings, "warning"), (tally.infos, "note"),
        )
        if number
    ]  # fmt: skip
    if tally.waived:
        found.append(f"{tally.waived} waived")
    if tally.unreadable:
        found.append(f"{tally.unreadable} could not be read")
    return (
        f"{_count(tally.stores, 'store')}, {_count(tally.entries, 'entry', 'entries')}: "
        f"{', '.join(found) or 'nothing found'}"
    )


def _lists(used: Sequence[ListUsed], width: int | None) -> Iterator[str]:
    named = max(columns(printable(one.name)) for one in used)
    for one in used:
        dated = one.date or "no date"
        old = ", old" if one.old else ""
        line = (
            f"  {pad(printable(one.name), named)}  {_count(one.count, 'root'):>9}, {dated}{old}  "
            f"{printable(one.title)}"
        )
        yield fit(line.rstrip(), width) + "\n"


def _count(number: int, word: str, many: str = "") -> str:
    return f"{number} {word if number == 1 else many or word + 's'}"


def _folded(text: str, indent: str, width: int | None) -> str:
    """A paragraph, folded at spaces on a terminal."""
    text = printable(text)
    if width is None or columns(text) + len(indent) <= width:
        return f"{indent}{text}\n"
    lines: list[str] = []
    line = ""
    room = max(width - len(indent) - 2, 20)
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if columns(longer) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        # A path is there to be copied: the terminal breaks it.
        line = fit(word, max(room, 200) if "/" in word else room)
        if len(lines) > _MOST_LINES:
            line += " ..."
            break
    lines.append(line)
    return indent + f"\n{indent}  ".join(lines) + "\n"


_MOST_LINES = 12
