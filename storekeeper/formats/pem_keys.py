"""Private keys as they stand in PEM and DER files.

PKCS#8 is what every other format holds, so the older forms are wrapped into it when the
key is asked for: PKCS#1 (RFC 8017 appendix A.1.2), SEC 1 (RFC 5915) and OpenSSL's DSA
sequence. OpenSSL's own encryption of these (``DEK-Info``) is for reading only: one round of
MD5 protects nothing.
"""

from __future__ import annotations

from hashlib import md5

from .. import der
from ..errors import Damaged, PasswordRequired, StorekeeperError, Unsupported, WrongPassword
from ..key_info import spki_bits
from ..model import LIMITS, Password, Sealed
from . import armor, pbe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_RSA = "1.2.840.113549.1.1.1"
_RSA_PSS = "1.2.840.113549.1.1.10"
_EC = "1.2.840.10045.2.1"
_DSA = "1.2.840.10040.4.1"
# Keys are not larger: RSA with 16,384 bits is 9 KB, SLH-DSA and ML-DSA less.
_LARGEST_KEY = 64 * 1024

ENCRYPTED = "ENCRYPTED PRIVATE KEY"


def open_rsa(data: bytes, password: Password | None) -> bytes:  # noqa: ARG001 - an opener
    """PKCS#8 around a PKCS#1 RSAPrivateKey."""
    _numbers(data, 9, "RSA private key")
    return _wrap(der.sequence(der.oid(_RSA), der.null()), data)


def open_ec(data: bytes, password: Password | None) -> bytes:  # noqa: ARG001 - an opener
    """PKCS#8 around a SEC 1 ECPrivateKey; the curve moves to the algorithm (RFC 5915 section 3)."""
    key = der.read(data).expect(der.SEQUENCE, "EC private key")
    parts = key.items("EC private key", at_least=2)
    parts[1].octets("EC private key")
    curve = next((part for part in parts[2:] if part.tag == 0xA0), None)
    if curve is None:
        raise Damaged("EC private key: it does not say which curve it is on", offset=key.start)
    inner = der.sequence(*(part.raw for part in parts if part is not curve))
    parameters = curve.explicit("EC parameters").raw
    return _wrap(der.sequence(der.oid(_EC), parameters), inner)


def open_dsa(data: bytes, password: Password | None) -> bytes:  # noqa: ARG001 - an opener
    """PKCS#8 around OpenSSL's sequence of 0, p, q, g, y, x."""
    numbers = _numbers(data, 6, "DSA private key")
    parameters = der.sequence(*(number.raw for number in numbers[1:4]))
    return _wrap(der.sequence(der.oid(_DSA), parameters), numbers[5].raw)


def open_legacy(data: bytes, password: Password | None) -> bytes:
    """PKCS#8 out of a whole PEM block encrypted with ``DEK-Info`` (OpenSSL's PEM_read_bio).

    Raises:
        PasswordRequired, WrongPassword, Damaged, Unsupported.
    """
    from .ciphers import CIPHERS, decrypt

    block = armor.scan(data, LIMITS)[0][0]
    said = armor.header(block.headers, b"DEK-Info").decode("ascii", "replace")
    name, _, iv_text = said.partition(",")
    cipher = CIPHERS.get(name.strip())
    if cipher is None or cipher.effective_bits or not cipher.block:
        raise Unsupported(f"the key is encrypted with {name or 'an unnamed cipher'}")
    if password is None or password.text is None:
        raise PasswordRequired(f"the key is encrypted ({scheme_of(data)})")
    try:
        iv = bytes.fromhex(iv_text.strip())
    except ValueError:
        iv = b""
    if len(iv) != cipher.iv_length or block.der is None:
        raise Damaged("the DEK-Info header holds no initialization vector of the right length")
    text = password.text.encode("utf-8", "surrogatepass")
    key = digest = b""
    while len(key) < cipher.key_length:  # OpenSSL's EVP_BytesToKey, one iteration
        digest = md5(digest + text + iv[:8], usedforsecurity=False).digest()
        key += digest
    wrong = WrongPassword("wrong password for the key, or the key was changed")
    try:
        plain = decrypt(cipher, key[: cipher.key_length], iv, block.der)
    except WrongPassword:
        raise wrong from None
    # One padding in 256 fits by chance: the plain text has to be a key as well.
    try:
        der.only(plain, "private key")
        return _OPENERS[block.label](plain, None)
    except StorekeeperError:
        raise wrong from None


def scheme_of(text: bytes) -> str:
    """The cipher of a block encrypted in OpenSSL's way, in words."""
    blocks = armor.scan(text, LIMITS)[0]
    said = armor.header(blocks[0].headers, b"DEK-Info") if blocks else b""
    return f"OpenSSL {said.partition(b',')[0].decode('ascii', 'replace')}, MD5"


