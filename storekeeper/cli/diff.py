"""``storekeeper diff``."""

from __future__ import annotations

import sys

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
Certificates are compared by their SHA-256, never by alias. A root that was re-issued (same
subject and key) and a name that suddenly has a new key are told apart from plain additions
and removals. An entry that only has another alias is listed and does not count as a
difference.

OLD and NEW may each be a store, a directory, a word (storekeeper sources lists them), NSS
certdata.txt, a CCADB CSV, a list of SHA-256 fingerprints, or a web page with PEM in it.

examples:
  storekeeper diff cacerts certifi
  storekeeper diff jre:/opt/agent/jre mozilla --markdown
  storekeeper diff old.jks new.p12 --storepass env:OLD --new-storepass env:NEW
  storekeeper diff cacerts vendor-fingerprints.txt --json
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("old", metavar="OLD", help="what there is, or was")
    parser.add_argument("new", metavar="NEW", help="what to compare it with")
    output = parser.add_argument_group("output").add_mutually_exclusive_group()
    output.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    output.add_argument("--markdown", action="store_true", help="print a table for a pull request")
    parser.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="print nothing but errors, answer by the exit status",
    )
    options.add_at(parser)
    options.add_passwords(parser)
    parser.add_argument(
        "--new-storepass",
        metavar="SPEC",
        help="the password of NEW, when it differs from that of OLD",
    )


def run(args: Namespace) -> int:
    """Compare; 0 when both trust the same, 1 when not."""
    from ..errors import UsageError
    from ..report import differences
    from ..trust.diff import diff
    from ..trust.inventory import comparable

    if args.old == args.new == "-":
        raise UsageError("both sides are standard input", hint="save one of them to a file first")
    old_password = options.password(args)
    new_password = old_password
    if args.new_storepass is not None:
        new_password = options.password(args, "new_storepass")
    old = options.open_source(args.old, old_password, args)
    new = options.open_source(args.new, new_password, args)
    comparable(args.old, old, args.new, new)
    found = diff(old, new, at=options.now(args))
    if not args.quiet:
        voice.findings(args.old, old.findings, old)
        if args.new != args.old:
            voice.findings(args.new, new.findings, new)
        for remark in found.notes:
            say = voice.note if remark.severity == "info" else voice.warn
            say(f"{remark.where}: {remark.message}" if remark.where else remark.message)
            if remark.hint:
                voice.hint(remark.hint)
    if args.quiet:
        pass
    elif args.json:
        options.print_json(differences.json(found))
    elif args.markdown:
        sys.stdout.write(differences.markdown(found))
    else:
        sys.stdout.write(differences.text(found, options.width()))
    return 0 if found.same else 1
