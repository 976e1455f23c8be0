"""The keystores of keytool's commands about keys: one read for its key, one to be written."""

from __future__ import annotations

import os
import sys

from ... import formats
from ...errors import PasswordError, UsageError
from ...host.files import read_file
from . import opening
from .prompts import LEAST
from .settling import NO_PASSWORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...model import Password, PrivateKey, Store
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
    return formats.read(data, password, path=path), password


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


def new_key_password(
    request: Request, format: str, store: Password, ask: Callable[[], Password]
) -> Password | None:
    """The password a new key is to have; None for that of the keystore.

    ``ask`` is asked where no option says it and the format gives each key its own.
    """
    given = request.password("keypass")
    if format == "PKCS12":
        tell_ignored("keypass", given, store)
        return None
    return ask() if given is None else given


def tell_ignored(option: str, given: Password | None, store: Password | None) -> None:
    """Say that a PKCS12 has one password, where somebody gave another for a key."""
    if given is None or store is None or given.text == store.text:
        return
    sys.stderr.write(
        "Warning:  Different store and key passwords not supported for PKCS12 KeyStores. "
        f"Ignoring user-specified -{option} value.\n"
    )


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
