"""What `check` and `fix` are asked: the chain, the store, the host, and the runtime."""

from __future__ import annotations

import contextlib

from . import fetching, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..model import Certificate, Store
    from ..trust.anchors import RootList
    from ..trust.asked import Served
    from ..trust.java_trust import Trust
    from ..trust.question import Question
    from ..trust.runtimes.revocation import Revocation

_MOST_SECURITY = 1024 * 1024
_MOST_HOST = 1_000


def add(parser: ArgumentParser, *, store: bool = True) -> None:
    """The server or its chain, the options, and those of passwords; ``store``: it is needed."""
    parser.add_argument(
        "server",
        metavar="SERVER",
        nargs="?",
        help="HOST, HOST:PORT or a URL, whose chain is asked for now; or give --chain",
    )
    asked = parser.add_argument_group("what is asked")
    asked.add_argument(
        "--chain",
        metavar="FILE",
        help="what the server sends, its own certificate first: PEM (as openssl s_client "
        "-showcerts prints it), PKCS#7, a certificate, a keystore with the server's key, or -",
    )
    asked.add_argument(
        "--store", metavar="STORE", required=store, help="what is trusted: a file, or a word"
    )
    asked.add_argument(
        "--host",
        metavar="NAME",
        help="the name or address the server is asked for by, and that is indicated to it; that "
        "of SERVER, else none is checked",
    )
    options.add_at(asked)
    asked.add_argument(
        "--alias", metavar="ALIAS", help="the entry of FILE whose chain it is, of a keystore"
    )
    how = parser.add_argument_group("who judges")
    how.add_argument(
        "--runtime",
        metavar="NAME",
        action="append",
        default=[],
        help="java17 (default), java8u381, java21.0.8 ..., jre:HOME (a JRE's release, settings and "
        "roots), openssl3, openssl3,partial_chain, python3.13 ... (docs/verdicts.md has all); "
        "several, or with commas, make a table",
    )
    how.add_argument(
        "--trust-manager",
        choices=("PKIX", "SunX509"),
        default="PKIX",
        help="Java's trust manager algorithm (default PKIX)",
    )
    how.add_argument(
        "--protocol",
        choices=("TLSv1.2", "TLSv1.3"),
        help="what client and server agree on (what SERVER does, else TLSv1.3)",
    )
    how.add_argument(
        "--java-security",
        metavar="FILE",
        help="the JRE's conf/security/java.security, for its disabled algorithms and distrusted "
        "roots; without it those the release is shipped with",
    )
    how.add_argument(
        "--null-password",
        action="store_true",
        help="the program opens the store with no password (null), as some do",
    )
    revoked = parser.add_argument_group("revocation, which Java does not check unless told to")
    revoked.add_argument(
        "--check-revocation",
        action="store_true",
        help="the program has it checked (com.sun.net.ssl.checkRevocation); where it would ask "
        "the network, there is no answer here without --ocsp or --crl",
    )
    revoked.add_argument(
        "--ocsp",
        action="store_true",
        help="with ocsp.enable=true: ask the responders that the certificates name, by http",
    )
    revoked.add_argument(
        "--crl",
        metavar="FILE",
        nargs="?",
        const="",
        action="append",
        default=[],
        help="revocation lists it is given; without FILE, with com.sun.security.enableCRLDP: "
        "fetch those that the certificates name, by http",
    )
    revoked.add_argument(
        "--ocsp-response",
        metavar="FILE",
        action="append",
        default=[],
        help="OCSP responses the server staples, in the order of the chain, in DER",
    )
    servers.add(parser)
    options.add_passwords(parser)
    parser.add_argument(
        "--chain-storepass", metavar="SPEC", help="the password of FILE, if it is a keystore"
    )


def chain_of(args: Namespace, name: str) -> tuple[Certificate, ...]:
    """The chain a source holds, and what is to be said of that source."""
    from ..trust.java_trust import sent_chain

    given = getattr(args, "chain_storepass", None)
    password = options.password(args, "chain_storepass") if given is not None else None
    source = options.open_source(name, password, args)
    worth = [one for one in source.findings if one.code != "java-invisible"]
    voice.findings(name, worth, source)
    return sent_chain(source, args.alias)


def trust_of(args: Namespace) -> Trust:
    """What is trusted."""
    return trust_in(args, store_of(args))


def trust_in(args: Namespace, source: Store | RootList) -> Trust:
    """What is trusted of an opened source."""
    from ..trust.java_trust import trust_of as trusted

    return trusted(source, null_password=getattr(args, "null_password", False))


