"""``storekeeper apply``."""

from __future__ import annotations

from . import mending, options, profiling, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..profile.applying import Converged
    from ..profile.planning import TargetPlan
    from ..profile.values import Profile

EPILOG = """
Every source is read and every plan is made before anything is written: when one of them fails,
nothing is changed. Applying the same profile again changes nothing, not even a file's time.
Each store is backed up and can be taken back with storekeeper undo.

examples:
  storekeeper apply agent.yaml --check --diff
  storekeeper apply agent.yaml --set host=mgmt.example.com
  storekeeper apply jre --set home=/opt/agent/jre --set certificates=corp-root.pem
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    profiling.add(parser)
    parser.add_argument(
        "--no-checks", action="store_true", help="do not ask the servers of the profile's checks"
    )
    mending.add_mending(parser)


def run(args: Namespace) -> int:
    """Plan everything, then apply."""
    from ..errors import StorekeeperError
    from ..profile.applying import apply_profile
    from ..profile.checks import check_profile
    from ..profile.planning import plan_profile
    from ..report import profiles

    profile = profiling.loaded(args)
    context = profiling.context(args)
    plans = plan_profile(profile, context)
    looking = args.dry_run or args.check
    done: list[Converged] = []
    if looking:
        _show(args, profile, plans)
    else:
        try:
            for plan, one in zip(
                plans,
                apply_profile(
                    plans,
                    context,
                    backups=args.backups,
                    usual_backups=mending.backups(args),
                    timeout=args.lock_timeout,
                ),
                strict=True,
            ):
                done.append(one)
                profiling.show(args, profile, plan, one)
        except StorekeeperError:
            names = [one.plan.wish.name for one in done if one.changed]
            if names:
                voice.warn(f"changed before this failed: {', '.join(names)}")
            raise
    checks = None if looking or args.no_checks else check_profile(profile, context)
    if args.json:
        written = None if looking else tuple(done)
        options.print_json(profiles.json(profile, plans, written, checks))
    profiling.tell(plans, done, quiet=args.quiet)
    changed = any(one.changed for one in done) or (
        looking and any(not plan.unchanged for plan in plans)
    )
    if any(one.changed for one in done) and not args.quiet:
        for line in profile.restart:
            voice.note(f"for the change to count: {line}")
    failed = profiling.checked(args, checks or ())
    return failed or profiling.status(args, changed=changed, looking=args.check)


def _show(args: Namespace, profile: Profile, plans: tuple[TargetPlan, ...]) -> None:
    for plan in plans:
        profiling.show(args, profile, plan, None)
