"""What `doctor` consults about: a server that is probed, or the evidence people send."""

from __future__ import annotations

from ..frozen import replace
from . import judging, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from ..doctor.examine import Aids, Client
    from ..doctor.gathered import Gathered
    from ..doctor.values import Case, Consultation
    from ..trust.java_trust import Trust


def case_of(args: Namespace) -> Case:
    """All that is found out about the server of the command line, with the stores it names.

    Raises:
        UsageError: a server or the store is missing, or more than one runtime is named.
    """
    from ..doctor import examine
    from ..errors import UsageError
    from ..tls.probed import served_by

    if args.server is None or args.store is None:
        what = "a server" if args.server is None else "--store"
        raise UsageError(
            f"expected {what}", hint="as in storekeeper doctor api.example.com --store cacerts"
        )
    way = servers.way(args)
    runtime = _runtime(args, "java17")
    case = examine.seen(args.server, way, runtime, options.now(args), voice.note)
    if case.probe is None:
        return case
    source = judging.store_of(args)
    trust = judging.trust_in(args, source)
    asked = judging.asked_about(args, served_by(case.probe), trust)
    case = examine.judged(case, examine.one(asked), trust, args.store, _aids(args))
    case = examine.loaded(case, source, args.store, word=args.storepass or "")
    if args.identity is None or case.probe is None or case.probe.member.request is None:
        return replace(case, identity=args.identity or "")
    client = _client(args)
    case = examine.identified(case, client, None if args.no_try else way, voice.note)
    return _with_client(args, case, client)


def _runtime(args: Namespace, default: str) -> str:
    named = [name for words in args.runtime for name in judging.runtimes(words)]
    return named[0] if named else default


def _aids(args: Namespace) -> Aids:
    from ..doctor.examine import Aids
    from .fix import fetched, names_of

    return Aids(
        judging.candidates(args),
        lambda question: names_of(args, question),
        fetched if args.aia else None,
        args.null_password,
    )


def read(args: Namespace) -> Consultation:
    """The same from evidence, with no connection."""
    from ..doctor import examine
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
    runtime = _runtime(args, found.runtime or "java17")
    at = options.now(args) if args.at is not None or found.at is None else found.at
    name = args.host or found.host or "the server"
    case = Case(name, runtime, at, store=args.store or "", identity=args.identity or "")
    if args.store is not None:
        source = judging.store_of(args)
        case = examine.loaded(case, source, args.store, word=args.storepass or "")
        if found.chain:
            case = _verdict_on(args, case, found, judging.trust_in(args, source))
    if args.identity is not None:
        case = _identified(args, case, found)
    return consult(case, found)


def _identified(args: Namespace, case: Case, found: Gathered) -> Case:
    """With the key that is sent in answer to a request on record."""
    requests = [one.request for one in found.wanted if one.exact]
    if not requests:
        voice.note("the evidence has no request for a certificate whose names are complete")
        return case
    from ..doctor.examine import chosen

    client = _client(args)
    selection = chosen(requests[0], client, case.runtime, voice.note)
    return _with_client(args, replace(case, selection=selection), client)


def _verdict_on(args: Namespace, case: Case, found: Gathered, trust: Trust) -> Case:
    """With what the runtime says of the chain on record."""
    from ..trust.asked import Served
    from ..trust.fix import mend

    served = Served(found.chain, found.host or None, "TLSv1.2", case.runtime, case.at)
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


def _client(args: Namespace) -> Client:
    """The client's keystore that ``--identity`` names."""
    from ..doctor.examine import Client
    from ..trust.sources import open_store

    given = options.password(args, "identity_storepass") if args.identity_storepass else None
    store = open_store(options.open_source(args.identity, given, args))
    return Client(store, args.identity, given, args.keymanager)


def _with_client(args: Namespace, case: Case, client: Client) -> Case:
    """With what keeps the client from loading its own keystore."""
    from ..doctor.examine import loaded

    word = args.identity_storepass or ""
    return loaded(case, client.store, client.called, use="client", word=word)
