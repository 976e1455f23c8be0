"""The plans of a profile: all of them are made before anything is touched."""

from __future__ import annotations

import os

from ..change.apply import encode
from ..change.folder import new_folder
from ..change.plan import Plan, now
from ..change.target import Target, locate, open_target
from ..errors import StorekeeperError, UsageError
from ..frozen import Frozen, replace
from .attributes import differences
from .chains import chain_wished
from .context import Context, placed
from .converge import converge
from .gathering import Gathered, gathered
from .identities import converge_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..change.import_ import Dates
    from ..formats.encryption import Encryption
    from .attributes import Difference
    from .values import Profile, TargetWish

__all__ = ["TargetPlan", "plan_profile", "plan_target"]


class TargetPlan(Frozen):
    """What is to be done to one target of a profile.

    Attributes:
        wish: what the profile says.
        plan: what that comes to.
        gathered: what its sources came to, for planning again.
        attributes: owner, group and mode that are not as wished.
    """

    wish: TargetWish
    plan: Plan
    gathered: Gathered
    attributes: tuple[Difference, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Whether the target already is as wished."""
        return self.plan.unchanged and not self.attributes


def plan_profile(profile: Profile, context: Context | None = None) -> tuple[TargetPlan, ...]:
    """The plans of every target that takes part, in order. Nothing is changed.

    Raises:
        NetworkError: a server among the sources can't be reached.
        StorekeeperError: a source or target can't be read, or what is wished can't be
            written. Its path or hint names the place in the profile.
    """
    context = context or Context()
    for name, why in profile.unused:
        raise UsageError(
            f"{name} is said, and nothing comes of it: {why}",
            hint="say that as well, or leave this out",
            path=profile.path,
        )
    wanted = [wish for wish in profile.targets if wish.wanted]
    if profile.targets and not wanted and not any(one.wanted for one in profile.checks):
        context.say(
            f"{profile.path}: nothing is asked for, and none of its targets takes part; "
            "storekeeper profiles show tells what can be said with --set"
        )
    known = [gathered(wish, context) for wish in wanted]
    plans = []
    for wish, found in zip(wanted, known, strict=True):
        made = plan_target(wish, found, context)
        if not made.plan.unchanged:
            try:
                encode(made.plan, context.limits)  # what can't be written is not planned either
            except StorekeeperError as error:
                raise placed(error, wish.mark) from None
        plans.append(made)
    return tuple(plans)


def plan_target(wish: TargetWish, found: Gathered, context: Context) -> TargetPlan:
    """The plan of one target as it is now; raises as `plan_profile`."""
    try:
        target = _opened(wish, context)
        plan = _converged(target, wish, found, context)
        return TargetPlan(wish, plan, found, differences(wish, plan))
    except StorekeeperError as error:
        if error.exit_status == 3 and not wish.password:
            error.hint = "say where it comes from: password: env:NAME, file:PATH or prompt"
        raise placed(error, wish.mark) from None


def _converged(target: Target, wish: TargetWish, found: Gathered, context: Context) -> Plan:
    if wish.keys:
        return converge_keys(
            target,
            wish,
            found.keys,
            [one.certificate for one in found.incoming],
            key_password=context.password(wish.key_password, f"the keys of {wish.path}", wish.mark),
            encryption=encryption(wish),
            at=context.at,
            now_ms=dates(context),
        )
    incoming = found.incoming
    if wish.chain_of:
        chained = chain_wished(target, wish, incoming, context)
        if isinstance(chained, Plan):
            return chained
        incoming = chained
    return converge(
        target,
        wish,
        incoming,
        steps=found.steps,
        encryption=encryption(wish),
        at=context.at,
        now_ms=dates(context),
    )


def _opened(wish: TargetWish, context: Context) -> Target:
    new = wish.password == "prompt" and not os.path.lexists(wish.path)
    password = context.password(wish.password, wish.path, wish.mark, twice=new)
    if wish.type == "directory" and not os.path.lexists(wish.path):
        target = locate(wish.path, environ=context.environ, say=context.say)
        return replace(target, store=new_folder(hashed=wish.hashed))
    return open_target(
        wish.path,
        password,
        environ=context.environ,
        limits=context.limits,
        may_be_new=True,
        directories=True,
        hashed=wish.hashed,
        say=context.say,
    )


def encryption(wish: TargetWish) -> Encryption | None:
    """The parameter set of ``compat``, or None."""
    if not wish.compat:
        return None
    from ..formats.encryption import as_asked

    return as_asked(wish.compat)


def dates(context: Context) -> int | Dates | None:
    """The dates of new entries: said, SOURCE_DATE_EPOCH, or None for their notBefore."""
    if context.now_ms is not None:
        return context.now_ms
    environ = os.environ if context.environ is None else context.environ
    if environ.get("SOURCE_DATE_EPOCH"):
        return now()
    return None
