"""``storekeeper plan``."""

from __future__ import annotations

from . import options, profiling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
A profile says in YAML what stores should hold; docs/profiles.md describes it. plan reads all
of its sources and targets, shows what apply would do, and changes nothing. Exit status 1 says
that there is something to do: a store has drifted from its profile.

examples:
  storekeeper plan agent.yaml
  storekeeper plan agent.yaml --diff --set host=mgmt.example.com
  storekeeper plan agent.yaml -q || mail -s "agent: trust store drifted" ops@example.com
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    profiling.add(parser)
    parser.add_argument(
        "--checks",
        action="store_true",
        help="ask the servers of the profile's checks, and judge by the stores as they would be",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    output.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing but warnings and errors"
    )


def run(args: Namespace) -> int:
    """Plan and show."""
    from ..profile.checks import check_profile
    from ..profile.planning import plan_profile
    from ..report import profiles

    profile = profiling.loaded(args)
    context = profiling.context(args)
    plans = plan_profile(profile, context)
    checks = check_profile(profile, context, plans) if args.checks else None
    if args.json:
        options.print_json(profiles.json(profile, plans, checks=checks))
    for plan in plans:
        profiling.show(args, profile, plan, None)
    profiling.tell(plans, (), quiet=args.quiet)
    failed = profiling.checked(args, checks or ())
    changed = any(not plan.unchanged for plan in plans)
    return failed or profiling.status(args, changed=changed, looking=True)
