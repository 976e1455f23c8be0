"""Which protocols and cipher suites a server takes, and who decides between them.

By first flights alone: each ClientHello offers less than the one before, and the ServerHello,
plain in every version, tells the choice.
"""

from __future__ import annotations

import time

from ..errors import StorekeeperError
from . import ciphers
from .firstflight import FirstFlight, first_flight
from .hello import CURVES, FINITE_FIELDS
from .probed import Offer
from .words import SSL3, TLS10, TLS11, TLS12, TLS13

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connect import Address
    from .handshaking import Open
    from .messages import KeyExchange

VERSIONS = (TLS13, TLS12, TLS11, TLS10, SSL3)

MOST_SECONDS = 60.0
"""For the suites of one version; a server that answers slowly is not asked for each."""

_PROTOCOL_VERSION = 70
MOST_SUITES = 128
"""That are enumerated of one version; no server has as many."""


def offers(
    open_: Open,
    address: Address | None,
    server_name: str | None,
    *,
    every_cipher: bool = False,
    versions: Sequence[int] = VERSIONS,
) -> tuple[Offer, ...]:
    """Each version, tried by itself.

    Args:
        open_: makes a connection.
        address: which one.
        server_name: for server name indication.
        every_cipher: all suites it takes, not the preferred one alone.
        versions: to be tried.
    """
    return tuple(_offer(open_, address, server_name, one, every_cipher) for one in versions)


def _offer(
    open_: Open, address: Address | None, server_name: str | None, version: int, every: bool
) -> Offer:
    def ask(suites: Sequence[int]) -> FirstFlight:
        with open_(address) as stream:
            return first_flight(stream, version, suites, server_name=server_name)

    suites = ciphers.of_version(version)
    try:
        first = ask(suites)
        chosen = _chosen(first, version, suites)
        if chosen is None:
            accepted = None if first.alert is None and not first.answered else False
            return Offer(version, accepted, alert=first.alert, problem=_why(first, version))
        taken = [chosen]
        left = [one for one in suites if one != chosen]
        second = _chosen(ask(left), version, left)
        orders = None
        if second is not None:
            # Offered the other way round: who goes by the client's order takes the other one.
            backwards = _chosen(ask((second, chosen)), version, (second, chosen))
            orders = None if backwards is None else backwards == chosen
            taken.append(second)
        problem = ""
        if every:
            until = time.monotonic() + MOST_SECONDS
            while second is not None and len(taken) < MOST_SUITES:
                if time.monotonic() > until:
                    problem = f"{MOST_SECONDS:g} seconds were over"
                    break
                left = [one for one in left if one != second]
                second = _chosen(ask(left), version, left) if left else None
                if second is not None:
                    taken.append(second)
    except StorekeeperError as error:
        return Offer(version, None, problem=error.message)
    told = tuple(taken if every else taken[:1])
    return Offer(version, True, told, orders, first.key_exchange, problem=problem)


def _chosen(flight: FirstFlight, version: int, offered: Sequence[int]) -> int | None:
    """The suite that was agreed on in that version."""
    if flight.hello is None or flight.hello.version != version:
        return None
    return flight.hello.cipher if flight.hello.cipher in offered else None


def _why(flight: FirstFlight, version: int) -> str:
    if flight.hello is not None and flight.hello.version != version:
        from .words import version_name

        return f"it answers with {version_name(flight.hello.version)}"
    return flight.problem


def weak_dhe(
    open_: Open, address: Address | None, server_name: str | None, spoken: int = TLS12
) -> KeyExchange | None:
    """The smallest key of a handshake with finite-field Diffie-Hellman alone; None without one.

    Logjam is about servers with a good group and another for export grade: both are asked for.
    No group of RFC 7919 is offered at first, since a server that knows them hides its own.
    ``spoken`` is the protocol that was agreed on otherwise.
    """
    version = min(spoken, TLS12)
    usual = [one for one in ciphers.of_version(version) if _ephemeral(one)]
    export = [one for one in ciphers.of_version(TLS10) if _ephemeral(one, export=True)]
    found = []
    # Export grade ended with TLS 1.0, and who offers more gets the newer version without it.
    for offered, asked, groups in (
        (min(version, TLS10), export, CURVES),
        (version, usual, CURVES),
        (version, usual, FINITE_FIELDS),
        (version, usual, ()),
    ):
        try:
            with open_(address) as stream:
                flight = first_flight(
                    stream, offered, asked, server_name=server_name, groups=groups
                )
        except StorekeeperError:
            break
        if flight.key_exchange is not None and flight.key_exchange.kind == "DHE":
            found.append(flight.key_exchange)
        if asked is usual and (found or _wrong_version(flight)):
            break
    return min(found, key=lambda one: one.bits or 0, default=None)


def _ephemeral(number: int, *, export: bool = False) -> bool:
    one = ciphers.suite(number)
    return one.key_exchange == "DHE" and ("EXPORT" in one.name) is export


def _wrong_version(flight: FirstFlight) -> bool:
    return flight.alert is not None and flight.alert.description == _PROTOCOL_VERSION
