"""Where passwords come from, and how to say so on a command line.

A specification names the place, not the password: ``env:NAME``, ``file:PATH``, ``fd:N``,
``stdin``, ``prompt``, ``keyring:SERVICE/USER``, ``cmd:COMMAND``. ``none`` is no password at
all, which is not the empty one. ``pass:TEXT`` is the password itself; it works and warns. No
message, ``repr`` or exception holds a password, nor a word that might be one.
"""

from __future__ import annotations

import os
import sys

from ..errors import InputError, PasswordRequired, UsageError
from ..model import LIMITS, Password, replace
from .files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STOREPASS = "STOREKEEPER_STOREPASS"
KEYPASS = "STOREKEEPER_KEYPASS"
"""Environment variables that hold a password when no specification is given."""

FORMS = (
    "env:NAME, file:PATH, fd:N, stdin, prompt, keyring:SERVICE/USER, cmd:COMMAND, pass:TEXT or none"
)

# A password is a line. PKCS12 files sealed with a whole base64 key file have been seen;
# 64 KiB is beyond any of them and keeps `file:/dev/zero` and `cmd:yes` harmless.
MAX_LENGTH = 65536

DEFAULT_PASSWORD = "changeit"
"""What every JDK's cacerts is protected with."""


def resolve(
    spec: str,
    *,
    warn: Callable[[str], None],
    prompt: Callable[[str], str] | None = None,
    what: str = "password",
) -> Password:
    """The password a specification stands for, with its origin.

    Two specifications ``stdin`` (or one ``fd:N`` named twice) read two lines, in the order
    they are resolved.

    Args:
        spec: one of `FORMS`.
        warn: is told what is unwise about the way the password was given.
        prompt: asks at the terminal; default `ask`.
        what: what the password is for, as in "password of conf/.keystore".

    Raises:
        UsageError: not a specification, or one that can't be followed.
        PasswordRequired: the place holds no password: variable not set, no terminal,
            end of input, nothing in the keyring, the command failed.
        Unreadable: the file can't be read.
    """
    asked = prompt or ask
    if spec == "none":
        return Password(None, "the word none")
    if spec == "stdin":
        return _checked(_from_stdin(asked, what), "standard input")
    if spec == "prompt":
        return _checked(asked(what), "the prompt")
    kind, separator, rest = spec.partition(":")
    if not separator or kind not in _KINDS:
        # The word may be the password itself, so it is not repeated.
        raise UsageError("this is no way to give a password", hint=_how_to_say(spec))
    if kind == "pass":
        warn(
            "a password on the command line is seen by every user of this machine and stays "
            "in the shell's history: use env:NAME, file:PATH or prompt"
        )
        return _checked(rest, "the command line")
    if not rest:
        raise UsageError(f"{kind}: needs a {_KINDS[kind]} after the colon")
    match kind:
        case "env":
            return _from_environment(rest)
        case "file":
            return _from_file(rest, warn)
        case "fd":
            return _from_descriptor(rest, asked, what)
        case "keyring":
            return _from_keyring(rest)
        case _:
            return _from_command(rest)


def default(name: str, environ: Mapping[str, str] | None = None) -> Password | None:
    """The password in `STOREPASS` or `KEYPASS`, or None when the variable is not set."""
    value = (os.environ if environ is None else environ).get(name)
    return None if value is None else _checked(value, f"environment variable {name}")


def candidates_for_reading() -> tuple[Password, ...]:
    """What is tried, in this order, to READ a trust store when no password was given.

    Never for writing and never for keys. The origin says which it was:
    f"opened with {password.origin}".
    """
    return (
        Password(None, "no password"),
        Password(DEFAULT_PASSWORD, f"the default password {DEFAULT_PASSWORD!r}"),
        Password("", "the empty password"),
    )


