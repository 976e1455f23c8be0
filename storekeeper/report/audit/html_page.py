"""The page around the report's parts: policy, head, contents, filter, and what it rests on."""

from __future__ import annotations

from hashlib import sha256

from ...packaged import packaged
from ...times import iso
from . import html_text as words
from .html_chains import Chains
from .html_findings import findings, summary, unread, waived
from .html_matrix import matrix
from .html_stores import index
from .html_timeline import timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .html_collected import Collected

_SYMBOLS = (
    '<svg class="defs" aria-hidden="true" width="0" height="0">'
    '<symbol id="i-error" viewBox="0 0 12 12"><path d="M1 1h10v10H1z" fill="currentColor"/>'
    '<path class="cross" d="M3.5 3.5l5 5m0-5l-5 5"/></symbol>'
    '<symbol id="i-warning" viewBox="0 0 12 12"><path d="M6 .8L11.6 11H.4z" fill="currentColor"/>'
    "</symbol>"
    '<symbol id="i-info" viewBox="0 0 12 12"><circle cx="6" cy="6" r="4.4" fill="none" '
    'stroke="currentColor" stroke-width="1.6"/></symbol></svg>\n'
)


def asset(name: str) -> str:
    """A text that travels with the package: "audit.css", "audit.js"."""
    # A browser hashes what it parsed, in which every line ends with LF.
    return packaged("report", name).decode("utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    from base64 import b64encode

    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def opening(found: Collected, chains: Chains) -> Iterator[str]:
    """Everything up to the stores' own sections."""
    style, script = asset("audit.css"), asset("audit.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"Trust store audit of {iso(found.head.at)[:10]}"
    if found.head.host:
        title = f"{title}, {words.attribute(found.head.host, 80)}"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n{_SYMBOLS}"
    )
    yield '<a class="skip" href="#wrong">To the findings</a>\n'
    yield from _head(found)
    yield from _contents(found, chains)
    yield from _filter(found)
    yield '<main>\n<section id="wrong"><h2>What is wrong</h2>\n'
    yield from unread(found)
    yield from summary(found)
    yield from findings(found)
    yield "</section>\n"
    if found.ordered(waived=True):
        yield (
            '<section id="waived"><h2>What the policy excuses</h2>\n'
            "<p>These are findings all the same; the policy says why they do not count, and until "
            "when.</p>\n"
        )
        yield from waived(found)
        yield "</section>\n"
    yield '<section id="expiry"><h2>When certificates end</h2>\n'
    yield from timeline(found)
    yield '</section>\n<section id="trust"><h2>Who trusts what</h2>\n'
    yield from matrix(found)
    yield "</section>\n"
    if len(chains):
        yield (
            '<section id="chains"><h2>Chains of private keys</h2>\n'
            "<p>From the key's own certificate to what vouches for it; what the store lacks has a "
            "broken line.</p>\n"
        )
        yield from chains.markup(found)
        yield "</section>\n"
    yield '<section id="stores"><h2>The stores</h2>\n'
    if len(found.contents) < len(found.places):
        yield (
            f"<p>{words.count(found.stores_of(), 'store')} with "
            f"{words.count(len(found.contents), 'different content')}: what is the same is told "
            "once.</p>\n"
        )
    yield from index(found)


def closing(found: Collected) -> Iterator[str]:
    """What the judgement rests on, and the script."""
    yield '</section>\n<section id="basis"><h2>What this rests on</h2>\n'
    if found.head.lists:
        yield (
            '<div class="scroll" tabindex="0" role="region" aria-label="Root lists">'
            '<table class="rows"><thead><tr><th scope="col">Root list</th>'
            '<th scope="col">Date</th><th scope="col" class="n">Roots</th>'
            '<th scope="col">Where it comes from</th></tr></thead><tbody>\n'
        )
        for used in found.head.lists:
            old = f" {words.mark('warning', 'old')}" if used.old else ""
            day = words.text(used.date) if used.date else '<span class="quiet">undated</span>'
            yield (
                f'<tr><th scope="row"><b>{words.text(used.name)}</b><br>{words.text(used.title)}'
                f'</th><td class="date">{day}{old}</td><td class="n">{used.count:,}</td>'
                f"<td>{words.text(used.source, 600)}</td></tr>\n"
            )
        yield "</tbody></table></div>\n"
    else:
        yield "<p>No root list was asked.</p>\n"
    if found.head.off:
        codes = ", ".join(f"<code>{words.text(code)}</code>" for code in found.head.off)
        yield (
            f'<p id="off">Not asked about, so that nothing found of them says nothing: {codes}.'
            "</p>\n"
        )
    policy = words.text(found.head.policy) if found.head.policy else "the default rules"
    fails = (
        "whatever is found"
        if found.head.fails_on == "never"
        else f"from {words.text(found.head.fails_on)} on"
    )
    passes = "never fails" if found.head.fails_on == "never" else "fails"
    yield (
        f"<p>Judged by {policy}; the audit {passes}, {fails}. A certificate is told by the SHA-256 "
        "of its encoding, never by its name, which anybody can choose. Characters that would "
        "be invisible or turn the direction of text are written as "
        "<code>\\u{…}</code>.</p>\n</section>\n</main>\n"
        f"<footer>storekeeper {words.text(found.head.version)} · {iso(found.head.at)}</footer>\n"
    )
    yield f"<script>{asset('audit.js')}</script>\n</body>\n</html>\n"


def _head(found: Collected) -> Iterator[str]:
    head = found.head
    where = f" · {words.text(head.host)}" if head.host else ""
    yield (
        f'<header class="top"><p class="kicker">storekeeper{where}</p><h1>Trust store audit</h1>'
        f'<p class="made"><time datetime="{iso(head.at)}">{iso(head.at)[:10]}</time> '
        f'<span class="quiet">{iso(head.at)[11:16]} UTC</span></p>\n'
    )
    errors, warnings, notes = (found.total(severity) for severity in words.RANK)
    parts = []
    if errors:
        parts.append(words.mark("error", words.count(errors, "error")))
    if warnings:
        parts.append(words.mark("warning", words.count(warnings, "warning")))
    if notes:
        parts.append(words.mark("info", words.count(notes, "note")))
    lead = f"{words.listed(parts) or 'Nothing wrong'} in {found.where()}"
    excused = sum(place.waived for place in found.places)
    excused_text = (
        f", and {words.count(excused, 'finding')} excused by the policy" if excused else ""
    )
    entries = sum(found.contents[place.content - 1].entries for place in found.places)
    yield (
        f'<p class="lead">{lead}{excused_text}.</p>\n<p>{words.count(entries, "entry", "entries")} '
        f"were looked at, {words.count(len(found.known), 'distinct certificate')} among them."
    )
    if found.unread:
        yield (
            f' <a href="#unread">{words.count(len(found.unread), "store")} could not be read</a>.'
        )
    old = [words.text(used.name) for used in head.lists if used.old]
    if old:
        are = "is" if len(old) == 1 else "are"
        yield f' Of the root lists, {words.listed(old)} {are} <a href="#basis">old</a>.'
    if head.off:
        many = words.count(len(head.off), "rule")
        was = "was" if len(head.off) == 1 else "were"
        yield f' <a href="#off">{many} {was} not asked about</a>.'
    yield "</p></header>\n"


def _contents(found: Collected, chains: Chains) -> Iterator[str]:
    parts = [("wrong", "What is wrong")]
    if found.ordered(waived=True):
        parts.append(("waived", "Excused"))
    parts += [("expiry", "When certificates end"), ("trust", "Who trusts what")]
    if len(chains):
        parts.append(("chains", "Chains"))
    parts += [("stores", "The stores"), ("basis", "What this rests on")]
    links = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in parts)
    yield f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n'


def _filter(found: Collected) -> Iterator[str]:
    """Hidden until the script is there to do what it offers."""
    options = "".join(
        f'<option value="{one.number}">{one.number} · {words.attribute(one.label, 60)}</option>'
        for one in found.contents
    )
    yield (
        '<form class="filter" id="filter" role="search" hidden>'
        '<label>Search<input type="search" id="f-q" autocomplete="off" spellcheck="false" '
        'placeholder="name, alias, fingerprint"></label>'
        '<label>Severity<select id="f-s"><option value="">all</option>'
        '<option value="error">errors</option><option value="warning">warnings</option>'
        '<option value="info">notes</option></select></label>'
        f'<label>Store<select id="f-n"><option value="">all</option>{options}</select></label>'
        '<button type="button" id="f-open">Open all</button>'
        '<button type="reset" id="f-reset">Clear</button>'
        '<output id="f-said" aria-live="polite"></output></form>\n'
    )
