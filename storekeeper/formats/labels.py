"""Aliases for certificates of formats that have none.

A label is what a person calls the certificate: the common name of its subject, else its
organizational unit or organization. A second certificate of the same name has the start
of its SHA-256 added, so labels do not shift when another entry is deleted, as numbers
would.
"""

from __future__ import annotations

from ..errors import StorekeeperError
from ..x509 import facts_or_none, passing_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate
    from ..names import Name

_CN, _OU, _O = "2.5.4.3", "2.5.4.11", "2.5.4.10"
_LONGEST = 128
KEPT = 2000
"""So many certificates of a file keep the facts their labels were made from; a list prints
them at once. In a file of ten thousand they would be most of the memory."""


class Labels:
    """Gives out labels in file order, none twice for different certificates."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, alias: str) -> str:
        """Note an alias the file itself gives."""
        self._taken.add(alias.lower())
        return alias

    def peek(self, certificate: Certificate) -> str:
        """What `of` would give."""
        name = base_label(certificate, keep=len(self._taken) < KEPT)
        if name.lower() in self._taken:
            name = f"{name} [{certificate.sha256[:8]}]"
        return name

    def of(self, certificate: Certificate) -> str:
        """The label for the next certificate of the file."""
        return self.claim(self.peek(certificate))


def base_label(certificate: Certificate, *, keep: bool = True) -> str:
    """The certificate's name in one line, or the start of its SHA-256 when it has none."""
    facts = facts_or_none(certificate) if keep else passing_facts(certificate)
    return (facts and subject_label(facts.subject)) or certificate.sha256[:16]


def subject_label(subject: Name) -> str:
    """What a person calls the owner of this name, or "" when it says nothing readable."""
    try:
        for oid in (_CN, _OU, _O):
            text = subject.first(oid)
            if text and (clean := _clean(text)):
                return clean
    except StorekeeperError:
        pass
    return ""


def _clean(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text[:_LONGEST])
    return " ".join(shown.split())
