"""``keytool -printcrl``: a revocation list in the long form.

As keytool 17 prints it; later releases write serial numbers with colons.
"""

from __future__ import annotations

import sys

from ... import der
from ...errors import StorekeeperError
from ...model import Certificate, PrivateKey, TrustedCert
from ...names import Name, printable
from ...x509 import facts
from . import closing
from .certificate import described, signature_name
from .extensions import KNOWN, flags, general_name, grouped
from .extensions import text as extension_text
from .java_text import date_time, hex_dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ...model import Entry, Store
    from ...pki.crl import Crl, Revoked
    from ...pki.extensions import Extension
    from .prompts import Prompter
    from .words import Request

_STARS = "*******************************************\n"
# RFC 5280 section 5.3.1, as Java's enumeration spells it.
_REASON_CODES = (
    "UNSPECIFIED",
    "KEY_COMPROMISE",
    "CA_COMPROMISE",
    "AFFILIATION_CHANGED",
    "SUPERSEDED",
    "CESSATION_OF_OPERATION",
    "CERTIFICATE_HOLD",
    "UNUSED",
    "REMOVE_FROM_CRL",
    "PRIVILEGE_WITHDRAWN",
    "AA_COMPROMISE",
)
_REASON_FLAGS = (
    "Unused",
    "Key Compromise",
    "CA Compromise",
    "Affiliation_Changed",
    "Superseded",
    "Cessation Of Operation",
    "Certificate Hold",
    "Privilege Withdrawn",
    "AA Compromise",
)


def printcrl(request: Request, prompter: Prompter) -> int:
    """``-printcrl``: the lists of a file or standard input, and whose key signed each."""
    from ...host.files import read_file
    from ...pki.crl import read_all

    path = request.get("file")
    store = None
    if request.has("keystore"):
        from .opening import open_keystore

        store = open_keystore(request, prompter)
    where = "standard input" if path is None else path
    try:
        found = read_all(prompter.rest() if path is None else read_file(path))
    except StorekeeperError as error:
        raise error.at(path=where) from None
    cacerts = _cacerts() if request.has("trustcacerts") else None
    for crl in found:
        sys.stdout.write(f"{long_form(crl)}\n{_verified(crl, cacerts, store)}\n")
    signatures = (one.signature_algorithm for one in found)
    closing.say(
        request, (line for name in signatures for line in closing.of_signature("The CRL", name))
    )
    return 0


def _cacerts() -> Store:
    from ...trust.sources import open_store
    from .opening import cacerts

    return open_store(cacerts())


def _verified(crl: Crl, cacerts: Store | None, store: Store | None) -> str:
    from ...pki.crl import signed_by

    for kept, where in ((cacerts, "cacerts"), (store, "keystore")):
        for found in kept.entries if kept is not None else ():
            certificate = _own(found)
            try:
                if certificate is None or not facts(certificate).subject.matches(crl.issuer):
                    continue
                if signed_by(crl, certificate):
                    key = described(facts(certificate).key)[0]
                    return f"\nVerified by {printable(found.alias)} in {where} with a {key}"
            except StorekeeperError:
                continue  # whoever signed it, this is not it
    advice = "" if cacerts is not None else " or specify -trustcacerts"
    warning = f"WARNING: not verified. Make sure -keystore is correct{advice}.\n"
    return f"\n{_STARS}{warning}{_STARS}\n"


def _own(found: Entry) -> Certificate | None:
    match found:
        case TrustedCert():
            return found.certificate
        case PrivateKey() if found.chain:
            return found.chain[0]
    return None


def long_form(crl: Crl) -> str:
    """Issuer, dates, every revoked certificate, the extensions, the signature."""
    algorithm, signature = der.read(crl.der).items("revocation list", at_least=3)[1:3]
    oid = algorithm.items("signatureAlgorithm", at_least=1)[0].oid("signatureAlgorithm")
    shown = (
        f"X.509 CRL v{crl.version}\n"
        f"Signature Algorithm: {signature_name(oid)}, OID={oid}\n"
        f"Issuer: {printable(crl.issuer.java())}\n"
        f"\nThis Update: {date_time(crl.this_update)}\n"
    )
    if crl.next_update is not None:
        shown += f"Next Update: {date_time(crl.next_update)}\n"
    if not crl.revoked:
        shown += "\nNO certificates have been revoked\n\n"
    else:
        shown += f"\nRevoked Certificates: {len(crl.revoked)}\n"
        shown += "".join(f"[{n}] {_revoked(one)}\n" for n, one in enumerate(crl.revoked, 1))
    if crl.extensions:
        listed = "".join(f"[{n}]: {e}\n" for n, e in enumerate(_extensions(crl.extensions), 1))
        shown += f"CRL Extensions: {len(crl.extensions)}\n{listed}"
    return f"{shown}Signature:\n{hex_dump(signature.bits('signature'))}"


