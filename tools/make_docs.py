"""Writes docs/cli.md from the commands' own ``--help``; ``--check`` only compares."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from storekeeper import cli

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"


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


if __name__ == "__main__":
    made = page()
    if "--check" in sys.argv:
        if PAGE.read_text(encoding="utf-8") != made:
            sys.exit("docs/cli.md is not what --help says: run python -m tools.make_docs")
    else:
        PAGE.write_text(made, encoding="utf-8")
