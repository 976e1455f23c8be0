"""Readers of the certificate extensions people ask about (RFC 5280 section 4.2).

Each takes the outermost value of an extension and raises `Damaged` where the RFC's
structure is broken. `x509.Facts` calls them, so that one bad extension hides no other.
"""

from __future__ import annotations

from . import der
from .errors import Damaged
from .general_names import GeneralName, general_name
from .oids import EXTENDED_KEY_USAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
SUBJECT_ALT_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
NAME_CONSTRAINTS = "2.5.29.30"
CRL_DISTRIBUTION_POINTS = "2.5.29.31"
CERTIFICATE_POLICIES = "2.5.29.32"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1"

_KEY_USAGE_BITS = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)


def basic_constraints(value: der.Value) -> tuple[bool, int | None]:
    """(is a CA, path length or None)."""
    ca, path_length = False, None
    for part in value.expect(der.SEQUENCE, "basicConstraints").children():
        if part.tag == der.BOOLEAN:
            ca = any(part.content)
        else:
            path_length = part.integer("pathLenConstraint")
    return ca, path_length


def key_usage(value: der.Value) -> tuple[str, ...]:
    """Names of the usage bits set."""
    bits = value.bits("keyUsage")
    return tuple(
        name
        for index, name in enumerate(_KEY_USAGE_BITS)
        if index // 8 < len(bits) and bits[index // 8] & 0x80 >> index % 8
    )


def extended_key_usage(value: der.Value) -> tuple[str, ...]:
    """Names ("serverAuth") or OIDs of the purposes."""
    purposes = [
        purpose.oid("purpose") for purpose in value.expect(der.SEQUENCE, "extKeyUsage").children()
    ]
    return tuple(EXTENDED_KEY_USAGES.get(oid, oid) for oid in purposes)


def subject_key_id(value: der.Value) -> bytes:
    """The subject key identifier."""
    return value.octets("subjectKeyIdentifier")


def authority_key_id(value: der.Value) -> bytes | None:
    """The key identifier inside the authority key identifier, if it has one."""
    for part in value.expect(der.SEQUENCE, "authorityKeyIdentifier").children():
        if part.tag == 0x80:
            return part.content
    return None


def general_names(value: der.Value) -> tuple[GeneralName, ...]:
    """The names of a subjectAltName, in file order."""
    return tuple(map(general_name, value.expect(der.SEQUENCE, "GeneralNames").children()))


def crl_urls(value: der.Value) -> tuple[str, ...]:
    """Full names of the CRL distribution points that are URLs."""
    found: list[GeneralName] = []
    for point in value.expect(der.SEQUENCE, "cRLDistributionPoints").children():
        for name in _tagged(point.expect(der.SEQUENCE, "distribution point"), 0xA0):
            for full in _tagged(name, 0xA0):
                found += map(general_name, full.children())
    return tuple(name.value for name in found if name.kind == "uri")


def information_access(value: der.Value) -> tuple[tuple[str, str], ...]:
    """(OID of the access method, URL) of each description that holds a URL."""
    found = []
    for description in value.expect(der.SEQUENCE, "authorityInfoAccess").children():
        description.expect(der.SEQUENCE, "access description")
        method, location = description.items("access description", at_least=2)[:2]
        name = general_name(location)
        if name.kind == "uri":
            found.append((method.oid("access method"), name.value))
    return tuple(found)


def certificate_policies(value: der.Value) -> tuple[str, ...]:
    """The OIDs of the policies."""
    return tuple(
        policy.expect(der.SEQUENCE, "policy").items("policy", at_least=1)[0].oid("policy")
        for policy in value.expect(der.SEQUENCE, "certificatePolicies").children()
    )


def name_constraints(
    value: der.Value,
) -> tuple[tuple[GeneralName, ...], tuple[GeneralName, ...]]:
    """(permitted, excluded) subtrees; an IP subtree reads ``10.0.0.0/8``."""
    value.expect(der.SEQUENCE, "nameConstraints")
    permitted, excluded = (
        tuple(
            general_name(subtree.items("subtree", at_least=1)[0], subtree=True)
            for subtrees in _tagged(value, tag)
            for subtree in subtrees.children()
        )
        for tag in (0xA0, 0xA1)
    )
    return permitted, excluded


def _tagged(value: der.Value, tag: int) -> list[der.Value]:
    if not value.tag & 0x20:
        raise Damaged(
            f"expected a constructed value, found {der.tag_name(value.tag)}", offset=value.start
        )
    return [part for part in value.children() if part.tag == tag]


READERS: dict[str, tuple[str, Callable[[der.Value], object]]] = {
    SUBJECT_KEY_IDENTIFIER: ("subjectKeyIdentifier", subject_key_id),
    KEY_USAGE: ("keyUsage", key_usage),
    SUBJECT_ALT_NAME: ("subjectAltName", general_names),
    BASIC_CONSTRAINTS: ("basicConstraints", basic_constraints),
    NAME_CONSTRAINTS: ("nameConstraints", name_constraints),
    CRL_DISTRIBUTION_POINTS: ("cRLDistributionPoints", crl_urls),
    CERTIFICATE_POLICIES: ("certificatePolicies", certificate_policies),
    AUTHORITY_KEY_IDENTIFIER: ("authorityKeyIdentifier", authority_key_id),
    EXTENDED_KEY_USAGE: ("extendedKeyUsage", extended_key_usage),
    AUTHORITY_INFO_ACCESS: ("authorityInfoAccess", information_access),
}
