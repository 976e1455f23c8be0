"""What is installed on this machine that a profile knows: data-driven, by ``find`` and ``has``."""

from __future__ import annotations

import os

from ..errors import StorekeeperError
from ..frozen import Frozen
from .found import homes
from .load import load
from .shipped import shipped
from .variables import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .values import Profile, Variable

__all__ = ["Installation", "installations", "of_profile"]


class Installation(Frozen):
    """A product that was found.

    Attributes:
        profile: the name of the profile that knows it.
        title: of the profile.
        home: where it is installed.
        version: the numbers in the name of its directory, as "10.15"; "" without any.
        variables: (name, value) of the variable that found it, to load the profile with.
    """

    profile: str
    title: str
    home: str
    version: str
    variables: tuple[tuple[str, str], ...]


def installations(
    profile: str | None = None,
    environ: Mapping[str, str] | None = None,
    root: str = "/",
) -> tuple[Installation, ...]:
    """Every installation that the shipped profiles know, or that one profile knows.

    Args:
        profile: the name or path of one; None for all that are shipped.
        environ: in place of the process's environment.
        root: the tree to look in.

    Raises:
        StorekeeperError: the one profile that was named can't be loaded.
    """
    variables = os.environ if environ is None else environ
    if profile is not None:
        return tuple(of_profile(profile, load(profile, resolve=False), variables, root))
    found: list[Installation] = []
    for name in shipped():
        try:
            found += of_profile(name, load(name, resolve=False), variables, root)
        except StorekeeperError:  # another profile's mistake hides nothing
            continue
    return tuple(found)


def of_profile(
    name: str, profile: Profile, environ: Mapping[str, str], root: str = "/"
) -> Iterator[Installation]:
    """The installations that one profile knows, its variables as they are written."""
    values = Values(profile.variables, {}, environ, root)
    for variable in profile.variables:
        if not variable.find:
            continue
        for home in _homes(variable, values, root):
            yield Installation(name, profile.title, home, _version(home), ((variable.name, home),))


def _homes(variable: Variable, values: Values, root: str) -> tuple[str, ...]:
    try:
        return homes(variable, values, root)
    except StorekeeperError:  # its globs need another variable, which nobody has said
        return ()


def _version(home: str) -> str:
    import re

    found = re.search(r"[0-9]+(?:[._][0-9]+)*", os.path.basename(home.rstrip("/\\")))
    return found[0].replace("_", ".") if found else ""
