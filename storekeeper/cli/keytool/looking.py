"""The commands of keytool that change nothing: ``-list``, ``-printcert``, ``-exportcert``."""

from __future__ import annotations

import sys

from ... import der
from ...errors import Damaged, NoSuchEntry, StorekeeperError, UnknownFormat, UsageError
from ...model import Password, PrivateKey, TrustedCert
from ...names import printable
from ...x509 import facts_or_none
from .. import voice
from . import closing, listing, opening, strength
from .certificate import described, numbered, readable_form, signature_name
from .grammar import DEFAULT_ALIAS
from .java_text import pem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Store
    from .prompts import Prompter
    from .words import Request


def list_(request: Request, prompter: Prompter) -> int:
    """``-list``: the entries of a keystore, or one of them."""
    verbose, rfc = request.has("v"), request.has("rfc")
    if verbose and rfc:
        raise UsageError("-v and -rfc can't be used together with -list")
    style: listing.Style = "v" if verbose else "rfc" if rfc else "short"
    store = opening.open_keystore(request, prompter)
    alias = request.get("alias")
    if alias is None:
        for text in listing.whole(store, *opening.shown_type(store, request), style):
            sys.stdout.write(text)
        _tell_invisible(store)
        closing.say(request, closing.of_keystore(store, None, number=style == "short"))
        return 0
    shown = listing.one(store, alias, style)
    if shown is None:
        return missing(store, alias)
    sys.stdout.write(shown)
    closing.say(request, closing.of_keystore(store, alias, number=style == "short"))
    return 0


def _tell_invisible(store: Store) -> None:
    """Entries keytool leaves out without a word."""
    left_out = [found for found in store.findings if found.code == "java-invisible"]
    voice.findings(store.path or "", left_out, store)


def missing(store: Store, alias: str) -> int:
    """Say that a keystore has no such entry; returns the exit status."""
    hint = ""
    if store.find(alias) is not None:
        hint = "storekeeper show tells why Java does not see the one that is there"
    error = NoSuchEntry("the entry does not exist", path=store.path, alias=alias, hint=hint)
    return voice.fail(error)


def exportcert(request: Request, prompter: Prompter) -> int:
    """``-exportcert``: the certificate of an entry, to a file or standard output."""
    store = opening.open_keystore(request, prompter)
    alias = request.get("alias")
    alias = DEFAULT_ALIAS if alias is None else alias
    found = listing.find(store, alias)
    certificate = None
    match found:
        case None:
            return missing(store, alias)
        case TrustedCert():
            certificate = found.certificate
        case PrivateKey() if found.chain:
            certificate = found.chain[0]
    if certificate is None:
        voice.fail(StorekeeperError("the entry has no certificate", path=store.path, alias=alias))
        return 1
    content = pem(certificate.der).encode() if request.has("rfc") else certificate.der
    path = request.get("file")
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    else:
        from ...change import outputs

        product = outputs.Product(path, content, aliases=(alias,), certificates=1)
        for finding in outputs.write(outputs.check([product], file=path, force=True)):
            voice.warn(finding.message)
        sys.stderr.write(f"Certificate stored in file <{printable(path)}>\n")
    trusted = listing.trusted_by(store)
    weak = closing.of_certificate("The certificate", certificate, trusted)
    closing.say(request, (*weak, *closing.proprietary(store, store.path or "")))
    return 0


def printcert(request: Request, prompter: Prompter) -> int:
    """``-printcert``: the certificates of a file or standard input, or what a server sends."""
    server = request.get("sslserver")
    if server is not None:
        return _of_server(request, server)
    store = certificates_of(request.get("file"), prompter)
    found = list(store.certificates())
    for number, certificate in enumerate(found, 1):
        if len(found) > 1:
            sys.stdout.write(f"Certificate[{number}]:\n")
        shown = pem(certificate.der) if request.has("rfc") else readable_form(certificate)
        sys.stdout.write(shown if number == len(found) else f"{shown}\n")
    # A certificate that can't be read is in the output, with the reason; keytool prints nothing.
    unread = [certificate for certificate in found if facts_or_none(certificate) is None]
    problems = [finding for finding in store.findings if finding.severity == "error"]
    voice.findings(store.path or "", problems, store)
    closing.say(request, closing.of_certificates("The certificate", found))
    return 4 if problems or unread else 0