def store_of(args: Namespace) -> Store | RootList:
    """The trust store, opened; what is to be said of it is said."""
    from ..errors import UsageError

    if getattr(args, "chain", None) == args.store == "-":
        raise UsageError("chain and store are both standard input", hint="save one to a file")
    source = options.open_source(args.store, options.password(args), args)
    worth = [one for one in source.findings if one.code != "java-invisible"]
    voice.findings(args.store, worth, source)
    return source


def questions(args: Namespace) -> tuple[list[Question], Trust]:
    """A question for each runtime, about the server or chain that is named; what is trusted."""
    from ..errors import UsageError
    from ..tls.probed import served_by
    from ..trust.asked import Served

    if (args.server is None) == (args.chain is None):
        raise UsageError(
            "expected a server or --chain",
            hint="storekeeper check api.example.com --store cacerts asks the server itself",
        )
    host = _host(args.host)
    trust = trust_of(args)
    if args.server is not None:
        _indicate(args, host)
        served = served_by(fetching.fetch(args.server, args))
    else:
        served = Served(chain_of(args, args.chain))
    return asked_about(args, served, trust, host), trust


def _indicate(args: Namespace, host: str | None) -> None:
    """Who asks for a name indicates it, too, unless the options say otherwise."""
    from ..errors import UsageError
    from ..tls.hosts import host_of, is_address

    if host is None or args.sni or args.no_sni or is_address(host):
        return
    with contextlib.suppress(UsageError):  # the verdict says what is wrong with it
        args.sni, _ = host_of(host, host)


def asked_about(
    args: Namespace, served: Served, trust: Trust, host: str | None = None
) -> list[Question]:
    """A question about a chain for each runtime that the options name."""
    from ..trust.asked import questions as put

    return put(
        served,
        trust,
        served.at if args.at is None and served.at is not None else options.now(args),
        runtimes=[name for words in args.runtime for name in runtimes(words)],
        host=host or _host(args.host),
        trust_manager=args.trust_manager,
        protocol=args.protocol,
        java_security=_java_security(args.java_security),
        revocation=_revocation(args),
    )


def _revocation(args: Namespace) -> Revocation | None:
    if not (args.check_revocation or args.ocsp or args.crl or args.ocsp_response):
        return None
    from ..host.asking import Asker
    from ..host.files import read_file
    from ..pki.crl import read_all
    from ..trust.runtimes.revocation import Revocation

    lists = (one.der for path in args.crl if path for one in read_all(read_file(path)))
    by_points = "" in args.crl
    return Revocation(
        crls=tuple(lists),
        responses=tuple(map(read_file, args.ocsp_response)),
        ocsp=args.ocsp,
        crl_points=by_points,
        ask=Asker(ocsp=args.ocsp, lists=by_points) if args.ocsp or by_points else None,
    )


def runtimes(words: str) -> list[str]:
    """The runtimes of ``java17,openssl3,partial_chain``: an option belongs to the one before it."""
    from ..trust.runtimes import jdk, table

    if words.startswith("jre:"):
        return [words]  # a path may have commas
    found: list[str] = []
    for part in filter(None, map(str.strip, words.split(","))):
        own = not found or jdk.release(part) is not None or table.find(part) is not None
        if own:
            found.append(part)
        else:
            found[-1] += f",{part}"
    return found


def _host(text: str | None) -> str | None:
    from ..errors import UsageError

    if text is None:
        return None
    if not text or len(text) > _MOST_HOST:
        raise UsageError(f"expected a host name, found {len(text)} characters")
    if "/" in text or "@" in text:
        raise UsageError(
            f"expected a host name, found {text[:80]!r}", hint="only the name of the server"
        )
    name, colon, port = text.rpartition(":")
    if colon and port.isdecimal() and ":" not in name and name:
        raise UsageError(
            f"expected a host name, found {text[:80]!r}", hint=f"without the port: {name}"
        )
    return text


def _java_security(path: str | None) -> str | None:
    from ..errors import LimitExceeded
    from ..host.files import read_file

    if path is None:
        return None
    content = read_file(path)
    if len(content) > _MOST_SECURITY:
        raise LimitExceeded(
            f"expected a java.security of at most {_MOST_SECURITY} bytes, found {len(content)}",
            path=path,
        )
    return content.decode("latin-1")  # as java.util.Properties reads a file


def candidates(args: Namespace) -> tuple[Certificate, ...]:
    """The certificates of every ``--with``."""
    found = (one for name in args.more for one in certificates(name, args))
    return tuple(dict.fromkeys(found))


def certificates(name: str, args: Namespace) -> tuple[Certificate, ...]:
    """The certificates of a source."""
    from ..trust.sources import open_store

    return tuple(open_store(options.open_source(name, None, args)).certificates())
