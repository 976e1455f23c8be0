"""Putting new bytes in a file's place: all of them or none, whatever happens meanwhile."""

from __future__ import annotations

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Finding


class Written(Frozen):
    """What `replace_file` did.

    Attributes:
        path: the file.
        backup: where the old content lies now; None when there was none or none was wanted.
        findings: what could not be kept, or is worth knowing.
    """

    path: str
    backup: str | None
    findings: tuple[Finding, ...] = ()


def replace_file(
    path: str,
    content: bytes | None,
    *,
    expected_sha256: str | None,
    private: bool,
    backups: int = 5,
    backup_dir: str | None = None,
) -> Written:
    """Write `content` as the file at `path`, or remove the file when it is None."""
    raise NotImplementedError
