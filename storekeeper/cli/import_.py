"""``storekeeper import``."""

from __future__ import annotations

from . import fetching, mending, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..change.changes import Step
    from ..change.incoming import Incoming
    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Finding, Store
    from ..trust.anchors import RootList

EPILOG = """
Of one server's chain its own certificate (the leaf) is imported and its issuers are left
out, which is said; of a bundle of CAs all are. --only decides otherwise. Roles come from who
really issued whom, not from the order of the file.

A certificate is known by its SHA-256: what is trusted already, under whatever alias, stays as
it is, and running the same import again changes nothing. A private key in a source is
refused: storekeeper import-key is for that. What a server sends is taken only after its
fingerprint was shown and confirmed, or when --pin has it.

A store that is not there yet is made: of the type its suffix promises, else PKCS12. Into a
directory each certificate goes as a PEM file of its own, named after its alias, with the link
OpenSSL finds it by where the others have theirs.

instead of keytool -importcert -trustcacerts -noprompt -alias corp -file corp.pem -keystore S:
  storekeeper import S corp.pem --alias corp

examples:
  storekeeper import cacerts corp-root.pem --dry-run
  storekeeper import /usr/local/share/ca-certificates corp-root.pem && update-ca-certificates
  storekeeper import trust.p12 /etc/agent/cas/*.pem --storepass env:STOREPASS
  storekeeper import trust.jks server-chain.pem --only root
  storekeeper import trust.p12 agent.example.com:443 --pin 40:D1:F1:...
  openssl s_client -connect agent.example:443 -showcerts </dev/null | storekeeper import t.p12 -
"""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from ..change.aliases import FIELDS, TEMPLATE
    from ..change.import_ import ON_CONFLICT
    from ..change.incoming import ONLY

    parser.add_argument(
        "store", metavar="STORE", help="the file to import into, a directory, cacerts, jre:HOME"
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="files, bundles, PKCS#7, stores, directories, -, a word (storekeeper sources), or "
        "a server: HOST:PORT or a URL",
    )
    what = parser.add_argument_group("what is imported")
    what.add_argument(
        "--only",
        choices=ONLY,
        help="the certificates of this role in each source (default: see above)",
    )
    words = ", ".join(f"{{{word}}}" for word in FIELDS)
    what.add_argument(
        "--alias",
        metavar="ALIAS",
        help=f"the alias, or a template of {words} (default {TEMPLATE}); a second "
        "certificate of the same alias gets -1, -2 ...",
    )
    what.add_argument(
        "--on-conflict",
        choices=ON_CONFLICT,
        help="when the alias has another certificate (default: fail; rename for a template)",
    )
    what.add_argument(
        "--skip-bad", action="store_true", help="leave out what can't be read, and take the rest"
    )
    what.add_argument("--strict", action="store_true", help="refuse what there are warnings about")
    options.add_at(what)
    store = parser.add_argument_group("the store")
    options.add_storetype(store)
    mending.add_compat(store)
    mending.add_mending(parser)
    servers.add(parser)
    fetching.add_pin(parser)
    options.add_passwords(parser, sources=True)


def run(args: Namespace) -> int:
    """Run the command."""
    from ..change.import_ import plan_import
    from .questions import Answers

    incoming, steps, findings = gathered(args)
    parameters = mending.encryption(args)
    answers = Answers()

    def make(target: Target) -> Plan:
        password = target.password
        if target.store is None and password is None:
            password = answers.to("new", lambda: mending.password_of_new(args))
        return plan_import(
            target,
            incoming,
            alias=args.alias,
            on_conflict=args.on_conflict,
            storetype=args.storetype,
            password=password,
            encryption=parameters,
            strict=args.strict,
            at=args.at,
            steps=steps,
        )

    return mending.carry_out(args, make, may_be_new=True, directories=True, findings=findings)


def gathered(args: Namespace) -> tuple[list[Incoming], list[Step], list[Finding]]:
    """The wanted certificates of every source, what was left out, and what to tell."""
    from ..change.incoming import choose, gather, pinned

    given = options.password(args, "srcstorepass") if args.srcstorepass else None
    wanted: list[Incoming] = []
    steps: list[Step] = []
    findings: list[Finding] = []
    for source in args.sources:
        served = fetching.is_server(source)
        if served:
            store: Store | RootList = fetching.store_of(fetching.fetch(source, args))
        else:
            store = options.open_source(source, given, args)
        found, skipped = gather(source, store, skip_bad=args.skip_bad)
        own = found[0].certificate if served else None
        if served and args.pin:
            found = pinned(source, found, args.pin)
            chosen, left = choose(found, args.only or "all", own)
        else:
            chosen, left = choose(found, args.only, own)
        if served and not args.pin:
            fetching.confirm(source, [one.certificate for one in chosen])
        wanted += chosen
        steps += [*left, *skipped]
        voice.findings(source, store.findings, store, quiet=args.quiet)
    return wanted, steps, findings
