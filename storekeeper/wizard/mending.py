"""The change a conversation leads to: shown, confirmed, carried out, and said as a command."""

from __future__ import annotations

import os

from ..errors import WriteRefused
from ..frozen import Frozen
from ..model import Password
from . import layout
from .question import NO, YES, Question, yes_or_no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

    from ..change.apply import Applied
    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Certificate
    from .systems import System
    from .talk import Talk

__all__ = ["Mend", "carried_out", "confirm", "ended", "told_commands"]


class Mend(Frozen):
    """One change of one store.

    Attributes:
        store: as a command takes it.
        make: the plan for the opened store.
        commands: that do the same.
        confirm: certificates nobody has vouched for yet.
        profile: the text of a profile that does the same; "" for none.
        password: what opens the store, where somebody said it.
        undoes: the journal's name of the change that is taken back.
    """

    store: str
    make: Callable[[Target], Plan]
    commands: tuple[str, ...]
    confirm: tuple[Certificate, ...] = ()
    profile: str = ""
    password: Password | None = None
    undoes: str = ""

    _hidden: ClassVar[frozenset[str]] = frozenset({"profile"})


def carried_out(talk: Talk, target: Target, mend: Mend) -> Applied | None:
    """Show a change, have it confirmed, and make it; None where nobody wants it.

    Nothing is written before the last answer, and what is written is written as a whole.

    Raises:
        WriteRefused: nobody may write there, the file changed meanwhile, or the fingerprint is
            not the one that was told.
        StorekeeperError: as the plan and `change.apply.apply`.
    """
    from ..change.apply import encode
    from ..report import changes

    key = (mend.store, mend.commands, mend.password and mend.password.text, target.sha256)
    plan = talk.once("plan", key, lambda: mend.make(target))
    if plan.unchanged:
        talk.tell("", f"{plan.target.path}: nothing to change")
        return None
    talk.once("encode", key, lambda: encode(plan))
    talk.tell("", "This is what changes:", f"  {plan.target.real}")
    for line in changes.lines(plan):
        talk.tell(*layout.folded(line, "    ", "      "))
    for finding in plan.findings:
        talk.tell(*layout.folded(f"{finding.severity}: {finding.message}", "  ", "    "))
        if finding.hint:
            talk.tell(*layout.folded(f"hint: {finding.hint}", "    ", "      "))
    if plan.target.sha256 is not None and talk.backups:
        talk.tell("", "The file as it is now is kept beside it; undo brings it back.")
    if mend.confirm:
        confirm(talk, mend.confirm)
    _permission(talk, plan, mend)
    answer = talk.ask(
        Question(
            "apply",
            "Shall this be written now?",
            "choice",
            "--yes",
            "Yes makes a backup, writes the file as a whole and tests again. No changes nothing, "
            "and prints the command for later.",
            yes_or_no("yes, make the backup and write it", "no, only tell me the command"),
            default=YES,
        )
    )
    if answer == NO:
        talk.tell("", "Nothing was written. This would do it:")
        told_commands(talk, mend.commands)
        return None
    applied = talk.once("apply", key, lambda: _apply(plan, mend, talk.backups))
    talk.commit()
    talk.tell("", f"written: {applied.path}")
    if applied.backup:
        talk.tell(f"  backup: {applied.backup}")
    if applied.id:
        talk.tell(f"  undo:   storekeeper undo {applied.id}")
    for finding in applied.findings:
        talk.tell(*layout.folded(f"{finding.severity}: {finding.message}", "  ", "    "))
    return applied


def _apply(plan: Plan, mend: Mend, backups: int) -> Applied:
    """Apply under the lock, when the plan is still the one that was shown."""
    from ..change.apply import apply
    from ..host.files import is_directory
    from ..host.locks import lock
    from ..report import changes

    real = plan.target.real
    with lock(os.path.join(real, os.curdir) if is_directory(real) else real):
        if not mend.undoes and not _same(plan.target, _opened(mend)):
            raise WriteRefused(
                "the file was changed by somebody else meanwhile",
                hint="start again: what was shown is not what would be written",
                path=real,
            )
        return apply(
            plan, summary=f"wizard: {changes.summary(plan)}", undoes=mend.undoes, backups=backups
        )


def _opened(mend: Mend) -> Target:
    from ..change.target import open_target

    return open_target(mend.store, mend.password, may_be_new=True, directories=True)


def _same(planned: Target, now: Target) -> bool:
    """Whether a plan's file is still the one it was made from; of a directory, its files."""
    if planned.real != now.real or planned.sha256 != now.sha256:
        return False
    return planned.sha256 is not None or planned.store == now.store


