"""A directory of certificate files as the target of a change: one plan a file.

A CA bundle's source directory (``/usr/local/share/ca-certificates``), a product's folder of
trusted certificates, a directory that OpenSSL looks up by hash: each new certificate becomes
a PEM file of its own, named after its alias. Files that are there are rewritten only to take
a certificate out of them.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256

from .. import formats
from ..errors import StorekeeperError, UsageError, WriteRefused
from ..formats.armor import armour
from ..formats.directory import is_hash_name
from ..frozen import Frozen, replace
from ..host.files import read_directory
from ..model import Certificate, Finding, Opaque, Store, TrustedCert
from .aliases import Aliases
from .changes import Add, Link, Remove, Replace
from .filenames import Filenames
from .plan import Links, Plan
from .target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..host.managers import Manager
    from ..model import Limits
    from .changes import Change, Step

__all__ = ["FileNames", "Listing", "new_folder", "plan_folder", "read_folder"]

# What a killed run leaves; removing a certificate takes it along, otherwise it counts nothing.
_LEFT = r"\..*\.[0-9a-f]{16}\.tmp"
_SUFFIXES = (".pem", ".crt", ".cer", ".cert")


class Listing(Frozen):
    """What lies in a directory.

    Attributes:
        names: of its files, whatever is in them.
        links: (hash name, name of the file it leads to), as ``openssl rehash`` makes them.
        suffix: what the name of a new file ends in.
        hashed: OpenSSL is to find by its hash what is wanted in it, so that gets its links, and
            what is in bundles or in DER is as good as not there. Of others nobody knows whether
            they are to be trusted; they stay as they are.
    """

    names: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()
    suffix: str = ".pem"
    hashed: bool = False


def read_folder(
    path: str, manager: Manager | None, limits: Limits, *, hashed: bool = False
) -> Store:
    """The certificates in a directory; its layout is a `Listing`. It may be empty.

    Raises:
        Unreadable, LimitExceeded: as `read_directory`.
    """
    from ..formats import directory

    files = [file for file in read_directory(path, limits) if not re.fullmatch(_LEFT, file[0])]
    names = tuple(name for name, _ in files)
    links = tuple((name, to) for name in names if is_hash_name(name) and (to := _leads(path, name)))
    seen = [file for file in files if not hashed or _findable(*file)]
    store = directory.read(seen, limits=limits, path=path)
    wanted = manager.pattern.removeprefix("*") if manager else ""
    listing = Listing(names, links, wanted or _usual_suffix(store, set(names)), hashed)
    return replace(store, layout=listing)


def plan_folder(
    target: Target,
    result: Store,
    changes: Sequence[Change],
    *,
    steps: Iterable[Step] = (),
    findings: Iterable[Finding] = (),
) -> Plan:
    """The plan that makes a directory hold ``result``.

    Args:
        target: of a directory; its store is one of `read_folder`.
        result: what there is to be; a new entry's alias is the name of its file.
        changes: from one to the other.
        steps: what became of each thing asked for.
        findings: warnings about what is done.

    Raises:
        WriteRefused: a file that would have to change is no plain file of certificates.
        UsageError: a change that a directory does not know.
    """
    assert target.store is not None
    steps = tuple(steps)
    folder = _Folder(target)
    for change in changes:
        match change:
            case Add(entry=TrustedCert() as entry):
                folder.add(entry)
            case Replace(old=TrustedCert() as old, new=TrustedCert() as new):
                folder.remove(old.certificate, new)
            case Remove(entry=TrustedCert() as entry):
                folder.remove(entry.certificate)
            case _:
                raise UsageError(
                    "of a directory, certificates can be added and removed, and no more",
                    hint="its files can be renamed and copied as they are",
                    path=target.path,
                )
    there = {s.sha256 for s in steps if s.state in ("unchanged", "present")}
    for known in target.store.entries:
        if isinstance(known, TrustedCert) and known.certificate.sha256 in there:
            folder.complete(known)
    folder.close_gaps()
    parts = tuple(folder.parts)
    findings = (*findings, *folder.findings)
    if parts and target.manager is not None and target.manager.command:
        findings = (*findings, _run_next(target.manager))
    every = tuple(change for part in parts for change in part.changes)
    return Plan(target, result, every, steps, tuple(findings), parts=parts)


def new_folder(*, hashed: bool = False) -> Store:
    """What `read_folder` would read of a directory that is yet to be made."""
    return Store("directory", (), layout=Listing((), hashed=hashed))


class FileNames(Aliases):
    """Names of files in place of aliases."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.entries, store.format)
        assert isinstance(store.layout, Listing)
        self._suffix = store.layout.suffix
        for name in store.layout.names:
            # A bundle, a key, a note: there, and not to be written over.
            self._taken.setdefault(name.lower(), Opaque(name, "file of other content", b""))

    def legal(self, alias: str) -> str:
        """The name of a file for an alias."""
        return Filenames().claim(alias, self._suffix)

    def free(self, alias: str) -> str:
        """The name, or with ``-1``, ``-2`` … before its suffix the first that is free."""
        stem, number, name = alias.removesuffix(self._suffix), 0, alias
        while name.lower() in self._taken or name.lower() in self._given:
            number = self._next.get(stem, 0) + 1
            self._next[stem] = number
            name = f"{stem}-{number}{self._suffix}"
        return self.give(name)


