"""Password-based encryption read from AlgorithmIdentifiers, and encrypted private keys.

Sources: RFC 8018 (PKCS#5), RFC 7292 appendix C (PKCS#12), RFC 7914 (scrypt), RFC 5084
(AES-GCM), RFC 5958 (EncryptedPrivateKeyInfo). Everything hostile is refused while
reading, before any key is derived.
"""

from __future__ import annotations

import os

from .. import der
from ..errors import Damaged, LimitExceeded, PasswordRequired, Unsupported
from ..model import LIMITS, Limits, Password
from . import kdf
from .ciphers import CIPHERS, Cipher
from .kdf import Budget
from .schemes import (
    HMAC_SHA1,
    PBES1,
    PBES2,
    PBES2_CIPHERS,
    PBKDF2,
    RC2_VERSIONS,
    SCRYPT,
    Recipe,
    Scheme,
    make,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# What other tools write that we can name and not open.
_KNOWN = {
    "1.2.840.113549.1.5.1": "PBEWithMD2AndDES",
    "1.2.840.113549.1.5.4": "PBEWithMD2AndRC2",
    "1.3.6.1.4.1.42.2.17.1.1": "the key protector of JKS",
    "1.3.6.1.4.1.42.2.19.1": "the key protector of JCEKS",
    "1.2.643.7.1.1.5.2.2": "GOST Kuznyechik CTR-ACPKM",
    "1.2.643.2.2.21": "GOST 28147-89",
    "1.2.392.200011.61.1.1.1.4": "Camellia-256-CBC",
}


def check_iterations(value: der.Value, what: str, limits: Limits) -> int:
    """An iteration count that is at least 1 and within the limit."""
    count = value.count(f"{what}: iteration count")
    if count < 1:
        raise Damaged(f"{what}: expected at least 1 iteration, found {count}", offset=value.start)
    if count > limits.kdf_iterations:
        raise LimitExceeded(
            f"{what}: {count} iterations, at most {limits.kdf_iterations} are done",
            offset=value.start,
        )
    return count


def check_salt(value: der.Value, what: str, limits: Limits) -> bytes:
    """A salt within the limit."""
    salt = value.octets(f"{what}: salt")
    if len(salt) > limits.salt_length:
        raise LimitExceeded(
            f"{what}: a salt of {len(salt)} bytes, at most {limits.salt_length} are read",
            offset=value.start,
        )
    return salt


def algorithm(value: der.Value, what: str) -> tuple[str, der.Value | None]:
    """OID and parameters of an AlgorithmIdentifier."""
    items = value.expect(der.SEQUENCE, what).items(what, at_least=1)
    return items[0].oid(what), items[1] if len(items) > 1 else None


def parse(value: der.Value, what: str, limits: Limits = LIMITS) -> Scheme:
    """The scheme an AlgorithmIdentifier names.

    Raises:
        Unsupported: naming the OID that is not implemented.
        Damaged, LimitExceeded: before any work.
    """
    oid, parameters = algorithm(value, f"{what}: algorithm")
    if oid != PBES2 and oid not in PBES1:
        raise Unsupported(f"{what} is encrypted with {_named(oid)}, which is not supported")
    if parameters is None:
        raise Damaged(f"{what}: the algorithm has no parameters", offset=value.start)
    items = parameters.expect(der.SEQUENCE, f"{what}: parameters").items(
        f"{what}: parameters", at_least=2
    )
    if oid == PBES2:
        return _parse_pbes2(items[0], items[1], what, limits)
    _, derivation, digest, cipher = PBES1[oid]
    salt = check_salt(items[0], what, limits)
    iterations = check_iterations(items[1], what, limits)
    return Scheme(Recipe(derivation, digest, CIPHERS[cipher], iterations, len(salt)), salt)


def _named(oid: str) -> str:
    return f"{_KNOWN[oid]} ({oid})" if oid in _KNOWN else oid


def _parse_pbes2(derivation: der.Value, encryption: der.Value, what: str, limits: Limits) -> Scheme:
    oid, parameters = algorithm(derivation, f"{what}: key derivation")
    if oid not in {PBKDF2, SCRYPT}:
        raise Unsupported(f"{what}: the key derivation {_named(oid)} is not supported")
    if parameters is None:
        raise Damaged(f"{what}: the key derivation has no parameters", offset=derivation.start)
    if oid == SCRYPT:
        items = parameters.items(f"{what}: scrypt parameters", at_least=4)
        salt = check_salt(items[0], what, limits)
        numbers = [item.count(f"{what}: scrypt parameters") for item in items[1:5]]
        cost, block, parallel = numbers[:3]
        kdf.check_scrypt(cost, block, parallel)
        length = numbers[3] if len(numbers) > 3 else None
        cipher, iv = _parse_cipher(encryption, length, what)
        recipe = Recipe("scrypt", "sha256", cipher, 1, len(salt), (cost, block, parallel))
        return Scheme(recipe, salt, iv)
    salt, iterations, length, digest = parse_pbkdf2(parameters, what, limits)
    cipher, iv = _parse_cipher(encryption, length, what)
    return Scheme(Recipe("PBKDF2", digest, cipher, iterations, len(salt)), salt, iv)


def parse_pbkdf2(
    parameters: der.Value, what: str, limits: Limits
) -> tuple[bytes, int, int | None, str]:
    """Salt, iterations, key length (or None) and digest of PBKDF2-params."""
    what = f"{what}: PBKDF2"
    items = parameters.expect(der.SEQUENCE, what).items(what, at_least=2)
    if items[0].tag == der.SEQUENCE:
        raise Unsupported(f"{what} takes its salt from another source")
    salt = check_salt(items[0], what, limits)
    iterations = check_iterations(items[1], what, limits)
    rest = items[2:]
    length = None
    if rest and rest[0].tag == der.INTEGER:
        length = rest[0].count(f"{what}: key length")
        if length < 1:
            raise Damaged(f"{what}: a key length of {length} bytes", offset=rest[0].start)
        if length > limits.key_length:
            raise LimitExceeded(
                f"{what}: a key length of {length} bytes, at most {limits.key_length} are derived",
                offset=rest[0].start,
            )
        rest = rest[1:]
    prf = algorithm(rest[0], f"{what}: pseudorandom function")[0] if rest else HMAC_SHA1
    if prf not in kdf.HMACS:
        raise Unsupported(f"{what}: the pseudorandom function {prf} is not supported")
    return salt, iterations, length, kdf.HMACS[prf]


def _parse_cipher(value: der.Value, length: int | None, what: str) -> tuple[Cipher, bytes]:
    what = f"{what}: cipher"
    oid, parameters = algorithm(value, what)
    name = PBES2_CIPHERS.get(oid)
    if name is None:
        raise Unsupported(f"{what} {_named(oid)} is not supported")
    if parameters is None:
        raise Damaged(f"{what} {name}: no initialisation vector", offset=value.start)
    if name == "RC2-CBC":
        cipher, iv = _parse_rc2(parameters, length, what)
    elif name.endswith("GCM"):
        items = parameters.items(f"{what} {name}", at_least=1)
        iv = items[0].octets(f"{what} {name}: nonce")
        tag = items[1].count(f"{what} {name}: tag length") if len(items) > 1 else 12
        if tag != 16 or not 8 <= len(iv) <= 128:
            raise Unsupported(f"{what} {name}: a tag of {tag} and a nonce of {len(iv)} bytes")
        return CIPHERS[name], iv
    else:
        cipher, iv = CIPHERS[name], parameters.octets(f"{what} {name}: initialisation vector")
        if length not in {None, cipher.key_length}:
            raise Damaged(
                f"{what} {name}: expected a key of {cipher.key_length} bytes, found {length}",
                offset=value.start,
            )
    if len(iv) != cipher.iv_length:
        raise Damaged(
            f"{what} {name}: expected an initialisation vector of {cipher.iv_length} bytes, "
            f"found {len(iv)}",
            offset=value.start,
        )
    return cipher, iv


def _parse_rc2(parameters: der.Value, length: int | None, what: str) -> tuple[Cipher, bytes]:
    if parameters.tag == der.SEQUENCE:
        items = parameters.items(f"{what} RC2-CBC", at_least=1)
        version = items[0].count(f"{what} RC2-CBC: version") if len(items) > 1 else None
        iv = items[-1].octets(f"{what} RC2-CBC: initialisation vector")
    else:
        version, iv = None, parameters.octets(f"{what} RC2-CBC: initialisation vector")
    # RFC 8018 B.2.3: 32 effective bits when the version is missing.
    bits = 32 if version is None else RC2_VERSIONS.get(version, version)
    if bits not in range(1, 1025) or (version not in RC2_VERSIONS and bits < 256 and version):
        raise Damaged(f"{what} RC2-CBC: a version of {version}", offset=parameters.start)
    size = length or -(-bits // 8)
    if size > 128:
        raise Damaged(f"{what} RC2-CBC: a key of {size} bytes", offset=parameters.start)
    return Cipher(f"RC2-{bits}-CBC", size, effective_bits=bits), iv


# --- EncryptedPrivateKeyInfo (RFC 5958 section 3) -----------------------------------------------


def read_encrypted(data: bytes, what: str, limits: Limits = LIMITS) -> tuple[Scheme, bytes]:
    """Scheme and cipher text of an EncryptedPrivateKeyInfo."""
    items = der.read(data).expect(der.SEQUENCE, what).items(what, at_least=2)
    return parse(items[0], what, limits), items[1].octets(f"{what}: encrypted data")


def scheme_name(data: bytes) -> str:
    """What protects an EncryptedPrivateKeyInfo, in words; never raises."""
    try:
        return read_encrypted(data, "key")[0].recipe.name
    except (Damaged, LimitExceeded, Unsupported) as error:
        return f"unreadable: {error.message}"


def looks_like_pkcs8(plain: bytes) -> bool:
    """Whether these bytes are a PrivateKeyInfo as far as it can be told without parsing the key."""
    try:
        items = der.read(plain).expect(der.SEQUENCE, "PrivateKeyInfo").items("", at_least=3)
    except (Damaged, LimitExceeded):
        return False
    return [item.tag for item in items[:3]] == [der.INTEGER, der.SEQUENCE, der.OCTET_STRING]


def unseal(data: bytes, password: Password | None, limits: Limits = LIMITS) -> bytes:
    """PKCS#8 DER out of an EncryptedPrivateKeyInfo. The opener of a `Sealed` private key.

    Raises:
        PasswordRequired, WrongPassword, Damaged, Unsupported, LimitExceeded.
    """
    if password is None:
        raise PasswordRequired(f"the key is encrypted ({scheme_name(data)})")
    scheme, sealed = read_encrypted(data, "encrypted private key", limits)
    return scheme.decrypt(sealed, password, Budget(limits), looks_like_pkcs8)[0]


def unsealed(data: bytes, password: Password | None) -> bytes:  # noqa: ARG001 - an opener
    """PKCS#8 DER that was never encrypted. The opener of a `Sealed` private key."""
    if not looks_like_pkcs8(data):
        raise Damaged("private key: expected a PrivateKeyInfo")
    return data


def seal(
    pkcs8: bytes,
    password: Password,
    recipe: Recipe,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """EncryptedPrivateKeyInfo DER around PKCS#8 DER."""
    scheme = make(recipe, random)
    return der.sequence(scheme.encode(), der.octet_string(scheme.encrypt(pkcs8, password)))
