"""Certificate policies along a path (RFC 5280 section 6.1), with any policy acceptable."""

from __future__ import annotations

from ... import der
from ...errors import StorekeeperError
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .seen import Seen

_ANY = "2.5.29.32.0"
_POLICIES, _MAPPINGS, _CONSTRAINTS, _INHIBIT = "2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"

MOST_NODES = 4_096
"""Of a policy tree: hostile mappings double it with each certificate."""


class Policies:
    """The state of policy processing, from the anchor down.

    A tree matters only once a certificate requires an explicit policy, so what is kept of it
    is the set of policies of its lowest level.
    """

    def __init__(self, length: int) -> None:
        self._explicit = length + 1
        self._mapping = length + 1
        self._any = length + 1
        # Expected policies of the lowest level; None when the tree has become empty.
        self._expected: frozenset[str] | None = frozenset({_ANY})

    def check(self, one: Seen, *, final: bool) -> None:
        """Process one certificate.

        Raises:
            Refused: an explicit policy is required, and none is left.
        """
        try:
            self._level(one, final)
            if not final:
                self._prepare(one)
            else:
                self._wrap_up(one)
        except StorekeeperError:
            self._expected = None
        if self._explicit == 0 and self._expected is None:
            raise Refused(
                "non-null policy tree required and policy tree is null",
                "policies",
                one.certificate,
            )

    def _level(self, one: Seen, final: bool) -> None:
        encoded = one.facts.extension(_POLICIES)
        if encoded is None:
            self._expected = None
            return
        if self._expected is None:
            return
        named = frozenset(
            part.items("policy", at_least=1)[0].oid("policy")
            for part in der.read(encoded).children()
        )
        found = set()
        for policy in named - {_ANY}:
            if policy in self._expected or _ANY in self._expected:
                found.add(policy)
        if _ANY in named and (self._any > 0 or (not final and one.self_issued)):
            found |= self._expected
        self._expected = frozenset(found) if found else None

    def _prepare(self, one: Seen) -> None:
        mappings = one.facts.extension(_MAPPINGS)
        if mappings is not None and self._expected is not None:
            expected = set(self._expected)
            for pair in list(der.read(mappings).children())[:MOST_NODES]:
                issuer, subject = (part.oid("policy") for part in pair.items("mapping", 2)[:2])
                if _ANY in (issuer, subject):
                    raise Refused(
                        "encountered an issuerDomainPolicy of ANY_POLICY"
                        if issuer == _ANY
                        else "encountered a subjectDomainPolicy of ANY_POLICY",
                        "policies",
                        one.certificate,
                    )
                if issuer in self._expected:
                    expected.discard(issuer)
                    if self._mapping > 0:
                        expected.add(subject)
                elif _ANY in self._expected and self._mapping > 0:
                    expected.add(subject)
            self._expected = frozenset(expected) if expected else None
        if not one.self_issued:
            self._explicit -= self._explicit > 0
            self._mapping -= self._mapping > 0
            self._any -= self._any > 0
        self._constrain(one)
        inhibit = one.facts.extension(_INHIBIT)
        if inhibit is not None:
            self._any = min(self._any, der.read(inhibit).count("inhibit any policy"))

    def _wrap_up(self, one: Seen) -> None:
        self._explicit -= self._explicit > 0
        encoded = one.facts.extension(_CONSTRAINTS)
        if encoded is not None:
            for part in der.read(encoded).children():
                if part.tag == 0x80 and int.from_bytes(part.content, "big") == 0:
                    self._explicit = 0

    def _constrain(self, one: Seen) -> None:
        encoded = one.facts.extension(_CONSTRAINTS)
        if encoded is None:
            return
        for part in der.read(encoded).children():
            value = int.from_bytes(part.content[:8], "big")
            if part.tag == 0x80:
                self._explicit = min(self._explicit, value)
            elif part.tag == 0x81:
                self._mapping = min(self._mapping, value)