class _Folder:
    """The files as they are to be."""

    def __init__(self, target: Target) -> None:
        assert target.store is not None
        listing = target.store.layout
        assert isinstance(listing, Listing)
        self.path = target.real
        self.links = listing.links
        self.hashed = listing.hashed or bool(listing.links)
        self.taken = set(listing.names)
        counts = [to for _, to in listing.links]
        # `openssl rehash -compat` makes a second link, of the hash used before OpenSSL 1.0.
        self.compat = len(counts) > len(set(counts))
        self.parts: list[Plan] = []
        self.findings: list[Finding] = []
        self._files: list[tuple[str, bytes, Store]] | None = None

    def add(self, entry: TrustedCert) -> None:
        """A file of its own for a certificate."""
        made = self._hash_names(entry.certificate)
        links = Links((), made) if made else None
        self._file(entry.alias, None, _pem(entry.certificate), (Add(entry),), links)

    def complete(self, entry: TrustedCert) -> None:
        """The hash link that a certificate's file lacks, where the others have theirs."""
        name = entry.alias
        mine = tuple(link for link, to in self.links if to == name)
        if mine or not self.hashed or name not in self.taken or is_hash_name(name):
            return
        made = self._hash_names(entry.certificate)
        if any(not link.endswith(".0") for link in made):
            return  # another file under the hash's name, perhaps a copy of this very one
        if made and (known := self._known(name)) is not None:
            changes = tuple(Link(name, link) for link in made)
            self._file(name, known, known, changes, Links((), made))

    def remove(self, certificate: Certificate, new: TrustedCert | None = None) -> None:
        """Take a certificate out of every file that has it, and put another in its place."""
        for name, content, store in self._read():
            kept = tuple(e for e in store.entries if not _is(e, certificate))
            if len(kept) == len(store.entries):
                continue
            path = os.path.join(self.path, name)
            if os.path.islink(path):
                raise WriteRefused(
                    f"a symbolic link to {os.readlink(path)}, a file that others may use",
                    hint="change the file it leads to, or remove the link",
                    path=path,
                )
            mine = tuple(link for link, to in self.links if to == name)
            change: Change = Replace(_entry(name, certificate), new) if new else Remove(
                _entry(name, certificate)
            )  # fmt: skip
            if kept:
                if new or store.format != "PEM":
                    raise WriteRefused(
                        f"the file holds {len(kept)} more, and is no PEM bundle to be rewritten"
                        if not new
                        else "the certificate is one of several in its file",
                        hint="change that file itself: it can be the STORE of a command",
                        path=path,
                    )
                # Hash names lead to files of one certificate.
                text = formats.write(replace(store, entries=kept))
                self._file(name, content, text, (change,), None)
            elif new:
                self.taken.difference_update(mine)
                made = self._hash_names(new.certificate) if mine else ()
                links = Links(mine, made) if mine else None
                self._file(name, content, _pem(new.certificate), (change,), links)
            else:
                self._file(name, content, None, (change,), Links(mine, ()) if mine else None)

    def close_gaps(self) -> None:
        """OpenSSL looks for NAME.0, NAME.1 and so on, and stops at the first that is missing."""
        numbers: dict[str, set[int]] = {}
        where: dict[str, str] = dict(self.links)
        for part in self.parts:
            if part.links is not None:
                for link in part.links.before:
                    where.pop(link, None)
        lost = {link for part in self.parts if part.links for link in part.links.before}
        present = (self.taken - lost) | {
            link for part in self.parts if part.links for link in part.links.after
        }
        for name in filter(is_hash_name, present):
            word, _, number = name.partition(".")
            numbers.setdefault(word, set()).add(int(number))
        for word in {link.partition(".")[0] for link in lost}:
            left = numbers.get(word, set())
            gap = next(n for n in range(len(left) + 1) if n not in left)
            last = f"{word}.{max(left, default=-1)}"
            if gap < max(left, default=-1) and last in where:
                name = where[last]
                known = self._known(name)
                if known is not None:
                    moved = Links((last,), (f"{word}.{gap}",))
                    self._file(name, known, known, (Link(name, f"{word}.{gap}"),), moved)

    def _file(
        self,
        name: str,
        old: bytes | None,
        new: bytes | None,
        changes: tuple[Change, ...],
        links: Links | None,
    ) -> None:
        path = os.path.join(self.path, name)
        digest = None if old is None else sha256(old).hexdigest()
        of_file = Target(path, path, (path,), sha256=digest)
        result = None if new is None else Store("PEM")
        self.parts.append(Plan(of_file, result, changes, content=new, links=links))

    def _known(self, name: str) -> bytes | None:
        return next((content for one, content, _ in self._read() if one == name), None)

    def _read(self) -> list[tuple[str, bytes, Store]]:
        """The files that hold certificates, their names as made by people."""
        if self._files is None:
            self._files = []
            for name, content in read_directory(self.path):
                if is_hash_name(name) or isinstance(content, StorekeeperError):
                    continue
                try:
                    if formats.sniff(content) in ("PEM", "DER", "PKCS7"):
                        self._files.append((name, content, formats.read(content)))
                except StorekeeperError:
                    continue
        return self._files

    def _hash_names(self, certificate: Certificate) -> tuple[str, ...]:
        """The names OpenSSL looks the certificate up by, where the directory has such names."""
        if not self.hashed:
            return ()
        from ..x509 import passing_facts
        from .subject_hash import subject_hash, subject_hash_old

        facts = passing_facts(certificate)
        word = subject_hash(facts.subject) if facts else None
        if facts is None or word is None:
            return ()
        words = [word, subject_hash_old(facts.subject)] if self.compat else [word]
        made = []
        for word in dict.fromkeys(words):
            number = 0
            while f"{word}.{number}" in self.taken:
                number += 1
            made.append(f"{word}.{number}")
        self.taken.update(made)
        return tuple(made)


