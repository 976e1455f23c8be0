"""Which key a Java client sends when a server asks for a certificate, without a JVM."""

from __future__ import annotations

import time

from ..errors import StorekeeperError, UsageError
from ..frozen import Frozen
from ..names import Name
from ..times import iso_date
from ..trust.issuance import match_key
from ..trust.runtimes import algorithms, jdk
from . import managers
from .asked import asked as read_request
from .asked import signing_scheme
from .public import public_list
from .stored import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ..model import Certificate, Entry, Password, Store
    from ..tls.messages import CertificateRequest
    from ..trust.runtimes.jdk import Settings
    from .asked import Asked
    from .stored import Held, Loaded

    Say = Callable[[str], None]

_MANAGERS = {"SunX509": "SunX509", "PKIX": "PKIX", "NewSunX509": "PKIX"}
_CHECKING_SINCE = 26
"""SunX509 looks at dates, purposes and algorithms, too (JDK-8359956)."""

_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})


class Candidate(Frozen):
    """One entry of the store, and why it is sent or not.

    Attributes:
        alias: as the store has it.
        chosen: it is the one.
        code: stable identifier of the reason: "chosen"; "issuer-not-listed",
            "issuer-missing-in-chain", "key-type", "signature-algorithm", "order", "expired",
            "purpose", "key-password", "key-mismatch", "no-scheme", "store-unloadable",
            "no-handshake"; "not-a-key", "not-listed", "no-certificate", "unreadable".
        message: the reason in words.
        key: what its key is ("RSA 2048"), "" of an entry without one.
        warnings: what a server will probably find wrong with it, as phrases.
    """

    alias: str
    chosen: bool
    code: str
    message: str
    key: str = ""
    warnings: tuple[str, ...] = ()


class Selection(Frozen):
    """What a client sends.

    Attributes:
        alias: of the entry whose certificate is sent, as the store has it; None when an empty
            Certificate message is sent, or the handshake ends before.
        chain: the certificates that are sent, in order; () when none is.
        candidates: every entry of the store, in file order.
        kinds: the kinds of key looked for, in order ("EC", "RSA", ...).
        problem: why there is no handshake whatever is sent, in Java's words where it has some;
            "" when nothing ends it on the client's side.
        runtime: for whom this speaks ("java17.0.9").
        key_manager: "SunX509" or "PKIX".
        at: the instant, seconds since 1970 UTC.
        notes: what limits the answer.
    """

    alias: str | None
    chain: tuple[Certificate, ...]
    candidates: tuple[Candidate, ...]
    kinds: tuple[str, ...]
    problem: str
    runtime: str
    key_manager: str
    at: int
    notes: tuple[str, ...] = ()


def select_client_key(
    store: Store,
    request: CertificateRequest,
    runtime: str = "java17",
    key_manager: str = "SunX509",
    at: datetime | None = None,
    *,
    password: Password | str | None = None,
    known: Iterable[Certificate] = (),
    settings: Settings | None = None,
) -> Selection:
    """Which entry a Java client answers a server's request with.

    Args:
        store: the client's keystore.
        request: what the server asks for.
        runtime: "java8u381", "java17", "java25.0.2", ...
        key_manager: "SunX509", which is the default of every JDK, or "PKIX" (NewSunX509).
        at: the instant to judge by, aware; now when not given.
        password: what Java is given for the keys, usually the store's own: whether each key
            opens with it is tried then, which takes as long as the store asks for.
        known: more certificates, to find out which CA stands above a chain that is cut.
        settings: of a given ``java.security``; those of the release when not given.

    Raises:
        UsageError: no such runtime or key manager, or a naive date.
    """
    release = jdk.release(runtime)
    if release is None:
        raise UsageError(
            f"expected a Java release, found {runtime!r}",
            hint="there are java8 to java25; clients on OpenSSL send the certificate they were "
            "given, whatever the server asks for",
        )
    manager = _MANAGERS.get(key_manager)
    if manager is None:
        raise UsageError(f"expected SunX509 or PKIX, found {key_manager!r}")
    if at is not None and at.tzinfo is None:
        raise UsageError("expected a date with its time zone", hint="datetime.now(UTC) has one")
    instant = int(time.time()) if at is None else int(at.timestamp())
    settings = settings or jdk.defaults(release)
    tls = algorithms.rules(settings.tls, settings.curves, release.feature)
    certpath = algorithms.rules(settings.certpath, settings.curves, release.feature)
    checking = manager == "PKIX" or release.feature >= _CHECKING_SINCE
    loaded = load(store, release.feature, password)
    asked = read_request(request, release, tls, certpath)
    issuers, malformed = issuers_of(request.authorities)
    situation = managers.Situation(
        asked, issuers, release, tls, certpath, instant, checking=checking
    )
    notes = [*loaded.notes, *asked.notes]
    notes += filter(None, [public_list(request.authorities)])
    if release.version not in jdk.MEASURED:
        notes.append(f"{release} is documented, not measured")
    problem = tls.error or certpath.error or loaded.problem or malformed or asked.problem
    unopened = [key for key in loaded.keys if key.unopened]
    if manager == "SunX509" and unopened and not problem:
        problem = (
            f"the key manager can't be made: the key {unopened[0].alias!r} "
            f"does not load ({unopened[0].unopened})"
        )
    choice = _Choice(store, request, situation, loaded, manager, tuple(known))
    if not problem:
        choice.choose()
        problem = choice.problem
    chosen = choice.chosen
    return Selection(
        chosen.entry.alias if chosen is not None else None,
        chosen.entry.chain if chosen is not None else (),
        tuple(choice.candidate(place, one, problem) for place, one in enumerate(store.entries)),
        asked.kinds,
        problem,
        release.name,
        manager,
        instant,
        tuple(notes),
    )


