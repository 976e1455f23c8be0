"""``storekeeper scan``."""

from __future__ import annotations

import argparse
import sys

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from ..host.scan import Tally
    from ..model import Limits
    from ..report.scans import Count
    from ..trust.scanning import Found

EPILOG = """
A file is found by its content, never by its name: JKS, JCEKS, PKCS12, BKS, UBER, PEM, DER and
PKCS#7, private keys alone, and stores that are only recognised (BCFKS, NSS). PEM counts
where it begins a line in the first 64 kB of a text. Archives are not opened.

Each file is looked at once: symbolic links out of PATH are followed, links inside it and
hard links are other names of what is found. Pipes, sockets, devices and kernel file systems
(/proc, /sys) are passed over. In the root of another system (a mounted disk, an unpacked
image) absolute links lead back into it.

What can't be read is a row, and makes the exit status 4; a store that needs a password that
was not given, 3; everything else is printed all the same. scan:PATH stands for all entries
below a path where list and diff take a STORE.

examples:
  storekeeper scan /opt/agent
  storekeeper scan / --one-file-system --exclude /home --json
  storekeeper scan conf --storepass env:STOREPASS
  storekeeper list scan:/opt/agent --expires-in 30d
  storekeeper diff scan:/mnt/image mozilla
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="directory or file")
    output = parser.add_argument_group("output")
    forms = output.add_mutually_exclusive_group()
    forms.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    forms.add_argument(
        "--jsonl", action="store_true", help="print one JSON object a line, as files are found"
    )
    output.add_argument(
        "--links", action="store_true", help="print other names of what is found, too"
    )
    options.add_at(output)
    walk = parser.add_argument_group("what is looked at")
    walk.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        default=[],
        help="leave out names like '*.log', or paths with a slash in them like '/var/lib/*'; "
        "may be repeated",
    )
    walk.add_argument(
        "--one-file-system", action="store_true", help="enter no other mounted file system"
    )
    walk.add_argument(
        "--no-follow",
        action="store_true",
        help="do not follow symbolic links that lead out of PATH",
    )
    walk.add_argument(
        "--max-size",
        metavar="SIZE",
        type=_size,
        help="of one store, such as 10M; what is larger is told and not read (default 256M)",
    )
    walk.add_argument(
        "--jobs",
        metavar="N",
        type=options.positive,
        help="processes that read what was found (default: one for each processor)",
    )
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Print what is found, as it is found."""
    from ..host.scan import Tally
    from ..report import scans
    from ..trust.scanning import scan
    from ..trust.workers import cores

    tally, count, progress = Tally(), scans.Count(), _Progress()
    rows = scan(
        args.paths,
        password=options.password(args),
        at=options.now(args),
        jobs=args.jobs or cores(),
        follow=not args.no_follow,
        one_file_system=args.one_file_system,
        exclude=args.exclude,
        limits=_limits(args),
        tally=tally,
        progress=progress.of if progress.wanted else None,
    )
    try:
        _print(args, _counted(rows, count, progress), count, tally, progress)
    finally:
        progress.clear()
    return count.status


def _print(
    args: Namespace, rows: Iterator[Found], count: Count, tally: Tally, progress: _Progress
) -> None:
    from ..report import scans

    hinted: set[str] = set()
    if args.json:
        options.print_json(scans.json(args.paths, rows, count, tally))
    elif args.jsonl:
        for line in scans.jsonl(rows):
            _write(line, progress)
    else:
        for found in rows:
            if found.kind == "link" and not args.links:
                continue
            if count.printed == 0:
                _write(scans.HEADING, progress)
            count.printed += 1
            _write("".join(scans.row(found, hinted)), progress)
        before = "\n" if count.printed else ""
        _write(before + scans.summary(count, tally, links=args.links), progress)


def _counted(rows: Iterable[Found], count: Count, progress: _Progress) -> Iterator[Found]:
    for found in rows:
        count.add(found)
        progress.found = count.files
        yield found


def _write(text: str, progress: _Progress) -> None:
    progress.clear()
    sys.stdout.write(text)
    if progress.wanted:
        sys.stdout.flush()


def _limits(args: Namespace) -> Limits:
    from ..model import replace

    limits = options.limits(args)
    return limits if args.max_size is None else replace(limits, file_size=args.max_size)


def _size(text: str) -> int:
    """Bytes of ``500``, ``64k``, ``10M`` or ``1G``."""
    unit = {"k": 10, "m": 20, "g": 30}.get(text[-1:].lower(), 0)
    digits = text[:-1] if unit else text
    if not (digits.isascii() and digits.isdecimal()) or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"expected a size such as 64k, 10M or 1G, found {text!r}")
    return int(digits) << unit


class _Progress(voice.Progress):
    """How far the walk is."""

    def __init__(self) -> None:
        super().__init__()
        self.found = 0

    def of(self, tally: Tally) -> None:
        """Say how many files were looked at, and what was found."""
        self.show(f"{tally.files:,} files looked at, {self.found:,} found")
