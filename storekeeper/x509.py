"""Facts read from a certificate's DER (RFC 5280), tolerantly and only when asked.

No X.509 library reads every certificate that real root stores hold (serials that are
not positive, NULL where parameters should be absent, key types of tomorrow), and importing
one costs more than listing a whole `cacerts`. Nothing here verifies a signature.
"""

from __future__ import annotations

from . import der
from .errors import Damaged, StorekeeperError
from .general_names import GeneralName, general_name
from .names import Name
from .oids import CURVES, EXTENDED_KEY_USAGES, KEY_ALGORITHMS, SIGNATURES, digest_name
from .times import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .model import Certificate

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


class KeyInfo:
    """What a SubjectPublicKeyInfo says of its key.

    Attributes:
        oid: the algorithm.
        algorithm: its usual name ("RSA", "EC", "Ed25519", "ML-DSA-65"), or the OID.
        bits: size in bits where the algorithm has one, else None.
        curve: name or OID of a named curve, "explicit parameters", or "".
    """

    __slots__ = ("algorithm", "bits", "curve", "oid")

    def __init__(self, oid: str, algorithm: str, bits: int | None, curve: str) -> None:
        self.oid = oid
        self.algorithm = algorithm
        self.bits = bits
        self.curve = curve

    def __str__(self) -> str:
        if self.curve:
            return f"{self.algorithm} {self.curve}"
        return f"{self.algorithm} {self.bits}" if self.bits else self.algorithm


