"""What is said of commands and options: their help, and what is not supported of them."""

from __future__ import annotations

from . import RUNNERS
from .grammar import COMMANDS, OPTIONS, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .words import Request

# Java's own providers: what they do is done here without them.
_OWN = {"sun", "sunjce", "sunjsse", "sunec", "sunrsasign", "xmldsig"}


def status_of(row: Command | Option) -> str:
    """``supported``, ``ignored`` or ``unsupported``; a command nobody runs is unsupported."""
    if isinstance(row, Command) and row.name not in RUNNERS:
        return "unsupported"
    return row.status


def line_of(row: Command | Option) -> str:
    """What a command or option does here, in one line."""
    prefix = {"ignored": "ignored: ", "unsupported": "not supported: "}.get(status_of(row), "")
    # argparse takes a percent sign for a field.
    return (prefix + row.line).replace("%", "%%")


def help_of(command: Command) -> str:
    """The help of one command: its options, each with what it does here."""
    from .. import EXIT_STATUSES

    options = [OPTIONS[name] for name in (*command.options, "rc1")]
    labels = {option.name: _label(option) for option in options}
    width = max(map(len, labels.values()))
    lines = "".join(f"  {labels[o.name]:{width}}  {line_of(o)}\n" for o in options)
    old = f" (also -{command.old})" if command.old else ""
    return (
        f"usage: storekeeper keytool -{command.name} [OPTION]...{old}\n\n"
        f"{line_of(command)}\n\noptions:\n{lines}\n"
        "Every password option takes :env NAME and :file PATH in place of a password.\n\n"
        f"{EXIT_STATUSES}"
    )


def _label(option: Option) -> str:
    dashes = "--" if option.name == "rc1" else "-"
    return f"{dashes}{option.name} {option.argument}".rstrip()


def reason_against(request: Request) -> str:
    """Why the request can't be followed here, or ""."""
    command = COMMANDS[request.command]
    if status_of(command) == "unsupported":
        return f"keytool -{command.name} is not supported: {command.line}"
    for name, _ in request.options:
        if OPTIONS[name].status == "unsupported" and name in command.options:
            return f"keytool -{command.name} -{name} is not supported: {OPTIONS[name].line}"
    return ""


def remarks(request: Request) -> Iterator[str]:
    """What somebody ought to know who gave options that change nothing here."""
    for name, value in dict(request.options).items():
        option = OPTIONS[name]
        provider = "provider" in name and option.status == "ignored"
        if provider and value.lower() not in _OWN:
            yield f"-{name} {value} is ignored: {option.line}"
