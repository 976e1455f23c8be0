"""``storekeeper client``."""

from __future__ import annotations

import sys

from . import key_options, mending, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from datetime import datetime

    from ..change.plan import Plan
    from ..change.target import Target
    from ..identity.build import Built
    from ..identity.select import Selection
    from ..model import Certificate, Password, Store
    from ..tls.messages import CertificateRequest

EPILOG = """
check says which entry of a keystore a Java client answers a server's request with, and why
each other one not. No Java is started. docs/client-keys.md has the rules, and what of them is
measured.

build chooses from any number of stores and PEM files the key whose certificate chains to a CA
the server accepts, completes and orders the chain so that Java sends it, and writes the
keystore. Where no key will do it says what is wanted.

The request is that of the server named, or comes from --request FILE, which may be a capture
or a log, or --ca-names FILE, where the server can't be reached from here.

The exit status is 1 when no certificate is sent, and when no key will do.

examples:
  storekeeper client check api.example.com --store id.p12 --storepass env:PW
  storekeeper client check api.example.com --store id.p12 --storepass env:PW --try
  storekeeper client check --ca-names accepted.pem --store id.jks --runtime java11
  storekeeper client check --request agent.pcapng --store id.p12 --storepass env:PW
  storekeeper probe api.example.com --json > asked.json
  storekeeper client build --request asked.json -o id.p12 --from old.jks --from new.key \\
      --from new.pem --compat java8
"""


_RENEWABLE = ("issuer-not-listed", "expired", "not-yet-valid", "purpose")
"""Reasons that a new certificate for the same key does away with."""


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("check", "build"), help="what is to be done")
    parser.add_argument(
        "server", metavar="SERVER", nargs="?", help="who asks: HOST, HOST:PORT or a URL"
    )
    parser.add_argument(
        "-o",
        "--output",
        "--store",
        dest="store",
        metavar="STORE",
        required=True,
        help="the client's keystore: the one that is checked, or is to be written",
    )
    asked = parser.add_argument_group("what the server asks for, when it is not asked itself")
    asked.add_argument(
        "--request",
        metavar="FILE",
        help="the request in JSON, as probe --json prints it; evidence that has it: a packet "
        "capture, a log, openssl s_client's output; a bundle as for --ca-names; or -",
    )
    asked.add_argument(
        "--ca-names",
        metavar="SOURCE",
        help="certificates of the CAs that are acceptable: a bundle, or a store",
    )
    asked.add_argument(
        "--protocol", metavar="NAME", default="TLSv1.3", help="of the request (TLSv1.3)"
    )
    asked.add_argument(
        "--key-types",
        metavar="LIST",
        default="",
        help="of TLS 1.2 and before: RSA,EC,DSA (default: those of a server on OpenSSL)",
    )
    asked.add_argument(
        "--schemes",
        metavar="LIST",
        default="",
        help="signature algorithms, in the server's order: rsa_pss_rsae_sha256,... (likewise)",
    )
    client = parser.add_argument_group("the client")
    client.add_argument(
        "--runtime", metavar="NAME", default="java17", help="java8u381, java11, java17 ... (java17)"
    )
    client.add_argument(
        "--keymanager",
        metavar="NAME",
        default="SunX509",
        help="SunX509, which is the default of Java, or PKIX",
    )
    options.add_at(client)
    client.add_argument(
        "--try",
        dest="attempt",
        action="store_true",
        help="check: connect with the chosen certificate, and tell the server's answer",
    )
    servers.add(parser)
    parser.add_argument("--path", metavar="PATH", help="what is asked for where it is a web server")
    built = parser.add_argument_group("what is built")
    built.add_argument(
        "--from",
        dest="sources",
        metavar="SOURCE",
        action="append",
        default=[],
        help="keys and certificates: stores, PEM files; may be repeated",
    )
    built.add_argument(
        "--trust",
        metavar="SOURCE",
        action="append",
        default=[],
        help="where else issuers may be found: cacerts, system, a store or bundle",
    )
    built.add_argument("--alias", metavar="ALIAS", help="of the entry (that of the source)")
    built.add_argument(
        "--unfit",
        action="store_true",
        help="take a certificate that is expired, or not for clients, when there is no other",
    )
    built.add_argument(
        "--on-conflict",
        choices=("fail", "replace"),
        default="fail",
        help="when the alias has another key or a certificate (fail)",
    )
    options.add_storetype(built)
    mending.add_compat(built)
    mending.add_mending(parser)
    options.add_passwords(parser, sources=True)
    key_options.add_keypass(parser)
    parser.add_argument(
        "--srckeypass", metavar="SPEC", help="the password of the key in its source"
    )


