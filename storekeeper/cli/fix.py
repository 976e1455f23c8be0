"""``storekeeper fix``."""

from __future__ import annotations

import sys

from . import judging, options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..model import Certificate
    from ..trust.fix_commands import Names
    from ..trust.question import Question

EPILOG = """
Searches the smallest change after which the runtime accepts: what the server should send,
what to import or replace, and what only a new certificate or another host name mends. Each
is tried by judging again before it is shown, with what comes of it and the command that does
it; nothing is changed here. An import never mends a name, and that is said.

Certificates that are neither sent nor in the store, such as an intermediate from the CA's
pages, are given with --with, or fetched with --aia.

The exit status is 0 when there is nothing to mend, else 1.

examples:
  storekeeper fix api.example.com --store cacerts --runtime jre:/opt/agent/jre
  storekeeper fix --chain server.pem --store trust.jks --host api.example.com
  storekeeper fix --chain server.pem --store cacerts --host api.example.com --with issuers.pem
  storekeeper fix --chain server.pem --store cacerts --host api.example.com --aia
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    judging.add(parser)
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
    parser.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")


def run(args: Namespace) -> int:
    """Search; 0 when it is accepted as it is."""
    from ..errors import UsageError
    from ..report import fixes as report
    from ..trust.fix import mend
    from ..trust.reasons import reason
    from ..trust.rules import NAME_RULES

    questions, trust = judging.questions(args)
    if len(questions) > 1:
        raise UsageError(
            f"expected one runtime, found {len(questions)}",
            hint="what one accepts, ask of the next",
        )
    question = questions[0]
    more = judging.candidates(args)
    if args.aia:
        more = (*more, *fetched(question, more))
    found = mend(question, more, trust.unseen, null_password=args.null_password)
    named = found.verdict.rule in NAME_RULES  # the remarks have it
    why = "" if named else reason(question, found.verdict) or trust.why_none
    names = names_of(args, question)
    if args.json:
        options.print_json(report.json(found, names, why))
    else:
        sys.stdout.write(report.text(found, names, why))
    if found.missing:
        voice.hint(
            f"with the certificate of {found.missing} more is possible: --with FILE, or --aia"
        )
    return 0 if found.verdict.accepts else 1


def fetched(question: Question, more: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    """Missing issuers, from the network; what is found is told."""
    from ..report.arrangements import fetched_lines
    from ..trust.aia import complete_by_fetching

    _, asked = complete_by_fetching(question.chain, question.anchors, more)
    for line in fetched_lines(asked):
        voice.note(line)
    return tuple(certificate for one in asked for certificate in one.certificates)


def names_of(args: Namespace, question: Question) -> Names:
    """What chain, store and candidates are called, for the commands of a fix."""
    from ..trust.fix_commands import Names

    source = args.chain
    if args.server is not None:
        from ..tls.target import target

        source = target(args.server, starttls=args.starttls).peer
    places = [(one.sha256, source) for one in question.chain]
    for name in args.more:
        if name != "-":
            places += [(one.sha256, name) for one in judging.certificates(name, args)]
    spec = args.storepass or ""
    return Names(
        source,
        args.store,
        tuple(args.more),
        tuple(places),
        # A password that was typed is not printed.
        "prompt" if spec.startswith("pass:") else spec,
        args.aia,
        args.server is not None,
    )
