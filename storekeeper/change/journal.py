"""What this user has changed with storekeeper, and how to take it back.

One JSON file a change in ``$XDG_STATE_HOME/storekeeper/journal`` (default
``~/.local/state``), readable by its user alone. It names the file, its SHA-256 before and
after, and the backup that holds the old bytes; no content and no password. It is written
once the change has been made: whoever is killed in between finds the backup beside the file.
"""

from __future__ import annotations

import os
from hashlib import sha256

from ..errors import InputError, NoSuchEntry, StorekeeperError, UsageError, WriteRefused
from ..frozen import Frozen
from ..host.files import read_file
from ..model import Finding, replace
from ..times import iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .plan import Plan

__all__ = ["Record", "folder", "last", "named", "note", "records", "undo"]

KEPT = 500
"""How many changes are remembered; the oldest are forgotten first."""

_LARGEST = 1024 * 1024


class Record(Frozen):
    """One change.

    Attributes:
        id: its name: the moment and some random digits.
        at: seconds since 1970 UTC.
        path: the file that was written.
        summary: what was asked for.
        before, after: SHA-256 of the file, 64 hex digits; None where there was no file.
        backup: where the old bytes are, or None.
        undoes: the name of the change this one took back, or "".
        batch: the name of the change of a directory that this is a part of, or "".
        links_before, links_after: hash names that led to the file, and that do.
    """

    id: str
    at: int
    path: str
    summary: str
    before: str | None
    after: str | None
    backup: str | None = None
    undoes: str = ""
    batch: str = ""
    links_before: tuple[str, ...] = ()
    links_after: tuple[str, ...] = ()


def folder(environ: Mapping[str, str] | None = None) -> str:
    """The directory of the journal; it need not exist yet."""
    values = os.environ if environ is None else environ
    state = values.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):  # as the XDG base directory specification has it
        state = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "storekeeper", "journal")


def backup_folder() -> str | None:
    """Where old files go that must not stay beside the new ones; None when it can't be made."""
    place = os.path.join(os.path.dirname(folder()), "backups")
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
    except OSError:
        return None
    return place


