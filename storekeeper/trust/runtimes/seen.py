"""A certificate as the JDK's own classes see it, where they see more or less than RFC 5280."""

from __future__ import annotations

from ... import der
from ...errors import StorekeeperError
from ...extensions import BASIC_CONSTRAINTS, KEY_USAGE
from ...oids import SIGNATURES
from ...x509 import facts as facts_of
from ..issuance import match_key
from ..public_keys import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from ...names import Name
    from ...x509 import Facts
    from ..public_keys import Identity

NO_CA = -1
UNBOUNDED = 2**31 - 1

KEY_USAGE_BITS = (
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


class Seen:
    """One certificate; made by `seen`, which keeps it with the certificate's facts.

    Attributes:
        certificate, facts: what it is made of.
        subject, issuer: keys that are equal where X500Principal.equals says so.
        key: identity of the public key.
        version: 1, 2 or 3.
        path_length: as X509Certificate.getBasicConstraints: -1 for no CA, else the length,
            `UNBOUNDED` without one.
        key_usage: the bits set, by name; None without the extension.
        critical: OIDs of the critical extensions.
    """

    __slots__ = (
        "_java_name",
        "certificate",
        "critical",
        "facts",
        "issuer",
        "key",
        "key_usage",
        "path_length",
        "subject",
        "version",
    )

    def __init__(self, certificate: Certificate) -> None:
        facts = facts_of(certificate)
        self.certificate = certificate
        self.facts: Facts = facts
        self.subject = match_key(facts.subject)
        self.issuer = match_key(facts.issuer)
        self.key: Identity = identity(facts.spki)
        self.version = facts.version
        constraints = facts.basic_constraints
        self.path_length = NO_CA
        if constraints is not None and constraints[0]:
            self.path_length = UNBOUNDED if constraints[1] is None else constraints[1]
        usage = facts.key_usage
        self.key_usage: frozenset[str] | None = None if usage is None else frozenset(usage)
        self.critical = frozenset(
            oid for oid, (critical, _) in facts.extensions.items() if critical
        )

    @property
    def self_issued(self) -> bool:
        """As X509CertImpl.isSelfIssued."""
        return self.subject == self.issuer

    @property
    def signature_algorithm(self) -> str:
        """As X509Certificate.getSigAlgName: a name, or the OID."""
        oid = self.facts.signature_oid
        return SIGNATURES.get(oid, oid)

    @property
    def key_algorithm(self) -> str:
        """As Key.getAlgorithm: "RSA", "EC", "EdDSA", ..."""
        name = self.facts.key.algorithm
        return {"Ed25519": "EdDSA", "Ed448": "EdDSA", "X25519": "XDH", "X448": "XDH"}.get(
            name, name
        )

    @property
    def key_bits(self) -> int:
        """As KeyUtil.getKeySize; -1 where it knows none."""
        bits = self.facts.key.bits
        return -1 if bits is None else bits

    @property
    def name(self) -> str:
        """As X500Principal.toString prints the subject."""
        return self.facts.subject.java()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seen) and self.certificate == other.certificate

    def __hash__(self) -> int:
        return hash(self.certificate)

    def __repr__(self) -> str:
        return f"Seen({self.name})"


def seen(certificate: Certificate) -> Seen:
    """The certificate as Java sees it, kept with the facts.

    Raises:
        Damaged: the bytes are no certificate.
    """
    facts = facts_of(certificate)
    found = facts.kept.get("java")
    if not isinstance(found, Seen):
        found = facts.kept["java"] = Seen(certificate)
    return found


def match_name(name: Name) -> object:
    """What two names have in common that X500Principal.equals calls equal."""
    return match_key(name)


def authority_key(facts: Facts) -> tuple[bytes | None, int | None]:
    """(key identifier, serial number) of the authority key identifier.

    Both None where there is none, or it can't be read.
    """
    encoded = facts.extension("2.5.29.35")
    if encoded is None:
        return None, None
    key_id = serial = None
    try:
        for part in der.read(encoded).children():
            if part.tag == 0x80:
                key_id = part.content
            elif part.tag == 0x82:
                serial = int.from_bytes(part.content, "big", signed=True)
    except StorekeeperError:
        return None, None
    return key_id, serial


UNDERSTOOD = frozenset(
    {
        BASIC_CONSTRAINTS,
        KEY_USAGE,
        "2.5.29.17",  # subject alternative name
        "2.5.29.30",  # name constraints
        "2.5.29.32",  # certificate policies
        "2.5.29.33",  # policy mappings
        "2.5.29.36",  # policy constraints
        "2.5.29.37",  # extended key usage
        "2.5.29.54",  # inhibit any policy
    }
)
"""Critical extensions the PKIX classes know."""