def speaking_for(runtime: str, say: Say | None = None) -> str:
    """The Java whose choice stands for that of any runtime: itself, or Java 17, which is said."""
    if jdk.release(runtime) is not None:
        return runtime
    if say is not None:
        say(f"which key {runtime} sends is not known; as Java 17 would")
    return "java17"


def issuers_of(authorities: tuple[bytes, ...]) -> tuple[frozenset[object] | None, str]:
    """The names as they are compared, and what Java says of one that is none."""
    found = set()
    for encoded in authorities:
        name = Name(encoded)
        try:
            name.rdns  # noqa: B018
        except StorekeeperError as error:
            return None, f"a name of the server's list can't be parsed: {error.message}"
        found.add(match_key(name))
    return frozenset(found) if authorities else None, ""


class _Choice:
    """The way to one key, and what stood in the way of the others."""

    def __init__(
        self,
        store: Store,
        request: CertificateRequest,
        situation: managers.Situation,
        loaded: Loaded,
        manager: str,
        known: tuple[Certificate, ...],
    ) -> None:
        self.store = store
        self.request = request
        self.situation = situation
        self.asked: Asked = situation.asked
        self.loaded = loaded
        self.manager = manager
        self.known = known
        self.chosen: Held | None = None
        self.problem = ""
        self.failed: dict[int, tuple[str, str]] = {}

    def choose(self) -> None:
        """Ask the key manager as often as the release does."""
        keys = self.loaded.keys
        if self.manager == "SunX509":
            keys = managers.in_hash_order(keys)
        way = managers.checking if self.situation.checking else managers.simple
        for kinds in self.asked.calls:
            key = way(keys, kinds, self.situation)
            if key is None:
                continue
            if key.unopened:
                self.failed[id(key)] = "key-password", f"chosen, but {key.unopened}"
            elif key.private and (key.private != key.kind or key.private not in kinds):
                self.failed[id(key)] = (
                    "key-mismatch",
                    f"chosen, but the private key is {key.private}, its certificate's {key.kind}",
                )
            else:
                self.chosen = key
                self._sign(key)
                return

    def _sign(self, key: Held) -> None:
        if self.asked.handshake is None:
            return
        leaf = key.chain[0]
        bits = leaf.facts.key.bits
        if signing_scheme(self.asked, self.request.protocol, key.kind, bits, key.curve) is None:
            self.problem = f"No supported CertificateVerify signature algorithm for {key.kind}  key"

    def candidate(self, place: int, entry: Entry, problem: str) -> Candidate:
        """What became of one entry."""
        left = self.loaded.left.get(place)
        if left is not None:
            return Candidate(entry.alias, False, *left)
        key = self.loaded.places[place]
        shown = str(key.chain[0].facts.key)
        if self.chosen is not None and key.entry is self.chosen.entry:
            code, message = "chosen", self._how(key)
            if self.problem:
                code, message = "no-scheme", f"chosen, but the handshake fails: {self.problem}"
            return Candidate(entry.alias, True, code, message, shown, self.warnings(key))
        code, message = self._why_not(key, problem)
        return Candidate(entry.alias, False, code, message, shown, self.warnings(key))

    def _how(self, key: Held) -> str:
        number = len(key.chain)
        sent = "its certificate is sent alone" if number == 1 else f"{number} certificates are sent"
        if self.situation.issuers is None:
            return f"{sent}; the server names no CA, so any issuer will do"
        for index, one in enumerate(key.chain):
            if one.issuer in self.situation.issuers:
                whose = "its issuer" if index == 0 else f"the issuer of certificate {index + 1}"
                return f"{sent}; {whose}, {one.facts.issuer.rfc4514()}, is in the server's list"
        return sent

    def _why_not(self, key: Held, problem: str) -> tuple[str, str]:
        if self.failed.get(id(key)):
            return self.failed[id(key)]
        if key.unopened:
            return "key-password", key.unopened
        if problem and self.chosen is None:
            made = problem.startswith(("the key manager", "Java can't load"))
            return ("store-unloadable" if made else "no-handshake"), problem
        if key.kind not in self.asked.kinds:
            kinds = ", ".join(self.asked.kinds) or "none that Java has"
            return "key-type", f"the server asks for keys of other kinds: {kinds}"
        if not self.situation.fits(key):
            return self._issuer(key)
        if self.situation.checking and (why := self.situation.refusal(key)):
            return "signature-algorithm", f"passed over: {why}"
        return self._later(key)

    def _later(self, key: Held) -> tuple[str, str]:
        chosen = self.chosen
        if chosen is None:
            return "order", "not reached"
        if self.situation.checking and self.situation.rank(key) > self.situation.rank(chosen):
            if why := managers.purpose_problem(key, self.situation.release.feature):
                return "purpose", f"{chosen.alias!r} is better: of this one, {why}"
            return "expired", f"{chosen.alias!r} is valid now, and this one is not"
        kinds = self.asked.kinds
        if kinds.index(key.kind) > kinds.index(chosen.kind):
            return "order", f"the server prefers {chosen.kind} keys, and {chosen.alias!r} is one"
        if self.manager == "SunX509":
            return "order", (
                f"{chosen.alias!r} fits as well and comes first by the hash of its alias, "
                "whatever the order in the file"
            )
        return "order", f"{chosen.alias!r} fits as well and comes first in the store"

    def _issuer(self, key: Held) -> tuple[str, str]:
        assert self.situation.issuers is not None
        names = dict.fromkeys(one.facts.issuer.rfc4514() for one in key.chain)
        issued = "; ".join(names)
        above = self._above(key)
        if above is not None:
            missing, listed = above
            return "issuer-missing-in-chain", (
                f"the server lists {listed}, which stands above its issuer, but the entry's chain "
                f"ends before it: the certificate of {missing} has to be in the entry"
            )
        return "issuer-not-listed", (
            f"no certificate of the entry was issued by a CA of the server's list: {issued}"
        )

    def _above(self, key: Held) -> tuple[str, str] | None:
        """(the certificate that is missing, the listed CA above it), where that can be known."""
        from ..trust.chain import complete

        issuers = self.situation.issuers or frozenset()
        lying = dict.fromkeys((*self.store.certificates(), *self.known))
        if not set(lying) - set(key.entry.chain):
            return None
        whole = complete(key.entry.chain[0], (*key.entry.chain[1:], *lying), ()).chain
        own = set(key.entry.chain)
        from .stored import unreadable

        missing: list[str] = []
        for one in whole:
            if unreadable(one):
                return None
            from ..trust.runtimes.seen import seen

            facts = seen(one)
            if one not in own:
                missing.append(facts.facts.subject.rfc4514())
            if missing and facts.issuer in issuers:
                return "; ".join(missing), facts.facts.issuer.rfc4514()
        return None

    def warnings(self, key: Held) -> tuple[str, ...]:
        """What a server is likely to refuse."""
        leaf = key.chain[0].facts
        at = self.situation.at
        found = []
        if leaf.not_after is not None and at > leaf.not_after:
            found.append(f"expired on {iso_date(leaf.not_after)}")
        if leaf.not_before is not None and at < leaf.not_before:
            found.append(f"not valid before {iso_date(leaf.not_before)}")
        if why := managers.purpose_problem(key, self.situation.release.feature):
            found.append(why)
        return tuple(found)
