"""Entries put into a store one by one, each under an alias somebody settled on."""

from __future__ import annotations

from ..formats.reseal import own_encryption
from ..model import Entry, Password, PrivateKey, SecretKey, Store, kind, replace
from .aliases import legal
from .changes import Step
from .fitting import Sealing, fitted
from .openings import KeyPasswords, same_entry
from .plan import plan_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plan import Plan
    from .target import Target

__all__ = ["Transfer"]


class Transfer:
    """The store as it grows; what has an alias already gives way to what is put there.

    Args:
        target: the store they go to.
        format: of the result.
        password: of the result, and so of the keys of a PKCS12.
        afresh: what the target holds is not kept: it is the source itself.
    """

    def __init__(
        self, target: Target, format: str, password: Password, *, afresh: bool = False
    ) -> None:
        self._target = target
        self._like = Store(format) if afresh or target.store is None else target.store
        self._password = password
        self._entries = list(self._like.entries)
        self._steps: list[Step] = []
        self.format = format

    def has(self, alias: str) -> bool:
        """Whether an entry has the alias by now."""
        return self._at(alias) is not None

    def put(
        self,
        entry: Entry,
        came_from: str,
        alias: str,
        *,
        opens: Password | None = None,
        seals: Password | None = None,
    ) -> None:
        """Put an entry in, in the place of the one that has the alias.

        Args:
            entry: of any format.
            came_from: that format.
            alias: its new one.
            opens: the password of its key.
            seals: the password its key is to have, unless the format gives it the store's.

        Raises:
            WriteRefused, Unsupported: the format has no place for it.
            PasswordRequired, WrongPassword: its key can't be opened or sealed.
        """
        apart = None if self.format == "PKCS12" else seals
        keys = KeyPasswords(store=opens)
        into = Sealing(self.format, self._password, apart, None, own_encryption(self._target.store))
        alias = legal(alias, self.format)
        made = replace(fitted(entry, came_from, keys, into), alias=alias)
        at = self._at(alias)
        if at is None:
            self._entries.append(made)
        else:
            held = self._entries[at]
            into_keys = KeyPasswords(store=self._password, every=apart)
            same = same_entry(made, held, into_keys, into_keys)
            if not (same and (apart is None or _opens(held, apart))):
                self._entries[at] = made
        self._steps.append(Step("added" if at is None else "replaced", alias, kind(made), "", ""))

    def plan(self) -> Plan:
        """The plan that makes the target hold all of it."""
        return plan_of(
            self._target,
            replace(self._like, entries=tuple(self._entries)),
            password=self._password,
            steps=self._steps,
        )

    def _at(self, alias: str) -> int | None:
        folded = alias.lower()
        entries = enumerate(self._entries)
        return next((at for at, one in entries if one.alias and one.alias.lower() == folded), None)


def _opens(entry: Entry, password: Password) -> bool:
    from ..errors import StorekeeperError

    if not isinstance(entry, PrivateKey | SecretKey):
        return True
    try:
        entry.sealed.opener(entry.sealed.data, password)
    except StorekeeperError:
        return False
    return True
