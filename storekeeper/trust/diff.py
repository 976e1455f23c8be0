"""What two stores or lists have in common, and what happened to the rest.

Identity of a trusted certificate is its SHA-256. What only one side has is then paired by
subject and key: the same root issued again, the same name with another key, the same key
under another name. Each certificate is told once: one that is part of a pair is not listed
as added or removed too, so on either side

    only here = added (or removed) + re-issued + new key + same key, new name

Aliases: for a trusted certificate an alias is a label, and a different label is listed but
is no difference. Keys are chosen by alias (``server.ssl.key-alias`` and the like), so a
private or secret key under another alias **is** a difference.

Keys are compared sealed, without a password: private keys by their own certificate, secret
keys and what is opaque by their bytes as stored.
"""

from __future__ import annotations

from ..frozen import Frozen
from . import notes
from .pairing import Pairing
from .sides import TRUSTED, Held, Side, holdings

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from ..model import Finding, Password, Store
    from .anchors import Anchor, RootList
    from .pairing import Pairs
    from .sides import Holdings

__all__ = ["Change", "Diff", "Item", "Pair", "Side", "diff", "diff_sources"]


class Item(Frozen):
    """One thing, as the old side, the new side or both hold it.

    Attributes:
        kind: "trusted-certificate", "private-key", "secret-key" or "opaque".
        old, new: the anchor on that side; None where it is not there.
        old_aliases, new_aliases: aliases or labels on that side, in file order.
    """

    kind: str
    old: Anchor | None = None
    new: Anchor | None = None
    old_aliases: tuple[str, ...] = ()
    new_aliases: tuple[str, ...] = ()

    @property
    def anchor(self) -> Anchor:
        """The side that says more: the one with the certificate, else the new one."""
        if self.new is None or (self.new.certificate is None and self.old is not None):
            assert self.old is not None
            return self.old
        return self.new

    @property
    def sha256(self) -> str:
        """SHA-256 of the certificate, 64 hex digits; "" for a secret key or opaque entry."""
        return self.anchor.sha256

    @property
    def subject(self) -> str:
        """RFC 4514 text, or the name a list gives it, or ""."""
        return self.anchor.subject

    @property
    def not_before(self) -> int | None:
        """Start of validity, seconds since 1970 UTC, where known."""
        return self.anchor.not_before

    @property
    def not_after(self) -> int | None:
        """End of validity, seconds since 1970 UTC, where known."""
        return self.anchor.not_after

    @property
    def aliases(self) -> tuple[str, ...]:
        """Those of the new side, else those of the old."""
        return self.new_aliases or self.old_aliases


class Pair(Frozen):
    """Two different certificates that belong together.

    Attributes:
        kind: as in `Item`.
        old, new: the two.
        old_stays: the new side still has the old one (or its re-issue) beside the new:
            a second certificate under a name that was already there.
    """

    kind: str
    old: Item
    new: Item
    old_stays: bool = False

    @property
    def sha256(self) -> str:
        """That of the new one."""
        return self.new.sha256

    @property
    def subject(self) -> str:
        """That of the new one."""
        return self.new.subject


class Change(Frozen):
    """An entry both sides have, with other content.

    Attributes:
        old, new: the entry on either side.
        what: one phrase: what differs, and what can't be told.
    """

    old: Item
    new: Item
    what: str

    @property
    def sha256(self) -> str:
        """Of its own certificate; "" for a secret key or opaque entry."""
        return self.new.sha256

    @property
    def subject(self) -> str:
        """Of its own certificate, or ""."""
        return self.new.subject


class Diff(Frozen):
    """The result. Items are in the order of their side, the old one's where both have them.

    Attributes:
        old, new: the two sides.
        common: on both sides, byte for byte.
        added, removed: on one side only, and unrelated to anything on the other.
        reissued: same subject and key, another certificate.
        new_key: same subject, another key. For a root this is the alarming one.
        same_key_new_name: same key, another subject.
        changed: key entries with another chain, and entries whose bytes differ.
        renamed: the part of ``common`` under other aliases; judged only where both sides
            have aliases of their own.
        expired: on either side, and expired at ``at``.
        notes: what the comparison could not judge, and how old a list is.
        at: the instant expiry was judged at, seconds since 1970 UTC.
    """

    old: Side
    new: Side
    common: tuple[Item, ...] = ()
    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    reissued: tuple[Pair, ...] = ()
    new_key: tuple[Pair, ...] = ()
    same_key_new_name: tuple[Pair, ...] = ()
    changed: tuple[Change, ...] = ()
    renamed: tuple[Item, ...] = ()
    expired: tuple[Item, ...] = ()
    notes: tuple[Finding, ...] = ()
    at: int = 0

    @property
    def same(self) -> bool:
        """Both sides trust the same certificates and hold the same keys under the same aliases.

        Labels of trusted certificates, order, dates and formats do not count.
        """
        return not (
            self.added
            or self.removed
            or self.reissued
            or self.new_key
            or self.same_key_new_name
            or self.changed
            or any(item.kind != TRUSTED for item in self.renamed)
        )

    @property
    def only_old(self) -> int:
        """How many things are on the old side only: removed, re-issued, renamed or rekeyed."""
        gone = sum(not pair.old_stays for pair in self.new_key)
        return len(self.removed) + len(self.reissued) + gone + len(self.same_key_new_name)

    @property
    def only_new(self) -> int:
        """How many things are on the new side only."""
        pairs = len(self.reissued) + len(self.new_key) + len(self.same_key_new_name)
        return len(self.added) + pairs


