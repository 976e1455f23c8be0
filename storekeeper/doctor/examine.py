"""A case put together: the server probed, its chain judged, the client's key chosen and tried."""

from __future__ import annotations

from ..errors import NetworkError, StorekeeperError, UsageError
from ..frozen import Frozen, replace
from ..tls.probed import NoHandshake, served_by
from ..trust.asked import questions
from .values import Case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ..identity.select import Selection
    from ..model import Certificate, Password, Store
    from ..tls.client import Identity
    from ..tls.messages import CertificateRequest
    from ..tls.probed import Member, Probe
    from ..tls.way import Way
    from ..trust.anchors import RootList
    from ..trust.fix_commands import Names
    from ..trust.java_trust import Trust
    from ..trust.question import Question
    from ..trust.verdict import Verdict

    Say = Callable[[str], None]
    Ask = Callable[[Probe], Question]
    Issuers = Callable[[Question, tuple[Certificate, ...]], tuple[Certificate, ...]]

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
    "presented",
    "printable",
    "seen",
]


class Client(Frozen):
    """The client's own keystore, and what there is beside it.

    Attributes:
        store: it, opened.
        called: what it is called.
        password: of its keys, None where nobody said one.
        manager: Java's key manager algorithm.
        word: for ``--storepass`` in commands that open it, or "".
        key_word: for ``--keypass``, "" where that of the store opens the keys.
        more: stores at hand, with what they are called.
    """

    store: Store
    called: str
    password: Password | None = None
    manager: str = "SunX509"
    word: str = ""
    key_word: str = ""
    more: tuple[tuple[str, Store], ...] = ()


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

        def ask(probe: Probe) -> Question:
            return one(questions(served_by(probe), trust, at, runtimes=(runtime,), host=host))

        case = judged(case, ask, trust, store, aids or Aids(), way, server)
    return case if client is None else identified(case, client, way, say, server=server)


def seen(server: str, way: Way, runtime: str, at: int, say: Say | None = None) -> Case:
    """A case with a probe, or with why there is none."""
    from shlex import quote

    from ..tls.target import without_query

    name = without_query(server)
    try:
        probe = way.probe(server, say=say)
    except NetworkError as error:
        silent = error.members[0] if isinstance(error, NoHandshake) else None
        return Case(name, runtime, at, None, error.message, error.hint, silent)
    return Case(name, runtime, probe.at, probe, asking=quote(name))


def one(asked: Sequence[Question]) -> Question:
    """The only question.

    Raises:
        UsageError: there are several.
    """
    if len(asked) > 1:
        raise UsageError(f"expected one runtime, found {len(asked)}", hint="ask for each")
    return asked[0]


def judged(
    case: Case, ask: Ask, trust: Trust, store: str, aids: Aids, way: Way, server: str
) -> Case:
    """With what the client says of the chain, and what makes it accept.

    Args:
        case: with a probe.
        ask: the question about what a probe found.
        trust: what the client trusts.
        store: what that is called.
        aids: what there is to mend it with.
        way: how the server is reached, where it has to be asked again as this client would.
        server: as it was named.
    """
    from ..trust.fix import mend
    from ..trust.fix_commands import commands
    from .connecting import refused_suite

    assert case.probe is not None
    question = ask(case.probe)
    probe, refused = _as_client(server, case.probe, question.runtime, way)
    if probe is not case.probe:
        question = ask(probe)
    more = aids.certificates
    if aids.issuers is not None:
        more = (*more, *aids.issuers(question, more))
    mending = mend(question, more, trust.unseen, null_password=aids.null_password)
    names = None if aids.names is None else aids.names(question)
    case = replace(
        case,
        runtime=question.runtime,
        at=question.at,
        probe=probe,
        refused_old=refused,
        store=store,
        question=question,
        verdict=mending.verdict,
        mending=mending,
        commands=tuple(() if names is None else commands(fix, names) for fix in mending.fixes),
        trust=trust,
        others=_others(probe, question),
    )
    if refused_suite(case):
        # Whether the server has others can only be told by trying.
        tried = way.probe(server, every_cipher=True)
        case = replace(case, probe=replace(probe, offers=tried.offers))
    return case


