"""Which entries of a store somebody means: by alias, by pattern, by what their certificates say.

An alias written out is one entry that has to be there, and may be a key. A pattern or a
filter takes what it finds, and never a key unless keys are what was asked for: one
asterisk must not cost anybody a private key.
"""

from __future__ import annotations

from ..errors import NoSuchEntry
from ..frozen import Frozen
from ..model import Entry, Opaque, Store, TrustedCert, kind
from ..trust.inventory import Filter, Row, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Chosen", "choose_entries", "entry_named", "is_pattern", "spared_because"]


class Chosen(Frozen):
    """What was found.

    Attributes:
        entries: those that are meant, in the order of the store.
        missing: aliases written out that no entry has.
        unmatched: patterns that fit nothing.
        spared: keys and the like that a pattern or filter would have taken along.
    """

    entries: tuple[Entry, ...]
    missing: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    spared: tuple[Entry, ...] = ()


def choose_entries(store: Store, words: Sequence[str], wanted: Filter, at: int) -> Chosen:
    """The entries that any of the words and all of the filter mean.

    An alias means every entry that Java would not tell apart by it.

    Args:
        store: to look in.
        words: aliases and patterns; an alias that has an asterisk or bracket wins over the
            pattern. None at all means any entry.
        wanted: its ``aliases`` are not looked at.
        at: when to judge validity, seconds since 1970 UTC.
    """
    folded = {entry.alias.lower() for entry in store.entries}
    literal: set[str] = set()
    patterns: list[str] = []
    missing: list[str] = []
    for word in words:
        if word.lower() in folded:
            literal.add(word.lower())
        elif is_pattern(word):
            patterns.append(word)
        else:
            missing.append(word)
    filtered = [row for row in map(Row, store.entries) if select((row,), _plain(wanted), at)]
    matched = [bool(select(filtered, Filter(aliases=(pattern,)), at)) for pattern in patterns]
    by_pattern = _fitting(filtered, patterns, at) if patterns or not words else set()
    entries: list[Entry] = []
    spared: list[Entry] = []
    for row in filtered:
        assert isinstance(row.source, Entry)
        if row.alias.lower() in literal:
            entries.append(row.source)
        elif id(row) in by_pattern:
            open_to_all = isinstance(row.source, TrustedCert) or wanted.kind == row.kind
            (entries if open_to_all else spared).append(row.source)
    unmatched = [one for one, found in zip(patterns, matched, strict=True) if not found]
    return Chosen(tuple(entries), tuple(missing), tuple(unmatched), tuple(spared))


def entry_named(store: Store, alias: str) -> Entry:
    """The entry of that alias: spelled exactly so, else the one Java would give.

    Raises:
        NoSuchEntry: there is none; the hint names one that was perhaps meant.
    """
    exact = [entry for entry in store.entries if entry.alias == alias]
    entry = exact[-1] if exact else store.find(alias)
    if entry is None:
        raise no_such_entry(store, alias)
    return entry


def no_such_entry(store: Store, alias: str, otherwise: str = "") -> NoSuchEntry:
    """The error about an alias that is not there."""
    from difflib import get_close_matches

    close = get_close_matches(alias.lower(), [entry.alias for entry in store.entries], 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return NoSuchEntry(
        "there is no such entry",
        alias=alias,
        hint=f"{meant}{otherwise or 'storekeeper list shows the aliases'}",
        path=store.path,
    )


def is_pattern(word: str) -> bool:
    """Whether a word is meant for several aliases."""
    return any(character in word for character in "*?[")


def spared_because(entry: Entry) -> str:
    """Why a pattern left an entry alone."""
    if isinstance(entry, Opaque):  # of which most have no alias
        return "not a certificate: --kind opaque means it as well"
    return f"a {kind(entry).replace('-', ' ')}: name its alias in full, or say --kind {kind(entry)}"


def _plain(wanted: Filter) -> Filter:
    from ..model import replace

    return replace(wanted, aliases=())


def _fitting(rows: list[Row], patterns: list[str], at: int) -> set[int]:
    if not patterns:
        return {id(row) for row in rows}
    return {id(row) for row in select(rows, Filter(aliases=tuple(patterns)), at)}
