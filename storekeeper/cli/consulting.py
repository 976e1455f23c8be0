"""What `doctor` consults about: a server that is probed, or the evidence people send."""

from __future__ import annotations

from ..frozen import replace
from . import judging, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from ..doctor.gathered import Gathered
    from ..doctor.loading import Loading
    from ..doctor.values import Case, Consultation
    from ..identity.select import Selection
    from ..model import Password, Store
    from ..tls.messages import CertificateRequest
    from ..tls.probed import Member, Probe
    from ..trust.anchors import RootList


def case_of(args: Namespace) -> Case:
    """All that is found out about the server of the command line, with the stores it names.

    Raises:
        UsageError: a server or the store is missing, or more than one runtime is named.
    """
    from ..doctor.values import Case
    from ..errors import NetworkError, UsageError

    if args.server is None or args.store is None:
        what = "a server" if args.server is None else "--store"
        raise UsageError(
            f"expected {what}", hint="as in storekeeper doctor api.example.com --store cacerts"
        )
    try:
        probe = servers.probe_one(args.server, args)
    except NetworkError as error:
        runtime = judging.runtimes(args.runtime[0])[0] if args.runtime else "java17"
        return Case(args.server, runtime, options.now(args), problem=error.message, hint=error.hint)
    return _judged(args, probe)


def _judged(args: Namespace, probe: Probe) -> Case:
    from ..doctor.values import Case
    from ..errors import UsageError
    from ..trust.fix import mend
    from ..trust.fix_commands import commands
    from .fix import fetched, names_of

    source = judging.store_of(args)
    trust = judging.trust_in(args, source)
    questions = judging.asked_about(args, judging.served_by(probe), trust)
    if len(questions) > 1:
        raise UsageError(f"expected one runtime, found {len(questions)}", hint="ask for each")
    question = questions[0]
    more = judging.candidates(args)
    if args.aia:
        more = (*more, *fetched(question, more))
    mending = mend(question, more, trust.unseen, null_password=args.null_password)
    names = names_of(args, question)
    selection, tried, unloaded = _client(args, probe, question.runtime)
    return Case(
        args.server,
        question.runtime,
        probe.at,
        probe,
        store=args.store,
        question=question,
        verdict=mending.verdict,
        mending=mending,
        commands=tuple(commands(fix, names) for fix in mending.fixes),
        trust=trust,
        identity=args.identity or "",
        selection=selection,
        tried=tried,
        unloaded=(*_unloaded(args, source, question.runtime), *unloaded),
    )


def _unloaded(
    args: Namespace, source: Store | RootList, runtime: str, use: str = "trust"
) -> tuple[Loading, ...]:
    """What keeps the client from loading a store; of words that are no file nothing is said."""
    import os

    from ..doctor.loading import loading
    from ..model import Store

    name = args.store if use == "trust" else args.identity
    if not isinstance(source, Store) or not os.path.exists(name):
        return ()
    spec = (args.storepass if use == "trust" else args.identity_storepass) or ""
    # A password that was typed is not printed.
    word = "prompt" if spec.startswith("pass:") else spec
    found = loading(source, name, runtime, use=use, password=word)
    return () if found is None else (found,)


def read(args: Namespace) -> Consultation:
    """The same from evidence, with no connection."""
    from ..doctor.consult import read as consult
    from ..doctor.gathered import gather
    from ..doctor.values import Case
    from ..errors import UsageError
    from ..host.files import read_file
    from ..tls.evidence import read as read_evidence

    if args.server is not None or args.apply:
        raise UsageError(
            "evidence stands in place of a server, and nothing is applied from it",
            hint="storekeeper doctor HOST asks the server itself",
        )
    pieces = [one for path in args.evidence for one in read_evidence(read_file(path), path)]
    found = gather(pieces)
    found.expect_something()  # before anybody is asked for a password
    runtime = judging.runtimes(args.runtime[0])[0] if args.runtime else found.runtime or "java17"
    at = options.now(args) if args.at is not None or found.at is None else found.at
    name = args.host or found.host or "the server"
    case = Case(name, runtime, at, store=args.store or "", identity=args.identity or "")
    if args.identity is not None:
        case = _identified(args, case, found)
    if args.store is not None:
        source = judging.store_of(args)
        unloaded = _unloaded(args, source, case.runtime)
        case = replace(case, unloaded=(*unloaded, *case.unloaded))
        if found.chain:
            case = _verdict_on(args, case, found, source)
    return consult(case, found)


def _identified(args: Namespace, case: Case, found: Gathered) -> Case:
    """With the key that is sent in answer to a request on record."""
    requests = [one.request for one in found.wanted if one.exact]
    if not requests:
        voice.note("the evidence has no request for a certificate whose names are complete")
        return case
    selection, (store, _) = _chosen(args, requests[0], case.runtime)
    unloaded = _unloaded(args, store, case.runtime, "client")
    return replace(case, selection=selection, unloaded=(*case.unloaded, *unloaded))


def _verdict_on(args: Namespace, case: Case, found: Gathered, source: Store | RootList) -> Case:
    """With what the runtime says of the chain on record."""
    from ..trust.fix import mend

    trust = judging.trust_in(args, source)
    served = judging.Served(found.chain, found.host or None, "TLSv1.2", case.runtime, case.at)
    question = judging.asked_about(args, served, trust)[0]
    mending = mend(question, judging.candidates(args), trust.unseen)
    return replace(
        case,
        runtime=question.runtime,
        question=question,
        verdict=mending.verdict,
        mending=mending,
        # A command would need the file of a chain that is in a log.
        commands=tuple(() for _ in mending.fixes),
        trust=trust,
    )


def _client(
    args: Namespace, probe: Probe, runtime: str
) -> tuple[Selection | None, Member | None, tuple[Loading, ...]]:
    """Which key is sent, what comes of it, and whether its keystore can be loaded."""
    request = probe.member.request
    if args.identity is None or request is None:
        return None, None, ()
    selection, tools = _chosen(args, request, runtime)
    unloaded = _unloaded(args, tools[0], runtime, "client")
    if selection.alias is None or args.no_try:
        return selection, None, unloaded
    return selection, _tried(args, *tools, selection), unloaded


def _chosen(
    args: Namespace, request: CertificateRequest, runtime: str
) -> tuple[Selection, tuple[Store, Password | None]]:
    """Which key of ``--identity`` is sent; the opened store, and its password."""
    from ..identity.select import select_client_key
    from ..trust.runtimes import jdk
    from ..trust.sources import open_store

    if jdk.release(runtime) is None:
        voice.note(f"which key {runtime} sends is not known; as Java 17 would")
        runtime = "java17"
    given = options.password(args, "identity_storepass") if args.identity_storepass else None
    store = open_store(options.open_source(args.identity, given, args))
    found = select_client_key(store, request, runtime, args.keymanager, password=given)
    return found, (store, given)


def _tried(
    args: Namespace, store: Store, given: Password | None, selection: Selection
) -> Member | None:
    """A handshake with the key that would be sent; None where it can't be opened."""
    from ..errors import StorekeeperError
    from ..model import PrivateKey
    from ..tls.client import Identity

    entry = store.find(selection.alias or "")
    if not isinstance(entry, PrivateKey):
        return None
    try:
        identity = Identity(tuple(one.der for one in selection.chain), entry.pkcs8(given))
        return servers.probe_one(args.server, args, identity, brief=True, asks=True).member
    except StorekeeperError as error:
        voice.warn(f"the key was not tried: {error.message}")
        return None
