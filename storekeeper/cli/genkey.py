"""``storekeeper genkey``."""

from __future__ import annotations

from . import key_options, mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.issuer import Issuer
    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Password
    from .questions import Answers

EPILOG = """
A key that is there under the alias, of the same kind, for the same subject and alternative
names, is left as it is, so the command can be run again. Anything else under the alias is
not replaced unless --on-conflict says so.

instead of keytool -genkeypair -alias server -keyalg RSA -dname CN=host.example -keystore S:
  storekeeper genkey S --alias server --dname host.example

examples:
  storekeeper genkey id.p12 --alias agent --dname 'CN=agent,O=Example' --san agent.example
  storekeeper genkey ca.p12 --alias ca --dname 'CN=Lab CA' --validity 3650 \\
      --ext bc:c=ca:true --ext ku:c=keyCertSign,cRLSign
  storekeeper genkey id.p12 --alias srv --dname srv.example --signer ca --signer-store ca.p12
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from ..pki.issue import VALIDITY_DAYS

    parser.add_argument("store", metavar="STORE", help="the file to make the key in")
    key = parser.add_argument_group("the key")
    key.add_argument("--alias", required=True, metavar="ALIAS", help="the alias of the entry")
    key.add_argument(
        "--keyalg",
        metavar="NAME",
        default="RSA",
        help="RSA (when not given), EC, Ed25519, Ed448, RSASSA-PSS, DSA",
    )
    key.add_argument("--keysize", metavar="BITS", type=options.positive, help="3072 for RSA")
    key.add_argument("--groupname", metavar="NAME", help="secp384r1 for EC, secp256r1, secp521r1")
    key_options.add_keypass(key)
    key.add_argument(
        "--on-conflict",
        choices=("fail", "replace"),
        default="fail",
        help="when the alias is taken by something else (fail)",
    )
    made = parser.add_argument_group("its certificate")
    key_options.add_certificate(made)
    made.add_argument(
        "--validity",
        metavar="DAYS",
        type=options.positive,
        default=VALIDITY_DAYS,
        help=f"how long it is valid ({VALIDITY_DAYS})",
    )
    made.add_argument(
        "--startdate", metavar="DATE", default="", help="from when on: -1d, 2026/11/21 (now)"
    )
    made.add_argument(
        "--signer", metavar="ALIAS", help="a key entry that signs it, in place of the key itself"
    )
    made.add_argument(
        "--signer-store", metavar="STORE", help="the store the signer is in (the same)"
    )
    made.add_argument("--signer-storepass", metavar="SPEC", help="the password of that store")
    made.add_argument(
        "--signer-keypass",
        metavar="SPEC",
        help="the password of the signer's key, where it is not that of its store",
    )
    store = parser.add_argument_group("the store")
    options.add_storetype(store)
    mending.add_compat(store)
    mending.add_mending(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Run the command."""
    import time

    from ..change.generate import Wanted, plan_genkey
    from ..errors import UsageError
    from ..pki.validity import start_date
    from .questions import Answers

    if args.dname is None and not args.san:
        raise UsageError("the certificate needs a subject", hint="say it with --dname host.example")
    now = int(time.time())
    wanted = Wanted(
        key_options.subject(args.dname or args.san[0].rpartition(":")[2]),
        args.keyalg,
        args.keysize,
        args.groupname,
        key_options.extensions(args),
        start_date(args.startdate, now) if args.startdate else now,
        args.validity,
        args.sigalg,
    )
    given = key_options.store_password(args)
    keypass = key_options.key_password(args, new=True)
    outside = _issuer_outside(args, given)
    signer_keypass = _signer_keypass(args)
    parameters = mending.encryption(args)
    answers = Answers()

    def make(target: Target) -> Plan:
        issuer = outside
        if args.signer is not None and issuer is None:
            issuer = _issuer_inside(args, target, signer_keypass, answers)
        return plan_genkey(
            target,
            args.alias,
            wanted,
            issuer=issuer,
            key_password=keypass,
            storetype=args.storetype,
            encryption=parameters,
            replace_existing=args.on_conflict == "replace",
            in_clear=key_options.says_none(given),
        )

    return mending.carry_out(args, make, password=given, may_be_new=True)


def _issuer_outside(args: Namespace, store_password: Password | None) -> Issuer | None:
    """The signer of another store; its password is that of the store unless one is said."""
    from ..trust.sources import open_store

    if args.signer_store is None:
        return None
    said = options.password(args, "signer_storepass") if args.signer_storepass else store_password
    source, said = options.opened_source(args.signer_store, said, args)
    store = open_store(source)
    return key_options.issuer(
        store,
        args.signer,
        _signer_keypass(args),
        said,
        option="--signer-keypass",
        store_option="--signer-storepass",
    )


def _issuer_inside(
    args: Namespace, target: Target, keypass: Password | None, answers: Answers
) -> Issuer:
    from ..errors import UsageError

    if target.store is None:
        raise UsageError(
            "the store of the signer does not exist yet", hint="name it with --signer-store"
        )
    return key_options.issuer(
        target.store,
        args.signer,
        keypass,
        target.password,
        option="--signer-keypass",
        answers=answers,
    )


def _signer_keypass(args: Namespace) -> Password | None:
    return options.password(args, "signer_keypass") if args.signer_keypass else None
