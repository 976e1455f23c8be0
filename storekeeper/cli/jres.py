"""``storekeeper jres``."""

from __future__ import annotations

import sys

from . import options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
The JRE in use, which the word cacerts stands for, is marked with *. No Java program is
started: versions come from each JRE's release file.

examples:
  storekeeper jres
  storekeeper jres --json
  storekeeper list jre:/opt/agent/jre
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")


def run(args: Namespace) -> int:
    """Print what was found, and what was passed over and why."""
    from ..host import locate
    from ..report import jres as report

    found = locate.jres()
    in_use = locate.java_home_in_use()
    if args.json:
        options.print_json(report.json(found, in_use))
    else:
        sys.stdout.write(report.text(found, in_use))
    return 0