def expand_keytool_words(words: Sequence[str]) -> list[str]:
    """Arguments with keytool's ``--storepass:env NAME`` written ``--storepass env:NAME``.

    Any option whose name ends in "pass" is understood, with one dash or two, and
    ``:file PATH`` likewise. What follows ``--`` is left alone.

    Raises:
        UsageError: the name or path is missing.
    """
    expanded: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            expanded += [word, *rest]
            break
        option, colon, form = word.partition(":")
        form, equals, value = form.partition("=")
        if not (
            colon and option.startswith("-") and option.endswith("pass") and form in ("env", "file")
        ):
            expanded.append(word)
            continue
        if not equals:
            value = next(rest, "")
        if not value or (not equals and value.startswith("-")):
            expected = "the name of a variable" if form == "env" else "a path"
            raise UsageError(f"{option}:{form} needs {expected} after it")
        expanded += [option, f"{form}:{value}"]
    return expanded


def ask(what: str) -> str:
    """Ask at the terminal, without echo; standard input may be a pipe meanwhile.

    Raises:
        PasswordRequired: there is no terminal, or nothing was typed.
    """
    if os.name == "nt":
        there = sys.stdin is not None and sys.stdin.isatty()
    else:
        try:
            # getpass would fall back to echoing on standard input.
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
            there = True
        except OSError:
            there = False
    if not there:
        raise PasswordRequired(
            f"the {what} is asked for, and there is no terminal to ask at",
            hint=f"give it as one of {FORMS}",
        )
    import getpass

    try:
        return getpass.getpass(f"{what[:1].upper()}{what[1:]}: ")
    except EOFError:
        raise PasswordRequired(f"no {what} was typed") from None


_KINDS = {
    "env": "variable name",
    "file": "path",
    "fd": "number",
    "keyring": "SERVICE/USER",
    "cmd": "command",
    "pass": "text",
}


def _how_to_say(spec: str) -> str:
    if spec == DEFAULT_PASSWORD:
        return (
            f"write pass:{DEFAULT_PASSWORD}, or leave it out: to read trust stores it is tried "
            "anyway"
        )
    return f"give it as one of {FORMS}; a password itself is written pass:TEXT"


def _checked(text: str, origin: str) -> Password:
    """A password some encoding can hold: no halves of surrogate pairs, no NUL."""
    # Python decodes bytes of arguments and variables that are not UTF-8 to lone
    # surrogates, which no codec could encode again.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"the password from {origin} is not valid UTF-8")
    return Password(text, origin)


