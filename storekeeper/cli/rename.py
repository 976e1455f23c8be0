"""``storekeeper rename``."""

from __future__ import annotations

from . import mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.plan import Plan
    from ..change.target import Target

EPILOG = """
The date of the entry, its key, chain and attributes stay, and no key password is needed.
An alias that is taken is refused. When OLD is gone and NEW is there, it has been done.

In a JKS or JCEKS aliases are in lower case: Java lists others and does not find them, and
rename mends them.

instead of keytool -changealias -alias old -destalias new -keystore S (which asks for the
key's password, and sets the date of the entry to now):
  storekeeper rename S old new

examples:
  storekeeper rename trust.jks mykey corp-root
  storekeeper rename trust.jks Corp-Root corp-root
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="the file to change, cacerts, jre:HOME")
    parser.add_argument("old", metavar="OLD", help="the alias there is")
    parser.add_argument("new", metavar="NEW", help="the alias there is to be")
    mending.add_mending(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.rename import plan_rename

    def make(target: Target) -> Plan:
        return plan_rename(target, args.old, args.new)

    return mending.carry_out(args, make)
