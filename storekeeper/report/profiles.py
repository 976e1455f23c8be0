"""Profiles: what they say, what is to be done to their targets, and what was (docs/json.md)."""

from __future__ import annotations

from ..frozen import replace
from ..names import printable
from . import changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..profile.applying import Converged
    from ..profile.attributes import Difference
    from ..profile.planning import TargetPlan
    from ..profile.values import Profile

__all__ = ["json", "profile_lines", "target_lines"]


def target_lines(
    profile: Profile, plan: TargetPlan, done: Converged | None, *, diff: bool = False
) -> Iterator[str]:
    """One target as a person reads it: its name, what is to be done, how it ended.

    Args:
        profile: it is of.
        plan: the plan that was shown or carried out.
        done: what came of it; None when nothing should be written.
        diff: every entry before and after, too.
    """
    if done is not None:
        plan = done.plan
    if len(profile.targets) > 1 or plan.wish.name != plan.wish.path:
        about = f": {printable(plan.wish.about.strip())}" if plan.wish.about else ""
        yield f"[{printable(plan.wish.name)}]{about}"
    # What is as it should be is told by the last line.
    quiet = tuple(one for one in plan.plan.steps if one.state not in ("unchanged", "present"))
    yield from changes.lines(replace(plan.plan, steps=quiet))
    for one in plan.attributes if done is None else done.attributes:
        yield f"~ {one.what:9}  {one.old or '-'} -> {one.new}"
    yield outcome(plan, done)


def outcome(plan: TargetPlan, done: Converged | None) -> str:
    """The last line of a target."""
    applied = None if done is None else done.applied
    text = changes.outcome(plan.plan, applied)
    left = plan.attributes if done is None else done.attributes
    if not left or not plan.plan.unchanged:
        return text
    words = ", ".join(f"{one.what} {one.new}" for one in left)
    path = plan.plan.target.real
    return f"{path}: to be set: {words}" if done is None else f"{path}: set: {words}"


def json(
    profile: Profile, plans: Sequence[TargetPlan], done: Sequence[Converged] | None = None
) -> dict[str, Any]:
    """``storekeeper.profile-plan/1``."""
    applied: list[Converged | None] = [None] * len(plans) if done is None else list(done)
    targets = []
    for plan, one in zip(plans, applied, strict=True):
        plan = plan if one is None else one.plan
        values = changes.json(plan.plan, None if one is None else one.applied)
        del values["schema"]
        targets.append(
            {
                "name": plan.wish.name,
                "state": plan.wish.state,
                **values,
                "changed": not plan.unchanged if one is None else one.changed,
                "attributes": [_attribute(each) for each in plan.attributes],
            }
        )
    return {
        "schema": "storekeeper.profile-plan/1",
        "profile": profile.path,
        "title": profile.title or None,
        "variables": dict(profile.values),
        "changed": any(each["changed"] for each in targets),
        "written": any(each["written"] for each in targets),
        "targets": targets,
        "restart": list(profile.restart),
    }


def _attribute(one: Difference) -> dict[str, Any]:
    return {"attribute": one.what, "old": one.old or None, "new": one.new}


def profile_lines(profile: Profile) -> Iterator[str]:
    """A profile as a person reads it."""
    yield f"{profile.path}: {printable(profile.title) or 'a profile'}"
    for line in profile.about.strip().splitlines():
        yield f"  {printable(line)}".rstrip()
    known = dict(profile.values)
    if profile.variables:
        yield "variables:"
    for variable in profile.variables:
        value = known.get(variable.name, variable.default)
        said = f" = {printable(value)}" if value is not None else ""
        needed = " (required)" if variable.required else ""
        about = f"  {printable(variable.about.strip())}" if variable.about else ""
        yield f"  {variable.name}{said}{needed}{about}"
    if profile.targets:
        yield "targets:"
    for target in profile.targets:
        about = f"  {printable(target.about.strip())}" if target.about else ""
        yield f"  {printable(target.name)}: {target.state} in {printable(target.path)}{about}"
        for source in target.sources:
            name = "PEM" if source.kind == "certificate" else printable(source.name)
            yield f"    {source.kind} {name}"
        for key in target.keys:
            files = " ".join(key.files) or key.source
            yield f"    key {printable(key.name or key.alias)} from {printable(files)}"
    if profile.checks:
        yield "checks:"
    for check in profile.checks:
        yield f"  {printable(check.name)}: {printable(check.server)}"
    for line in profile.restart:
        yield f"restart: {printable(line)}"
    product = profile.product
    if product is None:
        return
    yield f"product: {printable(product.name)}" + (f" ({product.vendor})" if product.vendor else "")
    for rule in product.rules:
        word = "measured" if rule.measured else "documented"
        yield f"  - {printable(rule.text.strip())} ({word})"
    for page in product.pages:
        yield f"  {page}"
