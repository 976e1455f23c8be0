"""``storekeeper export``."""

from __future__ import annotations

import sys

from . import mending, options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.export import Exported
    from ..model import Password, Store
    from ..trust.inventory import Filter, Row

EPILOG = """
Without filters every entry is exported, and without an output PEM goes to standard output.
The format is that of --format, else what the name of FILE promises, else PEM. A file that is
there and holds something else is left alone unless --force is given; nothing is written
then. Private keys leave only with --key, encrypted with --dest-storepass unless
--no-encryption is said, into files only their owner may read. A default password opens a
store to look at, and no key.

A hashed directory is what OpenSSL, curl and Python take as a directory of trusted
certificates (-CApath, SSL_CERT_DIR); it has the names of OpenSSL 1.0 and later, and the older.

instead of keytool -exportcert -rfc -alias x -keystore S -file x.pem:
  storekeeper export S --alias x -o x.pem

examples:
  storekeeper export cacerts --alias 'corp-*' > corp.pem
  storekeeper export conf/.keystore --storepass prompt --chain --alias server -o server.pem
  storekeeper export id.p12 --storepass env:IN --key --chain --dest-storepass env:OUT -o id.pem
  storekeeper export cacerts --hashed /opt/app/certs
  storekeeper export trust.jks --each roots --format der --name '{cn}-{sha256:8}'
"""

# What the name of an output promises. Those not here promise nothing.
_BY_SUFFIX = {
    "der": "der",
    "p7b": "pkcs7",
    "p7c": "pkcs7",
    "p12": "pkcs12",
    "pfx": "pkcs12",
    "pkcs12": "pkcs12",
}
_STORES = ("jks", "jceks", "jck", "bks", "uber")


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("store", metavar="STORE", help="file, directory, - or a word")
    what = parser.add_argument_group("what")
    more = what.add_mutually_exclusive_group()
    more.add_argument("--chain", action="store_true", help="the chain of a key entry as well")
    more.add_argument(
        "--all",
        action="store_true",
        help="everything: every chain, and with --key every key beside the trusted certificates",
    )
    what.add_argument(
        "--key",
        action="store_true",
        help="private keys: alone, with --chain followed by their certificates",
    )
    form = parser.add_argument_group("form")
    form.add_argument(
        "--format", choices=("pem", "der", "pkcs7", "pkcs12"), help="what to write (pem)"
    )
    form.add_argument(
        "--headers", action="store_true", help="alias, subject and issuer before each PEM block"
    )
    mending.add_compat(form)
    where = parser.add_argument_group("where")
    place = where.add_mutually_exclusive_group()
    place.add_argument("-o", "--output", metavar="FILE", help="one file, - for standard output")
    place.add_argument("--each", metavar="DIR", help="a file for each entry, in this directory")
    place.add_argument(
        "--hashed", metavar="DIR", help="the same, with the names by which OpenSSL finds them"
    )
    where.add_argument(
        "--name",
        metavar="TEMPLATE",
        default="",
        help="names of the files in DIR, as '{cn}-{sha256:8}' (the alias)",
    )
    where.add_argument(
        "--force", action="store_true", help="replace files that hold something else"
    )
    looking = parser.add_mutually_exclusive_group()
    looking.add_argument("--dry-run", action="store_true", help="show what would be written")
    looking.add_argument(
        "--check",
        action="store_true",
        help="the same, with exit status 1 when there is something to write",
    )
    said = parser.add_mutually_exclusive_group()
    said.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    said.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing but warnings and errors"
    )
    options.add_filters(parser)
    options.add_at(parser)
    options.add_passwords(parser)
    parser.add_argument(
        "--keypass",
        metavar="SPEC",
        help="the password of the keys (STOREKEEPER_KEYPASS, else that of the store)",
    )
    protect = parser.add_mutually_exclusive_group()
    protect.add_argument(
        "--dest-storepass", metavar="SPEC", help="the password to encrypt what is written with"
    )
    protect.add_argument(
        "--no-encryption", action="store_true", help="write keys and PKCS12 in clear"
    )


def run(args: Namespace) -> int:
    """Export; 1 when no entry has what was asked for, or with --check when files would change."""
    from ..change import outputs
    from ..change.repeated import says_the_same
    from ..errors import StorekeeperError
    from ..report import exports
    from ..trust.inventory import rows, select
    from ..trust.sources import open_store

    format = _format(args)
    directory = args.each or args.hashed or ""
    to_stdout = not directory and args.output in (None, "-")
    _agree(args, to_stdout)
    wanted = options.wanted(args)
    now = options.now(args)
    given = options.password(args)
    opened, given = options.opened_source(args.store, given, args)
    source = open_store(opened)
    path = source.path or args.store
    every = rows(source)
    kept = select(every, wanted, now)
    voice.findings(path, source.findings, source, quiet=args.quiet)
    if _unmatched(path, every, kept, wanted, now):
        return 1
    opens = _opens(args, given) if args.key else None
    seals = _seals(args, encrypts=bool(args.key) or format == "pkcs12")
    try:
        exported = _export(args, format, kept, opens, seals)
    except StorekeeperError as error:
        raise error.at(path=path if error.alias is not None else None) from error.__cause__
    if not exported.products:
        _found_nothing(args, path, exported, source)
        return 1
    if to_stdout:
        voice.findings(path, exported.findings, source, quiet=args.quiet)
        return _print(exported.products[0].content, format)
    looking = args.dry_run or args.check
    files = outputs.check(
        exported.products,
        file=args.output or "",
        directory=directory,
        force=args.force,
        source=source.path,
        same=lambda product, found: says_the_same(product, found, seals, mending.encryption(args)),
    )
    found = exported.findings
    if not looking:
        found += outputs.write(files, directory=directory)
    if args.json:
        options.print_json(exports.json(path, format.upper(), files, found, looking=looking))
    elif not args.quiet:
        sys.stdout.writelines(exports.lines(files, looking=looking))
    voice.findings(path, found, source, quiet=args.quiet)
    return 1 if args.check and any(file.state != "unchanged" for file in files) else 0


