"""``storekeeper wizard``."""

from __future__ import annotations

import sys

from . import mending, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..model import Password
    from ..wizard.driver import Front

EPILOG = """
Asks what doesn't work, looks, says what is wrong in plain words, proposes the smallest change
that mends it, shows it, makes a backup, writes, and tests again. Nothing is changed before the
last yes. Every question explains itself with ?, and < goes back to the one before.

Each question can be answered by an option, so the same path runs without anybody: --yes takes
the default of every question that is left, except that a certificate is trusted only by --pin.
Answers can be in a YAML file as well, by the names of the options: --answers FILE.

The wizard can do nothing the commands can't: it ends with the command that does the same, and
offers a profile (docs/wizard.md shows a whole conversation).

examples:
  storekeeper wizard
  storekeeper wizard --what connection --host mgmt.example.com:8443
  storekeeper wizard --what certificate --host db.example.com:5432 --starttls postgres \\
      --store trust.p12 --pin 40:D1:F1:... --yes
  storekeeper wizard --what undo
"""

# Of a question's id: the option, its placeholder, and what it says.
_TEXTS = {
    "what": ("--what", "WHAT", "connection, certificate, client, compare, audit or undo"),
    "system": ("--system", "NAME", "the program: a profile's name, jre, or store"),
    "side": ("--side", "WHO", "of a server: server (it is refused), clients (they are)"),
    "ca": ("--ca", "FILE", "of a server: the certificate of its clients' CA"),
    "home": ("--home", "DIR", "where it is installed"),
    "store": ("--store", "STORE", "a trust store, in place of a program's"),
    "host": ("--host", "SERVER", "the server; or a file with what the program logged"),
    "fix": ("--fix", "KIND", "what is to be done: import-root, import-leaf ... or nothing"),
    "only": ("--only", "ROLE", "certificate: leaf, issuer, intermediates, root, all"),
    "output": ("--output", "FILE", "client: the keystore to put the key into"),
    "list": ("--list", "NAME", "compare: mozilla, certifi, system ..."),
    "file": ("--list-file", "FILE", "compare: a list of somebody's"),
    "change": ("--change", "ID", "undo: which change"),
    "profile": ("--profile", "FILE", "where to save a profile that does the same"),
}
_SECRETS = {
    "storepass": ("--storepass", "the store's password"),
    "srcstorepass": ("--srcstorepass", "client: that of the stores the key is in"),
    "keypass": ("--srckeypass", "client: that of the key itself"),
}
_SEVERAL = {"from": "--from", "pin": "--pin"}


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    asked = parser.add_argument_group("answers")
    for id, (flag, metavar, about) in _TEXTS.items():
        asked.add_argument(flag, dest=id, metavar=metavar, help=about)
    asked.add_argument(
        "--from",
        dest="from",
        metavar="FILE",
        action="append",
        default=[],
        help="client: a store or file with keys and certificates; may be repeated",
    )
    asked.add_argument(
        "--pin",
        metavar="SHA256",
        action="append",
        default=[],
        help="the fingerprint the server's owner told; may be repeated",
    )
    asked.add_argument("--yes", action="store_true", help="the defaults of all that is left")
    asked.add_argument(
        "--answers", metavar="FILE", help="answers in YAML, by the names of these options"
    )
    secrets = parser.add_argument_group("passwords")
    for id, (flag, about) in _SECRETS.items():
        secrets.add_argument(
            flag, dest=id, metavar="SPEC", help=f"{about} (env:NAME, file:PATH, ...)"
        )
    how = parser.add_argument_group("how it asks")
    how.add_argument(
        "--backups",
        metavar="N",
        type=mending.count,
        default=None,
        help="keep the newest N old versions beside a file that is written (5)",
    )
    how.add_argument("--plain", action="store_true", help="lines only: no arrow keys, no colour")
    servers.add(parser)


def run(args: Namespace) -> int:
    """Ask, and do."""
    from ..wizard.driver import converse
    from ..wizard.flows import wizard

    front = _front(args)
    given, accept = _given(args)
    flow = wizard(servers.way(args))
    return converse(flow, front, given, accept=accept, backups=mending.backups(args))


def _front(args: Namespace) -> Front:
    from ..wizard.driver import Nobody
    from ..wizard.plain import Plain
    from ..wizard.prompts import Prompts, usable

    if not options.can_ask():
        return Nobody(_show)
    if args.plain or not usable():
        return Plain()
    return Prompts()


def _show(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _given(args: Namespace) -> tuple[dict[str, str | Password], bool]:
    """Answers by the ids of their questions, and whether defaults are taken.

    Raises:
        StorekeeperError: as `wizard.answers.answers`, and of the passwords.
    """
    ids = {flag[2:]: id for id, (flag, *_) in (*_TEXTS.items(), *_SECRETS.items())}
    ids |= {flag[2:]: id for id, flag in _SEVERAL.items()}
    said: dict[str, list[str]] = {}
    accept = False
    if args.answers:
        from ..wizard.answers import answers

        written, accept = answers(args.answers, ids, tuple(_SEVERAL))
        said = {ids[name]: values for name, values in written.items()}
    for id in ids.values():
        value = getattr(args, id)
        if value is not None and value != []:
            said[id] = value if isinstance(value, list) else [value]
    return {id: _answer(id, values) for id, values in said.items()}, bool(args.yes or accept)


def _answer(id: str, values: list[str]) -> str | Password:
    if id in _SECRETS:
        from ..host.passwords import resolve

        return resolve(values[0], warn=voice.warn, what=f"password ({_SECRETS[id][0]})")
    if id in _SEVERAL:
        from shlex import join

        return join(values)
    return values[0]
