"""What is to be changed, and what was: as text and as JSON (docs/json.md)."""

from __future__ import annotations

from ..change.changes import (
    Add,
    Link,
    Redate,
    Reformat,
    Remove,
    Rename,
    Reorder,
    Repassword,
    Replace,
    Restore,
    Step,
)
from ..model import Opaque, PrivateKey, SecretKey, TrustedCert, kind
from ..names import printable
from ..times import iso, iso_date
from ..x509 import Facts
from .values import finding_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..change.apply import Applied
    from ..change.changes import Change
    from ..change.plan import Plan
    from ..model import Entry

__all__ = [
    "change_line",
    "json",
    "lines",
    "outcome",
    "sha256_of",
    "step_line",
    "subject_of",
    "summary",
]

_MARKS = {
    "added": "+",
    "replaced": "~",
    "renamed": "~",
    "removed": "-",
    "unchanged": "=",
    "present": "=",
    "conflict": "!",
    "left-out": ".",
    "skipped": "!",
    "refused": "!",
}


def lines(plan: Plan) -> Iterator[str]:
    """The plan as a person reads it: each thing asked for, and each change beyond that."""
    told = set()
    words = {one.alias: _key_word(one) for one in plan.changes if one.alias is not None}
    for step in plan.steps:
        yield step_line(step, words.get(step.alias, ""))
        told.add(step.alias)
    rest = [one for one in plan.changes if one.alias is None or one.alias not in told]
    for change in sorted(rest, key=_is_new_store):
        yield change_line(change)


def step_line(step: Step, what: str = "") -> str:
    """``+ corp-root  CN=Corp Root,O=Example  AC:B1:...`` and why.

    Args:
        step: what became of something.
        what: of an entry that is no certificate: "private key".
    """
    parts = [f"{_MARKS[step.state]} {step.state:9}"]
    parts.append(printable(step.alias or "-"))
    if what and what != step.subject:
        parts.append(what)
    if step.subject:
        parts.append(printable(step.subject))
    if step.sha256:
        parts.append(_short(step.sha256))
    line = "  ".join(parts)
    return f"{line}  ({printable(step.message)})" if step.message else line


def _key_word(change: Change) -> str:
    match change:
        case Add(entry=PrivateKey()) | Remove(entry=PrivateKey()) | Replace(new=PrivateKey()):
            return "private key"
        case Rename(new=PrivateKey()):
            return "private key"
    return ""


def change_line(change: Change) -> str:
    """One change in a line."""
    match change:
        case Add(entry=entry):
            return f"+ added      {_entry(entry)}"
        case Remove(entry=entry):
            return f"- removed    {_entry(entry)}"
        case Replace(new=new):
            return f"~ replaced   {_entry(new)}"
        case Rename(old=old, new=new):
            return f"~ renamed    {printable(old.alias)} -> {printable(new.alias)}"
        case Redate(old=old, new=new):
            return f"~ re-dated   {printable(new.alias)}: {_date(old)} -> {_date(new)}"
        case Repassword(alias=None):
            return "~ password   of the store"
        case Repassword(alias=str() as alias):
            return f"~ password   of the key {printable(alias)}"
        case Reformat(old="", new=new):
            return f"+ new store  {new}"
        case Reformat(old=old, new=new):
            return f"~ format     {old} -> {new}"
        case Reorder():
            return "~ order      of the entries"
        case Link(alias=alias, name=name):
            return f"+ link       {name} -> {printable(alias)}"
        case Restore(id=id, sha256=None):
            return f"- removed    the file made by {id}"
        case Restore(id=id):
            return f"~ restored   as before {id}"
    raise TypeError(type(change).__name__)  # pragma: no cover


def summary(plan: Plan) -> str:
    """``1 added, 2 unchanged``: how many of each."""
    counts: dict[str, int] = {}
    for step in plan.steps:
        counts[step.state] = counts.get(step.state, 0) + 1
    told = {step.alias for step in plan.steps}
    for change in plan.changes:
        if _is_new_store(change):
            continue  # told by its line
        if change.alias is None or change.alias not in told:
            gone = isinstance(change, Restore) and change.sha256 is None
            word = "removed" if gone else _WORDS[type(change)]
            counts[word] = counts.get(word, 0) + 1
    if not counts:
        return "unchanged"
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _is_new_store(change: Change) -> bool:
    return isinstance(change, Reformat) and not change.old


