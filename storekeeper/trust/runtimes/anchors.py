"""The certificates a Java trust manager takes for its anchors, found by name and key."""

from __future__ import annotations

from ...errors import StorekeeperError
from ...x509 import facts_or_none
from ..issuance import match_key
from .seen import Seen, seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...model import Certificate

_SUBJECT = "java subject"


class Anchors:
    """A set of trust anchors.

    Attributes:
        certificates: each once, in the order of the store; those Java can't parse are not
            among them, as such a store does not load.
    """

    def __init__(
        self, certificates: Iterable[Certificate], jdk: frozenset[str] = frozenset()
    ) -> None:
        self.certificates: tuple[Certificate, ...] = tuple(dict.fromkeys(certificates))
        self._named: dict[object, list[Certificate]] = {}
        self._all = frozenset(self.certificates)
        self._jdk = jdk
        for one in self.certificates:
            facts = facts_or_none(one)
            if facts is None:
                continue
            # A store has many, and a question is about few: only names are looked at here.
            if _SUBJECT not in facts.kept:
                facts.kept[_SUBJECT] = match_key(facts.subject)
            self._named.setdefault(facts.kept[_SUBJECT], []).append(one)

    def __len__(self) -> int:
        return len(self.certificates)

    def __contains__(self, one: Seen) -> bool:
        return one.certificate in self._all

    def named(self, subject: object) -> list[Seen]:
        """Those of that subject whose key can be read."""
        found = map(_readable, self._named.get(subject, ()))
        return [one for one in found if one is not None]

    def same_key(self, one: Seen) -> bool:
        """Whether one of them has the subject and the public key of a certificate."""
        return any(anchor.key == one.key for anchor in self.named(one.subject))

    def of_jdk(self, one: Seen) -> bool:
        """Whether it is a root of the JDK's own cacerts (an alias with `` [jdk`` in it)."""
        return one.certificate.sha256 in self._jdk


def _readable(certificate: Certificate) -> Seen | None:
    try:
        found = seen(certificate)
        found.facts.key  # noqa: B018
    except StorekeeperError:
        return None
    return found
