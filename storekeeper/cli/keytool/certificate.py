"""One certificate in the long form of ``keytool -v``.

Byte for byte what keytool 17 prints. It differs where

- an extension Java knows can't be read: the reason is in our words, and where Java refuses
  the whole certificate for it, the rest is still shown;
- a key or curve has no name in Java: it prints no size, or refuses the certificate;
- the local zone has no short name (see `java_text.date_time`).
"""

from __future__ import annotations

from ...errors import StorekeeperError
from ...names import printable
from ...oids import SIGNATURES
from ...x509 import facts
from . import strength
from .extensions import in_order
from .java_text import date_time, fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from ...x509 import Facts, KeyInfo

# Java's name for an algorithm of keys, and the size it gives where the key itself has none.
_KEYS = {
    "Ed25519": ("Ed25519", 255),
    "Ed448": ("Ed448", 448),
    "X25519": ("XDH", 255),
    "X448": ("XDH", 448),
}
# Signatures Java has no name for.
_UNNAMED = ("GOST", "SM3")
# Curves Java 17 still names, beside those in `oids.CURVES`.
_CURVES = {
    "1.3.132.0.9": ("secp160k1", 160),
    "1.3.132.0.8": ("secp160r1", 160),
    "1.3.132.0.30": ("secp160r2", 160),
    "1.3.132.0.31": ("secp192k1", 192),
    "1.3.132.0.32": ("secp224k1", 224),
    "1.3.36.3.3.2.8.1.1.3": ("brainpoolP192r1", 192),
    "1.3.36.3.3.2.8.1.1.5": ("brainpoolP224r1", 224),
    "1.3.36.3.3.2.8.1.1.9": ("brainpoolP320r1", 320),
}


def long_form(certificate: Certificate, *, trusted: bool = False) -> str:
    """Owner, issuer, serial number and all the rest, as lines.

    Args:
        certificate: what to print.
        trusted: it is a trust anchor of the store at hand, whose signature nobody relies
            on: keytool then does not call its algorithm weak.

    Raises:
        Damaged: the bytes are no certificate.
    """
    found = facts(certificate)
    signature = signature_name(found.signature_oid, trusted=trusted)
    lines = [
        f"Owner: {printable(found.subject.java())}",
        f"Issuer: {printable(found.issuer.java())}",
        f"Serial number: {found.serial:x}",
        f"Valid from: {date_time(found.not_before)} until: {date_time(found.not_after)}",
        _fingerprints(certificate),
        f"Signature algorithm name: {signature}",
        f"Subject Public Key Algorithm: {_key(found)}",
        f"Version: {found.version}",
    ]
    return "\n".join(lines) + "\n" + _extensions(found)


def signature_name(oid: str, *, trusted: bool = False) -> str:
    """Java's name of a signature algorithm, or its OID; marked if weak and not ``trusted``."""
    name = SIGNATURES.get(oid, oid)
    if name.startswith(_UNNAMED):
        name = oid
    return name if trusted else strength.marked(name, strength.of_signature(name))


def readable_form(certificate: Certificate, *, trusted: bool = False) -> str:
    """`long_form`, or for what is no certificate its fingerprints and the reason."""
    try:
        return long_form(certificate, trusted=trusted)
    except StorekeeperError as error:
        return f"{_fingerprints(certificate)}\n{error}\n"


def _fingerprints(certificate: Certificate) -> str:
    return (
        "Certificate fingerprints:\n"
        f"\t SHA1: {fingerprint(certificate.sha1)}\n"
        f"\t SHA256: {fingerprint(certificate.sha256)}"
    )


def _key(found: Facts) -> str:
    try:
        return strength.marked(*described(found.key))
    except StorekeeperError:
        return "unreadable key"


def described(key: KeyInfo) -> tuple[str, str]:
    """(``2048-bit RSA key``, "weak", "disabled" or "")."""
    name, bits = _KEYS.get(key.algorithm, (key.algorithm, key.bits))
    curve = key.curve
    if curve in _CURVES:
        curve, bits = _CURVES[curve]
    size = f"{bits}-bit " if bits else ""
    named = f"{name} ({curve})" if curve else name
    return f"{size}{named} key", strength.of_key(name, bits)


def _extensions(found: Facts) -> str:
    try:
        return numbered("\nExtensions: \n\n", found.extensions)
    except StorekeeperError as error:
        return f"\nExtensions: \n\n{error.message}\n"


def numbered(heading: str, present: dict[str, tuple[bool, bytes]]) -> str:
    """Extensions below a heading, ``#1: ObjectId: ...``; nothing where there are none."""
    if not present:
        return ""
    shown = "".join(
        f"#{number}: ObjectId: {oid} Criticality={'true' if critical else 'false'}\n{text}\n"
        for number, (oid, critical, text) in enumerate(in_order(present), 1)
    )
    return heading + shown
