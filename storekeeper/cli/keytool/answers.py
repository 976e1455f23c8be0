"""Answers in a pipe, read the way keytool reads them.

Measured on JDK 11 to 25:

- A password is read as one line and nothing beyond it. Each byte is a character, whatever
  the encoding.
- Any other answer is read through a buffer that is then thrown away: what has already
  arrived behind it is lost to all later questions, which find the end of input. The same
  answers must lead to the same store, so it is lost here too, and that is said.
"""

from __future__ import annotations

import os
import sys

from ...errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_BUFFER = 8192
# So long a pipe may be silent before what comes later counts as typed later. keytool
# takes longer than this to start, and has in its buffer all a script wrote meanwhile.
_PAUSE = 0.1


class Answers:
    """Standard input, and what has been read of it and not yet used.

    Args:
        say: told what is lost, and what is taken oddly.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._held = b""
        self._ended = False

    def text(self) -> str:
        """A line; "" when it is empty and at the end of input.

        Raises:
            UsageError: it is not UTF-8.
        """
        try:
            return self._line().decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError("the answer on standard input is not valid UTF-8") from None

    def rest(self) -> bytes:
        """All of standard input that no question has taken: a certificate behind a password.

        Raises:
            Unreadable, LimitExceeded: as `host.files.read_file`.
        """
        from ...host.files import STDIN, read_file

        held, self._held = self._held, b""
        return held if self._ended else held + read_file(STDIN)

    def _line(self) -> bytes:
        """A line without its end, from what is held or what comes."""
        while b"\n" not in self._held and not self._ended and len(self._held) <= 8 * _BUFFER:
            self._more()
        line, _, self._held = self._held.partition(b"\n")
        return line.removesuffix(b"\r")

    def bytewise(self) -> str:
        """A line with a character for each byte, which is how keytool takes a password."""
        line = self._line()
        if not line.isascii():
            self._say(
                "keytool takes each byte of a password in a pipe for a character, and so does "
                "this: in UTF-8 it is another password; give it with :env or :file"
            )
        return line.decode("latin-1")

    def _more(self) -> None:
        try:
            read = b"" if sys.stdin is None else os.read(sys.stdin.fileno(), _BUFFER)
        except (OSError, ValueError):
            read = b""
        self._held += read
        self._ended = not read

    def drop(self) -> None:
        """Forget what has arrived, up to a buffer full, as keytool does."""
        if terminal():
            return
        while not self._ended and len(self._held) < _BUFFER and _waiting():
            self._more()
        lost, self._held = self._held[:_BUFFER], self._held[_BUFFER:]
        if lost:
            lines = lost.count(b"\n") + (not lost.endswith(b"\n"))
            self._say(
                f"{lines} more line{'s' if lines > 1 else ''} of standard input dropped, as "
                "keytool does after a question that is not for a password: give passwords as "
                "options, or use -noprompt"
            )


def terminal() -> bool:
    """Whether somebody types the answers."""
    return sys.stdin is not None and sys.stdin.isatty()


def _waiting() -> bool:
    """Whether more of standard input arrives within the pause; true at its end."""
    if os.name == "nt":
        return False  # select is for sockets there
    import select

    try:
        return bool(select.select([sys.stdin.fileno()], [], [], _PAUSE)[0])
    except (OSError, ValueError):
        return False
