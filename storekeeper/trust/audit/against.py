"""The difference between what a store trusts and a list that was named for it."""

from __future__ import annotations

from .asked import both_sha256
from .certificates import capped
from .values import AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...model import Certificate
    from ..anchors import RootList


class Against:
    """A list of ``--against``, ready for look-ups. Pickles.

    Args:
        roots: the list.
    """

    def __init__(self, roots: RootList) -> None:
        self.name = roots.name
        dated = f" of {roots.date}" if roots.date else ""
        self.source = f"{roots.name}{dated}"
        self._subjects = {one.sha256: one.subject or one.label for one in roots.anchors}
        self._others = {one.sha256 for one in roots.others}
        self._both = {one.subject_spki_sha256: one.sha256 for one in roots.anchors}
        self._both_of = {sha256: both for both, sha256 in self._both.items()}

    def has(self, sha256: str) -> bool:
        """Whether the list trusts this certificate."""
        return sha256 in self._subjects

    def missing(self, have: Iterable[str | None]) -> tuple[tuple[str, str], ...]:
        """(SHA-256, subject) of the list's roots that are not among some, by subject."""
        rest = self._subjects.keys() - set(have)
        pairs = ((sha256, self._subjects[sha256]) for sha256 in rest)
        return tuple(sorted(pairs, key=lambda pair: (pair[1], pair[0])))

    def not_listed(self, sha256: str, certificate: Certificate | None) -> AuditFinding:
        """The finding about a certificate, which may be known by its SHA-256 alone."""
        said = f"not in {self.source}"
        both = both_sha256(certificate) if certificate is not None else None
        if sha256 in self._others:
            said = f"in {self.source}, and not trusted there for TLS servers"
        elif both is not None and both in self._both:
            said += f", which has another issue of it: {self._both[both][:16]}..."
        return AuditFinding("extra", "warning", said, sha256=sha256, source=self.source)

    def missing_finding(
        self, sha256: str, subject: str, here: Mapping[str | None, str]
    ) -> AuditFinding:
        """The finding about a root of the list that the store has not.

        Args:
            sha256: of the root.
            subject: of the root.
            here: SHA-256 of what the store trusts, by subject and key.
        """
        said = f"{capped(subject) or sha256[:16]} is in {self.source}, and not here"
        both = self._both_of.get(sha256)
        if both is not None and (again := here.get(both)) is not None:
            said += f", where another issue of it is: {again[:16]}..."
        return AuditFinding(
            "missing-from-store", "warning", said, sha256=sha256, source=self.source
        )
