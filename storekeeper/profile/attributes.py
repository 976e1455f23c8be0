"""Owner, group and mode of a target: how they differ from what is wished, and setting them."""

from __future__ import annotations

import os
import stat

from ..errors import UsageError, WriteRefused
from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..change.plan import Plan
    from .values import TargetWish

__all__ = ["Difference", "differences", "refuse_owner", "settle"]


class Difference(Frozen):
    """One attribute of a file that is not as wished.

    Attributes:
        what: "owner", "group" or "mode".
        old: as it is; "" for a file that is yet to be made.
        new: as it should be.
    """

    what: str
    old: str
    new: str


def differences(wish: TargetWish, plan: Plan) -> tuple[Difference, ...]:
    """What is not as wished about a target, as it is now.

    Raises:
        UsageError: there is no such user or group, or the system has none.
    """
    wanted = [(name, getattr(wish, name)) for name in ("owner", "group", "mode")]
    wanted = [(name, value) for name, value in wanted if value]
    if not wanted or (plan.result is None and plan.target.sha256 is None and not plan.parts):
        return ()
    if os.name == "nt":
        raise UsageError(
            f"{wanted[0][0]} is for systems with owners and modes", hint="leave it out on Windows"
        )
    shut = wish.mode and not int(wish.mode, 8) & 0o100
    if shut and (wish.type == "directory" or os.path.isdir(plan.target.real)):
        raise UsageError(
            f"a directory of mode {wish.mode} could not be entered",
            hint="0750, for instance",
            path=plan.target.path,
        )
    try:
        status: os.stat_result | None = os.stat(plan.target.real)
    except OSError:
        status = None
    found = []
    for name, value in wanted:
        number = _number(name, value)
        old = None if status is None else _is(name, status)
        if old != number:
            found.append(
                Difference(name, "" if old is None else _word(name, old), _word(name, number))
            )
    return tuple(found)


def refuse_owner(wish: TargetWish, wanted: Iterable[Difference], path: str) -> None:
    """Refuse another owner where only root can set one.

    Raises:
        WriteRefused: this process is not root, and the file would not be its own.
    """
    if not any(one.what == "owner" for one in wanted) or os.geteuid() == 0:
        return
    try:
        owner = os.stat(path).st_uid
    except OSError:
        owner = os.geteuid()
    if _number("owner", wish.owner) != owner:
        raise WriteRefused(
            f"its owner can't be set to {wish.owner} by uid {os.geteuid()}",
            hint="nothing was written; run as root, or leave the owner out",
            path=path,
        )


def settle(wish: TargetWish, path: str) -> None:
    """Give a file its owner, group and mode; those alone that are wished.

    Raises:
        WriteRefused: the system does not allow it.
        UsageError: there is no such user or group.
    """
    doing = "owner"
    try:
        uid = _number("owner", wish.owner) if wish.owner else -1
        gid = _number("group", wish.group) if wish.group else -1
        if uid != -1 or gid != -1:
            doing = f"owner {wish.owner}" if wish.owner else f"group {wish.group}"
            os.chown(path, uid, gid)
        if wish.mode:
            doing = f"mode {wish.mode}"
            os.chmod(path, _number("mode", wish.mode))
    except OSError as problem:
        raise WriteRefused(
            f"its {doing} can't be set: {(problem.strerror or 'refused').lower()}",
            hint="its content is as wished; run as root, or as the owner",
            path=path,
        ) from problem


def _number(name: str, value: str) -> int:
    if name == "mode":
        return int(value, 8)
    if value.isdecimal():
        return int(value)
    if name == "owner":
        import pwd

        try:
            return pwd.getpwnam(value).pw_uid
        except (KeyError, ValueError):
            raise UsageError(f"there is no user {value[:80]!r} on this machine") from None
    import grp

    try:
        return grp.getgrnam(value).gr_gid
    except (KeyError, ValueError):
        raise UsageError(f"there is no group {value[:80]!r} on this machine") from None


def _is(name: str, status: os.stat_result) -> int:
    if name == "mode":
        return stat.S_IMODE(status.st_mode)
    return status.st_uid if name == "owner" else status.st_gid


def _word(name: str, number: int) -> str:
    if name == "mode":
        return f"{number:04o}"
    try:
        if name == "owner":
            import pwd

            return pwd.getpwuid(number).pw_name
        import grp

        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
