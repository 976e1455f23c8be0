"""A question as a value: what is asked, what may be answered, and what says so unasked."""

from __future__ import annotations

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar, Literal

    Kind = Literal["choice", "text", "secret"]

__all__ = ["NO", "YES", "Choice", "Question", "yes_or_no"]

YES, NO = "yes", "no"


class Choice(Frozen):
    """One of several answers.

    Attributes:
        value: what it is called in flags and answer files.
        label: what a person reads, a line.
        shown: whether it is listed; one that is not can still be said by a flag.
    """

    value: str
    label: str
    shown: bool = True


class Question(Frozen):
    """One question.

    Attributes:
        id: its name; a second attempt at the same question has another, "host-2".
        text: the question, a line of at most 60 characters.
        kind: "choice": one of ``choices``; "text": anything that passes ``check``; "secret":
            a password.
        flag: the option that answers it.
        choices: of a "choice".
        default: what Enter means; None where something has to be said.
        help: sentences for who asks what is meant.
        check: what is wrong with a text, or "".
        careful: a default is for a person alone: ``--yes`` does not take it.
        new: of a "secret": for something new, and so to be typed twice.
        several_lines: a pasted text may have them.
    """

    id: str
    text: str
    kind: Kind
    flag: str
    help: str
    choices: tuple[Choice, ...] = ()
    default: str | None = None
    check: Callable[[str], str] | None = None
    careful: bool = False
    new: bool = False
    several_lines: bool = False

    _uncompared: ClassVar[frozenset[str]] = frozenset({"check"})

    @property
    def shown(self) -> tuple[Choice, ...]:
        """The choices that are listed."""
        return tuple(one for one in self.choices if one.shown)

    def read(self, text: str) -> tuple[str, str]:
        """(the answer a text stands for, "") or ("", why it is none).

        A choice is said by its number in the list, its value, or the beginning of one value.
        """
        if self.kind != "choice":
            problem = "" if self.check is None else self.check(text)
            return ("", problem) if problem else (text, "")
        word = text.strip()
        listed = self.shown
        if word.isdecimal() and 0 < int(word) <= len(listed):
            return listed[int(word) - 1].value, ""
        values = [one.value for one in self.choices]
        if word in values:
            return word, ""
        begins = [value for value in values if word and value.startswith(word.lower())]
        if len(begins) == 1:
            return begins[0], ""
        expected = f"1 to {len(listed)}" if len(listed) > 1 else "1"
        names = ", ".join(value for value in values[:12])
        return "", f"expected {expected}, or one of: {names}; found {word[:40]!r}"

    def label(self, value: str) -> str:
        """What a person reads for an answer."""
        return next((one.label for one in self.choices if one.value == value), value)


def yes_or_no(yes: str, no: str) -> tuple[Choice, ...]:
    """The two answers to a plain question, with what comes of each."""
    return Choice(YES, yes), Choice(NO, no)
