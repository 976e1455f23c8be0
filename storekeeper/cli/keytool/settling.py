"""A keystore changed as keytool's options say: opened under its lock, planned, written.

Questions about the change come up while it is planned; see `cli.questions`.
"""

from __future__ import annotations

import os
import sys

from ... import formats
from ...errors import StorekeeperError, UnknownFormat, Unreadable, UsageError
from ...frozen import Frozen
from ...host.files import read_file
from ...model import Password
from ...names import printable
from ..questions import Answers, Unanswered
from .opening import KEYSTORES, keystore_path, tell_ignored
from .prompts import LEAST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...change.apply import Applied
    from ...change.plan import Plan
    from ...change.target import Target
    from .prompts import Prompter
    from .words import Request

    Make = Callable[[Target, Answers], Plan | None]

NO_PASSWORD = Password(None, "no password")


class Keystore(Frozen):
    """The file to change, and its password.

    Attributes:
        path: as it was given.
        password: given or typed; None where it has none, or nobody may be asked.
        may_be_new: there need be no file.
    """

    path: str
    password: Password | None
    may_be_new: bool = False

    @property
    def name(self) -> str:
        """The path, never a word with a meaning of its own."""
        # ``cacerts`` would be one to `open_target`, and a file is meant.
        return self.path if os.path.isabs(self.path) else os.path.join(os.curdir, self.path)


class Done(Frozen):
    """What was planned for a keystore, and what came of it."""

    plan: Plan
    applied: Applied


def keystore(request: Request, prompter: Prompter, *, may_be_new: bool = False) -> Keystore:
    """The keystore of a request; its password is asked for when no option gave it.

    Raises:
        Unreadable: there is no such file, and the command makes none.
        UsageError: a password for something new is too short, or as `keystore_path`.
        PasswordRequired: three times nothing that could be one was typed.
    """
    path = keystore_path(request)
    there = os.path.lexists(path)
    if not there and not may_be_new:
        raise Unreadable("the keystore does not exist", path=path)
    long_enough(request, "new", "the new password")
    long_enough(request, "keypass", "the password of a key")
    given = request.password("storepass")
    if not there:
        long_enough(request, "storepass", "the password of a new keystore")
    elif given is None and (request.has("protected") or _without_password(path)):
        return Keystore(path, None, may_be_new)
    if given is None:
        given = prompter.writing_password(new=not there)
    return Keystore(path, given, may_be_new)


def long_enough(request: Request, option: str, what: str) -> None:
    """Raise `UsageError` for a password that keytool finds too short."""
    given = request.password(option)
    if given is not None and len(given.text or "") < LEAST:
        raise UsageError(f"{what} must have at least {LEAST} characters")


def carry_out(request: Request, kept: Keystore, make: Make) -> Done | None:
    """Change a keystore as ``make`` plans it; None when it plans nothing.

    ``make`` runs under the lock, and once more after each question it asks through its
    `Answers`: what it says or makes comes after all of them.

    Raises:
        StorekeeperError: as `open_target`, ``make`` and `apply`; the file is as it was.
    """
    from argparse import Namespace

    from ...change.apply import apply
    from ...change.target import locate, open_target
    from ...host.locks import lock
    from ...report import changes
    from .. import voice
    from ..mending import backups

    answers = Answers()
    while True:
        try:
            with lock(locate(kept.name).real):
                target = open_target(
                    kept.name, kept.password, may_be_new=kept.may_be_new, say=voice.note
                )
                _refuse_others(target)
                plan = make(target, answers)
                if plan is None:
                    return None
                if plan.result is not None:
                    tell_ignored(request, plan.result.format, target.password)
                applied = apply(
                    plan,
                    backups=backups(Namespace(backups=None)),
                    summary=f"keytool -{request.command}: {changes.summary(plan)}",
                )
                break
        except Unanswered as question:
            question.settle()
    if request.has("v"):
        sys.stderr.write(f"[Storing {printable(kept.path)}]\n")
    told = (*plan.findings, *applied.findings)
    voice.said(one for one in told if one.severity != "info")
    return Done(plan, applied)


def _without_password(path: str) -> bool:
    """Whether it is a PKCS12 without encryption and MAC; what else is wrong is told later."""
    try:
        store = formats.read(read_file(path), NO_PASSWORD, path=path)
    except StorekeeperError:
        return False
    return store.integrity.state == "absent" and store.format in KEYSTORES


def _refuse_others(target: Target) -> None:
    if target.store is not None and target.store.format not in KEYSTORES:
        raise UnknownFormat(
            f"expected a keystore, found {target.store.format}",
            hint="storekeeper import, delete and rename change such files",
            path=target.path,
        )
