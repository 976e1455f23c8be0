"""What every command that changes a store shares: its options, and the road to ``apply``."""

from __future__ import annotations

import os
import sys

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _ActionsContainer
    from collections.abc import Callable, Iterable

    from ..change.apply import Applied
    from ..change.plan import Plan
    from ..change.target import Target
    from ..formats.encryption import Encryption
    from ..model import Finding, Password, Store

__all__ = [
    "add_compat",
    "add_mending",
    "asked_twice",
    "carry_out",
    "count",
    "encryption",
    "new_password",
    "password_of_new",
    "told",
]


def add_mending(parser: ArgumentParser) -> None:
    """``--dry-run``, ``--check``, ``--backups``, ``--lock-timeout``, ``--json``, ``--quiet``."""
    from ..change.apply import BACKUPS

    group = parser.add_argument_group("changing files")
    only = group.add_mutually_exclusive_group()
    only.add_argument("--dry-run", action="store_true", help="show what would be done, and stop")
    only.add_argument(
        "--check",
        action="store_true",
        help="the same, with exit status 1 when there is something to do",
    )
    group.add_argument(
        "--backups",
        metavar="N",
        type=count,
        default=None,
        help="keep the newest N old versions beside the file (default STOREKEEPER_BACKUPS, else "
        f"{BACKUPS}); 0 makes none, and then there is no undo",
    )
    group.add_argument(
        "--lock-timeout",
        metavar="SECONDS",
        type=_seconds,
        default=30.0,
        help="how long to wait for another storekeeper to finish with the file (30)",
    )
    output = group.add_mutually_exclusive_group()
    output.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    output.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing but warnings and errors"
    )


def add_compat(parser: _ActionsContainer) -> None:
    """``--compat``."""
    parser.add_argument(
        "--compat",
        metavar="NAME",
        help="how to encrypt a PKCS12, by who has to read it: java8, java11, java17, openssl1, "
        "openssl3, fips, windows, passwordless, modern, pbmac1 (default: as the file is, a "
        "new one as modern)",
    )


def encryption(args: Namespace) -> Encryption | None:
    """The parameter set of ``--compat``, or None."""
    from ..formats.encryption import as_asked

    return None if args.compat is None else as_asked(args.compat)


def _unheeded(args: Namespace, plan: Plan) -> list[Finding]:
    """That ``--compat`` was said where it changes nothing."""
    from ..model import Finding

    if getattr(args, "compat", None) is None or plan.result is None or plan.unchanged:
        return []
    format = plan.result.format
    message = f"--compat {args.compat} is about PKCS12, and this is a {format}"
    hint = "--storetype PKCS12 makes one"
    if format == "PKCS12":
        if plan.encryption is not None:
            return []
        message = f"--compat {args.compat} is for a new store: this one stays encrypted as it is"
        hint = f"storekeeper convert {plan.target.path} --compat {args.compat} changes that"
    return [Finding("compat-ignored", "warning", "", message, hint)]


def carry_out(
    args: Namespace,
    make: Callable[[Target], Plan],
    *,
    store: str | None = None,
    password: Password | None = None,
    may_be_new: bool = False,
    directories: bool = False,
    findings: Iterable[Finding] = (),
    again: bool = True,
) -> int:
    """Open a store under its lock, plan, show, and apply unless only asked to show.

    Args:
        args: with the options of `add_mending`.
        make: the plan for the target that was opened. It asks nobody, as the lock is held,
            but through `questions.Answers`; then it is called again.
        store: the target's name, when it is not ``args.store``.
        password: the target's; else that of ``--storepass``.
        may_be_new: there need be no file yet.
        directories: it may be a directory of certificate files.
        findings: more to be told, about the sources.
        again: what opens the store is what it is written with.
    """
    from ..change.target import locate, open_target
    from ..errors import PasswordRequired
    from ..host.files import is_directory
    from ..host.locks import lock
    from .questions import Unanswered

    name = args.store if store is None else store
    given = password
    if given is None and may_be_new and _typed_first(args, name):
        given = asked_twice(f"password of {name}")
    elif given is None:
        given = options.password(args)
    looking = args.dry_run or args.check
    noted: set[str] = set()

    def note(text: str) -> None:
        if text not in noted:  # a plan that waits for an answer is made a second time
            voice.note(text if again else text.removesuffix(", and written with it again"))
        noted.add(text)

    def work(given: Password | None) -> int:
        target = open_target(
            name,
            given,
            limits=options.limits(args),
            may_be_new=may_be_new,
            directories=directories,
            say=None if args.quiet else note,
        )
        plan = make(target)
        return told(args, plan, looking=looking, findings=(*findings, *_unheeded(args, plan)))

    def locked(given: Password | None) -> int:
        if looking:
            return work(given)
        real = locate(name).real
        # The lock of a file is that of its directory.
        with lock(os.path.join(real, os.curdir) if is_directory(real) else real, args.lock_timeout):
            return work(given)

    while True:
        try:
            return locked(given)
        except Unanswered as question:
            question.settle()
        except PasswordRequired as error:
            if given is not None or error.alias is not None or not options.can_ask():
                raise
            given = options.ask(f"password of {name}")


