"""``storekeeper csr``."""

from __future__ import annotations

from . import key_options, options, writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
The request asks for the subject and the alternative names of the key's present certificate,
unless others are said. What the CA answers is put in with storekeeper reply.

instead of keytool -certreq -alias server -ext san=dns:host.example -keystore S:
  storekeeper csr S --alias server --san host.example

examples:
  storekeeper csr id.p12 --storepass env:STOREPASS -o server.csr
  storekeeper csr conf/.keystore --alias agent --dname 'CN=agent,O=Example' --san agent.example
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="the file with the key")
    parser.add_argument(
        "--alias", metavar="ALIAS", help="the key's (not needed when there is only one)"
    )
    key_options.add_certificate(parser)
    writing.add_output(parser)
    key_options.add_keypass(parser)
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.certify import asks_the_same, request_of
    from ..change.which_key import key_entry, only_key_alias
    from ..pki.requests import pem
    from ..trust.sources import open_store

    given = options.password(args)
    asked = key_options.extensions(args)
    source, given = options.opened_source(args.store, given, args)
    store = open_store(source)
    entry = key_entry(store, only_key_alias(store, args.alias))
    made = key_options.with_key(
        entry,
        key_options.key_password(args),
        given,
        lambda password: request_of(
            entry,
            password,
            subject=key_options.subject(args.dname) if args.dname else None,
            extensions=asked,
            signature_algorithm=args.sigalg,
        ),
    )
    return writing.deliver(
        args,
        made if args.der else pem(made),
        same=lambda found: asks_the_same(made, found) and args.der == found.startswith(b"0"),
        keep=(args.store,),
    )
