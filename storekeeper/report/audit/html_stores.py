"""Every store: the index of them, and the rows of each content."""

from __future__ import annotations

from . import html_text as words
from .html_findings import title

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...trust.audit.values import AuditedEntry, AuditedStore, AuditFinding
    from .html_collected import Collected, Content

_KINDS = {"private-key": "private key", "secret-key": "secret key", "opaque": "not understood"}


def index(found: Collected) -> Iterator[str]:
    """One line a store."""
    if not found.places and not found.unread:
        yield "<p>No store was audited.</p>\n"
        return
    yield (
        '<div class="scroll hides" tabindex="0" role="region" aria-label="Index of stores">'
        '<table class="rows index"><thead><tr><th scope="col">Content</th>'
        '<th scope="col">Store</th><th scope="col">Format</th>'
        '<th scope="col" class="n">Entries</th><th scope="col" class="n">Errors</th>'
        '<th scope="col" class="n">Warnings</th><th scope="col" class="n">Notes</th>'
        '<th scope="col" class="n">Waived</th></tr></thead><tbody>\n'
    )
    for place in found.places:
        content = found.contents[place.content - 1]
        numbers = "".join(
            f'<td class="n">{number or words.NONE}</td>' for number in (*place.counts, place.waived)
        )
        having = " ".join(name for name, n in zip(words.RANK, place.counts, strict=True) if n)
        yield (
            f'<tr class="r" data-s="{having}" data-n="{place.content}">'
            f'<td><a href="#s{place.content}">{place.content}</a></td>'
            f'<th scope="row">{_called(place.name, place.path, place.runtime)}</th>'
            f'<td>{words.text(content.format, 40)}</td><td class="n">{content.entries:,}</td>'
            f"{numbers}</tr>\n"
        )
    for store in found.unread:
        yield (
            f'<tr class="r" data-s="error"><td>{words.NONE}</td>'
            f'<th scope="row">{_called(store.name, store.path, store.runtime)}</th>'
            f'<td colspan="6">{words.mark("error", "could not be read")} '
            f"{words.message(store.problem)}</td></tr>\n"
        )
    yield "</tbody></table></div>\n"


def _called(name: str, path: str | None, runtime: str) -> str:
    parts = [f'<span class="path">{words.text(path or name)}</span>']
    if runtime:
        parts.insert(0, f"<b>{words.text(runtime, 60)}</b>")
    if path and name != runtime and not path.startswith(name.removeprefix("jre:")):
        parts.append(f'<span class="quiet">{words.text(name)}</span>')
    return "<br>".join(parts)


def section(content: Content) -> Iterator[str]:
    """What stands before the rows of a content; `END` stands after them."""
    many = words.count(content.entries, "entry", "entries")
    opened = " open" if content.entries <= 12 else ""
    yield (
        f'<section class="store" id="s{content.number}" data-n="{content.number}">'
        f'<h3><span class="num">{content.number}</span> {words.text(content.label)}</h3>'
        '<dl class="facts">'
    )
    yield f"<dt>Format</dt><dd>{words.text(content.format, 40) or words.NONE}, {many}</dd>"
    paths = [f'<span class="path">{words.text(p.path or p.name)}</span>' for p in content.places]
    yield f"<dt>{words.count(len(paths), 'place') if len(paths) > 1 else 'Place'}</dt><dd>"
    yield "<br>".join(paths[:4])
    if len(paths) > 4:
        yield (
            f'<details class="more"><summary>{len(paths) - 4:,} more</summary>'
            f"{'<br>'.join(paths[4:])}</details>"
        )
    yield "</dd>"
    if content.sha256:
        which = "SHA-256 of the file" if len(paths) == 1 else "SHA-256 of the first file"
        yield f"<dt>{which}</dt><dd>{words.fingerprint(content.sha256)}</dd>"
    counts = zip(words.RANK, content.places[0].counts, strict=True)
    marks = [words.mark(name, words.count(n, words.WORDS[name])) for name, n in counts if n]
    yield f"<dt>Findings</dt><dd>{', '.join(marks) or 'none that counts'}</dd>"
    yield f"</dl><details{opened}><summary>{many}</summary>"


END = "</details></section>\n"


