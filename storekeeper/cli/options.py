"""Options that several commands share, and a parser with our voice."""

from __future__ import annotations

import argparse
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from ..model import Limits, Password, Store
    from ..trust.anchors import RootList
    from ..trust.inventory import Filter

_LONGEST_WAIT = 3600


class Parser(argparse.ArgumentParser):
    """argparse that raises `UsageError` and shows our exit statuses.

    Args:
        name: the command.
        summary: its one line.
        epilog: examples, as they are to be printed.
    """

    def __init__(self, name: str, summary: str, epilog: str) -> None:
        from . import EXIT_STATUSES

        super().__init__(
            prog=f"storekeeper {name}",
            description=summary[:1].upper() + summary[1:] + ".",
            epilog=f"{epilog.strip()}\n\n{EXIT_STATUSES}",
            formatter_class=_formatter,
            allow_abbrev=False,
        )

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The options of a command line; keytool's ``--storepass:env NAME`` is understood."""
        if any(":" in word for word in words if word.startswith("-")):
            from ..host.passwords import expand_keytool_words

            words = expand_keytool_words(list(words))
        words = _shifts_joined(words)
        args, rest = self.parse_known_args(words)
        if not rest:
            return args
        if any(word.startswith("-") and word != "-" for word in rest):
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        # argparse takes names only where the first of them stand: delete STORE --dry-run ALIAS.
        return self.parse_intermixed_args(words)

    def error(self, message: str) -> NoReturn:
        """Raise argparse's complaint as a `UsageError`."""
        from ..errors import UsageError

        hint = f"{self.prog} --help shows the options, with examples"
        before, found, rest = message.partition("unrecognized arguments: ")
        if found and not before:
            options = [word.partition("=")[0] for word in rest.split() if word.startswith("-")]
            if options:
                # What follows an option that is not ours may be a password.
                message = f"there is no option {options[0]!r}"
                hint = self._meant(options[0]) or hint
        raise UsageError(message, hint=hint)

    def _meant(self, option: str) -> str:
        """A hint naming the option somebody meant, or ""; keytool's have one dash."""
        from difflib import get_close_matches

        name = option.lstrip("-").partition(":")[0]
        if name in ("keystore", "file", "cacerts"):
            return f"the store is named without an option, as in {self.prog} cacerts"
        known = [flag for flag in self._option_string_actions if flag.startswith("--")]
        close = get_close_matches(f"--{name}", known, 1)
        return f"did you mean {close[0]!r}?" if close else ""


def _shifts_joined(words: Sequence[str]) -> list[str]:
    """``--startdate -1d`` as ``--startdate=-1d``: argparse takes the value for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--startdate" and word[:1] == "-" and word[1:2].isdecimal():
            joined[-1] = f"--startdate={word}"
        else:
            joined.append(word)
    return joined


def _formatter(prog: str) -> argparse.HelpFormatter:
    # Without a width argparse asks shutil, whose import is a tenth of a `list`; and it makes
    # a formatter for every option that is declared.
    return argparse.RawDescriptionHelpFormatter(prog, width=_columns() - 2)


def _columns() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 20:
        return int(columns)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1).columns or 80
    except (OSError, ValueError):
        return 80


def add_storetype(parser: argparse._ActionsContainer) -> None:
    """``--storetype``."""
    parser.add_argument(
        "--storetype",
        metavar="TYPE",
        help="of a new store: PKCS12, JKS, JCEKS, PEM (default: as its suffix promises, else "
        "PKCS12)",
    )


def add_passwords(
    parser: argparse.ArgumentParser, *, sources: bool = False, keys: bool = False
) -> None:
    """``--storepass`` and ``--max-iterations``; also ``--srcstorepass``, and ``--keypass``."""
    from ..host.passwords import FORMS
    from ..model import LIMITS

    group = parser.add_argument_group("passwords")
    group.add_argument(
        "--storepass",
        metavar="SPEC",
        help=f"the store's password: {FORMS}; without it, no password and the default "
        "'changeit' are tried, and STOREKEEPER_STOREPASS is read",
    )
    if sources:
        group.add_argument(
            "--srcstorepass",
            metavar="SPEC",
            help="the password of the sources, likewise",
        )
    if keys:
        group.add_argument(
            "--keypass",
            metavar="SPEC",
            help="the password of keys that have one of their own, likewise; "
            "STOREKEEPER_KEYPASS is read",
        )
    group.add_argument(
        "--max-iterations",
        metavar="N",
        type=positive,
        help="allow N iterations of key derivation, counted as PBKDF2 with HMAC-SHA-256 "
        f"({LIMITS.kdf_iterations} when not given)",
    )


def add_at(parser: argparse._ActionsContainer) -> None:
    """``--at DATE``."""
    parser.add_argument(
        "--at",
        metavar="DATE",
        type=_date,
        help="judge expiry at this date (2027-03-01, or with time 2027-03-01T12:00:00Z); "
        "default now",
    )


def add_filters(parser: argparse.ArgumentParser) -> None:
    """The options that choose entries; see `wanted`."""
    from ..trust.inventory import KINDS

    keep = parser.add_argument_group("filters")
    keep.add_argument("--expired", action="store_true", help="only expired certificates")
    keep.add_argument(
        "--expires-in",
        metavar="PERIOD",
        type=period,
        help="only those that expire within 12h, 30d, 6w or 1y from now",
    )
    keep.add_argument("--subject", metavar="TEXT", default="", help="subject contains TEXT")
    keep.add_argument("--issuer", metavar="TEXT", default="", help="issuer contains TEXT")
    keep.add_argument(
        "--sha256", metavar="HEX", action="append", default=[], help="fingerprint, or its beginning"
    )
    keep.add_argument(
        "--alias", metavar="PATTERN", action="append", default=[], help="such as 'corp-*'"
    )
    keep.add_argument("--kind", choices=KINDS, default="", help="only entries of this kind")


def wanted(args: argparse.Namespace) -> Filter:
    """The filter that the options of `add_filters` say."""
    from ..trust.inventory import Filter, fingerprint

    return Filter(
        expired=args.expired,
        expires_in=args.expires_in,
        issuer=args.issuer,
        subject=args.subject,
        sha256=tuple(fingerprint(text) for text in args.sha256),
        aliases=tuple(args.alias),
        kind=args.kind,
    )


def positive(text: str) -> int:
    """A whole number above 0, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """Of a time to wait, an hour at most, for argparse."""
    import re

    found = float(text) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) else 0.0
    if not 0 < found <= _LONGEST_WAIT:
        raise argparse.ArgumentTypeError(
            f"expected seconds, above 0 and at most {_LONGEST_WAIT}, found {text[:40]!r}"
        )
    return found