def run(args: Namespace) -> int:
    """Check or build."""
    return _build(args) if args.what == "build" else _check(args)


def request_of(args: Namespace) -> CertificateRequest:
    """What the server asks for: as it does now, or as a file has it.

    Raises:
        UsageError: not exactly one of them is named.
        NetworkError: the server can't be reached, or asks for no certificate.
        Damaged: the file holds no request.
    """
    from ..errors import UsageError
    from ..identity.requests import request_for

    given = [one for one in (args.server, args.request, args.ca_names) if one is not None]
    if len(given) != 1:
        raise UsageError(
            "expected one of: a server, --request FILE, --ca-names FILE",
            hint="storekeeper client check HOST --store id.p12",
        )
    if args.server is not None:
        return _live(args)
    if args.request is not None:
        found = _of_file(args)
        if found is not None:
            return found
    # A bundle stands for the names of its certificates.
    names = key_options.certificates(args.ca_names or args.request, args)
    return request_for(
        names,
        args.protocol,
        certificate_types=_words(args.key_types),
        signature_algorithms=_words(args.schemes),
    )


def _of_file(args: Namespace) -> CertificateRequest | None:
    """The request in a file: JSON, or evidence; None for a bundle of certificates."""
    from ..errors import StorekeeperError, UsageError
    from ..host.files import read_file
    from ..identity.recorded import recorded
    from ..identity.requests import from_json
    from ..tls.evidence import read

    data = read_file(args.request, options.limits(args))
    try:
        if data.lstrip()[:1] in (b"{", b"["):
            return from_json(data)
    except StorekeeperError as error:
        raise error.at(path=args.request) from None
    found = recorded(read(data, args.request))
    if found is not None:
        for note in found.notes:
            voice.note(note)
        return found.request
    if args.request == "-":
        raise UsageError("expected a request on standard input: JSON, or what shows a handshake")
    return None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _live(args: Namespace) -> CertificateRequest:
    from ..errors import NetworkError

    member = servers.probe_one(args.server, args, brief=True, asks=True).member
    if member.request is None:
        raise NetworkError(
            f"{args.server} asks for no client certificate: {member.why}",
            hint="it may ask on some paths only: --path /secured",
        )
    return member.request


def _at(args: Namespace) -> datetime:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(options.now(args), UTC)


def _trusted(args: Namespace) -> list[Certificate]:
    return key_options.trusted(args)


def _check(args: Namespace) -> int:
    from ..identity.select import select_client_key
    from ..report import clients as report
    from ..trust.sources import open_store

    request = request_of(args)
    given = options.password(args)
    source, password = options.opened_source(args.store, given, args)
    store = open_store(source)
    own = key_options.key_password(args)
    selection = select_client_key(
        store,
        request,
        args.runtime,
        args.keymanager,
        _at(args),
        password=own if own is not None else password,
        known=_trusted(args),
    )
    tried: dict[str, str] | None = None
    if args.attempt:
        tried = _tried(args, store, selection, own if own is not None else password)
    if args.json:
        options.print_json(report.json(selection, request, args.store, tried))
    else:
        told = "" if tried is None else tried["answer"]
        sys.stdout.write(report.text(selection, request, tried=told))
    return 0 if selection.alias is not None and not selection.problem else 1


