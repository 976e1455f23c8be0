"""The file a change is about: found, read, and known well enough to be written again.

A target is opened more strictly than a source that is only looked at. Its password has to
be known, since it is written with it again; a store that can't be read is never replaced.
"""

from __future__ import annotations

import os
from hashlib import sha256

from .. import formats
from ..errors import Damaged, PasswordError, PasswordRequired, Unreadable, UsageError, WrongPassword
from ..frozen import Frozen
from ..host.files import STDIN, is_directory, read_file, symlink_chain
from ..model import LIMITS, Password, PrivateKey, SecretKey, Store, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import ClassVar

    from ..host.managers import Manager
    from ..model import Limits

    Say = Callable[[str], None]

__all__ = ["WRITABLE", "Target", "format_for", "locate", "open_target"]

WRITABLE = ("PKCS12", "JKS", "JCEKS", "PEM", "DER", "PKCS7")
"""The formats a store can be written in."""

# What a suffix promises a person, where the file is yet to be made and nobody said a type.
_ONLY_READ = {".bks": "BKS", ".uber": "UBER", ".bcfks": "BCFKS", ".ubr": "UBER"}
_BY_SUFFIX = {
    ".jks": "JKS",
    ".jceks": "JCEKS",
    ".pem": "PEM",
    ".crt": "PEM",
    ".der": "DER",
    ".p7b": "PKCS7",
    ".p7c": "PKCS7",
}


class Target(Frozen):
    """A file to be changed, or made.

    Attributes:
        path: as it was named; for a word (``cacerts``), the path the word stands for.
        real: where its symbolic links end: what is written.
        links: the steps of the links, ``path`` first and ``real`` last.
        store: what the file holds, None while there is no file.
        sha256: of its bytes, 64 hex digits; None while there is no file.
        password: what opened it and what it is written with again; None when that is still
            to be said, as for a new file.
        manager: who rewrites this file, if anybody is known to.
    """

    path: str
    real: str
    links: tuple[str, ...] = ()
    store: Store | None = None
    sha256: str | None = None
    password: Password | None = None
    manager: Manager | None = None

    # A plan is the same however its target was named on the way.
    _uncompared: ClassVar[frozenset[str]] = frozenset({"path", "links", "manager"})


def locate(
    name: str, *, environ: Mapping[str, str] | None = None, say: Say | None = None
) -> Target:
    """Where a target is, without reading it: ``cacerts``, ``jre:HOME``, or a path.

    Raises:
        UsageError: a word that stands for no file of its own.
        Unreadable: there is no such JRE, or the links form a loop.
    """
    from ..host.managers import manager_of

    path = _path(name, environ, say)
    links = symlink_chain(path)
    return Target(path, links[-1], links, manager=manager_of(links))


def open_target(
    name: str,
    password: Password | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
    may_be_new: bool = False,
    directories: bool = False,
    hashed: bool = False,
    say: Say | None = None,
) -> Target:
    """A target with what it holds.

    Without a password a trust store is opened, and so written again, with none or with the
    JDK's default, ``changeit``; ``say`` is told. One that holds keys is not.

    Args:
        name: as for `locate`.
        password: the store's.
        environ: in place of the process's environment.
        limits: how much the file may ask for.
        may_be_new: there need be no file; then the target has no ``store``.
        directories: it may be a directory of certificate files; see `folder`.
        hashed: if it is one, OpenSSL is to find all of them by hash.
        say: is told what a person should know of the choice.

    Raises:
        PasswordRequired, WrongPassword: it can't be opened; nothing is made anew for that.
        Unreadable, UnknownFormat, Damaged, Unsupported, LimitExceeded: as `formats.read`.
    """
    target = locate(name, environ=environ, say=say)
    if is_directory(target.real) and directories:
        from ..host.managers import fed_by
        from .folder import read_folder

        manager = fed_by(target.real)
        store = read_folder(target.real, manager, limits, hashed=hashed)
        return replace(target, store=store, manager=manager)
    if is_directory(target.real):
        raise UsageError(
            f"{name} is a directory, and the target of this command is one file",
            hint="import and delete take a directory of certificates as their target",
        )
    if name.endswith(("/", os.sep)):
        raise UsageError(f"there is no directory {name}", hint=f"make it first: mkdir -p {name}")
    try:
        data = read_file(target.real, limits)
    except Unreadable as error:
        if may_be_new and not os.path.lexists(target.real):
            return replace(target, password=password)
        if os.path.lexists(target.real) and not os.path.isfile(target.real):
            error.hint = "the target of a change is a file, which is replaced as a whole"
        raise
    store, password = _opened(data, target.path, password, limits, say or _silent)
    if store.format == "PEM":
        _refuse_cut(data, target.path)
    return replace(target, store=store, sha256=sha256(data).hexdigest(), password=password)


