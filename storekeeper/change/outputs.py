"""Files an export makes: looked at before the first is written, then written one by one.

A file that is there and holds the same stays as it is; one that holds something else is
refused unless its replacement was asked for, and then before anything is written.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256

from ..errors import WriteRefused
from ..frozen import Frozen
from ..host.files import read_file, real_path
from ..host.refusals import refused
from ..host.replace import replace_file
from ..model import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import ClassVar, Literal

    State = Literal["new", "replaced", "unchanged", "stream"]

__all__ = ["Output", "Product", "check", "write"]


class Product(Frozen):
    """One file to be.

    Attributes:
        name: its name in a directory; "" of a bundle, whose name is the caller's.
        content: all of its bytes.
        private: it holds a private or secret key, encrypted or not.
        aliases: the entries it was made of.
        certificates: how many it holds.
        keys: how many private and secret keys it holds.
        link: the file of the same export this name may be a symbolic link to, or "".
    """

    name: str
    content: bytes
    private: bool = False
    aliases: tuple[str, ...] = ()
    certificates: int = 0
    keys: int = 0
    link: str = ""

    _hidden: ClassVar[frozenset[str]] = frozenset({"content"})


class Output(Frozen):
    """One file and what is to become of it.

    Attributes:
        product: what it is to hold.
        path: where.
        state: "new"; "replaced", holding something else now; "unchanged", holding the same;
            "stream", a pipe or device, which is written into.
        found: SHA-256 of what a replaced file holds, 64 hex digits; None for the others.
    """

    product: Product
    path: str
    state: State
    found: str | None = None


def check(
    products: Iterable[Product],
    *,
    file: str = "",
    directory: str = "",
    force: bool = False,
    source: str | None = None,
    same: Callable[[Product, bytes], bool] | None = None,
) -> tuple[Output, ...]:
    """What writing the products would do; nothing is written.

    Args:
        products: of one export.
        file: where the only one goes, or
        directory: where they go, each under its name. It need not be there yet.
        force: files that hold something else may be replaced.
        source: the store itself, which is never replaced: it may hold more.
        same: whether other bytes mean the same, as those of a key encrypted anew do.

    Raises:
        WriteRefused: files hold something else and ``force`` was not given, one is the
            source, or a directory or dangling link is in the way.
        Unreadable: a file is there and can't be read.
    """
    outputs = [_examined(p, same, file or os.path.join(directory, _name(p))) for p in products]
    taken = [output for output in outputs if output.state == "replaced"]
    if taken and not force:
        more = f", and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise WriteRefused(
            f"the file is there and holds something else{more}; nothing was written",
            hint="--force replaces it, or choose another name",
            path=taken[0].path,
        )
    for output in taken:
        if source is not None and _is(output.path, source):
            raise WriteRefused(
                "the output is the very file that is exported",
                hint="choose another name; storekeeper convert changes the format of a store",
                path=output.path,
            )
    return tuple(outputs)


def _is(path: str, source: str) -> bool:
    try:
        return os.path.samefile(path, source)
    except (OSError, ValueError):
        return False


def _name(product: Product) -> str:
    name = product.name
    if name in ("", os.curdir, os.pardir) or os.path.basename(name) != name:
        raise WriteRefused(f"{name!r} is no name of a file in a directory")
    return name


def _examined(product: Product, same: Callable[[Product, bytes], bool] | None, path: str) -> Output:
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            target = os.readlink(path)
            if product.link:
                state: State = "unchanged" if target == product.link else "replaced"
                return Output(product, path, state)
            if not os.path.exists(path):
                raise WriteRefused(
                    f"a symbolic link to {target}, which does not exist, is in the way",
                    hint="remove the link, or name the file it should lead to",
                    path=path,
                )
            status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return Output(product, path, "new")
    except (OSError, ValueError) as problem:
        raise refused(problem, path, "looking at what is there") from problem
    if stat.S_ISDIR(status.st_mode):
        raise WriteRefused(
            "expected a file, found a directory",
            hint="name a file in it, or write --each DIR for a file an entry",
            path=path,
        )
    if not stat.S_ISREG(status.st_mode):
        return Output(product, path, "stream")
    found = read_file(path)
    if found == product.content or (same is not None and same(product, found)):
        return Output(product, path, "unchanged")
    return Output(product, path, "replaced", sha256(found).hexdigest())


def write(outputs: Sequence[Output], *, directory: str = "") -> tuple[Finding, ...]:
    """Write what `check` found to be new or replaced; what can't be kept or is unwise.

    A new file with a key is 0600 from its first moment; the others are as the umask has it.
    What is replaced is not kept: it can be exported again.

    Raises:
        WriteRefused: the operating system does not let us, or a file has changed since.
    """
    findings: list[Finding] = []
    if directory:
        try:
            os.makedirs(directory, exist_ok=True)
        except (OSError, ValueError) as problem:
            raise refused(problem, directory, "making the directory") from problem
    for output in outputs:
        findings += _written(output)
    return tuple(findings)


def _written(output: Output) -> tuple[Finding, ...]:
    product, path = output.product, output.path
    if output.state == "unchanged":
        return _open_to_others(path) if product.private else ()
    if output.state == "stream":
        try:
            with open(path, "wb", buffering=0) as stream:
                stream.write(product.content)
        except OSError as problem:
            raise refused(problem, path, "writing into it") from problem
        return ()
    if product.link and _linked(output):
        return ()
    path = real_path(path)
    if product.private:
        _close_to_others(path)
    done = replace_file(
        path,
        product.content,
        expected_sha256=output.found,
        private=product.private,
        backups=0,
    )
    return (*done.findings, *(_open_to_others(path) if product.private else ()))


def _linked(output: Output) -> bool:
    """Make a symbolic link; False where there are none and a copy has to do."""
    path = output.path
    beside = f"{path}.{os.getpid()}.new"
    try:
        if output.state == "new":
            os.symlink(output.product.link, path)
        else:
            os.symlink(output.product.link, beside)
            os.replace(beside, path)
    except FileExistsError as problem:
        raise refused(problem, path, "making a symbolic link") from problem
    except (OSError, NotImplementedError):
        return False  # Windows without the privilege, FAT
    return True


def _close_to_others(path: str) -> None:
    """Before a key takes the place of a file everybody may read, that file is closed.

    A group keeps what it may do: keys of servers are often 0640.
    """
    try:
        mode = os.stat(path).st_mode
        if mode & 0o007:
            os.chmod(path, 0o600)
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise refused(problem, path, "taking it from other readers") from problem


def _open_to_others(path: str) -> tuple[Finding, ...]:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return ()
    if os.name == "nt" or not mode & 0o077:
        return ()
    return (
        Finding("key-readable", "warning", path, f"a private key others may read (mode "
                f"{stat.S_IMODE(mode):04o})", "chmod 600 it, unless a group is meant to read it"),
    )  # fmt: skip
