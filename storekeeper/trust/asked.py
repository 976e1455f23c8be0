"""Questions put together: a chain as it came, what is trusted, and the runtimes that judge."""

from __future__ import annotations

from ..frozen import Frozen
from .jre_runtime import of_word
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Certificate
    from .java_trust import Trust
    from .runtimes.revocation import Revocation


class Served(Frozen):
    """A chain, and how it came.

    Attributes:
        chain: as it was sent.
        host: the name the server was asked for by, None where nobody said.
        protocol: that was agreed on.
        runtime: of the client, where nothing else is asked for.
        at: when it was, where nothing else is asked for.
    """

    chain: tuple[Certificate, ...]
    host: str | None = None
    protocol: str = "TLSv1.3"
    runtime: str = "java17"
    at: int | None = None


def questions(
    served: Served,
    trust: Trust,
    at: int,
    *,
    runtimes: Iterable[str] = (),
    host: str | None = None,
    trust_manager: str = "PKIX",
    protocol: str | None = None,
    java_security: str | None = None,
    revocation: Revocation | None = None,
) -> list[Question]:
    """A question about a chain for each runtime.

    Args:
        served: the chain.
        trust: what is trusted.
        at: seconds since 1970 UTC.
        runtimes: names as `verdict.judge` takes them, or ``jre:HOME``; that of ``served``
            when there is none.
        host: in place of that of ``served``.
        trust_manager: as `Question` has it.
        protocol: in place of that of ``served``.
        java_security: the text of a ``java.security``, in place of the JRE's own.
        revocation: as `Question` has it.

    Raises:
        UsageError, InputError: there is no such JRE, or its files can't be read.
    """
    asked = []
    for name in dict.fromkeys([*runtimes] or [served.runtime]):
        jre = of_word(name)
        asked.append(
            Question(
                served.chain,
                trust.seen_by(jre.name),
                at,
                host or served.host,
                jre.name,
                trust_manager,
                protocol or served.protocol,
                trust.jdk_roots | jre.jdk_roots,
                jre.java_security if java_security is None else java_security,
                jre.suffixes,
                revocation,
                jre.blocked,
            )
        )
    return asked


__all__ = ["Served", "questions"]