def diff(old: Store | RootList, new: Store | RootList, *, at: int | None = None) -> Diff:
    """Compare two stores or lists.

    Args:
        old: what there is, or was.
        new: what to compare it with.
        at: instant to judge expiry and the age of lists at, seconds since 1970 UTC; now
            when None.
    """
    if at is None:
        import time

        at = int(time.time())
    old_side, left = holdings(old)
    new_side, right = holdings(new)
    both = [key for key in left if key in right]
    changed = [
        _chain_change(left[key], right[key]) for key in both if _chains_differ(left, right, key)
    ]
    common = [_item(left[key], right[key]) for key in both if not _chains_differ(left, right, key)]
    only_old = [held for key, held in left.items() if key not in right]
    only_new = [held for key, held in right.items() if key not in left]
    pairing = Pairing(only_old, only_new, left)
    changed += [
        Change(_item(a, None), _item(None, b), "other bytes; sealed, so it may be the same content")
        for a, b in pairing.replaced
    ]
    renamed = _renamed(common, old_side, new_side)
    said = notes.notes(old, new, only_old, only_new, at)
    return Diff(
        old_side,
        new_side,
        common=tuple(common),
        added=tuple(_item(None, held) for held in only_new),
        removed=tuple(_item(held, None) for held in only_old),
        reissued=_pairs(pairing.reissued),
        new_key=_pairs(pairing.new_key) + _pairs(pairing.beside, old_stays=True),
        same_key_new_name=_pairs(pairing.same_key_new_name),
        changed=tuple(changed),
        renamed=renamed,
        expired=_expired(left, right, at),
        notes=(*said, *notes.alias_scheme(renamed, len(common), old_side, new_side)),
        at=at,
    )


def diff_sources(
    old: Store | RootList | str | os.PathLike[str] | bytes,
    new: Store | RootList | str | os.PathLike[str] | bytes,
    *,
    password: Password | str | None = None,
    new_password: Password | str | None = None,
    at: int | None = None,
) -> Diff:
    """`diff` of sources in any of the words and files a command line takes.

    Args:
        old: a word of `sources.known_sources`, a path, the bytes of a file, or what was opened
            already.
        new: likewise.
        password: for both sides.
        new_password: for the new side, when it has another.
        at: as in `diff`.

    Raises:
        StorekeeperError: a side can't be opened; see `sources.open_source`.
    """
    from .sources import open_any

    return diff(
        open_any(old, password),
        open_any(new, password if new_password is None else new_password),
        at=at,
    )


# --- results ---------------------------------------------------------------------------


def _item(old: Held | None, new: Held | None) -> Item:
    either = old or new
    assert either is not None
    return Item(
        either.kind,
        old.anchor if old else None,
        new.anchor if new else None,
        tuple(old.aliases) if old else (),
        tuple(new.aliases) if new else (),
    )


def _pairs(found: Pairs, *, old_stays: bool = False) -> tuple[Pair, ...]:
    return tuple(Pair(a.kind, _item(a, None), _item(None, b), old_stays) for a, b in found)


def _chains_differ(left: Holdings, right: Holdings, key: tuple[str, str]) -> bool:
    return left[key].chain != right[key].chain


def _chain_change(old: Held, new: Held) -> Change:
    what = f"the chain: {len(old.chain)} certificates before, {len(new.chain)} now"
    if len(old.chain) == len(new.chain):
        what = f"the chain: other issuers, {len(new.chain)} certificates as before"
    return Change(_item(old, None), _item(None, new), what)


def _renamed(common: list[Item], old: Side, new: Side) -> tuple[Item, ...]:
    if not (old.has_aliases and new.has_aliases):
        return ()
    return tuple(
        item
        for item in common
        if {alias.lower() for alias in item.old_aliases}
        != {alias.lower() for alias in item.new_aliases}
    )


def _expired(left: Holdings, right: Holdings, at: int) -> tuple[Item, ...]:
    found = []
    for key in dict.fromkeys([*left, *right]):
        item = _item(left.get(key), right.get(key))
        if item.not_after is not None and item.not_after < at:
            found.append(item)
    return tuple(found)
