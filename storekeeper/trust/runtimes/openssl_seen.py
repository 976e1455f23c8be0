"""A certificate as OpenSSL sees it: its flags, names in canonical form, strengths.

Source: X509_check_purpose(3), X509_check_issued(3), X509_NAME_cmp(3), SSL_CTX_set_security_level(3)
and the behaviour of libcrypto 1.1.1, 3.0 and 3.5.
"""

from __future__ import annotations

import math

from ... import der
from ...errors import Damaged, StorekeeperError
from ...extensions import (
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    CERTIFICATE_POLICIES,
    CRL_DISTRIBUTION_POINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    NAME_CONSTRAINTS,
    READERS,
    SUBJECT_ALT_NAME,
    SUBJECT_KEY_IDENTIFIER,
)
from ...oids import SIGNATURES
from ...x509 import facts as facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from ...names import Name
    from ...x509 import Facts

_NETSCAPE = "2.16.840.1.113730.1.1"
_POLICY_CONSTRAINTS, _POLICY_MAPPINGS, _INHIBIT_ANY = "2.5.29.36", "2.5.29.33", "2.5.29.54"
_PROXY = "1.3.6.1.5.5.7.1.14"

HANDLED = frozenset(
    {
        _NETSCAPE,
        KEY_USAGE,
        SUBJECT_ALT_NAME,
        BASIC_CONSTRAINTS,
        CERTIFICATE_POLICIES,
        CRL_DISTRIBUTION_POINTS,
        EXTENDED_KEY_USAGE,
        "1.3.6.1.5.5.7.48.1.5",  # OCSP no check
        _POLICY_CONSTRAINTS,
        _PROXY,
        NAME_CONSTRAINTS,
        _POLICY_MAPPINGS,
        _INHIBIT_ANY,
    }
)
"""Critical extensions OpenSSL knows what to do with."""

# Those it reads at once; one that is damaged spoils the certificate.
_READ = (
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    EXTENDED_KEY_USAGE,
    SUBJECT_KEY_IDENTIFIER,
    AUTHORITY_KEY_IDENTIFIER,
    SUBJECT_ALT_NAME,
    NAME_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    _NETSCAPE,
)

_CANON_TAGS = {0x0C: "utf-8", 0x13: "latin-1", 0x14: "latin-1", 0x16: "latin-1", 0x1A: "latin-1",
               0x1E: "utf-16-be", 0x1C: "utf-32-be"}  # fmt: skip

SSL_CA, SSL_SERVER_TYPE, ANY_CA = 0x04, 0x40, 0x07


class View:
    """One certificate; made by `view`, which keeps it with the certificate's facts.

    Attributes:
        certificate, facts: what it is made of.
        subject, issuer: names in canonical form, which X509_NAME_cmp compares.
        path_length: of the basic constraints, None without one.
        usage: bits of the key usage; None without the extension.
        purposes: OIDs of the extended key usage; None without the extension.
        netscape: the byte of the Netscape type, None without it.
        key_id, authority: subject key identifier; (key identifier, issuer's name in canonical
            form, serial) of the authority key identifier, None without it.
        self_issued: subject and issuer are one name.
    """

    __slots__ = (
        "_damaged",
        "authority",
        "certificate",
        "facts",
        "issuer",
        "key_id",
        "kind",
        "netscape",
        "path_length",
        "purposes",
        "self_issued",
        "subject",
        "usage",
    )

    def __init__(self, certificate: Certificate) -> None:
        facts = facts_of(certificate)
        self.certificate = certificate
        self.facts: Facts = facts
        self.subject = canonical(facts.subject)
        self.issuer = canonical(facts.issuer)
        self.self_issued = self.subject == self.issuer
        self._damaged = bool(facts.repeated_extensions) or not all(
            _readable(facts, oid) for oid in _READ
        )
        constraints = facts.basic_constraints
        self.path_length = None if constraints is None else constraints[1]
        usage = facts.key_usage
        self.usage: frozenset[str] | None = None if usage is None else frozenset(usage)
        self.purposes = _purposes(facts)
        netscape = facts.extension(_NETSCAPE)
        self.netscape = netscape[3] if netscape is not None and len(netscape) > 3 else None
        self.key_id = facts.subject_key_id
        self.authority = _authority(facts)
        self.kind = key_kind(facts)

    def invalid(self, version: tuple[int, int]) -> bool:
        """An extension can't be read, is there twice, or says nothing where it must."""
        if version < (3, 0):
            return self._damaged or (bool(self.path_length) and not self.ca_bit)
        return self._damaged or self.usage == frozenset()

    def critical(self, oid: str) -> bool:
        """Whether it has an extension, and that is critical."""
        return self.facts.extensions.get(oid, (False, b""))[0]

    @property
    def unhandled(self) -> bool:
        """It has a critical extension that nobody understands."""
        return any(
            critical and oid not in HANDLED for oid, (critical, _) in self.facts.extensions.items()
        )

    @property
    def has_constraints(self) -> bool:
        """It has the extension of basic constraints."""
        return self.facts.basic_constraints is not None

    @property
    def ca_bit(self) -> bool:
        """Its basic constraints say CA."""
        constraints = self.facts.basic_constraints
        return constraints is not None and constraints[0]

    def may(self, *bits: str) -> bool:
        """Without a key usage, or with one of these bits in it."""
        return self.usage is None or any(bit in self.usage for bit in bits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.certificate == other.certificate

    def __hash__(self) -> int:
        return hash(self.certificate)


def view(certificate: Certificate) -> View:
    """The certificate as OpenSSL sees it.

    Raises:
        Damaged: the bytes are no certificate, or more than one.
    """
    facts = facts_of(certificate)
    if len(der.read(certificate.der).raw) != len(certificate.der):
        raise Damaged("more bytes after the certificate")
    facts.signature  # noqa: B018
    found = facts.kept.get("openssl")
    if not isinstance(found, View):
        found = facts.kept["openssl"] = View(certificate)
    return found


def canonical(name: Name) -> bytes:
    """What X509_NAME_cmp compares: each RDN in DER, strings in UTF-8 and lower case, with
    single blanks.
    """
    rdns = []
    for rdn in der.read(name.der).children():
        pairs = []
        for pair in rdn.children():
            oid, value = pair.items("attribute", at_least=2)[:2]
            encoding = _CANON_TAGS.get(value.tag)
            raw = value.raw
            if encoding is not None:
                text = value.content.decode(encoding, "replace").encode("utf-8", "replace")
                raw = der.encode(der.UTF8_STRING, b" ".join(text.split()).lower())
            pairs.append(der.sequence(oid.raw, raw))
        rdns.append(der.encode(0x31, *sorted(pairs)))
    return b"".join(rdns)


def key_kind(facts: Facts) -> str:
    """The kind of a key: "RSA", "RSA-PSS", "EC", "DSA", ...; "" when it can't be read."""
    if not _readable_key(facts):
        return ""
    return {"RSASSA-PSS": "RSA-PSS", "Ed25519": "ED25519", "Ed448": "ED448"}.get(
        facts.key.algorithm, facts.key.algorithm
    )


def _readable_key(facts: Facts) -> bool:
    if facts.key.algorithm in ("RSA", "RSASSA-PSS"):
        # OpenSSL looks at the structure, `cryptography` at the numbers too.
        try:
            bits = der.read(facts.spki).items("key", at_least=2)[1].bits("key")
            numbers = der.read(bits).items("RSA key", at_least=2)
            return numbers[0].tag == numbers[1].tag == der.INTEGER
        except StorekeeperError:
            return False
    from ..signatures import readable_key

    return readable_key(facts.spki)


def signature_kind(facts: Facts) -> str:
    """The kind of key a signature is made with; "" for an unknown algorithm."""
    name = SIGNATURES.get(facts.signature_oid, "")
    kind = name.rpartition("with")[2]
    return {"ECDSA": "EC", "RSASSA-PSS": "RSA-PSS", "Ed25519": "ED25519", "Ed448": "ED448"}.get(
        kind, kind
    )


def key_strength(facts: Facts, version: tuple[int, int]) -> int:
    """Bits of security of a key, as EVP_PKEY_get_security_bits tells them."""
    kind, bits = facts.key.algorithm, facts.key.bits or 0
    if kind == "Ed25519":
        return 128
    if kind == "Ed448":
        return 224
    if kind == "EC":
        steps = ((512, 256), (384, 192), (256, 128), (224, 112), (160, 80))
        return next((strength for size, strength in steps if bits >= size), bits // 2)
    if version < (3, 0):
        steps = ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80))
        return next((strength for size, strength in steps if bits >= size), 0)
    return _factoring(bits)


