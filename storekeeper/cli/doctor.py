"""``storekeeper doctor``."""

from __future__ import annotations

import sys

from . import consulting, judging, options, voice, walking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..doctor.values import Consultation

EPILOG = """
One answer in plain words: what keeps a client from connecting to a server, the proof, and what
mends it, in the order in which to try. The server is probed, its chain judged as the client's
runtime does, and with --identity it is told which key the client sends, and whether the server
takes it. Nothing is changed, unless --apply walks through the steps: each is asked about
first, and afterwards the server is asked again.

The exit status is 0 when nothing is wrong, 1 when something is, 5 when there is no handshake
with the server at all, and 4 when the evidence tells nothing.

examples:
  storekeeper doctor api.example.com --store cacerts
  storekeeper doctor api.example.com:8443 --store trust.jks --runtime jre:/opt/agent/jre
  storekeeper doctor https://api.example.com/secured --store cacerts --identity id.p12
  storekeeper doctor api.example.com --store cacerts --save for-support.json
  storekeeper doctor --evidence agent.log --evidence capture.pcapng --store agent-cacerts.jks
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    judging.add(parser, store=False)
    evidence = parser.add_argument_group("evidence, in place of a server")
    evidence.add_argument(
        "--evidence",
        metavar="FILE",
        action="append",
        default=[],
        help="what people send: javax.net.debug or IAIK logs, stack traces, openssl s_client or "
        "curl output, keytool listings, Apigee JSON, packet captures, in any mixture; or -",
    )
    client = parser.add_argument_group("the client's own certificate")
    client.add_argument("--identity", metavar="FILE", help="the client's keystore")
    client.add_argument("--identity-storepass", metavar="SPEC", help="its password")
    client.add_argument("--identity-keypass", metavar="SPEC", help="that of its keys, if another")
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
    from ..errors import NetworkError, UsageError
    from ..report import consultations as report

    if args.apply and not options.can_ask():
        raise UsageError(
            "--apply asks about each step, and nobody is here to answer",
            hint="run the commands it prints, or the storekeeper import it names with --pin",
        )
    found = consulting.read(args) if args.evidence else consult(consulting.case_of(args))
    if args.save:
        _save(args.save, found)
    if args.json:
        options.print_json(report.json(found))
    else:
        sys.stdout.write(report.text(found))
    if args.apply:
        walk = walking.Walk()
        while walk.on(found, args):
            found = consult(consulting.case_of(args))
            sys.stdout.write("\n" + report.text(found))
    if found.case.problem:
        return NetworkError.exit_status
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
