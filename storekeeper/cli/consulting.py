"""What `doctor` consults about: a server that is probed, or the evidence people send."""

from __future__ import annotations

from ..frozen import replace
from . import judging, options, presenting, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from ..doctor.gathered import Gathered
    from ..doctor.values import Case, Consultation
    from ..model import Store
    from ..tls.probed import Member, Probe
    from ..trust.anchors import RootList
    from ..trust.java_trust import Trust
    from ..trust.question import Question
    from ..trust.verdict import Verdict


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
        from ..tls.probed import NoHandshake

        runtime = judging.runtimes(args.runtime[0])[0] if args.runtime else "java17"
        silent = error.members[0] if isinstance(error, NoHandshake) else None
        now = options.now(args)
        return Case(_name(args), runtime, now, None, error.message, error.hint, silent)
    return _judged(args, probe)


def _name(args: Namespace) -> str:
    """The server as it was named, without the query of a URL, which may hold a secret."""
    return servers.without_query(args.server)


def _judged(args: Namespace, probe: Probe) -> Case:
    from shlex import quote

    from ..doctor.connecting import refused_suite
    from ..doctor.values import Case
    from ..trust.fix import mend
    from ..trust.fix_commands import commands
    from .fix import fetched, names_of

    source = judging.store_of(args)
    trust = judging.trust_in(args, source)
    question = _question(args, probe, trust)
    probe, refused = _as_client(args, probe, question.runtime)
    question = _question(args, probe, trust)
    more = judging.candidates(args)
    if args.aia:
        more = (*more, *fetched(question, more))
    mending = mend(question, more, trust.unseen, null_password=args.null_password)
    names = names_of(args, question)
    case = Case(
        _name(args),
        question.runtime,
        question.at,
        probe,
        refused_old=refused,
        store=args.store,
        question=question,
        verdict=mending.verdict,
        mending=mending,
        commands=tuple(commands(fix, names) for fix in mending.fixes),
        trust=trust,
        identity=args.identity or "",
        asking=quote(_name(args)),
        unloaded=presenting.unloaded(args, source, question.runtime),
        others=_others(probe, question),
    )
    if refused_suite(case):
        # Whether the server has others can only be told by trying.
        tried = servers.probe_one(args.server, args, every_cipher=True)
        case = replace(case, probe=replace(probe, offers=tried.offers))
    request = probe.member.request
    if args.identity is None or request is None:
        return case
    return presenting.presented(args, case, request, live=True)


def _question(args: Namespace, probe: Probe, trust: Trust) -> Question:
    from ..errors import UsageError

    questions = judging.asked_about(args, judging.served_by(probe), trust)
    if len(questions) > 1:
        raise UsageError(f"expected one runtime, found {len(questions)}", hint="ask for each")
    return questions[0]


def _as_client(args: Namespace, probe: Probe, runtime: str) -> tuple[Probe, str]:
    """What the server does when only this client's protocols are offered; why it refuses them."""
    from ..doctor.clients import protocols
    from ..errors import NetworkError
    from ..tls.probed import NoHandshake

    oldest, newest = protocols(runtime)
    if probe.member.version <= newest:
        return probe, ""
    try:
        return servers.probe_one(args.server, args, versions=(oldest, newest)), ""
    except NetworkError as error:
        problem = error.members[0].problem if isinstance(error, NoHandshake) else ""
        return probe, problem or error.message


def _others(probe: Probe, question: Question) -> tuple[tuple[Member, Verdict | None], ...]:
    """The other addresses of the name that do otherwise, each with the verdict on its chain."""
    found: list[tuple[Member, Verdict | None]] = []
    for one in probe.members:
        if not one.spoke:
            found.append((one, None))
        elif one.chain != probe.member.chain:
            found.append((one, replace(question, chain=one.chain).verdict()))
    return tuple(found)


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
        unloaded = presenting.unloaded(args, source, case.runtime)
        case = replace(case, unloaded=(*unloaded, *case.unloaded))
        if found.chain:
            case = _verdict_on(args, case, found, source)
    return consult(case, found)


def _identified(args: Namespace, case: Case, found: Gathered) -> Case:
    """With the key that is sent in answer to a request on record."""
    from shlex import quote

    from ..identity.recorded import recorded

    wanted = recorded(found.wanted)
    if wanted is None:
        voice.note("the evidence has no request for a client certificate")
        return case
    for note in wanted.notes:
        voice.note(note)
    case = replace(case, asking=f"--request {quote(wanted.place.file)}")
    return presenting.presented(args, case, wanted.request)


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
