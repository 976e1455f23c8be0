"""Options and arguments the commands about keys share."""

from __future__ import annotations

from . import mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _ActionsContainer
    from collections.abc import Callable
    from typing import TypeVar

    from ..change.issuer import Issuer
    from ..model import Certificate, Password, PrivateKey, Store
    from ..names import Name
    from ..pki.extensions import Extension
    from .questions import Answers

    _T = TypeVar("_T")

__all__ = [
    "add_certificate",
    "add_keypass",
    "add_trust",
    "certificates",
    "extensions",
    "issuer",
    "key_password",
    "says_none",
    "store_password",
    "subject",
    "trusted",
    "with_key",
]


def add_keypass(parser: _ActionsContainer) -> None:
    """``--keypass``."""
    parser.add_argument(
        "--keypass",
        metavar="SPEC",
        help="the password of the key, where it is not that of the store (STOREKEEPER_KEYPASS)",
    )


def key_password(args: Namespace, *, new: bool = False) -> Password | None:
    """The key's own password, or None for the store's; a new one is typed twice."""
    if new and args.keypass == "prompt":
        return mending.asked_twice("password of the key")
    return options.password(args, "keypass")


def store_password(args: Namespace) -> Password | None:
    """The store's password; that of one that is yet to be made is asked for twice.

    None when nobody has said one, and the store is there or nobody can be asked.
    """
    from os.path import lexists

    from ..change.target import locate

    if lexists(locate(args.store).real):
        return options.password(args)
    if args.storepass == "prompt":
        return mending.asked_twice(f"password of {args.store}")
    return mending.new_password(args, f"password of {args.store}")


def says_none(password: Password | None) -> bool:
    """Whether somebody said, in so many words, that there is to be no password."""
    return password is not None and password.text is None


def with_key(
    entry: PrivateKey,
    own: Password | None,
    store: Password | None,
    use: Callable[[Password | None], _T],
    *,
    option: str = "--keypass",
    store_option: str = "--storepass",
    answers: Answers | None = None,
) -> _T:
    """What ``use`` makes of a key's password: its own, else the store's, else asked for.

    Args:
        entry: the key.
        own: the key's own password, if somebody said one.
        store: that of its store, likewise.
        use: is given the password.
        option: what ``own`` is said with, for hints.
        store_option: what ``store`` is said with.
        answers: where a lock is held, through which to ask.

    Raises:
        PasswordRequired, WrongPassword: with the alias, and a hint that names the options.
    """
    from ..errors import PasswordError

    given = own if own is not None else store
    try:
        try:
            return use(given)
        except PasswordError:
            if own is not None or not options.can_ask():
                raise
        given = _asked(f"password of the key {entry.alias!r}", answers)
        return use(given)
    except PasswordError as error:
        came = "" if given is None else f"the password came from {given.origin}; "
        error.hint = f"{came}{option} says the key's, {store_option} the store's"
        raise error.at(alias=entry.alias) from None


def _asked(what: str, answers: Answers | None) -> Password:
    return options.ask(what) if answers is None else answers.to(what, lambda: options.ask(what))


def issuer(
    store: Store,
    alias: str | None,
    own: Password | None,
    password: Password | None,
    *,
    option: str = "--keypass",
    store_option: str = "--storepass",
    answers: Answers | None = None,
) -> Issuer:
    """Who signs: a key entry, opened; the arguments are those of `with_key`."""
    from ..change.issuer import Issuer
    from ..change.which_key import key_entry, only_key_alias

    entry = key_entry(store, only_key_alias(store, alias))
    pkcs8 = with_key(
        entry,
        own,
        password,
        entry.pkcs8,
        option=option,
        store_option=store_option,
        answers=answers,
    )
    return Issuer(entry.chain, pkcs8)


def add_certificate(parser: _ActionsContainer, *, names: bool = True) -> None:
    """What a certificate or request is to say."""
    if names:
        parser.add_argument(
            "--dname",
            metavar="NAME",
            help="the subject: 'CN=host.example,O=Example', or a host name alone",
        )
    parser.add_argument(
        "--san",
        metavar="NAME",
        action="append",
        default=[],
        help="a subject alternative name: host.example, 192.0.2.1, me@example.com, or as "
        "dns:, ip:, email:, uri:, oid: with the value",
    )
    parser.add_argument(
        "--ext",
        metavar="EXT",
        action="append",
        default=[],
        help="an extension in keytool's words: bc=ca:true, ku=digitalSignature, "
        "eku=clientAuth, san=dns:host",
    )
    parser.add_argument(
        "--sigalg", metavar="NAME", help="how to sign (SHA384withRSA, SHA256withECDSA, Ed25519 ...)"
    )


def subject(text: str) -> Name:
    """A distinguished name; a host name alone is its CN.

    Raises:
        UsageError: it is no name.
    """
    from ..name_text import parse

    return parse(text if "=" in text else f"CN={text}")


def extensions(args: Namespace) -> tuple[Extension, ...]:
    """What ``--san`` and ``--ext`` ask for, one of each kind.

    Raises:
        UsageError: a word that says no extension.
    """
    from ..pki import extensions as ext
    from ..pki.ext_text import parse_all

    asked = parse_all(args.ext)
    found = list(asked.extensions)
    if args.san:
        found.append(ext.alt_names(_general_name(text) for text in args.san))
    return ext.ordered(found)


def _general_name(text: str) -> bytes:
    from ..pki.extensions import NAME_KINDS, general_name

    kind, colon, value = text.partition(":")
    if colon and kind.upper() in NAME_KINDS:
        return general_name(kind.upper(), value)
    if "@" in text:
        return general_name("EMAIL", text)
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return general_name("DNS", text)
    return general_name("IP", text)


def add_trust(parser: _ActionsContainer) -> None:
    """``--trust`` and ``--incomplete``."""
    parser.add_argument(
        "--trust",
        metavar="SOURCE",
        action="append",
        default=[],
        help="where else issuers may be found: cacerts, system, certifi, a store or bundle; "
        "may be repeated",
    )
    parser.add_argument(
        "--incomplete",
        action="store_true",
        help="take a chain that does not close as it is",
    )


def trusted(args: Namespace) -> list[Certificate]:
    """The certificates of every ``--trust``; of a store with a CA's key, its chain as well."""
    from ..trust.sources import open_store

    found: list[Certificate] = []
    for source in args.trust:
        found += open_store(options.open_source(source, None, args)).certificates()
    return found


def certificates(source: str, args: Namespace) -> list[Certificate]:
    """Every certificate of a source, whatever holds it."""
    from ..errors import UnknownFormat
    from ..trust.sources import open_store

    store = open_store(options.open_source(source, None, args))
    found = list(store.certificates())
    if not found:
        raise UnknownFormat(
            "there is no certificate in it",
            hint="expected are certificates in PEM, DER or PKCS#7, or a keystore that has them",
            path=source,
        )
    return found
