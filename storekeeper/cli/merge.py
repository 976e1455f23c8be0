"""``storekeeper merge``."""

from __future__ import annotations

from . import mending, options, sides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.plan import Plan
    from ..change.target import Target
    from ..change.union import Side
    from ..model import Password

EPILOG = """
The output holds what the inputs hold, trusted certificates and keys, and nothing else. It may
be one of the inputs. What is the same in two (alias, certificates and opened key) stands
once, with the older date. Two contents under one alias are refused, unless --on-conflict says
which counts: skip keeps the first, replace the last, rename keeps both.

--dedupe: a certificate trusted under several aliases keeps the first of them in the order of
the inputs, and the others are said.

With one input, which is the output as well, a store is sorted or rid of duplicates.

instead of keytool -importkeystore -noprompt -srckeystore A -destkeystore C, and again for B
(which overwrites aliases that collide, and sets all dates to now):
  storekeeper merge A B -o C

examples:
  storekeeper merge cacerts corp.pem -o trust.p12 --storepass env:STOREPASS
  storekeeper merge a.jks b.jks -o a.jks --on-conflict rename --srcstorepass env:PASS_B
  storekeeper merge trust.jks -o trust.jks --sort alias --dedupe
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from ..change.import_ import ON_CONFLICT
    from ..change.order import SORTS

    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="files, directories or words (storekeeper sources); the first counts first",
    )
    parser.add_argument(
        "-o", "--output", dest="store", metavar="STORE", required=True, help="the file to write"
    )
    what = parser.add_argument_group("how they are put together")
    what.add_argument(
        "--on-conflict",
        choices=ON_CONFLICT,
        default="fail",
        help="when one alias has two contents (default: fail)",
    )
    what.add_argument("--dedupe", action="store_true", help="each trusted certificate once")
    what.add_argument(
        "--sort", choices=SORTS, default="none", help="the order of the entries (default: none)"
    )
    sides.add_skip_unsupported(what)
    sides.add_force(what, "drop what the output holds and no input has")
    store = parser.add_argument_group("the store")
    options.add_storetype(store)
    mending.add_compat(store)
    mending.add_mending(parser)
    options.add_passwords(parser, keys=True)
    parser.add_argument(
        "--srcstorepass",
        metavar="SPEC",
        action="append",
        help="the password of the inputs: once for all, or once for each that is not the output",
    )


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.merge import plan_merge
    from ..change.openings import KeyPasswords
    from ..change.target import locate
    from ..change.union import Side
    from .questions import Answers

    output = locate(args.store).real
    own = [_real(name) == output for name in args.inputs]
    given = _passwords(args, len(own) - sum(own))
    inputs: list[Side | None] = [
        None if is_own else sides.opened(args, name, given.pop(0))
        for name, is_own in zip(args.inputs, own, strict=True)
    ]
    every = options.password(args, "keypass")
    parameters = mending.encryption(args)
    stores = [side.store for side in inputs if side is not None]
    answers = Answers()

    def make(target: Target) -> Plan:
        password = target.password
        if target.store is None and password is None:
            password = answers.to("new", lambda: mending.password_of_new(args, stores))
        keys = KeyPasswords(password, every)
        native = None
        if target.store is not None:
            native = Side(args.store, target.store, keys, native=True)
        sources = [native if side is None else side for side in inputs]
        return plan_merge(
            target,
            [side for side in dict.fromkeys(sources) if side is not None],
            on_conflict=args.on_conflict,
            sort=args.sort,
            dedupe=args.dedupe,
            force=args.force,
            storetype=args.storetype,
            password=password,
            keys=keys,
            encryption=parameters,
            skip_unsupported=args.skip_unsupported,
        )

    return mending.carry_out(args, make, may_be_new=not any(own))


def _real(name: str) -> str:
    import os

    from ..change.target import locate

    if name == "cacerts" or name.startswith("jre:"):
        return locate(name).real
    return os.path.realpath(name)


def _passwords(args: Namespace, count: int) -> list[Password | None]:
    """One for each input that is not the output."""
    from ..errors import UsageError
    from ..host.passwords import resolve
    from .voice import warn

    said = [resolve(spec, warn=warn) for spec in args.srcstorepass or ()]
    if len(said) <= 1:
        return [said[0] if said else None] * count
    if len(said) != count:
        raise UsageError(
            f"--srcstorepass: expected it {count} times, for the inputs beside the output, found "
            f"{len(said)}",
            hint="say it once for all of them, or once for each in their order",
        )
    return [*said]
