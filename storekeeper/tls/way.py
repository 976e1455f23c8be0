"""How a server is reached and what it is asked, as a value: commands and the wizard share it."""

from __future__ import annotations

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..model import Password, Store
    from .client import Identity
    from .probed import Probe
    from .reach import Road


class Way(Frozen):
    """The way to a server, whatever it is called.

    Attributes:
        sni: this server name in place of the host's, or None.
        named: whether any server name is sent.
        starttls: one of `target.STARTTLS`, or None for what the name says.
        proxy: as `reach.road` takes it.
        password: of the proxy's user.
        seconds: for each connection.
        path: that a web server is asked for, in place of the URL's; "" for that.
        every_address: all addresses of the name.
        protocols, ciphers, ocsp: as `probe.Wish`.
        environ: in place of the process's own, for proxies.
        at_once: as `probe.Wish`.
    """

    sni: str | None = None
    named: bool = True
    starttls: str | None = None
    proxy: str | None = None
    password: Password | None = None
    seconds: float = 10.0
    path: str = ""
    every_address: bool = True
    protocols: bool = False
    ciphers: bool = False
    ocsp: bool = False
    environ: Mapping[str, str] | None = None
    at_once: int = 8

    def road(self, name: str) -> Road:
        """The way to the server of that name.

        Raises:
            UsageError: it is no server's name, or the proxy is none.
            NetworkError: its name has no address.
        """
        from .reach import road
        from .target import target

        found = target(name, starttls=self.starttls, server_name=self.sni)
        return road(
            found,
            proxy=self.proxy,
            password=self.password,
            seconds=self.seconds,
            environ=self.environ,
        )

    def server_name(self, road: Road) -> str | None:
        """What is sent for server name indication."""
        return road.target.server_name if self.named else None

    def probe(
        self,
        name: str,
        identity: Identity | None = None,
        *,
        brief: bool = False,
        asks: bool = False,
        versions: tuple[int, int] | None = None,
        every_cipher: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> Probe:
        """What one server does.

        Args:
            name: as `target.target` takes it.
            identity: what it is sent when it asks for a client certificate.
            brief: its chain alone, from the first address.
            asks: its application is asked for something even then.
            versions: the oldest and the newest protocol to offer; all when None.
            every_cipher: all suites of each protocol are tried.
            say: is told what is unusual about the name.

        Raises:
            UsageError: it is no server's name.
            NetworkError: it can't be reached, or does not speak TLS.
        """
        from .probe import probe, wish_of
        from .target import path_of, without_query
        from .words import TLS10, TLS13

        road = self.road(name)
        found = road.target
        if say is not None:
            for told in found.notes:
                say(told)
        wish = wish_of(
            found,
            server_name=self.server_name(road),
            asks=asks or not brief,
            path=path_of(self.path),
            identity=identity,
            versions=versions or (TLS10, TLS13),
            every_address=not brief and self.every_address,
            at_once=self.at_once,
            no_name=not brief,
            weak=not brief,
            protocols=self.protocols,
            every_cipher=every_cipher or self.ciphers,
            ocsp=self.ocsp and not brief,
        )
        shown = without_query(name)
        return probe(
            shown, found.host, found.port, road.open, road.addresses, wish, proxy=road.proxy
        )


def chain_store(found: Probe) -> Store:
    """The chain of a server as a store, as a file of it would be read."""
    from ..model import Store, TrustedCert

    entries = tuple(TrustedCert("", one) for one in found.member.chain)
    return Store("PEM", entries, path=found.name)


__all__ = ["Way", "chain_store"]