def new_id() -> str:
    """A name for a change made now: in the order of time, and no other process's."""
    import time

    now = time.time_ns()
    stamp = iso(now // 1_000_000_000).replace("-", "").replace(":", "").removesuffix("Z")
    return f"{stamp}.{now // 1000 % 1_000_000:06d}Z-{os.urandom(2).hex()}"


def note(
    plan: Plan,
    after: str | None,
    backup: str | None,
    summary: str = "",
    undoes: str = "",
    batch: str = "",
) -> tuple[str | None, Finding | None]:
    """Write down a change that has just been made: its name, or why it is not there.

    The file has its new bytes by now, so a journal that can't be written is a finding.
    """
    import json
    import time

    name, target, links = new_id(), plan.target, plan.links
    record = Record(
        name,
        int(time.time()),
        target.real,
        summary,
        target.sha256,
        after,
        backup,
        undoes,
        batch,
        links.before if links else (),
        links.after if links else (),
    )
    fields = {field: getattr(record, field) for field in Record._fields}
    text = json.dumps({"schema": "storekeeper.journal/1", **fields}, indent=1) + "\n"
    place = folder()
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
        path = os.path.join(place, f"{name}.json")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        _forget(place)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", "") or str(problem)
        return None, Finding(
            "no-journal",
            "warning",
            "",
            f"the change was made, and could not be written down in {place}: {reason.lower()}",
            f"the old file is {backup}" if backup else "set XDG_STATE_HOME to a writable directory",
        )
    return name, None


def records(environ: Mapping[str, str] | None = None) -> list[Record]:
    """Every change that is remembered, oldest first; files that are no records are passed over."""
    place = folder(environ)
    try:
        names = sorted(name for name in os.listdir(place) if name.endswith(".json"))
    except OSError:
        return []
    found = (_read(os.path.join(place, name)) for name in names)
    return [record for record in found if record is not None]


def last(path: str | None = None, environ: Mapping[str, str] | None = None) -> Record:
    """The newest change that has been neither taken back nor is itself a taking back.

    Args:
        path: only changes of this real file or directory.
        environ: in place of the process's environment.

    Raises:
        NoSuchEntry: there is none.
    """
    known = records(environ)
    undone = {record.undoes for record in known if record.undoes}
    for record in reversed(known):
        if record.undoes or record.id in undone or (path and path not in _about(record)):
            continue
        if record.before != record.after or record.links_before != record.links_after:
            return record
    raise NoSuchEntry(
        f"there is no change of {path} to undo" if path else "there is no change to undo",
        hint="storekeeper undo --list shows what is remembered",
    )


def named(id: str, environ: Mapping[str, str] | None = None) -> Record:
    """The change of that name, or of the only name that begins so.

    Raises:
        NoSuchEntry: there is none.
        UsageError: there are several.
    """
    known = records(environ)
    found = [record for record in known if record.id.startswith(id)]
    # A change of a directory goes by one name, whichever of its files one looks at.
    batches = {record.batch: record for record in known if id and record.batch.startswith(id)}
    found += batches.values()
    exact = [record for record in found if id in (record.id, record.batch)]
    if len(exact or found) != 1:
        hint = "storekeeper undo --list shows what is remembered"
        if not found:
            raise NoSuchEntry(f"there is no change {id!r}", hint=hint)
        raise UsageError(f"{len(found)} changes begin with {id!r}", hint=hint)
    return (exact or found)[0]


def undo(record: Record, environ: Mapping[str, str] | None = None) -> Plan:
    """The plan that gives a file its old bytes back, exactly; of a directory, all its files.

    Raises:
        WriteRefused, Unreadable: as `undo_one`.
    """
    from .plan import Plan
    from .target import Target

    if not record.batch:
        return undo_one(record)
    known = records(environ)
    undone = {one.undoes for one in known}
    batch = [one for one in known if one.batch == record.batch and one.id not in undone]
    parts = [undo_one(one) for one in reversed(batch)]
    place = os.path.dirname(record.path)
    changes = tuple(change for part in parts for change in part.changes)
    target = Target(place, place, (place,))
    return Plan(target, None, changes, parts=tuple(p for p in parts if p.changes))


def undo_one(record: Record) -> Plan:
    """The plan that gives one file its old bytes back, exactly.

    Raises:
        WriteRefused: the file has changed since, or its backup is gone or was changed.
        Unreadable: the file or its backup can't be read.
    """
    from .changes import Restore
    from .plan import Links, Plan
    from .target import Target

    path = record.path
    data = read_file(path) if os.path.lexists(path) else None
    digest = None if data is None else sha256(data).hexdigest()
    links = None
    if record.links_before or record.links_after:
        links = Links(record.links_after, record.links_before)
    if digest == record.before and (links is None or record.before != record.after):
        state = Target(path, path, (path,), sha256=digest)
        return Plan(state, None)
    if digest != record.after:
        raise WriteRefused(
            f"the file has changed since {record.id}: expected SHA-256 {record.after}, found "
            f"{digest or 'no file'}",
            hint="undo the later change first"
            + (f", or copy {record.backup} yourself" if record.backup else ""),
            path=path,
        )
    target = Target(path, path, (path,), sha256=digest)
    if record.before is None:
        return Plan(target, None, (Restore(record.id, None),), links=links)
    content = data if record.before == digest else _backup(record)
    change = Restore(record.id, record.before)
    public = digest is None and record.backup is not None and _is_public(record.backup)
    return Plan(target, None, (change,), content=content, links=links, public=public)


def _backup(record: Record) -> bytes:
    if record.backup is None:
        raise WriteRefused(
            "no backup was made of the old file, so it can't be restored", path=record.path
        )
    try:
        content = read_file(record.backup)
    except InputError as error:
        if os.path.lexists(record.backup):
            raise WriteRefused(f"it is a backup and {error.message}", path=record.backup) from None
        raise WriteRefused(
            f"its content before {record.id} is gone: the backup {record.backup} is no longer "
            "there, as a later change keeps only the newest",
            hint="--backups N, or STOREKEEPER_BACKUPS, lets later changes keep more",
            path=record.path,
        ) from None
    found = sha256(content).hexdigest()
    if found != record.before:
        raise WriteRefused(
            f"the backup was changed: expected SHA-256 {record.before}, found {found}",
            path=record.backup,
        )
    return content


def _read(path: str) -> Record | None:
    import json

    from ..model import LIMITS

    try:
        values = json.loads(read_file(path, replace(LIMITS, file_size=_LARGEST)))
        named = {field: values[field] for field in Record._fields if field in values}
        for field in ("links_before", "links_after"):
            named[field] = tuple(named.get(field, ()))
        record = Record(**named)
    except (StorekeeperError, ValueError, AttributeError, TypeError, RecursionError):
        return None
    links = (*record.links_before, *record.links_after)
    texts = (record.id, record.path, record.summary, record.undoes, record.batch, *links)
    maybe = (record.before, record.after, record.backup)
    if not all(isinstance(text, str) for text in texts) or not isinstance(record.at, int):
        return None
    if not all(text is None or isinstance(text, str) for text in maybe):
        return None
    return record


def _is_public(path: str) -> bool:
    """Whether a backup, which has the mode of its file, may be read by everybody."""
    try:
        return bool(os.stat(path).st_mode & 0o004)
    except OSError:
        return False


def _about(record: Record) -> tuple[str, ...]:
    return (record.path, os.path.dirname(record.path)) if record.batch else (record.path,)


def _forget(place: str) -> None:
    from contextlib import suppress

    names = sorted(name for name in os.listdir(place) if name.endswith(".json"))
    for name in names[:-KEPT]:
        with suppress(FileNotFoundError):  # another storekeeper was quicker
            os.unlink(os.path.join(place, name))
