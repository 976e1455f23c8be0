"""A certificate as Go's crypto/x509 parses it, and why it does not.

Source: pkg.go.dev/crypto/x509 (Certificate, ParseCertificate), and Go 1.19, 1.23 and 1.27 as seen
from outside.
"""

from __future__ import annotations

from ... import der
from ...errors import StorekeeperError
from ...extensions import READERS
from ...x509 import facts as facts_of
from .go_parsing import constraint_problem, name_problem
from .refusal import Refused
from .subtrees import alternative_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from ...x509 import Facts
    from .subtrees import Raw

_SAN, _CONSTRAINTS = "2.5.29.17", "2.5.29.30"
_EMAIL, _DNS, _URI, _IP = 0x81, 0x82, 0x86, 0x87
_HANDLED = frozenset(f"2.5.29.{last}" for last in (14, 15, 17, 19, 30, 31, 32, 35, 37))
_SINCE_POLICIES = frozenset(f"2.5.29.{last}" for last in (33, 36, 54))
_CURVES = frozenset({"P-224", "P-256", "P-384", "P-521", "secp224r1", "secp256r1", "secp384r1",
                     "secp521r1"})  # fmt: skip
_KINDS = {"RSA": "RSA", "EC": "ECDSA", "Ed25519": "Ed25519", "DSA": "DSA"}

_BROKEN = {
    "2.5.29.14": "invalid subject key identifier",
    "2.5.29.15": "invalid key usage",
    _SAN: "invalid subject alternative names",
    "2.5.29.19": "invalid basic constraints",
    _CONSTRAINTS: "invalid NameConstraints extension",
    "2.5.29.31": "invalid CRL distribution points",
    "2.5.29.32": "invalid certificate policies",
    "2.5.29.35": "invalid authority key identifier",
    "2.5.29.37": "invalid extended key usages",
}
_NEVER_CRITICAL = {
    "2.5.29.14": "subject key identifier incorrectly marked critical",
    "1.3.6.1.5.5.7.1.1": "authority info access incorrectly marked critical",
}


class GoCertificate:
    """One certificate, parsed.

    Attributes:
        certificate, facts: what it is made of.
        subject, issuer: DER of the names, which are compared as they are.
        kind: "RSA", "ECDSA", "Ed25519", "DSA", or "" for a key of no kind it knows.
        is_ca, path_length: of its basic constraints; None without them.
        usage, purposes: bits and OIDs; empty without the extensions.
        names: tag and contents of its alternative names.
        sans: the extension they come from, None without it.
        unhandled: it has a critical extension that is not understood.
    """

    __slots__ = (
        "certificate",
        "facts",
        "is_ca",
        "issuer",
        "kind",
        "names",
        "path_length",
        "purposes",
        "sans",
        "subject",
        "unhandled",
        "usage",
    )

    def __init__(self, certificate: Certificate, version: tuple[int, int]) -> None:
        facts = facts_of(certificate)
        self.certificate = certificate
        self.facts: Facts = facts
        self.subject = facts.subject.der
        self.issuer = facts.issuer.der
        self.kind = _KINDS.get(facts.key.algorithm, "")
        constraints = facts.basic_constraints if facts.version == 3 else None
        self.is_ca: bool | None = None if constraints is None else constraints[0]
        self.path_length = None if constraints is None else constraints[1]
        self.usage = frozenset(facts.key_usage or ()) if facts.version == 3 else frozenset()
        self.purposes = _purposes(facts)
        self.sans = facts.extension(_SAN) if facts.version == 3 else None
        self.names = _alternative(certificate) if self.sans is not None else []
        self.unhandled = facts.version == 3 and _unhandled(facts, self.names, version)

    def of(self, tag: int) -> list[bytes]:
        """The contents of its alternative names of one kind."""
        return [value for kind, value in self.names if kind == tag]

    @property
    def common_name(self) -> str:
        """The last common name, "" without one."""
        return self.facts.subject.common_name or ""

    @property
    def title(self) -> str:
        """What Go calls it in a hint."""
        facts = self.facts
        return self.common_name or facts.subject.first("2.5.4.10") or f"serial:{facts.serial}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GoCertificate) and self.certificate == other.certificate

    def __hash__(self) -> int:
        return hash(self.certificate)