class Facts:
    """The fields of one certificate. Made by `facts`; parts of it are parsed when read.

    Attributes:
        version: 1, 2 or 3.
        serial: may be zero or negative in real roots.
        signature_oid: algorithm of the outer signature.
        issuer, subject: names.
        spki: DER of the SubjectPublicKeyInfo.
    """

    __slots__ = (
        "_extensions",
        "_extensions_value",
        "_outer",
        "_validity",
        "issuer",
        "serial",
        "signature_oid",
        "spki",
        "subject",
        "tbs",
        "version",
    )

    def __init__(self, encoded: bytes) -> None:
        outer = der.read(encoded).expect(der.SEQUENCE, "certificate").items("certificate", 3)
        fields = outer[0].expect(der.SEQUENCE, "tbsCertificate").items("tbsCertificate", 6)
        at = 0
        self.version = 1
        if fields[0].tag == 0xA0:
            self.version = fields[0].explicit("version").integer("version") + 1
            at = 1
        if len(fields) < at + 6:
            raise Damaged("tbsCertificate: values are missing", offset=outer[0].start)
        serial, _, issuer, validity, subject, spki = fields[at : at + 6]
        self.serial = serial.integer("serial number")
        self.issuer = Name(issuer.expect(der.SEQUENCE, "issuer").raw)
        self.subject = Name(subject.expect(der.SEQUENCE, "subject").raw)
        self.spki = spki.expect(der.SEQUENCE, "subjectPublicKeyInfo").raw
        self.tbs = outer[0].raw
        self._outer = outer
        self._validity = validity.expect(der.SEQUENCE, "validity")
        self.signature_oid = (
            outer[1].expect(der.SEQUENCE, "signatureAlgorithm").items("signatureAlgorithm", 1)[0]
        ).oid("signatureAlgorithm")
        self._extensions_value = next((f for f in fields[at + 6 :] if f.tag == 0xA3), None)
        self._extensions: dict[str, tuple[bool, bytes]] | None = None

    # -- validity ---------------------------------------------------------------------

    @property
    def not_before(self) -> int | None:
        """Start of validity, seconds since 1970 UTC; None when unreadable."""
        return self._time(0)

    @property
    def not_after(self) -> int | None:
        """End of validity, seconds since 1970 UTC; None when unreadable."""
        return self._time(1)

    def _time(self, index: int) -> int | None:
        try:
            value = self._validity.items("validity", at_least=2)[index]
            return parse_time(value.tag, value.content)
        except StorekeeperError:
            return None

    # -- key and signature ------------------------------------------------------------

    @property
    def key(self) -> KeyInfo:
        """Algorithm and size of the subject's key."""
        return key_info(self.spki)

    @property
    def signature_algorithm(self) -> str:
        """The name Java prints ("SHA256withRSA"); PSS names its digest; an OID if unknown."""
        name = SIGNATURES.get(self.signature_oid, self.signature_oid)
        if name == "RSASSA-PSS":
            return f"RSASSA-PSS with {_pss_digest(self._outer[1])}"
        return name

    @property
    def self_issued(self) -> bool:
        """Subject and issuer are the same name, byte for byte."""
        return self.subject.der == self.issuer.der

    # -- extensions -------------------------------------------------------------------

    @property
    def extensions(self) -> dict[str, tuple[bool, bytes]]:
        """OID to (critical, DER of the value), in file order; the last of repeated ones.

        Raises:
            Damaged: the list of extensions itself can't be read.
        """
        if self._extensions is None:
            found: dict[str, tuple[bool, bytes]] = {}
            if self._extensions_value is not None:
                listed = self._extensions_value.explicit("extensions")
                for extension in listed.expect(der.SEQUENCE, "extensions").children():
                    parts = extension.expect(der.SEQUENCE, "extension").items("extension", 2)
                    critical = parts[1].tag == der.BOOLEAN and any(parts[1].content)
                    found[parts[0].oid("extension")] = (critical, parts[-1].octets("extension"))
            self._extensions = found
        return self._extensions

    def extension(self, oid: str) -> bytes | None:
        """The DER inside one extension, or None when it is absent or the list unreadable."""
        try:
            found = self.extensions.get(oid)
        except StorekeeperError:
            return None
        return found[1] if found else None

    @property
    def basic_constraints(self) -> tuple[bool, int | None] | None:
        """(is a CA, path length or None), or None when the extension is absent."""
        value = self._parsed(BASIC_CONSTRAINTS)
        if value is None:
            return None
        ca, path_length = False, None
        for part in value.children():
            if part.tag == der.BOOLEAN:
                ca = any(part.content)
            elif part.tag == der.INTEGER:
                path_length = part.integer("pathLenConstraint")
        return ca, path_length

    @property
    def is_ca(self) -> bool:
        """Its basicConstraints say CA, or it is a self-issued certificate of version 1."""
        constraints = self.basic_constraints
        if constraints is None:
            return self.version == 1 and self.self_issued
        return constraints[0]

    @property
    def key_usage(self) -> tuple[str, ...] | None:
        """Names of the usage bits set, or None when the extension is absent."""
        value = self._parsed(KEY_USAGE)
        if value is None or value.tag != der.BIT_STRING:
            return None
        bits = value.content[1:]
        return tuple(
            name
            for index, name in enumerate(_KEY_USAGE_BITS)
            if index // 8 < len(bits) and bits[index // 8] & 0x80 >> index % 8
        )

    @property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """Names ("serverAuth") or OIDs of the purposes, or None when absent."""
        value = self._parsed(EXTENDED_KEY_USAGE)
        if value is None:
            return None
        return tuple(
            EXTENDED_KEY_USAGES.get(oid, oid)
            for oid in (purpose.oid("extKeyUsage") for purpose in value.children())
        )

    @property
    def subject_key_id(self) -> bytes | None:
        """The subject key identifier."""
        value = self._parsed(SUBJECT_KEY_IDENTIFIER)
        return None if value is None else value.octets("subjectKeyIdentifier")

    @property
    def authority_key_id(self) -> bytes | None:
        """The key identifier inside the authority key identifier."""
        value = self._parsed(AUTHORITY_KEY_IDENTIFIER)
        if value is None:
            return None
        return next((part.content for part in value.children() if part.tag == 0x80), None)

    @property
    def subject_alt_names(self) -> tuple[GeneralName, ...]:
        """The subject alternative names in file order; () when absent."""
        value = self._parsed(SUBJECT_ALT_NAME)
        return () if value is None else tuple(general_name(part) for part in value.children())

    @property
    def crl_urls(self) -> tuple[str, ...]:
        """Full names of the CRL distribution points that are URLs."""
        value = self._parsed(CRL_DISTRIBUTION_POINTS)
        found = []
        for point in value.children() if value else ():
            for outer in (p for p in point.children() if p.tag == 0xA0):
                for full in (f for f in outer.children() if f.tag == 0xA0):
                    found += [
                        n.value for n in map(general_name, full.children()) if n.kind == "uri"
                    ]
        return tuple(found)

    @property
    def ca_issuer_urls(self) -> tuple[str, ...]:
        """Where the issuer's certificate can be fetched (authority information access)."""
        return self._access("1.3.6.1.5.5.7.48.2")

    @property
    def ocsp_urls(self) -> tuple[str, ...]:
        """Where OCSP answers (authority information access)."""
        return self._access("1.3.6.1.5.5.7.48.1")

    def _access(self, method: str) -> tuple[str, ...]:
        value = self._parsed(AUTHORITY_INFO_ACCESS)
        found = []
        for description in value.children() if value else ():
            parts = description.items("access description", at_least=2)
            name = general_name(parts[1])
            if parts[0].oid("access method") == method and name.kind == "uri":
                found.append(name.value)
        return tuple(found)

    def _parsed(self, oid: str) -> der.Value | None:
        encoded = self.extension(oid)
        return None if encoded is None else der.read(encoded)


