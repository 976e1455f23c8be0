"""What is wrong, first: one block for each kind of finding, over all stores."""

from __future__ import annotations

from ...trust.audit.rules import RULES
from . import html_text as words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .html_collected import Collected, Item, Problem

# Where hyphens and capitals of a code say too little.
_TITLES = {
    "blocked": "on a blocked list",
    "distrust-after": "distrusted from a date on",
    "email-only-at-mozilla": "e-mail only at Mozilla",
    "extra": "not in the list compared with",
    "non-positive-serial": "non-positive serial number",
    "not-a-ca": "not a CA",
    "quantum-vulnerable": "breakable by a quantum computer",
    "refused-by-this-jre": "refused by this very JRE",
    "removed-by-mozilla": "removed by Mozilla",
    "unknown-root": "in no root list",
}

_PLACES_SHOWN = 12
_WORDY = 140  # characters that are too many to repeat in a narrow column
_OPEN = 12  # rows that need no fold: a screenful; on paper all are there


def unread(found: Collected) -> Iterator[str]:
    """Stores nothing can be said about."""
    if not found.unread:
        return
    many = words.count(len(found.unread), "store")
    yield (
        f'<section class="block error-block" id="unread"><h3>'
        f"{words.mark('error', 'not audited')} {many} could not be read</h3>"
        '<p class="meaning">Nothing in this report is about what is in '
        f"{'it' if len(found.unread) == 1 else 'them'}.</p>"
        '<table class="rows"><thead><tr><th scope="col">Store</th><th scope="col">Why</th>'
        '<th scope="col">What to do</th></tr></thead><tbody>\n'
    )
    for store in found.unread:
        where = f'<span class="path">{words.text(store.path or store.name)}</span>'
        yield (
            f'<tr class="r" data-s="error"><th scope="row">{where}</th>'
            f"<td>{words.message(store.problem)}</td>"
            f"<td>{words.message(store.hint)}</td></tr>\n"
        )
    yield "</tbody></table></section>\n"


def summary(found: Collected) -> Iterator[str]:
    """One line for each kind of finding: what a reader in a hurry takes away."""
    problems = found.ordered(waived=False)
    if not problems:
        if found.places:
            yield '<p class="clear">Nothing was found wrong with the stores that were read.</p>\n'
        return
    yield (
        '<table class="summary"><caption class="vh">Findings by kind, worst first</caption>'
        '<thead><tr><th scope="col">Severity</th><th scope="col">Finding</th>'
        '<th scope="col" class="n">Findings</th><th scope="col" class="n">Stores</th>'
        "</tr></thead><tbody>\n"
    )
    for at, problem in enumerate(problems):
        stores = found.stores_of(problem.contents())
        yield (
            f"<tr><td>{words.mark(problem.severity)}</td>"
            f'<th scope="row"><a href="#p{at}">{words.text(title(problem.code))}</a></th>'
            f'<td class="n">{found.times(problem):,}</td>'
            f'<td class="n">{stores or words.NONE}</td></tr>\n'
        )
    yield "</tbody></table>\n"


def findings(found: Collected) -> Iterator[str]:
    """A block for each kind of finding."""
    for at, problem in enumerate(found.ordered(waived=False)):
        yield from _block(found, problem, f"p{at}")


def waived(found: Collected) -> Iterator[str]:
    """What the policy excuses, with the reason and the day that ends."""
    for at, problem in enumerate(found.ordered(waived=True)):
        yield from _block(found, problem, f"w{at}")


def title(code: str) -> str:
    """The code in words: ``Weak signature``."""
    plain = _TITLES.get(code) or code.replace("-", " ")
    return plain[:1].upper() + plain[1:]


def _block(found: Collected, problem: Problem, anchor: str) -> Iterator[str]:
    stores = found.where(problem.contents())
    times = words.count(found.times(problem), "finding")
    yield (
        f'<section class="block {problem.severity}-block" id="{anchor}"><h3>'
        f"{words.mark(problem.severity)} {words.text(title(problem.code))}"
        f' <span class="tally">{times} in {stores}</span></h3>\n'
    )
    yield from _waiver(problem)
    rule = RULES.get(problem.code)
    if rule is not None:
        yield f'<p class="meaning">{words.message(rule.meaning)}.</p>\n'
    shared = {field: problem.same(field) for field in ("message", "hint", "source")}
    yield '<dl class="facts">'
    if shared["message"] and len(problem.items) > 1:
        yield f"<dt>Found</dt><dd>{words.message(shared['message'])}</dd>"
    if shared["hint"]:
        yield f"<dt>To do</dt><dd>{words.message(shared['hint'])}</dd>"
    basis = shared["source"] or (rule.source if rule else "")
    if basis:
        yield f"<dt>Behind it</dt><dd>{words.text(basis, words.LONGEST_MESSAGE)}</dd>"
    yield f"<dt>Code</dt><dd><code>{words.text(problem.code)}</code></dd></dl>\n"
    rows = _rows(found, problem, shared)
    if len(problem.items) <= _OPEN:
        yield from rows
    else:
        yield f"<details><summary>All {len(problem.items):,}, one by one</summary>"
        yield from rows
        yield "</details>"
    yield "</section>\n"


