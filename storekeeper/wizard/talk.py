"""A conversation as a pure function of its answers, so that going back is replaying.

A flow asks and tells through a `Talk` from its first question each time. What was answered is
given back at once; the first question without an answer ends the run with `Unanswered`. What
looks at the world (a probe, a file) is done once and kept with what it depends on, so nothing
is probed again for going on, and everything is for another answer.
"""

from __future__ import annotations

from ..errors import StorekeeperError, UsageError
from ..frozen import Frozen
from ..model import Password
from ..names import printable
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    _T = TypeVar("_T")

__all__ = ["Answered", "Facts", "Talk", "Unanswered"]


class Answered(Frozen):
    """One answer.

    Attributes:
        question: it was given to.
        value: the text, or a password.
        typed: somebody was asked, and may go back to it.
    """

    question: Question
    value: str | Password
    typed: bool = True


class Unanswered(Exception):
    """The flow goes no further without an answer to this."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.id)
        self.question = question


class Facts:
    """What was seen of the world and done to it, by what it depends on."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[bool, Any]] = {}

    def once(self, key: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """What ``make`` gives, or raises, the first time."""
        if key not in self._known:
            try:
                self._known[key] = True, make()
            except StorekeeperError as error:
                self._known[key] = False, error
        good, what = self._known[key]
        if good:
            found: _T = what
            return found
        raise what

    def knows(self, key: tuple[object, ...]) -> bool:
        """Whether that was asked before."""
        return key in self._known


class Talk:
    """One run of a flow.

    Args:
        typed: what was answered by a person, in order.
        given: answers that need no asking, by the question's id.
        facts: kept from run to run.
        tell: shows a line; called for what is new alone.
        person: somebody is there to be asked.
        accept: take defaults as answers, as ``--yes`` says.
        now_ms: the date of new entries, milliseconds since 1970.
        backups: how many old versions of a file stay beside it.
    """

    def __init__(
        self,
        typed: Sequence[Answered] = (),
        given: Mapping[str, str | Password] | None = None,
        facts: Facts | None = None,
        tell: Callable[[str], None] | None = None,
        *,
        person: bool = True,
        accept: bool = False,
        now_ms: int = 0,
        backups: int = 5,
    ) -> None:
        self.person = person
        self.now_ms = now_ms
        self.backups = backups
        self.answered: list[Answered] = []
        self.committed = 0
        self._waiting = [*typed]
        self._given = dict(given or {})
        self._facts = facts or Facts()
        self._tell = tell
        self._accept = accept

    @property
    def at(self) -> int:
        """Seconds since 1970 UTC: the moment everything is judged at."""
        return self.now_ms // 1000

    def ask(self, question: Question) -> str:
        """The answer to a question.

        Raises:
            Unanswered: there is none yet.
            UsageError: what a flag says is no answer to it.
        """
        value = self._answer(question)
        assert isinstance(value, str)
        return value

    def ask_password(self, question: Question) -> Password:
        """The same for a secret."""
        value = self._answer(question)
        return value if isinstance(value, Password) else Password(value, "an answer")

    def given(self, id: str) -> bool:
        """Whether a flag answers the question of that id."""
        return id in self._given

    def tell(self, *lines: str) -> None:
        """Show lines; not again while older answers are only repeated."""
        if self._tell is not None and not self._waiting:
            for line in lines:
                self._tell(printable(line))

    def once(
        self, what: str, depends: tuple[object, ...], make: Callable[[], _T], doing: str = ""
    ) -> _T:
        """Look at the world, unless that was done; ``doing`` is told before.

        Raises:
            StorekeeperError: as ``make``; the same one again later.
        """
        key = (what, *depends)
        if doing and not self._facts.knows(key):
            self.tell(doing)
        return self._facts.once(key, make)

    def knows(self, what: str, depends: tuple[object, ...]) -> bool:
        """Whether that was looked at already."""
        return self._facts.knows((what, *depends))

    def commit(self) -> None:
        """What was answered so far has been carried out: nobody goes back behind it."""
        self.committed = sum(one.typed for one in self.answered)

    def _answer(self, question: Question) -> str | Password:
        if self._waiting and self._waiting[0].question.id == question.id:
            known = self._waiting.pop(0)
            self.answered.append(known)
            return known.value
        if question.id in self._given:
            value = self._given[question.id]
            if isinstance(value, str):
                value, problem = question.read(value)
                if problem:
                    raise UsageError(f"{question.flag}: {problem}")
        elif self._accept and question.default is not None and not question.careful:
            value = question.default
        else:
            # Answers to questions that are not asked any more are of no use.
            self._waiting.clear()
            raise Unanswered(question)
        self.answered.append(Answered(question, value, typed=False))
        self._told(question, value)
        return value

    def _told(self, question: Question, value: str | Password) -> None:
        if isinstance(value, Password):
            shown = f"(from {value.origin})"
        else:
            shown = question.label(value) or "(none)"
        self.tell("", f"{question.text} {shown.splitlines()[0] if shown else ''}")
