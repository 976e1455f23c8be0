"""The keystore a command reads: which file, with which password."""

from __future__ import annotations

import os
import sys

from ... import formats
from ...errors import (
    PasswordRequired,
    StorekeeperError,
    UnknownFormat,
    Unreadable,
    Unsupported,
    UsageError,
)
from ...host.files import read_file
from ...model import Password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Store
    from .prompts import Prompter
    from .words import Request

# Types of keystores that are no files, and who has them.
_ELSEWHERE = {
    "pkcs11": "a token",
    "windows-my": "Windows",
    "windows-root": "Windows",
    "windows-my-localmachine": "Windows",
    "windows-root-localmachine": "Windows",
    "keychainstore": "macOS",
    "keychainstore-root": "macOS",
}
KEYSTORES = ("JKS", "JCEKS", "PKCS12", "BKS", "UBER")

_STARS = "*****************  WARNING WARNING WARNING  *****************"


def banner(*, source: bool = False) -> str:
    """What keytool says on standard error when it read a keystore without a password."""
    stored, give = ("the srckeystore", "the srckeystore") if source else (
        "your keystore  ", "your keystore"
    )  # fmt: skip
    return (
        f"\n{_STARS}\n"
        f"* The integrity of the information stored in {stored}*\n"
        "* has NOT been verified!  In order to verify its integrity, *\n"
        f"{f'* you must provide {give} password.':<60}*\n"
        f"{_STARS}\n\n"
    )


def home() -> str:
    """Java's user.home: the password database's idea of it, then the environment's."""
    try:
        import pwd

        found = pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        found = ""
    return found if len(found) > 2 else os.path.expanduser("~")


def keystore_path(request: Request) -> str:
    """The file ``-keystore`` or ``-cacerts`` names, or ~/.keystore.

    Raises:
        UsageError: both are given, or a keystore that is no file.
        Unreadable: there is no JRE.
    """
    given = request.get("keystore")
    if request.has("cacerts"):
        if given is not None or request.has("storetype"):
            raise UsageError("-cacerts can't be used together with -keystore or -storetype")
        return cacerts()
    refuse_elsewhere(request.get("storetype"))
    if given == "NONE":
        raise Unsupported("-keystore NONE is a token's keystore, and only files are read here")
    return os.path.join(home(), ".keystore") if given is None else given.removeprefix("file:")


def refuse_elsewhere(type: str | None) -> None:
    """Raise `Unsupported` for a type of keystore that is in no file."""
    owner = _ELSEWHERE.get((type or "").lower())
    if owner:
        raise Unsupported(
            f"a keystore of type {type} is kept by {owner}, and only files are read here",
            hint="keytool of a JDK on that machine can export its certificates",
        )


def cacerts() -> str:
    """The cacerts of the JRE in use; raises `Unreadable` when there is none."""
    from ...host.locate import in_use

    jre, note = in_use(os.environ)
    if jre is None:
        raise Unreadable(
            note or "no JRE was found, whose cacerts it could be",
            hint="set JAVA_HOME, or name the file with -keystore",
        )
    return jre.cacerts


def open_keystore(request: Request, prompter: Prompter) -> Store:
    """The keystore, its integrity verified if its password was given or typed.

    Without a password the banner of keytool is shown, and what can be read without one is
    given. A PKCS12 whose certificates are encrypted can't: keytool would leave them out.

    Raises:
        UsageError, Unreadable: as `keystore_path`.
        PasswordRequired, WrongPassword, Damaged, ...: as `formats.read`.
    """
    path = keystore_path(request)
    data = _bytes(path)
    given = request.password("storepass")
    try:
        if given is None:
            return _without_password(data, path, request, prompter)
        return _keystore(formats.read(data, given, path=path), request, given)
    except UnknownFormat as error:
        error.hint = error.hint or "storekeeper list FILE says what it is"
        raise


def _bytes(path: str) -> bytes:
    try:
        data = read_file(path)
    except Unreadable as error:
        if not os.path.lexists(path):
            error.message = "the keystore does not exist"
            error.hint = ""
        raise
    if not data:
        raise UnknownFormat("the keystore exists, but is empty", path=path)
    return data


def _without_password(data: bytes, path: str, request: Request, prompter: Prompter) -> Store:
    none = Password(None, "no password")
    open_: StorekeeperError | Store
    try:
        open_ = formats.read(data, none, path=path)
    except PasswordRequired as error:
        open_ = error
    except StorekeeperError as error:
        # One that is not to be mended by a password comes before the question.
        if error.exit_status != PasswordRequired.exit_status:
            raise
        open_ = error
    if isinstance(open_, StorekeeperError) or open_.integrity.state != "absent":
        if not request.has("protected"):
            typed = prompter.store_password()
            if typed is not None:
                return _keystore(formats.read(data, typed, path=path), request, typed)
        sys.stderr.write(banner())
    if isinstance(open_, StorekeeperError):
        raise PasswordRequired(
            "its certificates are encrypted, and no password was given",
            hint="-storepass:env NAME, -storepass:file PATH or the prompt; keytool would list "
            "the keys alone, without a word about the rest",
            path=path,
        ) from open_
    return _keystore(open_, request, None)


def _keystore(store: Store, request: Request, password: Password | None) -> Store:
    if store.format not in KEYSTORES:
        raise UnknownFormat(
            f"expected a keystore, found {store.format}",
            hint="-printcert -file shows certificates that are in no keystore",
            path=store.path,
        )
    tell_ignored(request, store.format, password)
    return store


def tell_ignored(
    request: Request, format: str, store: Password | None, option: str = "keypass"
) -> None:
    """Say that all in a PKCS12 has one password, to somebody who gave another for a key."""
    given = request.password(option)
    if format != "PKCS12" or given is None or store is None or given.text == store.text:
        return
    sys.stderr.write(
        "Warning:  Different store and key passwords not supported for PKCS12 KeyStores. "
        f"Ignoring user-specified -{option} value.\n"
    )


def shown_type(store: Store, request: Request) -> tuple[str, str]:
    """What keytool calls (the type, its provider): the type is the one asked for, if any."""
    type = (request.get("storetype") or store.format).upper()
    return type, {"JCEKS": "SunJCE", "BKS": "BC", "UBER": "BC"}.get(type, "SUN")
