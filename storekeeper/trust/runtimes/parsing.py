"""Certificates the JDK can't parse, or won't: the handshake ends before any judgement.

Source: sun.security.x509.X509CertImpl as seen from outside on JDK 11 to 25.
"""

from __future__ import annotations

from ... import der
from ...errors import StorekeeperError
from ...extensions import READERS
from ...x509 import facts as facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from ...x509 import Facts

_SAN = "2.5.29.17"


def problem(certificate: Certificate) -> str:
    """Why Java does not take it for a certificate, in our words; "" when it does."""
    try:
        facts = facts_of(certificate)
        return _problem(facts)
    except StorekeeperError as error:
        return error.message


def _problem(facts: Facts) -> str:
    outer, _ = facts.signature
    if facts.inner_algorithm != outer:
        return "the algorithm inside and that of the signature differ"
    if not facts.issuer.rdns:
        return "the issuer's name is empty"
    if facts.not_before is None or facts.not_after is None:
        return "a date can't be read"
    extensions = facts.extensions
    if facts.repeated_extensions:
        return f"extension {facts.repeated_extensions[0]} is repeated"
    if extensions and facts.version < 3:
        return f"extensions in a certificate of version {facts.version}"
    if not facts.subject.rdns:
        critical, _ = extensions.get(_SAN, (True, b""))
        if not critical:
            return "an empty subject, and the alternative names are not critical"
    for oid, (critical, value) in extensions.items():
        if critical and oid in READERS:
            try:
                READERS[oid][1](der.read(value))
            except StorekeeperError as error:
                return f"critical {READERS[oid][0]}: {error.message}"
    key = facts.key
    if key.curve == "explicit parameters":
        return "explicit parameters of a curve"
    if key.algorithm == "EC" and key.bits:
        point = der.read(facts.spki).items("subjectPublicKeyInfo", at_least=2)[1].bits("key")
        if len(point) != 1 + 2 * ((key.bits + 7) // 8) or point[0] != 4:
            return "no uncompressed point of its curve"
    if key.algorithm in ("RSA", "RSASSA-PSS"):
        if key.bits is None or key.bits < 512:
            return "no RSA key of 512 bits or more"
        modulus, exponent = _rsa(facts.spki)
        if exponent < 3 or modulus % 2 == 0:
            return "an RSA key with an impossible exponent or modulus"
    return ""


def _rsa(spki: bytes) -> tuple[int, int]:
    bits = der.read(spki).items("subjectPublicKeyInfo", at_least=2)[1].bits("key")
    modulus, exponent = der.read(bits).items("RSA key", at_least=2)[:2]
    return modulus.integer("modulus"), exponent.integer("exponent")
