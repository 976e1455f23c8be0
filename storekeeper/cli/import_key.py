"""``storekeeper import-key``."""

from __future__ import annotations

from . import key_options, mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Certificate, Password, PrivateKey, Store

EPILOG = """
The key may be PEM, DER, a PKCS12 or another keystore; its certificate and the issuers may be in
the same file or in others, in any order. The key's own certificate is found by its public
key, the chain is put in order and completed from --trust. A certificate of another key is
refused.

instead of openssl pkcs12 -export ... and keytool -importkeystore -srckeystore ...:
  storekeeper import-key S server.key server.crt intermediate.crt --alias server

examples:
  storekeeper import-key conf/.keystore id.p12 --alias agent --srcstorepass env:IN
  storekeeper import-key id.p12 server.key chain.pem --alias server --trust cacerts
  storekeeper import-key id.jks server.key server.crt --alias server --srckeypass file:key.pass
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="the file to put the key in")
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="the key, its certificate and issuers: files, keystores, or -",
    )
    parser.add_argument("--alias", metavar="ALIAS", help="of the new entry (that of the source)")
    parser.add_argument(
        "--srcalias", metavar="ALIAS", help="of the key in its keystore, when there are several"
    )
    parser.add_argument(
        "--on-conflict",
        choices=("fail", "replace"),
        default="fail",
        help="when the alias has another key or a certificate (fail)",
    )
    key_options.add_trust(parser)
    store = parser.add_argument_group("the store")
    options.add_storetype(store)
    mending.add_compat(store)
    mending.add_mending(parser)
    options.add_passwords(parser, sources=True)
    key_options.add_keypass(parser)
    parser.add_argument(
        "--srckeypass", metavar="SPEC", help="the password of the key in its source"
    )


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.key_entries import chain_for, plan_key, trusted_of
    from ..errors import UsageError

    key, pkcs8, certificates = _found(args)
    alias = args.alias or key.alias
    if not alias:
        raise UsageError("the entry needs an alias", hint="say it with --alias")
    trusted = key_options.trusted(args)
    keypass = key_options.key_password(args)
    parameters = mending.encryption(args)

    def make(target: Target) -> Plan:
        known = trusted_of(target.store) if target.store else []
        chain, findings = chain_for(
            pkcs8,
            certificates,
            trusted=[*trusted, *known],
            incomplete=args.incomplete,
            where=alias,
        )
        return plan_key(
            target,
            alias,
            pkcs8,
            chain,
            key_password=keypass,
            storetype=args.storetype,
            encryption=parameters,
            replace_existing=args.on_conflict == "replace",
            findings=findings,
        )

    return mending.carry_out(args, make, may_be_new=True)


def _found(args: Namespace) -> tuple[PrivateKey, bytes, list[Certificate]]:
    """The key, opened, and every certificate of every source."""
    from ..errors import UsageError
    from ..trust.sources import open_store

    given = options.password(args, "srcstorepass") if args.srcstorepass else None
    keys: list[tuple[PrivateKey, Store]] = []
    certificates: list[Certificate] = []
    for source in args.sources:
        store = open_store(options.open_source(source, given, args))
        keys += [(entry, store) for entry in _wanted(store, args.srcalias)]
        certificates += store.certificates()
    if len(keys) != 1:
        names = ", ".join(repr(entry.alias) for entry, _ in keys[:5])
        raise UsageError(
            f"expected one private key in the sources, found {len(keys) or 'none'}"
            + (f": {names}" if names else ""),
            hint="--srcalias says which" if keys else "give the file with the key as well",
        )
    key, store = keys[0]
    return key, _opened(args, key, store, given), certificates


def _wanted(store: Store, alias: str | None) -> list[PrivateKey]:
    from ..model import PrivateKey

    keys = [entry for entry in store.entries if isinstance(entry, PrivateKey)]
    return [key for key in keys if alias is None or key.alias.lower() == alias.lower()]


def _opened(args: Namespace, key: PrivateKey, store: Store, given: Password | None) -> bytes:
    from ..errors import PasswordRequired

    own = options.password(args, "srckeypass") if args.srckeypass else None
    try:
        return key.pkcs8(own or given)
    except PasswordRequired as error:
        if not options.can_ask():
            error.hint = "give it with --srckeypass env:NAME, file:PATH or prompt"
            raise error.at(path=store.path, alias=key.alias) from None
        return key.pkcs8(options.ask(f"password of the key {key.alias!r}"))
