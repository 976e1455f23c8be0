"""Carrying a plan out: encode, read back, compare, back up, replace, note how to undo it."""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from hashlib import sha256

from .. import formats
from ..errors import StorekeeperError, WriteRefused
from ..frozen import Frozen
from ..host.replace import Written, replace_file
from ..model import LIMITS, Finding, Limits, TrustedCert, replace
from . import journal
from .changes import Restore
from .readback import compare
from .salts import salts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    from .plan import Links, Plan

__all__ = ["BACKUPS", "Applied", "apply", "encode"]

BACKUPS = 5
"""How many backups of a file are kept beside it."""


class Applied(Frozen):
    """What was done.

    Attributes:
        path: the file written; where symbolic links ended.
        changed: False when there was nothing to do, and the file was not touched.
        backup: where the old bytes are, or None.
        id: the journal's name for it, to undo it by; None when nothing was written down.
        sha256: of the bytes that are there now; None when the file is gone.
        findings: what could not be kept, and what reads otherwise from now on.
    """

    path: str
    changed: bool
    backup: str | None = None
    id: str | None = None
    sha256: str | None = None
    findings: tuple[Finding, ...] = ()


def apply(
    plan: Plan,
    *,
    backups: int = BACKUPS,
    limits: Limits = LIMITS,
    summary: str = "",
    undoes: str = "",
) -> Applied:
    """Make the plan's file what the plan says, or leave it exactly as it is.

    Args:
        plan: nothing is done when it has no changes.
        backups: how many older versions stay beside the file; 0 makes none, and then
            there is no undo.
        limits: for reading back what was encoded.
        summary: for the journal, what was asked for. No passwords.
        undoes: the journal's name of the change that is taken back.

    Raises:
        WriteRefused: the file is no longer the one the plan was made from; the format can't
            hold what is planned; or the operating system does not let us write.
        PasswordRequired: the plan has no password and the format needs one.
    """
    target = plan.target
    if plan.unchanged:
        return Applied(target.real, changed=False, sha256=target.sha256)
    if plan.parts:
        return _apply_parts(plan, backups, limits, summary)
    return _apply(plan, backups, limits, summary, undoes)


def _apply(
    plan: Plan,
    backups: int,
    limits: Limits,
    summary: str,
    undoes: str = "",
    batch: str = "",
    backup_dir: str | None = None,
) -> Applied:
    target = plan.target
    content, notes = encode(plan, limits)
    digest = None if content is None else sha256(content).hexdigest()
    written = Written(target.real, None)
    undoes = undoes or next((c.id for c in plan.changes if isinstance(c, Restore)), "")
    if digest != target.sha256:
        written = replace_file(
            target.real,
            content,
            expected_sha256=target.sha256,
            private=plan.private,
            backups=backups,
            backup_dir=backup_dir,
            # The next undo restores what is the oldest now.
            prune=not undoes,
        )
    findings = (*notes, *written.findings)
    if plan.links is not None:
        findings = (*findings, *_settle(target.real, plan.links))
    name, problem = journal.note(plan, digest, written.backup, summary, undoes, batch)
    if problem:
        findings = (*findings, problem)
    return Applied(target.real, True, written.backup, name, digest, findings)


def _apply_parts(plan: Plan, backups: int, limits: Limits, summary: str) -> Applied:
    """The files of a directory, one after the other; when one fails, those before go back."""
    batch = journal.new_id()
    # A backup in the directory would be one more certificate to whoever reads all of it.
    place = journal.backup_folder()
    kept = backups if place else 0
    done: list[Applied] = []
    try:
        for part in plan.parts:
            applied = _apply(part, kept, limits, summary, batch=batch, backup_dir=place)
            done.append(applied)
    except StorekeeperError:
        for applied in reversed(done):
            with suppress(StorekeeperError):
                if applied.id is not None:
                    _apply(journal.undo_one(journal.named(applied.id)), 0, limits, summary)
        raise
    findings = tuple(finding for applied in done for finding in applied.findings)
    known = all(applied.id is not None for applied in done)
    return Applied(plan.target.real, True, None, batch if known else None, None, findings)


def _settle(path: str, links: Links) -> tuple[Finding, ...]:
    """Make and remove the symbolic links beside a file that lead to it."""
    directory, name = os.path.split(path)
    try:
        for link in links.before:
            place = os.path.join(directory, link)
            if link not in links.after and os.path.islink(place):
                os.unlink(place)
        for link in links.after:
            place = os.path.join(directory, link)
            if not os.path.lexists(place):
                os.symlink(name, place)
    except OSError as problem:
        reason = (problem.strerror or "refused").lower()
        message = f"OpenSSL's link to it could not be made or removed: {reason}"
        return (Finding("link-not-made", "warning", name, message, "run openssl rehash"),)
    return ()


def encode(plan: Plan, limits: Limits = LIMITS) -> tuple[bytes | None, tuple[Finding, ...]]:
    """The bytes a plan comes to, read back and compared; None when the file is to go.

    Raises:
        WriteRefused, PasswordRequired, Unsupported: as `apply`.
    """
    if plan.parts:
        return None, tuple(note for part in plan.parts for note in encode(part, limits)[1])
    if plan.content is not None or plan.result is None:
        return plan.content, ()
    result = plan.result
    options: dict[str, Any] = {}
    if result.format == "PKCS12" and plan.encryption is not None:
        options["encryption"] = plan.encryption
    if result.format == "PKCS12" and all(isinstance(one, TrustedCert) for one in result.entries):
        options["random"] = salts_of(result)
    path = plan.target.path
    if not result.entries and result.format in ("PEM", "DER", "PKCS7"):
        raise WriteRefused(
            f"a {result.format} file without any entry is no store that can be read again",
            hint="delete the file instead",
            path=path,
        )
    try:
        with _derived_once(result.format):
            content = formats.write(result, plan.password, **options)
            # What we allow ourselves to write we have to be able to read.
            again = formats.read(content, plan.password, limits=_roomy(limits), path=path)
        return content, compare(result, again)
    except WriteRefused as error:
        raise error.at(path=path) from None
    except StorekeeperError as error:
        if error.exit_status == 3:
            error.hint = error.hint or "give it with --storepass env:NAME, file:PATH or prompt"
            raise error.at(path=path) from None
        raise WriteRefused(
            f"what was encoded can't be read again: {error.message}",
            hint="nothing was written",
            path=path,
            alias=error.alias,
        ) from error


def _derived_once(format: str) -> AbstractContextManager[None]:
    if format != "PKCS12":
        return nullcontext()
    from ..formats.kdf import DerivedOnce

    return DerivedOnce()


def _roomy(limits: Limits) -> Limits:
    return replace(limits, kdf_iterations=max(limits.kdf_iterations, LIMITS.kdf_iterations))
