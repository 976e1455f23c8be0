"""``keytool -importkeystore``: entries of one keystore into another, with their dates."""

from __future__ import annotations

import os
import sys

from ... import formats
from ...errors import (
    InputError,
    NoSuchEntry,
    PasswordError,
    StorekeeperError,
    Unsupported,
    UsageError,
    WriteRefused,
)
from ...host.files import read_file
from ...model import Opaque, Password, PrivateKey, SecretKey
from ...names import printable
from .. import voice
from . import opening, stores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...change.plan import Plan
    from ...change.target import Target
    from ...change.transfer import Transfer
    from ...model import Entry, Store
    from .prompts import Prompter
    from .words import Request

_NONE = Password(None, "no password")


def importkeystore(request: Request, prompter: Prompter) -> int:
    """``-importkeystore``: all entries of a keystore, or the one ``-srcalias`` names.

    As with keytool an entry the destination has no place for is told of and left out, and of
    a whole keystore the others are taken all the same; a single one is an error.
    """
    source = request.get("srckeystore")
    if source is None:
        raise UsageError("the source is missing", hint="name it with -srckeystore")
    source = source.removeprefix("file:")
    destination = request.get("destkeystore")
    path = (destination or os.path.join(opening.home(), ".keystore")).removeprefix("file:")
    for type in ("srcstoretype", "deststoretype"):
        opening.refuse_elsewhere(request.get(type))
    if "NONE" in (source, path):
        raise Unsupported("NONE is a token's keystore, and only files are read here")
    if request.get("srcalias") is None:
        for name in ("destalias", "srckeypass"):
            if request.has(name):
                raise UsageError(f"-{name} is for a single entry", hint="name it with -srcalias")
    format = stores.change_type(request.get("deststoretype"))
    _say(f"Importing keystore {source} to {path}...")
    given = request.password("deststorepass")
    in_place = os.path.exists(path) and os.path.exists(source) and os.path.samefile(path, source)
    if in_place:
        found, opens = _source(source, request, prompter)
        password = given or opens
    else:
        password = stores.writing_password(
            path,
            given,
            prompter,
            protected=request.has("destprotected"),
            prompt="Enter destination keystore password:  ",
        )
        found, opens = _source(source, request, prompter)
    importing = _Import(request, prompter, found, opens)

    def make(target: Target) -> Plan:
        return importing.plan(target, format, password, in_place=in_place)

    backup = stores.change(request, path, opens if in_place else password, make)
    importing.tell()
    if in_place and backup:
        _say(
            f'\nWarning:\nMigrated "{source}" to {format}. The old one is backed up as "{backup}".'
        )
    return 0


def _source(path: str, request: Request, prompter: Prompter) -> tuple[Store, Password]:
    data = read_file(path)
    password = request.password("srcstorepass")
    if password is None and not request.has("srcprotected"):
        password = prompter.source_password()
    if password is None:
        sys.stderr.write(opening.banner(source=True))
        password = _NONE
    return formats.read(data, password, path=path), password


class _Import:
    """One run: which entries, and what became of them."""

    def __init__(
        self, request: Request, prompter: Prompter, source: Store, opens: Password
    ) -> None:
        self._request = request
        self._prompter = prompter
        self._source = source
        self._opens = opens
        self._done: list[str] = []
        self._failed = 0

    def plan(self, target: Target, format: str, password: Password, *, in_place: bool) -> Plan:
        from ...change.transfer import Transfer

        if target.store is not None and not in_place:
            format = target.store.format
        if format not in opening.KEYSTORES:
            raise WriteRefused(f"the destination is no keystore but {format}", path=target.path)
        seals = self._request.password("destkeypass")
        if seals is not None and format == "PKCS12" and seals.text != password.text:
            _say(
                "Warning:  Different store and key passwords not supported for PKCS12 KeyStores. "
                "Ignoring user-specified -destkeypass value."
            )
            seals = None
        into = Transfer(target, format, password, afresh=in_place)
        wanted = self._request.get("srcalias")
        if wanted is not None:
            entry = self._source.find(wanted)
            if entry is None or not _visible(entry, self._source.format):
                raise NoSuchEntry(
                    f"there is no entry {wanted!r} in the source", path=self._source.path
                )
            self._one(into, entry, self._request.get("destalias") or entry.alias, seals)
            return into.plan()
        for entry in self._source.entries:
            if not _visible(entry, self._source.format):
                alias = f"{entry.alias!r} " if entry.alias else ""
                voice.warn(f"{alias}is nothing keytool sees, and is left out")
                continue
            try:
                done = self._one(into, entry, entry.alias, seals)
            except (InputError, WriteRefused) as error:
                _say(
                    f"Problem importing entry for alias {printable(entry.alias)}: "
                    f"{printable(error.message)}.\n"
                    f"Entry for alias {printable(entry.alias)} not imported."
                )
                done = False
                if not self._request.has("noprompt") and self._prompter.yes(
                    "Do you want to quit the import process? [no]:  "
                ):
                    self._failed += 1
                    break
            self._failed += not done
        return into.plan()

    def tell(self) -> None:
        """What was written, and how much of it."""
        if self._request.get("srcalias") is not None:
            return
        for alias in self._done:
            _say(f"Entry for alias {printable(alias)} successfully imported.")
        _say(
            f"Import command completed:  {len(self._done)} entries successfully imported, "
            f"{self._failed} entries failed or cancelled"
        )

    def _one(self, into: Transfer, entry: Entry, alias: str, seals: Password | None) -> bool:
        if into.has(alias):
            if self._request.has("noprompt"):
                _say(
                    f"Warning: Overwriting existing alias {printable(alias)} in destination "
                    "keystore"
                )
            elif not self._prompter.overwrite(printable(alias)):
                alias = self._prompter.new_alias()
                if not alias:
                    _say(f"Entry for alias {printable(entry.alias)} not imported.")
                    return False
        opens = self._opener(entry)
        into.put(entry, self._source.format, alias, opens=opens, seals=seals or opens)
        self._done.append(entry.alias)
        return True

    def _opener(self, entry: Entry) -> Password | None:
        """The password of an entry's key, asked for where the keystore's is not it."""
        if not isinstance(entry, PrivateKey | SecretKey):
            return None
        given = self._request.password("srckeypass")
        try:
            entry.sealed.opener(entry.sealed.data, given or self._opens)
        except PasswordError as error:
            if given is not None:
                raise error.at(alias=entry.alias) from None
            typed = self._prompter.key_password(entry.alias)
            try:
                entry.sealed.opener(entry.sealed.data, typed)
            except StorekeeperError as wrong:
                raise wrong.at(alias=entry.alias) from None
            return typed
        return given or self._opens


def _visible(entry: Entry, format: str) -> bool:
    """Whether keytool sees it, and so would take it."""
    from ...formats.pkcs12_java import listed

    if isinstance(entry, Opaque):
        return False
    return format != "PKCS12" or listed(entry)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
