"""A command at a terminal, with a person who answers each of its prompts in turn."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PASSWORD_PROMPT = rb"assword[^\n]*: +$"
ANY_PROMPT = rb": +$"


def at_terminal(
    command: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    answers: Sequence[bytes] = (),
    *,
    prompt: bytes = PASSWORD_PROMPT,
    columns: int = 0,
) -> tuple[int, str]:
    """Exit status and what the terminal shows.

    Args:
        command: the program, as a path, and its arguments.
        folder: that it runs in.
        environ: all its variables.
        answers: typed one by one, as they are, when it asks.
        prompt: by what it is seen to ask, in what was shown since the last answer.
        columns: of the terminal; 0 for one that does not say.
    """
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover
        os.chdir(folder)
        os.execve(command[0], [*command], environ)
    if columns:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    shown, answered, waiting = b"", 0, list(answers)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
        if waiting and re.search(prompt, shown[answered:]):
            answered = len(shown)
            os.write(terminal, waiting.pop(0))
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n")
