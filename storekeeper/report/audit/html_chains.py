"""Chains of key entries, drawn from the own certificate up to what vouches for it."""

from __future__ import annotations

from hashlib import sha256

from ...times import iso_date
from ...trust.chain import complete
from ...x509 import facts_or_none
from . import html_text as words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Certificate
    from ...trust.audit.values import AuditedEntry, AuditedStore
    from .html_collected import Collected

LONGEST = 12
"""Certificates of one chain that are drawn; real ones have two to five."""

_COMPLETED_UP_TO = 40
"""Beyond this, a chain is drawn as it lies: nobody's path is found in a heap."""


class Drawn:
    """One chain, and the (content, alias) pairs it stands at."""

    __slots__ = ("markup", "places", "state")

    def __init__(self, state: str, markup: str) -> None:
        self.state = state
        self.markup = markup
        self.places: list[tuple[int, str]] = []


class Chains:
    """All chains of an audit, each once."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._drawn: dict[bytes, Drawn] = {}

    def add(self, store: AuditedStore, number: int) -> None:
        """The chains of a content."""
        anchors: tuple[Certificate, ...] | None = None
        for entry in store.entries:
            if entry.kind != "private-key":
                continue
            if anchors is None:
                anchors = tuple(
                    one.certificate
                    for one in store.entries
                    if one.kind == "trusted-certificate" and one.certificate is not None
                )
            drawn = _drawing(entry, anchors, self._at)
            key = sha256(drawn.markup.encode()).digest()
            self._drawn.setdefault(key, drawn).places.append((number, entry.alias))

    def __len__(self) -> int:
        return len(self._drawn)

    def markup(self, found: Collected) -> Iterator[str]:
        """Those that lack something first."""
        for drawn in sorted(self._drawn.values(), key=lambda one: one.state == "complete"):
            where = [
                f"<b>{words.text(alias or '(no alias)')}</b> in "
                f'<a href="#s{number}">{number}</a> '
                f"{words.text(found.contents[number - 1].label)}"
                for number, alias in drawn.places[:8]
            ]
            if len(drawn.places) > 8:
                where.append(f"{len(drawn.places) - 8:,} more")
            numbers = " ".join(str(number) for number, _ in drawn.places)
            severity = "info" if drawn.state == "complete" else "warning"
            yield (
                f'<figure class="chain r" data-s="{severity}" data-n="{numbers}">'
                f"<figcaption>{words.listed(where)}</figcaption>{drawn.markup}</figure>\n"
            )


def _drawing(entry: AuditedEntry, anchors: tuple[Certificate, ...], at: int) -> Drawn:
    if not entry.chain:
        box = _box("missing", "no certificate", "the key has no certificate at all", "")
        return Drawn("empty", f'<ol class="links">{box}</ol>')
    members: tuple[Certificate, ...] = entry.chain
    origins: tuple[str, ...] = ("own",) * len(members)
    missing, closed = "", False
    unused = 0
    if len(members) <= _COMPLETED_UP_TO:
        made = complete(entry.chain[0], entry.chain[1:], anchors)
        members, origins, closed = made.chain, made.origins, made.closed
        unused = len(made.unused)
        if not closed and made.missing is not None:
            missing = made.missing.rfc4514()
    boxes = [
        _member(one, origin, place, at, last=closed and place == len(members) - 1)
        for place, (one, origin) in enumerate(zip(members, origins, strict=True))
    ]
    if len(boxes) > LONGEST:
        more = words.count(len(boxes) - LONGEST + 1, "certificate")
        boxes[LONGEST - 1 : -1] = [f'<li class="link fold">{more} between</li>']
    state = "complete"
    if not closed:
        state = "open"
        what = words.name(missing, "(an empty name)")
        boxes.append(_box("missing", "missing issuer", what, "not in this store"))
    note = ""
    if unused:
        note = (
            f'<p class="quiet">{words.count(unused, "certificate")} of the entry '
            "belong elsewhere and are not drawn.</p>"
        )
    return Drawn(state, f'<ol class="links">{"".join(boxes)}</ol>{note}')


def _member(one: Certificate, origin: str, place: int, at: int, *, last: bool) -> str:
    facts = facts_or_none(one)
    if facts is None:
        return _box("missing", "unreadable", words.fingerprint(one.sha256), "can't be parsed")
    role = "own certificate" if place == 0 else "anchor" if last else "issuer"
    kind = "own" if place == 0 else "anchor" if last else "between"
    if origin == "anchors":
        role += ", trusted in this store"
    end = facts.not_after
    until = f"until {words.date(end)}"
    if end is not None and end < at:
        until = f'<span class="mark error">expired {iso_date(end)}</span>'
    what = words.name(facts.subject.rfc4514())
    return _box(
        kind, role, what, f'{until} · <span class="fp">{words.short_fingerprint(one.sha256)}</span>'
    )


def _box(kind: str, role: str, what: str, detail: str) -> str:
    return (
        f'<li class="link {kind}"><span class="role">{role}</span>{what}'
        f"{f'<br><small>{detail}</small>' if detail else ''}</li>"
    )
