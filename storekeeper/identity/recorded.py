"""A server's request out of evidence: a capture has it byte for byte, a log in words."""

from __future__ import annotations

from ..errors import StorekeeperError
from ..frozen import Frozen, replace
from ..tls.evidence.values import Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tls.evidence.values import Evidence, Place
    from ..tls.messages import CertificateRequest


class Recorded(Frozen):
    """A request on record.

    Attributes:
        request: its ``authorities`` made from the printed names where there are no others.
        place: where it stands.
        notes: what limits it, each a sentence.
    """

    request: CertificateRequest
    place: Place
    notes: tuple[str, ...] = ()


def recorded(pieces: Iterable[Evidence]) -> Recorded | None:
    """The first request of the best kind: one with bytes, one with printed names, any other."""
    found = [one for one in pieces if isinstance(one, Wanted)]
    if not found:
        return None
    found.sort(key=lambda one: (not one.exact, not one.listed))
    best = found[0]
    if best.exact:
        return Recorded(best.request, best.place)
    if not best.listed:
        note = f"{best.place}: the names of the CAs are not in it; any CA is taken to do"
        return Recorded(best.request, best.place, (note,))
    from ..name_text import parse

    made: list[bytes] = []
    odd = 0
    for name in best.names:
        try:
            made.append(parse(name).der)
        except StorekeeperError:
            odd += 1
    notes = [f"{best.place}: the names of the CAs are as printed, not as they were sent"]
    if odd:
        notes.append(f"{odd} of these names can't be read, and are left out")
    request = replace(best.request, authorities=tuple(dict.fromkeys(made)))
    return Recorded(request, best.place, tuple(notes))
