"""``storekeeper sign``."""

from __future__ import annotations

from . import key_options, options, voice, writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
A CA for tests and labs: one key entry signs a request. Alternative names and usages are taken
over from the request, never that it is a CA; --ext says what is not asked for. The certificate
ends with its CA at the latest.

instead of keytool -gencert -alias ca -infile server.csr -outfile server.crt -rfc -keystore S:
  storekeeper sign server.csr --ca S --alias ca -o server.crt

examples:
  storekeeper genkey ca.p12 --alias ca --dname 'CN=Lab CA' --validity 3650 \\
      --ext bc:c=ca:true --ext ku:c=keyCertSign,cRLSign
  storekeeper csr id.p12 | storekeeper sign - --ca ca.p12 --chain | storekeeper reply id.p12 -
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from ..pki.issue import VALIDITY_DAYS

    parser.add_argument("request", metavar="REQUEST", help="the request in PEM or DER, or -")
    ca = parser.add_argument_group("the CA")
    ca.add_argument("--ca", metavar="STORE", required=True, help="the store with the CA's key")
    ca.add_argument(
        "--alias", metavar="ALIAS", help="the CA's key (not needed when there is only one)"
    )
    made = parser.add_argument_group("the certificate")
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
        "--unverified",
        action="store_true",
        help="sign a request whose signature can't be checked, being of an unknown algorithm",
    )
    made.add_argument("--chain", action="store_true", help="write the CA's chain after it")
    writing.add_output(parser)
    key_options.add_keypass(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Run the command."""
    import time

    from ..change.certify import certify
    from ..errors import InputError, UsageError
    from ..formats.armor import armour
    from ..host.files import read_file
    from ..pki.requests import read
    from ..pki.validity import start_date
    from ..trust.sources import open_store

    if args.chain and args.der:
        raise UsageError("DER holds one certificate", hint="leave out --der or --chain")
    given = options.password(args)  # first, as the request may follow it on standard input
    data = read_file(args.request)
    try:
        request = read(data)
    except InputError as error:
        raise error.at(path=args.request) from None
    source, given = options.opened_source(args.ca, given, args)
    store = open_store(source)
    issuer = key_options.issuer(store, args.alias, key_options.key_password(args), given)
    now = int(time.time())
    try:
        certificate, findings = certify(
            request,
            issuer,
            not_before=start_date(args.startdate, now) if args.startdate else now,
            days=args.validity,
            extensions=key_options.extensions(args),
            subject=key_options.subject(args.dname) if args.dname else None,
            signature_algorithm=args.sigalg,
            unverified=args.unverified,
        )
    except InputError as error:
        raise error if request.verified else error.at(path=args.request) from None
    voice.said(findings)
    kept = (args.ca, args.request)
    chain = (certificate, *issuer.chain) if args.chain else (certificate,)
    if args.der:
        return writing.deliver(args, certificate.der, 1, keep=kept)
    content = b"".join(armour("CERTIFICATE", one.der) for one in chain)
    return writing.deliver(args, content, len(chain), keep=kept)
