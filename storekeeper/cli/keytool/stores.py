"""The keystores of keytool's commands about keys: one read for its key, one to be written."""

from __future__ import annotations

import os

from ... import formats
from ...errors import PasswordError, UsageError
from ...host.files import read_file
from ...model import Password, PrivateKey
from . import opening
from .prompts import LEAST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...change.plan import Plan
    from ...change.target import Target
    from ...model import Store
    from .prompts import Prompter
    from .words import Request

_NONE = Password(None, "no password")


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
        password = _NONE if none else prompter.writing_password(new=False)
    return formats.read(data, password, path=path), password


def key_of(
    entry: PrivateKey,
    given: Password | None,
    store: Password,
    prompter: Prompter,
) -> tuple[bytes, Password]:
    """A private key as PKCS#8, and the password that opened it.

    Tried are the key's own password if it was given, else the keystore's, and then somebody
    is asked.

    Raises:
        PasswordRequired, WrongPassword: it can't be opened.
    """
    if given is not None:
        return entry.pkcs8(given), given
    try:
        return entry.pkcs8(store), store
    except PasswordError:
        typed = prompter.key_password(entry.alias)
        return entry.pkcs8(typed), typed


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


def change(
    request: Request,
    path: str,
    password: Password,
    make: Callable[[Target], Plan],
) -> str | None:
    """Plan for a keystore and write it, under its lock; where the old bytes are, if anywhere.

    Raises:
        WriteRefused: another has the lock, or as `change.apply.apply`.
        PasswordRequired, WrongPassword, Damaged, ...: as `change.target.open_target`.
    """
    from ...change.apply import apply
    from ...change.target import locate, open_target
    from ...host.locks import lock
    from .. import voice

    with lock(locate(path).real):
        target = open_target(path, password, may_be_new=True, say=voice.note)
        plan = make(target)
        applied = apply(plan, backups=backups(), summary=f"keytool -{request.command}")
    voice.said((*plan.findings, *applied.findings))
    return applied.backup


def backups() -> int:
    """How many backups are kept: STOREKEEPER_BACKUPS, else the default."""
    from argparse import Namespace

    from .. import mending

    return mending.backups(Namespace(backups=None))


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
            return _NONE
        return prompter.writing_password(new=new, prompt=prompt)
    if new and given.text is not None and len(given.text) < LEAST:
        raise UsageError(f"a keystore password must be at least {LEAST} characters long")
    return given