def _format(args: Namespace) -> str:
    """The format that was said, or that the output's name promises."""
    from ..errors import UsageError

    if args.format is not None:
        return str(args.format)
    suffix = (args.output or "").rpartition(".")[2].lower()
    if suffix in _STORES:
        raise UsageError(
            f"export writes no {suffix.upper()}",
            hint="storekeeper convert does; --format says what to write under this name",
        )
    return _BY_SUFFIX.get(suffix, "pem")


def _agree(args: Namespace, to_stdout: bool) -> None:
    from ..errors import UsageError

    if args.name and not (args.each or args.hashed):
        raise UsageError("--name names the files of a directory", hint="say --each or --hashed")
    if to_stdout:
        for option in ("json", "dry_run", "check"):
            if getattr(args, option):
                raise UsageError(
                    f"--{option.replace('_', '-')} tells of files, and there are none",
                    hint="say where to write them: -o FILE, --each DIR or --hashed DIR",
                )


def _unmatched(path: str, every: list[Row], kept: list[Row], wanted: Filter, now: int) -> bool:
    """Whether some alias that was asked for is not there, or no entry fits; which is said."""
    from ..trust.inventory import Filter, select

    for pattern in wanted.aliases:
        if not select(every, Filter(aliases=(pattern,)), now):
            voice.warn(f"{path}: no entry has the alias {pattern!r}")
            kept = []
    for digits in wanted.sha256:
        if not select(every, Filter(sha256=(digits,)), now):
            voice.warn(f"{path}: no entry has the fingerprint {digits}")
            kept = []
    if not kept:
        voice.warn(f"{path}: nothing to export")
        voice.hint("storekeeper list shows aliases and fingerprints; patterns are quoted, as 'a*'")
    return not kept


def _export(
    args: Namespace, format: str, kept: list[Row], opens: Password | None, seals: Password | None
) -> Exported:
    from ..change.export import export
    from ..errors import PasswordError
    from ..trust.anchors import Anchor

    contents = "chains" if args.chain or args.all else "certificates"
    if args.key:
        contents = "store" if args.all else "keys+chains" if args.chain else "keys"

    def made(opens: Password | None) -> Exported:
        return export(
            [row.source for row in kept if not isinstance(row.source, Anchor)],
            format=format.upper(),
            contents=contents,
            layout="hashed" if args.hashed else "each" if args.each else "bundle",
            template=args.name,
            headers=args.headers,
            opens=opens,
            seals=seals,
            encryption=mending.encryption(args),
        )

    try:
        try:
            return made(opens)
        except PasswordError as error:
            if error.alias is None or args.keypass is not None or not options.can_ask():
                raise
            opens = options.ask(f"password of the key {error.alias!r}")
            return made(opens)
    except PasswordError as error:
        if error.alias is None:
            raise
        if opens is None:
            error.hint = "give it with --keypass, or --storepass where the store's is the same"
        else:
            error.hint = f"the password came from {opens.origin}; --keypass says that of the key"
        raise


def _opens(args: Namespace, given: Password | None) -> Password | None:
    """The password of the keys."""
    from ..host import passwords

    if args.keypass is not None:
        return options.password(args, "keypass")
    return passwords.default(passwords.KEYPASS) or given


def _seals(args: Namespace, encrypts: bool) -> Password | None:
    """What to encrypt with; a new password is asked for at a terminal, twice."""
    from ..errors import UsageError
    from ..model import Password

    if args.no_encryption:
        return Password(None, "--no-encryption")
    if args.dest_storepass is not None:
        if not encrypts:
            raise UsageError(
                "nothing of what is written is encrypted, and --dest-storepass was given",
                hint="--key exports private keys, --format pkcs12 writes a store with a password",
            )
        return options.password(args, "dest_storepass")
    passwordless = args.compat == "passwordless" and not args.key
    if not encrypts or passwordless or not options.can_ask():
        return None
    return mending.asked_twice("password for what is written")


def _found_nothing(args: Namespace, path: str, exported: Exported, source: Store) -> None:
    voice.findings(path, exported.findings, source, quiet=args.quiet)
    voice.warn(f"{path}: no {'private key' if args.key else 'certificate'} to export")
    if not args.key and any(f.code == "left-out" for f in exported.findings):
        voice.hint("private keys are exported with --key")


def _print(content: bytes, format: str) -> int:
    from ..errors import UsageError

    if format != "pem" and sys.stdout.isatty():
        raise UsageError(
            f"{format.upper()} is binary, and standard output is a terminal", hint="say -o FILE"
        )
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return 0
