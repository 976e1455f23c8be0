"""``storekeeper import-key``."""

from __future__ import annotations

from . import key_options, mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Certificate, Password, PrivateKey, Store

    Key = tuple[PrivateKey, Store]

EPILOG = """
The key may be PEM, DER, a PKCS12 or another keystore; its certificate and the issuers may be in
the same file or in others, in any order. The key's own certificate is found by its public
key, the chain is put in order and completed from --trust. A certificate of another key is
refused.

instead of openssl pkcs12 -export ... and keytool -importkeystore -srckeystore ...:
  storekeeper import-key S server.key server.crt intermediate.crt --trust system

examples:
  storekeeper import-key conf/.keystore id.p12 --alias agent --srcstorepass env:IN
  storekeeper import-key id.p12 server.key chain.pem --alias server --trust cacerts
  storekeeper import-key id.jks server.key chain.pem --alias server --srckeypass file:key.pass
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
        "--srcalias", metavar="ALIAS", help="of the key in its source, when there are several"
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
    from ..change.key_chains import chain_for
    from ..change.key_entries import plan_key
    from ..change.key_sources import alias_of

    # First those of the store, as standard input may have a line for each.
    given = key_options.store_password(args)
    keypass = key_options.key_password(args, new=True)
    key, pkcs8, certificates = _found(args, given)
    trusted = key_options.trusted(args)
    parameters = mending.encryption(args)

    def make(target: Target) -> Plan:
        alias = args.alias
        if alias is None:
            alias = alias_of(*key, pkcs8, certificates)
        chain, findings = chain_for(
            pkcs8,
            certificates,
            trusted=trusted,
            store=target.store,
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
            in_clear=key_options.says_none(given),
            findings=findings,
        )

    return mending.carry_out(args, make, password=given, may_be_new=True)


def _found(args: Namespace, target: Password | None) -> tuple[Key, bytes, list[Certificate]]:
    """The key with the store it is in, opened, and every certificate of every source."""
    from ..change.key_sources import one_key
    from ..errors import PasswordError
    from ..trust.sources import open_store

    given = options.password(args, "srcstorepass") if args.srcstorepass else None
    own = options.password(args, "srckeypass") if args.srckeypass else None
    stores: list[Store] = []
    opened: list[Password | None] = []
    for source in args.sources:
        try:
            found, password = options.opened_source(source, given, args)
            stores.append(open_store(found))
            opened.append(password)
        except PasswordError as error:
            error.hint = _hint(error.hint, "--srcstorepass", given)
            if target is not None and source != "-" and _opens(args, source, target):
                error.hint = _same_password(args)
            raise
    entry, store = one_key(stores, args.srcalias)
    given = next(one for one, source in zip(opened, stores, strict=True) if source is store)
    try:
        pkcs8 = key_options.with_key(
            entry, own, given, entry.pkcs8, option="--srckeypass", store_option="--srcstorepass"
        )
    except PasswordError as error:
        if target is not None and _fits(entry, target):
            error.hint = _same_password(args)
        raise error.at(path=store.path) from None
    return (entry, store), pkcs8, [one for store in stores for one in store.certificates()]


def _hint(hint: str, option: str, given: Password | None) -> str:
    return hint if given is not None else f"give it with {option} env:NAME, file:PATH or prompt"


def _same_password(args: Namespace) -> str:
    return f"the password of {args.store} opens it: if it is meant, give it as --srcstorepass too"


def _opens(args: Namespace, source: str, password: Password) -> bool:
    from ..errors import StorekeeperError
    from ..trust.sources import open_source

    try:
        open_source(source, password, limits=options.limits(args))
    except StorekeeperError:
        return False
    return True


def _fits(entry: PrivateKey, password: Password) -> bool:
    from ..errors import StorekeeperError

    try:
        entry.pkcs8(password)
    except StorekeeperError:
        return False
    return True