def facts(certificate: Certificate) -> Facts:
    """The facts of a certificate, parsed at the first call and kept with it.

    Raises:
        Damaged: the bytes are no certificate; the entry is still an entry.
    """
    found = certificate._cache
    if found is None:
        try:
            found = Facts(certificate.der)
        except StorekeeperError as error:
            found = error
        object.__setattr__(certificate, "_cache", found)
    if isinstance(found, Facts):
        return found
    assert isinstance(found, StorekeeperError)
    raise Damaged(f"unreadable certificate: {found.message}", offset=found.offset)


def facts_or_none(certificate: Certificate) -> Facts | None:
    """`facts`, or None for a certificate that can't be parsed."""
    try:
        return facts(certificate)
    except Damaged:
        return None


def key_info(spki: bytes) -> KeyInfo:
    """What a SubjectPublicKeyInfo (DER) holds; raises `Damaged` when it is none."""
    parts = der.read(spki).items("subjectPublicKeyInfo", at_least=2)
    algorithm = parts[0].items("key algorithm", at_least=1)
    oid = algorithm[0].oid("key algorithm")
    name = KEY_ALGORITHMS.get(oid, oid)
    bits: int | None = None
    curve = ""
    try:
        if name in ("RSA", "RSASSA-PSS"):
            modulus = der.read(parts[1].bits("RSA key")).items("RSA key", 1)[0]
            bits = modulus.integer("modulus").bit_length()
        elif name == "EC":
            if algorithm[1].tag == der.OID:
                dotted = algorithm[1].oid("curve")
                curve, bits = CURVES.get(dotted, (dotted, None))
            else:
                curve = "explicit parameters"
        elif name in ("DSA", "DH") and len(algorithm) > 1:
            prime = algorithm[1].items("parameters", at_least=1)[0]
            bits = prime.integer("prime").bit_length()
    except (StorekeeperError, IndexError):
        pass  # the algorithm is known, its numbers are not: the name alone is still true
    return KeyInfo(oid, name, bits, curve)


def _pss_digest(algorithm: der.Value) -> str:
    # RFC 4055 section 3.1: hashAlgorithm is [0], SHA-1 when it is absent.
    parts = algorithm.items("signatureAlgorithm", at_least=1)
    try:
        for part in parts[1].children() if len(parts) > 1 else ():
            if part.tag == 0xA0:
                return digest_name(part.explicit("hash").items("hash", 1)[0].oid("hash"))
    except StorekeeperError:
        return "unreadable parameters"
    return "SHA-1"