def outcome(plan: Plan, applied: Applied | None) -> str:
    """The last line: what was written where, or would be.

    Args:
        plan: what was planned.
        applied: what was done; None when nothing should be.
    """
    path = plan.target.real
    if plan.unchanged:
        return f"{path}: unchanged ({summary(plan)})" if plan.steps else f"{path}: unchanged"
    if applied is None:
        return f"{path}: nothing written; planned: {summary(plan)}"
    gone = applied.sha256 is None and not plan.parts
    text = f"{path}: removed" if gone else f"{path}: written ({summary(plan)})"
    if applied.backup:
        text += f"; backup {applied.backup}"
    if applied.backup is None and plan.target.sha256 is not None and not plan.parts:
        text += "; no backup was made, so there is no undo"
    elif applied.id:
        text += f"; undo with: storekeeper undo {applied.id}"
    return text


def json(plan: Plan, applied: Applied | None) -> dict[str, Any]:
    """``storekeeper.change/1``."""
    result = plan.result
    findings = (*plan.findings, *(applied.findings if applied else ()))
    return {
        "schema": "storekeeper.change/1",
        "path": plan.target.path,
        "real_path": plan.target.real,
        "format": result and result.format,
        "entries": None if result is None else len(result.entries),
        "changed": not plan.unchanged,
        "written": bool(applied and applied.changed),
        "base_sha256": plan.target.sha256,
        "sha256": applied and applied.sha256,
        "backup": applied and applied.backup,
        "id": applied and applied.id,
        "changes": [_change_json(change) for change in plan.changes],
        "steps": [
            {
                "state": step.state,
                "alias": step.alias or None,
                "subject": step.subject or None,
                "sha256": step.sha256 or None,
                "message": step.message or None,
                "source": step.source or None,
            }
            for step in plan.steps
        ],
        "findings": [finding_json(finding) for finding in findings],
    }


_WORDS: dict[type, str] = {
    Add: "added",
    Remove: "removed",
    Replace: "replaced",
    Rename: "renamed",
    Redate: "re-dated",
    Repassword: "password changed",
    Reformat: "format changed",
    Reorder: "re-ordered",
    Restore: "restored",
    Link: "linked",
}


def _change_json(change: Change) -> dict[str, Any]:
    values: dict[str, Any] = {"change": _WORDS[type(change)].split()[0], "alias": change.alias}
    match change:
        case Add(entry=entry) | Remove(entry=entry):
            values |= _entry_json(entry)
        case Replace(old=old, new=new):
            values |= _entry_json(new) | {"old_sha256": sha256_of(old)}
        case Rename(old=old, new=new):
            values |= _entry_json(new) | {"old_alias": old.alias}
        case Redate(old=old, new=new):
            values |= _entry_json(new) | {"old_created": _iso(old), "created": _iso(new)}
        case Reformat(old=old, new=new):
            values |= {"old": old or None, "new": new}
        case Link(name=name):
            values |= {"link": name}
        case Restore(id=id, sha256=sha256):
            values |= {"undoes": id, "sha256": sha256}
    return values


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {"kind": kind(entry), "sha256": sha256_of(entry)}


def subject_of(entry: Entry) -> str:
    """The subject of an entry's certificate, or ""."""
    encoded = _certificate(entry)
    return "" if encoded is None else _subject(encoded)


def _certificate(entry: Entry) -> bytes | None:
    match entry:
        case TrustedCert():
            return entry.certificate.der
        case PrivateKey(chain=(own, *_)):
            return own.der
    return None


def sha256_of(entry: Entry) -> str | None:
    """The fingerprint of an entry's certificate, or None."""
    match entry:
        case TrustedCert():
            return entry.certificate.sha256
        case PrivateKey(chain=(own, *_)):
            return own.sha256
    return None


def _entry(entry: Entry) -> str:
    shown = [printable(entry.alias) or "-"]
    match entry:
        case PrivateKey():
            shown.append("private key")
        case SecretKey():
            shown.append("secret key")
        case Opaque():
            shown.append(entry.what)
    encoded = _certificate(entry)
    if encoded is not None:
        shown.append(printable(_subject(encoded)))
    digest = sha256_of(entry)
    if digest:
        shown.append(_short(digest))
    return "  ".join(shown)


def _subject(encoded: bytes) -> str:
    from ..errors import StorekeeperError

    try:
        return Facts(encoded).subject.rfc4514()
    except StorekeeperError:
        return "(unreadable certificate)"


def _short(digest: str) -> str:
    """The first eight bytes: enough to compare by eye; JSON has them all."""
    pairs = [digest[at : at + 2].upper() for at in range(0, 16, 2)]
    return ":".join(pairs) + "..."


def _date(entry: Entry) -> str:
    return "no date" if entry.created_ms is None else iso_date(entry.created_ms // 1000)


def _iso(entry: Entry) -> str | None:
    return None if entry.created_ms is None else iso(entry.created_ms // 1000)
