"""Roots that somebody trusts no longer, or not for everything: by fingerprint, with source.

Never by name: another CA may be called alike, and one CA's roots fare differently. The data
is ``storekeeper/data/distrust.tsv``, written by ``tools/make_distrust.py`` from the lists of
Mozilla, Microsoft and the JDK and from a table of incidents. A line is read when its
certificate is asked for.
"""

from __future__ import annotations

from ..frozen import Frozen
from ..packaged import packaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COLUMNS", "FIRST_LINE", "KINDS", "PURPOSES", "Distrust", "all_distrust", "distrust_of"]

FIRST_LINE = "# storekeeper distrust 1"
COLUMNS = (
    "sha256",
    "purpose",
    "kind",
    "issued-until",
    "since",
    "source",
    "ca",
    "reason",
    "link",
)
KINDS = ("blocked", "removed", "email-only", "distrust-after", "no-trust")
PURPOSES = ("tls-server", "email", "any")


class Distrust(Frozen):
    """One source's word against one certificate.

    Attributes:
        sha256: of the certificate, 64 lower-case hex digits.
        ca: who ran it, or the name of the incident.
        purpose: what it is not trusted for: "tls-server", "email" or "any".
        kind: "blocked" (refused even where it is installed), "removed" (was in the list and
            is no longer), "email-only" (in the list, for e-mail alone), "no-trust" (in the
            list, for nothing), "distrust-after" (trusted for certificates issued up to
            ``issued_until``).
        issued_until: the last instant, seconds since 1970 UTC, at which a certificate below
            it may have been issued; compared with the **leaf's** notBefore, never with today.
            None where the kind is another.
        since: ISO date by which it held: of the announcement of an incident, of the first list
            without a root that was removed; "" when the source does not say.
        source: name of the list or release, and its date.
        reason: one phrase, or "".
        link: where it can be read up, or "".
    """

    sha256: str
    ca: str
    purpose: str
    kind: str
    issued_until: int | None = None
    since: str = ""
    source: str = ""
    reason: str = ""
    link: str = ""


class _Table:
    """The lines of the file by fingerprint, and the sources they name."""

    def __init__(self, text: str) -> None:
        head, _, rows = text.partition("\n\n")
        named = [line.split("\t") for line in head.split("\n") if line.startswith("# source\t")]
        self.sources = {cells[1]: cells[2] for cells in named}
        self.lines: dict[str, list[str]] = {}
        for line in rows.splitlines():
            self.lines.setdefault(line[:64], []).append(line)
        self.read: dict[str, tuple[Distrust, ...]] = {}

    def of(self, sha256: str) -> tuple[Distrust, ...]:
        found = self.read.get(sha256)
        if found is None:
            lines = self.lines.get(sha256)
            if lines is None:
                return ()
            found = self.read[sha256] = tuple(map(self._row, lines))
        return found

    def _row(self, line: str) -> Distrust:
        from .anchors import parse_date

        sha256, purpose, kind, until, since, source, ca, reason, link = line.split("\t")
        instant = parse_date(until) if until else None
        named = self.sources[source]
        return Distrust(sha256, ca, purpose, kind, instant, since, named, reason, link)


_table: _Table | None = None


def _loaded() -> _Table:
    global _table  # noqa: PLW0603 - read on the first look-up, once
    if _table is None:
        _table = _Table(packaged("distrust.tsv").decode("utf-8"))
    return _table


def distrust_of(sha256: str) -> tuple[Distrust, ...]:
    """All that is known against a certificate, incidents by name first; mostly nothing.

    Args:
        sha256: of the certificate, 64 lower-case hex digits.
    """
    return _loaded().of(sha256)


def all_distrust() -> Iterator[Distrust]:
    """Everything in the table, by fingerprint."""
    table = _loaded()
    for sha256 in table.lines:
        yield from table.of(sha256)
