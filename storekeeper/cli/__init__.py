"""The command line. It parses, calls one function of the library, renders.

Rules of the voice, for everything printed here:

- data goes to standard output, everything else to standard error after ``storekeeper:``;
- an error says what, which file, which alias, expected and found; what to do is a ``hint:``;
- no capital at the start, no full stop at the end, nobody is blamed;
- no colour off a terminal or with NO_COLOR.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .options import Parser

# name: (module, what it does in one line). Modules are imported when their command runs.
COMMANDS = {
    "list": ("list_", "alias, kind, expiry, subject and SHA-256 of every entry"),
    "show": ("show", "everything about the entries of a store, and who can read it"),
    "diff": ("diff", "compare two stores or root lists by what they trust"),
    "audit": ("audit", "what is wrong with what a store trusts, by which list or rule"),
    "chain": ("chain", "what a server sends: its order, what is missing, what is needless"),
    "check": ("check", "what a Java release says of a server's chain, word for word"),
    "doctor": ("doctor", "what keeps a client from connecting, the proof, and what mends it"),
    "probe": ("probe", "what a server sends, asks for and takes: protocols, chain, client CAs"),
    "fetch": ("fetch", "the certificate of a server, or its chain, as a file"),
    "client": ("client", "which key a Java client sends a server, and a keystore it accepts"),
    "fix": ("fix", "the smallest change after which a refused chain is accepted"),
    "import": ("import_", "import certificates: a server's own, or all of a bundle"),
    "export": ("export", "certificates, chains and keys of a store, as files"),
    "genkey": ("genkey", "make a key with its certificate"),
    "csr": ("csr", "make a certificate request for a key"),
    "reply": ("reply", "put in what the CA answered, and build the chain"),
    "sign": ("sign", "sign a request: a small CA for tests and labs"),
    "import-key": ("import_key", "import a private key with its chain, in order and complete"),
    "delete": ("delete", "take entries out, by alias, pattern or filter"),
    "rename": ("rename", "give an entry another alias, and keep the rest of it"),
    "copy": ("copy", "copy entries from one store to another, keys too"),
    "merge": ("merge", "put several stores together; sort one, or rid it of duplicates"),
    "convert": ("convert", "another format, or another encryption for older readers"),
    "passwd": ("passwd", "change the password of a store or of a key"),
    "plan": ("plan", "what a profile would change, and whether anything drifted"),
    "apply": ("apply", "make every store what a profile says it should be"),
    "profiles": ("profiles", "the profiles for products, and making and checking your own"),
    "wizard": ("wizard", "mend it by answering questions: what is wrong, what helps, done"),
    "undo": ("undo", "take a change back: the file is as before, byte for byte"),
    "keytool": ("keytool", "keytool's own commands and options, for scripts that use them"),
    "scan": ("scan", "every store, certificate file and key below a path, by content"),
    "jres": ("jres", "find the JREs of this machine and their cacerts"),
    "sources": ("sources", "the names that stand for a store or a root list"),
    "completion": ("completion", "print a completion script for your shell"),
}

EXIT_STATUSES = """\
exit status:
  0  done, or nothing to report
  1  the answer is no (differs, rejected, findings)
  2  the command line is wrong
  3  a password is missing or wrong
  4  the input is unreadable, damaged or unsupported
  5  the network or a server failed
  6  refused to write (changed meanwhile, locked, would lose data)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (see `EXIT_STATUSES`)."""
    words = list(sys.argv[1:] if argv is None else argv)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: the exit status is what it wants
            import os

            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A subject in Arabic must not end in a traceback on a terminal set to C.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        _silence()
        return 0
    except OSError as problem:
        return _cannot_print(problem)
    return status


def _silence() -> None:
    """Keep the interpreter from complaining at exit about what could not be flushed."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _cannot_print(problem: OSError) -> int:
    """Files are read where their errors are known, so what is left is the output."""
    from ..errors import WriteRefused
    from .voice import fail

    _silence()
    reason = (problem.strerror or str(problem)).lower()
    return fail(
        WriteRefused(
            f"can't write to standard output: {reason}", hint="look at where it is redirected to"
        )
    )


def _run(words: list[str]) -> int:
    if words[:1] == ["help"] and len(words) > 1:
        words = [words[1], "--help"] if words[1] in COMMANDS else words[1:]
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(help_text())
        return 0 if words else 2
    if words[0] in ("-V", "--version", "version"):
        from .. import __version__

        print(f"storekeeper {__version__}")
        return 0
    if words[0] not in COMMANDS:
        return _unknown(words[0])
    return _command(words[0], words[1:])


def _unknown(word: str) -> int:
    from difflib import get_close_matches

    from ..errors import UsageError
    from .voice import fail

    close = get_close_matches(word.lstrip("-"), COMMANDS, 1)
    hint = f"did you mean {close[0]!r}?" if close else "storekeeper --help lists the commands"
    return fail(UsageError(f"there is no command {word!r}", hint=hint))


def options_of(name: str) -> Parser:
    """The parser of a command, its module imported.

    A module with a ``main(words)`` reads its words itself; its parser is for help alone.
    """
    from ..lazy import load
    from .options import Parser

    file, line = COMMANDS[name]
    module = load(f"cli.{file}")
    parser = Parser(name, line, module.EPILOG)
    module.configure(parser)
    parser.set_defaults(run=getattr(module, "run", None), command=name)
    return parser


def _command(name: str, words: list[str]) -> int:
    from ..errors import StorekeeperError
    from ..lazy import load
    from .voice import fail

    own_main = getattr(load(f"cli.{COMMANDS[name][0]}"), "main", None)
    if own_main is not None:
        own: int = own_main(words)
        return own
    try:
        args = options_of(name).parse(words)
        status: int = args.run(args)
    except StorekeeperError as error:
        return fail(error)
    return status


def help_text() -> str:
    """What ``storekeeper --help`` prints."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {line}" for name, (_, line) in COMMANDS.items())
    return f"""\
usage: storekeeper <command> [options]

Look into and mend Java trust stores and keystores, without a JVM.

commands:
{commands}

storekeeper <command> --help shows the options of a command, with examples.

A store is named by its file, a directory, - for standard input, or a word:
  cacerts       the trust store of the JRE in use (JAVA_HOME, then PATH)
  jre:HOME      the trust store of the JRE at HOME
  system        the trust store of the operating system
  certifi       the roots in the installed certifi package
  scan:PATH     every entry of every store below PATH
  mozilla, temurin-21, ...   root lists that travel with storekeeper

{EXIT_STATUSES}"""
