"""A plan: what a file will hold, worked out before anything is touched.

Whoever makes one (a command, the wizard, a profile) says only which entries there are to
be. The changes are then read off by comparing that with what the file holds now, so
the same wish gives the same plan, and a wish already fulfilled gives an empty one.
"""

from __future__ import annotations

from ..errors import WriteRefused
from ..frozen import Frozen
from ..model import (
    Certificate,
    Entry,
    Finding,
    Opaque,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from ..x509 import passing_facts
from .changes import (
    Add,
    Redate,
    Reformat,
    Remove,
    Rename,
    Reorder,
    Repassword,
    Replace,
    Step,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import ClassVar

    from ..formats.encryption import Encryption
    from .changes import Change
    from .target import Target

__all__ = ["Links", "Plan", "now", "plan_of", "subject_of"]


class Links(Frozen):
    """OpenSSL's hash names that lead to a file of a directory, before a change and after."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Plan(Frozen):
    """What is to be done to one file.

    Attributes:
        target: the file; its ``sha256`` is that of the bytes the plan was made from.
        result: the store as it will be; None when the file is to go.
        changes: in the order of the result, removals last. Empty: nothing to do.
        steps: what became of each thing asked for.
        findings: warnings about what is done.
        password: what the result is written with.
        encryption: the parameter set of a PKCS12 written anew; None keeps the file's own.
        content: the bytes to write, where they are known already (undo); None: encoded
            from ``result``.
        links: symbolic links that come and go with the file.
        public: a new file may be read by everybody, though nothing is known of its content.
        parts: of a directory, the plan of each of its files; they say what ``content`` is.
    """

    target: Target
    result: Store | None
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    password: Password | None = None
    encryption: Encryption | None = None
    content: bytes | None = None
    links: Links | None = None
    public: bool = False
    parts: tuple[Plan, ...] = ()

    _hidden: ClassVar[frozenset[str]] = frozenset({"content"})

    @property
    def unchanged(self) -> bool:
        """Whether the file already is as wished."""
        return not self.changes

    @property
    def private(self) -> bool:
        """Whether the result holds keys, so that a new file is for its owner alone."""
        if self.result is None:
            return not self.public
        return any(isinstance(entry, PrivateKey | SecretKey) for entry in self.result.entries)


def plan_of(
    target: Target,
    result: Store,
    *,
    password: Password | None = None,
    encryption: Encryption | None = None,
    repassword: bool = False,
    resealed: Iterable[str] = (),
    steps: Iterable[Step] = (),
    findings: Iterable[Finding] = (),
    now_ms: int | None = None,
) -> Plan:
    """The plan that makes a target hold ``result``.

    Args:
        target: what there is.
        result: what there is to be. Its entries are those of the target where they stay.
        password: what to write it with; that of the target when None.
        encryption: see `Plan`; a change of it alone is a change.
        repassword: the store's password is another one.
        resealed: aliases of keys that are the same under another password.
        steps: what became of each thing asked for.
        findings: warnings about what is done.
        now_ms: date of entries that have none, in a format that needs one.

    Raises:
        WriteRefused: two entries would stand under one alias, as Java compares them.
    """
    before = target.store
    if before is not None and before.format == "directory":
        from .folder import plan_folder

        found = _changes(before, result, frozenset(resealed), follow=False)
        return plan_folder(target, result, found, steps=steps, findings=findings)
    result = replace(result, entries=_dated(result, now_ms))
    changes: list[Change] = []
    if before is None or before.format != result.format:
        changes.append(Reformat(before.format if before else "", _phrase(result, encryption)))
    elif encryption is not None and not _encrypted_as(before, encryption):
        changes.append(Reformat(before.format, _phrase(result, encryption)))
    if repassword:
        changes.append(Repassword())
    # Keys that follow a change of encryption are part of it.
    follow = bool(changes) and not repassword
    changes += _changes(before, result, frozenset(resealed), follow=follow)
    _refuse_collisions(result, changes)
    if before is not None and target.manager is not None and changes:
        findings = (*findings, _managed(target, changes))
    findings = (*findings, *_in_clear(target, changes))
    return Plan(
        target,
        result,
        tuple(changes),
        tuple(steps),
        tuple(findings),
        password if password is not None else target.password,
        encryption,
    )


# --- reading changes off -----------------------------------------------------------------


def _changes(
    before: Store | None, result: Store, resealed: frozenset[str], *, follow: bool
) -> list[Change]:
    old_entries = before.entries if before else ()
    converted = before is not None and before.format != result.format
    kept = {id(entry) for entry in result.entries}
    left = [entry for entry in old_entries if id(entry) not in kept]
    there = {id(entry) for entry in old_entries}
    by_alias: dict[str, list[Entry]] = {}
    for entry in left:
        by_alias.setdefault(entry.alias, []).append(entry)
    pairs: list[tuple[Entry, Entry]] = []
    new: list[Entry] = []
    for entry in result.entries:
        if id(entry) in there:
            continue
        same_name = by_alias.get(entry.alias)
        if same_name:
            pairs.append((same_name.pop(0), entry))
        else:
            new.append(entry)
    paired = {id(old) for old, _ in pairs}
    gone = [entry for entry in left if id(entry) not in paired]
    by_content: dict[object, list[Entry]] = {}
    for entry in gone:
        by_content.setdefault(_content(entry), []).append(entry)
    changes: list[Change] = []
    for old, now in pairs:
        again = now.alias in resealed
        changes += _difference(old, now, converted, again, quiet=again and follow)
    renamed = set()
    for entry in new:
        candidates = by_content.get(_content(entry))
        if candidates:
            old = candidates.pop(0)
            renamed.add(id(old))
            changes.append(Rename(old, entry))
        else:
            changes.append(Add(entry))
    changes += [Remove(entry) for entry in gone if id(entry) not in renamed]
    if not changes:
        # Nothing came and nothing went, so each entry is one of before, or in its stead.
        stead = {id(now): id(old) for old, now in pairs}
        order = [stead.get(id(entry), id(entry)) for entry in result.entries]
        changes += [] if order == [id(entry) for entry in old_entries] else [Reorder()]
    return changes


def _difference(
    old: Entry, new: Entry, converted: bool, resealed: bool, *, quiet: bool
) -> list[Change]:
    """What is different about two entries of one alias."""
    if isinstance(old, PrivateKey) and isinstance(new, PrivateKey):
        if old.chain != new.chain:
            return [Replace(old, new)]
        if old.sealed != new.sealed and not converted and not quiet:
            return [Repassword(new.alias) if resealed else Replace(old, new)]
    elif isinstance(old, SecretKey) and isinstance(new, SecretKey):
        if old.sealed != new.sealed and not converted and not quiet:
            return [Repassword(new.alias) if resealed else Replace(old, new)]
    elif _content(old) != _content(new):
        return [Replace(old, new)]
    if isinstance(old, TrustedCert) and isinstance(new, TrustedCert):
        was, will = old.attributes, new.attributes
        if was != will and not converted and was is not None:
            return [Replace(old, new)]
    if new.created_ms is not None and old.created_ms != new.created_ms:
        return [] if converted and old.created_ms is None else [Redate(old, new)]
    return []


def _content(entry: Entry) -> object:
    """What an entry is, whatever it is called and whenever it came."""
    match entry:
        case TrustedCert():
            return "trusted", entry.certificate
        case PrivateKey():
            return "private", entry.chain, entry.sealed
        case SecretKey():
            return "secret", entry.sealed
        case Opaque():
            return "opaque", entry.what, entry.data


def _dated(result: Store, now_ms: int | None) -> tuple[Entry, ...]:
    """Entries with a date where the format has a place for one, and none where it has not."""
    keeps = {"JKS": True, "JCEKS": True}.get(result.format, False)
    dated: list[Entry] = []
    for entry in result.entries:
        if keeps or (result.format == "PKCS12" and isinstance(entry, PrivateKey | SecretKey)):
            if entry.created_ms is None and (keeps or entry.origin is None):
                if now_ms is None:
                    now_ms = now()
                entry = replace(entry, created_ms=now_ms)
        elif entry.created_ms is not None:
            entry = replace(entry, created_ms=None)
        dated.append(entry)
    return tuple(dated)


def now() -> int:
    """The date of a new entry, milliseconds since 1970: ``SOURCE_DATE_EPOCH``, or the time now.

    Raises:
        UsageError: the variable is no number of seconds.
    """
    import os
    import time

    from ..errors import UsageError

    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return time.time_ns() // 1_000_000
    try:
        return int(epoch) * 1000
    except ValueError:
        raise UsageError(
            f"SOURCE_DATE_EPOCH: expected seconds since 1970, found {epoch!r}"
        ) from None


def _refuse_collisions(result: Store, changes: Sequence[Change]) -> None:
    """Refuse to make a second entry of one alias. What the file already had may stay."""
    brought = {
        change.new.alias.lower() if isinstance(change, Rename) else change.entry.alias.lower()
        for change in changes
        if isinstance(change, Add | Rename)
    }
    if not brought or result.format in ("DER", "PKCS7"):
        return
    seen: set[str] = set()
    for entry in result.entries:
        folded = entry.alias.lower()
        if folded in seen and folded in brought:
            raise WriteRefused(
                "two entries would have this alias, and Java finds one of them only",
                alias=entry.alias,
                hint="choose another alias, or replace the entry that has it",
            )
        seen.add(folded)


def _phrase(result: Store, encryption: Encryption | None) -> str:
    return f"{result.format} {encryption.name}" if encryption else result.format


def _encrypted_as(store: Store, encryption: Encryption) -> bool:
    """Whether a PKCS12 is encrypted as that set says, throughout."""
    if store.format != "PKCS12":
        return True  # the other formats have one way each
    from ..formats.reseal import encrypted_as

    return encrypted_as(store, encryption)


def _in_clear(target: Target, changes: Sequence[Change]) -> list[Finding]:
    """That keys which come in will lie there unencrypted."""
    keys = [
        change.alias
        for change in changes
        if isinstance(change, Add | Replace)
        for entry in [change.entry if isinstance(change, Add) else change.new]
        if isinstance(entry, PrivateKey | SecretKey) and entry.sealed.scheme == "none"
    ]
    message = f"the key lies in {target.path} unencrypted: who can read the file has it"
    return [
        Finding("key-in-clear", "warning", alias, message, "a password would encrypt it")
        for alias in keys
    ]


def _managed(target: Target, changes: Sequence[Change]) -> Finding:
    manager = target.manager
    assert manager is not None
    hint = manager.hint
    if manager.exclusion and all(isinstance(change, Remove) for change in changes):
        hint = f"to keep it out: {manager.exclusion}"
    elif manager.anchors:
        hint = f"to keep it: {manager.keeping('FILE')}"
    return Finding(
        "managed-file",
        "warning",
        "",
        f"{target.real} is rewritten by {manager.name}, {manager.occasion}: what is "
        "changed here is gone then",
        hint,
    )


def subject_of(certificate: Certificate) -> str:
    """A certificate's subject in RFC 4514, or what there is to say instead."""
    facts = passing_facts(certificate)
    return facts.subject.rfc4514() if facts else "(unreadable certificate)"
