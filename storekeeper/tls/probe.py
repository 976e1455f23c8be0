"""Probing a server: who answers, what it sends, what it asks for, and what is odd about that."""

from __future__ import annotations

import time

from ..frozen import replace
from .handshaking import Manner, http_request, meet
from .probed import NoHandshake, Probe
from .words import TLS10, TLS13

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate
    from .client import Identity
    from .connect import Address
    from .handshaking import Open
    from .probed import Member


_NO_TLS = "where TLS begins after a word in the clear, say so: smtp://, --starttls"
_ENDED = "the server speaks TLS and ends it: probe --protocols --ciphers, and --sni NAME, tell more"
_NOBODY = "are name and port right, and does the server run? see also --proxy"


class Wish(Manner):
    """What a probe is to find out, beside how it shakes hands.

    Attributes:
        every_address: all addresses of the name; else the first that answers.
        protocols: each protocol version by itself.
        every_cipher: all suites of each.
        no_name: also without server name indication.
        weak: the group of a Diffie-Hellman handshake.
        ocsp: whether the leaf is revoked: a stapled response, and the responder it names.
        path: that is asked for where the application is HTTP.
    """

    every_address: bool = True
    protocols: bool = False
    every_cipher: bool = False
    no_name: bool = True
    weak: bool = True
    ocsp: bool = False
    path: str = "/"


def probe(
    name: str,
    host: str,
    port: int,
    open_: Open,
    found: tuple[Address | None, ...],
    wish: Wish,
    *,
    proxy: str = "",
) -> Probe:
    """Everything a wish says about one server.

    Args:
        name: as it was asked for.
        host: its name or address.
        port: of TCP.
        open_: makes a connection to one of the addresses, up to where TLS begins.
        found: the addresses; (None,) where a proxy resolves the name.
        wish: what to find out.
        proxy: through which, for the report.

    Raises:
        NoHandshake: no address takes a connection or speaks TLS; it is the first one's reason.
    """
    manner = wish
    members = []
    for address in found:
        members.append(meet(open_, address, manner))
        if not wish.every_address and members[-1].spoke:
            break
    if not any(one.spoke for one in members):
        connected = any(one.connect_ms for one in members)
        alerted = members[0].alert is not None
        hint = _ENDED if alerted else _NO_TLS if connected else _NOBODY
        nobody = NoHandshake(
            f"{name}: {'no TLS handshake: ' if connected else ''}"
            f"{members[0].problem or 'no answer'}",
            hint=members[0].hint or hint,
        )
        nobody.members = tuple(members)
        raise nobody
    result = Probe(
        name, host, port, wish.server_name, int(time.time()), tuple(members), proxy=proxy
    )
    used = result.member.address
    if wish.no_name and wish.server_name is not None:
        result = replace(result, plain=_without_name(open_, used, wish))
    if wish.protocols or wish.every_cipher:
        from .offers import offers

        told = offers(open_, used, wish.server_name, every_cipher=wish.every_cipher)
        result = replace(result, offers=told)
    if wish.weak:
        from .offers import weak_dhe

        result = replace(
            result, weak_dhe=weak_dhe(open_, used, wish.server_name, result.member.version)
        )
    if wish.ocsp:
        from .revocation import revocation

        result = replace(result, ocsp=revocation(open_, result))
    from .oddities import findings, inspecting, notes

    if inspecting(result):
        # Who stands in between answers for the server, and asks for nothing.
        unseen = [_unseen(one) if one.client == "not-asked" else one for one in result.members]
        result = replace(result, members=tuple(unseen))
    return replace(result, notes=notes(result), findings=findings(result))


def _unseen(member: Member) -> Member:
    why = "somebody on the way seems to answer for the server, whose requests are not seen"
    return replace(member, client="unknown", why=why)


def _without_name(open_: Open, address: Address | None, wish: Wish) -> tuple[Certificate, ...]:
    return meet(open_, address, Manner(None, wish.versions)).chain


def wish_of(
    host: str,
    *,
    server_name: str | None,
    http: bool,
    path: str = "/",
    identity: Identity | None = None,
    versions: tuple[int, int] = (TLS10, TLS13),
    **more: bool,
) -> Wish:
    """A wish in the words of the command line."""
    asks = http_request(host, path) if http else b""
    return Wish(server_name, versions, identity, asks, (), path=path, **more)


__all__ = ["Wish", "probe", "wish_of"]
