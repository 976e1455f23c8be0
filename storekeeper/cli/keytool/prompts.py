"""keytool's questions: asked on standard error, answered on standard input.

Measured with answers in a pipe, JDK 11 to 25:

- A password is read as one line and nothing beyond it; at the end of input, or when the
  line is empty, there is none. Each byte is a character, whatever the encoding.
- Any other answer is read through a buffer that is then thrown away: what has already
  arrived behind it is lost to all later questions, which find the end of input. The same
  answers must lead to the same store, so it is lost here too, and that is said.
- A new password is asked for three times at most, a yes or a no 21 times.

At a terminal passwords are read without echo.
"""

from __future__ import annotations

import os
import sys

from ...errors import PasswordRequired, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...model import Password

LEAST = 6
"""Characters of a password for something new."""

_TRIES = 3
_REPLIES = 21
_BUFFER = 8192
# So long a pipe may be silent before what comes later counts as typed later. keytool
# takes longer than this to start, and has in its buffer all a script wrote meanwhile.
_PAUSE = 0.1

DN_QUESTIONS = (
    ("CN", "What is your first and last name?"),
    ("OU", "What is the name of your organizational unit?"),
    ("O", "What is the name of your organization?"),
    ("L", "What is the name of your City or Locality?"),
    ("ST", "What is the name of your State or Province?"),
    ("C", "What is the two-letter country code for this unit?"),
)


