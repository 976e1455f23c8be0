"""How the two key managers of JSSE choose among the keys that fit.

Source: sun.security.ssl.SunX509KeyManagerImpl and X509KeyManagerImpl as seen from outside, on
JDK 11 to 25; docs/client-keys.md has the rules in words.
"""

from __future__ import annotations

from ..trust.runtimes import algorithm_checker
from ..trust.runtimes.java_hash import hash_order
from ..trust.runtimes.refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..trust.runtimes.algorithms import Rules
    from ..trust.runtimes.jdk import Release
    from .asked import Asked
    from .stored import Held

OK, EXPIRED, PURPOSE = 0, 2, 3
_GOOD_SINCE, _STRICT_SINCE = 19, 21
_CLIENT = frozenset({"clientAuth", "anyExtendedKeyUsage", "2.5.29.37.0"})
_EKU = "2.5.29.37"
_SIGNERS_ONLY = frozenset({"RSA", "DSA", "DH", "EC"})


class Situation:
    """What a choice depends on, beside the keys.

    Attributes:
        asked: the request, as the release understands it.
        issuers: acceptable names, comparable as `Seen.issuer` is; None for anybody.
        release: of the JDK.
        tls, certpath: its lists of disabled algorithms.
        at: seconds since 1970 UTC.
        checking: the manager looks at dates, purposes and algorithms.
    """

    def __init__(
        self,
        asked: Asked,
        issuers: frozenset[object] | None,
        release: Release,
        tls: Rules,
        certpath: Rules,
        at: int,
        *,
        checking: bool,
    ) -> None:
        self.asked = asked
        self.issuers = issuers
        self.release = release
        self.tls = tls
        self.certpath = certpath
        self.at = at
        self.checking = checking
        self._refused: dict[int, str] = {}

    def fits(self, key: Held) -> bool:
        """Whether one of the names is the issuer of one of the key's certificates."""
        return self.issuers is None or not self.issuers.isdisjoint(key.issuers)

    def refusal(self, key: Held) -> str:
        """Why a checking manager passes over a chain, "" where it does not."""
        known = self._refused.get(id(key))
        if known is None:
            known = self._refused[id(key)] = self._refusal(key)
        return known

    def _refusal(self, key: Held) -> str:
        situation = algorithm_checker.Situation(self.at, self.release.feature, jdk_anchor=False)
        checker = algorithm_checker.TlsChecker(
            self.asked.signatures, self.tls, self.certpath, situation
        )
        chain = key.chain
        last = len(chain) - 1
        try:
            for index in range(last, -1, -1):
                one = chain[index]
                checker.check(one, chain[min(index + 1, last)], first=index == last)
        except Refused as refused:
            return refused.message
        return ""

    def rank(self, key: Held) -> int:
        """`OK`, `EXPIRED` or `PURPOSE`: the less the better."""
        leaf = key.chain[0]
        if purpose_problem(key, self.release.feature):
            return PURPOSE
        before, after = leaf.facts.not_before, leaf.facts.not_after
        if (before is not None and self.at < before) or (after is not None and self.at > after):
            return EXPIRED
        return OK


def purpose_problem(key: Held, feature: int) -> str:
    """Why a certificate is not for clients by its extensions, "" where it is.

    Purposes that can't be read are none at all before JDK 21, and wrong ones since.
    """
    leaf = key.chain[0]
    purposes = leaf.facts.extended_key_usage
    unreadable = purposes is None and leaf.facts.extension(_EKU) is not None
    if unreadable and feature >= _STRICT_SINCE:
        return "its extended key usage can't be read"
    if purposes is not None and _CLIENT.isdisjoint(purposes):
        return "its extended key usage has no clientAuth"
    usage = leaf.key_usage
    if usage is not None and "digitalSignature" not in usage and key.kind in _SIGNERS_ONLY:
        return "its key usage has no digitalSignature"
    return ""


def simple(keys: Sequence[Held], kinds: Sequence[str], situation: Situation) -> Held | None:
    """What SunX509 chooses: the first kind that has a key, and of those the first by hash."""
    order = in_hash_order(keys)
    for kind in kinds:
        for key in order:
            if key.kind == kind and situation.fits(key):
                return key
    return None


def in_hash_order(keys: Sequence[Held]) -> list[Held]:
    """Keys as a HashMap by alias has them."""
    by_alias = {key.alias: key for key in keys}
    return [by_alias[alias] for alias in hash_order(by_alias)]


def checking(keys: Sequence[Held], kinds: Sequence[str], situation: Situation) -> Held | None:
    """What NewSunX509 chooses; keys come in the order in which it goes through them."""
    found: list[tuple[int, int, Held]] = []
    for key in keys:
        if key.kind not in kinds or not situation.fits(key) or situation.refusal(key):
            continue
        index = list(kinds).index(key.kind)
        rank = situation.rank(key)
        if rank == OK and index == 0:
            return key
        found.append((rank, index, key))
    if not found:
        return None
    # The first good one is good enough, whatever its kind; before JDK 19, only if it is the
    # first of all (JDK-8278560).
    for one in found if situation.release.feature >= _GOOD_SINCE else found[:1]:
        if one[0] == OK:
            return one[2]
    return min(found, key=lambda one: one[:2])[2]
