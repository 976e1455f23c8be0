"""The switches of a product, as its configuration has them."""

from __future__ import annotations

from ..frozen import Frozen
from ..host.directives import named
from .configuration import directives_of, looked_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .values import Profile, Setting

__all__ = ["Read", "settings"]


class Read(Frozen):
    """A switch as it stands.

    Attributes:
        setting: what the profile says of it.
        value: as the file has it, else the default; "" when neither is known.
        path: the file that has it; "" when none does.
        line: where, counted from 1; 0 when no file has it.
        says: what that value means, or "".
    """

    setting: Setting
    value: str
    path: str = ""
    line: int = 0
    says: str = ""


def settings(profile: Profile, root: str = "/") -> tuple[Read, ...]:
    """Every setting of a profile's product, read from the files that are there.

    Args:
        profile: loaded, so that its paths are known.
        root: the tree to look in.
    """
    if profile.product is None:
        return ()
    found: list[Read] = []
    for setting in profile.product.settings:
        pattern = setting.file if root == "/" else root.rstrip("/") + "/" + setting.file.lstrip("/")
        if setting.syntax and "${" not in pattern:
            found += _of_sites(setting, pattern, root)
            continue
        there = None if "${" in pattern else looked_up(pattern, setting.key)
        if there is None:
            found.append(Read(setting, setting.default, says=_says(setting, setting.default)))
        else:
            says = _says(setting, there.value)
            found.append(Read(setting, there.value, there.path, there.line, says))
    return tuple(found)


def _of_sites(setting: Setting, pattern: str, root: str) -> list[Read]:
    """What a web server's configuration says of it, wherever it does."""
    said = [
        Read(setting, one.value, one.path, one.line, _says(setting, one.value))
        for directives in directives_of(pattern, setting.syntax, root)
        for one in named(directives, setting.key)
    ]
    return said or [Read(setting, setting.default, says=_says(setting, setting.default))]


def _says(setting: Setting, value: str) -> str:
    meanings = {name.lower(): text for name, text in setting.values}
    return meanings.get(value.strip().lower(), meanings.get("*", "") if value else "")
