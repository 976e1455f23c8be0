"""The root lists an audit asks: all that are shipped, or those a policy names."""

from __future__ import annotations

from ...model import LIMITS
from .. import known, lists
from ..anchors import OLD_AFTER_DAYS, RootList, age_days
from .values import ListUsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate, Limits


class Asked:
    """Root lists to look certificates up in. Pickles; what is large is loaded where it is used.

    Args:
        names: words of `lists.SHIPPED`; () for all of them.
        own: lists that were read from files.
    """

    def __init__(self, names: tuple[str, ...] = (), own: tuple[RootList, ...] = ()) -> None:
        self._every = not names and not own
        self.shipped = lists.SHIPPED if self._every else names
        self._own = own
        self._by_sha256: dict[str, tuple[str, ...]] = {}
        self._by_both: dict[str, tuple[str, ...]] = {}
        for roots in own:
            for anchor in roots.anchors:
                _put(self._by_sha256, anchor.sha256, roots.name)
                if (both := anchor.subject_spki_sha256) is not None:
                    _put(self._by_both, both, roots.name)
        self._subjects: dict[str, str] | None = None

    def trusted_by(self, sha256: str) -> tuple[str, ...]:
        """Names of the lists that have this very certificate for TLS servers."""
        return self._named(known.known_to(sha256)) + self._by_sha256.get(sha256, ())

    def same_root(self, subject_spki_sha256: str) -> tuple[str, ...]:
        """Names of the lists that have a certificate of this subject and key."""
        found = self._named(known.known_as(subject_spki_sha256))
        return found + self._by_both.get(subject_spki_sha256, ())

    def same_name(self, subject_sha256: str | None) -> str:
        """The name of a list that has a root of this subject (its canonical hash), or "".

        Loads the lists themselves, so it is asked only of what none of them has.
        """
        if self._subjects is None:
            self._subjects = {}
            for roots in (*map(lists.load, self.shipped), *self._own):
                for anchor in roots.anchors:
                    if (subject := anchor.subject_sha256) is not None:
                        self._subjects.setdefault(subject, roots.name)
        return self._subjects.get(subject_sha256 or "", "")

    def used(self, at: int) -> tuple[ListUsed, ...]:
        """What a report says of them."""
        return tuple(known.used(name, at) for name in self.shipped) + tuple(
            list_used(roots, at) for roots in self._own
        )

    def phrase(self, at: int) -> str:
        """What stands behind "no list has it"."""
        used = self.used(at)
        dated = sorted(one.date for one in used if one.date)
        count = f"{len(used)} root lists" if len(used) > 1 else f"the list {used[0].name}"
        return f"{count}, the newest of {dated[-1]}" if dated else count

    def _named(self, found: tuple[str, ...]) -> tuple[str, ...]:
        return found if self._every else tuple(one for one in found if one in self.shipped)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_subjects": None}


def asked_of(names: tuple[str, ...], limits: Limits = LIMITS) -> Asked:
    """The lists a policy names: words of `lists.SHIPPED`, or paths; () for all shipped ones.

    Raises:
        StorekeeperError: as `sources.open_source`; an audit without its lists is none.
    """
    shipped = tuple(name for name in names if name in lists.SHIPPED)
    own = tuple(opened_list(name, limits) for name in names if name not in lists.SHIPPED)
    return Asked(shipped, own)


def opened_list(name: str, limits: Limits = LIMITS) -> RootList:
    """A list by its word or path; of a store, what it trusts."""
    from ...frozen import replace
    from ..sources import open_source

    found = open_source(name, limits=limits)
    roots = found if isinstance(found, RootList) else lists.from_store(found, name)
    return replace(roots, name=name)


def list_used(roots: RootList, at: int) -> ListUsed:
    """What a report says of a list that was read."""
    age = age_days(roots, at)
    old = age is not None and age > OLD_AFTER_DAYS
    return ListUsed(roots.name, roots.title, roots.date, roots.source, len(roots.anchors), old)


def both_sha256(certificate: Certificate) -> str | None:
    """CCADB's "Subject + SPKI SHA256" of a certificate; None when it can't be parsed."""
    from ..anchors import Anchor

    return Anchor(certificate.sha256, certificate=certificate).subject_spki_sha256


def _put(table: dict[str, tuple[str, ...]], key: str, name: str) -> None:
    if name not in table.get(key, ()):
        table[key] = (*table.get(key, ()), name)


__all__ = ["Asked", "asked_of", "both_sha256", "list_used", "opened_list"]