def _waiver(problem: Problem) -> Iterator[str]:
    if problem.waiver is None:
        return
    waiver = problem.waiver
    until = f"until {words.text(waiver.until)}" if waiver.until else "without an end"
    where = f' <span class="quiet">{words.text(waiver.where)}</span>' if waiver.where else ""
    yield (
        f'<p class="waiver"><span class="tag">waived</span> {until}: '
        f"{words.message(waiver.reason)}{where}</p>\n"
    )


def _rows(found: Collected, problem: Problem, shared: dict[str, str]) -> Iterator[str]:
    """The items of a problem; what several have in common is said once, above them."""
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in sorted(problem.items.values(), key=lambda item: _order(found, item)):
        finding = item.finding
        groups.setdefault((finding.message, finding.hint, finding.source), []).append(item)
    nothing = len(groups) == 1 and len(problem.items) > 1 and bool(shared["message"])
    usual = sum(len("".join(group)) for group in groups) // len(groups)
    above = not nothing and len(problem.items) > 1
    above = above and (2 * len(groups) <= len(problem.items) or usual > _WORDY)
    # Of whole stores there is no certificate or entry to name.
    named = any(item.finding.sha256 or item.finding.alias for item in problem.items.values())
    above = above and named
    columns = ["Certificate or entry"] if named or nothing else []
    columns += ["Found"] if not (nothing or above) else []
    columns += ["Stores"]
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    yield f'<table class="rows found c{len(columns)}"><thead><tr>{head}</tr></thead>\n'
    ordered = sorted(groups.values(), key=len, reverse=True) if above else [*groups.values()]
    if not above:
        yield "<tbody>\n"
    for items in ordered:
        if above:
            yield (
                '<tbody class="hides"><tr class="why"><th scope="rowgroup" colspan="2">'
                f"{_said(items[0], shared)}</th></tr>\n"
            )
        for item in items:
            said = _said(item, shared) if "Found" in columns else None
            yield _row(found, problem, item, said, named=len(columns) == 3 or said is None)
        if above:
            yield "</tbody>\n"
    yield "</table>" if above else "</tbody></table>"


def _row(found: Collected, problem: Problem, item: Item, said: str | None, *, named: bool) -> str:
    numbers = " ".join(map(str, dict.fromkeys(number for number, _ in item.places)))
    cells = f'<th scope="row">{_about(found, item) if named else said}</th>'
    if named and said is not None:
        cells += f"<td>{said}</td>"
    cells += f"<td>{_places(found, item)}</td>"
    waived = ' data-w="1"' if problem.waiver else ""
    return f'<tr class="r" data-s="{problem.severity}" data-n="{numbers}"{waived}>{cells}</tr>\n'


def _order(found: Collected, item: Item) -> tuple[object, ...]:
    known = found.known.get(item.finding.sha256)
    subject = words.short_name(known.subject).casefold() if known else ""
    return (subject, item.finding.alias, item.finding.message)


def _about(found: Collected, item: Item) -> str:
    finding = item.finding
    known = found.known.get(finding.sha256)
    aliases = dict.fromkeys(alias for _, alias in item.places if alias)
    alias = f'<span class="alias">{words.text(next(iter(aliases)))}</span>' if aliases else ""
    if known is None and finding.sha256:
        return f"{words.name(found.subject_of(finding.sha256))}{words.fingerprint(finding.sha256)}"
    if known is None:
        return f"<b>{alias}</b>" if alias else "<b>the whole store</b>"
    link = words.linked_fingerprint(finding.sha256, known.where)
    return f"{words.name(known.subject)}<br>{link} {alias if len(aliases) == 1 else ''}"


def _said(item: Item, shared: dict[str, str]) -> str:
    finding = item.finding
    parts = [words.message(finding.message)]
    if finding.hint and not shared["hint"]:
        parts.append(f'<span class="hint">{words.message(finding.hint)}</span>')
    if finding.source and not shared["source"]:
        parts.append(f'<span class="quiet">{words.text(finding.source)}</span>')
    return "<br>".join(parts)


def _places(found: Collected, item: Item) -> str:
    aliases: dict[int, list[str]] = {}
    for number, alias in item.places:
        aliases.setdefault(number, []).append(alias)
    stores = [
        f'<li><a href="#s{number}">{number}</a>&nbsp;'
        f"{words.text(found.contents[number - 1].label)}</li>"
        for number in aliases
    ]
    if len(aliases) == sum(not one.policy for one in found.contents) > 2:
        stores = [f"<li>all {found.stores_of():,} stores</li>"]
    shown = f'<ul class="places">{"".join(stores[:_PLACES_SHOWN])}</ul>'
    if len(stores) > _PLACES_SHOWN:
        rest = "".join(stores[_PLACES_SHOWN:])
        shown += (
            f'<details class="more"><summary>{len(stores) - _PLACES_SHOWN:,} more</summary>'
            f'<ul class="places">{rest}</ul></details>'
        )
    if len({alias for _, alias in item.places}) > 1:
        lines = "".join(_aliases(number, names) for number, names in aliases.items())
        shown += (
            '<details class="more aliases"><summary>its aliases</summary>'
            f"<ul>{lines}</ul></details>"
        )
    return shown


def _aliases(number: int, names: list[str]) -> str:
    some = ", ".join(words.text(alias) or "(no alias)" for alias in names[:_PLACES_SHOWN])
    more = len(names) - _PLACES_SHOWN
    return f"<li>{number} {some}{f' and {more:,} more' if more > 0 else ''}</li>"
