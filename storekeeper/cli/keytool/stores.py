"""The keystores of keytool's commands about keys: one read for its key, one to be written."""

from __future__ import annotations

import os

from ... import formats
from ...errors import NoSuchEntry, PasswordError, UsageError
from ...host.files import read_file
from ...model import PrivateKey
from . import opening
from .prompts import LEAST
from .settling import NO_PASSWORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...model import Password, Store
    from .prompts import Prompter
    from .words import Request


def read_for_keys(request: Request, prompter: Prompter) -> tuple[Store, Password]:
    """The keystore a key is to be taken from, and its password, asked for if not given.

    Raises:
        UsageError, Unreadable: as `opening.keystore_path`.
        PasswordRequired, WrongPassword, Damaged, ...: as `formats.read`.
    """
    path = opening.keystore_path(request)
    data = read_file(path)
    password = request.password("storepass")
    if password is None:
        none = request.has("protected")
        password = NO_PASSWORD if none else prompter.writing_password(new=False)
    store = formats.read(data, password, path=path)
    opening.tell_ignored(request, store.format, password)
    return store, password


def key_of(
    entry: PrivateKey,
    given: Password | None,
    store: Password,
    ask: Callable[[str], Password],
) -> tuple[bytes, Password]:
    """A private key as PKCS#8, and the password that opened it.

    Tried are the key's own password if it was given, else the keystore's, and then ``ask``,
    which is told the alias.

    Raises:
        PasswordRequired, WrongPassword: it can't be opened.
    """
    if given is not None:
        return entry.pkcs8(given), given
    try:
        return entry.pkcs8(store), store
    except PasswordError:
        typed = ask(entry.alias)
        return entry.pkcs8(typed), typed


def key_entry(store: Store, alias: str) -> PrivateKey:
    """The entry of a key with its certificate; keytool knows of no others."""
    entry = store.find(alias)
    if entry is None:
        raise NoSuchEntry("the entry does not exist", path=store.path, alias=alias)
    if not isinstance(entry, PrivateKey) or not entry.chain:
        raise UsageError("expected a private key with a certificate", alias=alias, path=store.path)
    return entry


def key_password(request: Request, format: str) -> Password | None:
    """The password ``-keypass`` gives a key that is there; in a PKCS12 it does not count."""
    return None if format == "PKCS12" else request.password("keypass")


def new_key_password(request: Request, format: str, ask: Callable[[], Password]) -> Password | None:
    """The password a new key is to have; None for that of the keystore.

    ``ask`` is asked where no option says it and the format gives each key its own.
    """
    if format == "PKCS12":
        return None
    given = request.password("keypass")
    return ask() if given is None else given


def change_type(type: str | None) -> str:
    """The format of a new keystore: as said, else PKCS12, whatever the file's suffix.

    Raises:
        Unsupported: it is in no file.
        UsageError: not one that is written here.
    """
    from ...change.target import format_for

    opening.refuse_elsewhere(type)
    format = format_for("", type)
    if format not in opening.KEYSTORES:
        raise UsageError(f"a {format} is no keystore", hint="there are PKCS12, JKS and JCEKS")
    return format


def writing_password(
    path: str,
    given: Password | None,
    prompter: Prompter,
    *,
    protected: bool = False,
    prompt: str = "Enter keystore password:  ",
) -> Password:
    """The password of a keystore that is to be written; of a new one it has six characters.

    Raises:
        PasswordRequired: nobody says one.
        UsageError: one too short was given.
    """
    new = not os.path.lexists(path)
    if given is None:
        if protected and not new:
            return NO_PASSWORD
        return prompter.writing_password(new=new, prompt=prompt)
    if new and given.text is not None and len(given.text) < LEAST:
        raise UsageError(f"a keystore password must be at least {LEAST} characters long")
    return given
