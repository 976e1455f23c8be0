"""Carrying a profile out: each target under its lock, planned again when it is another by then."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack

from ..change.apply import BACKUPS, apply
from ..errors import StorekeeperError
from ..frozen import Frozen
from ..host.files import in_our_words, is_directory
from ..host.locks import TIMEOUT, lock
from ..host.refusals import refused
from ..model import replace
from .attributes import differences, refuse_owner, settle
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
    if backups is not None:
        every = tuple(replace(one, wish=replace(one.wish, backups=backups)) for one in every)
    return _each(every, context, usual_backups, timeout, summary)


def _each(
    plans: Sequence[TargetPlan],
    context: Context,
    backups: int,
    timeout: float,
    summary: str,
) -> Iterator[Converged]:
    with ExitStack() as locks:
        # In one order everywhere, so that two profiles never wait for each other.
        for planned in sorted(plans, key=lambda one: one.plan.target.real):
            if not planned.unchanged and os.path.isdir(_above(planned)):
                try:
                    locks.enter_context(lock(_place(planned), timeout))
                except StorekeeperError as error:
                    raise placed(error, planned.wish.mark) from None
        written: set[str] = set()
        for planned in plans:
            try:
                if planned.unchanged and planned.plan.target.real not in written:
                    done = Converged(planned, apply(planned.plan))
                else:
                    done = _converged(planned, context, backups, timeout, summary)
            except StorekeeperError as error:
                raise placed(error, planned.wish.mark) from None
            written.add(planned.plan.target.real)
            yield done


def _place(planned: TargetPlan) -> str:
    """What to lock: of a directory itself, of a file the one it lies in."""
    real = planned.plan.target.real
    return os.path.join(real, os.curdir) if is_directory(real) else real


def _above(planned: TargetPlan) -> str:
    """The directory that a target lies in."""
    return os.path.dirname(planned.plan.target.real.rstrip(os.sep)) or os.curdir


def _refuse_shut(planned: TargetPlan) -> None:
    """Refuse what can be known not to work before the first target is written."""
    refuse_owner(planned.wish, planned.attributes, planned.plan.target.real)
    if planned.plan.unchanged:
        return
    real = planned.plan.target.real
    directory = real if is_directory(real) else _above(planned)
    while planned.wish.type == "directory" and not os.path.lexists(directory):
        directory = os.path.dirname(directory) or os.curdir  # it is made
    if not os.path.isdir(directory):
        code = errno.ENOENT
    elif not os.access(directory, os.W_OK | os.X_OK):
        code = errno.EACCES
    else:
        return
    problem = OSError(code, os.strerror(code), directory)
    raise refused(problem, real, "writing beside it", directory)


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
