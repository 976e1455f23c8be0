"""``storekeeper list``."""

from __future__ import annotations

import sys

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..errors import StorekeeperError
    from ..model import Store
    from ..trust.inventory import Row
    from ..trust.lists import RootList

EPILOG = """
Without options a table is printed: one line an entry. On a terminal, lines are cut to its
width; in a pipe or file, nothing is cut. Filters must all hold (--expired and
--expires-in together: either). What is found wrong with a store, such as a certificate that
can't be read, is a warning: its entry is listed all the same, and the exit status is 0.

examples:
  storekeeper list cacerts
  storekeeper list conf/.keystore --storepass env:STOREPASS
  storekeeper list cacerts --expired --expires-in 30d
  storekeeper list *.jks *.p12 --json
  storekeeper list cacerts --subject "O=DigiCert" --rfc > digicert.pem
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("stores", nargs="+", metavar="STORE", help="file, directory, - or a word")
    output = parser.add_argument_group("output").add_mutually_exclusive_group()
    output.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    output.add_argument("--csv", action="store_true", help="print CSV with a header line")
    output.add_argument("--rfc", action="store_true", help="print the certificates in PEM")
    options.add_filters(parser)
    options.add_at(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """List every store; one that can't be read does not hide the others."""
    from ..errors import StorekeeperError as Failure
    from ..errors import UsageError
    from ..report import listing
    from ..trust.inventory import rows, select, unreadable

    wanted = options.wanted(args)
    now = options.now(args)
    password = options.password(args)
    if args.csv:
        listing.csv_header(sys.stdout)
    for_json: list[tuple[str, Store | RootList | StorekeeperError, list[Row]]] = []
    status = 0
    for number, name in enumerate(args.stores):
        try:
            source = options.open_source(name, password, args)
        except Failure as error:
            if not isinstance(error, UsageError):
                error.at(path=name)
            status = max(status, voice.fail(error))
            if args.json:
                for_json.append((name, error, []))
            continue
        every = rows(source)
        kept = select(every, wanted, now)
        path = getattr(source, "path", None) or name
        if args.json:
            for_json.append((path, source, kept))
        elif args.csv:
            listing.csv(path, kept, sys.stdout)
        elif args.rfc:
            sys.stdout.writelines(listing.rfc(kept))
            if not any(row.chain for row in kept):
                voice.warn(f"{path}: there is no certificate to print")
        else:
            if number:
                sys.stdout.write("\n")
            sys.stdout.write(listing.headline(source, len(kept), len(every)) + "\n")
            if kept:
                sys.stdout.writelines(listing.text(kept, now, options.width()))
        if not args.json:
            # After the entries: which certificates can't be read is known by then.
            voice.findings(path, source.findings, source, headline=not (args.csv or args.rfc))
            voice.findings(path, unreadable(kept), source)
    if args.json:
        options.print_json(listing.json(for_json))
    return status
