"""Entries of stores as reports print them, and their own findings; equal ones made once.

The stores of a fleet are mostly alike. What depends on certificate, alias and JRE alone is
kept in tables with a bound, and is the same object for every store, which also makes it
small on its way between processes.
"""

from __future__ import annotations

from ...frozen import replace
from ...model import Certificate
from ...times import distance, iso_date
from ..anchors import Anchor
from ..distrust import distrust_of
from .certificates import Judged, against_root, capped
from .own_jre import refusals
from .values import AuditedEntry, AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from typing import Any

    from ..inventory import Row
    from .certificates import Certificates
    from .own_jre import OwnJre

KEPT = 4096
"""Entries kept in a process: some 10 MB."""


class Entries:
    """Makes entries and their findings.

    Args:
        certificates: the judge of certificates.
    """

    def __init__(self, certificates: Certificates) -> None:
        self.certificates = certificates
        self._entries: dict[Hashable, AuditedEntry] = {}
        self._findings: dict[Hashable, tuple[AuditFinding, ...]] = {}

    def entry(self, row: Row) -> AuditedEntry:
        """A row as reports print it."""
        if row.certificate is None:
            return self._bare(row)
        if row.kind != "trusted-certificate":
            return self._made(row, row.certificate, row.chain)
        key = (row.certificate.sha256, row.alias)
        found = self._entries.get(key)
        if found is None:
            # Of its own: facts that others read stay with theirs.
            certificate = Certificate(row.certificate.der, row.certificate.type)
            found = self._made(row, certificate, (certificate,))
            _keep(self._entries, key, found)
        return found

    def findings(self, row: Row, own: OwnJre | None) -> tuple[AuditFinding, ...]:
        """What is to be said of a trusted certificate, whatever else the store has."""
        certificate = row.certificate
        assert certificate is not None
        key = (certificate.sha256, row.alias, own and own.home)
        found = self._findings.get(key)
        if found is None:
            found = tuple(self._said(certificate, row.alias, own))
            _keep(self._findings, key, found)
        return found

    def _said(
        self, certificate: Certificate, alias: str, own: OwnJre | None
    ) -> Iterator[AuditFinding]:
        for one in self.certificates.judged(certificate).trusted:
            # Nobody checks the signature of what is trusted directly, Java neither.
            milder = one.code == "weak-signature" and one.severity == "warning"
            severity = "info" if milder else one.severity
            yield replace(one, alias=alias, sha256=certificate.sha256, severity=severity)
        if own is not None:
            copy = Certificate(certificate.der, certificate.type)
            for one in refusals(copy, own, self.certificates.at):
                yield replace(one, alias=alias)

    def listed(self, row: Row) -> Iterator[AuditFinding]:
        """What is to be said of a root of a list of fingerprints, which has no certificate."""
        source = row.source
        if not isinstance(source, Anchor):
            return
        found = Judged()
        found.distrust = distrust_of(source.sha256)
        found.trusted_by = self.certificates.asked.trusted_by(source.sha256)
        every = list(against_root(found))
        at, after = self.certificates.at, source.not_after
        if after is not None and at > after:
            said = f"expired {distance(after, at)}, on {iso_date(after)}"
            every.append(AuditFinding("expired", "warning", said, source="the list"))
        for one in every:
            yield replace(one, alias=_called(row), sha256=source.sha256)

    def _bare(self, row: Row) -> AuditedEntry:
        source = row.source
        if not isinstance(source, Anchor):
            return AuditedEntry(row.alias, row.kind)
        return AuditedEntry(
            _called(row),
            row.kind,
            subject=capped(source.subject),
            not_before=source.not_before,
            not_after=source.not_after,
            trusted_by=self.certificates.asked.trusted_by(source.sha256),
        )

    def _made(
        self, row: Row, certificate: Certificate, chain: tuple[Certificate, ...]
    ) -> AuditedEntry:
        found = self.certificates.judged(certificate)
        return AuditedEntry(
            row.alias,
            row.kind,
            certificate,
            chain,
            found.subject,
            found.issuer,
            found.serial,
            found.not_before,
            found.not_after,
            found.key,
            found.signature,
            found.quantum_vulnerable,
            found.trusted_by,
            found.problem,
        )


def _called(row: Row) -> str:
    """The label of a listed root; many lists have none, and the subject is what they print."""
    return row.alias or capped(getattr(row.source, "subject", ""))


def _keep(table: dict[Hashable, Any], key: Hashable, value: object) -> None:
    while len(table) >= KEPT:
        del table[next(iter(table))]
    table[key] = value
