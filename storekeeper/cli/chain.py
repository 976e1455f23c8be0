"""``storekeeper chain``."""

from __future__ import annotations

import sys

from . import fetching, judging, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..model import Certificate
    from ..trust.arrangement import Arrangement

EPILOG = """
Roles and order come from who really issued whom: from signatures, not from names or from the
order of the file. The exit status is 1 when the server does not send what it should, or when
a store was named and nothing of the path is in it; with --pem and --send, when something is
still missing. A root that is sent is needless, and no mistake.

With --aia, missing issuers are fetched from where their children say they are (authority
information access), by plain HTTP, a few and small ones. They fill the picture; nothing is
trusted or kept because of that, and fingerprints are shown.

examples:
  storekeeper chain server.pem
  storekeeper chain server.pem --store cacerts
  storekeeper chain api.example.com:443 --store cacerts
  storekeeper chain server.pem --store trust.jks --pem > path.pem
  storekeeper chain server.pem --with intermediates.pem --send > to-send.pem
  storekeeper chain server.pem --aia
  openssl s_client -connect api.example.com:443 -showcerts </dev/null | storekeeper chain -
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="what the server sends: PEM, PKCS#7, a keystore with its key, -, or the server: "
        "HOST:PORT or a URL",
    )
    parser.add_argument("--store", metavar="STORE", help="what is trusted: a file, or a word")
    parser.add_argument(
        "--with",
        dest="more",
        metavar="FILE",
        action="append",
        default=[],
        help="other certificates at hand, which may fill gaps",
    )
    parser.add_argument(
        "--alias", metavar="ALIAS", help="the entry of a keystore whose chain it is"
    )
    parser.add_argument("--aia", action="store_true", help="fetch missing issuers from the network")
    output = parser.add_argument_group("output").add_mutually_exclusive_group()
    output.add_argument(
        "--pem", action="store_true", help="the whole path to its root or anchor, as PEM"
    )
    output.add_argument(
        "--send", action="store_true", help="what the server should send, as PEM: without the root"
    )
    output.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    servers.add(parser)
    options.add_at(parser)
    options.add_passwords(parser)
    parser.add_argument(
        "--chain-storepass", metavar="SPEC", help="the password of SOURCE, if it is a keystore"
    )


def run(args: Namespace) -> int:
    """Look at the chain; 0 when it is sent as it should be, and leads to the store."""
    from ..report import arrangements as report
    from ..trust.aia import complete_by_fetching
    from ..trust.arrangement import arrange

    args.chain = args.source
    trust = None if args.store is None else judging.trust_of(args)
    if fetching.is_server(args.source):
        sent = fetching.fetch(args.source, args).member.chain
    else:
        sent = judging.chain_of(args, args.source)
    anchors = None if trust is None else (*trust.anchors, *trust.unseen)
    aliases = () if trust is None else trust.aliases
    more = judging.candidates(args)
    if args.aia:
        picture, fetched = complete_by_fetching(sent, anchors, more, aliases=aliases)
    else:
        picture, fetched = arrange(sent, anchors, more, aliases=aliases), ()
    if args.json:
        options.print_json(report.json(picture, fetched))
    elif args.pem or args.send:
        _print_pem(picture, picture.path if args.pem else picture.order)
    else:
        name = "standard input" if args.source == "-" else args.source
        text = report.text(name, picture, options.now(args), fetched)
        sys.stdout.write(text)
    if args.pem or args.send:
        return 0 if picture.missing is None else 1  # complete, whatever was sent
    return 0 if picture.good and picture.anchored is not False else 1


def _print_pem(picture: Arrangement, certificates: tuple[Certificate, ...]) -> None:
    from ..report.arrangements import pem
    from ..trust.calling import called, name_text

    sys.stdout.write(pem(certificates))
    sys.stdout.flush()
    if picture.missing is not None:
        last = called(picture.path[-1])
        voice.warn(f"it ends at {last}, whose issuer is not here: {name_text(picture.missing)}")
        if picture.locations:
            voice.hint(f"it should be at {picture.locations[0]}; --aia fetches it")
