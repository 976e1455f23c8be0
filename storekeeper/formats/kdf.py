"""Keys from passwords: PKCS#12's own derivation, PBKDF1, PBKDF2 and scrypt, with a budget.

Every function here takes octets. How the characters of a password become octets is
`spellings`: the standards leave little doubt, the tools do, so there are several.
"""

from __future__ import annotations

import hashlib
from _thread import get_ident

from ..errors import Damaged, LimitExceeded, Unsupported
from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Limits, Password

# The "diversifier" octet of RFC 7292 appendix B.3.
KEY, IV, MAC = 1, 2, 3

DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.5": "sha512_224",
    "2.16.840.1.101.3.4.2.6": "sha512_256",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
HMACS = {
    "1.2.840.113549.2.6": "md5",
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
    "1.2.840.113549.2.12": "sha512_224",
    "1.2.840.113549.2.13": "sha512_256",
    "2.16.840.1.101.3.4.2.13": "sha3_224",
    "2.16.840.1.101.3.4.2.14": "sha3_256",
    "2.16.840.1.101.3.4.2.15": "sha3_384",
    "2.16.840.1.101.3.4.2.16": "sha3_512",
}


class Budget:
    """The iterations one reading may still spend, over its MAC and all its safes."""

    __slots__ = ("left", "total")

    def __init__(self, limits: Limits) -> None:
        self.total = self.left = limits.kdf_iterations

    def spend(self, iterations: int) -> None:
        """Take ``iterations`` off; `LimitExceeded` before the work when there are not enough."""
        if iterations > self.left:
            raise self.refusal(self.total - self.left + iterations)
        self.left -= iterations

    def each(self, spellings: list[Spelling], iterations: int) -> Iterator[Spelling]:
        """The spellings of a password that can be paid for, the first or `LimitExceeded`.

        The second way to spell no password must not make a file too expensive that the
        first, or the next password, opens.
        """
        for spelling in spellings:
            if spelling is not spellings[0] and iterations > self.left:
                return
            self.spend(iterations)
            yield spelling

    def refusal(self, wanted: int) -> LimitExceeded:
        """The error for a file that asks for so many iterations in all."""
        return LimitExceeded(
            f"key derivation: as much work asked for as {wanted} iterations of PBKDF2, at most "
            f"{self.total} are done",
            hint=f"if the file is yours, allow it with Limits(kdf_iterations={wanted})",
        )


