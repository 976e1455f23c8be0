"""What to call a certificate or a name in a sentence, whatever is wrong with it."""

from __future__ import annotations

from ..errors import StorekeeperError
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate
    from ..names import Name

UNREADABLE = "a certificate that can't be read"


def called(certificate: Certificate) -> str:
    """Its subject as RFC 4514 writes it, else a phrase."""
    facts = facts_or_none(certificate)
    return UNREADABLE if facts is None else name_text(facts.subject)


def name_text(name: Name) -> str:
    """The name as RFC 4514 writes it, else a phrase."""
    try:
        return name.rfc4514() or "(no name)"
    except StorekeeperError:
        return "(a name that can't be read)"
