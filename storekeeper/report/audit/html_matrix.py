"""Who trusts what: stores against stores and lists, in numbers and root by root."""

from __future__ import annotations

import re

from . import html_text as words
from .html_collected import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .html_collected import Collected, Content

MOST_COLUMNS = 24
"""Stores of different content that still fit beside each other on a screen."""

_FIT = 10
"""Columns that fit beside each other with their names written as usual."""

_YES = '<td class="yes"><span aria-hidden="true">●</span><span class="vh">yes</span></td>'
_NO = '<td class="no"><span aria-hidden="true">&#8211;</span><span class="vh">no</span></td>'
_UNKNOWN = '<td class="no"><span class="vh">not asked</span></td>'


def matrix(found: Collected) -> Iterator[str]:
    """Both tables; nothing but a sentence where no store trusts anything."""
    shown = [one for one in found.contents if one.trusted]
    if not shown:
        yield "<p>No store that was read trusts a certificate.</p>\n"
        return
    yield '<div class="counts">'
    yield from _counts(found, shown)
    yield "</div>\n"
    yield '<div class="hides">'
    yield from _roots(found, shown)
    yield "</div>\n"


def _counts(found: Collected, shown: list[Content]) -> Iterator[str]:
    """Certificates in common."""
    across = shown if len(shown) <= MOST_COLUMNS else []
    in_common = _in_common(found, {one.number for one in across})
    heads = "".join(
        f'<th scope="col" class="n" title="{words.attribute(one.label)}">{one.number}</th>'
        for one in across
    )
    heads += _lists(found, "n list")
    if across or found.head.lists:
        yield (
            "<h3>Roots in common</h3>"
            "<p>How many certificates a store trusts, and how many of those the other stores and "
            "the lists have.</p>\n"
        )
    if not across:
        yield (
            f"<p>{len(shown):,} stores differ in content; side by side they would not be "
            "readable, so each is compared with the lists only.</p>\n"
        )
    yield (
        '<div class="scroll" tabindex="0" role="region" aria-label="Roots in common">'
        f'<table class="matrix{_upright(found, across)}"><thead><tr>'
        '<th scope="col" class="corner">Store</th>'
        f'<th scope="col" class="n">Trusts</th>{heads}</tr></thead><tbody>\n'
    )
    for one in shown:
        tally = in_common[one.number]
        cells = [f'<td class="n own">{one.trusted:,}</td>']
        for other in across:
            if other is one:
                cells.append('<td class="n self"><span class="vh">itself</span></td>')
            else:
                cells.append(_share(tally.get(other.number, 0), one.trusted))
        cells += [_share(tally.get(used.name, 0), one.trusted) for used in found.head.lists]
        yield f'<tr><th scope="row">{_store(one)}</th>{"".join(cells)}</tr>\n'
    if found.head.lists:
        totals = "".join(f'<td class="n own">{one.count:,}</td>' for one in found.head.lists)
        yield (
            '<tr class="total"><th scope="row">Roots in the list</th>'
            f"<td></td>{'<td></td>' * len(across)}{totals}</tr>\n"
        )
    yield "</tbody></table></div>\n"


def _in_common(found: Collected, across: set[int]) -> dict[int, dict[int | str, int]]:
    """How many certificates each content shares with others (numbers) and lists (names)."""
    tallies: dict[int, dict[int | str, int]] = {one.number: {} for one in found.contents}
    for known in found.known.values():
        trusting = numbers(known.trusted)
        beside: list[int | str] = [number for number in trusting if number in across]
        beside += known.lists
        for number in trusting:
            tally = tallies[number]
            for other in beside:
                tally[other] = tally.get(other, 0) + 1
    return tallies


def _lists(found: Collected, style: str) -> str:
    """Column heads of the lists; of a path, its end."""
    ends = [(re.split(r"[/\\]", one.name[-240:])[-1], one.title) for one in found.head.lists]
    return "".join(
        f'<th scope="col" class="{style}" title="{words.attribute(title)}">'
        f"<span>{words.text(end, 24)}</span></th>"
        for end, title in ends
    )


def _upright(found: Collected, across: list[Content]) -> str:
    """Names of lists stand upright where they would not fit beside each other."""
    return " upright" if len(across) + len(found.head.lists) > _FIT else ""


