"""Who belongs to whom among what only one side of a comparison has."""

from __future__ import annotations

from .sides import TRUSTED, Held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from .sides import Holdings

    Key = Callable[[Held], Hashable]
    Pairs = list[tuple[Held, Held]]


class Pairing:
    """Pairs by what relates them; see `diff.Diff` for the words. Each thing is in one pair.

    Args:
        left: what only the old side has; what finds a partner is taken out.
        right: what only the new side has; likewise.
        all_left: everything the old side has.
    """

    def __init__(self, left: list[Held], right: list[Held], all_left: Holdings) -> None:
        self.reissued: Pairs = []
        self.new_key: Pairs = []
        self.same_key_new_name: Pairs = []
        self.replaced: Pairs = []
        for found, key in (
            (self.reissued, _by_alias_and(_subject_and_key)),
            (self.reissued, _subject_and_key),
            (self.reissued, _published_subject_and_key),
            (self.new_key, _by_alias_and(_subject)),
            (self.new_key, _subject),
            (self.same_key_new_name, _public_key),
            (self.replaced, _bare_alias),
        ):
            if left and right:
                _pair(left, right, key, found)
        # Their names were taken already, by certificates with other keys.
        self.beside = _names_taken(all_left, right)
        taken = {id(held) for _, held in self.beside}
        right[:] = [held for held in right if id(held) not in taken]


def _subject_and_key(held: Held) -> Hashable:
    subject, key = held.names
    return (held.kind, subject, key) if subject and key else None


def _published_subject_and_key(held: Held) -> Hashable:
    both = held.anchor.subject_spki_sha256
    return (held.kind, both) if both else None


def _subject(held: Held) -> Hashable:
    # Only of those whose key is known: pairs of one subject and key are gone by now.
    subject, key = held.names
    return (held.kind, subject) if subject and key else None


def _public_key(held: Held) -> Hashable:
    _, key = held.names
    return (held.kind, key) if key else None


def _bare_alias(held: Held) -> Hashable:
    # What has no certificate can only be recognised by its alias.
    if held.anchor.sha256 or held.kind == TRUSTED:
        return None
    return (held.kind, held.aliases[0].lower())


def _by_alias_and(key: Key) -> Key:
    """Keys renewed in place keep their alias: prefer that partner when there are several."""

    def both(held: Held) -> Hashable:
        if held.kind == TRUSTED:
            return None
        inner = key(held)
        return None if inner is None else (held.aliases[0].lower(), inner)

    return both


def _pair(left: list[Held], right: list[Held], key: Key, found: Pairs) -> None:
    """Move what agrees in ``key`` (not None) from both lists into ``found``, one to one.

    Where several agree, the oldest are paired first, on equal dates by fingerprint: the
    same pairs come out whichever side is called old.
    """
    partners: dict[Hashable, list[Held]] = {}
    for held in right:
        if (value := key(held)) is not None:
            partners.setdefault(value, []).append(held)
    if not partners:
        return
    groups: dict[Hashable, list[Held]] = {}
    for held in left:
        if (value := key(held)) in partners:
            groups.setdefault(value, []).append(held)
    gone: set[int] = set()
    for value, group in groups.items():
        for a, b in zip(sorted(group, key=_age), sorted(partners[value], key=_age), strict=False):
            found.append((a, b))
            gone |= {id(a), id(b)}
    left[:] = [held for held in left if id(held) not in gone]
    right[:] = [held for held in right if id(held) not in gone]


def _age(held: Held) -> tuple[int, str]:
    return held.anchor.not_before or 0, held.identity


def _names_taken(left: Holdings, fresh: list[Held]) -> Pairs:
    """New trusted certificates that bear the name of one the old side has, with another key."""
    wanted = {subject for held in fresh if (subject := _subject(held)) is not None}
    found: Pairs = []
    if not wanted:
        return found
    keys: dict[Hashable, dict[str | None, Held]] = {}
    for held in left.values():
        if held.kind == TRUSTED and (subject := _subject(held)) in wanted:
            keys.setdefault(subject, {})[held.names[1]] = held
    for held in fresh:
        known = keys.get(_subject(held), {})
        if held.kind == TRUSTED and known and held.names[1] not in known:
            found.append((min(known.values(), key=_age), held))
    return found
