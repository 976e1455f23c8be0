"""``storekeeper keytool``: keytool's own words, on our engine.

`grammar` is the table of what there is, `words` reads a command line, `prompts` asks. A
command runs in the module `RUNNERS` names, as ``function(request, prompter) -> status``;
one that is not there is not supported, and says so.
"""

from __future__ import annotations

from ...errors import StorekeeperError, Unsupported, WrongPassword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

    from .prompts import Prompter
    from .words import Request

    Runner = Callable[[Request, Prompter], int]

# command: (module of this package, function in it)
RUNNERS: dict[str, tuple[str, str]] = {
    "list": ("looking", "list_"),
    "printcert": ("looking", "printcert"),
    "printcertreq": ("looking", "printcertreq"),
    "printcrl": ("revocation", "printcrl"),
    "exportcert": ("looking", "exportcert"),
    "importcert": ("importing", "importcert"),
    "delete": ("changing", "delete"),
    "changealias": ("changing", "changealias"),
    "storepasswd": ("changing", "storepasswd"),
    "keypasswd": ("changing", "keypasswd"),
    "version": ("looking", "version"),
    "importkeystore": ("taking", "importkeystore"),
    "genkeypair": ("making", "genkeypair"),
    "certreq": ("making", "certreq"),
    "gencert": ("making", "gencert"),
    "genseckey": ("keeping", "genseckey"),
    "importpass": ("keeping", "importpass"),
    "gencrl": ("unlisted", "gencrl"),
    "keyclone": ("unlisted", "keyclone"),
    "selfcert": ("unlisted", "selfcert"),
}

EPILOG = """
Case does not count, names are not to be shortened; every password option takes keytool's
:env and :file, as in -storepass:env NAME. What keytool prints on standard output is printed
there, byte for byte where it can be; errors go to standard error, and end with the exit
statuses below, or all with 1 if --rc1 is given.

storekeeper keytool -COMMAND -help shows the options of one command.

examples:
  storekeeper keytool -list -keystore trust.jks -storepass:env STOREPASS
  storekeeper keytool -printcert -file server.pem
  storekeeper keytool -exportcert -rfc -cacerts -alias corp -file corp.pem -storepass changeit
  alias keytool='storekeeper keytool'
"""


def configure(parser: ArgumentParser) -> None:
    """Declare commands and options, for the help and for completion; `main` reads them."""
    from .grammar import COMMANDS, OPTIONS
    from .helping import line_of

    parser.usage = f"{parser.prog} -COMMAND [OPTION]..."
    commands = parser.add_argument_group("commands")
    for command in COMMANDS.values():
        flags = [f"-{name}" for name in (command.name, command.old) if name]
        commands.add_argument(*flags, action="store_true", help=line_of(command))
    options = parser.add_argument_group("options of the commands")
    for option in OPTIONS.values():
        if option.name in ("help", "J..."):
            continue
        if option.name == "rc1":
            options.add_argument("--rc1", action="store_true", help=option.line)
        elif option.argument:
            options.add_argument(
                f"-{option.name}", metavar=option.argument.strip("<>"), help=line_of(option)
            )
        else:
            options.add_argument(f"-{option.name}", action="store_true", help=line_of(option))


def main(words: list[str]) -> int:
    """Run one command line of keytool; returns the exit status."""
    from ..voice import fail, warn
    from .words import RC1, parse

    try:
        request = parse(words, warn=warn)
        status = _help(request) if request.help else _run(request)
    except StorekeeperError as error:
        if isinstance(error, WrongPassword) and error.alias is None:
            # Scripts look for keytool's words.
            error.message = f"keystore password was incorrect: {error.message}"
        status = fail(error)
    return min(status, 1) if RC1 in words else status


def _help(request: Request) -> int:
    if request.command:
        import sys

        from .grammar import COMMANDS
        from .helping import help_of

        sys.stdout.write(help_of(COMMANDS[request.command]))
        return 0
    from .. import options_of

    options_of("keytool").parse(["--help"])  # which ends the program
    return 0  # pragma: no cover


def _run(request: Request) -> int:
    from ...lazy import load
    from ..voice import warn
    from .grammar import COMMANDS
    from .helping import reason_against, remarks
    from .prompts import Prompter

    if reason := reason_against(request):
        raise Unsupported(
            reason, hint=f"storekeeper keytool -{request.command} -help shows what is supported"
        )
    for remark in remarks(request):
        warn(remark)
    module, function = RUNNERS[COMMANDS[request.command].name]
    runner: Runner = getattr(load(f"cli.keytool.{module}"), function)
    return runner(request, Prompter(warn))
