"""Schemes of password-based encryption and how they are written as AlgorithmIdentifiers.

Sources: RFC 8018 (PKCS#5), RFC 7292 appendix C (PKCS#12), RFC 7914 (scrypt), RFC 5084
(AES-GCM). Names of schemes are the JCA's, which is what
``keystore.pkcs12.keyProtectionAlgorithm`` and its siblings are set to. `pbe` reads them.
"""

from __future__ import annotations

import os

from .. import der
from ..errors import WrongPassword
from ..frozen import Frozen
from ..model import Password
from . import kdf
from .ciphers import Cipher, decrypt, encrypt
from .kdf import Budget, Spelling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PBES2 = "1.2.840.113549.1.5.13"
PBKDF2 = "1.2.840.113549.1.5.12"
SCRYPT = "1.3.6.1.4.1.11591.4.11"
HMAC_SHA1 = "1.2.840.113549.2.7"

# OID: (name, derivation, digest, cipher)
PBES1 = {
    "1.2.840.113549.1.12.1.1": ("PBEWithSHA1AndRC4_128", "PKCS12", "sha1", "RC4-128"),
    "1.2.840.113549.1.12.1.2": ("PBEWithSHA1AndRC4_40", "PKCS12", "sha1", "RC4-40"),
    "1.2.840.113549.1.12.1.3": ("PBEWithSHA1AndDESede", "PKCS12", "sha1", "DES-EDE3-CBC"),
    "1.2.840.113549.1.12.1.4": ("PBEWithSHA1And2KeyDESede", "PKCS12", "sha1", "DES-EDE-CBC"),
    "1.2.840.113549.1.12.1.5": ("PBEWithSHA1AndRC2_128", "PKCS12", "sha1", "RC2-128-CBC"),
    "1.2.840.113549.1.12.1.6": ("PBEWithSHA1AndRC2_40", "PKCS12", "sha1", "RC2-40-CBC"),
    "1.2.840.113549.1.5.3": ("PBEWithMD5AndDES", "PBKDF1", "md5", "DES-CBC"),
    "1.2.840.113549.1.5.6": ("PBEWithMD5AndRC2_64", "PBKDF1", "md5", "RC2-64-CBC"),
    "1.2.840.113549.1.5.10": ("PBEWithSHA1AndDES", "PBKDF1", "sha1", "DES-CBC"),
    "1.2.840.113549.1.5.11": ("PBEWithSHA1AndRC2_64", "PBKDF1", "sha1", "RC2-64-CBC"),
}
PBES1_OIDS = {(kind, digest, cipher): oid for oid, (_, kind, digest, cipher) in PBES1.items()}
PBES2_CIPHERS = {
    "2.16.840.1.101.3.4.1.2": "AES-128-CBC",
    "2.16.840.1.101.3.4.1.22": "AES-192-CBC",
    "2.16.840.1.101.3.4.1.42": "AES-256-CBC",
    "2.16.840.1.101.3.4.1.6": "AES-128-GCM",
    "2.16.840.1.101.3.4.1.26": "AES-192-GCM",
    "2.16.840.1.101.3.4.1.46": "AES-256-GCM",
    "1.2.840.113549.3.7": "DES-EDE3-CBC",
    "1.3.14.3.2.7": "DES-CBC",
    "1.2.840.113549.3.2": "RC2-CBC",
}
PBES2_OIDS = {name: oid for oid, name in PBES2_CIPHERS.items()}
HMAC_OIDS = {digest: oid for oid, digest in kdf.HMACS.items()}
# RFC 8018 appendix B.2.3: the "version" that stands for an effective key length.
RC2_VERSIONS = {160: 40, 120: 64, 58: 128}
_FITS = "wrong password, or the bytes were changed"


class Recipe(Frozen):
    """A scheme before a salt is drawn: what is needed to encrypt anew.

    Attributes:
        derivation: "PKCS12", "PBKDF1", "PBKDF2" or "scrypt".
        digest: hashlib's name of the hash, or of the hash in PBKDF2's HMAC.
        cipher: see `ciphers.Cipher`.
        iterations: for scrypt, 1.
        salt_length: bytes.
        scrypt: (N, r, p), or None.
    """

    derivation: str
    digest: str
    cipher: Cipher
    iterations: int
    salt_length: int = 20
    scrypt: tuple[int, int, int] | None = None

    @property
    def name(self) -> str:
        """The JCA's name of the scheme, or one made in its manner."""
        known = PBES1.get(PBES1_OIDS.get((self.derivation, self.digest, self.cipher.name), ""))
        if known:
            return known[0]
        hmac = "Hmac" + self.digest.upper().replace("_", "/")
        if self.derivation == "PBKDF2" and self.cipher.name.endswith("CBC"):
            if self.cipher.name.startswith("AES"):
                return f"PBEWith{hmac}AndAES_{self.cipher.key_length * 8}"
            return f"PBES2 {hmac} {self.cipher.name}"
        return f"PBES2 {self.derivation} {self.cipher.name}"


