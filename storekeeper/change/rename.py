"""Giving an entry another alias. Its date, key, chain and everything else stay."""

from __future__ import annotations

from ..errors import NoSuchEntry, WriteRefused
from ..model import kind, replace
from .aliases import legal
from .chosen import entry_named
from .delete import step_about
from .plan import plan_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plan import Plan
    from .target import Target

__all__ = ["plan_rename"]


def plan_rename(target: Target, old: str, new: str) -> Plan:
    """The plan that gives the entry ``old`` the alias ``new``.

    When nothing is called ``old`` any more and something is called ``new``, it has been done.
    A change of case alone is one too: it mends an alias in capitals in a JKS, which Java lists
    and does not find.

    Raises:
        NoSuchEntry: neither is there.
        WriteRefused: ``new`` is taken, or the format would not keep it.
    """
    assert target.store is not None
    store = target.store
    if store.format in ("DER", "PKCS7"):
        raise WriteRefused(
            f"a {store.format} file has no aliases: those that are listed are made of the subjects",
            hint="storekeeper convert makes a store that has",
            path=target.path,
        )
    try:
        entry = entry_named(store, old)
    except NoSuchEntry:
        there = store.find(new)
        if there is None:
            raise
        step = step_about("unchanged", there, f"nothing is called {old!r}, and this is there")
        return plan_of(target, store, steps=[step])
    try:
        alias = legal(new, store.format)
    except WriteRefused as error:
        error.hint = "choose another"
        raise error.at(path=target.path) from None
    if entry.alias == alias:
        return plan_of(target, store, steps=[step_about("unchanged", entry)])
    for other in store.entries:
        if other is not entry and other.alias.lower() == alias.lower():
            raise WriteRefused(
                f"the alias is taken by a {kind(other).replace('-', ' ')}",
                alias=other.alias,
                hint="choose another, or delete that entry first",
                path=target.path,
            )
    renamed = replace(entry, alias=alias)
    message = f"was {entry.alias!r}"
    if alias != new:
        message += f"; a {store.format} has aliases in lower case only"
    entries = tuple(renamed if one is entry else one for one in store.entries)
    step = step_about("renamed", renamed, message)
    return plan_of(target, replace(store, entries=entries), steps=[step])
