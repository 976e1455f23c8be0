"""``storekeeper convert``."""

from __future__ import annotations

from . import mending, options, sides, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.openings import KeyPasswords
    from ..change.plan import Plan
    from ..change.target import Target
    from ..change.union import Side
    from ..model import Password

EPILOG = """
With DST, a second file; without, SOURCE itself is converted and a backup of it kept. The
format is that of --storetype, else of the DST there is, else what its suffix promises.

Dates are kept where the format has a place for them, and what is lost is said. A PKCS12 has
one password for all: keys with passwords of their own are opened with --keypass or
--keypass-of and sealed with the store's. In a JKS or JCEKS they keep their own. What the
format has no place for is an error that names it, unless --skip-unsupported.

--compat encrypts a PKCS12 for those who have to read it; without DST, in place.

instead of keytool -importkeystore -srckeystore A.jks -destkeystore A.p12 -deststoretype PKCS12
(which sets all dates to now):
  storekeeper convert A.jks A.p12 --storepass env:STOREPASS

examples:
  storekeeper convert identity.jks --storetype PKCS12 --storepass env:STOREPASS
  storekeeper convert identity.p12 --compat java8 --storepass env:STOREPASS
  storekeeper convert bundle.pem trust.jks --dest-storepass env:STOREPASS
  storekeeper convert old.bks new.p12 --storepass env:STOREPASS --keypass-of server=env:KEYPASS
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("source", metavar="SOURCE", help="what to convert, of any format")
    parser.add_argument("destination", nargs="?", metavar="DST", help="the file to write")
    what = parser.add_argument_group("what becomes of it")
    what.add_argument("--storetype", metavar="TYPE", help="PKCS12, JKS, JCEKS, PEM, DER or PKCS7")
    mending.add_compat(what)
    what.add_argument(
        "--make-visible",
        action="store_true",
        help="of a PKCS12 that stays one: make trusted entries of certificates Java does not list",
    )
    sides.add_skip_unsupported(what)
    sides.add_force(what, "DST may hold something else, and is replaced")
    mending.add_mending(parser)
    options.add_passwords(parser, keys=True)
    parser.add_argument(
        "--keypass-of",
        metavar="ALIAS=SPEC",
        action="append",
        default=[],
        help="the password of the key ALIAS",
    )
    parser.add_argument(
        "--dest-storepass",
        metavar="SPEC",
        help="the password of DST (default: that of SOURCE)",
    )
    sides.add_dest_keypass(parser)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.convert import plan_convert
    from ..change.union import Side
    from ..errors import UsageError, WrongPassword
    from .questions import Answers

    _agree(args)
    answers = Answers()
    given = options.password(args)
    keys = key_passwords(args, given)
    parameters = mending.encryption(args)
    wanted = options.password(args, "dest_storepass") if args.dest_storepass else None
    sealing = sides.dest_keypass(args)
    in_place = args.destination is None
    source: Side | None = None
    if not in_place:
        source, given = _source(args, given, keys)
        if _real(args.source) == _real(args.destination):
            raise UsageError(
                "SOURCE and DST are one file", hint="leave DST out to convert it in place"
            )

    def make(target: Target) -> Plan:
        from ..model import replace

        side = source
        if side is None:
            assert target.store is not None
            opens = replace(keys, store=target.password)
            side = Side(args.source, target.store, opens, native=True)
        password = wanted
        if password is None and target.store is None:
            password = _enough(given) or answers.to("new", lambda: _asked(args))
        return plan_convert(
            target,
            side,
            storetype=args.storetype,
            password=password,
            key_password=sealing,
            encryption=parameters,
            make_visible=args.make_visible,
            skip_unsupported=args.skip_unsupported,
            force=args.force,
        )

    if in_place:
        return mending.carry_out(args, make, store=args.source, password=given)
    try:
        return mending.carry_out(
            args, make, store=args.destination, password=wanted or _enough(given), may_be_new=True
        )
    except WrongPassword as error:
        if wanted is None and error.path == args.destination and error.alias is None:
            error.hint = f"that of {args.source} was tried; --dest-storepass says another"
        raise


def key_passwords(args: Namespace, store: Password | None) -> KeyPasswords:
    """What ``--keypass`` and ``--keypass-of`` say."""
    from ..change.openings import KeyPasswords
    from ..errors import UsageError
    from ..host.passwords import resolve

    own = []
    for word in args.keypass_of:
        alias, found, spec = word.partition("=")
        if not found or not alias:
            raise UsageError("--keypass-of needs an alias, = and where its password is")
        own.append((alias.lower(), resolve(spec, warn=voice.warn)))
    return KeyPasswords(store, options.password(args, "keypass"), tuple(own))


def _source(
    args: Namespace, given: Password | None, keys: KeyPasswords
) -> tuple[Side, Password | None]:
    """The source, and the password that opened it if that is known."""
    import os

    from ..change.target import open_target
    from ..change.union import Side
    from ..errors import PasswordRequired
    from ..model import replace

    name = args.source
    if given is None and os.path.isfile(_real(name)):
        # Told as strictly as a target, since what opens it is what DST is to have.
        try:
            target = open_target(name, None, limits=options.limits(args))
        except PasswordRequired:
            if not options.can_ask():
                raise
            given = options.ask(f"password of {name}")
        else:
            assert target.store is not None
            voice.findings(name, target.store.findings, target.store, quiet=args.quiet)
            opens = replace(keys, store=target.password)
            if _enough(target.password) is not None and not args.quiet:
                assert target.password is not None
                follows = "" if args.dest_storepass else f", and {args.destination} has the same"
                voice.note(f"{name}: opened with {target.password.origin}{follows}")
            return Side(name, target.store, opens), target.password
    side = sides.opened(args, name, given)
    return Side(name, side.store, replace(keys, store=given)), given


def _enough(password: Password | None) -> Password | None:
    """A password that was really one: of a bundle without any, none follows."""
    return None if password is None or password.text is None else password


def _asked(args: Namespace) -> Password | None:
    from ..change.target import format_for

    if format_for(args.destination, args.storetype) not in ("PKCS12", "JKS", "JCEKS"):
        return None
    return mending.asked_twice(f"password of {args.destination}") if options.can_ask() else None


def _real(name: str) -> str:
    import os

    from ..change.target import locate

    if name == "cacerts" or name.startswith("jre:"):
        return locate(name).real
    return os.path.realpath(name)


def _agree(args: Namespace) -> None:
    from ..errors import UsageError

    if args.destination is not None:
        return
    if args.storetype is None and args.compat is None and not args.make_visible:
        raise UsageError(
            "what is it to be converted to?", hint="say DST, --storetype TYPE or --compat NAME"
        )
