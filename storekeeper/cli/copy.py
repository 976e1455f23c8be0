"""``storekeeper copy``."""

from __future__ import annotations

from . import mending, options, sides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.plan import Plan
    from ..change.target import Target

EPILOG = """
Which entries: --alias (a name, or a pattern in quotes) and the filters of list. Patterns and
filters take trusted certificates; a key is copied when its alias is written out, or with
--kind private-key.

Dates are kept where the format of STORE has a place for them. A key is opened with
--keypass or the password of SOURCE, and sealed with that of STORE; in a JKS or JCEKS a key
with a password of its own keeps it, unless --dest-keypass says another. An entry that is
there already, with the same chain and the same key, stays as it is.

instead of keytool -importkeystore -srckeystore A -srcalias x -destkeystore B -destalias y:
  storekeeper copy A B --alias x --as y

examples:
  storekeeper copy old.jks new.p12 --alias server --srcstorepass env:OLD --storepass env:NEW
  storekeeper copy cacerts trust.p12 --subject 'Example Corp'
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from ..change.import_ import ON_CONFLICT

    parser.add_argument("source", metavar="SOURCE", help="where the entries are")
    parser.add_argument("store", metavar="STORE", help="the file to copy into, cacerts, jre:HOME")
    options.add_filters(parser)
    options.add_at(parser)
    what = parser.add_argument_group("how they are copied")
    what.add_argument(
        "--as", dest="as_", metavar="ALIAS", help="the alias in STORE, of a single entry"
    )
    what.add_argument(
        "--on-conflict",
        choices=ON_CONFLICT,
        default="fail",
        help="when the alias has another content there (default: fail)",
    )
    sides.add_skip_unsupported(what)
    store = parser.add_argument_group("the store")
    options.add_storetype(store)
    mending.add_compat(store)
    mending.add_mending(parser)
    options.add_passwords(parser, sources=True, keys=True)
    sides.add_dest_keypass(what)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.copy import plan_copy
    from .questions import Answers

    given = options.password(args, "srcstorepass") if args.srcstorepass else None
    source = sides.opened(args, args.source, given)
    wanted = options.wanted(args)
    encryption = mending.encryption(args)
    sealing = sides.dest_keypass(args)
    answers = Answers()

    def make(target: Target) -> Plan:
        from ..change.openings import KeyPasswords
        from ..model import replace

        password = target.password
        if target.store is None and password is None:
            password = answers.to("new", lambda: mending.password_of_new(args, [source.store]))
        return plan_copy(
            target,
            source,
            wanted.aliases,
            replace(wanted, aliases=()),
            rename=args.as_,
            on_conflict=args.on_conflict,
            storetype=args.storetype,
            password=password,
            keys=KeyPasswords(password, sealing or source.opens.every),
            key_password=sealing,
            encryption=encryption,
            skip_unsupported=args.skip_unsupported,
            at=options.now(args),
        )

    return mending.carry_out(args, make, may_be_new=True)
