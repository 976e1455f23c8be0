"""What the JRE a store belongs to does with the roots in it: present, and refused all the same."""

from __future__ import annotations

import os
from functools import lru_cache

from ...errors import StorekeeperError
from ...frozen import Frozen, replace
from ...host.files import read_file
from ...model import LIMITS
from ..runtimes import algorithm_checker, algorithms, jdk, jdk_blocked, jdk_distrust
from ..runtimes.seen import seen
from .values import AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...host.jre import Jre
    from ...model import Certificate

_MOST_BYTES = 4 * 1024 * 1024
_SECURITY = ("lib/security", "jre/lib/security")
_BLOCKED = ("blocked.certs", "blacklisted.certs")
_SETTINGS = ("conf/security/java.security", *(f"{one}/java.security" for one in _SECURITY))


class OwnJre(Frozen):
    """What of a JRE decides about the roots in its store.

    Attributes:
        name: "java17.0.9", "" when its release file says nothing.
        home: its home.
        settings: of its own ``java.security`` and ``blocked.certs``, else as shipped.
        rules: its ``jdk.certpath.disabledAlgorithms``, read.
        release: which it is.
    """

    name: str
    home: str
    settings: jdk.Settings
    rules: algorithms.Rules
    release: jdk.Release


def jre_of_path(path: str) -> Jre | None:
    """The JRE in whose lib/security a file lies, by its name and not by where links lead."""
    from ...host.locate import jre_at

    folder, name = os.path.split(os.path.abspath(path))
    if name not in ("cacerts", "jssecacerts") or not folder.endswith(
        os.path.join("lib", "security")
    ):
        return None
    try:
        jre = jre_at(os.path.dirname(os.path.dirname(folder)))
    except (StorekeeperError, OSError):
        return None
    return jre


@lru_cache(maxsize=64)
def own_jre(jre: Jre) -> OwnJre | None:
    """What a JRE decides by; None when its release is unknown, for then nothing is sure."""
    from ...host.jre import version_key

    numbers = version_key(jre)
    if not numbers:
        return None
    feature, interim, update = (*numbers, 0, 0)[:3]
    release = jdk.Release((feature, interim, update))
    settings = jdk.defaults(release)
    try:
        if (text := _content(jre.home, _SETTINGS)) is not None:
            settings = jdk.read(text, release)
        names = tuple(f"{folder}/{name}" for folder in _SECURITY for name in _BLOCKED)
        if (text := _content(jre.home, names)) is not None:
            settings = replace(settings, blocked=jdk_blocked.read(text))
    except StorekeeperError:
        pass  # what it is shipped with is the better guess than nothing
    rules = algorithms.rules(settings.certpath, settings.curves, release.feature)
    return OwnJre(release.name, jre.home, settings, rules, release)


def refusals(certificate: Certificate, own: OwnJre, at: int) -> Iterator[AuditFinding]:
    """Findings ``refused-by-this-jre`` of one trusted certificate."""
    sha256 = certificate.sha256
    source = f"{own.name} in {own.home}"
    if sha256 in own.settings.blocked:
        yield AuditFinding(
            "refused-by-this-jre", "error", f"{own.name} refuses it: it is in its blocked.certs",
            "take it out: it was stolen or forged", sha256=sha256, source=source,
        )  # fmt: skip
    for policy in own.settings.distrust:
        if sha256 in jdk_distrust.distrusts(policy, own.release):
            last = jdk_distrust.POLICIES[policy][2]
            yield AuditFinding(
                "refused-by-this-jre", "warning",
                f"{own.name} trusts it only for server certificates issued up to {last} ({policy})",
                "servers below it need another CA with their next certificate",
                sha256=sha256, source=f"jdk.security.caDistrustPolicies of {source}",
            )  # fmt: skip
    if not _permitted(certificate, own, at):
        yield AuditFinding(
            "refused-by-this-jre", "warning",
            f"{own.name} refuses every chain that ends at it: its key is disabled",
            "take it out, or ask its CA for a root with a longer key",
            sha256=sha256, source=f"jdk.certpath.disabledAlgorithms of {source}",
        )  # fmt: skip


def _permitted(certificate: Certificate, own: OwnJre, at: int) -> bool:
    situation = algorithm_checker.Situation(at, own.release.feature, jdk_anchor=True)
    try:
        return algorithm_checker.permits_key(seen(certificate), (own.rules,), situation)
    except StorekeeperError:
        return True  # unreadable, which is told


def _content(home: str, names: tuple[str, ...]) -> str | None:
    limits = replace(LIMITS, file_size=_MOST_BYTES)
    for name in names:
        path = os.path.join(home, *name.split("/"))
        if os.path.isfile(path):
            return read_file(path, limits).decode("latin-1")
    return None
