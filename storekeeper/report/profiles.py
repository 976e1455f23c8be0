"""Profiles: what they say, what is to be done to their targets, and what was (docs/json.md)."""

from __future__ import annotations

from ..frozen import replace
from ..model import PrivateKey, kind
from ..names import printable
from . import changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..change.plan import Plan
    from ..model import Entry
    from ..profile.applying import Converged
    from ..profile.attributes import Difference
    from ..profile.checks import Checked
    from ..profile.installed import Installation
    from ..profile.planning import TargetPlan
    from ..profile.values import Profile
    from ..trust.verdict import Verdict

__all__ = [
    "check_line",
    "diff_lines",
    "json",
    "list_json",
    "profile_json",
    "profile_lines",
    "target_lines",
]


def target_lines(
    profile: Profile, plan: TargetPlan, done: Converged | None, *, diff: bool = False
) -> Iterator[str]:
    """One target as a person reads it: its name, what is to be done, how it ended.

    Args:
        profile: it is of.
        plan: the plan that was shown or carried out.
        done: what came of it; None when nothing should be written.
        diff: the entries before and after in place of what becomes of each.
    """
    if done is not None:
        plan = done.plan
    if len(profile.targets) > 1 or plan.wish.name != plan.wish.path:
        about = f": {printable(plan.wish.about.strip())}" if plan.wish.about else ""
        yield f"[{printable(plan.wish.name)}]{about}"
    # What is as it should be is told by the last line.
    quiet = tuple(one for one in plan.plan.steps if one.state not in ("unchanged", "present"))
    if diff:
        yield from diff_lines(plan.plan)
    else:
        yield from changes.lines(replace(plan.plan, steps=quiet))
    for one in plan.attributes if done is None else done.attributes:
        yield f"~ {one.what:9}  {one.old or '-'} -> {one.new}"
    yield outcome(plan, done)


def diff_lines(plan: Plan) -> Iterator[str]:
    """What a store holds before (``-``) and after (``+``), where that is not the same.

    Of an entry with the same content under the same alias no line tells.
    """
    before = [] if plan.target.store is None else list(plan.target.store.entries)
    after = [] if plan.result is None else list(plan.result.entries)
    if plan.unchanged:
        return
    known, wanted = set(map(_line, before)), set(map(_line, after))
    yield f"--- {printable(plan.target.path) if plan.target.store is not None else 'nothing'}"
    yield f"+++ {printable(plan.target.path)}"
    for entry in before:
        if (line := _line(entry)) not in wanted:
            yield f"-{line}"
    for entry in after:
        if (line := _line(entry)) not in known:
            yield f"+{line}"
    for change in plan.changes:
        if change.alias is None:
            yield changes.change_line(change)


def _line(entry: Entry) -> str:
    from ..trust.inventory import colons

    digest = changes.sha256_of(entry)
    name = printable(entry.alias) or "-"
    shown = [name, kind(entry), printable(changes.subject_of(entry))]
    chain = entry.chain if isinstance(entry, PrivateKey) else ()
    if len(chain) > 1:
        shown.append(f"chain of {len(chain)}")
    return "  ".join(filter(None, [*shown, colons(digest) if digest else ""]))


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
    profile: Profile,
    plans: Sequence[TargetPlan],
    done: Sequence[Converged] | None = None,
    checks: Sequence[Checked] | None = None,
) -> dict[str, Any]:
    """``storekeeper.profile-plan/1``."""
    from ..profile.dumping import shown_values

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
        "variables": shown_values(profile),
        "changed": any(each["changed"] for each in targets),
        "written": any(each["written"] for each in targets),
        "targets": targets,
        "checks": None if checks is None else [_check_json(one) for one in checks],
        "restart": list(profile.restart),
    }


def _attribute(one: Difference) -> dict[str, Any]:
    return {"attribute": one.what, "old": one.old or None, "new": one.new}


