"""The search for a path that the PKIX trust manager makes of an unordered or short chain.

Source: sun.security.provider.certpath.SunCertPathBuilder and ForwardBuilder as seen from
outside on JDK 11 to 25.
"""

from __future__ import annotations

from ...errors import Damaged
from . import algorithm_checker, subtrees
from .java_hash import bytes_hash, ordered, tree_set
from .pkix import Either, check_anchor, one_of, signed_by
from .policies import Policies
from .refusal import GaveUp, Refused
from .seen import NO_CA, UNDERSTOOD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...model import Certificate
    from .pkix import Context
    from .seen import Seen

MOST_STEPS = 20_000
"""Certificates looked at in one search; Java itself has no bound."""

MOST_PATHS = 32
"""Paths that are looked for, to tell whether it matters which of them Java finds first."""

LONGEST = 5
"""PKIXBuilderParameters' default for intermediates that are not self-issued."""

_BUILDING = "PKIX path building failed: "
_NOT_FOUND = (
    "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid "
    "certification path to requested target"
)
_VALIDATOR = "sun.security.validator.ValidatorException: "


def build(chain: Sequence[Seen], context: Context) -> list[Seen]:
    """The path from the leaf to an anchor, out of the chain in any order.

    Raises:
        Refused: there is none, or its anchor is no CA.
        GaveUp: `MOST_STEPS` were not enough.
    """
    search = _Search(chain, context)
    accepted: list[list[Seen]] = []
    refusals: list[Refused] = []
    for path in search.run():
        context.say("found: " + " < ".join(one.name for one in path))
        try:
            check_anchor(path[-1], context)
        except Refused as refused:
            refusals.append(refused.wrapped(_BUILDING + _VALIDATOR))
        else:
            accepted.append(path)
    if not accepted and not refusals:
        raise Refused(_BUILDING + _NOT_FOUND, "no-path", search.decided or chain[-1].certificate)
    if not accepted:
        raise one_of(refusals)
    if refusals:
        raise Either(accepted[0], one_of(refusals))
    return accepted[0]


