"""Paths from a server's certificate to an anchor, for runtimes whose own search is not known.

Names, signatures and what RFC 5280 section 6.1 asks of each certificate; what else a runtime
asks, its own module adds.
"""

from __future__ import annotations

from ...errors import StorekeeperError
from .openssl_names import address, matches_address, matches_host
from .openssl_seen import view
from .refusal import GaveUp
from .seen import NO_CA, UNDERSTOOD, seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...model import Certificate
    from .seen import Seen

MOST_STEPS = 5_000
_LATEST = (3, 5)


class PathBuilder:
    """Every path that names and signatures allow.

    Args:
        anchors: what a path may end with.
        others: what it may lead through, besides what is asked for.
    """

    def __init__(self, anchors: Iterable[Seen], others: Iterable[Seen]) -> None:
        self._anchors = _by_subject(anchors)
        self._others = _by_subject(others)
        self._steps = 0

    def paths(self, leaf: Seen) -> Iterator[list[Seen]]:
        """Leaf first, anchor last; shorter detours before longer ones, each name and key once.

        Raises:
            GaveUp: after `MOST_STEPS` steps.
        """
        if leaf in self._anchors.get(leaf.subject, ()):
            yield [leaf]
        yield from self._from([leaf])

    def _from(self, path: list[Seen]) -> Iterator[list[Seen]]:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise GaveUp(f"gave up after {MOST_STEPS} steps of the search for a path")
        one = path[-1]
        for anchor in self._anchors.get(one.issuer, ()):
            if anchor not in path and signed_by(one, anchor):
                yield [*path, anchor]
        for other in self._others.get(one.issuer, ()):
            holders = ((each.subject, each.key) for each in path)
            if (other.subject, other.key) not in holders and signed_by(one, other):
                yield from self._from([*path, other])


def as_far_as_known(leaf: Seen, candidates: Iterable[Seen]) -> list[Seen]:
    """The certificate and its issuers, to a root or as far as candidates reach."""
    named = _by_subject(candidates)
    path = [leaf]
    while not self_signed(path[-1]):
        issuers = (
            one
            for one in named.get(path[-1].issuer, ())
            if one not in path and signed_by(path[-1], one)
        )
        following = next(issuers, None)
        if following is None:
            break
        path.append(following)
    return path


def _by_subject(certificates: Iterable[Seen]) -> dict[object, list[Seen]]:
    found: dict[object, list[Seen]] = {}
    for one in dict.fromkeys(certificates):
        found.setdefault(one.subject, []).append(one)
    return found


def readable(certificates: Sequence[Certificate]) -> list[Seen]:
    """Those of them that can be read."""
    found = []
    for one in certificates:
        try:
            found.append(view(one))
        except StorekeeperError:
            continue
    return [seen(one.certificate) for one in found]


def signed_by(one: Seen, issuer: Seen) -> bool:
    """Whether a key made a certificate's signature."""
    from ..signatures import signed

    return bool(signed(issuer.facts.spki, *one.facts.signature, one.facts.tbs))


def self_signed(one: Seen) -> bool:
    """Whether it is a root; kept with its facts, as a store has many."""
    if not one.self_issued:
        return False
    kept = one.facts.kept
    if "self-signed" not in kept:
        kept["self-signed"] = signed_by(one, one)
    return bool(kept["self-signed"])


class Problem:
    """What is wrong with a certificate of a path.

    Attributes:
        rule: "expired", "not-yet-valid", "not-a-ca", "ca-key-usage", "path-length",
            "critical-extension", "extended-key-usage" or "key-usage".
        one: the certificate.
    """

    __slots__ = ("one", "rule")

    def __init__(self, rule: str, one: Seen) -> None:
        self.rule = rule
        self.one = one


def date_problem(path: Sequence[Seen], at: int) -> Problem | None:
    """The first certificate that is not valid at an instant, from the leaf up."""
    for one in path:
        before, after = one.facts.not_before, one.facts.not_after
        if before is not None and at < before:
            return Problem("not-yet-valid", one)
        if after is not None and at > after:
            return Problem("expired", one)
    return None


def extension_problem(path: Sequence[Seen]) -> Problem | None:
    """The first that may not issue what it issued, or is not for servers; the anchor's own
    extensions are not looked at.
    """
    purposes = path[0].facts.extended_key_usage
    if purposes is not None and not {"serverAuth", "anyExtendedKeyUsage"} & set(purposes):
        return Problem("extended-key-usage", path[0])
    usage = path[0].key_usage
    if usage is not None and not {"digitalSignature", "keyEncipherment", "keyAgreement"} & usage:
        return Problem("key-usage", path[0])
    count = 0
    for one in path[:-1]:
        if one.critical - UNDERSTOOD:
            return Problem("critical-extension", one)
    for one in path[1:-1]:
        if one.path_length == NO_CA:
            return Problem("not-a-ca", one)
        if one.key_usage is not None and "keyCertSign" not in one.key_usage:
            return Problem("ca-key-usage", one)
        if count > one.path_length:
            return Problem("path-length", one)
        count += not one.self_issued
    return None


def names_host(leaf: Seen, host: str, *, common_name: bool = True) -> bool:
    """Whether a certificate names a host: dNSName or address, a wildcard for the first label."""
    own = view(leaf.certificate)
    wanted = address(host, _LATEST)
    if wanted is not None:
        return matches_address(own, wanted)
    return matches_host(own, host, partial=False, common_name=common_name)
