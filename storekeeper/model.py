"""The frozen values everything else speaks in. Bytes are kept as found.

Nothing here parses or decrypts: `x509.facts` reads a certificate when somebody asks,
and a `Sealed` carries the function of its codec that opens it.
"""

from __future__ import annotations

from hashlib import sha1, sha256

from .frozen import Frozen, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import ClassVar, Literal

    Severity = Literal["error", "warning", "info"]
    IntegrityState = Literal["verified", "absent", "not-checked"]

__all__ = [
    "Attribute",
    "Certificate",
    "Entry",
    "Finding",
    "Integrity",
    "Limits",
    "Opaque",
    "Password",
    "PrivateKey",
    "Report",
    "Sealed",
    "Secret",
    "SecretKey",
    "Store",
    "TrustedCert",
    "kind",
    "replace",
]


class Certificate:
    """One certificate, as the bytes that were found.

    Equality and hash are those of the DER. Nothing is parsed until `x509.facts` is
    called, and bytes no parser accepts are still a certificate entry.

    Args:
        der: the encoded certificate, exactly as stored.
        type: JKS's certificate type string; "X.509" everywhere but in a forged store.
    """

    __slots__ = ("_cache", "_sha256", "der", "type")

    der: bytes
    type: str
    _sha256: str | None
    _cache: object

    def __init__(self, der: bytes, type: str = "X.509") -> None:
        put = object.__setattr__
        put(self, "der", bytes(der))
        put(self, "type", type)
        put(self, "_sha256", None)
        # Filled by x509.facts, which knows what to put there; a floor above this one.
        put(self, "_cache", None)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Certificate is frozen")

    @property
    def sha256(self) -> str:
        """SHA-256 of the DER, 64 lower-case hex digits: the identity of a certificate."""
        if self._sha256 is None:
            object.__setattr__(self, "_sha256", sha256(self.der).hexdigest())
        assert self._sha256 is not None
        return self._sha256

    @property
    def sha1(self) -> str:
        """SHA-1 of the DER, 40 lower-case hex digits; for looking up old records only."""
        return sha1(self.der, usedforsecurity=False).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Certificate):
            return NotImplemented
        return self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    def __repr__(self) -> str:
        return f"Certificate(sha256={self.sha256}, {len(self.der)} bytes)"

    def __reduce__(self) -> tuple[object, ...]:
        return Certificate, (self.der, self.type)


class Password(Frozen):
    """A password and where it came from.

    Three things are different and stay so: `Password(None)` is *no password* (nothing is
    encrypted, nothing is verified), `Password("")` is *the empty password*, anything
    else is a password. A codec given plain `None` instead has simply not been told.
    ``repr`` shows the origin only.
    """

    text: str | None
    origin: str = "given"

    _hidden: ClassVar[frozenset[str]] = frozenset({"text"})
    _uncompared: ClassVar[frozenset[str]] = frozenset({"origin"})

    def __repr__(self) -> str:
        return f"Password(from {self.origin})"

    __str__ = __repr__


class Attribute(Frozen):
    """A PKCS12 bag attribute (RFC 7292 section 4.2), kept as found.

    Attributes:
        oid: dotted decimal.
        values: the DER of each value in its SET, in file order.
    """

    oid: str
    values: tuple[bytes, ...] = ()


class Secret(Frozen):
    """An unsealed secret key.

    Attributes:
        algorithm: the JCA name ("AES", "HmacSHA256", "PBE...") or an OID in dotted form.
        material: the raw key bytes; for a password imported by keytool, its text bytes.
    """

    algorithm: str
    material: bytes

    _hidden: ClassVar[frozenset[str]] = frozenset({"material"})


class Sealed(Frozen):
    """Key material as it lies in the file, opened only when asked.

    Attributes:
        scheme: what protects it, in words ("JKS key protector", "PBES2 AES-256-CBC", "none").
        data: the bytes as found, still encrypted.
        opener: function of the codec that made it: ``opener(data, password)`` gives the
            PKCS#8 DER of a private key or a `Secret`. Module-level, so values pickle.
    """

    scheme: str
    data: bytes
    opener: Callable[[bytes, Password | None], bytes | Secret]

    _hidden: ClassVar[frozenset[str]] = frozenset({"data"})
    # scheme is a description of data, and openers are code
    _uncompared: ClassVar[frozenset[str]] = frozenset({"scheme", "opener"})


