"""Where a server is: names to addresses, addresses to connections."""

from __future__ import annotations

from ..errors import NetworkError, UsageError
from ..frozen import Frozen
from .stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ADDRESSES = 64
"""Of one name; pools have a few."""


class Address(Frozen):
    """One address of a name.

    Attributes:
        host: "192.0.2.1" or "2001:db8::1".
        port: of TCP.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def addresses(host: str, port: int) -> tuple[Address, ...]:
    """Every address of a name, in the resolver's order.

    Raises:
        NetworkError: it has none.
        UsageError: it can't be a name.
    """
    import socket

    try:
        # As bytes a name is not taken through Python's IDNA, whose work `hosts` has done.
        found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    except socket.gaierror as problem:
        raise NetworkError(
            f"{host} has no address: {(problem.strerror or str(problem)).lower()}",
            hint="is the name right, and does this machine resolve it? see also --proxy",
        ) from None
    except (UnicodeError, ValueError):
        raise UsageError(f"expected a host name, found {host[:80]!r}") from None
    unique = dict.fromkeys(Address(str(one[4][0]), port) for one in found)
    return tuple(unique)[:MOST_ADDRESSES]


def connect(address: Address, seconds: float, peer: str = "") -> Stream:
    """A connection to one address.

    Args:
        address: where.
        seconds: for the connection and for everything that is read from it.
        peer: name for messages.

    Raises:
        NetworkError: it is refused, unreachable, or nobody answers.
    """
    import socket
    import time

    begun = time.monotonic()
    told = peer or str(address)
    try:
        place = (address.host.encode("ascii"), address.port)
        connected = socket.create_connection(place, seconds)  # type: ignore[arg-type]
    except TimeoutError:
        raise NetworkError(
            f"{told} did not take the connection in {seconds:g} seconds",
            hint="a firewall that drops packets looks like this; see also --timeout and --proxy",
        ) from None
    except OSError as problem:
        raise NetworkError(
            f"can't connect to {told}: {(problem.strerror or str(problem)).lower()}",
            hint="is the port right, and does the server run?",
        ) from None
    left = seconds - (time.monotonic() - begun)
    return Stream(connected, max(left, 0.001), told)


def first(found: Sequence[Address], seconds: float, peer: str = "") -> Stream:
    """A connection to the first address that takes one.

    Raises:
        NetworkError: none does; it is the last one's.
    """
    problem: NetworkError | None = None
    for address in found:
        try:
            return connect(address, seconds, peer)
        except NetworkError as error:
            problem = error
    assert problem is not None
    raise problem
