"""What a new file takes over from the one whose place it takes: owner, mode, attributes.

Linux keeps access lists (``system.posix_acl_access``), labels (``security.selinux``) and
whatever a person or program noted (``user.*``) as extended attributes, so one loop serves
them all (xattr(7)). Python reads no such attributes on other systems; there only owner and
mode are kept. On Windows the new file has what its directory passes on.
"""

from __future__ import annotations

import errno
import os
import stat

from ..errors import WriteRefused
from ..model import Finding

_NO_ATTRIBUTES = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})

# Digests of the content the kernel keeps by itself (IMA, EVM): those of the old content
# would be wrong for the new.
_OF_CONTENT = frozenset({"security.ima", "security.evm"})

# What a directory passes on to new files; where the old file had none, neither has the new.
_ACCESS_LIST = "system.posix_acl_access"


def keep(old: int, new: int, path: str) -> tuple[Finding, ...]:
    """Give the file behind descriptor `new` the owner, mode and attributes of `old`'s.

    The order matters: a change of owner clears mode bits, and an access list is part of
    the mode.

    Raises:
        WriteRefused: owner or group can't be kept.
        OSError: the mode can't be set.
    """
    if not hasattr(os, "fchown"):
        return ()
    before = os.fstat(old)
    _keep_owner(before, new, path)
    findings = _keep_attributes(old, new)
    mode = wanted = stat.S_IMODE(before.st_mode)
    if any(_ACCESS_LIST in finding.message for finding in findings):
        # With a list, the group's bits are the most anybody on it gets; without, they would
        # be what the group gets.
        wanted &= ~stat.S_IRWXG
    os.fchmod(new, wanted)
    after = stat.S_IMODE(os.fstat(new).st_mode)
    if after != mode:  # the kernel drops setgid for who is not in the group
        findings.append(
            Finding("mode-not-kept", "warning", "", f"its mode was {mode:04o}, is {after:04o} now")
        )
    return tuple(findings)


def _keep_owner(before: os.stat_result, new: int, path: str) -> None:
    own = os.fstat(new)
    # -1 leaves as it is: who owns the file already needs no permission to say so.
    uid = -1 if before.st_uid == own.st_uid else before.st_uid
    gid = -1 if before.st_gid == own.st_gid else before.st_gid
    if uid == gid == -1:
        return
    try:
        os.fchown(new, uid, gid)
    except OSError as problem:
        what = [f"owner uid {uid}"] * (uid != -1) + [f"group gid {gid}"] * (gid != -1)
        raise WriteRefused(
            f"its {' and '.join(what)} can't be kept by uid {own.st_uid}:"
            f" {(problem.strerror or 'refused').lower()}",
            hint=f"run as uid {before.st_uid}{' in that group' if gid != -1 else ''}, or as root",
            path=path,
        ) from problem


def _keep_attributes(old: int, new: int) -> list[Finding]:
    if not hasattr(os, "listxattr"):
        return []
    try:
        wanted = os.listxattr(old)
        passed_on = os.listxattr(new)
    except OSError as problem:
        if problem.errno in _NO_ATTRIBUTES:
            return []
        return [_lost("its extended attributes", problem)]
    findings = []
    for name in wanted:
        if name in _OF_CONTENT:
            continue
        try:
            value = os.getxattr(old, name)
            if name not in passed_on or os.getxattr(new, name) != value:
                os.setxattr(new, name, value)
        except OSError as problem:
            findings.append(_lost(f"its attribute {name}", problem))
    if _ACCESS_LIST in passed_on and _ACCESS_LIST not in wanted:
        # Left in place it would let in people the old file kept out.
        os.removexattr(new, _ACCESS_LIST)
    return findings


def _lost(what: str, problem: OSError) -> Finding:
    reason = (problem.strerror or "refused").lower()
    return Finding(
        "attribute-not-kept",
        "warning",
        "",
        f"{what} could not be kept: {reason}",
        "the backup has it; set it again as root, or restorecon for a label",
    )
