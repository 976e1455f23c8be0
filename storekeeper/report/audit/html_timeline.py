"""When certificates end: every distinct one over the years, drawn as SVG, and as a table.

Columns are quarters counted from the moment of the audit, so what has expired is always left
of today's line. Few certificates are drawn one by one, many as columns.
"""

from __future__ import annotations

from ...times import DAY, distance, iso_date
from . import html_text as words
from .html_collected import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .html_collected import Collected, Known

QUARTER = 365.25 * DAY / 4
BACK, AHEAD = 32, 120  # quarters; what is beyond stands at the edge

_WIDTH, _LEFT, _RIGHT, _TOP, _BASE = 960, 40, 14, 34, 214
_NEXT = 10
_KINDS = ("expired", "soon", "later")
_TITLES = {"expired": "expired", "soon": "ending soon", "later": "later"}


def kind(known: Known, at: int) -> str:
    """Which of the three a certificate is."""
    if known.not_after is not None and known.not_after < at:
        return "expired"
    return "soon" if known.soon else "later"


def timeline(found: Collected) -> Iterator[str]:
    """The drawing, the certificates that end next, and the years as a table."""
    at = found.head.at
    dated = [one for one in found.known.values() if one.not_after is not None]
    if not dated:
        yield "<p>There is no certificate with a readable date.</p>\n"
        return
    columns: dict[int, dict[str, list[Known]]] = {}
    tally = dict.fromkeys(_KINDS, 0)
    for one in sorted(dated, key=lambda one: (one.not_after or 0, one.subject, one.where)):
        assert one.not_after is not None
        column = min(max(int((one.not_after - at) // QUARTER), -BACK), AHEAD - 1)
        which = kind(one, at)
        tally[which] += 1
        columns.setdefault(column, {}).setdefault(which, []).append(one)
    undated = len(found.known) - len(dated)
    yield from _legend(tally, undated)
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Expiry timeline">'
    yield from _drawing(columns, tally, at)
    yield "</div>\n"
    yield from _edges(columns, at)
    yield '<div class="pair">'
    yield from _next(dated, found)
    yield from _years(dated, at)
    yield "</div>\n"


def _legend(tally: dict[str, int], undated: int) -> Iterator[str]:
    items = [
        f'<li><svg class="key" viewBox="0 0 12 12" aria-hidden="true">'
        f'<rect class="t-{which}" x="1" y="1" width="10" height="10"/></svg>'
        f" <b>{tally[which]:,}</b> {_TITLES[which]}</li>"
        for which in _KINDS
    ]
    if undated:
        items.append(f"<li><b>{undated:,}</b> without a readable date, not drawn</li>")
    yield f'<ul class="legend">{"".join(items)}</ul>\n'


def _drawing(
    columns: dict[int, dict[str, list[Known]]], tally: dict[str, int], at: int
) -> Iterator[str]:
    first = min(-4, *columns) - 1
    last = max(8, *columns) + 2
    step = (_WIDTH - _LEFT - _RIGHT) / (last - first)
    highest = max(sum(map(len, column.values())) for column in columns.values())
    unit = min((_BASE - _TOP - 8) / highest, 14.0)
    told = ", ".join(f"{tally[which]} {_TITLES[which]}" for which in _KINDS)
    yield (
        f'<svg class="timeline" viewBox="0 0 {_WIDTH} 250" role="img" '
        'aria-labelledby="t-title t-desc"><title id="t-title">When certificates end</title>'
        f'<desc id="t-desc">Certificates by the quarter in which they end: {told}. '
        "The table by year below has the figures.</desc>"
        '<defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="hatch-ground" width="4" height="4"/>'
        '<line class="hatch-line" x1="0" y1="0" x2="0" y2="4"/></pattern></defs>\n'
    )
    yield from _heights(highest, unit)
    yield from _ticks(at, first, last, step)
    single = unit >= 3.5
    gap = 1.0 if single else 0.0
    width = max(min(step - 1, 14.0), 1.2)
    for number in sorted(columns):
        x = _LEFT + (number - first) * step + (step - width) / 2
        y = float(_BASE)
        for which in _KINDS:
            several = columns[number].get(which, [])
            if single:
                for one in several:
                    y -= unit
                    yield _box(x, y, width, unit - gap, which, _told(one))
            elif several:
                y -= unit * len(several)
                what = f"{words.count(len(several), 'certificate')}, {_TITLES[which]}"
                yield _box(x, y, width, max(unit * len(several), 1.0), which, what)
    today = _LEFT - first * step
    label = f"today, {iso_date(at)}"
    side = "end" if today > _WIDTH * 0.8 else "start"
    shift = -5 if side == "end" else 5
    yield (
        f'<line class="today" x1="{today:.1f}" x2="{today:.1f}" y1="12" y2="{_BASE + 6}"/>'
        f'<text class="today-text" x="{today + shift:.1f}" y="20" text-anchor="{side}">{label}'
        "</text></svg>"
    )


def _box(x: float, y: float, width: float, height: float, which: str, told: str) -> str:
    return (
        f'<rect class="t-{which}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}"><title>{told}</title></rect>\n'
    )


def _told(one: Known) -> str:
    assert one.not_after is not None
    return f"{_day(one.not_after)} {words.attribute(words.short_name(one.subject))}"


def _heights(highest: int, unit: float) -> Iterator[str]:
    """Lines at round numbers of certificates; none where each can be counted by eye."""
    if highest < 5:
        return
    step = next(
        size
        for power in range(12)
        for size in (10**power, 2 * 10**power, 5 * 10**power)
        if highest / size <= 4
    )
    for value in range(step, highest + 1, step):
        y = _BASE - value * unit
        yield (
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{_LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{value:,}'
            "</text>"
        )


def _ticks(at: int, first: int, last: int, step: float) -> Iterator[str]:
    yield f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_BASE}" y2="{_BASE}"/>'
    begin, end = at + first * QUARTER, at + last * QUARTER
    span = (end - begin) / (4 * QUARTER)
    every = 1 if span <= 16 else 2 if span <= 32 else 5
    for year in range(int(iso_date(int(begin))[:4]) + 1, int(iso_date(int(end))[:4]) + 1):
        x = _LEFT + (_new_year(year) - begin) / QUARTER * step
        if x < _LEFT or x > _WIDTH - _RIGHT:
            continue
        length = 6 if year % every == 0 else 3
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{_BASE}" y2="{_BASE + length}"/>'
        if year % every == 0:
            yield f'<text class="tick" x="{x:.1f}" y="{_BASE + 20}" text-anchor="middle">{year}'
            yield "</text>"


def _new_year(year: int) -> int:
    """Seconds since 1970 UTC of the first of January."""
    before = year - 1
    leap = before // 4 - before // 100 + before // 400 - 477
    return ((year - 1970) * 365 + leap) * DAY


def _edges(columns: dict[int, dict[str, list[Known]]], at: int) -> Iterator[str]:
    for number, which, edge in ((-BACK, "before", "left"), (AHEAD - 1, "after", "right")):
        limit = at + (number + (which == "before")) * QUARTER
        beyond = sum(
            (one.not_after or 0) < limit if which == "before" else (one.not_after or 0) > limit
            for several in columns.get(number, {}).values()
            for one in several
        )
        if beyond > 1:
            yield (
                f'<p class="quiet">{words.count(beyond, "certificate")} that end {which} '
                f"{iso_date(int(limit))} stand at the {edge} edge.</p>\n"
            )


def _day(seconds: int) -> str:
    inside = -62_135_596_800 <= seconds < 253_402_300_800
    return iso_date(seconds) if inside else "beyond the calendar"


def _next(dated: list[Known], found: Collected) -> Iterator[str]:
    at = found.head.at
    ahead = sorted(
        (one for one in dated if (one.not_after or 0) >= at),
        key=lambda one: (one.not_after or 0, one.subject, one.where),
    )[:_NEXT]
    if not ahead:
        return
    yield (
        '<table class="rows small"><caption>The next to end</caption><thead><tr>'
        '<th scope="col">Date</th><th scope="col">From now</th><th scope="col">Certificate</th>'
        '<th scope="col" class="n">Stores</th></tr></thead><tbody>\n'
    )
    for one in ahead:
        assert one.not_after is not None
        gap = f'<span class="quiet">{distance(one.not_after, at)}</span>'
        strong = words.text(words.short_name(one.subject) or "(no readable subject)", 120)
        stores = found.stores_of(numbers(one.held))
        yield (
            f'<tr><td class="date">{words.date(one.not_after)}</td><td class="date">{gap}</td>'
            f'<th scope="row"><a href="#{one.where}">{strong}</a></th>'
            f'<td class="n">{stores:,}</td></tr>\n'
        )
    yield "</tbody></table>\n"


def _years(dated: list[Known], at: int) -> Iterator[str]:
    years: dict[str, dict[str, int]] = {}
    for one in dated:
        assert one.not_after is not None
        day = _day(one.not_after)
        year = day.split("-")[0] if day[:1].isdigit() else day
        tally = years.setdefault(year, dict.fromkeys(_KINDS, 0))
        tally[kind(one, at)] += 1
    heads = "".join(f'<th scope="col" class="n">{_TITLES[which]}</th>' for which in _KINDS)
    yield (
        '<details><summary>By year, in figures</summary><table class="rows small"><thead><tr>'
        f'<th scope="col">Year</th>{heads}</tr></thead><tbody>\n'
    )
    for year in sorted(years):
        cells = "".join(
            f'<td class="n">{years[year][which] or words.NONE}</td>' for which in _KINDS
        )
        yield f'<tr><th scope="row">{year}</th>{cells}</tr>\n'
    yield "</tbody></table></details>\n"
