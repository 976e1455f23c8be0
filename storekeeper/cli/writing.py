"""Options and the last steps of commands that write one file, or standard output."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable


def add_output(parser: ArgumentParser) -> None:
    """``-o``, ``--der``, ``--force``, ``--dry-run``, ``--check``."""
    group = parser.add_argument_group("output")
    group.add_argument("-o", "--output", metavar="FILE", help="the file to write (standard output)")
    group.add_argument("--der", action="store_true", help="write DER, not PEM")
    group.add_argument(
        "--force", action="store_true", help="replace a file that holds something else"
    )
    looking = group.add_mutually_exclusive_group()
    looking.add_argument("--dry-run", action="store_true", help="write nothing")
    looking.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit status 1 when there is something to write",
    )


def deliver(
    args: Namespace,
    content: bytes,
    certificates: int = 0,
    *,
    same: Callable[[bytes], bool] | None = None,
    keep: Iterable[str] = (),
) -> int:
    """Write what was made where it is wanted, and say so; the exit status.

    Args:
        args: with the options of `add_output`.
        content: all of it.
        certificates: how many it holds.
        same: whether a file that is there says the same in other bytes.
        keep: what it was made from, which is not overwritten even with ``--force``.

    Raises:
        UsageError: DER is to go to a terminal, or the output is what it was made from.
        WriteRefused: the file is there and holds something else.
    """
    from ..change import outputs
    from ..errors import UsageError
    from ..report import exports
    from .voice import said

    looking = args.dry_run or args.check
    if args.output in (None, "-"):
        if args.der and sys.stdout.isatty():
            raise UsageError("DER is binary, and standard output is a terminal", hint="say -o FILE")
        if not looking:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        return 1 if args.check else 0
    if any(_is_one(args.output, source) for source in keep):
        raise UsageError(
            "the output is the file it is made from", hint="choose another name", path=args.output
        )
    product = outputs.Product("", content, certificates=certificates)
    alike = None if same is None else lambda _, found: same(found)
    files = outputs.check([product], file=args.output, force=args.force, same=alike)
    findings = () if looking else outputs.write(files)
    sys.stdout.writelines(exports.lines(files, looking=looking))
    said(findings)
    return 1 if args.check and any(file.state != "unchanged" for file in files) else 0


def _is_one(path: str, other: str) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False
