"""The symmetric ciphers password-based encryption names, over one function each way.

Data goes in and out whole; block ciphers are CBC with the padding of RFC 8018 section 6.1.1.
`cryptography` is imported when something is really decrypted; RC2 is our own.
"""

from __future__ import annotations

from ..errors import Damaged, Unsupported, WrongPassword
from ..frozen import Frozen
from . import rc2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Cipher(Frozen):
    """A cipher with its sizes.

    Attributes:
        name: as OpenSSL spells it, "AES-256-CBC".
        key_length: bytes.
        block: bytes; 0 for a stream.
        iv_length: bytes; 0 where there is none.
        effective_bits: RC2's effective key length, 0 elsewhere.
    """

    name: str
    key_length: int
    block: int = 8
    iv_length: int = 8
    effective_bits: int = 0


CIPHERS = {
    cipher.name: cipher
    for cipher in (
        Cipher("AES-128-CBC", 16, 16, 16),
        Cipher("AES-192-CBC", 24, 16, 16),
        Cipher("AES-256-CBC", 32, 16, 16),
        Cipher("AES-128-GCM", 16, 0, 12),
        Cipher("AES-192-GCM", 24, 0, 12),
        Cipher("AES-256-GCM", 32, 0, 12),
        Cipher("DES-EDE3-CBC", 24),
        Cipher("DES-EDE-CBC", 16),
        Cipher("DES-CBC", 8),
        Cipher("RC2-40-CBC", 5, effective_bits=40),
        Cipher("RC2-64-CBC", 8, effective_bits=64),
        Cipher("RC2-128-CBC", 16, effective_bits=128),
        Cipher("RC4-40", 5, 0, 0),
        Cipher("RC4-128", 16, 0, 0),
    )
}
GCM_TAG = 16
_PIECE = 1024 * 1024


def decrypt(cipher: Cipher, key: bytes, iv: bytes, data: bytes) -> bytes:
    """The plain text.

    Raises:
        WrongPassword: the padding or the authentication tag does not fit.
        Damaged: the length is impossible.
    """
    if cipher.name.endswith("GCM"):
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(data) < GCM_TAG:
            raise Damaged(f"{cipher.name}: {len(data)} bytes are less than the tag")
        try:
            return AESGCM(key).decrypt(iv, data, None)
        except InvalidTag:
            raise WrongPassword(f"{cipher.name}: the authentication tag does not fit") from None
    if not cipher.block:
        return bytes(_engine(cipher, key, iv).encryptor().update(data))
    if not data or len(data) % cipher.block:
        raise Damaged(
            f"{cipher.name}: expected whole blocks of {cipher.block} bytes, found {len(data)} bytes"
        )
    if cipher.effective_bits:
        padded = rc2.decrypt_cbc(key, cipher.effective_bits, iv, data)
    else:
        decryptor = _engine(cipher, key, iv).decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
    count = padded[-1]
    if not 1 <= count <= cipher.block or padded[-count:] != bytes((count,)) * count:
        raise WrongPassword(f"{cipher.name}: the padding does not fit")
    return padded[:-count]


def encrypt(cipher: Cipher, key: bytes, iv: bytes, data: bytes) -> bytes:
    """The cipher text, padded."""
    if cipher.name.endswith("GCM"):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(key).encrypt(iv, data, None)
    padding = b""
    if cipher.block:
        count = cipher.block - len(data) % cipher.block
        padding = bytes((count,)) * count
        if cipher.effective_bits:
            return rc2.encrypt_cbc(key, cipher.effective_bits, iv, data + padding)
    encryptor = _engine(cipher, key, iv).encryptor()
    # In pieces: the library makes room for the whole of what it is given once more.
    whole = memoryview(data)
    pieces = [encryptor.update(whole[at : at + _PIECE]) for at in range(0, len(data), _PIECE)]
    return b"".join((*pieces, encryptor.update(padding), encryptor.finalize()))


def _engine(cipher: Cipher, key: bytes, iv: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher as Engine
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    try:
        if cipher.name.startswith("AES"):
            return Engine(AES(key), CBC(iv))
        if cipher.name.startswith("DES"):
            # One and two keys are three keys that repeat.
            return Engine(TripleDES((key * 3)[:24]), CBC(iv))
        return Engine(ARC4(key), None)
    except UnsupportedAlgorithm:
        raise Unsupported(f"{cipher.name} is not available in this build of cryptography") from None
