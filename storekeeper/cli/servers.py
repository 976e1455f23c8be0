"""How commands that talk to servers name them, reach them and probe them."""

from __future__ import annotations

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from ..errors import StorekeeperError
    from ..tls.client import Identity
    from ..tls.probed import Probe
    from ..tls.reach import Road
    from ..tls.verified import Verified

MOST_AT_ONCE = 200


def add(parser: ArgumentParser) -> None:
    """The options of reaching a server."""
    how = parser.add_argument_group("how it is reached")
    named = how.add_mutually_exclusive_group()
    named.add_argument("--sni", metavar="NAME", help="send this server name, not the host's")
    named.add_argument("--no-sni", action="store_true", help="send no server name")
    how.add_argument(
        "--starttls",
        metavar="PROTOCOL",
        help="smtp, imap, pop3, ldap, postgres, mysql, ftp, xmpp ...",
    )
    how.add_argument(
        "--proxy",
        metavar="URL",
        help="an HTTP proxy to go through; HTTPS_PROXY and NO_PROXY count, too; 'none' for none",
    )
    how.add_argument(
        "--proxy-password", metavar="SPEC", help="the proxy's password (env:NAME, file:PATH, ...)"
    )
    how.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=options.seconds,
        default=10,
        help="for each connection (default 10)",
    )


def probe_all(args: Namespace) -> Iterator[tuple[str, Probe | StorekeeperError]]:
    """Every server of the command line, several at once, in the order they were named."""
    from ..tls.together import together

    names = list(dict.fromkeys(args.servers))
    # A connection each: systems allow 256 files and more.
    args.at_once = 1 if len(names) > 1 else 8
    progress = voice.Progress()

    def tell(done: int) -> None:
        progress.show(f"{done} of {len(names)} servers probed")

    found = together(lambda name: _attempt(name, args), names, MOST_AT_ONCE, tell)
    for name, one in zip(names, found, strict=True):
        progress.clear()
        yield name, one


def _attempt(name: str, args: Namespace) -> Probe | StorekeeperError:
    from ..errors import StorekeeperError

    try:
        return probe_one(name, args)
    except StorekeeperError as error:
        return error


def probe_one(
    name: str,
    args: Namespace,
    identity: Identity | None = None,
    *,
    brief: bool = False,
    asks: bool = False,
) -> Probe:
    """One server, as the options say; when ``brief``, its chain from the first address alone.

    With ``asks`` a web server is asked for something then, too.

    Raises:
        UsageError: it is no server's name.
        NetworkError: it can't be reached, or does not speak TLS.
    """
    from ..tls.probe import probe, wish_of
    from ..tls.target import path_of

    way = _road(name, args)
    found = way.target
    for told in found.notes:
        voice.note(told)
    server_name = None if args.no_sni else found.server_name
    wish = wish_of(
        found,
        server_name=server_name,
        asks=asks or not brief,
        path=path_of(getattr(args, "path", None) or ""),
        identity=identity,
        every_address=not brief and not getattr(args, "one_address", False),
        at_once=getattr(args, "at_once", 8),
        no_name=not brief,
        weak=not brief,
        protocols=getattr(args, "protocols", False),
        every_cipher=getattr(args, "ciphers", False),
        ocsp=getattr(args, "ocsp", False) and not brief,
    )
    return probe(name, found.host, found.port, way.open, way.addresses, wish, proxy=way.proxy)


def _road(name: str, args: Namespace) -> Road:
    from ..tls.reach import road
    from ..tls.target import target

    found = target(name, starttls=args.starttls, server_name=args.sni)
    # Not what STOREKEEPER_STOREPASS says: no store's password goes to a proxy.
    given = args.proxy_password is not None
    password = options.password(args, "proxy_password") if given else None
    return road(found, proxy=args.proxy, password=password, seconds=args.timeout)


def verify(args: Namespace, anchors: Iterable[bytes], host: str | None) -> Verified:
    """What OpenSSL says of the server of the command line, with those anchors.

    Raises:
        NetworkError: it can't be reached.
    """
    from ..tls.verified import verified

    way = _road(args.server, args)
    server_name = None if args.no_sni else way.target.server_name
    with way.open() as stream:
        return verified(stream, anchors, host, server_name)
