"""``storekeeper profiles``."""

from __future__ import annotations

from . import options, profiling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
list      the shipped profiles, one for each product, and what is installed of them here
show      a profile: its variables, targets and checks, and the rules of its product
new       a profile of your own that builds on a shipped one, its variables filled in
validate  look a profile over without reading a store; with --set also its values
schema    the JSON Schema, for editors that check YAML

examples:
  storekeeper profiles list
  storekeeper profiles show tomcat
  storekeeper profiles new jre --set certificates=/etc/pki/corp/root.pem -o agent.yaml
  storekeeper profiles validate agent.yaml
"""


_WHAT = ("list", "show", "new", "validate", "schema")


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", metavar="WHAT", choices=_WHAT, help=", ".join(_WHAT))
    profiling.add_variables(parser, optional=True)
    parser.add_argument("-o", "--output", metavar="FILE", help="new: the file to write")
    parser.add_argument("-j", "--json", action="store_true", help="list, show: print JSON")


def run(args: Namespace) -> int:
    """Run the command."""
    from ..errors import UsageError

    if args.what == "list":
        return _list(args)
    if args.what == "schema":
        from ..profile.schema import schema

        options.print_json(schema())
        return 0
    if args.profile is None:
        raise UsageError(
            f"profiles {args.what} needs a profile",
            hint="a file, or a name of storekeeper profiles list",
        )
    if args.what == "new":
        return _new(args)
    return _show(args) if args.what == "show" else _validate(args)


def _list(args: Namespace) -> int:
    from ..profile.installed import installations
    from ..profile.load import load
    from ..profile.shipped import shipped
    from ..report import profiles

    known = [(name, load(name, resolve=False)) for name in shipped()]
    found = installations()
    if args.json:
        options.print_json(profiles.list_json(known, found))
        return 0
    width = max((len(name) for name, _ in known), default=0)
    for name, profile in known:
        print(f"{name:{width}}  {profile.title}")
        for one in found:
            if one.profile == name:
                print(f"{'':{width}}  found in {one.home}")
    return 0


def _show(args: Namespace) -> int:
    from ..errors import UsageError
    from ..profile.load import load
    from ..report import profiles

    values = profiling.given(args)
    try:
        profile = load(args.profile, values)
    except UsageError:
        if values:
            raise
        profile = load(args.profile, resolve=False)  # as it is written
    if args.json:
        options.print_json(profiles.profile_json(profile))
        return 0
    for line in profiles.profile_lines(profile):
        print(line)
    return 0


def _new(args: Namespace) -> int:
    from ..profile.dumping import started
    from ..profile.load import load
    from ..profile.shipped import shipped
    from ..profile.variables import refuse_unknown

    values = profiling.given(args)
    base = load(args.profile, resolve=False)
    refuse_unknown(values, [one.name for one in base.variables])
    name = args.profile
    if name not in shipped():
        import os

        # Beside where the new one will be, so that it is found from there.
        name = os.path.relpath(name, os.path.dirname(args.output or "") or ".")
    content = started(name, base, values).encode("utf-8", "backslashreplace")
    if args.output is None:
        print(content.decode("utf-8"), end="")
        return 0
    from ..change import outputs
    from ..report import exports
    from . import voice

    files = outputs.check([outputs.Product("", content)], file=args.output, force=False)
    findings = outputs.write(files)
    for line in exports.lines(files, looking=False):
        print(line, end="")
    voice.said(findings)
    return 0


def _validate(args: Namespace) -> int:
    from ..profile.load import validate

    profile = validate(args.profile, profiling.given(args))
    targets, checks = len(profile.targets), len(profile.checks)
    said = f"{targets} target{'' if targets == 1 else 's'}"
    if checks:
        said += f", {checks} check{'' if checks == 1 else 's'}"
    print(f"{profile.path}: a profile of {said}")
    return 0
