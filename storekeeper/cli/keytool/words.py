"""A command line of keytool, read into a value."""

from __future__ import annotations

import os

from ...errors import UsageError
from ...frozen import Frozen
from .grammar import COMMANDS, OPTIONS, command_named, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import ClassVar

    from ...model import Password

RC1 = "--rc1"
_HELP = ("help", "h", "?")


class Request(Frozen):
    """What somebody asks keytool to do.

    Attributes:
        command: name of a row of `grammar.COMMANDS`; "" when only help is asked for.
        help: the help of the command is asked for, nothing else.
        options: (name, argument) as given, names as in `grammar.OPTIONS`; "" for a flag.
        passwords: (name, password) of the options that hold one.
        java: options for the Java launcher, without ``-J``.
    """

    command: str
    help: bool = False
    options: tuple[tuple[str, str], ...] = ()
    passwords: tuple[tuple[str, Password], ...] = ()
    java: tuple[str, ...] = ()

    _hidden: ClassVar[frozenset[str]] = frozenset({"passwords"})

    def get(self, name: str) -> str | None:
        """The argument of an option, the last one given; None when it was not given."""
        return next((value for key, value in reversed(self.options) if key == name), None)

    def has(self, name: str) -> bool:
        """Whether the option was given."""
        return any(key == name for key, _ in self.options)

    def all(self, name: str) -> tuple[str, ...]:
        """The arguments of an option that may be repeated, in order."""
        return tuple(value for key, value in self.options if key == name)

    def password(self, name: str) -> Password | None:
        """The password an option gave, or None when it was not given."""
        return next((value for key, value in reversed(self.passwords) if key == name), None)


def parse(words: Sequence[str], *, warn: Callable[[str], None] | None = None) -> Request:
    """The request a command line makes.

    As keytool does it: case and further dashes of a name do not count, names are not to
    be shortened, every option is taken with every command, of repeated ones the last
    counts, and an argument may begin with a dash. `RC1` may stand anywhere.

    Args:
        words: what follows ``storekeeper keytool``.
        warn: is told what is unwise about the way a password was given.

    Raises:
        UsageError: not a command, not an option, an argument is missing, or two commands.
        PasswordRequired, Unreadable: a password is not where an option says it is.
    """
    java = tuple(word[2:] for word in words if word.startswith("-J"))
    rest = [word for word in words if word != RC1 and not word.startswith("-J")]
    name, conf = _scan(rest)
    if conf is not None and name:
        from .conf import expanded

        rest = expanded(conf, name, COMMANDS[name].old, rest)
    options: list[tuple[str, str]] = []
    passwords: list[tuple[str, Password]] = []
    help = not rest
    at = 0
    while at < len(rest):
        word = rest[at]
        at += 1
        # A colon in the first place would leave no name.
        flag, colon, modifier = word.partition(":") if word.find(":") > 0 else (word, "", "")
        if (command := command_named(flag)) is not None:
            name = command.name
            continue
        if word.startswith("-") and plain(flag) in _HELP:
            help = True
            continue
        option = OPTIONS.get(plain(flag)) if word.startswith("-") else None
        if option is None or option.name in ("J...", "rc1"):
            raise _illegal(word, name)
        value = ""
        if option.argument:
            if at == len(rest):
                raise UsageError(f"option {flag} needs an argument", hint=help_hint(name))
            value = rest[at]
            at += 1
        if option.password:
            passwords.append((option.name, _password(flag, modifier if colon else "", value, warn)))
            value = ""
        options.append((option.name, value))
    if not name and not help:
        raise UsageError("no command was given", hint=help_hint(""))
    return Request(name, help, tuple(options), tuple(passwords), java)


def help_hint(command: str) -> str:
    """Where the options of a command, or the commands, are shown."""
    if not command:
        return "storekeeper keytool -help lists the commands"
    return f"storekeeper keytool -{command} -help shows the options of -{command}"


def _scan(words: list[str]) -> tuple[str, str | None]:
    """(the one command, the file of options); keytool looks at arguments, too, for these."""
    name, conf = "", None
    first = ""
    for at, word in enumerate(words):
        if at and words[at - 1].lower() == "-conf":
            continue
        if word.lower() == "-conf":
            if at + 1 == len(words):
                raise UsageError(f"option {word} needs an argument", hint=help_hint(name))
            conf = words[at + 1]
        elif (command := command_named(word)) is not None:
            if name:
                raise UsageError(
                    f"only one command is allowed, {first} and {word} were given",
                    hint=help_hint(""),
                )
            name, first = command.name, word
    return name, conf


def _illegal(word: str, command: str) -> UsageError:
    from difflib import get_close_matches

    flag = word.partition(":")[0]
    names = {**{plain(name): name for name in COMMANDS}, **{name: name for name in OPTIONS}}
    close = get_close_matches(plain(flag), names, 1) if word.startswith("-") else []
    hint = f"did you mean -{names[close[0]]}?" if close else help_hint(command)
    # A word that is no option may be a password that lost its quotes.
    shown = flag if word.startswith("-") else "a word without a dash"
    return UsageError(f"illegal option: {shown}", hint=hint)


def _password(flag: str, modifier: str, value: str, warn: Callable[[str], None] | None) -> Password:
    from ...host.passwords import resolve
    from ...model import Password

    kind = modifier.lower()
    if kind in ("env", "file"):
        return resolve(f"{kind}:{value}", warn=warn or _silent, what=f"password of {flag}")
    if modifier:
        raise UsageError(
            f"{flag}:{modifier} is no way to give a password",
            hint=f"{flag}:env NAME and {flag}:file PATH are",
        )
    try:
        os.fsencode(value).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"the password of {flag} is not valid UTF-8") from None
    return Password(value, "the command line")


def _silent(_: str) -> None:
    return None
