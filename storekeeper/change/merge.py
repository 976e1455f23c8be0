"""Several stores put together, or one put in order."""

from __future__ import annotations

from ..formats.reseal import own_encryption
from .fitting import Sealing
from .openings import KeyPasswords
from .order import in_order
from .plan import plan_of
from .target import format_for
from .union import Side, Union, need_password, refuse_leftover, refuse_unsupported, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formats.encryption import Encryption
    from ..model import Password
    from .plan import Plan
    from .target import Target
    from .union import OnConflict

__all__ = ["plan_merge"]


def plan_merge(
    target: Target,
    sources: Sequence[Side],
    *,
    on_conflict: OnConflict = "fail",
    sort: str = "none",
    dedupe: bool = False,
    force: bool = False,
    storetype: str | None = None,
    password: Password | None = None,
    keys: KeyPasswords | None = None,
    encryption: Encryption | None = None,
    skip_unsupported: bool = False,
    now_ms: int | None = None,
) -> Plan:
    """The plan that makes a store hold what several hold, and nothing else.

    An entry is the same in two stores when its alias, its certificates and its opened key
    are; it stands once, with the older date.

    Args:
        target: the store to be. It may be one of the sources, as a `Side` that is
            ``native``; its entries then stay as they are.
        sources: in the order in which they count.
        on_conflict: what to do when two have other contents under one alias: "fail",
            "skip" (the first stays), "rename" (the second gets -1) or "replace" (the last
            wins; a key only by a key).
        sort: one of `order.SORTS`.
        dedupe: a certificate that is trusted under several aliases keeps the first of them.
        force: what the target holds and no source has may go.
        storetype: of a new store.
        password: of a new store.
        keys: what opens the keys of the target, to compare them; its password is tried.
        encryption: of a new store.
        skip_unsupported: leave out what the format has no place for.
        now_ms: the date of entries that have none, milliseconds since 1970 UTC.

    Raises:
        WriteRefused: a conflict, something the format has no place for, or entries of the
            target that would be gone.
        PasswordRequired, WrongPassword: a key can't be opened.
    """
    format = target.store.format if target.store else format_for(target.path, storetype)
    password = password if password is not None else target.password
    need_password(format, password, target.path, "--storepass")
    native = next((side for side in sources if side.native), None)
    there = native
    if there is None and target.store is not None:
        there = Side(target.path, target.store, keys or KeyPasswords(store=password))
    again = encryption if target.store is None else None
    union = Union(
        Sealing(format, password, None, again, own_encryption(target.store)),
        there,
        on_conflict=on_conflict,
        dedupe=dedupe,
        redate=True,
    )
    for side in sources:
        for entry in side.store.entries:
            union.take(entry, side)
    if not skip_unsupported:
        refuse_unsupported(union, target.path)
    if native is None and not force:
        refuse_leftover(union, target.path)
    result = in_order(union.result(target.store), sort)
    plan = plan_of(
        target,
        result,
        password=password,
        encryption=again,
        steps=[step for step in union.steps if step.state != "unchanged"],
        findings=union.findings(),
        now_ms=now_ms,
    )
    return settled(plan)