class Prompter:
    """Asks, and remembers what has been read of standard input and not yet used.

    One for a run: what a password left in the buffer belongs to the next question.

    Args:
        say: told what keytool would drop silently.
    """

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        self._say = say or _silent
        self._held = b""
        self._ended = False

    # -- passwords ----------------------------------------------------------------------

    def password(self, prompt: str) -> str:
        """One answer without echo; "" for an empty line and at the end of input."""
        if _terminal():
            return self._hidden(prompt)
        self._show(prompt)
        typed = self._byte_by_byte()
        # Nobody's return key moved the cursor, and what is said next begins a line.
        self._show("\n")
        return typed

    def store_password(self) -> Password | None:
        """The password of a keystore that is to be read; None when none was typed."""
        return _password(self.password("Enter keystore password:  "))

    def source_password(self) -> Password | None:
        """The password of the source of ``-importkeystore``; None when none was typed."""
        return _password(self.password("Enter source keystore password:  "))

    def writing_password(
        self, *, new: bool, prompt: str = "Enter keystore password:  "
    ) -> Password:
        """The password of a keystore that is to be written; of a new one, typed twice.

        Raises:
            PasswordRequired: three times too short, or not the same again.
        """
        for _ in range(_TRIES):
            typed = self.password(prompt)
            if len(typed) < LEAST:
                self._show(
                    f"Keystore password is too short - must be at least {LEAST} characters\n"
                )
            elif new and self.password("Re-enter new password: ") != typed:
                self._show("They don't match. Try again\n")
            else:
                return _given(typed)
        raise _too_many()

    def new_password(self, what: str, old: Password | None) -> Password:
        """Another password: ``what`` is "keystore password" or "key password for <alias>".

        Raises:
            PasswordRequired: three times too short, the old one, or not the same again.
        """
        for _ in range(_TRIES):
            typed = self.password(f"New {what}: ")
            if len(typed) < LEAST:
                self._show(f"Password is too short - must be at least {LEAST} characters\n")
            elif old is not None and typed == old.text:
                self._show("Passwords must differ\n")
            elif self.password(f"Re-enter new {what}: ") != typed:
                self._show("They don't match. Try again\n")
            else:
                return _given(typed)
        raise _too_many()

    def new_key_password(self, alias: str, store: Password, *, same_as: str = "") -> Password:
        """The password for a new key; an empty line means the keystore's.

        Args:
            alias: the new entry.
            store: what an empty line stands for.
            same_as: the entry whose password ``store`` is, when it is not the keystore's.

        Raises:
            PasswordRequired: three times too short, or not the same again.
        """
        else_ = f"(RETURN if same as for <{same_as}>)" if same_as else (
            "(RETURN if same as keystore password):  "
        )  # fmt: skip
        for _ in range(_TRIES):
            typed = self.password(f"Enter key password for <{alias}>\n\t{else_}")
            if not typed:
                return store
            if len(typed) < LEAST:
                self._show(f"Key password is too short - must be at least {LEAST} characters\n")
            elif self.password("Re-enter new password: ") != typed:
                self._show("They don't match. Try again\n")
            else:
                return _given(typed)
        raise _too_many()

    def key_password(
        self, alias: str, *, other: Password | None = None, other_alias: str = ""
    ) -> Password:
        """The password of a key that is there; an empty line means ``other``, if there is one.

        Raises:
            PasswordRequired: nothing was typed three times.
        """
        prompt = f"Enter key password for <{alias}>"
        if other is not None:
            prompt += f"\n\t(RETURN if same as for <{other_alias}>)"
        for _ in range(_TRIES):
            typed = self.password(prompt)
            if typed:
                return _given(typed)
            if other is not None:
                return other
        raise _too_many()

    def secret(self) -> str:
        """The password ``-importpass`` is to keep: typed twice, or one line of a pipe.

        Raises:
            PasswordRequired: three times not the same again.
        """
        if not _terminal():
            return self._byte_by_byte()
        for _ in range(_TRIES):
            typed = self.password("Enter the password to be stored:  ")
            if self.password("Re-enter password: ") == typed:
                return typed
            self._show("They don't match. Try again\n")
        raise _too_many()

    # -- other answers ------------------------------------------------------------------

    def line(self, prompt: str) -> str:
        """One answer; "" for an empty line and at the end of input."""
        self._show(prompt)
        answer = _text(self._line())
        if not _terminal():
            self._show("\n")
        self._drop()
        return answer

    def yes(self, prompt: str) -> bool:
        """A yes or a no; nothing is a no, anything else is asked again.

        Raises:
            UsageError: no answer after 21 questions.
        """
        for _ in range(_REPLIES):
            answer = self.line(prompt).lower()
            if answer in ("y", "yes"):
                return True
            if answer in ("", "n", "no"):
                return False
            self._show("Wrong answer, try again\n")
        raise _no_answer()

    def trust(self) -> bool:
        """Whether the certificate just shown is to be trusted."""
        return self.yes("Trust this certificate? [no]:  ")

    def add_again(self, alias: str, *, system: bool = False) -> bool:
        """Whether a certificate is added that is there under another alias."""
        if system:
            return self.yes(
                f"Certificate already exists in system-wide CA keystore under alias <{alias}>\n"
                "Do you still want to add it to your own keystore? [no]:  "
            )
        return self.yes(
            f"Certificate already exists in keystore under alias <{alias}>\n"
            "Do you still want to add it? [no]:  "
        )

    def install_reply(self) -> bool:
        """Whether an answer to a request is installed whose root nobody trusts."""
        return self.yes("Install reply anyway? [no]:  ")

    def overwrite(self, alias: str) -> bool:
        """Whether ``-importkeystore`` replaces an entry of the destination."""
        return self.yes(f"Existing entry alias {alias} exists, overwrite? [no]:  ")

    def alias(self) -> str:
        """The entry to delete, when no option named it; "" when nobody answers."""
        return self.line("Enter alias name:  ")

    def destination_alias(self) -> str:
        """The new name of ``-changealias`` and ``-keyclone``; "" when nobody answers."""
        return self.line("Enter destination alias name:  ")

    def new_alias(self) -> str:
        """Another name for an entry ``-importkeystore`` does not replace; "" to leave it out."""
        return self.line("Enter new alias name\t(RETURN to cancel import for this entry):  ")

    def distinguished_name(self, show: Callable[[tuple[tuple[str, str], ...]], str]) -> str:
        """The answers to the questions of ``-genkeypair``, as ``show`` puts them together.

        An empty answer stands for the value in brackets; a single dot for nothing, as in
        JDK 21 and later (in 17, for a dot).

        Args:
            show: a name out of (keyword, value) pairs, CN first.

        Raises:
            UsageError: not confirmed after 21 rounds.
        """
        values = dict.fromkeys((key for key, _ in DN_QUESTIONS), "Unknown")
        for _ in range(_REPLIES):
            self._show(
                "Enter the distinguished name. Provide a single dot (.) to leave a sub-component "
                "empty or press ENTER to use the default value in braces.\n"
            )
            for key, question in DN_QUESTIONS:
                self._show(f"{question}\n  [{values[key]}]:  ")
                values[key] = _text(self._line()) or values[key]
            name = show(tuple((key, value) for key, value in values.items() if value != "."))
            self._show(f"Is {name} correct?\n  [no]:  ")
            if _text(self._line()).lower() in ("y", "yes"):
                self._show("\n")
                self._drop()
                return name
        raise _no_answer()

    # -- standard input -----------------------------------------------------------------

    def rest(self) -> bytes:
        """All of standard input that no question has taken: a certificate behind a password.

        Raises:
            Unreadable, LimitExceeded: as `host.files.read_file`.
        """
        from ...host.files import STDIN, read_file

        held, self._held = self._held, b""
        return held if self._ended else held + read_file(STDIN)

    def _show(self, text: str) -> None:
        sys.stdout.flush()
        sys.stderr.write(text)
        sys.stderr.flush()

    def _hidden(self, prompt: str) -> str:
        import getpass

        before, newline, last = prompt.rpartition("\n")
        self._show(before + newline)
        try:
            return getpass.getpass(last)
        except EOFError:
            return ""

    def _line(self) -> bytes:
        """A line without its end, from what is held or what comes."""
        while b"\n" not in self._held and not self._ended and len(self._held) <= 8 * _BUFFER:
            self._more()
        line, _, self._held = self._held.partition(b"\n")
        return line.removesuffix(b"\r")

    def _byte_by_byte(self) -> str:
        """A line with a character for each byte, which is how keytool takes a password."""
        line = self._line()
        if not line.isascii():
            self._say(
                "keytool takes each byte of a password in a pipe for a character, and so does "
                "this: in UTF-8 it is another password; give it with :env or :file"
            )
        return line.decode("latin-1")

    def _more(self) -> None:
        try:
            read = b"" if sys.stdin is None else os.read(sys.stdin.fileno(), _BUFFER)
        except (OSError, ValueError):
            read = b""
        self._held += read
        self._ended = not read

    def _drop(self) -> None:
        """Forget what has arrived, up to a buffer full, as keytool does."""
        if _terminal():
            return
        while not self._ended and len(self._held) < _BUFFER and _waiting():
            self._more()
        lost, self._held = self._held[:_BUFFER], self._held[_BUFFER:]
        if lost:
            lines = lost.count(b"\n") + (not lost.endswith(b"\n"))
            self._say(
                f"{lines} more line{'s' if lines > 1 else ''} of standard input dropped, as "
                "keytool does after a question that is not for a password: give passwords as "
                "options, or use -noprompt"
            )


def _terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _waiting() -> bool:
    """Whether more of standard input arrives within the pause; true at its end."""
    if os.name == "nt":
        return False  # select is for sockets there
    import select

    try:
        return bool(select.select([sys.stdin.fileno()], [], [], _PAUSE)[0])
    except (OSError, ValueError):
        return False


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the answer on standard input is not valid UTF-8") from None


def _password(typed: str) -> Password | None:
    return _given(typed) if typed else None


def _given(typed: str) -> Password:
    from ...model import Password

    return Password(typed, "the prompt")


def _too_many() -> PasswordRequired:
    return PasswordRequired(
        "too many failures", hint="-storepass:env NAME and -storepass:file PATH need no answers"
    )


def _no_answer() -> UsageError:
    return UsageError("too many retries", hint="-noprompt and -dname need no answers")


def _silent(_: str) -> None:
    return None