def parsed(certificate: Certificate, version: tuple[int, int]) -> GoCertificate:
    """The certificate as that Go parses it.

    Raises:
        Refused: it does not, with the error of ParseCertificate.
    """
    try:
        facts = facts_of(certificate)
        found = facts.kept.get(f"go{version}")
        if isinstance(found, GoCertificate):
            return found
        if len(der.read(certificate.der).raw) != len(certificate.der):
            why = "trailing data"
        else:
            why = _problem(facts, version)
        if not why:
            made = facts.kept[f"go{version}"] = GoCertificate(certificate, version)
            return made
    except StorekeeperError:
        why = "malformed certificate"
    said = why if why.endswith("point encoding") else f"x509: {why}"
    raise Refused(said, "unparsable", certificate)


def _problem(facts: Facts, version: tuple[int, int]) -> str:
    if facts.serial < 0 and version >= (1, 23):
        return "negative serial number"
    outer, _ = facts.signature
    if facts.inner_algorithm != outer:
        return "inner and outer signature algorithm identifiers don't match"
    if facts.not_before is None or facts.not_after is None:
        return "malformed validity"
    why = _key_problem(facts, version)
    if why or facts.version != 3:
        return why
    if facts.repeated_extensions:
        oid = facts.repeated_extensions[0]
        more = f' with OID "{oid}"' if version >= (1, 20) else "s"
        return f"certificate contains duplicate extension{more}"
    for oid, (critical, value) in facts.extensions.items():
        if critical and oid in _NEVER_CRITICAL:
            return _NEVER_CRITICAL[oid]
        if critical and oid == "2.5.29.35" and version >= (1, 23):
            return "authority key identifier incorrectly marked critical"
        if oid not in _BROKEN:
            continue
        try:
            READERS[oid][1](der.read(value))
        except StorekeeperError:
            old = " a" if oid == "2.5.29.19" and version < (1, 20) else ""
            return _BROKEN[oid] + old
        why = ""
        if oid == _SAN:
            why = name_problem(_alternative_of(facts), version)
        elif oid == _CONSTRAINTS:
            why = constraint_problem(value, version)
        if why:
            return why
    return ""


def _key_problem(facts: Facts, version: tuple[int, int]) -> str:
    key = facts.key
    algorithm, bits = der.read(facts.spki).items("key", at_least=2)[:2]
    parameters = b"".join(part.raw for part in list(algorithm.children())[1:])
    content = bits.bits("key")
    if key.algorithm == "RSA":
        if parameters != der.null():
            return "RSA key missing NULL parameters"
        try:
            numbers = der.read(content).expect(der.SEQUENCE, "key").items("key", at_least=2)
            modulus, exponent = (one.integer("number") for one in numbers[:2])
        except StorekeeperError:
            return "invalid RSA public key"
        if modulus <= 0:
            return "RSA modulus is not a positive number"
        return "RSA public exponent is not a positive number" if exponent <= 0 else ""
    if key.algorithm == "EC":
        if key.curve not in _CURVES:
            return "unsupported elliptic curve"
        size = 1 + 2 * (((key.bits or 0) + 7) // 8)
        if len(content) != size or content[0] != 4:
            if version >= (1, 26):
                return f"invalid P{key.bits} point encoding"
            return "failed to unmarshal elliptic curve point"
    if key.algorithm == "Ed25519" and len(content) != 32:
        return "wrong Ed25519 public key size"
    return ""


def _purposes(facts: Facts) -> frozenset[str]:
    encoded = facts.extension("2.5.29.37") if facts.version == 3 else None
    if encoded is None:
        return frozenset()
    return frozenset(one.oid("purpose") for one in der.read(encoded).children())


def _alternative(certificate: Certificate) -> list[Raw]:
    from .seen import seen

    return alternative_names(seen(certificate)) or []


def _alternative_of(facts: Facts) -> list[Raw]:
    encoded = facts.extension(_SAN)
    if encoded is None:
        return []
    return [(part.tag, part.content) for part in der.read(encoded).children()]


def _unhandled(facts: Facts, names: list[Raw], version: tuple[int, int]) -> bool:
    known = _HANDLED | _SINCE_POLICIES if version >= (1, 24) else _HANDLED
    for oid, (critical, value) in facts.extensions.items():
        if not critical:
            continue
        if oid not in known:
            return True
        if oid == _SAN and not any(tag in (_EMAIL, _DNS, _URI, _IP) for tag, _ in names):
            return True
        if oid == _CONSTRAINTS and any(
            tree.items("subtree", at_least=1)[0].tag not in (_EMAIL, _DNS, _URI, _IP)
            for part in der.read(value).children()
            for tree in part.children()
        ):
            return True
    return False