def _date(text: str) -> int:
    from ..errors import UsageError
    from ..times import parse_iso

    try:
        return parse_iso(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def period(text: str) -> int:
    """Seconds of ``12h``, ``30d``, ``6w`` or ``1y``."""
    units = {"h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
    if text[-1:] not in units or not text[:-1].isdecimal():
        raise argparse.ArgumentTypeError(
            f"expected a period such as 12h, 30d, 6w or 1y, found {text!r}"
        )
    return int(text[:-1]) * units[text[-1]]


def now(args: argparse.Namespace) -> int:
    """The moment to judge at: ``--at``, or now; seconds since 1970 UTC."""
    import time

    return int(time.time()) if args.at is None else int(args.at)


def password(args: argparse.Namespace, what: str = "storepass") -> Password | None:
    """The password of ``--storepass`` (or another option), else of STOREKEEPER_STOREPASS."""
    from ..host import passwords
    from .voice import warn

    spec = getattr(args, what)
    if spec is None:
        name = passwords.KEYPASS if what == "keypass" else passwords.STOREPASS
        return passwords.default(name)
    return passwords.resolve(spec, warn=warn)


def open_source(name: str, given: Password | None, args: argparse.Namespace) -> Store | RootList:
    """A source, opened; a person at a terminal is asked for a password that is missing."""
    return opened_source(name, given, args)[0]


def opened_source(
    name: str, given: Password | None, args: argparse.Namespace, option: str = ""
) -> tuple[Store | RootList, Password | None]:
    """`open_source`, with the password that was said or typed: it may be the keys' as well.

    ``option`` is what gives that password, where it is neither of the usual two.
    """
    from ..errors import LimitExceeded, PasswordRequired, WrongPassword
    from ..trust import sources
    from .voice import note

    say = None if getattr(args, "quiet", False) else note
    try:
        try:
            return sources.open_source(name, given, limits=limits(args), say=say), given
        except PasswordRequired as error:
            if given is not None or not can_ask():
                if given is None:
                    # --storepass is the target's where the sources have an option of their own.
                    usual = "--srcstorepass" if hasattr(args, "srcstorepass") else "--storepass"
                    error.hint = f"give it with {option or usual} env:NAME, file:PATH or prompt"
                raise
        given = ask(f"password of {name}")
        return sources.open_source(name, given, limits=limits(args), say=say), given
    except WrongPassword as error:
        if given is not None:
            error.hint = f"the password came from {given.origin}; {error.hint}"
        raise
    except LimitExceeded as error:
        if "iterations" in error.message:
            error.hint = "if the file is yours, allow it with --max-iterations N"
        raise


def can_ask() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(what: str) -> Password:
    """A password typed at the terminal."""
    from ..host.passwords import resolve
    from .voice import warn

    return resolve("prompt", warn=warn, what=what)


def limits(args: argparse.Namespace) -> Limits:
    """The limits of this run."""
    from ..model import LIMITS, replace

    if args.max_iterations is None:
        return LIMITS
    return replace(LIMITS, kdf_iterations=args.max_iterations)


def width() -> int | None:
    """Columns of the terminal, or None when standard output is none."""
    return _columns() if sys.stdout.isatty() else None


def print_json(values: object) -> None:
    """Print JSON; escaped where the stream is not in UTF-8."""
    from ..report.values import dump

    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    sys.stdout.writelines(dump(values, ascii=encoding != "utf8"))
