"""The conversation of docs/wizard.md: had on a terminal, and written there.

``python -m tests.wizard_transcript`` writes it anew. Enter is typed at every question but the
one for the server.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.terminal import plain
from tests.wizard_bench import SERVER, TOP, xmatters

PAGE = TOP / "docs" / "wizard.md"
BEGIN = "<!-- transcript: made by python -m tests.wizard_transcript -->"
END = "<!-- end of transcript -->"

QUESTIONS = (
    (r"What doesn't work\?", ""),
    (r"Which program", ""),
    (r"Which server\?", SERVER),
    (r"What shall be done\?", ""),
    (r"what the server's owner told you\?", ""),
    (r"Shall this be written now\?", ""),
    (r"Save a profile", ""),
)
"""What is asked, and what is typed before Enter."""


def transcript() -> str:
    """All of the terminal, from the command to its end."""
    with tempfile.TemporaryDirectory() as work, xmatters(Path(work)) as case:
        terminal = case.start(TERM="dumb")
        for question, answer in QUESTIONS:
            terminal.reads(question)
            terminal.reads(r"\] > $|\n> $")
            terminal.answers(answer)
        status = terminal.ends()
        shown = case.told(plain(terminal.text))
    assert status == 0, shown
    return "\n".join(line.rstrip() for line in f"$ storekeeper wizard\n{shown}".splitlines())


def page() -> str:
    """The text of docs/wizard.md with the conversation as it goes now."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n```text\n{transcript()}\n```\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
