"""Stores opened on the way, with their passwords asked for once."""

from __future__ import annotations

import os

from ..errors import (
    PasswordError,
    PasswordRequired,
    StorekeeperError,
    Unreadable,
    WriteRefused,
    WrongPassword,
)
from ..names import printable
from .layout import folded
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..change.target import Target
    from ..model import Password, Store
    from .talk import Talk

__all__ = ["opened_source", "opened_target", "resolved", "unreadable"]

_TRIES = 5


def resolved(spec: str) -> Password | None:
    """The password a specification leads to; None for none, or a variable that is not set."""
    from ..host.passwords import resolve

    if not spec or spec == "prompt" or (spec[:4] == "env:" and spec[4:] not in os.environ):
        return None
    return resolve(spec, warn=lambda _: None)


def opened_target(
    talk: Talk,
    name: str,
    spec: str = "",
    *,
    said: Password | None = None,
    id: str = "storepass",
    when: str = "before",
) -> tuple[Target, Password | None]:
    """A store that may be changed, which may be new, and the password that was said for it.

    Args:
        talk: the conversation.
        name: of the store, as `change.target.open_target` takes it.
        spec: where a profile says its password is.
        said: it, where that is known already.
        id: of the question for its password.
        when: what tells this look at the file from one before a change.

    Raises:
        StorekeeperError: as `change.target.open_target`.
    """
    from ..change.target import open_target

    def say(text: str) -> None:
        if when == "before":
            talk.tell(*folded(f"note: {text}", "  ", "    "))

    given = said or (_said(talk, name, id) if talk.given(id) else resolved(spec))
    for attempt in range(1, _TRIES + 1):
        try:
            target = talk.once(
                "target",
                (name, given and given.text, when),
                lambda given=given: open_target(  # type: ignore[misc]
                    name, given, may_be_new=True, directories=True, say=say
                ),
            )
            return target, given
        except (PasswordRequired, WrongPassword) as error:
            given = _again(talk, error, name, id, attempt)
        except Unreadable as error:
            raise _not_permitted(error) from None
    raise AssertionError("not reached")  # pragma: no cover


def _not_permitted(error: Unreadable) -> StorekeeperError:
    """For a store that is there and that this user may not read, who may."""
    path = error.path
    if not path or not os.path.exists(path) or os.access(path, os.R_OK):
        return error
    who = "as an administrator" if os.name == "nt" else "as its owner, or: sudo storekeeper wizard"
    return WriteRefused("this user may not read it, so it can't be changed", hint=who, path=path)


def opened_source(
    talk: Talk, name: str, spec: str = "", *, id: str = "srcstorepass"
) -> tuple[Store, Password | None]:
    """A store that is only read, and the password that was said for it."""
    from ..trust.sources import open_any, open_store

    given = _said(talk, name, id) if talk.given(id) else resolved(spec)
    for attempt in range(1, _TRIES + 1):
        try:
            store = talk.once(
                "source",
                (name, given and given.text),
                lambda given=given: open_store(open_any(name, given)),  # type: ignore[misc]
            )
            return store, given
        except (PasswordRequired, WrongPassword) as error:
            given = _again(talk, error, name, id, attempt)
    raise AssertionError("not reached")  # pragma: no cover


def unreadable(name: str) -> str:
    """Why what is named can't be compared or imported, or ""; a password may still be wanted."""
    from ..trust.sources import open_any

    if not name.strip():
        return "an answer is needed"
    try:
        open_any(os.path.expanduser(name))
    except PasswordError:
        return ""
    except StorekeeperError as error:
        return f"{error}; {error.hint}" if error.hint else str(error)
    return ""


def _again(
    talk: Talk,
    error: PasswordRequired | WrongPassword,
    name: str,
    id: str,
    attempt: int,
) -> Password:
    """Another password, from whoever is there.

    Raises:
        PasswordError: nobody is there, or there were enough attempts.
    """
    if not talk.person or attempt >= _TRIES:
        if isinstance(error, PasswordRequired):
            error.hint = f"say where it is: --{id} env:NAME, file:PATH or another of its kind"
        raise error
    if isinstance(error, WrongPassword):
        talk.tell("", *folded(f"{name}: {error.message}", "  ", "    "))
    return _said(talk, name, f"{id}-{attempt}" if attempt > 1 or talk.given(id) else id)


def _said(talk: Talk, name: str, id: str) -> Password:
    flag = id.partition("-")[0]
    return talk.ask_password(
        Question(
            id,
            printable(f"Password of {os.path.basename(name.rstrip('/')) or name}"),
            "secret",
            f"--{flag}",
            "The password of the store. It is not shown, not kept, and in no command that is "
            "printed; a flag says where it is (env:NAME, file:PATH), not what it is.",
        )
    )
