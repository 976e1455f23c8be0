"""Revocation as the PKIX trust manager of JSSE checks it: with what it was given, unless asked
to look further.

Source: sun.security.provider.certpath.RevocationChecker and OCSPResponse as seen from outside
on JDK 11 to 25, RFC 5280 section 6.3 and RFC 6960 section 3.2 where they agree. The network is
asked through `Revocation.ask` alone: without it, where Java would ask and the answer decides,
there is no verdict.
"""

from __future__ import annotations

import time

from ...frozen import Frozen, replace
from . import ocsp_check
from .list_check import ListChecker
from .list_places import is_uri
from .refusal import NotAsked, Refused, Unsure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...model import Certificate
    from .jdk import Settings
    from .pkix import Context
    from .seen import Seen

OPTIONS = frozenset({"ONLY_END_ENTITY", "PREFER_CRLS", "NO_FALLBACK", "SOFT_FAIL"})
"""Of a PKIXRevocationChecker."""


class Revocation(Frozen):
    """What an application gives a PKIX trust manager, and asks of it, about revocation.

    Attributes:
        enabled: it is checked: ``com.sun.net.ssl.checkRevocation`` for the trust manager of a
            store, the default of an application's own PKIXBuilderParameters.
        crls: DER of the lists in its CertStores.
        responses: DER of the OCSP responses stapled in the handshake, in the order of the
            chain; b"" where there is none for a certificate.
        options: of the application's own PKIXRevocationChecker; None where it has none.
        ocsp: security property ``ocsp.enable``.
        crl_points: system property ``com.sun.security.enableCRLDP``.
        only_end_entity: security property ``com.sun.security.onlyCheckRevocationOfEECert``.
        ask: gives the content of an address, given what is posted there or None to get it;
            raises NetworkError. None: the network is not asked.
    """

    enabled: bool = True
    crls: tuple[bytes, ...] = ()
    responses: tuple[bytes, ...] = ()
    options: frozenset[str] | None = None
    ocsp: bool = False
    crl_points: bool = False
    only_end_entity: bool = False
    ask: Callable[[str, bytes | None], bytes] | None = None


class RevocationChecker:
    """What checks each certificate of a path.

    Attributes:
        last: it comes after the checks of the handshake's algorithms.

    Raises:
        Damaged, LimitExceeded: a list can't be read; the application would not get that far.
    """

    def __init__(self, asked: Revocation, chain: Sequence[Certificate], feature: int) -> None:
        options = asked.options or frozenset()
        ours = asked.options is None and not asked.responses
        self.last = asked.options is None and bool(asked.responses)
        self._soft = "SOFT_FAIL" in options
        self._only_end = asked.only_end_entity if ours else "ONLY_END_ENTITY" in options
        lists_first = not asked.ocsp if ours else "PREFER_CRLS" in options
        fall_back = asked.ocsp if ours else "NO_FALLBACK" not in options
        self._ways = [self._by_lists, self._by_response]
        if not lists_first:
            self._ways.reverse()
        if not fall_back:
            self._ways.pop()
        self._lists = ListChecker(
            asked.crls, asked.crl_points if ours else True, feature, asked.ask
        )
        self._ask = asked.ask
        self._responses: dict[Certificate, bytes] = {}
        for one, response in zip(chain, asked.responses, strict=False):
            if response:
                self._responses.setdefault(one, response)

    def check(self, one: Seen, above: Sequence[Seen], context: Context) -> None:
        """One certificate, given the path above it, the anchor first.

        Raises:
            Refused: it is revoked, or that can't be told.
            NotAsked: Java asks the network now.
        """
        if self._only_end and one.path_length != -1:
            return
        doubts: list[Unsure] = []
        for way in self._ways:
            try:
                way(one, above, context)
            except Unsure as unsure:
                context.say(f"revocation of {one.name}: {unsure.message}")
                doubts.append(unsure)
            else:
                return
        if self._soft and all(unsure.soft for unsure in doubts):
            return
        raise Refused(doubts[0].message, "revocation-unknown", one.certificate)

    def _by_lists(self, one: Seen, above: Sequence[Seen], context: Context) -> None:
        self._lists.check(one, above, context)

    def _by_response(self, one: Seen, above: Sequence[Seen], context: Context) -> None:
        encoded = self._responses.get(one.certificate)
        if encoded is None:
            urls = one.facts.ocsp_urls
            if not urls or not all(map(is_uri, urls)):
                raise Unsure("Certificate does not specify OCSP responder")
            if self._ask is None:
                raise NotAsked(f"Java asks {urls[0]} whether {one.name} is revoked")
            encoded = ocsp_check.asked(urls[0], self._ask, one, above, context)
            # What a responder says of now is compared with the clock, whatever the date asked for.
            ocsp_check.check(encoded, one, above, context, int(time.time()))
            return
        ocsp_check.check(encoded, one, above, context)


def checker(
    asked: Revocation, chain: Sequence[Certificate], feature: int, settings: Settings
) -> RevocationChecker | None:
    """The checker; None where nothing is asked. An application's own one works in any case.

    Args:
        asked: what is given and asked.
        chain: as sent.
        feature: the release line.
        settings: of ``java.security``, which may ask for more.

    Raises:
        Damaged, LimitExceeded: as `RevocationChecker`.
    """
    if not asked.enabled and asked.options is None:
        return None
    # JDK 11 hands stapled responses to an application's checker only where it is enabled, too.
    heard = asked.enabled or feature >= 17
    more = replace(
        asked,
        responses=asked.responses if heard else (),
        ocsp=asked.ocsp or settings.ocsp,
        only_end_entity=asked.only_end_entity or settings.only_end_entity,
    )
    return RevocationChecker(more, chain, feature)
