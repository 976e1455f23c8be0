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
from ...model import Opaque, PrivateKey, SecretKey, TrustedCert
from ...names import printable
from .. import voice
from . import closing, listing, opening, settling, stores
from .settling import NO_PASSWORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...change.plan import Plan
    from ...change.target import Target
    from ...change.transfer import Transfer
    from ...model import Entry, Password, Store
    from ..questions import Answers
    from .prompts import Prompter
    from .words import Request


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
    there = os.path.exists(path)
    in_place = there and os.path.exists(source) and os.path.samefile(path, source)
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
    importing = _Import(request, prompter, None if in_place else found, opens, format, password)
    kept = settling.Keystore(path, opens if in_place else password, may_be_new=True)
    done = settling.carry_out(request, kept, importing.plan)
    importing.tell()
    remarks = [*importing.weak(done)]
    if in_place and done and done.applied.backup:
        old = _old(source, done.applied.backup)
        remarks.append(f'Migrated "{source}" to {format}. The old one is backed up as "{old}".')
    closing.finish(request, kept, done, remarks)
    return 0


def _old(path: str, backup: str) -> str:
    """The backup under the name keytool gives it, which scripts know; else its own name."""
    for number in ("", *range(2, 1000)):
        name = f"{path}.old{number}"
        try:
            os.link(backup, name)
        except FileExistsError:
            continue
        except OSError:  # a file system without links, or the backup is elsewhere
            break
        return name
    return backup


def _source(path: str, request: Request, prompter: Prompter) -> tuple[Store, Password]:
    data = read_file(path)
    password = request.password("srcstorepass")
    if password is None and not request.has("srcprotected"):
        password = prompter.source_password()
    if password is None:
        sys.stderr.write(opening.banner(source=True))
        password = NO_PASSWORD
    return formats.read(data, password, path=path), password


class _Import:
    """One run: which entries, and what became of them.

    Args:
        request: the options.
        prompter: who asks.
        source: what is imported; None where that is the destination itself.
        opens: the password of the source.
        format: of the destination if it is new, or the source itself.
        password: of the destination.
    """

    def __init__(
        self,
        request: Request,
        prompter: Prompter,
        source: Store | None,
        opens: Password,
        format: str,
        password: Password,
    ) -> None:
        self._request = request
        self._prompter = prompter
        self._given = source
        self._opens = opens
        self._format = format
        self._password = password
        self._said: set[str] = set()
        self._done: list[str] = []
        self._put: list[str] = []
        self._failed = 0

    def plan(self, target: Target, answers: Answers) -> Plan:
        """The plan; made anew after each question, see `cli.questions`."""
        from ...change.transfer import Transfer

        self._done, self._put, self._failed = [], [], 0
        self._answers = answers
        in_place = self._given is None
        source = target.store if self._given is None else self._given
        assert source is not None
        self._source = source
        format, password = self._format, self._password
        if target.store is not None and not in_place:
            format = target.store.format
        seals = self._request.password("destkeypass")
        if seals is not None and format == "PKCS12" and seals.text != password.text:
            self._say(
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
                    "the entry does not exist in the source",
                    alias=wanted,
                    path=self._source.path,
                )
            self._one(into, entry, self._request.get("destalias") or entry.alias, seals)
            return into.plan()
        for entry in self._source.entries:
            if not _visible(entry, self._source.format):
                alias = f"{entry.alias!r} " if entry.alias else ""
                self._say(f"{alias}is nothing keytool sees, and is left out", voice.warn)
                continue
            try:
                done = self._one(into, entry, entry.alias, seals)
            except (InputError, WriteRefused) as error:
                self._say(
                    f"Problem importing entry for alias {printable(entry.alias)}: "
                    f"{printable(error.message)}.\n"
                    f"Entry for alias {printable(entry.alias)} not imported."
                )
                done = False
                if not self._request.has("noprompt") and self._quits(entry.alias):
                    self._failed += 1
                    break
            self._failed += not done
        return into.plan()

    def _quits(self, alias: str) -> bool:
        question = "Do you want to quit the import process? [no]:  "
        return self._answers.to(f"quit {alias}", lambda: self._prompter.yes(question))

    def _say(self, text: str, say: Callable[[str], None] | None = None) -> None:
        """Say it, unless it was said when the plan was made before."""
        if text not in self._said:
            self._said.add(text)
            (say or _say)(text)

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

    def weak(self, done: settling.Done | None) -> Iterator[str]:
        """What there is to say of the certificates that came in, each entry's own alone."""
        store = None if done is None else done.plan.result
        if store is None:
            return
        trusted = listing.trusted_by(store)
        for alias in self._put:
            match store.find(alias):
                case TrustedCert(certificate=own) | PrivateKey(chain=(own, *_)):
                    yield from closing.of_certificate(f"<{printable(alias)}>", own, trusted)

    def _one(self, into: Transfer, entry: Entry, alias: str, seals: Password | None) -> bool:
        if into.has(alias):
            if self._request.has("noprompt"):
                self._say(
                    f"Warning: Overwriting existing alias {printable(alias)} in destination "
                    "keystore"
                )
            elif not self._answers.to(
                f"overwrite {alias}", lambda: self._prompter.overwrite(printable(alias))
            ):
                alias = self._answers.to(f"alias {entry.alias}", self._prompter.new_alias)
                if not alias:
                    self._say(f"Entry for alias {printable(entry.alias)} not imported.")
                    return False
        opens = self._opener(entry)
        into.put(entry, self._source.format, alias, opens=opens, seals=seals or opens)
        self._done.append(entry.alias)
        self._put.append(alias)
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
            alias = entry.alias
            typed = self._answers.to(f"key {alias}", lambda: self._prompter.key_password(alias))
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