def check_line(one: Checked) -> str:
    """One check as a person reads it."""
    name = printable(one.wish.name)
    if one.error is not None:
        return f"? check     {name}: could not be asked: {printable(str(one.error))}"
    mark = "=" if one.passed else "!"
    parts = []
    if one.verdict is not None:
        word = {True: "accepts", False: "refuses", None: "may refuse"}[one.verdict.accepts]
        said = f": {printable(one.verdict.message)}" if one.verdict.message else ""
        parts.append(f"{one.verdict.runtime} {word} the server{said}{_reason(one.verdict)}")
    if one.sent:
        parts.append(f"{printable(one.sent)!r} is sent")
    if one.said:
        parts.append(printable(one.said))
    return f"{mark} check     {name}: {'; '.join(parts)}"


def _reason(verdict: Verdict) -> str:
    """The rule behind a refusal, and the certificate that decided; "" where there is none."""
    if verdict.accepts:
        return ""
    from ..trust.calling import called
    from ..trust.rules import meaning

    sentence = meaning(verdict.rule)
    rule = f"{verdict.rule}: {sentence}" if sentence else verdict.rule
    culprit = verdict.certificate
    return f" ({rule}{f'; {printable(called(culprit))}' if culprit is not None else ''})"


def _check_json(one: Checked) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "name": one.wish.name,
        "server": one.wish.server,
        "passed": one.passed,
        "runtime": verdict and verdict.runtime,
        "accepts": verdict and verdict.accepts,
        "message": verdict and verdict.message,
        "rule": verdict and verdict.rule,
        "sent": one.sent or None,
        "answer": one.said or None,
        "error": None if one.error is None else str(one.error),
    }


def list_json(
    known: Sequence[tuple[str, Profile]], found: Sequence[Installation]
) -> dict[str, Any]:
    """``storekeeper.profiles/1``."""
    return {
        "schema": "storekeeper.profiles/1",
        "profiles": [
            {
                "name": name,
                "title": profile.title or None,
                "product": profile.product and profile.product.name,
                "vendor": profile.product and (profile.product.vendor or None),
                "system": profile.product and profile.product.system,
                "installations": [
                    {"home": one.home, "version": one.version or None}
                    for one in found
                    if one.profile == name
                ],
            }
            for name, profile in known
        ],
    }


def profile_json(profile: Profile) -> dict[str, Any]:
    """``storekeeper.profile/1``: what a profile says, and what its product is set to."""
    from ..profile.dumping import as_values
    from ..profile.settings import settings

    return {
        "schema": "storekeeper.profile/1",
        "path": profile.path,
        "profile": as_values(profile),
        "settings": [
            {
                "key": one.setting.key,
                "value": one.value or None,
                "path": one.path or None,
                "line": one.line or None,
                "says": one.says or None,
            }
            for one in settings(profile)
        ],
    }


def profile_lines(profile: Profile) -> Iterator[str]:
    """A profile as a person reads it."""
    from ..profile.dumping import concealed, shown_values

    yield f"{profile.path}: {printable(profile.title) or 'a profile'}"
    for line in profile.about.strip().splitlines():
        yield f"  {printable(line)}".rstrip()
    known = shown_values(profile)
    if profile.variables:
        yield "variables:"
    for variable in profile.variables:
        value = known.get(variable.name, variable.default)
        said = f" = {printable(concealed(value))}" if value is not None else ""
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
    yield from _setting_lines(profile)
    if product.errors:
        yield "messages:"
    for one in product.errors:
        yield f"  {printable(one.message)}: {printable(one.means.strip())}"
    if product.pages:
        yield "pages:"
    for page in product.pages:
        yield f"  {page}"


def _setting_lines(profile: Profile) -> Iterator[str]:
    """What the product's configuration has, and what that means."""
    from ..profile.settings import settings

    found = settings(profile)
    if found:
        yield "settings:"
    for one in found:
        value = printable(one.value) if one.value else "not set"
        where = f"{one.path}:{one.line}" if one.path else "by default"
        about = printable(one.setting.about.strip())
        says = f": {printable(one.says.strip())}" if one.says else ""
        yield f"  {one.setting.key} = {value} ({printable(where)})  {about}{says}"