def told(
    args: Namespace,
    plan: Plan,
    *,
    looking: bool,
    findings: Iterable[Finding] = (),
    undoes: str = "",
) -> int:
    """Apply a plan unless only looking, and say what was done; the exit status."""
    from ..change.apply import apply, encode
    from ..report import changes

    applied: Applied | None = None
    if not looking:
        applied = apply(
            plan,
            backups=backups(args),
            limits=options.limits(args),
            summary=f"{args.command}: {changes.summary(plan)}",
            undoes=undoes,
        )
    elif not plan.unchanged:
        encode(plan, options.limits(args))  # what can't be written is not planned either
    if args.json:
        options.print_json(changes.json(plan, applied))
    elif not args.quiet:
        for line in changes.lines(plan):
            print(line)
        print(changes.outcome(plan, applied))
    sys.stdout.flush()
    notes = (*findings, *plan.findings, *(applied.findings if applied else ()))
    voice.said(one for one in notes if one.severity != "info" or not args.quiet)
    return 1 if args.check and not plan.unchanged else 0


def backups(args: Namespace) -> int:
    """How many backups to keep: ``--backups``, else STOREKEEPER_BACKUPS, else the default.

    Raises:
        UsageError: the variable is no number.
    """
    import os

    from ..change.apply import BACKUPS
    from ..errors import UsageError

    if args.backups is not None:
        return int(args.backups)
    text = os.environ.get("STOREKEEPER_BACKUPS", "")
    if not text:
        return BACKUPS
    if not text.isdecimal():
        raise UsageError(f"STOREKEEPER_BACKUPS: expected a number, found {text!r}")
    return int(text)


def new_password(args: Namespace, what: str, option: str = "storepass") -> Password | None:
    """A password for something new; at a terminal it is asked for, twice.

    None when nobody has said one and nobody can be asked.
    """
    given = options.password(args, option)
    if given is not None or not options.can_ask():
        return given
    return asked_twice(what)


def password_of_new(args: Namespace, sources: Iterable[Store] = ()) -> Password | None:
    """The password of ``args.store``, which is to be made; at a terminal it is asked for, twice.

    None when what is to be made needs none, or nobody has said one and nobody can be asked.

    Args:
        args: with ``store``, ``storetype`` and ``compat``.
        sources: what goes in; a key among it needs a password in any format.
    """
    from ..change.target import format_for
    from ..model import PrivateKey, SecretKey

    entries = (entry for store in sources for entry in store.entries)
    if not any(isinstance(entry, PrivateKey | SecretKey) for entry in entries) and (
        args.compat == "passwordless"
        or format_for(args.store, args.storetype) not in ("PKCS12", "JKS", "JCEKS")
    ):
        return None
    return new_password(args, f"password of {args.store}")


def _typed_first(args: Namespace, store: str) -> bool:
    """Whether the password of a new store is to be typed, and so to be compared with itself."""
    from ..change.target import locate

    return args.storepass == "prompt" and not os.path.lexists(locate(store).real)


def asked_twice(what: str) -> Password:
    """A new password, asked for at the terminal until it is known to be typed as meant.

    Raises:
        UsageError: the two are not the same.
    """
    from ..errors import UsageError

    first = options.ask(f"new {what}")
    if options.ask(f"{what} again").text != first.text:
        raise UsageError("the two passwords are not the same", hint="try again")
    return first


def count(text: str) -> int:
    """A number of at most six digits, for argparse."""
    import argparse

    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"expected a number, found {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    import argparse

    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds, found {text!r}")
    return seconds
