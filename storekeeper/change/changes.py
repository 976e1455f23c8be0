"""The kinds of change a plan is made of, and what became of each thing asked for."""

from __future__ import annotations

from ..frozen import Frozen
from ..model import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar, Literal

    State = Literal[
        "added", "unchanged", "replaced", "renamed", "present", "conflict", "left-out", "skipped",
        "removed", "refused",
    ]  # fmt: skip

__all__ = [
    "Add",
    "Change",
    "Link",
    "Redate",
    "Reformat",
    "Remove",
    "Rename",
    "Reorder",
    "Repassword",
    "Replace",
    "Restore",
    "Step",
]


class Add(Frozen):
    """An entry that was not there."""

    entry: Entry

    @property
    def alias(self) -> str:
        """That of the new entry."""
        return self.entry.alias


class Remove(Frozen):
    """An entry that goes."""

    entry: Entry

    @property
    def alias(self) -> str:
        """That of the entry."""
        return self.entry.alias


class Replace(Frozen):
    """Another content under the same alias."""

    old: Entry
    new: Entry

    @property
    def alias(self) -> str:
        """That of both."""
        return self.new.alias


class Rename(Frozen):
    """The same content under another alias."""

    old: Entry
    new: Entry

    @property
    def alias(self) -> str:
        """The new one."""
        return self.new.alias


class Redate(Frozen):
    """The same entry with another creation date."""

    old: Entry
    new: Entry

    @property
    def alias(self) -> str:
        """That of both."""
        return self.new.alias


class Repassword(Frozen):
    """Another password: of the store (``alias`` None), or of the key of that alias."""

    alias: str | None = None


class Reformat(Frozen):
    """Another format, or the same one encrypted in another way.

    Attributes:
        old, new: a phrase for each: "JKS", "PKCS12 java8". ``old`` is "" for a new file.
    """

    old: str
    new: str
    alias: ClassVar[None] = None


class Link(Frozen):
    """A symbolic link by which OpenSSL finds a file that is there.

    Attributes:
        alias: the name of the file.
        name: of the link.
    """

    alias: str
    name: str


class Reorder(Frozen):
    """The same entries in another order."""

    alias: ClassVar[None] = None


class Restore(Frozen):
    """The bytes of an earlier version again.

    Attributes:
        id: the change in the journal that is taken back.
        sha256: of the bytes, or None when there was no file.
    """

    id: str
    sha256: str | None = None
    alias: ClassVar[None] = None


Change = Add | Remove | Replace | Rename | Redate | Repassword | Reformat | Reorder | Restore | Link


class Step(Frozen):
    """What became of one thing that was put in or asked for.

    Attributes:
        state: "added", "unchanged" (already so), "replaced", "renamed", "removed", "present"
            (there under another alias), "conflict" (the alias is taken and the policy says
            skip), "left-out" (by role or filter), "skipped" (unreadable), "refused".
        alias: in the target, or "".
        subject: RFC 4514, or what there is instead.
        sha256: fingerprint of the certificate, or "".
        message: why, lower case, no full stop; or "".
        source: where it came from, or "".
    """

    state: State
    alias: str
    subject: str = ""
    sha256: str = ""
    message: str = ""
    source: str = ""
