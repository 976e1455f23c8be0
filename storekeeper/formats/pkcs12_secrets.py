"""Secret keys and passwords in a PKCS12, the way Java lays them out.

Java wraps the bytes in a PKCS#8 structure whose algorithm is that of the secret key,
encrypts it like a private key, and puts the result into a secretBag of the type
pkcs8ShroudedKeyBag (JDK 8 and later).
"""

from __future__ import annotations

import os

from .. import der
from ..errors import PasswordRequired, Unsupported
from ..model import Secret
from .pbe import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Password
    from .schemes import Recipe

# OID: the name Java 21 and 25 give it (11 and 17 know fewer and then say the OID).
ALGORITHMS = {
    "2.16.840.1.101.3.4.1": "AES",
    "1.3.14.3.2.17": "DESede",
    "1.3.14.3.2.7": "DES",
    "1.2.840.113549.3.2": "RC2",
    "1.2.840.113549.3.4": "ARCFOUR",
    "1.3.6.1.4.1.3029.1.1.2": "Blowfish",
    "1.2.840.113549.2.7": "HmacSHA1",
    "1.2.840.113549.2.8": "HmacSHA224",
    "1.2.840.113549.2.9": "HmacSHA256",
    "1.2.840.113549.2.10": "HmacSHA384",
    "1.2.840.113549.2.11": "HmacSHA512",
    "1.2.840.113549.2.12": "HmacSHA512/224",
    "1.2.840.113549.2.13": "HmacSHA512/256",
    "2.16.840.1.101.3.4.2.13": "HmacSHA3-224",
    "2.16.840.1.101.3.4.2.14": "HmacSHA3-256",
    "2.16.840.1.101.3.4.2.15": "HmacSHA3-384",
    "2.16.840.1.101.3.4.2.16": "HmacSHA3-512",
    "1.2.840.113549.1.5.3": "PBEWithMD5AndDES",  # what keytool -importpass stores
    "1.2.840.113549.1.12.1.3": "PBEWithSHA1AndDESede",
}
_OIDS = {name.lower(): oid for oid, name in ALGORITHMS.items()}


def unseal_secret(data: bytes, password: Password | None) -> Secret:
    """A secret key out of an EncryptedPrivateKeyInfo. The opener of a `Sealed` secret."""
    if password is None:
        raise PasswordRequired("the secret key is encrypted")
    items = der.read(unseal(data, password)).items("secret key", at_least=3)
    oid = items[1].items("secret key: algorithm", at_least=1)[0].oid("secret key: algorithm")
    return Secret(ALGORITHMS.get(oid, oid), items[2].octets("secret key"))


def plain_secret(data: bytes, password: Password | None) -> Secret:  # noqa: ARG001 - an opener
    """The content of a SecretBag of some other type: its type and its octets."""
    items = der.read(data).items("SecretBag", at_least=2)
    inner = items[1].explicit("SecretBag: value")
    return Secret(items[0].oid("SecretBag: type"), inner.octets("SecretBag: value"))


def seal_secret(
    secret: Secret,
    password: Password,
    recipe: Recipe,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """EncryptedPrivateKeyInfo around a secret key.

    Raises:
        Unsupported: the algorithm has no OID Java knows.
    """
    name = secret.algorithm
    oid = _OIDS.get(name.lower(), name)
    if not oid.replace(".", "").isdigit():
        raise Unsupported(
            f"a secret key for {name}: PKCS12 needs an object identifier, none is known",
            hint=f"known are {', '.join(sorted(set(ALGORITHMS.values())))}, or give the OID",
        )
    plain = der.sequence(
        der.integer(0),
        der.sequence(der.oid(oid), der.null()),
        der.octet_string(secret.material),
    )
    return seal(plain, password, recipe, random)
