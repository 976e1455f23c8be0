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
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    output.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing but warnings and errors"
    )


def run(args: Namespace) -> int:
    """Plan and show."""
    from ..profile.planning import plan_profile
    from ..report import profiles

    profile = profiling.loaded(args)
    plans = plan_profile(profile, profiling.context(args))
    if args.json:
        options.print_json(profiles.json(profile, plans))
    for plan in plans:
        profiling.show(args, profile, plan, None)
    profiling.tell(plans, (), quiet=args.quiet)
    changed = any(not plan.unchanged for plan in plans)
    return profiling.status(args, changed=changed, looking=True)
