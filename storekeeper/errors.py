"""The error tree. One root, an exit status a branch, no behaviour beyond wording.

::

    StorekeeperError
    ├── NoSuchEntry         1  the store has no entry of that alias
    ├── UsageError          2  the words of the command are wrong
    ├── PasswordError       3
    │   ├── PasswordRequired    nobody gave one, and the bytes can't be opened without
    │   └── WrongPassword       one was given; it is wrong, or the file was changed
    ├── InputError          4
    │   ├── Unreadable          the operating system did not give the bytes
    │   ├── UnknownFormat       the bytes are no store or certificate we know
    │   ├── Damaged             a known format, broken at an offset
    │   ├── Unsupported         well formed, but asks for an algorithm we don't have
    │   └── LimitExceeded       well formed, but asks for more work than is reasonable
    ├── NetworkError        5  the network or the server
    └── WriteRefused        6  writing would lose data, or the file changed meanwhile

A message says which step failed, what was expected and what was found; the hint says
what to do next. Both start in lower case and end without a full stop.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class StorekeeperError(Exception):
    """Root of everything storekeeper raises on purpose.

    Attributes:
        message: what went wrong, with the expected and the found value.
        hint: what to do next, or "".
        path: the file or source the bytes came from, when known.
        alias: the entry concerned, when there is one.
        offset: byte offset in the decoded input where reading stopped, when known.
    """

    exit_status = 4

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        path: str | None = None,
        alias: str | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path
        self.alias = alias
        self.offset = offset

    def at(self, *, path: str | None = None, alias: str | None = None) -> Self:
        """The same error, completed with the place a caller further out knows."""
        self.path = self.path or path
        self.alias = self.alias if self.alias is not None else alias
        return self

    def __str__(self) -> str:
        parts = []
        if self.path:
            parts.append(f"{self.path}: ")
        if self.alias is not None:
            parts.append(f"alias {self.alias!r}: ")
        parts.append(self.message)
        if self.offset is not None:
            parts.append(f" (at byte {self.offset})")
        return "".join(parts)


class NoSuchEntry(StorekeeperError):
    """An entry was named that the store does not have: a typing error, or gone already."""

    exit_status = 1


class UsageError(StorekeeperError):
    """The command line, or an argument of a library call, makes no sense."""

    exit_status = 2


class PasswordError(StorekeeperError):
    """Something about a password; see the two subclasses."""

    exit_status = 3


class PasswordRequired(PasswordError):
    """The bytes can't be opened without a password and none was given."""


class WrongPassword(PasswordError):
    """A password was given and does not open the store or the key.

    JKS, JCEKS and PKCS12 cannot tell a wrong password from changed bytes (one digest
    covers both), so the message names both.
    """


class InputError(StorekeeperError):
    """What was read can't be used."""


class Unreadable(InputError):
    """The file is missing, a directory, not permitted, or too large."""


class UnknownFormat(InputError):
    """No reader recognises the bytes."""


class Damaged(InputError):
    """The bytes begin like a known format and then break its rules."""


class Unsupported(InputError):
    """The format is fine and names an algorithm or version we do not implement."""


class LimitExceeded(InputError):
    """The input asks for more time or memory than any honest store needs."""


class NetworkError(StorekeeperError):
    """A server could not be reached or answered something that is no TLS."""

    exit_status = 5


class WriteRefused(StorekeeperError):
    """Writing would lose something, or the target is not what the plan was made from."""

    exit_status = 6