def confirm(talk: Talk, certificates: tuple[Certificate, ...]) -> None:
    """Have fingerprints compared, once for each certificate.

    Raises:
        WriteRefused: it is another one.
    """
    from ..trust.inventory import fingerprint

    several = len(certificates) > 1
    talk.tell("", "These are going to be trusted:" if several else "This is going to be trusted:")
    for one in certificates:
        talk.tell(*layout.of_certificate(one))
    wanted = " ".join(one.sha256 for one in certificates)

    def problem(text: str) -> str:
        given = [fingerprint(word) for word in text.replace(",", " ").split()]
        return "" if {*given} == {*wanted.split()} else "that is not what the server sends"

    if talk.given("pin"):
        talk.ask(
            Question("pin", "The fingerprint that was told:", "text", "--pin", "", check=problem)
        )
        return
    answer = talk.ask(
        Question(
            "confirmed",
            "Is the SHA-256 what the server's owner told you?",
            "choice",
            "--pin",
            "Somebody between you and the server could have sent a certificate of their own. Ask "
            "whoever runs the server for the SHA-256 of its certificate by another way, such as "
            "the telephone, and compare it with the one above. Once it is trusted, nobody asks "
            "again.",
            yes_or_no("yes, I compared them", "no, or I can't tell: change nothing"),
            default=YES,
            careful=True,
        )
    )
    if answer == NO:
        raise WriteRefused(
            "not confirmed, and nothing was changed",
            hint="ask who runs the server for the SHA-256 of its certificate",
        )


def _permission(talk: Talk, plan: Plan, mend: Mend) -> None:
    """Raise where this user may not write, with the command for somebody who may."""
    real = plan.target.real
    folder = real if os.path.isdir(real) else os.path.dirname(os.path.abspath(real))
    there = os.path.exists(real) and not os.path.isdir(real)
    if os.access(folder, os.W_OK | os.X_OK) and (not there or os.access(real, os.R_OK)):
        return
    sudo = "" if os.name == "nt" else "sudo "
    who = "as an administrator" if os.name == "nt" else "as root, or whoever owns the file"
    talk.tell("", f"This user may not write in {folder}.", f"To be run {who}:")
    told_commands(talk, tuple(_with_sudo(line, sudo) for line in mend.commands))
    raise WriteRefused(
        "no permission to write here, and nothing was changed",
        hint="the command above does it",
        path=real,
    )


def _with_sudo(line: str, sudo: str) -> str:
    """The command for a person with more rights: of a pipe, its end, which writes."""
    before, bar, last = line.rpartition(" | ")
    return f"{before}{bar}{sudo}{last}"


def told_commands(talk: Talk, commands: tuple[str, ...]) -> None:
    """Commands, folded so that a shell takes them as they stand."""
    for line in commands:
        talk.tell(*layout.command_line(line))


def ended(talk: Talk, system: System | None, mend: Mend) -> None:
    """Say what to restart and which command does the same, and offer the profile."""
    if system is not None:
        restart = system.restart or (
            "restart the program: Java reads its trust store once, at the first connection",
        )
        talk.tell("", "To be restarted, so that it counts:")
        for one in restart:
            talk.tell(*layout.folded(one, "  ", "    "))
    talk.tell("", "The same without questions:")
    told_commands(talk, mend.commands)
    if not mend.profile:
        return
    path = talk.ask(
        Question(
            "profile",
            "Save a profile that does the same? A path, or Enter",
            "text",
            "--profile",
            "A profile is a YAML file that says what the store should hold. storekeeper apply "
            "FILE makes it so, here or on another machine, and changes nothing where it is so "
            "already. Enter saves none.",
            default="",
            check=_free,
        )
    )
    if path:
        where = os.path.expanduser(path)
        talk.once("saved", (where,), lambda: _save(where, mend.profile))
        talk.commit()
        talk.tell("", f"saved: {where}")
        talk.tell(*layout.command(["storekeeper", "apply", where]))


def _free(text: str) -> str:
    path = os.path.expanduser(text)
    if not path:
        return ""
    if os.path.lexists(path):
        return f"{path} is there already, and is not replaced"
    folder = os.path.dirname(os.path.abspath(path))
    return "" if os.path.isdir(folder) else f"there is no directory {folder}"


def _save(path: str, text: str) -> None:
    from ..change import outputs

    files = outputs.check([outputs.Product("", text.encode("utf-8"))], file=path)
    outputs.write(files)
