"""Probing a server: who answers, what it sends, what it asks for, and what is odd about that."""

from __future__ import annotations

import time

from ..frozen import replace
from .application import question
from .handshaking import Manner, meet
from .probed import NoHandshake, Probe
from .together import together
from .words import ALERTS_OF_SERVERS, TLS10, TLS13

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model import Certificate
    from .client import Identity
    from .connect import Address
    from .handshaking import Open
    from .probed import Member
    from .target import Target


_NO_TLS = "where TLS begins after a word in the clear, say so: smtp://, --starttls"
_ENDED = "the server speaks TLS and ends it: probe --protocols --ciphers, and --sni NAME, tell more"
_NOBODY = "are name and port right, and does the server run? see also --proxy"


class Wish(Manner):
    """What a probe is to find out, beside how it shakes hands.

    Attributes:
        every_address: all addresses of the name; else the first that answers.
        at_once: how many of them together.
        protocols: each protocol version by itself.
        every_cipher: all suites of each.
        no_name: also without server name indication.
        weak: the group of a Diffie-Hellman handshake.
        ocsp: whether the leaf is revoked: a stapled response, and the responder it names.
    """

    every_address: bool = True
    at_once: int = 8
    protocols: bool = False
    every_cipher: bool = False
    no_name: bool = True
    weak: bool = True
    ocsp: bool = False


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
    members = _meet_all(open_, found, wish) if wish.every_address else _meet(open_, found, wish)
    if not any(one.spoke for one in members):
        raise _failure(name, members)
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
    from .oddities import findings, hidden, inspecting, notes

    if inspecting(result) or hidden(result):
        # Who stands in between answers for the server, and asks for nothing.
        unseen = [_unseen(one) if one.client == "not-asked" else one for one in result.members]
        result = replace(result, members=tuple(unseen))
    return replace(result, notes=notes(result), findings=findings(result))


def _meet_all(open_: Open, found: tuple[Address | None, ...], wish: Wish) -> list[Member]:
    """Every address: who waits for silent ones waits once."""
    return list(together(lambda address: meet(open_, address, wish), found, wish.at_once))


def _meet(open_: Open, found: tuple[Address | None, ...], manner: Manner) -> list[Member]:
    """One after the other up to the first that speaks TLS."""
    members = []
    for address in found:
        members.append(meet(open_, address, manner))
        if members[-1].spoke:
            break
    return members


def _failure(name: str, members: list[Member]) -> NoHandshake:
    """Why there is no handshake at all."""
    connected = next((one for one in members if one.connect_ms), None)
    if connected is None:
        first = members[0]
        before = "" if name in first.problem else f"{name}: "
        failure = NoHandshake(f"{before}{first.problem}", hint=first.hint or _NOBODY)
    else:
        hint = connected.hint or _NO_TLS
        if connected.alert is not None:
            hint = ALERTS_OF_SERVERS.get(connected.alert.description, _ENDED)
        why = connected.problem or "no answer"
        failure = NoHandshake(f"{name}: no TLS handshake: {why}", hint=hint)
    failure.members = tuple(members)
    return failure


def _unseen(member: Member) -> Member:
    why = "not by whoever answered, which may be a proxy: what the server asks is not seen then"
    return replace(member, client="unknown", why=why)


def _without_name(open_: Open, address: Address | None, wish: Wish) -> tuple[Certificate, ...]:
    return meet(open_, address, Manner(None, wish.versions)).chain


def wish_of(
    target: Target,
    *,
    server_name: str | None,
    asks: bool = False,
    path: str = "",
    identity: Identity | None = None,
    versions: tuple[int, int] = (TLS10, TLS13),
    **more: Any,
) -> Wish:
    """A wish in the words of the command line.

    Args:
        target: the server.
        server_name: for server name indication, or None.
        asks: whether its application is asked something, see `application`.
        path: in place of the target's.
        identity: as `Manner.identity`.
        versions: as `Manner.versions`.
        more: as the attributes of `Wish`.
    """
    asked = None
    if asks:
        # A web server with many names goes by this one, and refuses another than was indicated.
        named = replace(target, host=server_name or target.host)
        asked = question(
            target.application,
            host=named.host_header,
            path=path or target.path or "/",
            greets=target.starttls is None,
        )
    return Wish(server_name, versions, identity, asked, (), **more)


__all__ = ["Wish", "probe", "wish_of"]
