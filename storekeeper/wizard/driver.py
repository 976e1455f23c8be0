"""The loop between a flow and whoever answers: ask, keep, replay."""

from __future__ import annotations

from ..change.apply import BACKUPS
from ..errors import UsageError
from ..model import Password
from .question import Question
from .talk import Answered, Facts, Talk, Unanswered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    class Front(Protocol):
        """Whoever shows and asks."""

        person: bool

        def tell(self, line: str) -> None:
            """Show a line."""

        def ask(self, question: Question, *, first: bool) -> str | Password | None:
            """An answer that is one, or None to go back; ``first``: there is no way back."""

    Flow = Callable[[Talk], int]

__all__ = ["Nobody", "converse"]


def converse(
    flow: Flow,
    front: Front,
    given: Mapping[str, str | Password] | None = None,
    *,
    accept: bool = False,
    now_ms: int | None = None,
    backups: int = BACKUPS,
) -> int:
    """Go through a flow to its end; its exit status.

    Args:
        flow: what is asked and done.
        front: who is asked.
        given: answers that need no asking, by the question's id.
        accept: take defaults as answers.
        now_ms: the date of new entries, milliseconds since 1970; now when None.
        backups: how many old versions of a file stay beside it.

    Raises:
        KeyboardInterrupt: somebody had enough; what was not carried out is not half done.
        StorekeeperError: as the flow.
    """
    from ..change.plan import now

    moment = now() if now_ms is None else now_ms
    facts = Facts()
    typed: list[Answered] = []
    committed = 0
    while True:
        talk = Talk(
            typed,
            given,
            facts,
            front.tell,
            person=front.person,
            accept=accept,
            now_ms=moment,
            backups=backups,
        )
        try:
            return flow(talk)
        except KeyboardInterrupt:
            _ended(front, wrote=bool(committed or talk.committed))
            raise
        except Unanswered as pause:
            committed = max(committed, talk.committed)
            typed = [one for one in talk.answered if one.typed]
            try:
                value = front.ask(pause.question, first=len(typed) <= committed)
            except KeyboardInterrupt:
                _ended(front, wrote=bool(committed))
                raise
            if value is None:
                typed = typed[:-1]
            else:
                typed.append(Answered(pause.question, value))


def _ended(front: Front, *, wrote: bool) -> None:
    done = "what was written stays" if wrote else "nothing was changed"
    front.tell("")
    front.tell(f"ended here: {done}")


class Nobody:
    """Where nobody is to be asked: told is what is done, asked is nothing."""

    person = False

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell

    def ask(self, question: Question, *, first: bool) -> str | Password | None:  # noqa: ARG002
        """Raise a `UsageError` that names the option."""
        more = "" if question.default is None or question.careful else ", or --yes for the default"
        if question.kind == "choice":
            values = ", ".join(one.value for one in question.shown[:12])
            more = f" (one of: {values}){more}"
        raise UsageError(
            f"nobody is here to be asked: {question.text}",
            hint=f"say it with {question.flag}{more}",
        )