def _of_server(request: Request, name: str) -> int:
    """The chain of a server, in keytool's layout; nothing is verified, as with keytool."""
    from ...errors import NetworkError
    from ...tls.probe import probe, wish_of
    from ...tls.reach import road
    from ...tls.target import target

    way = road(target(name))
    server = way.target
    wish = wish_of(
        server,
        server_name=server.server_name,
        every_address=False,
        no_name=False,
        weak=False,
    )
    found = probe(name, server.host, server.port, way.open, way.addresses, wish).member.chain
    if not found:
        raise NetworkError(f"{server.peer} sends no certificate")
    for number, certificate in enumerate(found):
        if request.has("rfc"):
            sys.stdout.write(pem(certificate.der))
            continue
        sys.stdout.write(f"Certificate #{number}\n====================================\n")
        sys.stdout.write(f"{readable_form(certificate)}\n")
    closing.say(request, closing.of_certificates("The certificate", list(found)))
    return 0


def certificates_of(path: str | None, prompter: Prompter) -> Store:
    """The certificates in a file, or on standard input, as a store.

    Raises:
        UnknownFormat: it is empty, or a keystore.
        Unreadable, Damaged, ...: as any reader.
    """
    from ... import formats
    from ...host.files import read_file

    data = prompter.rest() if path is None else read_file(path)
    where = "standard input" if path is None else path
    if not data.strip():
        raise UnknownFormat("expected a certificate, found nothing", path=where)
    if (format := formats.sniff(data)) in opening.KEYSTORES:
        raise UnknownFormat(
            f"expected certificates, found a keystore ({format})",
            hint="keytool -list -v -keystore shows those in a keystore",
            path=where,
        )
    store = formats.read(data, Password(None, "no password"), path=where)
    if not any(True for _ in store.certificates()):
        raise UnknownFormat("expected a certificate, found none", path=where)
    return store


def printcertreq(request: Request, prompter: Prompter) -> int:
    """``-printcertreq``: the certificate request in a file or standard input."""
    from ...host.files import read_file
    from ...pki.requests import read_all
    from ...x509 import key_info

    path = request.get("file")
    where = "standard input" if path is None else path
    try:
        asked, *others = read_all(prompter.rest() if path is None else read_file(path))
    except StorekeeperError as error:
        raise error.at(path=where) from None
    key = strength.marked(*described(key_info(asked.spki)))
    oid = der.read(asked.der).items("request", 3)[1].items("signatureAlgorithm", 1)[0]
    sys.stdout.write(
        "PKCS #10 Certificate Request (Version 1.0)\n"
        f"Subject: {printable(asked.subject.java())}\nFormat: X.509\nPublic Key: {key}\n"
        f"Signature algorithm: {signature_name(oid.oid('signatureAlgorithm'))}\n"
    )
    for attribute in asked.attributes:
        sys.stdout.write(f"Attribute: {attribute}\n")
    extensions = {one.oid: (one.critical, one.value) for one in asked.extensions}
    sys.stdout.write(numbered("\nExtension Request:\n\n", extensions))
    if others:
        voice.warn(f"{where}: {len(others)} more requests in it are not shown, as by keytool")
    closing.say(request, closing.of_request("The certificate request", asked))
    if asked.verified is False:
        raise Damaged("the request is not signed by the key in it", path=where)
    return 0


def version(_request: Request, _prompter: Prompter) -> int:
    """``-version``: ours."""
    from ... import __version__

    sys.stdout.write(f"keytool (storekeeper) {__version__}\n")
    return 0
