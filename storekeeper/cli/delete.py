"""``storekeeper delete``."""

from __future__ import annotations

from . import mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.plan import Plan
    from ..change.target import Target

EPILOG = """
Aliases, patterns and filters: what is deleted fits one of the aliases and all of the filters.
An alias that is not there is an error (exit status 1) and nothing is deleted; with
--missing-ok it is as wished. A pattern or filter that finds nothing changes nothing.

Patterns and filters leave keys alone, and say which: name a key's alias in full, or say
--kind private-key.

instead of keytool -delete -alias old-ca -keystore S, once for each:
  storekeeper delete S old-ca

examples:
  storekeeper delete trust.jks old-ca older-ca --missing-ok
  storekeeper delete trust.p12 'corp-*' --dry-run
  storekeeper delete cacerts --expired
  storekeeper delete trust.jks --sha256 AC:B1:A3:5B
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="the file to change, cacerts, jre:HOME")
    parser.add_argument(
        "words", nargs="*", metavar="ALIAS", help="an alias, or a pattern such as 'corp-*'"
    )
    parser.add_argument(
        "--missing-ok", action="store_true", help="an alias that is not there is no error"
    )
    options.add_filters(parser)
    options.add_at(parser)
    mending.add_mending(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.delete import plan_delete
    from ..model import replace

    wanted = options.wanted(args)
    words = (*args.words, *wanted.aliases)

    def make(target: Target) -> Plan:
        return plan_delete(
            target,
            words,
            replace(wanted, aliases=()),
            missing_ok=args.missing_ok,
            at=options.now(args),
        )

    return mending.carry_out(args, make, directories=True)
