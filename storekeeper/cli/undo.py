"""``storekeeper undo``."""

from __future__ import annotations

from . import mending, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
Without an id, the last change this user made is taken back, and with the next undo the one
before it. The file gets its old bytes from the backup that lies beside it; a file that was
new is removed (and kept as a backup). An undo can be taken back as well, by its own id, and
removes no backup. When the file has changed since, nothing is done.

keytool has no such command: with it, copy the store first.

examples:
  storekeeper undo
  storekeeper undo --list
  storekeeper undo --of conf/.keystore --dry-run
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", nargs="?", metavar="ID", help="a change, or the beginning of its id")
    parser.add_argument("--list", action="store_true", help="show the changes that are remembered")
    parser.add_argument("--of", metavar="STORE", help="only changes of this store")
    mending.add_mending(parser)
    parser.set_defaults(max_iterations=None)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change import journal
    from ..change.target import locate
    from ..host.locks import lock

    path = None if args.of is None else locate(args.of).real
    if args.list:
        return _list(args, path)
    record = journal.last(path) if args.id is None else journal.named(args.id)
    if args.dry_run or args.check:
        return mending.told(args, journal.undo(record), looking=True)
    with lock(record.path, args.lock_timeout):
        return mending.told(args, journal.undo(record), looking=False, undoes=record.id)


def _list(args: Namespace, path: str | None) -> int:
    from ..change import journal
    from ..report import journal as shown

    known = [record for record in journal.records() if path in (None, record.path)]
    if args.json:
        options.print_json(shown.json(known))
    else:
        for line in shown.lines(known):
            print(line)
    return 0
