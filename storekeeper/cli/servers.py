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

MOST_AT_ONCE = 16
_WEB = (443, 8443)


def add(parser: ArgumentParser) -> None:
    """The options of reaching a server."""
    how = parser.add_argument_group("how it is reached")
    how.add_argument("--sni", metavar="NAME", help="send this server name, not the host's")
    how.add_argument("--no-sni", action="store_true", help="send no server name")
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
        type=options.positive,
        default=10,
        help="for each connection (default 10)",
    )


def probe_all(args: Namespace) -> Iterator[tuple[str, Probe | StorekeeperError]]:
    """Every server of the command line, several at once, in the order they were named."""
    names = list(dict.fromkeys(args.servers))
    if len(names) == 1:
        yield names[0], _attempt(names[0], args)
        return
    from concurrent.futures import ThreadPoolExecutor, wait

    progress = voice.Progress()
    with ThreadPoolExecutor(min(MOST_AT_ONCE, len(names))) as pool:
        asked = [pool.submit(_attempt, name, args) for name in names]
        for name, one in zip(names, asked, strict=True):
            while progress.wanted and not one.done():
                wait([one], 0.2)
                done = sum(each.done() for each in asked)
                progress.show(f"{done} of {len(names)} servers probed")
            progress.clear()
            yield name, one.result()


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
    versions: tuple[int, int] | None = None,
    every_cipher: bool = False,
) -> Probe:
    """One server, as the options say; when ``brief``, its chain from the first address alone.

    With ``asks`` a web server is asked for something then, too; ``versions`` are the oldest
    and the newest protocol that are offered; with ``every_cipher`` all suites are tried.

    Raises:
        UsageError: it is no server's name.
        NetworkError: it can't be reached, or does not speak TLS.
    """
    from ..tls.probe import probe, wish_of
    from ..tls.words import TLS10, TLS13

    way = _road(name, args)
    found = way.target
    for told in found.notes:
        voice.note(told)
    server_name = None if args.no_sni else args.sni or found.server_name
    http = found.application == "http" or (not found.application and found.port in _WEB)
    wish = wish_of(
        found.host,
        server_name=server_name,
        http=http and (asks or not brief),
        path=getattr(args, "path", None) or found.path or "/",
        identity=identity,
        versions=versions or (TLS10, TLS13),
        every_address=not brief and not getattr(args, "one_address", False),
        no_name=not brief,
        weak=not brief,
        protocols=getattr(args, "protocols", False),
        every_cipher=every_cipher or getattr(args, "ciphers", False),
        ocsp=getattr(args, "ocsp", False) and not brief,
    )
    shown = without_query(name)
    return probe(shown, found.host, found.port, way.open, way.addresses, wish, proxy=way.proxy)


def without_query(name: str) -> str:
    """A URL without its query and fragment: what is kept of it may be shown to anybody."""
    import re

    return re.split(r"[?#]", name, maxsplit=1)[0] if "://" in name else name


def _road(name: str, args: Namespace) -> Road:
    from ..tls.reach import road
    from ..tls.target import target

    found = target(name, starttls=args.starttls)
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
    server_name = None if args.no_sni else args.sni or way.target.server_name
    with way.open() as stream:
        return verified(stream, anchors, host, server_name)
