"""The way to a server up to where TLS begins: address or proxy, then STARTTLS."""

from __future__ import annotations

from ..frozen import Frozen
from ..model import Password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .connect import Address
    from .proxy import Proxy
    from .stream import Stream
    from .target import Target

SECONDS = 10.0


class Road(Frozen):
    """How a server is reached.

    Attributes:
        target: it.
        through: a proxy; None for a direct way.
        addresses: of the server; (None,) where a proxy resolves its name.
        seconds: for each connection and what is read from it.
    """

    target: Target
    through: Proxy | None
    addresses: tuple[Address | None, ...]
    seconds: float

    @property
    def proxy(self) -> str:
        """The proxy's address for people, without its user; "" for a direct way."""
        return "" if self.through is None else str(self.through)

    def open(self, address: Address | None = None) -> Stream:
        """A connection, where TLS is to begin now.

        Args:
            address: one of the server's; None for the first that takes a connection, or, with
                a proxy, for that one to find.

        Raises:
            NetworkError, PasswordRequired: as `reach`.
        """
        known = tuple(one for one in self.addresses if one is not None)
        return _open(self.target, self.through, (address,) if address else known, self.seconds)


def road(
    target: Target,
    *,
    proxy: str | None = None,
    password: Password | str | None = None,
    seconds: float = SECONDS,
    environ: Mapping[str, str] | None = None,
) -> Road:
    """The way to a server: its addresses, or a proxy.

    Args:
        target: the server.
        proxy: as `proxy.proxy` takes it; "none" for none; None for what the environment says.
        password: of the proxy's user.
        seconds: as `Road.seconds`.
        environ: in place of the process's own.

    Raises:
        UsageError: what is named is no proxy.
        NetworkError: the server's name has no address.
    """
    import os

    from .connect import addresses
    from .proxy import of_environment
    from .proxy import proxy as parsed

    secret = Password(password) if isinstance(password, str) else password
    if proxy is None:
        variables = os.environ if environ is None else environ
        through = of_environment(target.host, target.port, variables, secret)
    elif proxy.strip().lower() == "none":
        through = None
    else:
        through = parsed(proxy, secret, origin="--proxy")
    if through is not None:
        return Road(target, through, (None,), seconds)
    return Road(target, None, addresses(target.host, target.port), seconds)


def reach(
    target: Target,
    proxy: Proxy | None = None,
    address: Address | None = None,
    seconds: float = SECONDS,
) -> Stream:
    """A connection to a server, at the first byte of TLS.

    Args:
        target: the server.
        proxy: to go through; the environment is not asked, see `road`.
        address: one of the server's, in place of all; with a proxy, what the proxy is told in
            place of the name.
        seconds: for the connection and for everything that is read from it.

    Raises:
        NetworkError: nobody answers there, the proxy refuses, or there is no TLS to be had.
        PasswordRequired: the proxy's user has no password.
    """
    from .connect import addresses

    known: tuple[Address, ...] = () if address is None else (address,)
    if proxy is None and address is None:
        known = addresses(target.host, target.port)
    return _open(target, proxy, known, seconds)


def _open(
    target: Target, proxy: Proxy | None, known: tuple[Address, ...], seconds: float
) -> Stream:
    from .connect import connect, first
    from .starttls import starttls
    from .tunnel import tunnel

    if proxy is not None:
        host = known[0].host if known else target.host
        stream = tunnel(proxy, host, target.port, seconds)
    elif len(known) == 1:
        stream = connect(known[0], seconds, target.peer)
    else:
        stream = first(known, seconds, target.peer)
    if target.starttls is None:
        return stream
    try:
        return starttls(stream, target.starttls, target.server_name or target.host)
    except BaseException:
        stream.close()
        raise


__all__ = ["SECONDS", "Road", "reach", "road"]