class Scheme(Frozen):
    """A recipe with its salt and initialisation vector: one AlgorithmIdentifier."""

    recipe: Recipe
    salt: bytes
    iv: bytes = b""

    def spellings(self, password: Password) -> list[Spelling]:
        """The octets to try, in order."""
        return kdf.spellings(password, pkcs12=self.recipe.derivation == "PKCS12")

    def _key(self, password: bytes) -> tuple[bytes, bytes]:
        recipe, cipher = self.recipe, self.recipe.cipher
        size = cipher.key_length
        if recipe.derivation == "PBKDF2":
            key = kdf.pbkdf2(recipe.digest, password, self.salt, recipe.iterations, size)
            return key, self.iv
        if recipe.derivation == "scrypt":
            assert recipe.scrypt is not None
            return kdf.scrypt(password, self.salt, *recipe.scrypt, size), self.iv
        if recipe.derivation == "PBKDF1":
            both = kdf.pbkdf1(recipe.digest, password, self.salt, recipe.iterations, 16)
            return both[:8], both[8:]
        arguments = (recipe.digest, password, self.salt, recipe.iterations)
        key = kdf.pkcs12_key(*arguments, kdf.KEY, size)
        iv = kdf.pkcs12_key(*arguments, kdf.IV, cipher.iv_length) if cipher.iv_length else b""
        return key, iv

    def work(self) -> int:
        """What trying one spelling of a password costs (`kdf.work`)."""
        recipe, cipher = self.recipe, self.recipe.cipher
        if recipe.scrypt is not None:
            cost, block, parallel = recipe.scrypt
            return cost * block * parallel * 3 // 2
        lengths = [cipher.key_length]
        if recipe.derivation == "PKCS12":
            lengths.append(cipher.iv_length)
        looped = recipe.derivation != "PBKDF2"
        return kdf.work(recipe.digest, recipe.iterations, *lengths, looped=looped)

    def decrypt(
        self,
        data: bytes,
        password: Password,
        budget: Budget,
        accept: Callable[[bytes], bool],
    ) -> tuple[bytes, str]:
        """The plain text ``accept`` accepts, and the note of the spelling that gave it.

        Raises:
            WrongPassword: no spelling of the password gives one.
            Damaged, LimitExceeded, Unsupported.
        """
        for spelling in budget.each(self.spellings(password), self.work()):
            try:
                plain = decrypt(self.recipe.cipher, *self._key(spelling.octets), data)
            except WrongPassword:
                continue
            if accept(plain):
                return plain, spelling.note
        raise WrongPassword(f"{self.recipe.name}: {_FITS}")

    def encrypt(self, data: bytes, password: Password, spelling: str = "") -> bytes:
        """Cipher text under the standards' spelling of the password, or the one of that note."""
        octets = kdf.chosen(self.spellings(password), spelling)
        return encrypt(self.recipe.cipher, *self._key(octets), data)

    def encode(self) -> bytes:
        """The AlgorithmIdentifier."""
        recipe, cipher = self.recipe, self.recipe.cipher
        oid = PBES1_OIDS.get((recipe.derivation, recipe.digest, cipher.name))
        if oid:
            parameters = der.sequence(der.octet_string(self.salt), der.integer(recipe.iterations))
            return der.sequence(der.oid(oid), parameters)
        return der.sequence(
            der.oid(PBES2), der.sequence(self._encode_derivation(), self._encode_cipher())
        )

    def _encode_derivation(self) -> bytes:
        recipe = self.recipe
        if recipe.scrypt:
            numbers = map(der.integer, recipe.scrypt)
            return der.sequence(
                der.oid(SCRYPT), der.sequence(der.octet_string(self.salt), *numbers)
            )
        # The JDK spells the key length out for every cipher; DER wants the default PRF left out.
        return encode_pbkdf2(self.salt, recipe.iterations, recipe.cipher.key_length, recipe.digest)

    def _encode_cipher(self) -> bytes:
        cipher, iv = self.recipe.cipher, der.octet_string(self.iv)
        if cipher.effective_bits:
            bits = cipher.effective_bits
            version = {v: k for k, v in RC2_VERSIONS.items()}.get(bits, bits)
            parameters = der.sequence(der.integer(version), iv)
            return der.sequence(der.oid(PBES2_OIDS["RC2-CBC"]), parameters)
        if cipher.name.endswith("GCM"):
            iv = der.sequence(iv, der.integer(16))
        return der.sequence(der.oid(PBES2_OIDS[cipher.name]), iv)


def encode_pbkdf2(salt: bytes, iterations: int, key_length: int, digest: str) -> bytes:
    """AlgorithmIdentifier of PBKDF2 (RFC 8018 appendix A.2)."""
    prf = b"" if digest == "sha1" else der.sequence(der.oid(HMAC_OIDS[digest]), der.null())
    parameters = der.sequence(
        der.octet_string(salt), der.integer(iterations), der.integer(key_length), prf
    )
    return der.sequence(der.oid(PBKDF2), parameters)


def make(recipe: Recipe, random: Callable[[int], bytes] = os.urandom) -> Scheme:
    """A scheme with fresh salt and initialisation vector."""
    salt = random(recipe.salt_length)
    derived = recipe.derivation in {"PKCS12", "PBKDF1"}
    return Scheme(recipe, salt, b"" if derived else random(recipe.cipher.iv_length))