def _tried(
    args: Namespace, store: Store, selection: Selection, password: Password | None
) -> dict[str, str]:
    """The server's answer to the certificate that was chosen."""
    from ..errors import UsageError
    from ..model import PrivateKey
    from ..tls.client import Identity

    if args.server is None:
        raise UsageError("--try needs a server", hint="name it in place of --request or --ca-names")
    entry = None if selection.alias is None else store.find(selection.alias)
    if not isinstance(entry, PrivateKey):
        return {"state": "not-tried", "answer": "nothing, as no certificate is sent"}
    pkcs8 = key_options.with_key(entry, None, password, entry.pkcs8)
    identity = Identity(tuple(one.der for one in selection.chain), pkcs8)
    member = servers.probe_one(args.server, args, identity, brief=True, asks=True).member
    return {"state": member.client, "answer": member.why or member.problem or member.client}


def _build(args: Namespace) -> int:
    from ..change.client_keystore import plan_client_keystore
    from ..change.key_sources import alias_of
    from ..errors import UsageError
    from ..identity.build import build_client_key
    from ..report import clients as report
    from ..trust.sources import open_store

    if not args.sources:
        raise UsageError("there is nothing to build from", hint="name keys with --from SOURCE")
    request = request_of(args)
    srcpass = options.password(args, "srcstorepass") if args.srcstorepass else None
    stores: list[Store] = []
    opened: list[Password | None] = []
    for name in args.sources:
        source, password = options.opened_source(name, srcpass, args)
        stores.append(open_store(source))
        opened.append(password)
    at = _at(args)
    built = build_client_key(
        stores,
        request,
        known=_trusted(args),
        runtime=args.runtime,
        key_manager=args.keymanager,
        at=at,
        unfit=args.unfit,
    )
    chosen = built.chosen
    if chosen is None:
        return _none(args, built, request)
    if not args.quiet:
        for line in (*report.choice(built), *built.notes):
            voice.note(line)
    own = options.password(args, "srckeypass") if args.srckeypass else None
    pkcs8 = key_options.with_key(
        chosen.entry,
        own,
        opened[chosen.source],
        chosen.entry.pkcs8,
        option="--srckeypass",
        store_option="--srcstorepass",
    )
    alias = args.alias
    if alias is None:
        alias = alias_of(chosen.entry, stores[chosen.source], pkcs8, chosen.chain)
    given = key_options.store_password(args)
    keypass = key_options.key_password(args, new=True)
    parameters = mending.encryption(args)

    def make(target: Target) -> Plan:
        return plan_client_keystore(
            target,
            built,
            pkcs8,
            request,
            alias=alias,
            key_password=keypass,
            storetype=args.storetype,
            encryption=parameters,
            replace_existing=args.on_conflict == "replace",
            in_clear=key_options.says_none(given),
            runtime=args.runtime,
            key_manager=args.keymanager,
            at=at,
        )

    return mending.carry_out(args, make, password=given, may_be_new=True)


def _none(args: Namespace, built: Built, request: CertificateRequest) -> int:
    """Say what is wanted, and how to ask a CA for it."""
    from ..report import clients as report

    if args.json:
        options.print_json(report.built_json(built, request))
    else:
        sys.stdout.write(report.wanted(built))
    for finding in built.notes:
        voice.note(finding)
    voice.hint(_offer(args, built))
    return 1


def _offer(args: Namespace, built: Built) -> str:
    """The commands that make a request for one of these CAs: for a key that is there, or a new."""
    from shlex import quote

    fitting = [one for one in built.rejected if one.code in _RENEWABLE]
    if fitting:
        source, alias = args.sources[fitting[0].source], fitting[0].alias
        chosen = f" --alias {quote(alias)}" if alias else ""
        told = f" --storepass {args.srcstorepass}" if args.srcstorepass else ""
        if told and not args.srcstorepass.startswith("pass:"):
            chosen += told
        return (
            f"storekeeper csr {quote(source)}{chosen} makes the request to send to one of these "
            "CAs, for the key that is there; storekeeper reply takes what it sends back"
        )
    kind = next((one for one in built.kinds if one in ("EC", "RSA")), "EC")
    store = quote(args.store)
    return (
        f"storekeeper genkey {store} --alias client --keyalg {kind} --dname NAME makes a key, and "
        f"storekeeper csr {store} --alias client --ext eku=clientAuth the request to send to one "
        "of these CAs"
    )
