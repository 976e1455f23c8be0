"""The integrity check of a PKCS12 file: RFC 7292's MAC and PBMAC1 (RFC 9579).

Reading a `MacData` refuses whatever is malformed or asks for too much; only then may
`verify` derive a key.
"""

from __future__ import annotations

import hmac
import os

from .. import der
from ..errors import Damaged, LimitExceeded, Unsupported, WrongPassword
from ..frozen import Frozen
from . import kdf
from .kdf import Budget
from .pbe import algorithm, check_iterations, check_salt, parse_pbkdf2
from .schemes import HMAC_OIDS, PBKDF2, encode_pbkdf2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Limits, Password

PBMAC1 = "1.2.840.113549.1.5.14"
# RFC 9579 section 5: a shorter key is weaker than the digest, and a key of no length no key.
SHORTEST_KEY = 20
_DIGEST_OIDS = {name: oid for oid, name in kdf.DIGESTS.items()}
# RFC 9579 section 6 suggests this for the fields PBMAC1 leaves without a meaning.
_UNUSED_SALT = b"NOT USED"


class MacRecipe(Frozen):
    """How a file is authenticated, before a salt is drawn.

    Attributes:
        digest: hashlib's name of the HMAC's hash.
        iterations: of the key derivation.
        salt_length: bytes.
        prf: hash of PBKDF2's HMAC; "" means RFC 7292's derivation, not PBMAC1.
        key_length: bytes of PBMAC1's key; 0 means the digest's.
    """

    digest: str
    iterations: int
    salt_length: int = 20
    prf: str = ""
    key_length: int = 0

    @property
    def name(self) -> str:
        """In words: Java's name of the MAC, or PBMAC1 with its parts."""
        digest = self.digest.upper().replace("_", "/")
        if self.prf:
            prf = self.prf.upper().replace("_", "/")
            return f"PBMAC1 Hmac{digest}, PBKDF2-Hmac{prf}"
        return f"HmacPBE{digest}"


class Mac(Frozen):
    """A recipe, its salt and the expected value."""

    recipe: MacRecipe
    salt: bytes
    value: bytes

    def _compute(self, content: bytes, password: bytes) -> bytes:
        recipe = self.recipe
        size = recipe.key_length or kdf.new_digest(recipe.digest).digest_size
        if recipe.prf:
            key = kdf.pbkdf2(recipe.prf, password, self.salt, recipe.iterations, size)
        else:
            key = kdf.pkcs12_key(
                recipe.digest, password, self.salt, recipe.iterations, kdf.MAC, size
            )
        return hmac.digest(key, content, recipe.digest)

    def work(self) -> int:
        """What trying one spelling of a password costs (`kdf.work`)."""
        prf, digest = self.recipe.prf, self.recipe.digest
        size = self.recipe.key_length or kdf.new_digest(digest).digest_size
        return kdf.work(prf or digest, self.recipe.iterations, size, looped=not prf)

    def verify(self, content: bytes, password: Password, budget: Budget) -> str:
        """The note of the spelling of the password the MAC was made with.

        Raises:
            WrongPassword: it was made with none of them, or over other bytes.
        """
        ways = kdf.spellings(password, pkcs12=not self.recipe.prf)
        for spelling in budget.each(ways, self.work()):
            if hmac.compare_digest(self._compute(content, spelling.octets), self.value):
                return spelling.note
        raise WrongPassword(f"{self.recipe.name}: wrong password, or the file was changed")

    def encode(self) -> bytes:
        """MacData."""
        recipe = self.recipe
        if recipe.prf:
            size = recipe.key_length or len(self.value)
            scheme = der.sequence(der.oid(HMAC_OIDS[recipe.digest]), der.null())
            derivation = encode_pbkdf2(self.salt, recipe.iterations, size, recipe.prf)
            name = der.sequence(der.oid(PBMAC1), der.sequence(derivation, scheme))
            salt, iterations = _UNUSED_SALT, 1
        else:
            name = der.sequence(der.oid(_DIGEST_OIDS[recipe.digest]), der.null())
            salt, iterations = self.salt, recipe.iterations
        # DER leaves a default out: iterations DEFAULT 1 (RFC 7292 section 4).
        count = b"" if iterations == 1 else der.integer(iterations)
        digest = der.sequence(name, der.octet_string(self.value))
        return der.sequence(digest, der.octet_string(salt), count)


