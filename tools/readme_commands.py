"""Prints one of the README's commands, so that CI runs what people are told to run.

A command is the ``sh`` block that follows its marker, an HTML comment such as
``<!-- command: main -->``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def commands(text: str) -> dict[str, str]:
    """Marker to the lines of its block."""
    found = re.findall(r"<!-- command: ([\w-]+) -->\n+```sh\n(.*?)```", text, re.DOTALL)
    return dict(found)


if __name__ == "__main__":
    sys.stdout.write(commands(README.read_text(encoding="utf-8"))[sys.argv[1]])
