"""Missing issuers, fetched from where their children say they are (RFC 5280 section 4.2.2.1).

What is fetched fills a gap in the picture. It is not trusted by that, and not kept anywhere.
"""

from __future__ import annotations

from ..errors import StorekeeperError
from ..frozen import Frozen
from .arrangement import Arrangement, arrange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..model import Certificate

MOST_FETCHES = 8
"""Addresses asked for one chain; each leads one issuer further."""


class Fetched(Frozen):
    """One address that was asked.

    Attributes:
        url: it.
        certificates: what it gave.
        problem: why it gave nothing, or "".
    """

    url: str
    certificates: tuple[Certificate, ...] = ()
    problem: str = ""


def complete_by_fetching(
    sent: Sequence[Certificate],
    anchors: Iterable[Certificate] | None = None,
    candidates: Iterable[Certificate] = (),
    *,
    aliases: Iterable[tuple[str, str]] = (),
    fetch: Callable[[str], bytes] | None = None,
) -> tuple[Arrangement, tuple[Fetched, ...]]:
    """An arrangement with its gap filled from the network, as far as that goes.

    Args:
        sent: as for `arrangement.arrange`.
        anchors: the same.
        candidates: certificates that are at hand already.
        aliases: as for `arrangement.arrange`.
        fetch: gives the content of an address; `host.fetch.fetch` when not given.
    """
    if fetch is None:
        from ..host.fetch import fetch as from_network

        fetch = from_network
    kept = None if anchors is None else tuple(anchors)
    names = tuple(aliases)
    asked: list[Fetched] = []
    at_hand = tuple(candidates)
    found: list[Certificate] = []
    while True:
        picture = arrange(sent, kept, (*at_hand, *found), aliases=names)
        known = {one.url for one in asked}
        urls = [url for url in picture.locations if url not in known]
        if picture.missing is None or not urls or len(asked) >= MOST_FETCHES:
            break
        # One may name several addresses; the first that answers is as good as the others.
        one = _ask(urls[0], fetch)
        asked.append(one)
        found += one.certificates
    # Of all the certificates at an address only those that lead on are of interest.
    useful = [one for one in found if one in picture.path]
    return arrange(sent, kept, (*at_hand, *useful), aliases=names), tuple(asked)


def _ask(url: str, fetch: Callable[[str], bytes]) -> Fetched:
    from .. import formats

    try:
        content = fetch(url)
        certificates = tuple(formats.read(content).certificates())
    except StorekeeperError as problem:
        return Fetched(url, problem=problem.message)
    if not certificates:
        return Fetched(url, problem="there is no certificate in it")
    return Fetched(url, certificates)
