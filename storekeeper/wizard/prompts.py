"""Questions with arrow keys, by questionary; the same words as in `plain`."""

from __future__ import annotations

from .layout import WIDTH, folded
from .plain import BACK, FIRST, HELP, help_lines, secret
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model import Password

__all__ = ["Prompts", "usable"]

_KEYS = "(? explains, < goes back)"


def usable(environ: dict[str, str] | None = None) -> bool:
    """Whether this terminal can move a cursor and wants colour."""
    import os
    import sys
    from importlib import import_module

    values = os.environ if environ is None else environ
    if "NO_COLOR" in values or not sys.stdout.isatty() or not sys.stdin.isatty():
        return False
    if os.name != "nt" and values.get("TERM", "") in ("", "dumb"):
        return False
    try:
        import_module("questionary")
    except ImportError:
        return False
    return True


class Prompts:
    """Asks with questionary."""

    person = True

    def tell(self, line: str) -> None:
        """Show a line."""
        print(line, flush=True)

    def ask(self, question: Question, *, first: bool) -> str | Password | None:
        """An answer, or None to go back."""
        print()
        while True:
            if question.kind == "secret":
                typed: str | Password = secret(question)
                if not isinstance(typed, str):
                    return typed
            else:
                typed = _asked(question)
            if typed in BACK:
                if not first:
                    return None
                print(FIRST)
            elif typed in HELP:
                print(*help_lines(question), "", sep="\n", flush=True)
            elif not typed and question.default is None:
                print("  an answer is needed")
            else:
                value, problem = question.read(typed or question.default or "")
                if not problem:
                    _echo(question, value)
                    return value
                print(*folded(problem, "  ", "  "), sep="\n", flush=True)


def _echo(question: Question, value: str) -> None:
    """The choice that was made, in place of the list that was shown."""
    if question.kind != "choice":
        return
    label = question.label(value)
    line = f"? {question.text} {label}"
    print(line if len(line) <= WIDTH else f"? {question.text}\n  {label}", flush=True)


def _asked(question: Question) -> str:
    """What was typed or chosen; `HELP` and `BACK` for their keys."""
    import questionary
    from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings

    keys = KeyBindings()
    if question.kind == "choice":
        made = questionary.select(
            question.text,
            [questionary.Choice(one.label, value=one.value) for one in question.shown],
            default=question.default,
            instruction=_KEYS,
            use_jk_keys=False,
            erase_when_done=True,
        )
        _leaves(keys, "?", HELP[0])
        _leaves(keys, "<", BACK[0])
        for number, one in enumerate(question.shown[:9], 1):
            _leaves(keys, str(number), one.value)
    else:
        shown = "" if question.default is None else f" [{question.default or 'none'}]"
        made = questionary.text(f"{question.text}{shown}", instruction="\n>")
    _leaves(keys, "c-b", BACK[0])
    _leaves(keys, "f1", HELP[0])
    own = made.application.key_bindings
    made.application.key_bindings = merge_key_bindings([one for one in (own, keys) if one])
    answer = made.unsafe_ask()
    return str(answer).strip()


def _leaves(keys: Any, key: str, answer: str) -> None:
    """Have a key end the question."""

    @keys.add(key, eager=True)  # type: ignore[untyped-decorator]
    def _(event: Any) -> None:
        event.app.exit(result=answer)
