"""``storekeeper show``."""

from __future__ import annotations

import sys

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
Says who can and cannot read the store, then, for each entry, names in the forms of RFC 4514,
OpenSSL and Java, dates, key, extensions and fingerprints. Works on single certificates and
chains too.

examples:
  storekeeper show conf/.keystore --alias server --storepass prompt
  storekeeper show server.crt
  storekeeper show cacerts --alias '*letsencrypt*' --json
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="file, directory, - or a word")
    parser.add_argument(
        "--alias", metavar="PATTERN", action="append", default=[], help="only these, as 'corp-*'"
    )
    parser.add_argument(
        "--sha256", metavar="HEX", action="append", default=[], help="fingerprint, or its beginning"
    )
    parser.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    options.add_at(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Show the entries asked for; exit 1 when an alias or fingerprint matches none."""
    from ..report import details, listing
    from ..trust.inventory import Filter, fingerprint, rows, select, unreadable
    from ..trust.readers import readers

    wanted = Filter(
        aliases=tuple(args.alias), sha256=tuple(fingerprint(text) for text in args.sha256)
    )
    now = options.now(args)
    source = options.open_source(args.store, options.password(args), args)
    every = rows(source)
    kept = select(every, wanted, now)
    who = readers(source)
    path = getattr(source, "path", None) or args.store
    if args.json:
        options.print_json(details.json(path, source, kept, who))
    else:
        sys.stdout.write(listing.headline(source, len(kept), len(every)) + "\n")
        sys.stdout.writelines(f"  {sentence}\n" for sentence in who)
        for row in kept:
            sys.stdout.write("\n" + details.entry_text(row, now))
    found = (*source.findings, *unreadable(kept))
    voice.findings(path, found, source, least="info", headline=True)
    if not kept and (args.alias or args.sha256):
        voice.warn(f"{path}: no entry matches")
        voice.hint("storekeeper list shows aliases and fingerprints; patterns are quoted, as 'a*'")
        return 1
    return 0
