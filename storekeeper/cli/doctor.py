"""``storekeeper doctor``."""

from __future__ import annotations

import sys

from . import judging, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..doctor.values import Case, Consultation
    from ..identity.select import Selection
    from ..model import Password, Store
    from ..tls.probed import Member, Probe

EPILOG = """
One answer in plain words: what keeps a client from connecting to a server, the proof, and what
mends it, in the order in which to try. The server is probed, its chain judged as the client's
runtime does, and with --identity it is told which key the client sends, and whether the server
takes it. Nothing is changed, unless --apply walks through the steps: each is asked about
first, and afterwards the server is asked again.

The exit status is 0 when nothing is wrong, 1 when something is.

examples:
  storekeeper doctor api.example.com --store cacerts
  storekeeper doctor api.example.com:8443 --store trust.jks --runtime jre:/opt/agent/jre
  storekeeper doctor https://api.example.com/secured --store cacerts --identity id.p12
  storekeeper doctor api.example.com --store cacerts --save for-support.json
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    judging.add(parser)
    client = parser.add_argument_group("the client's own certificate")
    client.add_argument("--identity", metavar="FILE", help="the client's keystore")
    client.add_argument("--identity-storepass", metavar="SPEC", help="its password")
    client.add_argument(
        "--keymanager",
        choices=("SunX509", "PKIX"),
        default="SunX509",
        help="Java's key manager algorithm (default SunX509)",
    )
    client.add_argument(
        "--no-try", action="store_true", help="do not connect with the key that is chosen"
    )
    more = parser.add_argument_group("what there is to mend it with")
    more.add_argument(
        "--with",
        dest="more",
        metavar="FILE",
        action="append",
        default=[],
        help="certificates at hand, such as the CA's",
    )
    more.add_argument("--aia", action="store_true", help="fetch missing issuers from the network")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--save",
        metavar="FILE",
        help="everything a support desk asks for, as JSON; no password or key is in it",
    )
    output.add_argument(
        "--apply", action="store_true", help="walk through the steps that are commands of ours"
    )
    output.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")


def run(args: Namespace) -> int:
    """Consult; 0 when nothing is wrong."""
    from ..doctor.consult import consult
    from ..errors import UsageError
    from ..report import consultations as report

    if args.apply and not options.can_ask():
        raise UsageError(
            "--apply asks about each step, and nobody is here to answer",
            hint="run the commands it prints, or the storekeeper import it names with --pin",
        )
    found = consult(_case(args))
    if args.save:
        _save(args.save, found)
    if args.json:
        options.print_json(report.json(found))
    else:
        sys.stdout.write(report.text(found))
    if args.apply and _applied(found):
        found = consult(_case(args))
        sys.stdout.write("\n" + report.text(found))
    return 1 if any(one.certain for one in found.diagnoses) else 0


def _save(path: str, found: Consultation) -> None:
    from ..change import outputs
    from ..report import consultations as report
    from ..report import exports
    from ..report.values import dump

    content = "".join(dump(report.saved(found))).encode("utf-8") + b"\n"
    files = outputs.check([outputs.Product("", content)], file=path, force=True)
    voice.said(outputs.write(files))
    for line in exports.lines(files, looking=False):
        voice.note(line.rstrip())


def _applied(found: Consultation) -> bool:
    """Whether a person let a step be carried out: the first that they agree to."""
    import shlex

    from . import main

    for diagnosis in found.diagnoses:
        for step in diagnosis.steps:
            ours = [line for line in step.commands if _changes(line)]
            if not ours or len(ours) != len(step.commands):
                continue
            if voice.agreed(f"{step.what}: do it?"):
                return all(main(shlex.split(line)[1:]) == 0 for line in ours)
    return False


def _changes(line: str) -> bool:
    """Whether a command of a step is one of ours that changes a store, and nothing else."""
    words = line.split()
    simple = not any(mark in line for mark in "|;&><")
    return simple and words[:1] == ["storekeeper"] and words[1] in ("import", "convert", "delete")


def _case(args: Namespace) -> Case:
    from ..doctor.values import Case
    from ..errors import NetworkError, UsageError

    if args.server is None:
        raise UsageError("expected a server", hint="as in storekeeper doctor api.example.com ...")
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

    questions, trust = judging.questions(args, probe)
    if len(questions) > 1:
        raise UsageError(f"expected one runtime, found {len(questions)}", hint="ask for each")
    question = questions[0]
    more = judging.candidates(args)
    if args.aia:
        more = (*more, *fetched(question, more))
    mending = mend(question, more, trust.unseen, null_password=args.null_password)
    names = names_of(args, question)
    selection, tried = _client(args, probe, question.runtime)
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
    )


def _client(args: Namespace, probe: Probe, runtime: str) -> tuple[Selection | None, Member | None]:
    """Which key is sent, and what comes of it."""
    from ..identity.select import select_client_key
    from ..trust.runtimes import jdk
    from ..trust.sources import open_store

    request = probe.member.request
    if args.identity is None or request is None:
        return None, None
    if jdk.release(runtime) is None:
        voice.note(f"which key {runtime} sends is not known; as Java 17 would")
        runtime = "java17"
    given = options.password(args, "identity_storepass") if args.identity_storepass else None
    store = open_store(options.open_source(args.identity, given, args))
    selection = select_client_key(store, request, runtime, args.keymanager, password=given)
    if selection.alias is None or args.no_try:
        return selection, None
    return selection, _tried(args, store, selection, given)


def _tried(
    args: Namespace, store: Store, selection: Selection, given: Password | None
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
