"""A JRE of this machine as the runtime of a verdict: its release, settings and own roots."""

from __future__ import annotations

import os

from ..errors import InputError, UsageError
from ..frozen import Frozen
from ..host.files import read_file
from ..host.jre import version_key
from ..model import LIMITS, replace
from .java_trust import trust_of
from .sources import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.jre import Jre
    from .runtimes.public_suffix import PublicSuffixes

# Of `home`: since Java 9, in a JRE 8, in a JDK 8.
_SETTINGS = (
    "conf/security/java.security",
    "lib/security/java.security",
    "jre/lib/security/java.security",
)
_SUFFIXES = ("lib/security/public_suffix_list.dat", "jre/lib/security/public_suffix_list.dat")
_BLOCKED = tuple(
    f"{room}lib/security/{name}.certs"
    for room in ("", "jre/")
    for name in ("blocked", "blacklisted")  # the latter before JDK 16
)
_LIMITS = replace(LIMITS, file_size=4 * 1024 * 1024)


class JreRuntime(Frozen):
    """What a verdict depends on, of one JRE.

    Attributes:
        name: as `verdict.judge` takes it, such as "java17.0.9".
        java_security: the text of its settings, None where it has no such file.
        jdk_roots: SHA-256 of the roots in its cacerts that are the JDK's own.
        suffixes: its list of public suffixes, or None.
        blocked: SHA-256 of the certificates it blocks, None for those of its release.
    """

    name: str
    java_security: str | None = None
    jdk_roots: frozenset[str] = frozenset()
    suffixes: PublicSuffixes | None = None
    blocked: frozenset[str] | None = None


def of_word(name: str) -> JreRuntime:
    """What a runtime judges by: the name of a release, or ``jre:HOME`` for one that is there.

    Raises:
        Unreadable: there is no such JRE.
        UsageError, Damaged, Unsupported: as `of_jre`.
    """
    scheme, colon, home = name.partition(":")
    if not colon or scheme != "jre":
        return JreRuntime(name)
    from ..host.locate import jre_at

    return of_jre(jre_at(os.path.expanduser(home)))


def of_jre(jre: Jre) -> JreRuntime:
    """What a JRE judges by. No program is started.

    Raises:
        UsageError: its release file does not say which release it is.
        Damaged, Unsupported: its list of blocked certificates can't be read.
    """
    from .runtimes.public_suffix import PublicSuffixes

    numbers = (*version_key(jre), 0, 0)[:3] if version_key(jre) else ()
    if not numbers:
        raise UsageError(
            f"{jre.home} does not say which release it is",
            hint="name the release and its file: --runtime java17 --java-security FILE",
        )
    feature, interim, update = numbers
    name = f"java8u{update}" if feature == 8 else f"java{feature}.{interim}.{update}"
    settings = _content(jre.home, _SETTINGS)
    suffixes = _content(jre.home, _SUFFIXES)
    try:
        roots = trust_of(open_store(os.fspath(jre.cacerts))).jdk_roots
    except InputError:
        roots = frozenset()  # of no use to Java either
    return JreRuntime(
        name,
        None if settings is None else settings.decode("latin-1"),
        roots,
        None if suffixes is None else PublicSuffixes(suffixes),
        _blocked(jre.home),
    )


def _blocked(home: str) -> frozenset[str]:
    from .runtimes import jdk_blocked

    path = _path(home, _BLOCKED)
    if path is None:
        return frozenset()
    try:
        return jdk_blocked.read(read_file(path, _LIMITS).decode("latin-1"))
    except InputError as error:
        raise error.at(path=path) from None


def _content(home: str, names: tuple[str, ...]) -> bytes | None:
    path = _path(home, names)
    return None if path is None else read_file(path, _LIMITS)


def _path(home: str, names: tuple[str, ...]) -> str | None:
    paths = (os.path.join(home, name) for name in names)
    return next(filter(os.path.isfile, paths), None)
