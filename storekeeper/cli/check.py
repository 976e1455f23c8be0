"""``storekeeper check``."""

from __future__ import annotations

import sys

from . import judging, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..tls.verified import Verified
    from ..trust.java_trust import Trust
    from ..trust.question import Question
    from ..trust.until import Until
    from ..trust.verdict import Verdict

EPILOG = """
Says what a Java release does with a server's chain: whether it accepts, the exception's own
message, the rule behind it and the certificate that decided. The chain is that of a file, or
what a server sends now; then the OpenSSL of this machine is asked, too. No Java is started,
and nothing else is fetched but by --ocsp and --crl. docs/verdicts.md tells how this is made,
and what of it is measured.

The exit status is 0 when every runtime accepts. It is 1 when one refuses, and also where Java
itself decides at random, which is said.

examples:
  storekeeper check api.example.com --store cacerts
  storekeeper check api.example.com:8443 --store trust.jks --runtime jre:/opt/agent/jre
  storekeeper check --chain server.pem --store cacerts --host api.example.com
  storekeeper check --chain server.pem --store trust.jks --host api.example.com --explain
  storekeeper check --chain server.pem --store trust.p12 --host api.example.com --until
  storekeeper check --chain server.pem --store trust.p12 --host api.example.com --at 2027-03-01
  storekeeper check --chain s.pem --store jre:/opt/agent/jre --runtime java8u381,java17,java25
  openssl s_client -connect api.example.com:443 -showcerts </dev/null |
    storekeeper check --chain - --store cacerts --host api.example.com --json
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    judging.add(parser)
    told = parser.add_argument_group("what is told")
    told.add_argument("--explain", action="store_true", help="every step on the way to the answer")
    told.add_argument(
        "--until",
        action="store_true",
        help="the first later date on which the answer changes, and how",
    )
    told.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")


def run(args: Namespace) -> int:
    """Judge; 0 when every runtime accepts."""
    from ..report import verdicts as report

    questions, trust = judging.questions(args)
    asked = []
    for question in questions:
        change = _change(question) if args.until else None
        verdict = change.now if change is not None else question.verdict()
        why = "" if verdict.accepts else _reason(question, verdict)
        asked.append((question, noted(verdict, question, trust), why, change))
    beside = None if args.server is None else _openssl(args, questions[0], trust)
    if args.json:
        values = report.json(asked, explain=args.explain)
        if beside is not None:
            values["openssl"] = report.verified_json(beside)
        options.print_json(values)
    elif len(asked) > 1 and not args.explain and not args.until:
        sys.stdout.write(report.table([verdict for _, verdict, _, _ in asked], options.width()))
    else:
        for number, (question, verdict, why, change) in enumerate(asked):
            sys.stdout.write("\n" if number else "")
            sys.stdout.write(
                report.text(
                    question,
                    verdict,
                    trust,
                    why=why,
                    explain=args.explain,
                    until=change,
                    width=options.width(),
                )
            )
    if beside is not None and not args.json:
        now = args.at is None
        sys.stdout.write(report.verified(beside, questions[0], now=now, width=options.width()))
    return 0 if all(verdict.accepts for _, verdict, _, _ in asked) else 1


def _openssl(args: Namespace, question: Question, trust: Trust) -> Verified:
    """What the OpenSSL of this machine says of the same server, with the same anchors."""
    from . import servers

    anchors = (*trust.anchors, *trust.unseen)
    return servers.verify(args, (one.der for one in anchors), question.host)


def _change(question: Question) -> Until:
    from ..trust.until import until

    return until(question)


def _reason(question: Question, verdict: Verdict) -> str:
    from ..trust.reasons import reason

    return reason(question, verdict)


def noted(verdict: Verdict, question: Question, trust: Trust) -> Verdict:
    """The verdict, with what loading the store and the settings have to do with it."""
    from ..frozen import replace

    notes = [*verdict.notes, *trust.notes]
    words = question.unknown_words()
    if words and verdict.rule != "unusable-settings":
        shown = ", ".join(map(repr, words[:3])) + (" ..." if len(words) > 3 else "")
        notes.append(f"java.security: left out what is not known: {shown}")
    if question.host is None:
        notes.append("no host name was given, and none is checked: say --host")
    return replace(verdict, notes=tuple(notes))
