"""Carrying a profile out: each target under its lock, planned again when it is another by then."""

from __future__ import annotations

import os

from ..change.apply import BACKUPS, apply
from ..errors import StorekeeperError
from ..frozen import Frozen
from ..host.files import in_our_words, is_directory
from ..host.locks import TIMEOUT, lock
from .attributes import differences, settle
from .context import Context, placed
from .planning import TargetPlan, plan_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..change.apply import Applied
    from .attributes import Difference

__all__ = ["Converged", "apply_profile"]


class Converged(Frozen):
    """What became of one target.

    Attributes:
        plan: the plan that was carried out.
        applied: what writing it came to.
        attributes: what of owner, group and mode was set.
    """

    plan: TargetPlan
    applied: Applied
    attributes: tuple[Difference, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is different now."""
        return self.applied.changed or bool(self.attributes)


def apply_profile(
    plans: Iterable[TargetPlan],
    context: Context | None = None,
    *,
    backups: int | None = None,
    timeout: float = TIMEOUT,
    summary: str = "apply",
) -> Iterator[Converged]:
    """Make the targets what their plans say, one after the other.

    Args:
        plans: of `plan_profile`.
        context: the one they were made with.
        backups: how many old versions stay, where the profile does not say.
        timeout: seconds to wait for each lock.
        summary: for the journal.

    Raises:
        WriteRefused: a lock is held, or a target can't be written. Targets before it are done.
    """
    context = context or Context()
    for planned in plans:
        try:
            done = _converged(planned, context, backups, timeout, summary)
        except StorekeeperError as error:
            raise placed(error, planned.wish.mark) from None
        yield done


def _converged(
    planned: TargetPlan, context: Context, backups: int | None, timeout: float, summary: str
) -> Converged:
    real = planned.plan.target.real
    if planned.wish.type == "directory" and not planned.plan.unchanged:
        made_directory(real)
    place = os.path.join(real, os.curdir) if is_directory(real) else real
    if planned.unchanged and planned.plan.target.store is None:
        return Converged(planned, apply(planned.plan))  # nothing there, and nothing wished
    with lock(place, timeout):
        now = plan_target(planned.wish, planned.gathered, context)
        wish = now.wish
        kept = wish.backups if wish.backups is not None else backups
        applied = apply(
            now.plan,
            backups=BACKUPS if kept is None else kept,
            limits=context.limits,
            summary=f"{summary}: {wish.name}",
        )
        left = differences(wish, now.plan)
        if left:
            settle(wish, real)
        return Converged(now, applied, left)


def made_directory(path: str) -> None:
    """Make a directory that is a target, and those above it, where there is none.

    Raises:
        Unreadable: it can't be made.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as problem:
        raise in_our_words(path, problem, "directory") from problem
