"""Whether a revocation list says that a certificate is revoked, and whether it may say so.

Source: as `revocation`, and sun.security.provider.certpath.DistributionPointFetcher.
"""

from __future__ import annotations

from functools import lru_cache

from ... import der
from ...errors import StorekeeperError
from ...names import Name
from ...oids import SIGNATURES
from ..issuance import match_key
from . import revocation_lists
from .algorithm_checker import permits_key
from .java_hash import ordered
from .list_places import fetched, places, urls
from .pkix import key_signed
from .refusal import GaveUp, NotAsked, Refused, Unsure
from .revocation_lists import (
    ALL_REASONS,
    DISTRIBUTION_POINT,
    revoked,
)
from .seen import NO_CA, authority_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .list_places import Place
    from .pkix import Context
    from .revocation_lists import Point, RevocationList
    from .seen import Seen

SKEW = 15 * 60
"""Seconds a list may be off its dates."""

MOST_STEPS = 2_000
"""Look-ups for one certificate: issuers of one name may be nested."""

_DIRECTORY = 0xA4
_UNSURE = "Could not determine revocation status"


class ListChecker:
    """The lists an application gave.

    Args:
        crls: DER of each.
        points: what a certificate names as distribution points is fetched.
        feature: the release line.
        ask: as `Revocation.ask`.

    Raises:
        Damaged, LimitExceeded: a list can't be read.
    """

    def __init__(
        self,
        crls: Sequence[bytes],
        points: bool,
        feature: int,
        ask: Callable[[str, bytes | None], bytes] | None = None,
    ) -> None:
        self._ask = ask
        self._lists = [revocation_lists.read(one) for one in dict.fromkeys(crls)]
        self._points = points
        self._feature = feature
        self._steps = 0

    def check(self, one: Seen, above: Sequence[Seen], context: Context) -> None:
        """One certificate, given the path above it, the anchor first.

        Raises:
            Refused: it is revoked.
            Unsure: no list tells.
            NotAsked: Java would fetch one.
            GaveUp: a list of a kind that is not modelled decides.
        """
        self._steps = 0
        self._look(one, above[-1], above, set(), context, signs=can_sign(above), other=True)

    def _look(
        self,
        one: Seen,
        issuer: Seen,
        above: Sequence[Seen],
        stacked: set[Seen],
        context: Context,
        *,
        signs: bool,
        other: bool,
    ) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise GaveUp(f"gave up after {MOST_STEPS} look-ups in revocation lists")
        if one in stacked:
            raise Unsure(_UNSURE, soft=True)
        approved, reasons = self._approved(one, issuer, above, context, signs)
        if approved and reasons == ALL_REASONS:
            for found in self._in_order(approved):
                _check_line(found, one, context)
            return
        if self._points and (named := urls(one)):
            if self._ask is None:
                raise NotAsked(f"Java fetches {named[0]} to see if {one.name} is revoked")
            more, reasons = self._fetched(one, issuer, above, context, signs, reasons)
            approved += more
            if approved and reasons == ALL_REASONS:
                for found in self._in_order(approved):
                    _check_line(found, one, context)
                return
        if not other:
            raise Unsure(_UNSURE, soft=True)
        self._by_another_key(one, issuer if signs else None, above, stacked, context)

    def _by_another_key(
        self,
        one: Seen,
        tried: Seen | None,
        above: Sequence[Seen],
        stacked: set[Seen],
        context: Context,
    ) -> None:
        """Look again with another key of the issuer's name.

        An issuer without a key usage is no signer of lists at first, and becomes one here:
        which asks that itself is not revoked, by lists.
        """
        stacked.add(one)
        bad = set() if tried is None else {tried.key}
        for index in range(len(above) - 1, -1, -1):
            found = above[index]
            may_sign = found.key_usage is None or "cRLSign" in found.key_usage
            if found.subject != one.issuer or not may_sign or found.key in bad:
                continue
            bad.add(found.key)
            try:
                for at in range(1, index + 1):
                    path = above[:at]
                    self._look(
                        above[at],
                        path[-1],
                        path,
                        stacked,
                        context,
                        signs=can_sign(path),
                        other=True,
                    )
            except (Unsure, Refused):
                continue
            try:
                self._look(one, found, above, set(), context, signs=True, other=False)
            except Unsure:
                continue
            return
        raise Unsure(_UNSURE, soft=True)

    def _approved(
        self, one: Seen, issuer: Seen, above: Sequence[Seen], context: Context, signs: bool
    ) -> tuple[list[RevocationList], int]:
        """The lists that may speak of a certificate, and the reasons they cover."""
        approved: list[RevocationList] = []
        reasons = 0
        possible = self._in_order([found for found in self._lists if _dated(found, context.at)])
        try:
            for place in places(one) if possible else ():
                for found in possible:
                    covered = _covers(found, place, one, issuer, above, context, signs, reasons)
                    if covered:
                        reasons |= covered
                        approved.append(found)
                if reasons == ALL_REASONS:
                    break
        except StorekeeperError:
            return [], reasons
        return approved, reasons

    def _fetched(
        self,
        one: Seen,
        issuer: Seen,
        above: Sequence[Seen],
        context: Context,
        signs: bool,
        reasons: int,
    ) -> tuple[list[RevocationList], int]:
        """The lists at a certificate's distribution points that may speak of it, and the
        reasons covered with them.
        """
        assert self._ask is not None
        approved: list[RevocationList] = []
        failures: list[Unsure] = []
        for place in places(one):
            if reasons == ALL_REASONS:
                break
            try:
                at_hand = fetched(place, self._ask, one, context)
            except Unsure as failure:
                if context.feature < 21:
                    raise
                failures.append(failure)
                continue
            for found in at_hand:
                if not _dated(found, context.at):
                    continue
                covered = _covers(found, place, one, issuer, above, context, signs, reasons)
                if covered:
                    reasons |= covered
                    approved.append(found)
        if failures and not approved:
            raise failures[0]
        return approved, reasons

    def _in_order(self, lists: list[RevocationList]) -> list[RevocationList]:
        if len(lists) < 2:
            return lists
        return ordered(lists, lambda one: list_hash(one.der, self._feature))


