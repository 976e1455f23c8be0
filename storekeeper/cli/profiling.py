"""What ``plan`` and ``apply`` share: the options, and how the plans of a profile are shown."""

from __future__ import annotations

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _ActionsContainer
    from collections.abc import Iterable, Sequence

    from ..profile.applying import Converged
    from ..profile.checks import Checked
    from ..profile.context import Context
    from ..profile.planning import TargetPlan
    from ..profile.values import Profile

__all__ = [
    "add",
    "add_variables",
    "checked",
    "context",
    "given",
    "loaded",
    "show",
    "status",
    "tell",
]


def add_variables(parser: _ActionsContainer, *, optional: bool = False) -> None:
    """PROFILE and ``--set``."""
    parser.add_argument(
        "profile",
        metavar="PROFILE",
        nargs="?" if optional else None,
        help="a file, - for standard input, or the name of a shipped one (storekeeper profiles "
        "list)",
    )
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="variables",
        help="a value for a variable of the profile; may be said several times",
    )


def add(parser: ArgumentParser) -> None:
    """The options that ``plan`` and ``apply`` have in common."""
    add_variables(parser)
    how = parser.add_argument_group("how it is looked at")
    how.add_argument(
        "--diff", action="store_true", help="show every store before and after, entry by entry"
    )
    how.add_argument(
        "--detailed-exitcode",
        action="store_true",
        help="0 when there was nothing to do, 2 when something was changed or is to be; errors as "
        "ever",
    )
    options.add_at(how)
    how.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=options.positive,
        default=10,
        help="for each connection to a server (default 10)",
    )
    how.add_argument(
        "--max-iterations",
        metavar="N",
        type=options.positive,
        help="allow N iterations of key derivation in each file that is read",
    )


def given(args: Namespace) -> dict[str, str]:
    """The variables of ``--set``.

    Raises:
        UsageError: one without a name or value, or said twice.
    """
    from ..errors import UsageError

    found: dict[str, str] = {}
    for word in args.variables:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(
                f"expected NAME=VALUE after --set, found {word[:80]!r}", hint="--set host=HOST"
            )
        if name in found:
            raise UsageError(f"the variable {name[:80]!r} is said twice")
        found[name] = value
    return found


def context(args: Namespace) -> Context:
    """How this run reads passwords, tells things and bounds its work."""
    from ..profile.context import Context

    quiet = getattr(args, "quiet", False)
    return Context(
        say=None if quiet else voice.note,
        warn=voice.warn,
        limits=options.limits(args),
        seconds=float(args.timeout),
        at=args.at,
    )


def loaded(args: Namespace) -> Profile:
    """The profile of the command line, its variables replaced."""
    from ..profile.load import load

    return load(args.profile, given(args))


def show(args: Namespace, profile: Profile, plan: TargetPlan, done: Converged | None) -> None:
    """Print what is to be done to one target, or was."""
    from ..report.profiles import target_lines

    if args.quiet or args.json:
        return
    for line in target_lines(profile, plan, done, diff=args.diff):
        print(line)


def tell(plans: Iterable[TargetPlan], done: Iterable[Converged], *, quiet: bool) -> None:
    """Say the findings of sources, plans and writing, each once."""
    notes = [
        one
        for plan in plans
        for one in (*plan.gathered.findings, *plan.plan.findings)
        # What is only worth knowing was told when it was done.
        if one.severity != "info" or not plan.unchanged
    ]
    notes += [one for each in done for one in each.applied.findings]
    voice.said(one for one in dict.fromkeys(notes) if one.severity != "info" or not quiet)


def checked(args: Namespace, found: Sequence[Checked]) -> int:
    """Tell the checks; the exit status they come to: 0, 1 for a refusal, else the error's."""
    from ..report.profiles import check_line

    if not args.quiet and not args.json:
        for one in found:
            print(check_line(one))
    if any(one.passed is False for one in found):
        return 1
    return max((one.error.exit_status for one in found if one.error is not None), default=0)


def status(args: Namespace, *, changed: bool, looking: bool) -> int:
    """The exit status: drift is a no, unless ``--detailed-exitcode`` counts in its own way."""
    if args.detailed_exitcode:
        return 2 if changed else 0
    return 1 if changed and looking else 0