def format_for(path: str, wanted: str | None = None) -> str:
    """The format of a file that is yet to be made: as said, else as its suffix promises.

    Without either it is PKCS12, as since JDK 9. Of a file that is there the content
    decides, never this.

    Raises:
        UsageError: not a format that is written here, be it said or promised.
    """
    if wanted is None:
        suffix = os.path.splitext(path)[1].lower()
        if suffix in _ONLY_READ:
            raise UsageError(
                f"the name promises a {_ONLY_READ[suffix]}, which is not written here",
                hint=f"--storetype says what it is to be: {', '.join(WRITABLE)}",
                path=path,
            )
        return _BY_SUFFIX.get(suffix, "PKCS12")
    name = wanted.upper()
    name = {"P12": "PKCS12", "PFX": "PKCS12", "P7B": "PKCS7"}.get(name, name)
    if name not in WRITABLE:
        raise UsageError(
            f"a store of the type {wanted} can't be written here",
            hint=f"there are: {', '.join(WRITABLE)}",
        )
    return name


def _path(name: str, environ: Mapping[str, str] | None, say: Say | None) -> str:
    scheme, colon, rest = name.partition(":")
    if name == "cacerts":
        from ..host.locate import in_use

        jre, note = in_use(environ)
        if jre is None:
            raise Unreadable(
                "no JRE was found, so there is no cacerts to change",
                hint=note or "name the file, or set JAVA_HOME",
                path=name,
            )
        (say or _silent)(f"cacerts is {jre.truststore}")
        return jre.truststore
    if scheme == "jre" and colon and rest:
        from ..host.locate import jre_at

        return jre_at(os.path.expanduser(rest)).truststore
    if _is_source(name) and not os.path.exists(name):
        file = f"; a file of that name is ./{name}" if name not in ("", STDIN) else ""
        raise UsageError(
            f"{name or 'an empty word'!r} can be read and not changed",
            hint=f"the target of a change is a file, cacerts or jre:HOME{file}",
        )
    return name


def _is_source(name: str) -> bool:
    """Whether it is a word for something that is only looked at."""
    if name in ("", STDIN, "system", "certifi"):
        return True
    if "." in name or os.sep in name:
        return False
    from ..trust.lists import SHIPPED

    return name in SHIPPED


def _opened(
    data: bytes, path: str, password: Password | None, limits: Limits, say: Say
) -> tuple[Store, Password | None]:
    if password is not None:
        try:
            return formats.read(data, password, limits=limits, path=path), password
        except WrongPassword as error:
            error.hint = f"the password came from {password.origin}; {error.hint}"
            raise
    from ..host.passwords import DEFAULT_PASSWORD, candidates_for_reading

    said = "the store's password is needed to write it again"
    doubt = ""
    for candidate in candidates_for_reading():
        try:
            store = formats.read(data, candidate, limits=limits, path=path)
        except PasswordError:
            if candidate.text == DEFAULT_PASSWORD:
                said += f", and {DEFAULT_PASSWORD!r} does not verify it"
                doubt = "it has another one, or the file was changed; "
            continue
        if store.integrity.state == "not-checked":
            continue  # its digest has to be written again, and none can be made without
        if candidate.text is None:
            return store, candidate
        if any(isinstance(entry, PrivateKey | SecretKey) for entry in store.entries):
            break
        say(f"{path}: opened with {candidate.origin}, and written with it again")
        return store, candidate
    raise PasswordRequired(
        said,
        hint=f"{doubt}give it with --storepass env:NAME, file:PATH or prompt",
        path=path,
    )


def _refuse_cut(data: bytes, path: str) -> None:
    """Refuse a bundle that ends within a block: whatever came after would be part of that."""
    begins = data.rfind(b"-----BEGIN ")
    if begins > data.rfind(b"-----END "):
        raise Damaged(
            "the last block of this PEM text has no END line",
            hint="the file was cut off: get it again, or remove the rest of that block",
            offset=begins,
            path=path,
        )


def _silent(_: str) -> None:
    return None