def _share(common: int, total: int) -> str:
    fifths = 5 * common // total if total else 0
    return f'<td class="n h{fifths}">{common:,}</td>'


def _store(content: Content) -> str:
    return f'<a href="#s{content.number}">{content.number}</a> {words.text(content.label)}'


class _Line:
    """A row of the second table."""

    __slots__ = ("cells", "contents", "differs", "order", "title")

    def __init__(self, title: str, order: tuple[str, str], cells: str, differs: bool) -> None:
        self.title = title
        self.order = order
        self.cells = cells
        self.differs = differs
        self.contents = ""


def _roots(found: Collected, shown: list[Content]) -> Iterator[str]:
    """Root by root; those that all have come last, folded."""
    across = shown if len(shown) <= MOST_COLUMNS else []
    lines = sorted(_lines(found, shown, across), key=lambda line: line.order)
    differing = [line for line in lines if line.differs]
    agreed = [line for line in lines if not line.differs]
    yield (
        f"<h3>Root by root</h3><p>{words.count(len(differing), 'root')} that not all of them have"
        f"{f'; {len(agreed):,} that all have are folded below' if agreed else ''}.</p>\n"
    )
    if differing:
        yield from _table(found, across, differing, "Roots that not all have")
    if agreed:
        many = words.count(len(agreed), "root")
        yield f'<details class="hides"><summary>{many} that all have</summary>'
        yield from _table(found, across, agreed, "Roots that all have")
        yield "</details>\n"


def _lines(found: Collected, shown: list[Content], across: list[Content]) -> Iterator[_Line]:
    names = [one.name for one in found.head.lists]
    every = 0
    for one in shown:
        every |= 1 << one.number
    stores = found.stores_of([one.number for one in shown])
    for sha256, known in found.known.items():
        if not known.trusted:
            continue
        cells = "".join(_YES if known.trusted >> one.number & 1 else _NO for one in across)
        if not across:
            holding = [one.number for one in shown if known.trusted >> one.number & 1]
            cells = f'<td class="n">{found.stores_of(holding):,} of {stores:,}</td>'
        cells += "".join(_YES if name in known.lists else _NO for name in names)
        differs = known.trusted != every or any(name not in known.lists for name in names)
        line = _Line(
            _root(known.subject, sha256, known.where), _order(known.subject, sha256), cells, differs
        )
        line.contents = " ".join(
            str(one.number) for one in shown if known.trusted >> one.number & 1
        )
        yield line
    for sha256, (subject, having) in found.missing.items():
        known_one = found.known.get(sha256)
        if known_one is not None and known_one.trusted:
            continue
        cells = _NO * len(across) if across else f'<td class="n">0 of {stores:,}</td>'
        for name in names:
            cells += _YES if name in having else _NO if name in found.against else _UNKNOWN
        yield _Line(_root(subject, sha256, ""), _order(subject, sha256), cells, True)


def _order(subject: str, sha256: str) -> tuple[str, str]:
    return words.short_name(subject).casefold(), sha256


def _root(subject: str, sha256: str, where: str) -> str:
    strong = words.text(words.short_name(subject) or "(no readable subject)", 90)
    code = words.linked_fingerprint(sha256, where)
    return f'<b title="{words.attribute(subject)}">{strong}</b> {code}'


def _table(
    found: Collected,
    across: list[Content],
    lines: Iterable[_Line],
    title: str,
) -> Iterator[str]:
    heads = "".join(
        f'<th scope="col" title="{words.attribute(one.label)}">{one.number}</th>' for one in across
    )
    if not across:
        heads = '<th scope="col" class="n">Stores</th>'
    heads += _lists(found, "list")
    yield (
        f'<div class="scroll tall hides" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="matrix roots{_upright(found, across)}"><thead><tr>'
        f'<th scope="col" class="corner">Root</th>{heads}'
        "</tr></thead><tbody>\n"
    )
    for line in lines:
        yield (
            f'<tr class="r" data-n="{line.contents}"><th scope="row">{line.title}</th>'
            f"{line.cells}</tr>\n"
        )
    yield "</tbody></table></div>\n"