def make(
    recipe: MacRecipe,
    content: bytes,
    password: Password,
    random: Callable[[int], bytes] = os.urandom,
    spelling: str = "",
) -> Mac:
    """The MAC of ``content``; ``spelling`` is the note of a way to spell the password."""
    empty = Mac(recipe, random(recipe.salt_length), b"")
    octets = kdf.chosen(kdf.spellings(password, pkcs12=not recipe.prf), spelling)
    return Mac(recipe, empty.salt, empty._compute(content, octets))


def parse(value: der.Value, limits: Limits) -> Mac:
    """MacData, checked.

    Raises:
        Damaged, LimitExceeded, Unsupported: before any work.
    """
    items = value.expect(der.SEQUENCE, "MacData").items("MacData", at_least=2)
    digest = items[0].expect(der.SEQUENCE, "MAC").items("MAC", at_least=2)
    expected = digest[1].octets("MAC: value")
    oid, parameters = algorithm(digest[0], "MAC: algorithm")
    if oid == PBMAC1:
        if parameters is None:
            raise Damaged("PBMAC1: expected parameters, found none", offset=digest[0].start)
        return _parse_pbmac1(parameters, expected, limits)
    if oid not in kdf.DIGESTS:
        raise Unsupported(f"the MAC algorithm {oid} is not supported")
    salt = check_salt(items[1], "MAC", limits)
    iterations = check_iterations(items[2], "MAC", limits) if len(items) > 2 else 1
    recipe = MacRecipe(kdf.DIGESTS[oid], iterations, len(salt))
    _check_value(recipe.digest, expected, digest[1])
    return Mac(recipe, salt, expected)


def _parse_pbmac1(parameters: der.Value, expected: bytes, limits: Limits) -> Mac:
    items = parameters.expect(der.SEQUENCE, "PBMAC1").items("PBMAC1", at_least=2)
    derivation, derivation_parameters = algorithm(items[0], "PBMAC1: key derivation")
    if derivation != PBKDF2:
        raise Unsupported(f"PBMAC1: the key derivation {derivation} is not supported")
    if derivation_parameters is None:
        raise Damaged("PBMAC1: the key derivation has no parameters", offset=items[0].start)
    scheme = algorithm(items[1], "PBMAC1: MAC")[0]
    if scheme not in kdf.HMACS:
        raise Unsupported(f"PBMAC1: the MAC {scheme} is not supported")
    salt, iterations, length, prf = parse_pbkdf2(derivation_parameters, "PBMAC1", limits)
    if length is None:
        # RFC 9579 section 4 makes the optional field mandatory here.
        raise Damaged(
            "PBMAC1: expected a key length, found none", offset=derivation_parameters.start
        )
    if length < SHORTEST_KEY:
        raise Damaged(
            f"PBMAC1: expected a key of at least {SHORTEST_KEY} bytes, found {length}",
            offset=derivation_parameters.start,
        )
    if length > limits.key_length:  # pragma: no cover - parse_pbkdf2 has looked
        raise LimitExceeded(f"PBMAC1: a key of {length} bytes")
    digest = kdf.HMACS[scheme]
    _check_value(digest, expected, items[1])
    return Mac(MacRecipe(digest, iterations, len(salt), prf, length), salt, expected)


def _check_value(digest: str, expected: bytes, where: der.Value) -> None:
    size = kdf.new_digest(digest).digest_size
    if len(expected) != size:
        raise Damaged(
            f"MAC: expected a value of {size} bytes, found {len(expected)}", offset=where.start
        )