class _Search:
    def __init__(self, chain: Sequence[Seen], context: Context) -> None:
        self._leaf = chain[0]
        self._sent = list(dict.fromkeys(chain))
        self._context = context
        self._steps = 0
        # The JDK uses one selector for all look-ups and sets its date after the first one.
        self._dated = False
        self.decided: Certificate | None = None
        self.found: list[list[Seen]] = []

    def run(self) -> list[list[Seen]]:
        """Every path that can be had, the likeliest first."""
        leaf = self._leaf
        if not self._valid(leaf) or not leaf.critical <= UNDERSTOOD:
            why = "its dates" if not self._valid(leaf) else "a critical extension nobody knows"
            self._context.say(f"the leaf itself does not qualify: {why}")
            self.decided = leaf.certificate
        elif not self._blocked(leaf):
            self._search([leaf], 0)
        return self.found

    def _search(self, path: list[Seen], issuers: int) -> None:
        child = path[-1]
        for one in self._candidates(path, issuers):
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise GaveUp(f"gave up after {MOST_STEPS} certificates were tried")
            if one in path or not self._qualifies(one):
                continue
            sent = one not in self._context.anchors
            if sent and self._no_further(child, one):
                # Java gives up this step of the search, with what it has not tried yet.
                self._context.say(f"{one.name} issued itself, and so did {child.name}: no further")
                return
            if not self._signed(child, one):
                continue
            if sent:
                self._search([*path, one], issuers + (not one.self_issued))
            elif self._closes([*path, one]):
                self.found.append([*path, one])
            if len(self.found) >= MOST_PATHS:
                return

    def _candidates(self, path: list[Seen], issuers: int) -> list[Seen]:
        child = path[-1]
        anchors = [
            one
            for one in self._context.anchors.named(child.issuer)
            if (not self._dated or self._valid(one))
            and _covers(one, child)
            # Those of an anchor counted in JDK 11, and do not in 17.
            and (self._context.feature >= 17 or self._names_allowed(one, path))
        ]
        self._dated = True
        sent: list[Seen] = []
        if issuers < LONGEST:
            sent = [
                one
                for one in self._sent
                if one.subject == child.issuer
                and self._valid(one)
                and one.path_length >= issuers
                and self._names_allowed(one, path)
            ]
        wanted = child.facts.authority_key_id
        if any(self._no_further(child, one) for one in sent):
            return self._in_java_order(path, anchors, sent)
        found = dict.fromkeys((*anchors, *sent))
        return sorted(found, key=lambda one: wanted is None or one.facts.subject_key_id != wanted)

    def _in_java_order(self, path: list[Seen], anchors: list[Seen], sent: list[Seen]) -> list[Seen]:
        """Candidates as the JDK's sorted set has them, without those that repeat one before.

        Needed only where the search may stop among them. How near an issuer's name is to an
        anchor's comes last in the JDK's comparison, and is not looked at here.
        """
        wanted = path[-1].facts.authority_key_id

        def before(new: Seen, old: Seen) -> bool:
            if wanted is not None and wanted in (
                new.facts.subject_key_id,
                old.facts.subject_key_id,
            ):
                return new.facts.subject_key_id == wanted
            trusted = self._context.anchors.named
            return bool(trusted(new.issuer)) or not trusted(old.issuer)

        def hash_of(one: Seen) -> int:
            return bytes_hash(one.certificate.der)

        found = tree_set((*ordered(anchors, hash_of), *ordered(sent, hash_of)), before)
        return [one for one in found if not any(_repeats(one, above) for above in path)]

    def _blocked(self, one: Seen) -> bool:
        try:
            self._context.check_blocked(one)
        except Refused as refused:
            self._context.say(refused.message)
            self.decided = one.certificate
            return True
        return False

    def _no_further(self, child: Seen, issuer: Seen) -> bool:
        # JDK 11 knew no such rule.
        return self._context.feature >= 17 and child.self_issued and issuer.self_issued

    def _qualifies(self, one: Seen) -> bool:
        if self._blocked(one):
            return False
        if one in self._context.anchors:
            return True
        if not one.critical <= UNDERSTOOD or one.path_length == NO_CA:
            return False
        return one.key_usage is None or "keyCertSign" in one.key_usage

    def _signed(self, child: Seen, one: Seen) -> bool:
        good = signed_by(child, one, self._context)
        if not good:
            self._context.say(f"{one.name} has the issuer's name, but did not sign {child.name}")
        return good

    def _closes(self, path: list[Seen]) -> bool:
        """Whether the path that is complete now passes what is checked from its anchor down."""
        anchor, context = path[-1], self._context
        situation = context.situation(anchor)
        tls = context.tls_checker(anchor)
        policies = Policies(len(path) - 1)
        revocation = context.revocation
        down = [anchor]
        above = anchor
        try:
            for number, one in enumerate(reversed(path[:-1]), 1):
                policies.check(one, final=number == len(path) - 1)
                algorithm_checker.check(one, context.certpath, situation, above, first=number == 1)
                if revocation is not None and not revocation.last:
                    revocation.check(one, down, context)
                tls.check(one, above, first=number == 1)
                if revocation is not None and revocation.last:
                    revocation.check(one, down, context)
                down.append(one)
                above = one
        except Refused as refused:
            context.say(f"a path to {anchor.name} fails: {refused.message}")
            self.decided = refused.certificate
            return False
        return True

    def _valid(self, one: Seen) -> bool:
        before, after = one.facts.not_before, one.facts.not_after
        at = self._context.at
        good = (before is None or at >= before) and (after is None or at <= after)
        if not good:
            self._context.say(f"{one.name} is outside its dates and not used")
            self.decided = one.certificate
        return good

    def _names_allowed(self, one: Seen, path: list[Seen]) -> bool:
        try:
            trees = subtrees.subtrees(one)
        except Damaged:
            return False
        if trees is None:
            return True
        release = self._context.release
        for number, below in enumerate(path):
            if number and below.self_issued:
                continue
            for name in subtrees.traversed(below, release.feature):
                if not trees.allow(name, release):
                    return False
        return True


def _repeats(one: Seen, before: Seen) -> bool:
    """Whether it says the same of the same key: subject, key and other names are equal."""
    names = "2.5.29.17"
    return (
        one.subject == before.subject
        and one.key == before.key
        and one.facts.extension(names) == before.facts.extension(names)
    )


def _covers(anchor: Seen, child: Seen) -> bool:
    """Whether an anchor of version 1 or 2 is valid whenever what it issued is."""
    if anchor.version > 2:
        return True
    before, after = anchor.facts.not_before, anchor.facts.not_after
    start, end = child.facts.not_before, child.facts.not_after
    if before is None or after is None or start is None or end is None:
        return True
    return before <= start <= after and before <= end <= after