def _factoring(bits: int) -> int:
    """Strength of an RSA modulus: NIST SP 800-56B revision 2, appendix D."""
    known = {2048: 112, 3072: 128, 4096: 152, 6144: 176, 7680: 192, 8192: 200, 15360: 256}
    if bits in known:
        return known[bits]
    if bits < 8:
        return 0
    x = bits * math.log(2)
    found: float = (1.923 * (x * math.log(x) ** 2) ** (1 / 3) - 4.69) / math.log(2)
    most = 192 if bits <= 7680 else 256 if bits <= 15360 else 1200
    return min((round(found) + 4) & ~7, most)


def digest_strength(facts: Facts, version: tuple[int, int]) -> int:
    """Bits of security of a signature's digest; -1 where it is unknown."""
    name = facts.signature_algorithm
    if name in ("Ed25519", "Ed448"):
        return 128 if name == "Ed25519" else 224
    digest = name.rpartition(" ")[2] if name.startswith("RSASSA-PSS") else name.partition("with")[0]
    sizes = {"MD5": 64, "SHA1": 80, "SHA-1": 80}
    if version >= (3, 0):
        sizes = {"MD5": 39, "SHA1": 63, "SHA-1": 63}
    for size in (224, 256, 384, 512):
        sizes |= {f"SHA{size}": size // 2, f"SHA-{size}": size // 2, f"SHA3-{size}": size // 2}
    return sizes.get(digest, -1)


def _readable(facts: Facts, oid: str) -> bool:
    encoded = facts.extension(oid)
    if encoded is None or oid not in READERS:
        return True
    try:
        READERS[oid][1](der.read(encoded))
    except StorekeeperError:
        return False
    return True


def _purposes(facts: Facts) -> frozenset[str] | None:
    encoded = facts.extension(EXTENDED_KEY_USAGE)
    if encoded is None:
        return None
    try:
        return frozenset(one.oid("purpose") for one in der.read(encoded).children())
    except StorekeeperError:
        return None


def _authority(facts: Facts) -> tuple[bytes | None, bytes | None, int | None] | None:
    encoded = facts.extension(AUTHORITY_KEY_IDENTIFIER)
    if encoded is None:
        return None
    key_id = issuer = serial = None
    try:
        for part in der.read(encoded).children():
            if part.tag == 0x80:
                key_id = part.content
            elif part.tag == 0xA1:
                issuer = _first_directory(part)
            elif part.tag == 0x82:
                serial = int.from_bytes(part.content, "big", signed=True)
    except StorekeeperError:
        return None
    return key_id, issuer, serial


def _first_directory(names: der.Value) -> bytes | None:
    from ...names import Name

    for one in names.children():
        if one.tag == 0xA4:
            return canonical(Name(one.explicit("directoryName").raw))
    return None
