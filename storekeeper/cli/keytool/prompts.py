"""keytool's questions: asked on standard error, answered on standard input.

As measured on JDK 11 to 25: an empty line and the end of input are no password, a new
password is asked for three times at most, a yes or a no 21 times. At a terminal passwords
are read without echo; what a pipe does is in `answers`.
"""

from __future__ import annotations

import sys

from ...errors import PasswordRequired, UsageError
from .answers import Answers, terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...model import Password

LEAST = 6
"""Characters of a password for something new."""

_TRIES = 3
_REPLIES = 21

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
        self._answers = Answers(say or _silent)

    # -- passwords ----------------------------------------------------------------------

    def password(self, prompt: str) -> str:
        """One answer without echo; "" for an empty line and at the end of input."""
        if terminal():
            return self._hidden(prompt)
        self._show(prompt)
        typed = self._answers.bytewise()
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
        if not terminal():
            return self._answers.bytewise()
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
        answer = self._answers.text()
        if not terminal():
            self._show("\n")
        self._answers.drop()
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
                values[key] = self._answers.text() or values[key]
            name = show(tuple((key, value) for key, value in values.items() if value != "."))
            self._show(f"Is {name} correct?\n  [no]:  ")
            if self._answers.text().lower() in ("y", "yes"):
                self._show("\n")
                self._answers.drop()
                return name
        raise _no_answer()

    # -- standard input and error -------------------------------------------------------

    def rest(self) -> bytes:
        """All of standard input that no question has taken; see `Answers.rest`."""
        return self._answers.rest()

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
