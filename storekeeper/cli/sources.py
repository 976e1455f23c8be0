"""``storekeeper sources``."""

from __future__ import annotations

import sys

from . import options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
Any of these words can stand where a command takes STORE, OLD or NEW. A file of the same
name is reached as ./word.

examples:
  storekeeper sources
  storekeeper diff temurin-17 temurin-21
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")


def run(args: Namespace) -> int:
    """Print each word and what it stands for."""
    from ..trust.sources import known_sources

    words = known_sources()
    if args.json:
        options.print_json(
            {
                "schema": "storekeeper.sources/1",
                "sources": [{"word": word, "meaning": line} for word, line in words],
            }
        )
        return 0
    width = max(len(word) for word, _ in words)
    sys.stdout.writelines(f"{word:{width}}  {line}\n" for word, line in words)
    return 0
