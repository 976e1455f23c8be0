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
    from ..tls.verified import Verified
    from ..tls.way import Way

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
    from ..frozen import replace
    from ..tls.together import together

    names = list(dict.fromkeys(args.servers))
    by = way(args)
    if len(names) > 1:
        by = replace(by, at_once=1)  # a connection each: systems allow 256 files and more
    progress = voice.Progress()

    def tell(done: int) -> None:
        progress.show(f"{done} of {len(names)} servers probed")

    found = together(lambda name: _attempt(name, by), names, MOST_AT_ONCE, tell)
    for name, one in zip(names, found, strict=True):
        progress.clear()
        yield name, one


def _attempt(name: str, by: Way) -> Probe | StorekeeperError:
    from ..errors import StorekeeperError

    try:
        return by.probe(name, say=lambda told: voice.note(f"{name}: {told}"))
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

    With ``asks`` its application is asked for something then, too.

    Raises:
        UsageError: it is no server's name.
        NetworkError: it can't be reached, or does not speak TLS.
    """
    return way(args).probe(
        name,
        identity,
        brief=brief,
        asks=asks,
        say=lambda told: voice.note(f"{name}: {told}"),
    )


def way(args: Namespace) -> Way:
    """How the options of `add` say a server is reached, and other options what it is asked."""
    from ..tls.way import Way

    # Not what STOREKEEPER_STOREPASS says: no store's password goes to a proxy.
    given = args.proxy_password is not None
    return Way(
        args.sni,
        not args.no_sni,
        args.starttls,
        args.proxy,
        options.password(args, "proxy_password") if given else None,
        args.timeout,
        getattr(args, "path", None) or "",
        not getattr(args, "one_address", False),
        getattr(args, "protocols", False),
        getattr(args, "ciphers", False),
        getattr(args, "ocsp", False),
    )


def verify(args: Namespace, anchors: Iterable[bytes], host: str | None) -> Verified:
    """What OpenSSL says of the server of the command line, with those anchors.

    Raises:
        NetworkError: it can't be reached.
    """
    from ..tls.verified import verified

    by = way(args)
    road = by.road(args.server)
    with road.open() as stream:
        return verified(stream, anchors, host, by.server_name(road))
