"""What a runtime says of a server's chain: accept or refuse, in its own words, and why."""

from __future__ import annotations

import time

from ..errors import UsageError
from ..frozen import Frozen
from ..model import Certificate, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .runtimes.jdk import Settings
    from .runtimes.public_suffix import PublicSuffixes
    from .runtimes.refusal import GaveUp, Refused
    from .runtimes.revocation import Revocation
    from .runtimes.table import Asked


class Verdict(Frozen):
    """The answer of one runtime.

    Attributes:
        accepts: whether the connection is made; None where the runtime itself decides at random.
        message: what the runtime says, word for word; "" where it accepts.
        rule: stable identifier of the rule that decided.
        certificate: the one that decided, or None.
        runtime: for whom this speaks ("java17.0.9").
        at: the instant, seconds since 1970 UTC.
        notes: what limits the answer (documented but not measured, one of several messages).
        walk: each step, in order.
        path: the certificates trusted, leaf first, anchor last; () where it refuses.
    """

    accepts: bool | None
    message: str
    rule: str
    certificate: Certificate | None
    runtime: str
    at: int
    notes: tuple[str, ...] = ()
    walk: tuple[str, ...] = ()
    path: tuple[Certificate, ...] = ()


def judge(
    chain: Iterable[Certificate | bytes],
    store: Store | Iterable[Certificate],
    host: str | None = None,
    runtime: str = "java17",
    trust_manager: str = "PKIX",
    protocol: str = "TLSv1.3",
    at: datetime | None = None,
    *,
    auth: str = "UNKNOWN",
    settings: Settings | None = None,
    jdk_roots: frozenset[str] = frozenset(),
    revocation: Revocation | None = None,
    suffixes: PublicSuffixes | None = None,
) -> Verdict:
    """What a runtime says of a chain, without running it.

    Args:
        chain: as the server sends it, its own certificate first.
        store: what is trusted: a store, as the runtime takes its anchors from it, or
            certificates.
        host: the name to identify the server by; None where that is not done.
        runtime: "java8u381", "java17", "java25.0.2", ..., or one of `runtimes.table`, as in
            "openssl3,partial_chain", "python3.13", "go1.23"; what follows is Java's alone.
        trust_manager: of Java: "PKIX" or "SunX509".
        protocol: "TLSv1.3" or "TLSv1.2".
        at: the instant to judge by, aware; now when not given.
        auth: how TLS 1.2 exchanges keys, as Java names it ("ECDHE_RSA", "RSA").
        settings: of a given ``java.security``; those of the release when not given.
        jdk_roots: SHA-256 of the roots that are the JDK's own, beside those whose alias in
            ``store`` says so.
        revocation: what the application gives and asks; None where revocation is not checked,
            as by default.
        suffixes: the JRE's list of public suffixes, which below its own roots decides on
            wildcards.

    Raises:
        Damaged: a revocation list that was given can't be read.
        UsageError: no such runtime or trust manager, an empty chain, or a naive date.
    """
    from .java_trust import trust_of
    from .runtimes import jdk, jsse, table
    from .runtimes.refusal import GaveUp

    asked = table.find(runtime)
    if asked is not None:
        return _of_other(asked, chain, store, host, at)
    release = jdk.release(runtime)
    if release is None:
        others = ", ".join(one.name for one in table.RUNTIMES)
        raise UsageError(
            f"expected a runtime, found {runtime!r}", hint=f"there are java8 to java25, {others}"
        )
    if trust_manager not in ("PKIX", "SunX509"):
        raise UsageError(f"expected PKIX or SunX509, found {trust_manager!r}")
    sent = _sent(chain)
    told = _Telling(release.name, _instant(at))
    if isinstance(store, Store):
        trust = trust_of(store)
        told.notes += trust.notes
        store, jdk_roots = trust.anchors, jdk_roots | trust.jdk_roots
    anchors = jsse.Anchors(store, jdk_roots)
    if release.version not in jdk.MEASURED:
        told.notes.append(f"{release} is documented, not measured")

    try:
        path = jsse.judge(
            sent,
            anchors,
            host=host,
            release=release,
            settings=settings or jdk.defaults(release),
            trust_manager=trust_manager,
            protocol=protocol,
            at=told.at,
            auth=auth,
            say=told.steps.append,
            note=told.notes.append,
            revocation=revocation,
            suffixes=suffixes,
        )
    except jsse.Refused as refused:
        if refused.others:
            told.notes.append("Java may also say: " + "; ".join(refused.others))
        return told.refused(refused)
    except jsse.Either as either:
        told.notes.append("several anchors have that name, and Java takes them in no order")
        return told.refused(either.refused, accepts=None)
    except GaveUp as problem:
        return told.gave_up(problem)
    return told.accepted(path)


class _Telling:
    """A verdict on its way: the notes and steps that come together."""

    def __init__(self, runtime: str, at: int, notes: Iterable[str] = ()) -> None:
        self.runtime = runtime
        self.at = at
        self.notes = list(notes)
        self.steps: list[str] = []

    def accepted(self, path: Iterable[Certificate]) -> Verdict:
        trusted = tuple(path)
        return self._verdict(True, "", "trusted", trusted[-1], trusted)

    def refused(self, refused: Refused, accepts: bool | None = False) -> Verdict:
        return self._verdict(accepts, refused.message, refused.rule, refused.certificate)

    def gave_up(self, problem: GaveUp) -> Verdict:
        self.notes.append(str(problem))
        return self._verdict(None, "", problem.rule, None)

    def _verdict(
        self,
        accepts: bool | None,
        message: str,
        rule: str,
        certificate: Certificate | None,
        path: tuple[Certificate, ...] = (),
    ) -> Verdict:
        notes, steps = tuple(self.notes), tuple(self.steps)
        return Verdict(
            accepts, message, rule, certificate, self.runtime, self.at, notes, steps, path
        )


def _sent(chain: Iterable[Certificate | bytes]) -> list[Certificate]:
    sent = [one if isinstance(one, Certificate) else Certificate(one) for one in chain]
    if not sent:
        raise UsageError("expected a chain, found no certificate")
    return sent


def _instant(at: datetime | None) -> int:
    if at is not None and at.tzinfo is None:
        raise UsageError("expected a date with its time zone", hint="datetime.now(UTC) has one")
    return int(time.time()) if at is None else int(at.timestamp())


def _of_other(
    asked: Asked,
    chain: Iterable[Certificate | bytes],
    store: Store | Iterable[Certificate],
    host: str | None,
    at: datetime | None,
) -> Verdict:
    """What a runtime other than Java says."""
    from .runtimes import table
    from .runtimes.refusal import GaveUp, Refused

    sent = _sent(chain)
    told = _Telling(asked.name, _instant(at), [asked.note] if asked.note else [])
    question = table.Question(
        sent, _all_of(store), host, told.at, asked, told.steps.append, told.notes.append
    )

    try:
        path = table.judge(question)
    except Refused as refused:
        return told.refused(refused)
    except GaveUp as problem:
        return told.gave_up(problem)
    return told.accepted(path)


def _all_of(store: Store | Iterable[Certificate]) -> list[Certificate]:
    """What a store trusts, also where Java would not see it."""
    from .java_trust import trust_of

    if not isinstance(store, Store):
        return list(store)
    trust = trust_of(store)
    return [*trust.anchors, *trust.unseen]
