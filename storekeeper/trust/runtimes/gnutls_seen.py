"""A certificate as GnuTLS sees it.

Source: the GnuTLS manual, and GnuTLS 3.7.9 as seen from outside.
"""

from __future__ import annotations

from ... import der
from ...errors import Damaged, StorekeeperError
from ...extensions import READERS
from ...oids import SIGNATURES
from ...x509 import facts as facts_of
from .subtrees import alternative_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from ...x509 import Facts
    from .subtrees import Raw

_SERVER, _ANY = "1.3.6.1.5.5.7.3.1", "2.5.29.37.0"
_OLD_SERVER = frozenset({"2.16.840.1.113730.4.1", "2.16.840.1.113733.1.8.1"})
_KNOWN = frozenset(
    {
        *(f"2.5.29.{last}" for last in (14, 15, 17, 18, 19, 30, 31, 32, 35, 37, 54)),
        *(f"1.3.6.1.5.5.7.1.{last}" for last in (1, 14, 24)),
    }
)
_CURVES = frozenset(
    {"P-192", "P-224", "P-256", "P-384", "P-521", "secp192r1", "secp224r1", "secp256r1",
     "secp384r1", "secp521r1"}
)  # fmt: skip
_LOW = {"RSA": 1024, "RSASSA-PSS": 1024, "DSA": 1024, "EC": 160, "Ed25519": 0, "Ed448": 0}


class GnuCertificate:
    """One certificate; made by `gnu`, which keeps it with the certificate's facts.

    Attributes:
        certificate, facts: what it is made of.
        subject, issuer: DER of the names, which are compared as they are.
        names: tag and contents of its alternative names.
    """

    __slots__ = ("certificate", "facts", "issuer", "names", "subject")

    def __init__(self, certificate: Certificate) -> None:
        facts = facts_of(certificate)
        self.certificate = certificate
        self.facts: Facts = facts
        self.subject = facts.subject.der
        self.issuer = facts.issuer.der
        self.names: list[Raw] = _names(certificate)
        if any(not value and tag in (0x81, 0x82, 0x86, 0x87) for tag, value in self.names):
            raise Damaged("an alternative name that is empty")

    @property
    def unknown_critical(self) -> bool:
        """It has a critical extension that is not known."""
        return any(
            critical and oid not in _KNOWN for oid, (critical, _) in self.facts.extensions.items()
        )

    @property
    def strong_key(self) -> bool:
        """Its key is of a kind and size that the profile "low" allows."""
        key = self.facts.key
        least = _LOW.get(key.algorithm)
        if least is None or (key.algorithm == "EC" and key.curve not in _CURVES):
            return False
        if key.algorithm == "EC" and not self._has_point:
            return False
        return (key.bits or 0) >= least

    @property
    def _has_point(self) -> bool:
        size = ((self.facts.key.bits or 0) + 7) // 8
        point = der.read(self.facts.spki).items("key", at_least=2)[1].bits("key")
        return len(point) == 1 + 2 * size and point[0] == 4

    @property
    def signature(self) -> str:
        """The name of its signature's algorithm; "" for an unknown one."""
        return SIGNATURES.get(self.facts.signature_oid, "")

    def attributes(self, oid: str) -> list[bytes]:
        """The values of an attribute of the subject, in UTF-8."""
        return [
            (attribute.text or "").encode()
            for rdn in self.facts.subject.rdns
            for attribute in rdn
            if attribute.oid == oid
        ]

    def fits(self, *, server: bool, any_purpose: bool) -> bool:
        """Whether its extended key usage, if any, is for servers."""
        encoded = self.facts.extension("2.5.29.37")
        if encoded is None or not server:
            return True
        try:
            purposes = {one.oid("purpose") for one in der.read(encoded).children()}
        except StorekeeperError:
            return False
        constraints = self.facts.basic_constraints
        if constraints is not None and constraints[0] and purposes & _OLD_SERVER:
            return True
        return not purposes or _SERVER in purposes or (any_purpose and _ANY in purposes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GnuCertificate) and self.certificate == other.certificate

    def __hash__(self) -> int:
        return hash(self.certificate)


def gnu(certificate: Certificate) -> GnuCertificate:
    """The certificate as GnuTLS sees it.

    Raises:
        Damaged: it does not import it.
    """
    facts = facts_of(certificate)
    found = facts.kept.get("gnutls")
    if isinstance(found, GnuCertificate):
        return found
    if len(der.read(certificate.der).raw) != len(certificate.der):
        raise Damaged("more bytes after the certificate")
    der.read(facts.spki).items("key", at_least=2)[1].bits("key")
    if facts.inner_algorithm != facts.signature[0]:
        raise Damaged("the algorithm inside and that of the signature differ")
    if facts.repeated_extensions:
        raise Damaged(f"extension {facts.repeated_extensions[0]} is repeated")
    if facts.extensions and facts.version < 3:
        raise Damaged(f"extensions in a certificate of version {facts.version}")
    encoded = facts.extension("2.5.29.17")
    if encoded is not None:
        names = der.read(encoded)
        READERS["2.5.29.17"][1](names)
        if any(one.tag in (0xA3, 0xA5) for one in names.children()):
            raise Damaged("an alternative name of a kind it can't read")
    made = facts.kept["gnutls"] = GnuCertificate(certificate)
    return made


def _names(certificate: Certificate) -> list[Raw]:
    """The alternative names; an empty directory name is taken for their end."""
    from .seen import seen

    found: list[Raw] = []
    for tag, value in alternative_names(seen(certificate)) or []:
        if tag == 0xA4 and value == b"\x30\x00":
            break
        found.append((tag, value))
    return found
