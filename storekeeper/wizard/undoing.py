"""A change taken back: the file is as before, byte for byte."""

from __future__ import annotations

from ..times import iso
from . import layout
from .mending import Mend, carried_out, told_commands
from .question import Choice, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..change.journal import Record
    from ..tls.way import Way
    from .talk import Talk

__all__ = ["undoing"]

_MOST = 9
_LABEL = 68


def undoing(talk: Talk, way: Way) -> int:  # noqa: ARG001 - as every flow
    """The flow; 0 when the file is as it was."""
    from ..change import journal

    known = talk.once("journal", (), journal.records)
    record = _chosen(talk, known)
    if record is None:
        talk.tell("", "There is no change to take back.")
        return 1
    name = record.batch or record.id
    command = f"storekeeper undo {name}"
    plan = talk.once("undo", (name,), lambda: journal.undo(record))
    mend = Mend(record.path, lambda _: plan, (command,), undoes=name)
    if carried_out(talk, plan.target, mend) is None:
        return 1
    talk.tell("", "The same without questions:")
    told_commands(talk, mend.commands)
    return 0


def _chosen(talk: Talk, known: list[Record]) -> Record | None:
    undone = {one.undoes for one in known if one.undoes}
    left: dict[str, Record] = {}
    for one in reversed(known):
        if one.id not in undone and not one.undoes and one.before != one.after:
            left.setdefault(one.batch or one.id, one)
    if not left:
        return None
    names = list(left)
    choices = tuple(
        Choice(name, layout.cut(_label(left[name]), _LABEL), shown=number < _MOST)
        for number, name in enumerate(names)
    )
    choice = talk.ask(
        Question(
            "change",
            "Which change is to be taken back?",
            "choice",
            "--change",
            "The changes storekeeper made for this user, the newest first. The file gets the "
            "bytes it had before from its backup; when somebody changed it since, nothing is "
            "done.",
            choices,
            default=names[0],
        )
    )
    return left[choice]


def _label(record: Record) -> str:
    return f"{iso(record.at)[:16].replace('T', ' ')}Z  {record.path}  {record.summary}"
