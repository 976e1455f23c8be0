"""One question to a runtime, as a value: asked again at another date, of another store."""

from __future__ import annotations

from ..frozen import Frozen, replace
from .verdict import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate
    from .runtimes.jdk import Settings
    from .runtimes.public_suffix import PublicSuffixes
    from .runtimes.revocation import Revocation
    from .verdict import Verdict


class Question(Frozen):
    """What `verdict.judge` is asked.

    Attributes:
        chain: as sent.
        anchors: what is trusted.
        at: seconds since 1970 UTC.
        host, runtime, trust_manager, protocol: as for `verdict.judge`.
        jdk_roots: SHA-256 of the JDK's own roots.
        java_security: text of a ``java.security``, or None.
        suffixes: the JRE's list of public suffixes, or None.
        revocation: what the program gives and asks about revocation, or None.
        blocked: SHA-256 of the certificates the JRE blocks, None for those of its release.
    """

    chain: tuple[Certificate, ...]
    anchors: tuple[Certificate, ...]
    at: int
    host: str | None = None
    runtime: str = "java17"
    trust_manager: str = "PKIX"
    protocol: str = "TLSv1.3"
    jdk_roots: frozenset[str] = frozenset()
    java_security: str | None = None
    suffixes: PublicSuffixes | None = None
    revocation: Revocation | None = None
    blocked: frozenset[str] | None = None

    def verdict(self) -> Verdict:
        """The answer; raises as `verdict.judge`."""
        from datetime import UTC, datetime

        return judge(
            self.chain,
            self.anchors,
            self.host,
            self.runtime,
            self.trust_manager,
            self.protocol,
            datetime.fromtimestamp(self.at, UTC),
            settings=self.settings(),
            jdk_roots=self.jdk_roots,
            suffixes=self.suffixes,
            revocation=self.revocation,
        )

    def settings(self) -> Settings | None:
        """Those of the given ``java.security`` and blocked certificates; None where nothing
        was given, or for no Java.
        """
        from .runtimes import jdk

        if self.java_security is None and self.blocked is None:
            return None
        release = jdk.release(self.runtime)
        if release is None:
            return None
        text = self.java_security
        found = jdk.defaults(release) if text is None else jdk.read(text, release)
        return found if self.blocked is None else replace(found, blocked=self.blocked)

    def unknown_words(self) -> tuple[str, ...]:
        """What of the given ``java.security`` nobody knows."""
        from .runtimes import algorithms

        found = self.settings()
        if found is None:
            return ()
        lists = (found.certpath, found.tls)
        unknown = [algorithms.rules(text, found.curves).unknown for text in lists]
        return tuple(dict.fromkeys(word for words in unknown for word in words))