class TrustedCert(Frozen):
    """A trusted certificate entry (Java's TrustedCertificateEntry).

    Attributes:
        alias: the label; not an identity.
        certificate: the certificate.
        created_ms: creation date, milliseconds since 1970 UTC (signed 64 bit), or None
            where the format keeps none (PKCS12, PEM).
        attributes: PKCS12 bag attributes other than friendlyName and localKeyID, as
            found; None means "what the format writes by default" (for PKCS12, Java's
            trustedKeyUsage), () means none at all.
        origin: the codec's private note of how the entry lay in its file, so that
            writing it again gives the same bytes; None when the plain encoding does.
    """

    alias: str
    certificate: Certificate
    created_ms: int | None = None
    attributes: tuple[Attribute, ...] | None = None
    origin: object = None

    _uncompared: ClassVar[frozenset[str]] = frozenset({"origin"})


class PrivateKey(Frozen):
    """A private key with its certificate chain (Java's PrivateKeyEntry).

    Attributes:
        alias, created_ms, attributes, origin: as in `TrustedCert`.
        chain: the key's own certificate first; may be empty.
        sealed: the key, still protected.
    """

    alias: str
    chain: tuple[Certificate, ...]
    sealed: Sealed
    created_ms: int | None = None
    attributes: tuple[Attribute, ...] | None = None
    origin: object = None

    _uncompared: ClassVar[frozenset[str]] = frozenset({"origin"})

    def pkcs8(self, password: Password | str | None = None) -> bytes:
        """The key as PKCS#8 PrivateKeyInfo DER (RFC 5958).

        Raises:
            PasswordRequired: the key is encrypted and no password was given.
            WrongPassword: it does not open the key, or the bytes were changed.
            Unsupported, Damaged, LimitExceeded: as from any reader.
        """
        opened = self.sealed.opener(self.sealed.data, _password(password))
        assert isinstance(opened, bytes)
        return opened


class SecretKey(Frozen):
    """A symmetric key or stored password (Java's SecretKeyEntry). Fields as `PrivateKey`."""

    alias: str
    sealed: Sealed
    created_ms: int | None = None
    attributes: tuple[Attribute, ...] | None = None
    origin: object = None

    _uncompared: ClassVar[frozenset[str]] = frozenset({"origin"})

    def secret(self, password: Password | str | None = None) -> Secret:
        """The key's algorithm and bytes; raises as `PrivateKey.pkcs8` does."""
        opened = self.sealed.opener(self.sealed.data, _password(password))
        assert isinstance(opened, Secret)
        return opened


class Opaque(Frozen):
    """Something kept but not understood: a CRL bag, an unknown bag, an unreadable entry.

    Attributes:
        alias: its label, or "" where it has none.
        what: one phrase for people ("CRL bag", "bag 1.2.3.4", "attribute certificate").
        data: its bytes as found.
    """

    alias: str
    what: str
    data: bytes
    created_ms: int | None = None
    attributes: tuple[Attribute, ...] | None = None
    origin: object = None

    # It may be a key in a form we don't read.
    _hidden: ClassVar[frozenset[str]] = frozenset({"data"})
    _uncompared: ClassVar[frozenset[str]] = frozenset({"origin"})


Entry = TrustedCert | PrivateKey | SecretKey | Opaque


class Finding(Frozen):
    """One thing worth telling.

    Attributes:
        code: stable kebab-case identifier.
        severity: "error", "warning" or "info".
        where: alias or place inside the subject, "" for the whole.
        message: lower case, no full stop, with the values that led to it.
        hint: what to do next, or "".
    """

    code: str
    severity: Severity
    where: str
    message: str
    hint: str = ""


class Report(Frozen):
    """Findings about one subject (a path, a host)."""

    subject: str
    findings: tuple[Finding, ...] = ()


