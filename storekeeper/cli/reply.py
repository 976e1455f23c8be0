"""``storekeeper reply``."""

from __future__ import annotations

from . import key_options, mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.plan import Plan
    from ..change.target import Target

EPILOG = """
The answer may be PEM, PKCS#7 or several files, in any order. Its certificate for this key is
found by the public key, the chain is built from the answer, the trusted certificates of the
store and --trust, and it has to close: the issuer that is missing is named. An answer for
another key is refused.

instead of keytool -importcert -trustcacerts -alias server -file answer.p7b -keystore S:
  storekeeper reply S answer.p7b --alias server --trust cacerts

examples:
  storekeeper reply id.p12 answer.pem --storepass env:STOREPASS
  storekeeper reply conf/.keystore server.crt intermediate.crt --trust system --dry-run
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="the file with the key")
    parser.add_argument(
        "answers", nargs="+", metavar="ANSWER", help="what the CA sent: PEM, DER or PKCS#7, or -"
    )
    parser.add_argument(
        "--alias", metavar="ALIAS", help="the key's (not needed when there is only one)"
    )
    key_options.add_trust(parser)
    key_options.add_keypass(parser)
    mending.add_mending(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.key_entries import plan_reply
    from ..change.which_key import only_key_alias

    answer = [one for name in args.answers for one in key_options.certificates(name, args)]
    trusted = key_options.trusted(args)
    keypass = key_options.key_password(args)

    def make(target: Target) -> Plan:
        assert target.store is not None
        return plan_reply(
            target,
            only_key_alias(target.store, args.alias),
            answer,
            trusted=trusted,
            key_password=keypass,
            incomplete=args.incomplete,
        )

    return mending.carry_out(args, make)
