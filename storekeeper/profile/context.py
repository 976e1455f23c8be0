"""What planning a profile needs from around it: passwords, somebody to tell, limits, the clock."""

from __future__ import annotations

from ..errors import (
    PasswordError,
    PasswordRequired,
    StorekeeperError,
    UsageError,
    WrongPassword,
)
from ..host import passwords
from ..model import LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..model import Limits, Password, Store
    from ..trust.anchors import RootList
    from .values import Mark

__all__ = ["Context", "placed"]


class Context:
    """How a profile is planned and applied.

    Args:
        say: is told what a person should know of a choice.
        warn: is told what is unwise.
        prompt: asks for a password; default at the terminal.
        environ: in place of the process's environment.
        limits: how much any input may ask for.
        seconds: for each connection.
        at: when to judge validity, seconds since 1970 UTC; now when None.
        now_ms: the date of new entries, milliseconds since 1970 UTC; None is
            SOURCE_DATE_EPOCH where that is set, else the notBefore of each certificate.
    """

    def __init__(
        self,
        *,
        say: Callable[[str], None] | None = None,
        warn: Callable[[str], None] | None = None,
        prompt: Callable[[str], str] | None = None,
        environ: Mapping[str, str] | None = None,
        limits: Limits = LIMITS,
        seconds: float = 10.0,
        at: int | None = None,
        now_ms: int | None = None,
    ) -> None:
        self.tell = say or _silent
        self.warn = warn or _silent
        self.prompt = prompt
        self.environ = environ
        self.limits = limits
        self.seconds = seconds
        self.at = at
        self.now_ms = now_ms
        self._passwords: dict[tuple[str, str], Password] = {}
        self._told: set[str] = set()

    def say(self, text: str) -> None:
        """Tell something, once."""
        if text not in self._told:
            self._told.add(text)
            self.tell(text)

    def password(
        self, specification: str, what: str, mark: Mark, *, twice: bool = False
    ) -> Password | None:
        """What a specification stands for, asked or read once; None for an empty one.

        Args:
            specification: see `passwords.FORMS`.
            what: what it is the password of.
            mark: where it is said.
            twice: it is a new one, to be typed again.

        Raises:
            PasswordError, UsageError, Unreadable: as `passwords.resolve`, with the place.
        """
        if not specification:
            return None
        # Each of these gives another line to who asks again.
        lines = specification in ("prompt", "stdin") or specification.startswith("fd:")
        key = specification, what if lines else ""
        if key not in self._passwords:
            warn = self.warn
            if specification.startswith("pass:"):
                warn = _silent
                self.warn(
                    f"{mark}: a password in a profile is known to whoever reads the profile: use "
                    "env:NAME, file:PATH or prompt"
                )
            try:
                found = passwords.resolve(
                    specification, warn=warn, prompt=self.prompt, what=f"password of {what}"
                )
            except PasswordError as error:
                raise placed(error, mark) from None
            if twice:
                again = passwords.resolve(
                    specification,
                    warn=warn,
                    prompt=self.prompt,
                    what=f"password of {what} again",
                )
                if again.text != found.text:
                    raise UsageError("the two passwords are not the same", hint="try again")
            self._passwords[key] = found
        return self._passwords[key]

    def open(self, name: str, password: Password | None = None) -> Store | RootList:
        """What a word or path stands for; as `trust.sources.open_source`.

        A wrong password's error says where the password came from.
        """
        from ..trust.sources import open_source

        try:
            return open_source(
                name, password, environ=self.environ, limits=self.limits, say=self.say
            )
        except WrongPassword as error:
            if password is not None:
                error.hint = f"the password came from {password.origin}; {error.hint}"
            raise
        except PasswordRequired as error:
            error.hint = "say where it comes from: password: env:NAME, file:PATH or prompt"
            raise


def placed(error: StorekeeperError, mark: Mark) -> StorekeeperError:
    """The same error, with the place in the profile that led to it.

    It is the error's path, or where it has one of its own part of the hint.
    """
    if not mark.path:
        return error
    if not error.path:
        error.path = str(mark)
    elif str(mark) not in error.hint and error.path != str(mark):
        error.hint = f"{error.hint}; wanted in {mark}" if error.hint else f"wanted in {mark}"
    return error


def _silent(_: str) -> None:
    return None