def _as_client(server: str, probe: Probe, runtime: str, way: Way) -> tuple[Probe, str]:
    """What the server does when only this client's protocols are offered; why it refuses them."""
    from .clients import protocols

    oldest, newest = protocols(runtime)
    if probe.member.version <= newest:
        return probe, ""
    try:
        return way.probe(server, versions=(oldest, newest)), ""
    except NetworkError as error:
        problem = error.members[0].problem if isinstance(error, NoHandshake) else ""
        return probe, problem or error.message


def _others(probe: Probe, question: Question) -> tuple[tuple[Member, Verdict | None], ...]:
    """The other addresses of the name that do otherwise, each with the verdict on its chain."""
    found: list[tuple[Member, Verdict | None]] = []
    for each in probe.members:
        if not each.spoke:
            found.append((each, None))
        elif each.chain != probe.member.chain:
            found.append((each, replace(question, chain=each.chain).verdict()))
    return tuple(found)


def loaded(
    case: Case, source: Store | RootList, name: str, *, use: str = "trust", word: str = ""
) -> Case:
    """With what keeps the client from loading a store; of words that are no file nothing is said.

    Args:
        case: whose runtime is to load it.
        source: the store, as it was read.
        name: what it was asked for by.
        use: "trust" or "client".
        word: for ``--storepass`` in commands, as `printable` has it.
    """
    import os

    from ..model import Store
    from .loading import loading

    if not isinstance(source, Store) or not os.path.exists(name):
        return case
    found = loading(source, name, case.runtime, use=use, password=word)
    return case if found is None else replace(case, unloaded=(*case.unloaded, found))


def printable(specification: str | None) -> str:
    """A password specification for a command that is shown: what was typed is not printed."""
    if specification is not None and specification.startswith("pass:"):
        return "prompt"
    return specification or ""


def identified(
    case: Case,
    client: Client,
    way: Way | None,
    say: Say | None = None,
    known: tuple[Certificate, ...] = (),
    *,
    server: str = "",
) -> Case:
    """With the key the client sends, and what comes of it.

    Args:
        case: with a probe.
        client: its own keystore.
        way: how the server is reached with it; None not to try it.
        say: is told what was assumed.
        known: as `select_client_key`.
        server: as it was named, if that is more than the case says.
    """
    case = replace(case, identity=client.called)
    request = None if case.probe is None else case.probe.member.request
    if request is None:
        return case
    case = presented(case, client, request, say, known)
    if case.selection is None or case.selection.alias is None or way is None:
        return case
    return replace(case, tried=attempted(server or case.name, client, case.selection, way, say))


def presented(
    case: Case,
    client: Client,
    request: CertificateRequest,
    say: Say | None = None,
    known: tuple[Certificate, ...] = (),
) -> Case:
    """With what the client's keystore has for a request, and what would do better."""
    from ..identity.build import build_client_key

    selection = chosen(request, client, case.runtime, say, at=case.at, known=known)
    built = build_client_key(
        [client.store, *(store for _, store in client.more)],
        request,
        runtime=selection.runtime,
        key_manager=client.manager,
        at=_date(case.at),
    )
    case = replace(
        case,
        selection=selection,
        built=built,
        more=tuple(name for name, _ in client.more),
        identity_password=client.word,
        key_password=client.key_word,
    )
    return loaded(case, client.store, client.called, use="client", word=client.word)


def chosen(
    request: CertificateRequest,
    client: Client,
    runtime: str,
    say: Say | None = None,
    *,
    at: int | None = None,
    known: tuple[Certificate, ...] = (),
) -> Selection:
    """Which key of the client's keystore is sent."""
    from ..identity.select import select_client_key, speaking_for

    runtime = speaking_for(runtime, say)
    when = None if at is None else _date(at)
    return select_client_key(
        client.store, request, runtime, client.manager, when, password=client.password, known=known
    )


def _date(at: int) -> datetime:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC)


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
    return Identity(tuple(each.der for each in selection.chain), entry.pkcs8(client.password))
