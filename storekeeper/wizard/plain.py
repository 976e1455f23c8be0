"""Questions as plain lines: for any terminal, a screen reader, a log."""

from __future__ import annotations

import sys

from ..errors import PasswordRequired
from .layout import folded
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Password

__all__ = ["BACK", "HELP", "Plain", "help_lines", "secret"]

HELP = ("?", "help")
BACK = ("<", "back", "\x02")
FIRST = "this is the first question; Ctrl-C ends"


class Plain:
    """Asks on standard output, and reads lines from standard input.

    Args:
        read: gives one line without its end, in place of `input`; EOFError at the end.
        write: shows a line.
    """

    person = True

    def __init__(
        self, read: Callable[[str], str] | None = None, write: Callable[[str], None] | None = None
    ) -> None:
        self._read = read or _line
        self._write = write or _show

    def tell(self, line: str) -> None:
        """Show a line."""
        self._write(line)

    def ask(self, question: Question, *, first: bool) -> str | Password | None:
        """An answer, or None to go back."""
        self._show(question)
        while True:
            if question.kind == "secret":
                typed: str | Password = secret(question)
            else:
                typed = self._text(question)
            word = typed if isinstance(typed, str) else ""
            if word in BACK:
                if not first:
                    return None
                self._write(FIRST)
            elif word in HELP:
                for line in help_lines(question):
                    self._write(line)
                self._show(question)
            elif not isinstance(typed, str):
                return typed
            elif not word and question.default is None:
                self._write("  an answer is needed; ? explains, < goes back")
            else:
                value, problem = question.read(word or question.default or "")
                if not problem:
                    return value
                for line in folded(problem, "  ", "  "):
                    self._write(line)

    def _show(self, question: Question) -> None:
        self._write("")
        if question.kind != "secret":  # its prompt says it
            self._write(question.text)
        width = len(str(len(question.shown)))
        for number, one in enumerate(question.shown, 1):
            self._write(f"  {number:{width}}  {one.label}")

    def _text(self, question: Question) -> str:
        try:
            typed = self._read(f"{_default(question)}> ")
        except EOFError:
            # As Ctrl-C: there will be no more answers.
            raise KeyboardInterrupt from None
        lines = [typed]
        if question.several_lines:
            lines += _pasted()
        return "\n".join(lines).strip()


def _default(question: Question) -> str:
    if question.default is None:
        return ""
    listed = [one.value for one in question.shown]
    if question.default in listed:
        return f"[{listed.index(question.default) + 1}] "
    return f"[{question.default}] " if question.default else "[none] "


def help_lines(question: Question) -> Iterator[str]:
    """What is shown for ``?``."""
    yield ""
    yield from folded(question.help, "  ", "  ")
    how = f"unasked: {question.flag}" if question.flag else ""
    default = question.default
    if default is not None and default:
        how += f"; Enter: {question.label(default)}"
    yield from folded(how, "  ", "    ")


def secret(question: Question) -> str | Password:
    """A password typed without echo, twice for a new one; "?" and "<" are what they always are."""
    from ..host.passwords import ask
    from ..model import Password

    what = question.text[:1].lower() + question.text[1:].rstrip(":?")
    while True:
        typed = ask(what)
        if typed in HELP or typed in BACK:
            return typed
        if not typed:
            raise PasswordRequired(
                f"no {what} was typed", hint=f"or say where it is: {question.flag} env:NAME"
            )
        if not question.new or ask(f"{what} again") == typed:
            return Password(typed, "the terminal")
        _show("  the two are not the same: try again")


def _line(prompt: str) -> str:
    return input(prompt)


def _show(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _pasted() -> list[str]:
    """The lines that came along with the first of a pasted text."""
    import os
    import select

    if os.name == "nt" or sys.stdin is None or not sys.stdin.isatty():
        return []
    lines: list[str] = []
    while len(lines) < _MOST and select.select([sys.stdin], [], [], 0.1)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        lines.append(line.rstrip("\r\n"))
    return lines


_MOST = 2_000
