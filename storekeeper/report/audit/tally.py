"""Counts of an audit, taken while its stores pass by."""

from __future__ import annotations

from .words import about, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...trust.audit.values import AuditedStore


class Tally:
    """What a one-line report and an exit status are made of.

    Attributes:
        stores: how many there were, unreadable ones too.
        unreadable: how many could not be read.
        entries: of all stores.
        errors, warnings, infos: findings that are not waived.
        waived: findings that are.
        worst: ``store: alias: message`` of the first of the worst findings, or "".
        unread: ``store: problem`` of the first store that could not be read, or "".
        soonest: seconds since 1970 UTC when the first certificate of a private key ends, or
            None.
    """

    __slots__ = (
        "_rank",
        "entries",
        "errors",
        "infos",
        "soonest",
        "stores",
        "unread",
        "unreadable",
        "waived",
        "warnings",
        "worst",
    )

    def __init__(self) -> None:
        self.stores = self.unreadable = self.entries = 0
        self.errors = self.warnings = self.infos = self.waived = 0
        self.worst = self.unread = ""
        self.soonest: int | None = None
        self._rank = 9

    def watch(self, stores: Iterable[AuditedStore]) -> Iterator[AuditedStore]:
        """The same stores, counted on their way."""
        for store in stores:
            self.add(store)
            yield store

    def add(self, store: AuditedStore) -> None:
        """Count one."""
        from ...trust.audit.rules import RANK

        # What is wrong with the policy itself comes last, as if it were a store.
        self.stores += store.format != "policy"
        self.entries += len(store.entries)
        if store.problem:
            self.unreadable += 1
            self.unread = self.unread or f"{place(store)}: {about_problem(store)}"
        for entry in store.entries:
            if entry.kind == "private-key" and entry.not_after is not None:
                soonest = self.soonest
                self.soonest = min(entry.not_after, entry.not_after if soonest is None else soonest)
        for finding in store.findings:
            if finding.waived is not None:
                self.waived += 1
                continue
            rank = RANK[finding.severity]
            self.errors += rank == 0
            self.warnings += rank == 1
            self.infos += rank == 2
            if rank < self._rank:
                self._rank = rank
                self.worst = f"{place(store)}: {about(finding)}"


def about_problem(store: AuditedStore) -> str:
    """Why a store could not be read, in one line."""
    from .words import safe

    return safe(store.problem)
