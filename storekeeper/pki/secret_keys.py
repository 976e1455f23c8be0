"""New secret keys: what Java's KeyGenerator makes, as keytool's ``-genseckey`` asks it to.

Names, sizes and defaults as measured on JDK 17 and 25 (``com.sun.crypto.provider``).
"""

from __future__ import annotations

import os

from ..errors import UsageError
from ..frozen import Frozen
from ..model import Secret
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["canonical", "generate", "is_weak", "size_of"]

# Java takes longer ones for an HMAC; nobody has a use for them.
_MOST_BITS = 1 << 16


class _Kind(Frozen):
    """An algorithm and the sizes it comes in.

    Attributes:
        sizes: all there are, in bits; empty where `least` and `most` say it.
        least, most: bits.
        step: sizes are its multiples.
        default: bits, or 0 where the size has to be said.
        oid: another name Java takes.
    """

    sizes: tuple[int, ...] = ()
    least: int = 40
    most: int = _MOST_BITS
    step: int = 1
    default: int = 0
    oid: str = ""

    def has(self, bits: int) -> bool:
        """Whether there are keys of that size."""
        if self.sizes:
            return bits in self.sizes
        return self.least <= bits <= self.most and bits % self.step == 0

    def __str__(self) -> str:
        if self.sizes:
            return " or ".join(map(str, self.sizes))
        step = f", a multiple of {self.step}" if self.step > 1 else ""
        return f"{self.least} to {self.most}{step}"


_HMAC = "1.2.840.113549.2."
_SHA3 = "2.16.840.1.101.3.4.2."
_KINDS = {
    "AES": _Kind((128, 192, 256), oid="2.16.840.1.101.3.4.1"),
    "DES": _Kind((56,), default=56),
    "DESede": _Kind((112, 168), default=168),
    "Blowfish": _Kind(least=32, most=448, step=8),
    "ARCFOUR": _Kind(most=1024, oid="1.2.840.113549.3.4"),
    "RC2": _Kind(most=1024),
    "ChaCha20": _Kind((256,)),
    "HmacMD5": _Kind(),
    "HmacSHA1": _Kind(oid=_HMAC + "7"),
    "HmacSHA224": _Kind(oid=_HMAC + "8"),
    "HmacSHA256": _Kind(oid=_HMAC + "9"),
    "HmacSHA384": _Kind(oid=_HMAC + "10"),
    "HmacSHA512": _Kind(oid=_HMAC + "11"),
    "HmacSHA512/224": _Kind(oid=_HMAC + "12"),
    "HmacSHA512/256": _Kind(oid=_HMAC + "13"),
    "HmacSHA3-224": _Kind(oid=_SHA3 + "13"),
    "HmacSHA3-256": _Kind(oid=_SHA3 + "14"),
    "HmacSHA3-384": _Kind(oid=_SHA3 + "15"),
    "HmacSHA3-512": _Kind(oid=_SHA3 + "16"),
}
_NAMES = {
    **{name.lower(): name for name in _KINDS},
    **{kind.oid: name for name, kind in _KINDS.items() if kind.oid},
    "tripledes": "DESede",
    "rc4": "ARCFOUR",
}
# What jdk.security.legacyAlgorithms names in JDK 25.
_WEAK = ("DES", "DESede", "RC2", "ARCFOUR")


def canonical(word: str) -> str:
    """Java's name of the algorithm a word or an OID stands for.

    Raises:
        UsageError: there are no such secret keys.
    """
    plain = word.lower().removeprefix("oid.")
    if plain not in _NAMES:
        raise UsageError(
            f"there are no secret keys of the algorithm {word!r}",
            hint=meant(word, _KINDS) or f"there are: {', '.join(_KINDS)}",
        )
    return _NAMES[plain]


def size_of(algorithm: str, bits: int | None) -> int:
    """The size of a new key in bits: as said, else the algorithm's default.

    Raises:
        UsageError: there is no such size, or no default.
    """
    kind = _KINDS[algorithm]
    if bits is None:
        if not kind.default:
            raise UsageError(f"the size of the {algorithm} key is missing", hint=f"{kind} bits")
        return kind.default
    if not kind.has(bits):
        raise UsageError(f"size of a {algorithm} key: expected {kind} bits, found {bits}")
    return bits


def generate(
    algorithm: str, bits: int | None = None, random: Callable[[int], bytes] = os.urandom
) -> Secret:
    """A new key.

    Args:
        algorithm: any word `canonical` knows.
        bits: its size; that of DES and DESede does not count the parity. Of other sizes
            that are no whole bytes the last byte is full all the same, as in Java.
        random: where the bytes come from.

    Raises:
        UsageError: no such algorithm or size, or a size is needed.
    """
    name = canonical(algorithm)
    bits = size_of(name, bits)
    if name == "DES":
        return Secret(name, _odd(random(8)))
    if name == "DESede":
        key = _odd(random(bits // 7))
        return Secret(name, key if bits == 168 else key + key[:8])
    return Secret(name, random((bits + 7) // 8))


def is_weak(algorithm: str) -> bool:
    """Whether JDK 25 warns of keys of an algorithm, or of a scheme that seals a password."""
    return algorithm in _WEAK or algorithm.lower().startswith(("pbewithmd5and", "pbewithsha1and"))


def _odd(key: bytes) -> bytes:
    """The key with each last bit such that the ones of the byte are odd (FIPS 46-3)."""
    return bytes(byte & 0xFE | (byte >> 1).bit_count() % 2 ^ 1 for byte in key)
