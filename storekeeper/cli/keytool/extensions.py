"""Certificate extensions in the form ``keytool -v`` prints them.

The labels and layout are facts of keytool 17's output (the ``toString`` of the classes in
sun.security.x509), which scripts search. Where releases differ, 17's form is printed:
11 writes no path length as 2147483647, 21 and later write the serial number of an
authority key identifier with colons.
"""

from __future__ import annotations

from ... import der
from ...errors import Damaged, StorekeeperError
from ...names import Name, printable
from ...oids import EXTENDED_KEY_USAGES
from ...times import parse_time
from .java_text import date_time, hex_dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_USAGES = (
    "DigitalSignature",
    "Non_repudiation",
    "Key_Encipherment",
    "Data_Encipherment",
    "Key_Agreement",
    "Key_CertSign",
    "Crl_Sign",
    "Encipher_Only",
    "Decipher_Only",
)
_NETSCAPE = (
    "SSL client",
    "SSL server",
    "S/MIME",
    "Object Signing",
    "",
    "SSL CA",
    "S/MIME CA",
    "Object Signing CA",
)
_REASONS = (
    "unused",
    "key compromise",
    "CA compromise",
    "affiliation changed",
    "superseded",
    "cessation of operation",
    "certificate hold",
    "privilege withdrawn",
    "AA compromise",
)
# Purposes Java names otherwise than we do, or that only Java has a name for.
_PURPOSES = {
    "1.3.6.1.4.1.311.10.3.3": "MICROSOFT_ExportApproved",
    "2.16.840.1.113730.4.1": "NETSCAPE_ExportApproved",
    "1.3.6.1.5.5.7.3.5": "ipsecEndSystem",
    "1.3.6.1.5.5.7.3.6": "ipsecTunnel",
    "1.3.6.1.5.5.7.3.7": "ipsecUser",
}
_JAVA_PURPOSES = {
    *("2.5.29.37.0", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.3"),
    *("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"),
}
_ACCESS = {
    "1.3.6.1.5.5.7.48.1": "ocsp",
    "1.3.6.1.5.5.7.48.2": "caIssuers",
    "1.3.6.1.5.5.7.48.3": "timeStamping",
    "1.3.6.1.5.5.7.48.5": "caRepository",
}


def text(oid: str, critical: bool, encoded: bytes) -> str:
    """One extension below its heading, ending in the newline Java ends it with.

    Args:
        oid: its type.
        critical: as the certificate says.
        encoded: the DER inside the OCTET STRING.
    """
    known = KNOWN.get(oid)
    if known is None:
        return f"{hex_dump(encoded)}\n"
    name, form = known
    try:
        if oid == "2.5.29.54" and not critical:
            raise Damaged(f"java.io.IOException: Criticality cannot be false for {name}")
        # An empty form has a heading and nothing else.
        return form(der.read(encoded)) if form is not None else ""
    except StorekeeperError as error:
        return f"Unparseable {name} extension due to\n{error.message}\n\n{hex_dump(encoded)}"


# --- forms -----------------------------------------------------------------------------


def _key_identifier(value: der.Value) -> str:
    return f"SubjectKeyIdentifier [\n{_identifier(value.octets('key identifier'))}]\n"


def _identifier(octets: bytes) -> str:
    return f"KeyIdentifier [\n{hex_dump(octets)}]\n"


def _authority(value: der.Value) -> str:
    parts = ""
    for part in value.expect(der.SEQUENCE, "authorityKeyIdentifier").children():
        if part.tag == 0x80:
            parts += _identifier(part.content)
        elif part.tag == 0xA1:
            parts += f"[{', '.join(map(general_name, part.children()))}]\n"
        elif part.tag == 0x82:
            number = int.from_bytes(part.content, "big", signed=True)
            parts += f"SerialNumber: [{grouped(number)}]\n"
    return f"AuthorityKeyIdentifier [\n{parts}]\n"


def grouped(number: int) -> str:
    """A number as its hex digits in groups of eight, as Java's Debug.toHexString prints it."""
    digits = f"{number:x}"
    digits = "0" * (len(digits) % 2) + digits
    groups = [digits[at : at + 8] for at in range(0, len(digits), 8)]
    return "    " + " ".join(groups)


def _constraints(value: der.Value) -> str:
    ca, length = False, None
    for part in value.expect(der.SEQUENCE, "basicConstraints").children():
        if part.tag == der.BOOLEAN:
            ca = any(part.content)
        else:
            length = part.count("pathLenConstraint")
    shown = str(length) if length is not None else "no limit"
    path = f"PathLen:{shown}" if ca and length is not None else f"PathLen: {shown}"
    if not ca:
        path = "PathLen: undefined"
    return f"BasicConstraints:[\n  CA:{'true' if ca else 'false'}\n  {path}\n]\n"


def flags(octets: bytes, names: tuple[str, ...]) -> list[str]:
    """The names of the bits set in the octets of a BIT STRING; "" names none."""
    return [
        name
        for index, name in enumerate(names)
        if name and index // 8 < len(octets) and octets[index // 8] & 0x80 >> index % 8
    ]


def _lines(words: Iterable[str]) -> str:
    return "".join(f"  {word}\n" for word in words)


def _usage(value: der.Value) -> str:
    named = flags(value.bits("keyUsage"), _USAGES)
    return f"KeyUsage [\n{_lines(named)}]\n"


def _netscape(value: der.Value) -> str:
    named = flags(value.bits("netscapeCertType"), _NETSCAPE)
    # The last of them all has no line end in Java.
    lines = "".join(f"   {name}\n" for name in named).replace(f"{_NETSCAPE[-1]}\n", _NETSCAPE[-1])
    return f"NetscapeCertType [\n{lines}]\n"


def _purposes(value: der.Value) -> str:
    lines = []
    for part in value.expect(der.SEQUENCE, "extKeyUsage").children():
        oid = part.oid("purpose")
        name = _PURPOSES.get(oid) or (EXTENDED_KEY_USAGES[oid] if oid in _JAVA_PURPOSES else oid)
        lines.append(name)
    return f"ExtendedKeyUsages [\n{_lines(lines)}]\n"


def _names(label: str) -> Callable[[der.Value], str]:
    def form(value: der.Value) -> str:
        value.expect(der.SEQUENCE, "GeneralNames")
        return f"{label} [\n{_lines(map(general_name, value.children()))}]\n"

    return form


def _access(label: str) -> Callable[[der.Value], str]:
    def form(value: der.Value) -> str:
        found = []
        for part in value.expect(der.SEQUENCE, "access descriptions").children():
            method, location = part.items("access description", at_least=2)[:2]
            oid = method.oid("access method")
            found.append(
                f"\n   accessMethod: {_ACCESS.get(oid, oid)}\n"
                f"   accessLocation: {general_name(location)}\n"
            )
        return f"{label} [\n  [{', '.join(found)}]\n]\n"

    return form


def _policies(value: der.Value) -> str:
    shown = []
    for policy in value.expect(der.SEQUENCE, "certificatePolicies").children():
        parts = policy.items("policy", at_least=1)
        qualifiers = []
        for qualifier in parts[1].children() if len(parts) > 1 else ():
            kind, content = qualifier.items("policy qualifier", at_least=2)[:2]
            qualifiers.append(
                f"PolicyQualifierInfo: [\n  qualifierID: {kind.oid('qualifier')}\n"
                f"  qualifier: {hex_dump(content.raw)}\n]"
            )
        shown.append(
            f"  [CertificatePolicyId: [{parts[0].oid('policy')}]\n[{', '.join(qualifiers)}]  ]\n"
        )
    return f"CertificatePolicies [\n{''.join(shown)}]\n"


def _points(label: str) -> Callable[[der.Value], str]:
    def form(value: der.Value) -> str:
        value.expect(der.SEQUENCE, "distribution points")
        return f"{label} [\n  [{', '.join(map(_point, value.children()))}]]\n"

    return form


def _point(value: der.Value) -> str:
    where = others = ""
    for part in value.expect(der.SEQUENCE, "distribution point").children():
        if part.tag == 0xA0:
            name = part.explicit("distribution point name")
            if name.tag == 0xA0:
                where = f"[{', '.join(map(general_name, name.children()))}]"
            else:
                whole = Name(der.sequence(der.encode(der.SET, name.content)))
                where = printable(whole.java())
        elif part.tag == 0x81:
            reasons = flags(part.content[1:], _REASONS)
            others += "   ReasonFlags:\n" + "".join(f"    {reason}\n" for reason in reasons)
        elif part.tag == 0xA2:
            others += f"   CRLIssuer:[{', '.join(map(general_name, part.children()))}]\n"
    return f"DistributionPoint:\n     {where}\n{others}"


def _subtrees(value: der.Value) -> str:
    shown = []
    for subtree in value.children():
        parts = subtree.expect(der.SEQUENCE, "subtree").items("subtree", at_least=1)
        least, most = "0", "undefined"
        for part in parts[1:]:
            number = str(int.from_bytes(part.content, "big", signed=True))
            least, most = (number, most) if part.tag == 0x80 else (least, number)
        shown.append(
            f"\n   GeneralSubtree: [\n    GeneralName: {general_name(parts[0], subtree=True)}\n"
            f"    Minimum: {least}\n    Maximum: {most}    ]\n"
        )
    return f"   GeneralSubtrees:\n[{', '.join(shown)}]\n"


def _name_constraints(value: der.Value) -> str:
    shown = ""
    for part in value.expect(der.SEQUENCE, "nameConstraints").children():
        label = {0xA0: "Permitted", 0xA1: "Excluded"}.get(part.tag)
        if label:
            shown += ("\n" if shown else "") + f"    {label}:{_subtrees(part)}"
    return f"NameConstraints: [\n{shown}   ]\n"


def _policy_constraints(value: der.Value) -> str:
    require = inhibit = "unspecified"
    for part in value.expect(der.SEQUENCE, "policyConstraints").children():
        number = str(int.from_bytes(part.content[:8], "big", signed=True))
        require, inhibit = (number, inhibit) if part.tag == 0x80 else (require, number)
    return f"PolicyConstraints: [  Require: {require};\tInhibit: {inhibit} ]\n"


def _policy_mappings(value: der.Value) -> str:
    shown = []
    for part in value.expect(der.SEQUENCE, "policyMappings").children():
        issuer, subject = (each.oid("policy") for each in part.items("mapping", 2)[:2])
        shown.append(
            f"CertificatePolicyMap: [\nIssuerDomain:CertificatePolicyId: [{issuer}]\n"
            f"SubjectDomain:CertificatePolicyId: [{subject}]\n]\n"
        )
    return f"PolicyMappings [\n[{', '.join(shown)}]]\n"


def _inhibit_any(value: der.Value) -> str:
    return f"InhibitAnyPolicy: {value.count('inhibitAnyPolicy')}\n"


def _period(value: der.Value) -> str:
    shown = []
    for part in value.expect(der.SEQUENCE, "privateKeyUsagePeriod").children():
        label = "From" if part.tag == 0x80 else "To"
        at = parse_time(der.GENERALIZED_TIME, part.content)
        shown.append(f"{label}: {date_time(at)}")
    return f"PrivateKeyUsage: [\n{', '.join(shown)}]\n"


# --- names -----------------------------------------------------------------------------


def general_name(value: der.Value, *, subtree: bool = False) -> str:
    """One GeneralName (RFC 5280 section 4.2.1.6) as Java prints it, safe for a terminal."""
    return printable(_general_name(value, subtree))


def _general_name(value: der.Value, subtree: bool) -> str:
    content = value.content
    match value.tag:
        case 0x81:
            return f"RFC822Name: {_ascii(content)}"
        case 0x82:
            return f"DNSName: {_ascii(content)}"
        case 0x86:
            return f"URIName: {_ascii(content)}"
        case 0x87:
            return f"IPAddress: {_address(content, subtree)}"
        case 0x88:
            return f"OIDName: {der.decode_oid(content)}"
        case 0xA4:
            return Name(value.explicit("directoryName").raw).java()
        case 0xA0:
            kind = value.items("otherName", at_least=1)[0].oid("otherName")
            return f"Other-Name: Unrecognized ObjectIdentifier: {kind}"
        case 0xA5:
            parts = {part.tag: part.explicit("ediPartyName") for part in value.children()}
            said = [part.content.decode("utf-8", "replace") for _, part in sorted(parts.items())]
            return f"EDIPartyName: {', '.join(said)}"
    raise Damaged(f"expected a general name, found {der.tag_name(value.tag)}", offset=value.start)


def _ascii(octets: bytes) -> str:
    return octets.decode("ascii", "replace")


def _address(octets: bytes, subtree: bool) -> str:
    if len(octets) in (4, 16):
        return _one_address(octets)
    if len(octets) == 8 and subtree:
        return f"{_one_address(octets[:4])}/{_one_address(octets[4:])}"
    if len(octets) == 32 and subtree:
        mask = int.from_bytes(octets[16:], "big")
        return f"{_one_address(octets[:16])}/{mask.bit_count()}"
    raise Damaged(f"an IP address of {len(octets)} bytes")


def _one_address(octets: bytes) -> str:
    # Java prints IPv6 without compressing zeros.
    if len(octets) == 4:
        return ".".join(map(str, octets))
    return ":".join(f"{octets[at] << 8 | octets[at + 1]:x}" for at in range(0, 16, 2))


KNOWN: dict[str, tuple[str, Callable[[der.Value], str] | None]] = {
    "2.5.29.14": ("SubjectKeyIdentifier", _key_identifier),
    "2.5.29.15": ("KeyUsage", _usage),
    "2.5.29.16": ("PrivateKeyUsage", _period),
    "2.5.29.17": ("SubjectAlternativeName", _names("SubjectAlternativeName")),
    "2.5.29.18": ("IssuerAlternativeName", _names("IssuerAlternativeName")),
    "2.5.29.19": ("BasicConstraints", _constraints),
    "2.5.29.30": ("NameConstraints", _name_constraints),
    "2.5.29.31": ("CRLDistributionPoints", _points("CRLDistributionPoints")),
    "2.5.29.32": ("CertificatePolicies", _policies),
    "2.5.29.33": ("PolicyMappings", _policy_mappings),
    "2.5.29.35": ("AuthorityKeyIdentifier", _authority),
    "2.5.29.36": ("PolicyConstraints", _policy_constraints),
    "2.5.29.37": ("ExtendedKeyUsage", _purposes),
    "2.5.29.46": ("FreshestCRL", _points("FreshestCRL")),
    "2.5.29.54": ("InhibitAnyPolicy", _inhibit_any),
    "2.16.840.1.113730.1.1": ("NetscapeCertType", _netscape),
    "1.3.6.1.5.5.7.1.1": ("AuthorityInfoAccess", _access("AuthorityInfoAccess")),
    "1.3.6.1.5.5.7.1.11": ("SubjectInfoAccess", _access("SubjectInfoAccess")),
    "1.3.6.1.5.5.7.48.1.5": ("OCSPNoCheck", None),
}
"""OID to (Java's name, which is also what extensions are sorted by, and its form)."""


def in_order(extensions: dict[str, tuple[bool, bytes]]) -> Iterator[tuple[str, bool, str]]:
    """(OID, critical, `text`) of every extension, in the order Java prints them."""
    shown = [
        (oid, critical, text(oid, critical, der)) for oid, (critical, der) in extensions.items()
    ]

    def place(item: tuple[str, bool, str]) -> tuple[bool, str]:
        oid, _, said = item
        known = KNOWN.get(oid)
        unread = known is not None and said.startswith("Unparseable ")
        return (unread, known[0] if known else oid)

    yield from sorted(shown, key=place)
