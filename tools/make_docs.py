"""Writes docs/cli.md and docs/keytool.md; ``--check`` only compares.

The first is the commands' own ``--help``, the second the table of keytool's commands.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from storekeeper import cli

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
KEYTOOL_PAGE = PAGE.with_name("keytool.md")


def page() -> str:
    """The text of docs/cli.md."""
    os.environ["COLUMNS"] = "88"
    parts = [
        "# Command line",
        "",
        "Made by `python -m tools.make_docs` from `--help`; a test compares the two.",
        "",
        "```text",
        cli.help_text().rstrip(),
        "```",
    ]
    for name in cli.COMMANDS:
        shown = cli.options_of(name).format_help().rstrip()
        parts += ["", f"## storekeeper {name}", "", "```text", shown, "```"]
    return "\n".join(parts) + "\n"


def keytool_page() -> str:
    """The text of docs/keytool.md."""
    from storekeeper.cli.keytool.grammar import COMMANDS, DIFFERENCES, OPTIONS
    from storekeeper.cli.keytool.helping import status_of

    parts = [
        "# keytool",
        "",
        "Made by `python -m tools.make_docs` from `storekeeper/cli/keytool/grammar.py`; a test",
        "compares the two, and the table with the help of real keytools.",
        "",
        "`storekeeper keytool` takes the commands and options of the keytool of JDK 17 to 25, so",
        "`alias keytool='storekeeper keytool'` runs people's scripts. What keytool prints on",
        "standard output is printed there, as keytool 17 prints it; errors go to standard error,",
        "and end with storekeeper's exit statuses, or with 1 if `--rc1` is given. Every password",
        "option takes `:env NAME` and `:file PATH`.",
        "",
        "Where it differs:",
        "",
        *(f"- {difference}." for difference in DIFFERENCES),
    ]
    for command in COMMANDS.values():
        old = f" (also -{command.old})" if command.old else ""
        parts += ["", f"## -{command.name}{old}", "", f"{status_of(command)}: {command.line}"]
        if status_of(command) == "unsupported":
            continue
        parts += ["", "| option | here | what it does |", "|---|---|---|"]
        for option in (OPTIONS[name] for name in command.options):
            words = f"-{option.name} {option.argument}".rstrip()
            parts.append(f"| `{words}` | {option.status} | {option.line} |")
    parts += ["", "## With every command", "", "| option | here | what it does |", "|---|---|---|"]
    used = {name for command in COMMANDS.values() for name in command.options}
    for option in (option for name, option in OPTIONS.items() if name not in used):
        words = f"{'--' if option.name == 'rc1' else '-'}{option.name} {option.argument}".rstrip()
        parts.append(f"| `{words}` | {option.status} | {option.line} |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    for path, made in ((PAGE, page()), (KEYTOOL_PAGE, keytool_page())):
        if "--check" not in sys.argv:
            path.write_text(made, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != made:
            sys.exit(f"docs/{path.name} is out of date: run python -m tools.make_docs")
