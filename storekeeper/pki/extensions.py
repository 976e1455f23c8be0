"""Certificate extensions written (RFC 5280 section 4.2), byte for byte as keytool writes them.

Names come as `general_name` encodes them; `ext_text` makes extensions out of keytool's words.
"""

from __future__ import annotations

import re
from hashlib import sha1

from .. import der
from ..errors import Damaged, UsageError
from ..extensions import (
    AUTHORITY_INFO_ACCESS,
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_ALT_NAME,
    SUBJECT_KEY_IDENTIFIER,
)
from ..frozen import Frozen
from ..oids import EXTENDED_KEY_USAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ISSUER_ALT_NAME = "2.5.29.18"
SUBJECT_INFO_ACCESS = "1.3.6.1.5.5.7.1.11"
KEY_USAGES = (
    *("digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment"),
    *("keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"),
)
PURPOSES = {
    name: oid
    for oid, name in EXTENDED_KEY_USAGES.items()
    if oid == "2.5.29.37.0" or oid.startswith("1.3.6.1.5.5.7.3.")
}
ACCESS_METHODS = {
    "timeStamping": "1.3.6.1.5.5.7.48.3",
    "caRepository": "1.3.6.1.5.5.7.48.5",
    "ocsp": "1.3.6.1.5.5.7.48.1",
    "caIssuers": "1.3.6.1.5.5.7.48.2",
}
NAME_KINDS = ("EMAIL", "URI", "DNS", "IP", "OID")
_LABEL = "[A-Za-z0-9][A-Za-z0-9-]*"
_DNS = rf"(?:\*(?=\.)|{_LABEL})(?:\.{_LABEL})*"
_URI = r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"


class Extension(Frozen):
    """One extension of a certificate or a request.

    Attributes:
        oid: dotted decimal.
        critical: whether who does not know it must refuse the certificate.
        value: the DER inside the OCTET STRING.
    """

    oid: str
    critical: bool
    value: bytes


def encode(extension: Extension) -> bytes:
    """DER of an Extension (RFC 5280 section 4.1); ``critical`` is left out when false."""
    critical = der.encode(der.BOOLEAN, b"\xff") if extension.critical else b""
    return der.sequence(der.oid(extension.oid), critical, der.octet_string(extension.value))


def encode_all(extensions: Iterable[Extension]) -> bytes:
    """DER of Extensions, in the order given; b"" when there are none."""
    encoded = [encode(extension) for extension in extensions]
    return der.sequence(*encoded) if encoded else b""


def decode_all(value: der.Value) -> tuple[Extension, ...]:
    """The extensions of a SEQUENCE, as found; `Damaged` when it is none."""
    found = []
    for extension in value.expect(der.SEQUENCE, "extensions").children():
        parts = extension.expect(der.SEQUENCE, "extension").items("extension", at_least=2)
        critical = parts[1].tag == der.BOOLEAN and any(parts[1].content)
        found.append(Extension(parts[0].oid("extension"), critical, parts[-1].octets("extension")))
    return tuple(found)


def ordered(extensions: Iterable[Extension]) -> tuple[Extension, ...]:
    """One of each kind, the last given, in keytool's order: that of the OIDs as text."""
    last = {extension.oid: extension for extension in extensions}
    return tuple(last[oid] for oid in sorted(last))


# -- values -------------------------------------------------------------------------------


def basic_constraints(
    ca: bool, path_length: int | None = None, *, critical: bool = False
) -> Extension:
    """Whether the subject is a CA, and how many CAs may follow below it."""
    value = der.sequence(
        der.encode(der.BOOLEAN, b"\xff") if ca else b"",
        der.integer(path_length) if ca and path_length is not None else b"",
    )
    return Extension(BASIC_CONSTRAINTS, critical, value)


def key_usage(names: Iterable[str], *, critical: bool = False) -> Extension:
    """Bits by their names in `KEY_USAGES`."""
    bits = sum(1 << KEY_USAGES.index(name) for name in set(names))
    octets = bytes(
        sum(0x80 >> place for place in range(8) if bits >> 8 * octet + place & 1)
        for octet in range(2)
    ).rstrip(b"\0")
    unused = 8 * len(octets) - bits.bit_length()
    return Extension(KEY_USAGE, critical, der.encode(der.BIT_STRING, bytes([unused]), octets))


def extended_key_usage(purposes: Iterable[str], *, critical: bool = False) -> Extension:
    """Purposes by their names in `PURPOSES` or by their OIDs, in order."""
    value = der.sequence(*(der.oid(PURPOSES.get(name, name)) for name in purposes))
    return Extension(EXTENDED_KEY_USAGE, critical, value)


