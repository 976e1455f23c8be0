"""The chain of a server that a profile names."""

from __future__ import annotations

from ..errors import NetworkError
from ..model import Store, TrustedCert

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .context import Context
    from .values import SourceWish

__all__ = ["chain_of"]


def chain_of(wish: SourceWish, context: Context) -> Store:
    """What a server sends, as a file of it would be read.

    Raises:
        NetworkError: it can't be reached, or sends no certificate.
        UsageError: it is no server's name.
    """
    from ..tls.probe import probe, wish_of
    from ..tls.reach import road
    from ..tls.target import target

    named = target(wish.name, starttls=wish.starttls or None)
    way = road(named, proxy=wish.proxy or None, seconds=context.seconds, environ=context.environ)
    for note in named.notes:
        context.say(note)
    asked = wish_of(
        named.host,
        server_name=wish.sni or named.server_name,
        http=False,
        every_address=False,
        no_name=False,
        weak=False,
    )
    found = probe(
        wish.name, named.host, named.port, way.open, way.addresses, asked, proxy=way.proxy
    )
    chain = found.member.chain
    if not chain:
        reason = found.member.problem or "no reason"
        raise NetworkError(f"{wish.name} sends no certificate: {reason}")
    return Store("PEM", tuple(TrustedCert("", one) for one in chain), path=wish.name)