_OPENERS: dict[str, Callable[[bytes, Password | None], bytes]] = {
    "RSA PRIVATE KEY": open_rsa,
    "EC PRIVATE KEY": open_ec,
    "DSA PRIVATE KEY": open_dsa,
    "PRIVATE KEY": pbe.unsealed,
    ENCRYPTED: pbe.unseal,
}


def seal_private_key(pkcs8: bytes, password: Password | None) -> Sealed:
    """A private key sealed for a PEM file, encrypted as JDK 17 does it in a PKCS12.

    Args:
        pkcs8: PrivateKeyInfo DER of any algorithm; it is not parsed.
        password: `Password(None)` leaves the key in clear.

    Raises:
        PasswordRequired: nobody has said which.
    """
    from .encryption import MODERN

    if password is None:
        raise PasswordRequired("sealing a private key needs a password")
    if password.text is None:
        return Sealed("none", pkcs8, pbe.unsealed)
    return Sealed(MODERN.keys.name, pbe.seal(pkcs8, password, MODERN.keys), pbe.unseal)


def sealed(block: armor.Block) -> Sealed:
    """The key of a block whose label is one of `pem.KEYS`, still protected."""
    if b"ENCRYPTED" in armor.header(block.headers, b"Proc-Type"):
        return Sealed(scheme_of(block.text), block.text, open_legacy)
    assert block.der is not None
    return from_der(block.der, block.label)


def from_der(data: bytes, label: str = "") -> Sealed:
    """A key found as DER; its form is told by its shape unless a PEM label has said it."""
    label = label or shape(data)
    if label == ENCRYPTED:
        try:
            name = pbe.scheme_name(data)
        except StorekeeperError:
            name = "unknown encryption"
        return Sealed(name, data, pbe.unseal)
    return Sealed("none", data, _OPENERS[label])


def shape(data: bytes) -> str:
    """The PEM label for a key's DER; `Damaged` when it has the form of none."""
    value = der.read(data).expect(der.SEQUENCE, "private key")
    tags = bytes(part.tag for part in value.items("private key", at_least=2)[:9])
    if tags.startswith(b"\x30\x04"):
        return ENCRYPTED
    if tags.startswith(b"\x02\x30\x04"):
        return "PRIVATE KEY"
    if tags.startswith(b"\x02\x04"):
        return "EC PRIVATE KEY"
    if tags == b"\x02" * 6:
        return "DSA PRIVATE KEY"
    if tags == b"\x02" * 9:
        return "RSA PRIVATE KEY"
    raise Damaged("private key: neither PKCS#8 nor PKCS#1 nor SEC 1", offset=value.start)


def label_of(key: Sealed) -> str | None:
    """The PEM label its data goes under, None for a key sealed in another format's way."""
    if key.opener is open_legacy:
        return ""
    for label, opener in _OPENERS.items():
        if key.opener is opener:
            return label
    return None


def is_locked(key: Sealed) -> bool:
    """Whether it takes a password to open the key."""
    return key.opener in (pbe.unseal, open_legacy)


def public_bits(key: Sealed) -> bytes | None:
    """The contents of the key's public BIT STRING; None when it can't be had without a password.

    Read from the structure where the structure has it, computed by `cryptography`
    (imported then) where not.
    """
    if is_locked(key) or len(key.data) > _LARGEST_KEY:
        return None
    try:
        pkcs8 = key.opener(key.data, None)
        assert isinstance(pkcs8, bytes)
        return _stated(pkcs8) or _computed(pkcs8)
    except StorekeeperError:
        return None


def _stated(pkcs8: bytes) -> bytes | None:
    parts = der.read(pkcs8).items("private key", at_least=3)
    public = next((part for part in parts[3:] if part.tag == 0x81), None)
    if public is not None:  # OneAsymmetricKey, RFC 5958 section 2
        return public.content[1:]
    oid = parts[1].items("algorithm", at_least=1)[0].oid("algorithm")
    inner = parts[2].octets("private key")
    if oid in (_RSA, _RSA_PSS):
        numbers = der.read(inner).items("RSA private key", at_least=3)
        return der.sequence(numbers[1].raw, numbers[2].raw)
    if oid == _EC:
        for part in der.read(inner).items("EC private key", at_least=2)[2:]:
            if part.tag == 0xA1:
                return part.explicit("public key").bits("public key")
    return None


def _computed(pkcs8: bytes) -> bytes | None:
    try:
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            PublicFormat,
            load_der_private_key,
        )
    except ImportError:
        return None
    try:
        public = load_der_private_key(pkcs8, None).public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except Exception:  # noqa: BLE001 - whatever it dislikes, it only means "not known"
        return None
    return spki_bits(spki)


def _numbers(data: bytes, count: int, what: str) -> list[der.Value]:
    value = der.read(data).expect(der.SEQUENCE, what)
    numbers = value.items(what, at_least=count)
    for number in numbers[:count]:
        number.expect(der.INTEGER, what)
    return numbers


def _wrap(algorithm: bytes, key: bytes) -> bytes:
    return der.sequence(der.integer(0), algorithm, der.octet_string(key))