@lru_cache(maxsize=64)
def list_hash(encoded: bytes, feature: int) -> int:
    """X509CRL.hashCode of a list's DER: of the bytes by their place in JDK 11 to 21, that of
    java.util.Arrays in 25.
    """
    value = 0
    if feature > 21:
        value = 1
        for byte in encoded:
            value = (31 * value + byte - (byte >> 7 << 8)) & 0xFFFFFFFF
        return value
    for at, byte in enumerate(encoded):
        value += (byte - (byte >> 7 << 8)) * at
    return value & 0xFFFFFFFF


def can_sign(above: Sequence[Seen]) -> bool:
    """Whether Java takes the issuer for a signer of lists: an anchor is one, and who says so."""
    usage = above[-1].key_usage
    return len(above) == 1 or (usage is not None and "cRLSign" in usage)


def _dated(found: RevocationList, at: int) -> bool:
    if found.next_update is None:
        return False
    return found.this_update - SKEW <= at <= found.next_update + SKEW


def _check_line(found: RevocationList, one: Seen, context: Context) -> None:
    line = found.lines.get((one.facts.issuer.java(), one.facts.serial))
    if line is None:
        return
    if line.unknown:
        raise Unsure("Unrecognized critical extension(s) in revoked CRL entry")
    if line.date < context.at:
        raise revoked(line, found.name, one)


def _covers(
    found: RevocationList,
    place: Place,
    one: Seen,
    issuer: Seen,
    above: Sequence[Seen],
    context: Context,
    signs: bool,
    covered: int,
) -> int:
    """The reasons for which a list may speak of a certificate; 0 when it may not at all."""
    names, relative, place_reasons, others = place
    point = found.point
    if others:
        if point is None or not point.indirect:
            return 0
        raise GaveUp("an indirect revocation list is not modelled")
    if found.issuer != one.issuer:
        return 0
    signer = issuer
    key_id, _ = authority_key(one.facts)
    if key_id is None or found.key_id != key_id:
        if _issued_by(found, one, context):
            signer = one
        elif key_id is not None and found.key_id is not None:
            _refuse_indirect(found, above, context)
            return 0
    if not signs:
        return 0
    if point is not None and not _fits(point, names, relative, one):
        return 0
    reasons = ALL_REASONS
    for limit in (place_reasons, None if point is None else point.reasons):
        if limit is not None:
            reasons &= limit
    if not reasons & ~covered:
        return 0
    algorithm = SIGNATURES.get(_oid(found.algorithm), "")
    if context.certpath.forbids_name(algorithm) or not permits_key(
        signer, (context.certpath,), context.situation(above[0])
    ):
        context.say(f"a list of {found.name} is signed with {algorithm}, which is disabled")
        return 0
    if not key_signed(signer, found.algorithm, found.signature, found.tbs, context):
        context.say(f"a list of {found.name} is not signed with the key of the issuer")
        return 0
    unknown = found.critical - {DISTRIBUTION_POINT}
    if unknown:
        context.say(f"a list of {found.name} has critical extensions: {', '.join(sorted(unknown))}")
        return 0
    return reasons


def _issued_by(found: RevocationList, one: Seen, context: Context) -> bool:
    """Whether the certificate is that of the list's own issuer."""
    may_sign = one.key_usage is None or "cRLSign" in one.key_usage
    return (
        one.subject == found.issuer
        and may_sign
        and key_signed(one, found.algorithm, found.signature, found.tbs, context)
    )


def _refuse_indirect(found: RevocationList, above: Sequence[Seen], context: Context) -> None:
    """Give up when a certificate of another key of the issuer might have signed the list."""
    for other in (*context.anchors.named(found.issuer), *above):
        if other.subject == found.issuer and other.facts.subject_key_id == found.key_id:
            raise GaveUp("a revocation list of another key of the issuer is not modelled")


def _fits(point: Point, names: tuple[bytes, ...], relative: bool, one: Seen) -> bool:
    if (point.relative or relative) and (point.names or point.relative):
        raise GaveUp("a distribution point with a relative name is not modelled")
    if point.names and not {_name_key(name) for name in names} & {
        _name_key(name) for name in point.names
    }:
        return False
    authority = one.path_length != NO_CA
    if (point.only_users and authority) or (point.only_cas and not authority):
        return False
    return not point.only_attributes


def _name_key(general_name: bytes) -> object:
    value = der.read(general_name)
    if value.tag == _DIRECTORY:
        return match_key(Name(value.explicit("directory name").raw))
    return general_name


def _oid(algorithm: bytes) -> str:
    return der.read(algorithm).items("signature algorithm", at_least=1)[0].oid("algorithm")
