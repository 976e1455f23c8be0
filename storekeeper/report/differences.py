"""`diff` as text, Markdown and JSON."""

from __future__ import annotations

import re

from ..names import printable
from ..times import iso_date
from ..trust.inventory import colons
from .table import fit, pad, short
from .values import finding_json, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..trust.diff import Change, Diff, Item, Pair, Side

SCHEMA = "storekeeper.diff/1"
_CHECK = "ask the issuer, over another channel, before you trust the new one"


def _counts(found: Diff) -> str:
    counts = (
        (len(found.common), "common"),
        (len(found.removed), "removed"),
        (len(found.added), "added"),
        (len(found.reissued), "re-issued"),
        (len(found.new_key), "with a new key"),
        (len(found.same_key_new_name), "with a new name"),
        (len(found.changed), "changed"),
        (len(found.renamed), "under another alias"),
        (len(found.expired), "expired"),
    )
    return ", ".join(
        f"{n} {what}" for n, what in counts if n or what in ("common", "removed", "added")
    )


def _side(side: Side) -> str:
    title = f"{side.title} of {side.date}" if side.date else side.title
    count = f"{side.certificates} certificate{'' if side.certificates == 1 else 's'}"
    if side.keys:
        count += f", {side.keys} key{'' if side.keys == 1 else 's'}"
    return printable(f"{side.name} ({title}, {count})")


def _label(item: Item) -> str:
    """What to call it: the subject, else its alias or the list's name for it."""
    name = item.subject or (item.aliases[0] if item.aliases else "")
    if item.kind != "trusted-certificate":
        alias = item.aliases[0] if item.aliases else ""
        name = f"{item.kind.replace('-', ' ')} '{alias}'" + (
            f", {item.subject}" if item.subject else ""
        )
    return printable(name or "(no subject in the list)")


def _until(item: Item, at: int) -> str:
    if item.not_after is None:
        return "-"
    return iso_date(item.not_after) + (" expired" if item.not_after < at else "")


def text(found: Diff, width: int | None = None) -> str:
    """The differences, the alarming ones first, and one line of counts.

    With a terminal's ``width``, fingerprints are shortened and lines cut to fit it.
    """
    lines = [f"old: {_side(found.old)}", f"new: {_side(found.new)}"]
    lines += _text_sections(found, width)
    lines += ["", _counts(found)]
    if found.same:
        lines[-1] += ": no difference in what is trusted"
    return "\n".join(lines) + "\n"


def _text_sections(found: Diff, width: int | None) -> Iterator[str]:
    if found.new_key:
        yield f"\nSAME NAME, NEW KEY ({len(found.new_key)}): {_CHECK}"
        yield from _pairs("!", found.new_key, found.at, width)
    if found.same_key_new_name:
        yield f"\nsame key, new name ({len(found.same_key_new_name)})"
        yield from _pairs("~", found.same_key_new_name, found.at, width)
    if found.reissued:
        yield f"\nre-issued: same name and key, another certificate ({len(found.reissued)})"
        yield from _pairs("~", found.reissued, found.at, width)
    if found.changed:
        yield f"\nchanged ({len(found.changed)})"
        for change in found.changed:
            yield fit(f"  ~ {_label(change.new)}: {printable(change.what)}", width)
    for title, mark, items in (
        (f"removed: only in {found.old.name}", "-", found.removed),
        (f"added: only in {found.new.name}", "+", found.added),
    ):
        if items:
            yield f"\n{printable(title)} ({len(items)})"
            yield from _items(mark, items, found.at, width)
    if found.renamed:
        yield f"\nunder another alias ({len(found.renamed)})"
        for item in found.renamed:
            aliases = f"{', '.join(item.old_aliases)} -> {', '.join(item.new_aliases)}"
            yield fit(f"    {printable(aliases)}", width)
    if found.expired:
        yield f"\nexpired, on either side ({len(found.expired)})"
        yield from _items(" ", found.expired, found.at, width)


def _items(mark: str, items: Sequence[Item], at: int, width: int | None) -> Iterator[str]:
    longest = max(len(_until(item, at)) for item in items)
    for item in items:
        yield _line(f"  {mark} {_until(item, at):{longest}}  ", _label(item), item.sha256, width)


def _pairs(mark: str, pairs: Sequence[Pair], at: int, width: int | None) -> Iterator[str]:
    for pair in pairs:
        yield fit(f"  {mark} {_label(pair.new)}", width)
        if pair.old.subject != pair.new.subject:
            yield fit(f"      was {_label(pair.old)}", width)
        stays = " (kept beside the new one)" if pair.old_stays else ""
        for word, item, after in (("old", pair.old, stays), ("new", pair.new, "")):
            yield _line(f"      {word} {_until(item, at):10}  ", "", item.sha256, width) + after


