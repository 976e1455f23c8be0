"""The switches of a product, as its configuration has them."""

from __future__ import annotations

from ..frozen import Frozen
from .configuration import looked_up

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
        there = None if "${" in pattern else looked_up(pattern, setting.key)
        if there is None:
            found.append(Read(setting, setting.default, says=_says(setting, setting.default)))
        else:
            says = _says(setting, there.value)
            found.append(Read(setting, there.value, there.path, there.line, says))
    return tuple(found)


def _says(setting: Setting, value: str) -> str:
    meanings = {name.lower(): text for name, text in setting.values}
    return meanings.get(value.strip().lower(), meanings.get("*", "") if value else "")
