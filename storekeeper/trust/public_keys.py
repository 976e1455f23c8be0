"""Which public key is which: SubjectPublicKeyInfo compared by what it means.

Writers differ in what does not matter: RSA parameters are NULL or absent, points of a curve
are compressed or not.
"""

from __future__ import annotations

from .. import der
from ..errors import StorekeeperError
from ..key_info import spki_bits
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate

    # Algorithm, parameters (DER, b"" for none), contents of the BIT STRING.
    Identity = tuple[str, bytes, bytes]

_EC = "1.2.840.10045.2.1"
_NULL = der.null()


def identity(spki: bytes) -> Identity:
    """What two SubjectPublicKeyInfos of one key have in common; sorts and hashes.

    Bytes that are no SubjectPublicKeyInfo are only identical to themselves.
    """
    return _identity(spki) or ("", b"", spki)


def matches_key(certificate: Certificate, public_key: bytes) -> bool:
    """Whether a certificate holds this public key; False when it can't be parsed.

    Args:
        certificate: the certificate.
        public_key: a SubjectPublicKeyInfo (DER), or the contents of the BIT STRING alone, as
            `formats.pem_keys.public_bits` gives it for a private key.
    """
    facts = facts_or_none(certificate)
    own = None if facts is None else _identity(facts.spki)
    if own is None:
        return False
    whole = _identity(public_key)
    if whole is not None:
        return own == whole
    bits = _point(public_key) if own[0] == _EC else public_key
    return own[2] == bits


def _identity(spki: bytes) -> Identity | None:
    try:
        algorithm = der.read(spki).items("public key", at_least=2)[0].items("algorithm", at_least=1)
        oid = algorithm[0].oid("key algorithm")
    except StorekeeperError:
        return None
    bits = spki_bits(spki)
    if bits is None:
        return None
    parameters = b"".join(part.raw for part in algorithm[1:])
    return oid, b"" if parameters == _NULL else parameters, _point(bits) if oid == _EC else bits


def _point(bits: bytes) -> bytes:
    """A point of a prime curve, compressed (SEC 1 section 2.3.3); other bytes as they are."""
    half = len(bits) // 2
    if half and len(bits) == 2 * half + 1 and bits[0] in (4, 6, 7):
        return bytes((2 + (bits[-1] & 1),)) + bits[1 : half + 1]
    return bits
