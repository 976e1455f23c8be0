"""From a certificate to a root: the best of the paths that issuance allows."""

from __future__ import annotations

from heapq import heappop, heappush

from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Certificate
    from .issuance import Holder, Issuance

    # How it ends, how long all of it is valid, its length and the first certificate's
    # SHA-256: the smaller, the better.
    Rank = tuple[int, int, int, str]

# Certificates in one path. JSSE takes 10 from a server; nobody's hierarchy has a hundred.
LONGEST = 100

_ANCHORED_ROOT, _ROOT, _ANCHOR = -3, -2, -1


class Routes:
    """The best way from every holder of an issuance to an end.

    An end is a self-signed certificate or an anchor. The best path ends at a root that is
    an anchor, else at another root, else at an anchor that is no root; among those
    it is the one valid longest as a whole, then the shortest. File order decides nothing.

    Args:
        issued: who issued whom.
        anchors: certificates that are trusted by themselves.
    """

    def __init__(self, issued: Issuance, anchors: Iterable[Certificate] = ()) -> None:
        self._issued = issued
        self._anchors = frozenset(anchors)
        # By the identity of the holder.
        self._best: dict[int, tuple[Rank, Certificate]] = {}
        self._sorted: dict[int, list[Certificate]] = {}
        self._search()

    def _search(self) -> None:
        # Dijkstra's algorithm from the ends: extending a path never makes it better.
        below: dict[int, list[Certificate]] = {}
        heap: list[Rank] = []
        by_sha256: dict[str, Certificate] = {}
        for one in self._issued.certificates:
            by_sha256[one.sha256] = one
            end = self._end(one)
            if end is not None:
                heappush(heap, (end, -_until(one), 1, one.sha256))
            if end not in (_ROOT, _ANCHORED_ROOT):
                for holder in self._issued.signers(one):
                    below.setdefault(id(holder), []).append(one)
        while heap:
            rank = heappop(heap)
            end, until, length, sha256 = rank
            own = self._issued.holder(by_sha256[sha256])
            if own is None or id(own) in self._best:
                continue
            self._best[id(own)] = rank, by_sha256[sha256]
            if length < LONGEST:
                for one in below.get(id(own), ()):
                    heappush(heap, (end, max(until, -_until(one)), length + 1, one.sha256))

    def _end(self, certificate: Certificate) -> int | None:
        anchored = certificate in self._anchors
        if self._issued.is_self_signed(certificate):
            return _ANCHORED_ROOT if anchored else _ROOT
        return _ANCHOR if anchored else None

    def path(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """The certificate first, then issuers; to an end, or as far as they reach."""
        path = [certificate]
        seen: set[int] = set()
        while len(path) < LONGEST:
            end = self._end(path[-1])
            if end in (_ROOT, _ANCHORED_ROOT):
                break
            signers = [one for one in self._issued.signers(path[-1]) if id(one) not in seen]
            seen.update(map(id, signers))
            following = self._closing(signers)
            if following is None and end is None:
                following = self._open(signers, path)
            if following is None or following in path:
                break
            path.append(following)
        return tuple(path)

    def _closing(self, signers: list[Holder]) -> Certificate | None:
        best = [self._best[id(one)] for one in signers if id(one) in self._best]
        return min(best)[1] if best else None

    def _open(self, signers: list[Holder], path: list[Certificate]) -> Certificate | None:
        found = (one for holder in signers for one in self._lasting(holder) if one not in path)
        return next(found, None)

    def _lasting(self, holder: Holder) -> list[Certificate]:
        """Its certificates, those valid longest first."""
        found = self._sorted.get(id(holder))
        if found is None:
            found = sorted(holder.certificates, key=lambda one: (-_until(one), one.sha256))
            self._sorted[id(holder)] = found
        return found


def _until(certificate: Certificate) -> int:
    facts = facts_or_none(certificate)
    found = None if facts is None else facts.not_after
    return -(1 << 62) if found is None else found
