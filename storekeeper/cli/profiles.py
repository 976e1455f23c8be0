"""``storekeeper profiles``."""

from __future__ import annotations

from . import profiling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
list      the shipped profiles, one for each product, and what is installed of them here
show      a profile: its variables, targets and checks, and the rules of its product
validate  look a profile over without reading a store; with --set also its values

examples:
  storekeeper profiles list
  storekeeper profiles show tomcat
  storekeeper profiles validate agent.yaml
"""


_WHAT = ("list", "show", "validate")


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", metavar="WHAT", choices=_WHAT, help=", ".join(_WHAT))
    profiling.add_variables(parser, optional=True)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..errors import UsageError

    if args.what == "list":
        return _list()
    if args.profile is None:
        raise UsageError(
            f"profiles {args.what} needs a profile",
            hint="a file, or a name of storekeeper profiles list",
        )
    return _show(args) if args.what == "show" else _validate(args)


def _list() -> int:
    from ..profile.load import load
    from ..profile.shipped import shipped

    names = shipped()
    width = max(map(len, names), default=0)
    for name in names:
        print(f"{name:{width}}  {load(name, resolve=False).title}")
    return 0


def _show(args: Namespace) -> int:
    from ..profile.load import load
    from ..report.profiles import profile_lines

    values = profiling.given(args)
    for line in profile_lines(load(args.profile, values, resolve=bool(values))):
        print(line)
    return 0


def _validate(args: Namespace) -> int:
    from ..profile.load import load

    values = profiling.given(args)
    profile = load(args.profile, values, resolve=bool(values))
    count = len(profile.targets)
    print(f"{profile.path}: a profile of {count} target{'' if count == 1 else 's'}")
    return 0
