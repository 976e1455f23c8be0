"""The stores that entries come from, opened with what is known about their passwords."""

from __future__ import annotations

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _ActionsContainer

    from ..change.union import Side
    from ..model import Password

__all__ = ["add_dest_keypass", "add_force", "add_skip_unsupported", "dest_keypass", "opened"]


def add_skip_unsupported(parser: _ActionsContainer) -> None:
    """``--skip-unsupported``."""
    parser.add_argument(
        "--skip-unsupported",
        action="store_true",
        help="leave out what the format has no place for",
    )


def add_force(parser: _ActionsContainer, what: str) -> None:
    """``--force``."""
    parser.add_argument("--force", action="store_true", help=f"{what}; a backup is kept")


def add_dest_keypass(parser: _ActionsContainer) -> None:
    """``--dest-keypass``."""
    parser.add_argument(
        "--dest-keypass",
        metavar="SPEC",
        help="the password keys are to have there, if not the store's (not in a PKCS12)",
    )


def dest_keypass(args: Namespace) -> Password | None:
    """The password of ``--dest-keypass``, or None."""
    return None if args.dest_keypass is None else options.password(args, "dest_keypass")


def opened(args: Namespace, name: str, given: Password | None) -> Side:
    """A source as one side of a union.

    Args:
        args: with ``--keypass``.
        name: a file, a directory or a word.
        given: the password that was said for it.
    """
    from ..change.openings import KeyPasswords
    from ..change.union import Side
    from ..errors import WrongPassword
    from ..trust.sources import open_store

    try:
        source, given = options.opened_source(name, given, args)
    except WrongPassword as error:
        said = getattr(args, "srcstorepass", None)
        if isinstance(said, list) and len(said) == 1:
            error.hint += "; --srcstorepass may be said once for each input"
        raise
    store = open_store(source)
    voice.findings(name, store.findings, store, quiet=args.quiet)
    return Side(name, store, KeyPasswords(given, options.password(args, "keypass")))