def _line(head: str, label: str, sha256: str, width: int | None) -> str:
    if width is None:
        return f"{head}{label}  {colons(sha256)}".rstrip()
    begin = short(sha256, width)
    room = max(width - len(head) - len(begin) - 2, 10)
    return f"{head}{pad(fit(label, room), room)}  {begin}".rstrip() if label else f"{head}{begin}"


# --- Markdown --------------------------------------------------------------------------


def markdown(found: Diff) -> str:
    """Tables to paste into a pull request."""
    lines = [
        f"### {_cell(found.old.name)} -> {_cell(found.new.name)}",
        "",
        f"{_cell(_counts(found))}.",
        "",
        f"- old: {_cell(_side(found.old))}",
        f"- new: {_cell(_side(found.new))}",
    ]
    for title, pairs in (
        (f"**Same name, new key** ({_CHECK})", found.new_key),
        ("Same key, new name", found.same_key_new_name),
        ("Re-issued (same name and key)", found.reissued),
    ):
        if pairs:
            lines += [
                "",
                title,
                "",
                "| subject | old SHA-256 | new SHA-256 | expires |",
                "|---|---|---|---|",
            ]
            lines += [
                f"| {_cell(_label(p.new))} | {_print(p.old.sha256)} | {_print(p.new.sha256)} "
                f"| {_until(p.new, found.at)} |"
                for p in pairs
            ]
    if found.changed:
        lines += ["", "Changed", "", "| entry | what |", "|---|---|"]
        lines += [f"| {_cell(_label(c.new))} | {_cell(c.what)} |" for c in found.changed]
    for title, items in (
        ("Removed", found.removed),
        ("Added", found.added),
        ("Expired, on either side", found.expired),
    ):
        if items:
            lines += [
                "",
                f"{title} ({len(items)})",
                "",
                "| subject | expires | SHA-256 |",
                "|---|---|---|",
            ]
            lines += [
                f"| {_cell(_label(i))} | {_until(i, found.at)} | {_print(i.sha256)} |"
                for i in items
            ]
    if found.renamed:
        lines += [
            "",
            f"Under another alias ({len(found.renamed)})",
            "",
            "| old | new |",
            "|---|---|",
        ]
        lines += [
            f"| {_cell(', '.join(i.old_aliases))} | {_cell(', '.join(i.new_aliases))} |"
            for i in found.renamed
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    # Subjects are chosen by strangers: nothing in them may become markup or a mention.
    return _MARKUP.sub(_plain, printable(text))


_MARKUP = re.compile(r"[\\`*_\[\]<>|#@!~&$]")


def _plain(found: re.Match[str]) -> str:
    char = found[0]
    # A backslash does not keep a pipe out of a table's syntax, nor a mention or a tag away.
    return f"&#{ord(char)};" if char in "<>@`|&" else "\\" + char


def _print(sha256: str) -> str:
    return f"`{sha256}`" if sha256 else ""


# --- JSON ------------------------------------------------------------------------------


def json(found: Diff) -> dict[str, Any]:
    """The values of ``diff --json``, `SCHEMA` (docs/json.md)."""
    return {
        "schema": SCHEMA,
        "same": found.same,
        "old": _side_json(found.old),
        "new": _side_json(found.new),
        "common": [_item_json(item) for item in found.common],
        "added": [_item_json(item) for item in found.added],
        "removed": [_item_json(item) for item in found.removed],
        "reissued": [_pair_json(pair) for pair in found.reissued],
        "new_key": [_pair_json(pair) | {"old_stays": pair.old_stays} for pair in found.new_key],
        "same_key_new_name": [_pair_json(pair) for pair in found.same_key_new_name],
        "changed": [_change_json(change) for change in found.changed],
        "renamed": [_item_json(item) for item in found.renamed],
        "expired": [_item_json(item) for item in found.expired],
        "notes": [finding_json(note) for note in found.notes],
    }


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "title": side.title,
        "date": side.date or None,
        "certificates": side.certificates,
        "keys": side.keys,
    }


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "sha256": item.sha256 or None,
        "subject": item.subject or None,
        "kind": item.kind,
        "old_aliases": list(item.old_aliases),
        "new_aliases": list(item.new_aliases),
        "not_before": moment(item.not_before),
        "not_after": moment(item.not_after),
    }


def _pair_json(pair: Pair) -> dict[str, Any]:
    return {
        "sha256": pair.sha256,
        "subject": pair.subject,
        "old": _item_json(pair.old),
        "new": _item_json(pair.new),
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "sha256": change.sha256 or None,
        "subject": change.subject or None,
        "what": change.what,
        "old": _item_json(change.old),
        "new": _item_json(change.new),
    }
