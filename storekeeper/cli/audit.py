"""``storekeeper audit``."""

from __future__ import annotations

import sys

from . import options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Iterator

    from ..trust.audit.values import AuditedStore, AuditHead

    Render = Callable[[AuditHead, Iterable[AuditedStore]], Iterator[str]]

EPILOG = """
Says what is wrong with what a store trusts, and by which list, standard or JRE: roots that
expired, that no root list has, that Mozilla or Microsoft took out, that are trusted only for
certificates issued up to a day, or that the JRE itself refuses; weak keys, keys near their
end, incomplete chains, files that anybody may write. The lists travel with storekeeper;
nothing is fetched, and no Java is started. docs/audit.md has the rules, and how a policy
tunes and waives them.

Without STORE every JRE of this machine is audited. A store that can't be read is a result
like another; the exit status is then 4 (3 for a password), after everything else was told.
It is 1 when a finding fails the run: any error or warning, unless --fail-on or the policy
say otherwise. With --format nagios it is that of a plugin: 0, 1, 2 or 3.

Instead of: keytool -list -v -keystore FILE -storepass PASSWORD | grep -A1 Valid

examples:
  storekeeper audit
  storekeeper audit cacerts --against certifi
  storekeeper audit jre:/opt/agent/jre conf/trust.jks --policy audit.yaml
  storekeeper audit scan:/mnt/image --format html -o image.html
  storekeeper audit /etc/agents/*/trust.p12 --storepass env:STOREPASS --min-severity warning
  storekeeper audit cacerts --only unknown-root,blocked --json
  storekeeper audit --format html -o audit.html
  storekeeper audit --format prometheus -o /var/lib/node_exporter/storekeeper.prom
"""

# Word of --format: the module in report/audit.
FORMATS = {
    name: name
    for name in (
        *("text", "json", "junit", "sarif", "cyclonedx", "prometheus", "csv", "github"),
        *("nagios", "html", "markdown"),
    )
}


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "stores",
        nargs="*",
        metavar="STORE",
        help="file, directory, - or a word; default every JRE of this machine",
    )
    judging = parser.add_argument_group("judging")
    judging.add_argument(
        "--policy", metavar="FILE", help="severities, thresholds and waivers, YAML"
    )
    judging.add_argument(
        "--against",
        metavar="LIST",
        action="append",
        default=[],
        help="tell what differs from a list: certifi, mozilla, or another store or list",
    )
    judging.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=("error", "warning", "info", "never"),
        help="exit with 1 from this severity on: error, warning, info, never (default warning, "
        "or what the policy says)",
    )
    judging.add_argument(
        "--only", metavar="CODE", action="append", default=[], help="only these rules, a,b,c"
    )
    judging.add_argument(
        "--skip", metavar="CODE", action="append", default=[], help="all rules but these, a,b,c"
    )
    judging.add_argument(
        "--min-severity",
        choices=("error", "warning", "info"),
        default="info",
        help="tell nothing milder",
    )
    options.add_at(judging)
    output = parser.add_argument_group("output")
    form = output.add_mutually_exclusive_group()
    form.add_argument("-j", "--json", action="store_true", help="print JSON (docs/json.md)")
    form.add_argument(
        "--format", metavar="FORMAT", choices=FORMATS, help=f"one of {', '.join(FORMATS)}"
    )
    output.add_argument(
        "--metrics",
        choices=("leaves", "all"),
        default="leaves",
        help="of --format prometheus: tell certificates of keys and pinned ones, or roots too",
    )
    output.add_argument(
        "-o", "--output", metavar="FILE", help="the file to write, or to replace (standard output)"
    )
    output.add_argument(
        "--jobs",
        metavar="N",
        type=options.positive,
        help="processes (default: several when they pay)",
    )
    options.add_passwords(parser)


def run(args: Namespace) -> int:
    """Audit, and print as it comes."""
    from ..errors import StorekeeperError

    form = "json" if args.json else args.format or "text"
    try:
        return _audited(form, args)
    except StorekeeperError as error:
        if form != "nagios":
            raise
        from ..report.audit.nagios import failed

        # Monitoring reads standard output, and takes 2 for critical.
        print(failed(error), end="")
        return 3


def _audited(form: str, args: Namespace) -> int:
    from ..errors import UsageError
    from ..trust.audit.engine import audit

    if args.stores.count("-") > 1:
        raise UsageError("standard input can be read once", hint="name it once")
    render = _render(form, args)
    password = options.password(args)
    head, stores = audit(
        args.stores or None,
        args.policy,
        against=args.against,
        password=password,
        at=args.at,
        fail_on=args.fail_on,
        only=_codes(args.only),
        skip=_codes(args.skip),
        least=args.min_severity,
        jobs=args.jobs,
        limits=options.limits(args),
    )
    seen = _Seen(head, nagios=form == "nagios")
    pieces = render(head, seen.watch(stores))
    if args.output in (None, "-"):
        if form == "csv" and hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(newline="")  # its lines end as RFC 4180 has it, everywhere
        sys.stdout.writelines(pieces)
    else:
        from ..host.spool import write_pieces

        write_pieces(args.output, pieces, check=seen.refuse_store)
        seen.summary(args.output)
    return seen.status()


class _Seen:
    """What of the stores that pass by the command itself needs."""

    def __init__(self, head: AuditHead, *, nagios: bool) -> None:
        from ..report.audit.tally import Tally

        self._head = head
        self._nagios = nagios
        self._status = 0
        self._tally = Tally()
        self._files: dict[tuple[int, int], str] = {}

    def watch(self, stores: Iterator[AuditedStore]) -> Iterator[AuditedStore]:
        """The stores, counted."""
        import os

        from ..trust.audit.engine import exit_status

        for store in stores:
            self._tally.add(store)
            self._status = max(self._status, exit_status(self._head, store))
            try:
                found = os.stat(store.path or "")
                self._files[found.st_dev, found.st_ino] = store.path or ""
            except (OSError, ValueError):
                pass
            yield store

    def refuse_store(self, found: object) -> None:
        """Raise when the file to be replaced is one that was audited."""
        from ..errors import WriteRefused

        path = self._files.get((found.st_dev, found.st_ino))  # type: ignore[attr-defined]
        if path is not None:
            raise WriteRefused(
                "the output is one of the stores that were audited",
                hint="choose another name",
                path=path,
            )

    def summary(self, path: str) -> None:
        """Say on standard error what went into a file."""
        from .voice import note

        tally = self._tally
        note(
            f"{path}: stores {tally.stores}, errors {tally.errors}, warnings {tally.warnings}, "
            f"could not be read {tally.unreadable}"
        )

    def status(self) -> int:
        """The exit status."""
        if self._nagios:
            from ..report.audit.nagios import status

            return status(self._head, self._tally)
        return self._status


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(code.strip() for words in given for code in words.split(",") if code.strip())


def _render(form: str, args: Namespace) -> Render:
    from ..lazy import load

    render: Render = load(f"report.audit.{FORMATS[form]}").render
    if form == "text":
        width = options.width() if args.output in (None, "-") else None
        return lambda head, stores: render(head, stores, width)  # type: ignore[call-arg]
    if form == "json" and args.output in (None, "-"):
        encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
        return lambda head, stores: render(head, stores, ascii=encoding != "utf8")  # type: ignore[call-arg]
    if form == "prometheus":
        everything = args.metrics == "all"
        return lambda head, stores: render(head, stores, everything=everything)  # type: ignore[call-arg]
    return render
