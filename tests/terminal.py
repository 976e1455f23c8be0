"""A command in a pseudo-terminal of 80 columns, with somebody who reads the screen and types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte

COLUMNS, LINES = 80, 24
SECONDS = 60

ENTER, DOWN, UP, CTRL_B, CTRL_C = "\r", "\x1b[B", "\x1b[A", "\x02", "\x03"


class Terminal:
    """A process on a terminal.

    Attributes:
        text: everything it wrote, with escape sequences.
    """

    def __init__(self, argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        self.text = ""
        self._read = 0
        self._screen = pyte.HistoryScreen(COLUMNS, LINES, history=5_000, ratio=0.5)
        self._stream = pyte.Stream(self._screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        # This process has threads and is not forked: what pty.fork does in between, to take the
        # terminal for the one that controls it, the program does itself.
        self._process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=dict(environ),
            start_new_session=True,
        )
        os.close(slave)

    def reads(self, pattern: str) -> None:
        """Wait until the terminal shows it, after what was read before; colours don't count."""
        deadline = time.monotonic() + SECONDS
        while True:
            shown = plain(self.text)
            found = re.compile(pattern).search(shown, self._read)
            if found:
                self._read = found.end()
                return
            assert time.monotonic() < deadline, shown
            assert self._more(), shown

    def types(self, keys: str) -> None:
        """Press keys; Ctrl-C no sooner than a person can, once the prompt is read."""
        if keys == CTRL_C:
            time.sleep(0.3)
        os.write(self._master, keys.encode())

    def answers(self, line: str = "") -> None:
        """A line and Enter."""
        self.types(line + ENTER)

    def ends(self) -> int:
        """The exit status."""
        while self._more():
            pass
        os.close(self._master)
        status = self._process.wait(SECONDS)
        return 128 - status if status < 0 else status

    def screen(self) -> list[str]:
        """What stands on the screen now, lines without what is empty at their ends."""
        return [line.rstrip() for line in self._screen.display]

    def _more(self) -> bool:
        if not select.select([self._master], [], [], SECONDS)[0]:
            return False
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        text = piece.decode(errors="replace")
        self.text += text
        self._stream.feed(text)
        if "\x1b[6n" in text:  # where is the cursor? prompt_toolkit waits for the answer
            cursor = self._screen.cursor
            os.write(self._master, f"\x1b[{cursor.y + 1};{cursor.x + 1}R".encode())
        return bool(piece)


def plain(text: str) -> str:
    """Without escape sequences and carriage returns."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\][^\x07]*\x07", "", text)
    return text.replace("\r", "")
