"""``storekeeper probe``."""

from __future__ import annotations

import sys

from . import options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """
Shakes hands with a server and says what it sends: the protocol and cipher suite, the chain just
as it comes, the key exchange, and whether it asks for a client certificate, of which CAs and
with which keys. Nothing that is sent is trusted or kept. Every address of the name is asked.

Whether a client certificate is required is tried out: without one, and where the URL says what
application it is (https, smtp, imap, pop3, sieve, postgres) with one harmless request, since some
servers ask or refuse only then: a GET of --path, an EHLO, a login begun without a name
(docs/probe.md).

The exit status is 1 when a finding is an error, 5 when there is no TLS at all.

examples:
  storekeeper probe api.example.com
  storekeeper probe https://api.example.com/secured --all-names
  storekeeper probe api.example.com:8443 --protocols
  storekeeper probe smtp://mail.example.com
  storekeeper probe api.example.com --proxy http://proxy.example.com:3128 --json
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "servers",
        metavar="SERVER",
        nargs="+",
        help="HOST, HOST:PORT or a URL; several are asked at once",
    )
    servers.add(parser)
    what = parser.add_argument_group("what is found out")
    what.add_argument(
        "--protocols", action="store_true", help="each protocol version, and who orders its ciphers"
    )
    what.add_argument(
        "--ciphers", action="store_true", help="all cipher suites of each protocol version"
    )
    what.add_argument(
        "--ocsp",
        action="store_true",
        help="whether its certificate is revoked: stapled, and asked of the CA by http",
    )
    what.add_argument(
        "--one-address", action="store_true", help="only the first address that answers"
    )
    what.add_argument("--path", metavar="PATH", help="what is asked for where it is a web server")
    what.add_argument(
        "--all-names", action="store_true", help="every acceptable CA name, not the first ten"
    )
    parser.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")


def run(args: Namespace) -> int:
    """Probe; 0 when nothing is wrong."""
    from ..errors import StorekeeperError
    from ..report import probes as report

    status = shown = 0
    width = options.width()
    values = []
    for name, result in servers.probe_all(args):
        if isinstance(result, StorekeeperError):
            status = max(status, voice.fail(result))
            values += [report.failed_json(name, result)] if args.json else []
            continue
        if any(one.severity == "error" for one in result.findings):
            status = max(status, 1)
        if args.json:
            values.append(report.json(result))
        else:
            sys.stdout.write("\n" if shown else "")
            sys.stdout.write(report.text(result, all_names=args.all_names, width=width))
            sys.stdout.flush()
            shown += 1
    if args.json:
        options.print_json(values[0] if len(values) == 1 else report.several_json(values))
    return status
