"""Which certificates of a large set a path can come by: a question of names, so a cheap one."""

from __future__ import annotations

from ..x509 import facts_or_none
from .issuance import match_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Certificate


def concerned(chain: Sequence[Certificate], anchors: Sequence[Certificate]) -> list[Certificate]:
    """The chain, and of the anchors those that a path from it can come by, by their names."""
    subjects: dict[object, list[Certificate]] = {}
    for anchor in dict.fromkeys(anchors):
        facts = facts_or_none(anchor)
        if facts is not None:
            subjects.setdefault(match_key(facts.subject), []).append(anchor)
    found = dict.fromkeys(chain)
    waiting = list(found)
    while waiting:
        facts = facts_or_none(waiting.pop())
        if facts is None:
            continue
        for name in (match_key(facts.subject), match_key(facts.issuer)):
            for anchor in subjects.pop(name, ()):
                if anchor not in found:
                    found[anchor] = None
                    waiting.append(anchor)
    return list(found)