def _line(data: bytes, origin: str) -> Password:
    """The first line as a password; without its line end, and without a byte order mark."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UsageError(
            f"the password from {origin} is written in UTF-16, expected UTF-8",
            hint="in PowerShell, write the file with Set-Content -Encoding utf8NoBOM",
        )
    line = data.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].removesuffix(b"\r")
    return _checked(line.decode("utf-8", "surrogateescape"), origin)


def _from_environment(name: str) -> Password:
    value = os.environ.get(name)
    if value is None:
        raise PasswordRequired(
            f"the environment variable {name} is not set",
            hint="export it in the same shell; sudo drops variables unless told to keep them",
        )
    return _checked(value, f"environment variable {name}")


def _from_file(path: str, warn: Callable[[str], None]) -> Password:
    try:
        data = read_file(path, replace(LIMITS, file_size=MAX_LENGTH))
    except InputError as problem:
        problem.message = f"can't read the password from it: {problem.message}"
        problem.hint = problem.hint or "file:PATH names a file whose first line is the password"
        raise
    if os.name != "nt":
        import stat

        try:
            mode = os.stat(path).st_mode
        except OSError:  # gone since it was read
            mode = 0
        if stat.S_ISREG(mode) and mode & stat.S_IROTH:
            warn(
                f"the password file {path} can be read by every user "
                f"(mode {stat.S_IMODE(mode):04o}): chmod 600 it"
            )
    if not data:
        raise PasswordRequired("the password file is empty", path=path)
    return _line(data, f"file {path}")


def _from_stdin(prompt: Callable[[str], str], what: str) -> str:
    if sys.stdin is None:
        raise PasswordRequired(f"the {what} should come from standard input, and there is none")
    if sys.stdin.isatty():
        return prompt(what)
    # The very buffer `read_file("-")` reads on from, so that data may follow the line.
    try:
        data = sys.stdin.buffer.readline(MAX_LENGTH + 1)
    except (OSError, ValueError):
        data = b""
    return _complete(data, "standard input")


def _from_descriptor(number: str, prompt: Callable[[str], str], what: str) -> Password:
    if not number.isdecimal() or len(number) > 9:
        raise UsageError("fd: needs the number of an open file descriptor, as in fd:3")
    origin = f"file descriptor {int(number)}"
    if int(number) == 0:
        return _checked(_from_stdin(prompt, what), origin)
    data = bytearray()
    try:
        # One byte at a time: the next line belongs to the next reader of this descriptor.
        while len(data) <= MAX_LENGTH and (byte := os.read(int(number), 1)):
            data += byte
            if byte == b"\n":
                break
    except OSError as problem:
        raise UsageError(
            f"{origin} can't be read: {(problem.strerror or '').lower()}",
            hint="open it in the shell, as in fd:3 3< FILE",
        ) from None
    return _checked(_complete(bytes(data), origin), origin)


def _complete(data: bytes, origin: str) -> str:
    if not data:
        raise PasswordRequired(f"{origin} ended before a password came")
    if len(data) > MAX_LENGTH:
        raise UsageError(f"the line from {origin} is longer than {MAX_LENGTH} bytes")
    text = _line(data, origin).text
    assert text is not None
    return text


def _from_keyring(rest: str) -> Password:
    service, slash, user = rest.rpartition("/")
    if not (slash and service and user):
        raise UsageError("keyring: needs SERVICE/USER after the colon")
    from importlib import import_module

    try:
        keyring = import_module("keyring")
    except ImportError:
        raise UsageError(
            "the Python package keyring is not installed",
            hint="pip install keyring, into the environment storekeeper runs in",
        ) from None
    try:
        text = keyring.get_password(service, user)
    except keyring.errors.KeyringError as problem:
        raise PasswordRequired(
            f"the keyring gives no password: {type(problem).__name__}",
            hint="unlock the keyring, or see keyring --list-backends",
        ) from None
    if text is None:
        raise PasswordRequired(
            f"the keyring holds no password of {user!r} for {service!r}",
            hint="store it with: keyring set SERVICE USER",
        )
    return _checked(str(text), f"keyring {service}/{user}")


def _from_command(text: str) -> Password:
    import shlex
    import subprocess

    try:
        words = shlex.split(text, posix=os.name != "nt")
    except ValueError:
        raise UsageError("cmd: a quote in the command is never closed") from None
    if not words:
        raise UsageError("cmd: needs a command after the colon")
    # Only the program is named: its arguments may be nobody's business.
    origin = f"command {words[0]}"
    # Input meant for us is not for the command; a terminal is, to ask at.
    own = None if sys.stdin is not None and sys.stdin.isatty() else subprocess.DEVNULL
    try:
        process = subprocess.Popen(words, stdin=own, stdout=subprocess.PIPE)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "a NUL in its name"
        raise UsageError(
            f"the password {origin} can't be started: {(reason or '').lower()}",
            hint="no shell is involved; for one, write cmd:sh -c '...'",
        ) from None
    assert process.stdout is not None
    with process:
        data = process.stdout.read(MAX_LENGTH + 1)
        if len(data) > MAX_LENGTH:
            process.kill()
    if len(data) > MAX_LENGTH:
        raise UsageError(f"the password {origin} printed more than {MAX_LENGTH} bytes")
    if process.returncode:
        raise PasswordRequired(
            f"the password {origin} failed with status {process.returncode}",
            hint="what it said is above",
        )
    if not data:
        raise PasswordRequired(f"the password {origin} printed nothing")
    return _line(data, origin)
