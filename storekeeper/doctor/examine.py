"""A case put together: the server probed, its chain judged, the client's key chosen and tried."""

from __future__ import annotations

from ..errors import NetworkError, StorekeeperError, UsageError
from ..frozen import Frozen, replace
from ..tls.probed import served_by
from ..trust.asked import questions
from .values import Case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..identity.select import Selection
    from ..model import Certificate, Password, Store
    from ..tls.client import Identity
    from ..tls.messages import CertificateRequest
    from ..tls.probed import Member
    from ..tls.way import Way
    from ..trust.anchors import RootList
    from ..trust.fix_commands import Names
    from ..trust.java_trust import Trust
    from ..trust.question import Question

    Say = Callable[[str], None]
    Issuers = Callable[[Question, tuple[Certificate, ...]], tuple[Certificate, ...]]


class Client(Frozen):
    """The client's own keystore.

    Attributes:
        store: it, opened.
        called: what it is called.
        password: of its keys, None where nobody said one.
        manager: Java's key manager algorithm.
    """

    store: Store
    called: str
    password: Password | None = None
    manager: str = "SunX509"


class Aids(Frozen):
    """What there is to mend it with.

    Attributes:
        certificates: at hand, beside those that are sent and trusted.
        names: what chain, store and those are called in commands, by the question.
        issuers: gives missing issuers, from the network; None where nobody wants that.
        null_password: the program opens its store without a password.
    """

    certificates: tuple[Certificate, ...] = ()
    names: Callable[[Question], Names] | None = None
    issuers: Issuers | None = None
    null_password: bool = False


def examine(
    server: str,
    trust: Trust | None,
    *,
    way: Way,
    at: int,
    store: str = "",
    runtime: str = "java17",
    host: str | None = None,
    client: Client | None = None,
    aids: Aids | None = None,
    say: Say | None = None,
) -> Case:
    """Probe a server, and judge it as a client does.

    Args:
        server: as `tls.target.target` takes it.
        trust: what the client trusts; None leaves that unjudged.
        way: how the server is reached.
        at: seconds since 1970 UTC.
        store: what the trust store is called.
        runtime: of the client, by its name or as ``jre:HOME``.
        host: the name it is asked for by, in place of ``server``'s.
        client: its own keystore.
        aids: what there is to mend it with.
        say: is told what was assumed on the way.

    Raises:
        UsageError: no server's name, or no runtime's.
        InputError: the JRE can't be read.
    """
    case = seen(server, way, runtime, at, say)
    if case.probe is None:
        return case
    if trust is not None:
        served = served_by(case.probe)
        asked = questions(served, trust, at, runtimes=(runtime,), host=host)
        case = judged(case, one(asked), trust, store, aids or Aids())
    return case if client is None else identified(case, client, way, say)


def seen(server: str, way: Way, runtime: str, at: int, say: Say | None = None) -> Case:
    """A case with a probe, or with why there is none."""
    try:
        probe = way.probe(server, say=say)
    except NetworkError as error:
        return Case(server, runtime, at, problem=error.message, hint=error.hint)
    return Case(server, runtime, probe.at, probe)


def one(asked: Sequence[Question]) -> Question:
    """The only question.

    Raises:
        UsageError: there are several.
    """
    if len(asked) > 1:
        raise UsageError(f"expected one runtime, found {len(asked)}", hint="ask for each")
    return asked[0]


def judged(case: Case, question: Question, trust: Trust, store: str, aids: Aids) -> Case:
    """With what the client says of the chain, and what makes it accept."""
    from ..trust.fix import mend
    from ..trust.fix_commands import commands

    more = aids.certificates
    if aids.issuers is not None:
        more = (*more, *aids.issuers(question, more))
    mending = mend(question, more, trust.unseen, null_password=aids.null_password)
    names = None if aids.names is None else aids.names(question)
    return replace(
        case,
        runtime=question.runtime,
        store=store,
        question=question,
        verdict=mending.verdict,
        mending=mending,
        commands=tuple(() if names is None else commands(fix, names) for fix in mending.fixes),
        trust=trust,
    )


def identified(case: Case, client: Client, way: Way | None, say: Say | None = None) -> Case:
    """With the key the client sends, and what comes of it; ``way`` is None not to try it."""
    case = replace(case, identity=client.called)
    request = None if case.probe is None else case.probe.member.request
    if request is None:
        return case
    selection = chosen(request, client, case.runtime, say)
    tried = None
    if selection.alias is not None and way is not None:
        tried = attempted(case.name, client, selection, way, say)
    return replace(case, selection=selection, tried=tried)


def loaded(
    case: Case, source: Store | RootList, name: str, *, use: str = "trust", word: str = ""
) -> Case:
    """With what keeps the client from loading a store; of words that are no file nothing is said.

    Args:
        case: whose runtime is to load it.
        source: the store, as it was read.
        name: what it was asked for by.
        use: "trust" or "client".
        word: for ``--storepass`` in commands; a password that was typed is not printed.
    """
    import os

    from ..model import Store
    from .loading import loading

    if not isinstance(source, Store) or not os.path.exists(name):
        return case
    password = "prompt" if word.startswith("pass:") else word
    found = loading(source, name, case.runtime, use=use, password=password)
    return case if found is None else replace(case, unloaded=(*case.unloaded, found))


def chosen(
    request: CertificateRequest, client: Client, runtime: str, say: Say | None = None
) -> Selection:
    """Which key of the client's keystore is sent."""
    from ..identity.select import select_client_key
    from ..trust.runtimes import jdk

    if jdk.release(runtime) is None:
        if say is not None:
            say(f"which key {runtime} sends is not known; as Java 17 would")
        runtime = "java17"
    return select_client_key(
        client.store, request, runtime, client.manager, password=client.password
    )


def attempted(
    server: str, client: Client, selection: Selection, way: Way, say: Say | None = None
) -> Member | None:
    """A handshake with the key that would be sent; None where it can't be opened."""
    try:
        identity = identity_of(client, selection)
        if identity is None:
            return None
        return way.probe(server, identity, brief=True, asks=True, say=say).member
    except StorekeeperError as error:
        if say is not None:
            say(f"the key was not tried: {error.message}")
        return None


def identity_of(client: Client, selection: Selection) -> Identity | None:
    """The chosen key with its chain, opened; None where none is chosen.

    Raises:
        PasswordError: the key has another password.
    """
    from ..model import PrivateKey
    from ..tls.client import Identity

    entry = client.store.find(selection.alias or "")
    if not isinstance(entry, PrivateKey):
        return None
    return Identity(tuple(one.der for one in selection.chain), entry.pkcs8(client.password))


__all__ = [
    "Aids",
    "Client",
    "attempted",
    "chosen",
    "examine",
    "identified",
    "identity_of",
    "judged",
    "loaded",
    "one",
    "seen",
]
