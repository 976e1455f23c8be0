"""Which proxy leads to a server: an option's, the environment's, or none.

The environment's variables are read as curl reads them: those in lower case go first, and
``NO_PROXY`` names hosts, domains, addresses and networks. As in Java and Go, what the
environment says does not concern this machine itself.
"""

from __future__ import annotations

from ..errors import UsageError
from ..frozen import Frozen
from ..model import Password
from .hosts import host_of, is_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMES = {"http": 3128, "https": 443, "socks5": 1080, "socks5h": 1080}
"""Kinds of proxies with their default ports. Names are always left to the proxy to resolve."""


class Proxy(Frozen):
    """A proxy.

    Attributes:
        scheme: one of `SCHEMES`; "https" is spoken to over TLS.
        host: a name in ASCII, or an address without brackets.
        port: of TCP.
        user: name to give; None for none.
        password: of the user; None when not known.
        origin: "--proxy", "HTTPS_PROXY", ...
    """

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: Password | None = None
    origin: str = "given"

    @property
    def peer(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.peer}"


def proxy(text: str, password: Password | None = None, *, origin: str = "given") -> Proxy:
    """A proxy out of ``http://user@host:port`` or ``host:port``.

    Args:
        text: what somebody wrote; only what comes out of the environment may hold a password.
        password: of its user.
        origin: as `Proxy.origin`.

    Raises:
        UsageError: it is none, a kind that is not spoken here, or has a password in an argument.
    """
    from urllib.parse import unquote

    scheme, separator, rest = text.strip().partition("://")
    if not separator:
        scheme, rest = "http", text.strip()
    scheme = scheme.lower()
    shown = "something with an @" if "@" in text else repr(text[:80])
    if scheme not in SCHEMES:
        raise UsageError(
            f"{origin}: expected a proxy as http://HOST:PORT, found {shown}",
            hint=f"known are {', '.join(SCHEMES)}",
        )
    authority = rest.partition("/")[0] if "@" not in rest else rest.rstrip("/")
    login, at, place = authority.rpartition("@")
    user, colon, secret = login.partition(":")
    if colon and origin not in VARIABLES:
        # Arguments are seen by every user of the machine; the text is not repeated.
        raise UsageError(
            f"{origin}: a password in the address of a proxy",
            hint="write http://USER@HOST:PORT, and give the password apart: --proxy-password"
            " env:NAME, file:PATH, prompt ...",
        )
    host, port = _place(place, SCHEMES[scheme], origin, shown)
    if colon and password is None:
        password = Password(unquote(secret), origin)
    return Proxy(scheme, host, port, unquote(user) if at else None, password, origin)


def _place(place: str, default: int, origin: str, shown: str) -> tuple[str, int]:
    import re

    found = re.fullmatch(r"(?:\[([^\[\]]+)\]|([^:\[\]]+))(?::([0-9]{1,5}))?", place)
    if found is None or not 0 < int(found[3] or default) < 65_536:
        raise UsageError(f"{origin}: expected a proxy as http://HOST:PORT, found {shown}")
    host, _ = host_of(found[1] or found[2], shown)
    return host, int(found[3] or default)


VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""Of the environment, the first that is set counts."""


def of_environment(
    host: str, port: int, environ: Mapping[str, str], password: Password | None = None
) -> Proxy | None:
    """The proxy that the environment names for a server; None to connect directly.

    Args:
        host: of the server.
        port: of the server.
        environ: the variables.
        password: of the proxy's user, in place of one in the variable.

    Raises:
        UsageError: the variable names no proxy.
    """
    for name in VARIABLES:
        value = environ.get(name, "").strip()
        if value:
            break
    else:
        return None
    excepted = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if is_loopback(host) or bypassed(host, port, excepted):
        return None
    return proxy(value, password, origin=name)


def is_loopback(host: str) -> bool:
    """Whether it is this machine's own name or address."""
    from ipaddress import ip_address

    name = host.removesuffix(".").lower()
    if is_address(name):
        return ip_address(name).is_loopback
    return name == "localhost" or name.endswith(".localhost")


def bypassed(host: str, port: int, no_proxy: str) -> bool:
    """Whether a server is reached directly.

    ``*`` is every server; ``example.com``, ``.example.com`` and ``*.example.com`` are that
    domain and all below it; ``192.0.2.7``, ``192.0.2.0/24`` and ``[2001:db8::]/32`` are
    addresses, which names are not resolved for. Each may have a port behind it.

    Args:
        host: of the server.
        port: of the server.
        no_proxy: as in the variable: separated by commas or spaces.
    """
    name = host.removesuffix(".").lower()
    address = is_address(name)
    for word in no_proxy.lower().replace(",", " ").split():
        if word == "*":
            return True
        place, only = _with_port(word)
        if only is not None and only != port:
            continue
        if address:
            if _within(name, place):
                return True
            continue
        domain = place.removeprefix("*").strip(".")
        if domain and (name == domain or name.endswith("." + domain)):
            return True
    return False


def _with_port(word: str) -> tuple[str, int | None]:
    place, colon, digits = word.rpartition(":")
    if not colon or not digits.isdecimal() or (":" in place and not place.endswith("]")):
        return word, None
    return place, int(digits[:6])


def _within(address: str, place: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        network = ip_network(place.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
    return ip_address(address.partition("%")[0]) in network


__all__ = ["SCHEMES", "VARIABLES", "Proxy", "bypassed", "is_loopback", "of_environment", "proxy"]
