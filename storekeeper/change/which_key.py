"""Which key entry of a store somebody means."""

from __future__ import annotations

from ..errors import NoSuchEntry, UsageError
from ..model import PrivateKey, Store, kind

__all__ = ["key_entry", "only_key_alias"]


def key_entry(store: Store, alias: str) -> PrivateKey:
    """The private key entry of that alias.

    Raises:
        NoSuchEntry: there is no entry of that alias; the hint names the private keys.
        UsageError: it is something else.
    """
    from .chosen import no_such_entry

    entry = store.find(alias)
    if isinstance(entry, PrivateKey):
        return entry
    keys = [one.alias for one in store.entries if isinstance(one, PrivateKey)]
    hint = f"private keys here: {', '.join(keys[:5])}" if keys else "there is no private key in it"
    if entry is None:
        raise no_such_entry(store, alias, hint)
    raise UsageError(
        f"expected the alias of a private key, it is a {kind(entry).replace('-', ' ')}",
        alias=alias,
        hint=hint,
        path=store.path,
    )


def only_key_alias(store: Store, alias: str | None) -> str:
    """The alias that was said, or the only private key's.

    Raises:
        NoSuchEntry: none was said and there are none.
        UsageError: none was said and there are several.
    """
    if alias is not None:
        return alias
    keys = [one.alias for one in store.entries if isinstance(one, PrivateKey)]
    if len(keys) == 1:
        return keys[0]
    if not keys:
        raise NoSuchEntry(
            "there is no private key in the store",
            hint="storekeeper genkey makes one",
            path=store.path,
        )
    raise UsageError(
        f"there are {len(keys)} private keys in the store, so the alias has to be said",
        hint=f"--alias is one of {', '.join(keys[:5])}{', ...' if len(keys) > 5 else ''}",
        path=store.path,
    )
