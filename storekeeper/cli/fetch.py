"""``storekeeper fetch``."""

from __future__ import annotations

from . import fetching, servers, voice, writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
Prints what a server sends: its own certificate, or more of the chain with --only, which goes by
who really issued whom. Nothing is checked and nothing is trusted by that: the fingerprints
are shown on standard error, to be compared with what the server's owner tells. --pin takes the
certificate of that fingerprint, and it is an error when the server does not send it.

To put it straight into a store: storekeeper import STORE HOST:PORT

examples:
  storekeeper fetch api.example.com > leaf.pem
  storekeeper fetch api.example.com:8443 --only all -o chain.pem
  storekeeper fetch ldap://ldap.example.com --only issuer
  storekeeper fetch api.example.com --der -o leaf.der --pin 40:D1:F1:...
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from ..change.incoming import ONLY

    parser.add_argument("server", metavar="SERVER", help="HOST, HOST:PORT or a URL")
    servers.add(parser)
    what = parser.add_argument_group("what is printed")
    what.add_argument("--only", choices=ONLY, help="certificates of this role (default leaf)")
    fetching.add_pin(what)
    writing.add_output(parser)


def run(args: Namespace) -> int:
    """Fetch, show and print."""
    from ..change.incoming import choose, gather, pinned
    from ..errors import NetworkError, UsageError
    from ..report.arrangements import pem
    from ..trust.calling import called
    from ..trust.inventory import colons

    found = fetching.fetch(args.server, args)
    incoming, _ = gather(args.server, fetching.store_of(found))
    own = incoming[0].certificate
    if args.pin:
        incoming = pinned(args.server, incoming, args.pin)
    wanted, _ = choose(incoming, args.only or ("all" if args.pin else None), own)
    certificates = tuple(one.certificate for one in wanted)
    if not certificates:
        raise NetworkError(
            f"{args.server} sends no {args.only}: {len(found.member.chain)} certificate(s) in all",
            hint="--only all prints what it sends",
        )
    for one in certificates:
        voice.note(f"{called(one)}, SHA-256 {colons(one.sha256)}")
    if args.der and len(certificates) != 1:
        raise UsageError(
            f"DER holds one certificate, found {len(certificates)}", hint="leave out --der"
        )
    content = certificates[0].der if args.der else pem(certificates).encode("ascii")
    return writing.deliver(args, content, len(certificates))
