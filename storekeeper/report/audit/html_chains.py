"""Chains of key entries, drawn from the own certificate up to what vouches for it."""

from __future__ import annotations

from hashlib import sha256

from ...trust.chain import complete
from ...trust.issuance import match_key
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

MOST = 500
"""Chains that are drawn: nobody looks at more, and a store may hold 100,000 keys."""

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
        self._left_out = 0

    def add(self, store: AuditedStore, number: int) -> None:
        """The chains of a content."""
        anchors: _Anchors | None = None
        for entry in store.entries:
            if entry.kind != "private-key":
                continue
            if len(self._drawn) >= MOST:
                self._left_out += 1
                continue
            anchors = anchors or _Anchors(store)
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
            severity = "" if drawn.state == "complete" else "warning"
            yield (
                f'<figure class="chain r" data-s="{severity}" data-n="{numbers}">'
                f"<figcaption>{words.listed(where)}</figcaption>{drawn.markup}</figure>\n"
            )
        if self._left_out:
            yield (
                f"<p>The chains of {words.count(self._left_out, 'more key')} are not drawn; "
                "their entries are with their stores, below.</p>\n"
            )


class _Anchors:
    """What a store trusts, by subject: only what can be meant is tried against a chain."""

    def __init__(self, store: AuditedStore) -> None:
        self._by_subject: dict[object, list[Certificate]] = {}
        for entry in store.entries:
            if entry.kind == "trusted-certificate" and entry.certificate is not None:
                facts = facts_or_none(entry.certificate)
                if facts is not None:
                    named = self._by_subject.setdefault(match_key(facts.subject), [])
                    named.append(entry.certificate)

    def above(self, chain: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
        """Those with a name that the chain, or one of them in turn, calls its issuer."""
        found: dict[Certificate, None] = {}
        waiting = list(chain)
        while waiting and len(found) < _COMPLETED_UP_TO:
            facts = facts_or_none(waiting.pop(0))
            for name in (facts.issuer, facts.subject) if facts else ():
                for one in self._by_subject.get(match_key(name), ())[:_COMPLETED_UP_TO]:
                    if one not in found:
                        found[one] = None
                        waiting.append(one)
        return tuple(found)


def _drawing(entry: AuditedEntry, anchors: _Anchors, at: int) -> Drawn:
    if not entry.chain:
        box = _box("missing", "no certificate", "the key has no certificate at all", "")
        return Drawn("empty", f'<ol class="links">{box}</ol>')
    if len(entry.chain) > _COMPLETED_UP_TO:
        boxes = [_member(entry.chain[0], "own certificate", "own", at)]
        several = words.count(len(entry.chain) - 1, "more certificate")
        boxes.append(_box("missing", "not followed", several, "no chain is that long"))
        return Drawn("heap", f'<ol class="links">{"".join(boxes)}</ol>')
    trusted = anchors.above(entry.chain)
    made = complete(entry.chain[0], entry.chain[1:], trusted)
    boxes = []
    for place, (one, origin) in enumerate(zip(made.chain, made.origins, strict=True)):
        ends = made.closed and place == len(made.chain) - 1
        role = "own certificate" if place == 0 else "root" if ends and made.rooted else "issuer"
        if place and one in trusted:
            role += ", trusted in this store"
        if place and origin == "anchors":
            role += ", not sent along"
        kind = "own" if place == 0 else "anchor" if ends else "between"
        boxes.append(_member(one, role, kind, at))
    if len(boxes) > LONGEST:
        more = words.count(len(boxes) - LONGEST + 1, "certificate")
        boxes[LONGEST - 1 : -1] = [f'<li class="link fold">{more} between</li>']
    if not made.closed:
        what = words.name(made.missing.rfc4514() if made.missing else "", "(no readable name)")
        boxes.append(_box("missing", "missing issuer", what, "not in this store"))
    note = ""
    if made.unused:
        belong = "belongs" if len(made.unused) == 1 else "belong"
        note = (
            f'<p class="quiet">{words.count(len(made.unused), "certificate")} of the entry '
            f"{belong} elsewhere and left out.</p>"
        )
    state = "complete" if made.closed else "open"
    return Drawn(state, f'<ol class="links">{"".join(boxes)}</ol>{note}')


def _member(one: Certificate, role: str, kind: str, at: int) -> str:
    short = words.linked_fingerprint(one.sha256, "")
    facts = facts_or_none(one)
    if facts is None:
        return _box("missing", f"{role}: unreadable", "can't be parsed", short)
    until = f"until {words.date(facts.not_after)}"
    if facts.not_after is not None and facts.not_after < at:
        until = words.mark("error", f"expired {words.date(facts.not_after)}")
    return _box(kind, role, words.name(facts.subject.rfc4514()), f"{until}<br>{short}")


def _box(kind: str, role: str, what: str, detail: str) -> str:
    return (
        f'<li class="link {kind}"><span class="role">{role}</span>{what}'
        f"{f'<br><small>{detail}</small>' if detail else ''}</li>"
    )
