"""Facts read from a certificate's DER (RFC 5280), tolerantly and only when asked.

No X.509 library reads every certificate that real root stores hold (serials that are
not positive, NULL where parameters should be absent, key types of tomorrow), and importing
one costs more than listing a whole `cacerts`. Nothing here verifies a signature.
"""

from __future__ import annotations

from . import der
from .errors import Damaged, StorekeeperError
from .extensions import (
    AUTHORITY_INFO_ACCESS,
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
from .key_info import KeyInfo, key_info
from .names import Name
from .oids import SIGNATURES, digest_name
from .times import parse_time

__all__ = ["Facts", "KeyInfo", "facts", "facts_or_none", "key_info", "passing_facts"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .general_names import GeneralName
    from .model import Certificate


_KEY = "key"  # beside the OIDs of what else was read


class Facts:
    """The fields of one certificate. Made by `facts`; parts of it are parsed when read.

    An extension that can't be read counts as absent, and `problems` says so; whoever
    judges a certificate looks there too.

    Attributes:
        version: 1, 2 or 3.
        serial: may be zero or negative in real roots.
        signature_oid: algorithm of the outer signature.
        issuer, subject: names.
        kept: what others worked out from the same certificate, by their own names.
        spki: DER of the SubjectPublicKeyInfo.
    """

    __slots__ = (
        "_extensions",
        "_extensions_value",
        "_inner",
        "_outer",
        "_read",
        "_repeated",
        "_validity",
        "issuer",
        "kept",
        "serial",
        "signature_oid",
        "spki",
        "subject",
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
        serial, inner, issuer, validity, subject, spki = fields[at : at + 6]
        self._inner = inner.raw
        self.serial = serial.integer("serial number")
        self.issuer = Name(issuer.expect(der.SEQUENCE, "issuer").raw)
        self.subject = Name(subject.expect(der.SEQUENCE, "subject").raw)
        self.spki = spki.expect(der.SEQUENCE, "subjectPublicKeyInfo").raw
        self._outer = outer
        self._validity = validity.expect(der.SEQUENCE, "validity")
        self.signature_oid = (
            outer[1].expect(der.SEQUENCE, "signatureAlgorithm").items("signatureAlgorithm", 1)[0]
        ).oid("signatureAlgorithm")
        self._extensions_value = next((f for f in fields[at + 6 :] if f.tag == 0xA3), None)
        self._extensions: dict[str, tuple[bool, bytes]] | None = None
        self._repeated: tuple[str, ...] = ()
        self._read: dict[str, Any] = {}
        self.kept: dict[str, object] = {}

    @property
    def tbs(self) -> bytes:
        """DER of the TBSCertificate: what the signature covers."""
        return self._outer[0].raw

    @property
    def inner_algorithm(self) -> bytes:
        """DER of the AlgorithmIdentifier inside the TBSCertificate, which should be the outer."""
        return self._inner

    @property
    def repeated_extensions(self) -> tuple[str, ...]:
        """OIDs of extensions that are there more than once; raises as `extensions`."""
        self.extensions  # noqa: B018
        return self._repeated

    @property
    def signature(self) -> tuple[bytes, bytes]:
        """(DER of the outer AlgorithmIdentifier, the signature over `tbs`).

        Raises:
            Damaged: the signature is no BIT STRING.
        """
        return self._outer[1].raw, self._outer[2].bits("signature")

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
        found: KeyInfo | None = self._read.get(_KEY)
        if found is None:
            found = self._read[_KEY] = key_info(self.spki)
        return found

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
            repeated = []
            if self._extensions_value is not None:
                listed = self._extensions_value.explicit("extensions")
                for extension in listed.expect(der.SEQUENCE, "extensions").children():
                    parts = extension.expect(der.SEQUENCE, "extension").items("extension", 2)
                    critical = parts[1].tag == der.BOOLEAN and any(parts[1].content)
                    oid = parts[0].oid("extension")
                    if oid in found:
                        repeated.append(oid)
                    found[oid] = (critical, parts[-1].octets("extension"))
            self._extensions = found
            self._repeated = tuple(repeated)
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
        found: tuple[bool, int | None] | None = self._value(BASIC_CONSTRAINTS)
        return found

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
        found: tuple[str, ...] | None = self._value(KEY_USAGE)
        return found

    @property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """Names ("serverAuth") or OIDs of the purposes, or None when absent."""
        found: tuple[str, ...] | None = self._value(EXTENDED_KEY_USAGE)
        return found

    @property
    def subject_key_id(self) -> bytes | None:
        """The subject key identifier."""
        found: bytes | None = self._value(SUBJECT_KEY_IDENTIFIER)
        return found

    @property
    def authority_key_id(self) -> bytes | None:
        """The key identifier inside the authority key identifier."""
        found: bytes | None = self._value(AUTHORITY_KEY_IDENTIFIER)
        return found

    @property
    def subject_alt_names(self) -> tuple[GeneralName, ...]:
        """The subject alternative names in file order; () when absent."""
        return self._value(SUBJECT_ALT_NAME) or ()

    @property
    def crl_urls(self) -> tuple[str, ...]:
        """Full names of the CRL distribution points that are URLs."""
        return self._value(CRL_DISTRIBUTION_POINTS) or ()

    @property
    def ca_issuer_urls(self) -> tuple[str, ...]:
        """Where the issuer's certificate can be fetched (authority information access)."""
        return self._access("1.3.6.1.5.5.7.48.2")

    @property
    def ocsp_urls(self) -> tuple[str, ...]:
        """Where OCSP answers (authority information access)."""
        return self._access("1.3.6.1.5.5.7.48.1")

    @property
    def certificate_policies(self) -> tuple[str, ...]:
        """OIDs of the policies."""
        return self._value(CERTIFICATE_POLICIES) or ()

    @property
    def permitted_names(self) -> tuple[GeneralName, ...]:
        """What an issuer's name constraints permit; () when it constrains nothing."""
        return (self._value(NAME_CONSTRAINTS) or ((), ()))[0]

    @property
    def excluded_names(self) -> tuple[GeneralName, ...]:
        """What an issuer's name constraints exclude."""
        return (self._value(NAME_CONSTRAINTS) or ((), ()))[1]

    @property
    def problems(self) -> tuple[str, ...]:
        """A phrase for each part that can't be read: the certificate is kept, Java may refuse it.

        Covers the dates, the names, the key and every extension that has a property here.
        """
        found = []
        if self.not_before is None or self.not_after is None:
            found.append("validity: a date is unreadable")
        for what, name in (("subject", self.subject), ("issuer", self.issuer)):
            try:
                name.rdns  # noqa: B018
            except StorekeeperError as error:
                found.append(f"{what}: {error.message}")
        try:
            self.key  # noqa: B018
        except StorekeeperError as error:
            found.append(f"key: {error.message}")
        try:
            present = self.extensions
        except StorekeeperError as error:
            return (*found, f"extensions: {error.message}")
        found += [f"extension {READERS.get(oid, (oid,))[0]} is repeated" for oid in self._repeated]
        for oid in present:
            if oid in READERS:
                self._value(oid)
                if isinstance(read := self._read[oid], StorekeeperError):
                    found.append(f"{READERS[oid][0]}: {read.message}")
        return tuple(found)

    def _access(self, method: str) -> tuple[str, ...]:
        found = self._value(AUTHORITY_INFO_ACCESS) or ()
        return tuple(url for oid, url in found if oid == method)

    def _value(self, oid: str) -> Any:
        """What the reader of this extension found; None when it is absent or unreadable."""
        if oid not in self._read:
            encoded = self.extension(oid)
            try:
                self._read[oid] = None if encoded is None else READERS[oid][1](der.read(encoded))
            except StorekeeperError as error:
                self._read[oid] = error
        found = self._read[oid]
        return None if isinstance(found, StorekeeperError) else found


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
            # Not the error itself: its traceback would keep everything it passed through.
            found = (f"unreadable certificate: {error.message}", error.offset)
        object.__setattr__(certificate, "_cache", found)
    if isinstance(found, Facts):
        return found
    assert isinstance(found, tuple)
    message, offset = found
    raise Damaged(message, offset=offset)


def facts_or_none(certificate: Certificate) -> Facts | None:
    """`facts`, or None for a certificate that can't be parsed."""
    try:
        return facts(certificate)
    except Damaged:
        return None


def passing_facts(certificate: Certificate) -> Facts | None:
    """`facts_or_none` for one of thousands: what was not kept before is not kept now."""
    if certificate._cache is not None:
        return facts_or_none(certificate)
    try:
        return Facts(certificate.der)
    except StorekeeperError:
        return None


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