def _revoked(one: Revoked) -> str:
    shown = f"SerialNumber: [{grouped(one.serial)}]  On: {date_time(one.date)}\n"
    if one.extensions:
        listed = "".join(f"    [{n}]: {e}\n" for n, e in enumerate(_extensions(one.extensions), 1))
        shown += f"    CRL Entry Extensions: {len(one.extensions)}\n{listed}"
    return shown


def _extensions(extensions: Iterable[Extension]) -> Iterator[str]:
    """Each with its heading, in the order Java prints them: by name, or by OID without one."""

    def place(one: Extension) -> str:
        known = _KNOWN.get(one.oid) or KNOWN.get(one.oid)
        return known[0] if known else one.oid

    for one in sorted(extensions, key=place):
        heading = f"ObjectId: {one.oid} Criticality={'true' if one.critical else 'false'}\n"
        yield heading + _text(one)


def _text(one: Extension) -> str:
    own = _KNOWN.get(one.oid)
    if own is not None:
        try:
            return own[1](der.read(one.value))
        except StorekeeperError:
            pass  # Java refuses the list; its bytes say more than nothing
    elif one.oid in KNOWN:
        return extension_text(one.oid, one.critical, one.value)
    whole = der.octet_string(one.value)
    return f"Extension unknown: DER encoded OCTET string =\n{hex_dump(whole)}\n"


def _number(label: str) -> Callable[[der.Value], str]:
    return lambda value: f"{label}: {grouped(value.integer(label))}\n"


def _reason(value: der.Value) -> str:
    number = int.from_bytes(value.content[:8], "big")
    name = _REASON_CODES[number] if number < len(_REASON_CODES) else "UNSPECIFIED"
    return f"    Reason Code: {name}"


def _issuer(value: der.Value) -> str:
    return f"Certificate Issuer [\n[{', '.join(map(general_name, value.children()))}]]\n"


def _point(value: der.Value) -> str:
    name, reasons = "", ""
    told = dict.fromkeys((0x81, 0x82, 0x85, 0x84), False)
    for part in value.expect(der.SEQUENCE, "issuingDistributionPoint").children():
        if part.tag == 0xA0:
            name = f"DistributionPointName:\n     {_point_name(part.explicit('name'))}\n"
        elif part.tag == 0x83:
            listed = "".join(f"  {flag}\n" for flag in flags(part.content[1:], _REASON_FLAGS))
            reasons = f"Reason Flags [\n{listed}]\n"
        elif part.tag in told:
            told[part.tag] = any(part.content)
    user, ca, attribute, indirect = ("true" if on else "false" for on in told.values())
    return (
        f"IssuingDistributionPoint [\n  {name}{reasons}"
        f"  Only contains user certs: {user}\n"
        f"  Only contains CA certs: {ca}\n"
        f"  Only contains attribute certs: {attribute}\n"
        f"  Indirect CRL: {indirect}\n]\n"
    )


def _point_name(value: der.Value) -> str:
    if value.tag == 0xA0:
        return f"[{', '.join(map(general_name, value.children()))}]"
    return printable(Name(der.sequence(der.encode(der.SET, value.content))).java())


_KNOWN: dict[str, tuple[str, Callable[[der.Value], str]]] = {
    "2.5.29.20": ("CRLNumber", _number("CRL Number")),
    "2.5.29.21": ("CRLReasonCode", _reason),
    "2.5.29.27": ("DeltaCRLIndicator", _number("Base CRL Number")),
    "2.5.29.28": ("IssuingDistributionPoint", _point),
    "2.5.29.29": ("CertificateIssuer", _issuer),
}