def work(digest: str, iterations: int, *lengths: int, looped: bool) -> int:
    """What deriving keys of these lengths costs, in iterations of PBKDF2 with HMAC-SHA-256.

    Each digest's worth of a key takes all the iterations again. Measured with OpenSSL 3 on a
    machine with SHA instructions: PBKDF2 takes 0.24 microseconds an iteration with SHA-1 and
    SHA-256, 0.62 with SHA-512; what has to be ``looped`` in Python takes 0.37.
    """
    runs = sum(-(-length // new_digest(digest).digest_size) for length in lengths)
    wide = digest.startswith(("sha384", "sha512", "sha3_"))
    halves = (4 if wide else 3) if looped else (6 if wide else 2)
    return iterations * runs * halves // 2


class Spelling(Frozen):
    """One way to turn a password into octets.

    Attributes:
        octets: for a key derivation function.
        note: "" for the way the standards say, else the other way in words.
    """

    octets: bytes
    note: str = ""

    _hidden = frozenset({"octets"})


def bmp(text: str) -> bytes:
    """UTF-16BE with two zero bytes at the end (RFC 7292 appendix B.1), surrogates as Java has."""
    return text.encode("utf-16-be", "surrogatepass") + b"\0\0"


def spellings(password: Password, *, pkcs12: bool) -> list[Spelling]:
    """The octets a tool may have made of a password, the standards' way first.

    Args:
        password: `Password(None)` is no password, `Password("")` the empty one.
        pkcs12: for the derivation of RFC 7292 appendix B, else for PKCS#5.
    """
    text = password.text
    if not text:
        # No password is no octets, the empty one its terminator alone. OpenSSL and NSS
        # write either; Java's KeyStore tries both (its class RetryWithZero).
        nothing, empty = (b"", b"\0\0") if pkcs12 else (b"", b"\0")
        if text is None:
            return [Spelling(nothing), Spelling(empty, "the empty password")]
        if pkcs12:
            return [Spelling(empty), Spelling(nothing, "no password")]
        return [Spelling(nothing), Spelling(empty, "a password of one zero byte")]
    utf8 = text.encode("utf-8", "surrogatepass")
    if pkcs12:
        ways = [Spelling(bmp(text))]
        if not text.isascii():
            # OpenSSL before 1.1.0 widened each byte of the terminal's encoding.
            ways.append(Spelling(bmp(utf8.decode("latin-1")), "UTF-8 bytes as characters"))
            # Java masks the octets of a key it was given in place of a password.
            masked = bytes(octet & 0x7F for octet in utf8).decode("ascii")
            ways.append(Spelling(bmp(masked), "the low seven bits of its UTF-8 bytes"))
        return ways
    ways = [Spelling(utf8)]
    if not text.isascii():
        latin1 = text.encode("latin-1", "replace")
        ways.append(Spelling(latin1, "Latin-1"))
        low = bytes(ord(character) & 0x7F for character in text)
        ways.append(Spelling(low, "the low seven bits of its characters"))
    return ways


def chosen(ways: list[Spelling], note: str) -> bytes:
    """The octets of the spelling with this note; the standards' where there is none such."""
    return next((way.octets for way in ways if way.note == note), ways[0].octets)


def new_digest(name: str) -> hashlib._Hash:
    """A hash object; `Unsupported` where this OpenSSL does not have it."""
    try:
        return hashlib.new(name, usedforsecurity=False)
    except ValueError:
        raise Unsupported(f"the digest {name} is not available in this Python") from None


class DerivedOnce:
    """While it runs, a key derived from the same things again is the one of before.

    For what is written and read back at once: half of that time would be the same derivation.
    Of this thread only, and afterwards nothing is kept.
    """

    def __enter__(self) -> None:
        _derived[get_ident()] = {}

    def __exit__(self, *_: object) -> None:
        _derived.pop(get_ident(), None)


_derived: dict[int, dict[tuple[object, ...], bytes]] = {}


def _once(derive: Callable[..., bytes], *arguments: object) -> bytes:
    known = _derived.get(get_ident())
    if known is None:
        return derive(*arguments)
    asked = (derive, *arguments)
    if asked not in known:
        known[asked] = derive(*arguments)
    return known[asked]


def pkcs12_key(
    digest: str, password: bytes, salt: bytes, iterations: int, purpose: int, length: int
) -> bytes:
    """RFC 7292 appendix B.2.

    ``digest`` is a name for hashlib, ``password`` a BMPString with its two zero bytes or
    nothing at all, ``purpose`` one of `KEY`, `IV` and `MAC`, ``length`` the bytes wanted.
    """
    return _once(_pkcs12_key, digest, password, salt, iterations, purpose, length)


def _pkcs12_key(
    digest: str, password: bytes, salt: bytes, iterations: int, purpose: int, length: int
) -> bytes:
    base = new_digest(digest)
    block = base.block_size

    def fill(octets: bytes) -> bytes:
        size = -(-len(octets) // block) * block
        return (octets * (size // len(octets) + 1))[:size] if octets else b""

    start = base.copy()
    start.update(bytes((purpose,)) * block)
    mixture = fill(salt) + fill(password)
    make = getattr(hashlib, digest, None) or (lambda octets: hashlib.new(digest, octets))
    out = b""
    while True:
        first = start.copy()
        first.update(mixture)
        value = first.digest()
        for _ in range(iterations - 1):
            value = make(value).digest()
        out += value
        if len(out) >= length:
            return out[:length]
        addend = int.from_bytes(fill(value)[:block], "big") + 1
        parts = [
            (int.from_bytes(mixture[at : at + block], "big") + addend) % (1 << 8 * block)
            for at in range(0, len(mixture), block)
        ]
        mixture = b"".join(part.to_bytes(block, "big") for part in parts)


def pbkdf1(digest: str, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    """RFC 8018 section 5.1."""
    value = password + salt
    for _ in range(iterations):
        state = new_digest(digest)
        state.update(value)
        value = state.digest()
    return value[:length]


def pbkdf2(digest: str, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    """RFC 8018 section 5.2, the pseudorandom function being HMAC with ``digest``."""
    try:
        return _once(hashlib.pbkdf2_hmac, digest, password, salt, iterations, length)
    except ValueError:
        raise Unsupported(f"PBKDF2 with HMAC of {digest} is not available in this Python") from None


def scrypt(password: bytes, salt: bytes, cost: int, block: int, parallel: int, size: int) -> bytes:
    """RFC 7914. The caller has checked the parameters with `check_scrypt`."""
    try:
        return hashlib.scrypt(
            password, salt=salt, n=cost, r=block, p=parallel, dklen=size, maxmem=SCRYPT_MEMORY * 2
        )
    except (ValueError, AttributeError) as error:
        raise Unsupported(f"scrypt is not available in this Python: {error}") from None


# Memory of one scrypt run: N = 2^15, r = 8 is the strongest common choice and takes 32 MiB.
SCRYPT_MEMORY = 64 * 1024 * 1024
SCRYPT_PARALLEL = 16


def check_scrypt(cost: int, block: int, parallel: int) -> None:
    """Refuse scrypt parameters that are none, or that ask for too much."""
    if cost < 2 or cost & (cost - 1) or block < 1 or parallel < 1:
        raise Damaged(f"scrypt parameters N={cost}, r={block}, p={parallel} are not valid")
    if cost * block * 128 > SCRYPT_MEMORY or parallel > SCRYPT_PARALLEL:
        raise LimitExceeded(
            f"scrypt parameters N={cost}, r={block}, p={parallel} need more than "
            f"{SCRYPT_MEMORY} bytes or {SCRYPT_PARALLEL} runs"
        )
