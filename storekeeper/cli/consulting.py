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
    from ..tls.probed import Probe
    from ..trust.java_trust import Trust
    from ..trust.question import Question


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

    def ask(probe: Probe) -> Question:
        return examine.one(judging.asked_about(args, served_by(probe), trust))

    case = examine.judged(case, ask, trust, args.store, _aids(args), way, args.server)
    case = examine.loaded(case, source, args.store, word=examine.printable(args.storepass))
    if args.identity is None or case.probe is None or case.probe.member.request is None:
        return replace(case, identity=args.identity or "")
    known = judging.candidates(args)
    tries = None if args.no_try else way
    return examine.identified(case, _client(args), tries, voice.note, known, server=args.server)


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


def _client(args: Namespace) -> Client:
    """The client's keystore that ``--identity`` names, with the stores at hand."""
    from ..doctor.examine import Client, printable
    from ..trust.sources import open_store

    said = options.password(args, "identity_storepass") if args.identity_storepass else None
    source, password = options.opened_source(args.identity, said, args, "--identity-storepass")
    if args.identity_keypass:
        password = options.password(args, "identity_keypass")
    named = [name for name in args.more if name != "-"]
    return Client(
        open_store(source),
        args.identity,
        password,
        args.keymanager,
        printable(args.identity_storepass),
        printable(args.identity_keypass),
        tuple((name, open_store(options.open_source(name, None, args))) for name in named),
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
        case = examine.loaded(case, source, args.store, word=examine.printable(args.storepass))
        if found.chain:
            case = _verdict_on(args, case, found, judging.trust_in(args, source))
    if args.identity is not None:
        case = _identified(args, case, found)
    return consult(case, found)


def _identified(args: Namespace, case: Case, found: Gathered) -> Case:
    """With the key that is sent in answer to a request on record."""
    from shlex import quote

    from ..doctor.examine import presented
    from ..identity.recorded import recorded

    wanted = recorded(found.wanted)
    if wanted is None:
        voice.note("the evidence has no request for a client certificate")
        return case
    for note in wanted.notes:
        voice.note(note)
    case = replace(case, asking=f"--request {quote(wanted.place.file)}")
    known = judging.candidates(args)
    return presented(case, _client(args), wanted.request, voice.note, known)


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