class Integrity(Frozen):
    """What is known about the store's integrity check.

    Attributes:
        state: "verified" (a password was given and the digest fits), "absent" (the
            format or this file has none), "not-checked" (there is one; no password given).
        detail: the mechanism ("SHA-1 digest", "HmacPBESHA256, 10000 iterations"), or "".
    """

    state: IntegrityState
    detail: str = ""


class Store(Frozen):
    """What was read from one file, or is to be written to one.

    Attributes:
        format: "JKS", "JCEKS", "PKCS12", "PEM", "DER", "PKCS7", "BKS", "UBER", "directory".
        entries: in file order; duplicate aliases are kept.
        integrity: see `Integrity`.
        findings: what the codec noticed about the file and its entries.
        path: where it was read from, when that is known.
        layout: the codec's private note of file-level facts (versions, parameters, the
            order of bags) that make ``write`` reproduce the file; None for a new store.
    """

    format: str
    entries: tuple[Entry, ...] = ()
    integrity: Integrity = Integrity("absent")
    findings: tuple[Finding, ...] = ()
    path: str | None = None
    layout: object = None

    # Two stores are equal when they hold the same things; how they were found is not part of it.
    _uncompared: ClassVar[frozenset[str]] = frozenset({"layout", "path", "findings", "integrity"})

    def find(self, alias: str) -> Entry | None:
        """The entry Java would give for ``alias``: case folded, the last of duplicates.

        In a JKS or JCEKS Java finds none whose alias is not in lower case. Here such an entry
        is found where no other has the alias.
        """
        wanted = alias.lower()
        exact = self.format in ("JKS", "JCEKS")
        folded = None
        for entry in reversed(self.entries):
            if entry.alias == wanted:
                return entry
            if folded is None and entry.alias.lower() == wanted:
                if not exact:
                    return entry
                folded = entry
        return folded

    def certificates(self) -> Iterator[Certificate]:
        """Every certificate in file order, those of key chains included."""
        for entry in self.entries:
            if isinstance(entry, TrustedCert):
                yield entry.certificate
            elif isinstance(entry, PrivateKey):
                yield from entry.chain


class Limits(Frozen):
    """How much one input may ask for. Beyond it: `LimitExceeded`, before any work.

    Attributes:
        file_size: bytes. 100,000 certificates are 150 MB; no honest store is larger.
        entries: per store; the count field of a JKS alone could ask for 2^31.
        unreadable: broken blocks or certificates in one PEM or PKCS#7 file. A few are data,
            each with its finding; thousands are an attack on memory.
        chain: certificates in one chain. JSSE refuses more than 10; bundles are no chains.
        der_depth: nesting of DER values. PKCS12 needs 12, a certificate 10.
        kdf_iterations: sum over one reading or unsealing, in iterations of PBKDF2 with
            HMAC-SHA-256 (a quarter to a third of a microsecond; `formats.kdf.work` converts
            others). The JDK writes 10,000, and 200,000 in JCEKS; NSS and GnuTLS 600,000 for
            the MAC and for each safe, 2,100,000 in all, or 2,700,000 with their older ciphers.
            That is under a second on a slow machine, too; GnuTLS's 3DES and RC2 ask for more.
        key_length: bytes of derived key material; the largest honest one is 64 (HMAC).
        salt_length: bytes of salt; real ones are 8 to 64.
    """

    file_size: int = 256 * 1024 * 1024
    entries: int = 1_000_000
    unreadable: int = 1_000
    chain: int = 1_000
    der_depth: int = 64
    kdf_iterations: int = 2_700_000
    key_length: int = 1_024
    salt_length: int = 4_096


LIMITS = Limits()


def kind(entry: Entry) -> str:
    """The word for an entry's kind in every output."""
    match entry:
        case TrustedCert():
            return "trusted-certificate"
        case PrivateKey():
            return "private-key"
        case SecretKey():
            return "secret-key"
        case Opaque():
            return "opaque"
    raise TypeError(f"{type(entry).__name__} is no entry")  # pragma: no cover


def _password(given: Password | str | None) -> Password | None:
    return Password(given) if isinstance(given, str) else given
