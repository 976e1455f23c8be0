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
_MOST_BYTES = 4 * 1024 * 1024


class JreRuntime(Frozen):
    """What a verdict depends on, of one JRE.

    Attributes:
        name: as `verdict.judge` takes it, such as "java17.0.9".
        java_security: the text of its settings, None where it has no such file.
        jdk_roots: SHA-256 of the roots in its cacerts that are the JDK's own.
        suffixes: its list of public suffixes, or None.
    """

    name: str
    java_security: str | None = None
    jdk_roots: frozenset[str] = frozenset()
    suffixes: PublicSuffixes | None = None


def of_jre(jre: Jre) -> JreRuntime:
    """What a JRE judges by. No program is started.

    Raises:
        UsageError: its release file does not say which release it is.
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
    )


def _content(home: str, names: tuple[str, ...]) -> bytes | None:
    limits = replace(LIMITS, file_size=_MOST_BYTES)
    for name in names:
        path = os.path.join(home, name)
        if os.path.isfile(path):
            return read_file(path, limits)
    return None