def _is(entry: object, certificate: Certificate) -> bool:
    return isinstance(entry, TrustedCert) and entry.certificate == certificate


def _entry(name: str, certificate: Certificate) -> TrustedCert:
    return TrustedCert(name, certificate)


def _pem(certificate: Certificate) -> bytes:
    return armour("CERTIFICATE", certificate.der)


def _findable(name: str, content: bytes | StorekeeperError) -> bool:
    """Whether OpenSSL finds a file's certificate by hash, or will with a link: PEM, one block.

    A name that is a hash has to be the right one: that before OpenSSL 1.0 was another.
    """
    if isinstance(content, StorekeeperError) or content.count(b"-----BEGIN ") != 1:
        return False
    if not is_hash_name(name):
        return True
    from ..x509 import passing_facts
    from .subject_hash import subject_hash

    try:
        first = next(formats.read(content).certificates(), None)
    except StorekeeperError:
        return False
    facts = passing_facts(first) if first is not None else None
    return facts is not None and name.startswith(f"{subject_hash(facts.subject)}.")


def _leads(path: str, name: str) -> str:
    """The file of this directory that a symbolic link leads to, or ""."""
    try:
        to = os.readlink(os.path.join(path, name))
    except OSError:
        return ""
    to = to.removeprefix("./")
    return "" if "/" in to else to


def _usual_suffix(store: Store, names: set[str]) -> str:
    """What most files of one certificate end in here."""
    counts = dict.fromkeys(_SUFFIXES, 0)
    for entry in store.entries:
        suffix = os.path.splitext(entry.alias)[1].lower()
        if entry.alias in names and suffix in counts:
            counts[suffix] += 1
    return max(counts, key=lambda suffix: counts[suffix])


def _run_next(manager: Manager) -> Finding:
    return Finding(
        "run-next",
        "info",
        "",
        f"the stores made from this directory change when {manager.command} runs",
        f"run {manager.command}",
    )