def rows(store: AuditedStore, number: int) -> Iterator[str]:
    """Findings about the store as a whole, and its entries."""
    known = {
        (entry.alias, entry.certificate.sha256 if entry.certificate else "")
        for entry in store.entries
    }
    by_entry: dict[tuple[str, str], list[AuditFinding]] = {}
    whole: list[AuditFinding] = []
    for finding in store.findings:
        key = (finding.alias, finding.sha256)
        if key in known:
            by_entry.setdefault(key, []).append(finding)
        else:
            whole.append(finding)
    if whole:
        yield '<ul class="whole">'
        for finding in whole:
            yield f'<li class="r" data-s="{_severity([finding])}" data-n="{number}">'
            alias = f"<b>{words.text(finding.alias)}</b>: " if finding.alias else ""
            yield f"{_finding(finding, alias)}</li>"
        yield "</ul>\n"
    if not store.entries:
        yield '<p class="quiet">There is no entry.</p>'
        return
    yield (
        '<table class="rows entries"><thead><tr><th scope="col">Entry</th>'
        '<th scope="col">Valid</th><th scope="col">Key and signature</th>'
        '<th scope="col">In lists</th><th scope="col">Findings</th></tr></thead><tbody>\n'
    )
    for at, entry in enumerate(store.entries):
        sha256 = entry.certificate.sha256 if entry.certificate else ""
        own = by_entry.get((entry.alias, sha256), [])
        yield (
            f'<tr class="r" id="e{number}-{at}" data-s="{_severity(own)}" data-n="{number}">'
            f'<th scope="row">{_entry(entry, sha256)}</th>{_cells(entry)}'
            f"<td>{'<br>'.join(_finding(one) for one in own)}</td></tr>\n"
        )
    yield "</tbody></table>"


def _severity(findings: list[AuditFinding]) -> str:
    """Every severity a row has, for the filter."""
    found = {one.severity for one in findings if one.waived is None}
    return " ".join(name for name in words.RANK if name in found)


def _finding(finding: AuditFinding, before: str = "") -> str:
    if finding.waived is not None:
        until = f" until {words.text(finding.waived.until)}" if finding.waived.until else ""
        return (
            f'<span class="tag">waived{until}</span> {before}'
            f"{words.text(title(finding.code))}: {words.message(finding.message)}"
        )
    return (
        f"{words.mark(finding.severity, words.text(title(finding.code)))} {before}"
        f"{words.message(finding.message)}"
    )


def _entry(entry: AuditedEntry, sha256: str) -> str:
    missing = "(nothing to read)" if entry.certificate is None else "(no readable subject)"
    parts = [words.name(entry.subject, missing)]
    kind = _KINDS.get(entry.kind, "")
    tag = f' <span class="tag">{kind}</span>' if kind else ""
    parts.append(f'<span class="alias">{words.text(entry.alias) or "(no alias)"}</span>{tag}')
    if entry.issuer and entry.issuer != entry.subject:
        parts.append(f'<span class="quiet">issued by</span> {words.text(entry.issuer)}')
    if len(entry.chain) > 1:
        parts.append(f'<span class="quiet">chain of {len(entry.chain):,}</span>')
    if entry.serial is not None:
        parts.append(f'<span class="quiet">serial</span> <code>{_serial(entry.serial)}</code>')
    if sha256:
        parts.append(words.fingerprint(sha256))
    if entry.problem:
        parts.append(f"<em>{words.message(entry.problem)}</em>")
    return "<br>".join(parts)


def _serial(serial: int) -> str:
    digits = f"{abs(serial):x}"
    sign = "-" if serial < 0 else ""
    if len(digits) > 80:  # RFC 5280 has 20 octets at most
        return f"{sign}{digits[:80]}… ({len(digits):,} digits)"
    return f"{sign}{'0' * (len(digits) % 2)}{digits}"


def _cells(entry: AuditedEntry) -> str:
    if entry.certificate is None:
        return "<td></td><td></td><td></td>"
    until = f"{words.date(entry.not_before)} to<br>{words.date(entry.not_after)}"
    key = "<br>".join(
        filter(
            None,
            (
                words.text(entry.key) if entry.key else "",
                words.text(entry.signature) if entry.signature else "",
            ),
        )
    )
    lists = ", ".join(words.text(name, 60) for name in entry.trusted_by)
    none = '<span class="quiet">none</span>' if entry.kind == "trusted-certificate" else ""
    return f'<td class="date">{until}</td><td>{key}</td><td>{lists or none}</td>'
