"""Carrying a profile out: each target under its lock, planned again when it is another by then."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack

from ..change.apply import BACKUPS, apply
from ..errors import StorekeeperError
from ..frozen import Frozen
from ..host.files import is_directory
from ..host.locks import TIMEOUT, lock
from ..host.refusals import refused
from .attributes import differences, settle
from .context import Context, placed
from .planning import TargetPlan, plan_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
    usual_backups: int = BACKUPS,
    timeout: float = TIMEOUT,
    summary: str = "apply",
) -> Iterator[Converged]:
    """Make the targets what their plans say, one after the other, all of them locked.

    Args:
        plans: of `plan_profile`.
        context: the one they were made with.
        backups: how many old versions stay, whatever the profile says.
        usual_backups: how many, where neither says.
        timeout: seconds to wait for each lock.
        summary: for the journal.

    Raises:
        WriteRefused: before anything is done, when a directory is not there or not ours to
            write in, or a lock is held; on the way, when writing fails, and the targets
            before are done.
    """
    context = context or Context()
    every = tuple(plans)
    for planned in every:
        try:
            _refuse_shut(planned)
        except StorekeeperError as error:
            raise placed(error, planned.wish.mark) from None
    return _each(every, context, (backups, usual_backups), timeout, summary)


def _each(
    plans: Sequence[TargetPlan],
    context: Context,
    backups: tuple[int | None, int],
    timeout: float,
    summary: str,
) -> Iterator[Converged]:
    with ExitStack() as locks:
        # In one order everywhere, so that two profiles never wait for each other.
        for planned in sorted(plans, key=lambda one: one.plan.target.real):
            try:
                if not planned.unchanged:
                    _make_directory(planned)
                    locks.enter_context(lock(_place(planned), timeout))
            except StorekeeperError as error:
                raise placed(error, planned.wish.mark) from None
        written: set[str] = set()
        for planned in plans:
            try:
                if planned.unchanged and planned.plan.target.real not in written:
                    done = Converged(planned, apply(planned.plan))
                else:
                    done = _converged(planned, context, backups, summary)
            except StorekeeperError as error:
                raise placed(error, planned.wish.mark) from None
            written.add(planned.plan.target.real)
            yield done


def _place(planned: TargetPlan) -> str:
    """What to lock: of a directory itself, of a file the one it lies in."""
    real = planned.plan.target.real
    return os.path.join(real, os.curdir) if is_directory(real) else real


def _make_directory(planned: TargetPlan) -> None:
    real = planned.plan.target.real
    if planned.wish.type == "directory" and not os.path.lexists(real):
        try:
            os.mkdir(real)
        except OSError as problem:
            raise refused(problem, real, "making it") from problem


def _refuse_shut(planned: TargetPlan) -> None:
    """Refuse what can be known not to work before the first target is written."""
    if planned.plan.unchanged:
        return
    real = planned.plan.target.real
    directory = real if is_directory(real) else os.path.dirname(real.rstrip(os.sep)) or os.curdir
    if not os.path.isdir(directory):
        code = errno.ENOENT
    elif not os.access(directory, os.W_OK | os.X_OK):
        code = errno.EACCES
    else:
        return
    problem = OSError(code, os.strerror(code), directory)
    raise refused(problem, real, "writing beside it", directory)


def _converged(
    planned: TargetPlan,
    context: Context,
    backups: tuple[int | None, int],
    summary: str,
) -> Converged:
    """Plan again now that it is locked, and write."""
    now = plan_target(planned.wish, planned.gathered, context)
    wish = now.wish
    said, usual = backups
    if said is None:
        said = usual if wish.backups is None else wish.backups
    applied = apply(
        now.plan, backups=said, limits=context.limits, summary=f"{summary}: {wish.name}"
    )
    left = differences(wish, now.plan)
    if left:
        settle(wish, now.plan.target.real)
    return Converged(now, applied, left)