def alt_names(names: Iterable[bytes], *, issuer: bool = False, critical: bool = False) -> Extension:
    """Alternative names of the subject, or of the issuer, each the DER of a GeneralName."""
    oid = ISSUER_ALT_NAME if issuer else SUBJECT_ALT_NAME
    return Extension(oid, critical, der.sequence(*names))


def information_access(
    locations: Iterable[tuple[str, bytes]], *, subject: bool = False
) -> Extension:
    """(Method by its name in `ACCESS_METHODS` or OID, GeneralName) of the authority or subject."""
    oid = SUBJECT_INFO_ACCESS if subject else AUTHORITY_INFO_ACCESS
    described = (
        der.sequence(der.oid(ACCESS_METHODS.get(method, method)), name)
        for method, name in locations
    )
    return Extension(oid, False, der.sequence(*described))


def crl_distribution_points(names: Iterable[bytes], *, critical: bool = False) -> Extension:
    """One distribution point with all the names, as keytool makes it."""
    full_name = der.explicit(0, der.explicit(0, *names))
    return Extension(CRL_DISTRIBUTION_POINTS, critical, der.sequence(der.sequence(full_name)))


def subject_key_id(spki: bytes) -> Extension:
    """The SHA-1 of the key's bits (RFC 5280 section 4.2.1.2, method 1)."""
    bits = der.read(spki).items("public key", at_least=2)[1].bits("public key")
    digest = sha1(bits, usedforsecurity=False).digest()
    return Extension(SUBJECT_KEY_IDENTIFIER, False, der.octet_string(digest))


def authority_key_id(identifier: bytes) -> Extension:
    """The issuer's subject key identifier, alone."""
    value = der.sequence(der.encode(0x80, identifier))
    return Extension(AUTHORITY_KEY_IDENTIFIER, False, value)


def key_id(extension: Extension) -> bytes:
    """The identifier inside a `subject_key_id`; `Damaged` when it is none."""
    return der.only(extension.value, "subject key identifier").octets("subject key identifier")


# -- GeneralName --------------------------------------------------------------------------


def general_name(kind: str, value: str) -> bytes:
    """DER of a GeneralName (RFC 5280 section 4.2.1.6).

    Args:
        kind: "dns", "ip", "email", "uri", "oid" (a registered ID), or "dn" (a directory name,
            which keytool has no word for), in any case.
        value: a host name of letters, digits and hyphens whose first label may be ``*``; an
            IPv4 or IPv6 address; a mailbox; an absolute URI; a dotted OID; a name as
            `name_text.parse` takes it.

    Raises:
        UsageError: no such kind, or the value is none of it.
    """
    match kind.lower():
        case "dns":
            if not re.fullmatch(_DNS, value):
                raise UsageError(
                    f"{value!r} is no DNS name",
                    hint="letters, digits, hyphens and dots; *. in front; others as xn--...",
                )
            return der.encode(0x82, value.encode())
        case "ip":
            return der.encode(0x87, _address(value))
        case "email":
            if not value or not value.isascii():
                raise UsageError(f"{value!r} is no mail address that a certificate can hold")
            return der.encode(0x81, value.encode())
        case "uri":
            value = "".join(char if char.isascii() else _quoted(char) for char in value)
            if not re.fullmatch(_URI, value):
                raise UsageError(
                    f"{value!r} is no absolute URI", hint="with its scheme, blanks as %20"
                )
            return der.encode(0x86, value.encode())
        case "oid":
            return der.encode(0x88, der.read(oid_value(value)).content)
        case "dn":
            from ..name_text import parse

            return der.encode(0xA4, parse(value).der)
    raise UsageError(f"{kind!r} is no kind of name", hint=f"one of {', '.join(NAME_KINDS)}, DN")


def oid_value(text: str) -> bytes:
    """DER of a dotted OID; `UsageError` when it is none, or none that can be read again."""
    try:
        if len(text) > 500:  # beyond it Python refuses the number, and nobody has one
            raise ValueError
        encoded = der.oid(text)
        der.read(encoded).oid("object identifier")
    except (ValueError, Damaged):
        raise UsageError(f"{text[:100]!r} is no object identifier", hint="as 1.2.3.4") from None
    return encoded


def _quoted(char: str) -> str:
    return "".join(f"%{octet:02X}" for octet in char.encode("utf-8", "surrogatepass"))


def _address(text: str) -> bytes:
    from ipaddress import IPv6Address, ip_address

    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ip_address(bare)
    except ValueError:
        raise UsageError(
            f"{text!r} is no IP address", hint="a single one, as 192.0.2.1 or 2001:db8::1"
        ) from None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            raise UsageError(f"{text!r} has a zone, which a certificate can't hold")
        if address.ipv4_mapped is not None:  # Java's InetAddress does so
            return address.ipv4_mapped.packed
    return address.packed
