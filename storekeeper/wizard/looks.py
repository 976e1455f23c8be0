"""Conversations that only look: a store beside a list of CAs, and a JRE audited."""

from __future__ import annotations

import os

from ..errors import PasswordError
from . import layout, systems
from .opening import opened_source, unreadable
from .question import Choice, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tls.way import Way
    from .talk import Talk

__all__ = ["auditing", "comparing"]

_MOST, _HEAD, _TAIL = 60, 40, 6
_FIRST = ("mozilla", "certifi", "system")


def comparing(talk: Talk, way: Way) -> int:  # noqa: ARG001 - as every flow
    """A trust store beside a list of CAs; 1 when they differ, as ``diff`` has it."""
    from ..report import differences
    from ..trust.diff import diff
    from ..trust.sources import open_any

    system = systems.pick(talk, java=True)
    name = _list(talk)
    store, _ = opened_source(talk, system.store, system.password, id="storepass")
    try:
        other = talk.once("list", (name,), lambda: open_any(name))
    except PasswordError:
        other, _ = opened_source(talk, name)
    found = talk.once("diff", (system.store, name), lambda: diff(store, other, at=talk.at))
    talk.tell("")
    talk.tell(*_some(differences.text(found, layout.WIDTH).splitlines()))
    talk.tell("", "The same without questions:")
    talk.tell(*layout.command(["storekeeper", "diff", system.store, name]))
    return 0 if found.same else 1


def _some(lines: list[str]) -> list[str]:
    """What of a long report anybody reads here: its beginning, and its end with the counts."""
    if len(lines) <= _MOST:
        return lines
    left = len(lines) - _HEAD - _TAIL
    more = f"  ... {left} more lines, which the command below shows"
    return [*lines[:_HEAD], "", more, "", *lines[-_TAIL:]]


def _list(talk: Talk) -> str:
    from ..trust.lists import SHIPPED

    names = [name for name in _FIRST if name in SHIPPED or name in ("certifi", "system")]
    labels = {
        "mozilla": "Mozilla's roots, as of the date that is shown",
        "certifi": "the certifi package beside storekeeper",
        "system": "what this operating system trusts",
    }
    choices = [Choice(name, labels[name]) for name in names]
    choices.append(Choice("another", "another list, or a file that somebody gave me"))
    choices += [Choice(name, name, shown=False) for name in SHIPPED if name not in names]
    choice = talk.ask(
        Question(
            "list",
            "With which list of CAs?",
            "choice",
            "--list",
            "Roots that are in one and not in the other are shown: what the program trusts and "
            "the list does not, and the other way round.",
            tuple(choices),
            default=choices[0].value,
        )
    )
    if choice != "another":
        return choice
    said = talk.ask(
        Question(
            "file",
            "Which list, or which file?",
            "text",
            "--list-file",
            "A PEM bundle, a keystore, a CSV of CCADB, or a name of a list that travels with "
            "storekeeper: storekeeper sources shows them.",
            check=unreadable,
        )
    )
    return os.path.expanduser(said)


def auditing(talk: Talk, way: Way) -> int:  # noqa: ARG001
    """The trust store of a JRE, audited; 1 when something in it is wrong."""
    from ..report.audit.text import render
    from ..trust.audit.engine import audit, exit_status

    system = systems.pick(talk, java=True)
    _, password = opened_source(talk, system.store, system.password, id="storepass")

    def look() -> tuple[list[str], int]:
        head, stores = audit([system.store], password=password, at=talk.at, jobs=1)
        every = list(stores)
        text = "".join(render(head, every, layout.WIDTH))
        return text.splitlines(), max(exit_status(head, one) for one in every)

    talk.tell("") if not talk.knows("audit", (system.store,)) else None
    lines, status = talk.once("audit", (system.store,), look, f"auditing {system.store} ...")
    talk.tell("", *_some(lines))
    talk.tell("", "The same without questions:")
    more = [] if password is None else ["--storepass", "prompt"]
    talk.tell(*layout.command(["storekeeper", "audit", system.store, *more]))
    return status
