"""``storekeeper passwd``."""

from __future__ import annotations

from . import mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.openings import KeyPasswords
    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Password

EPILOG = """
Without --key the password of the store is changed. In a PKCS12 every key follows, whatever
password it had (say it with --keypass): Java opens them with the store's. In a JKS or JCEKS
the keys follow that had the store's old password; keytool leaves those behind, under a
password nobody is told about. Keys with passwords of their own keep them, which is said.

--new-storepass none takes the password away: a PKCS12 without encryption and MAC, as the
cacerts of JDK 18 and later. Such a store is given one the same way, and then encrypted as
JDK 17 does it.

When the store opens with the new password already, it has been done.

instead of keytool -storepasswd -keystore S -storepass OLD -new NEW:
  storekeeper passwd S --storepass env:OLD --new-storepass env:NEW
instead of keytool -keypasswd -alias server -keystore S -keypass OLD -new NEW:
  storekeeper passwd S --key server --keypass env:OLD --new-keypass env:NEW

examples:
  storekeeper passwd identity.p12 --storepass file:old --new-storepass file:new
  storekeeper passwd trust.p12 --new-storepass none
  storekeeper passwd agent.jks --key server --new-keypass prompt
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="the file to change, cacerts, jre:HOME")
    what = parser.add_argument_group("what is changed")
    what.add_argument(
        "--new-storepass",
        metavar="SPEC",
        help="the new password of the store; asked for at a terminal when not given",
    )
    what.add_argument("--key", metavar="ALIAS", help="change the password of this key instead")
    what.add_argument(
        "--new-keypass", metavar="SPEC", help="its new password, likewise; goes with --key"
    )
    what.add_argument(
        "--store-only", action="store_true", help="keys keep their passwords (not in a PKCS12)"
    )
    mending.add_compat(what)
    mending.add_mending(parser)
    options.add_passwords(parser, keys=True)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.passwords import plan_key_password, plan_store_password
    from ..errors import UsageError
    from .questions import Answers

    _agree(args)
    given = options.password(args)  # first, as standard input may have one line for each
    option = "new_keypass" if args.key else "new_storepass"
    what = f"password of the key {args.key!r}" if args.key else f"password of {args.store}"
    said = _said(args, option)
    if said is None and not options.can_ask():
        raise UsageError(
            "the new password has to be said", hint=f"--{option.replace('_', '-')} env:NAME"
        )
    answers = Answers()
    keys = key_passwords(args)
    parameters = mending.encryption(args)

    def make(target: Target) -> Plan:
        # Asked for when the store is open: the present password comes first.
        new = said if said is not None else answers.to("new", lambda: mending.asked_twice(what))
        if args.key:
            return plan_key_password(target, args.key, new, keys=keys)
        return plan_store_password(
            target, new, keys=keys, store_only=args.store_only, encryption=parameters
        )

    done = said is not None and not args.key and _opens_already(args, said)
    return mending.carry_out(args, make, password=said if done else given, again=False)


def key_passwords(args: Namespace) -> KeyPasswords:
    """What ``--keypass`` or STOREKEEPER_KEYPASS say."""
    from ..change.openings import KeyPasswords

    return KeyPasswords(every=options.password(args, "keypass"))


def _said(args: Namespace, option: str) -> Password | None:
    return options.password(args, option) if getattr(args, option) is not None else None


def _agree(args: Namespace) -> None:
    from ..errors import UsageError

    if args.key and (args.new_storepass or args.store_only or args.compat):
        raise UsageError(
            "--key changes the password of one key, and the other options are about the store",
            hint="run the command once for each",
        )
    if args.new_keypass and not args.key:
        raise UsageError("--new-keypass is the password of one key", hint="name it: --key ALIAS")


def _opens_already(args: Namespace, new: Password) -> bool:
    """Whether the new password is verified by the store as it is; only one ever is."""
    from ..change.target import open_target
    from ..errors import StorekeeperError

    if new.text is None:
        return False
    try:
        target = open_target(args.store, new, limits=options.limits(args))
    except StorekeeperError:
        return False  # which is told about when the store is opened in earnest
    return target.store is not None and target.store.integrity.state == "verified"
