"""How JKS and JCEKS seal their keys (JDK: sun.security.provider.KeyProtector and
com.sun.crypto.provider.KeyProtector, PBES1Core, SealedObjectForKeyProtector).

Private keys lie in a PKCS#8 EncryptedPrivateKeyInfo under one of two Sun algorithms,
secret keys in a serialised `SealedObjectForKeyProtector` around a serialised key. Both
ciphers are weak; they are here because these are the only ones the formats have.
"""

from __future__ import annotations

import os
from hashlib import md5, sha1

from .. import der
from ..errors import (
    Damaged,
    InputError,
    LimitExceeded,
    PasswordRequired,
    Unsupported,
    UsageError,
    WrongPassword,
)
from ..model import LIMITS, Password, Sealed, Secret
from . import serialized, serialized_write
from .serialized import Array, ClassDesc, Constant, Instance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

JKS_PROTECTOR = "1.3.6.1.4.1.42.2.17.1.1"
JCEKS_PROTECTOR = "1.3.6.1.4.1.42.2.19.1"

SCHEMES = {JKS_PROTECTOR: "JKS key protector", JCEKS_PROTECTOR: "PBEWithMD5AndTripleDES"}
# What Java opens in each format.
JKS_SCHEMES = frozenset({SCHEMES[JKS_PROTECTOR]})
JCEKS_SCHEMES = frozenset(SCHEMES.values())
SECRET_SCHEME = "PBEWithMD5AndTripleDES in a serialised object"

# What the JDK writes since 8u171 (jdk.jceks.iterationCount); before, it was 20.
ITERATIONS = 200_000
# Each is done for both halves of the salt, in Python: four of those the limit counts.
_MOST_ITERATIONS = LIMITS.kdf_iterations // 4

_SALT = 8  # PBES1Core takes no other length
_ALGORITHM = "PBEWithMD5AndTripleDES"
_CIPHER = "DES-EDE3-CBC"

# As the JDK declares them; the numbers are their serialVersionUIDs.
_BYTES = ClassDesc("[B", -5984413125824719648)
_STRING = "Ljava/lang/String;"
SEALED_OBJECT = "javax.crypto.SealedObject"
SEALED_KEY = "com.sun.crypto.provider.SealedObjectForKeyProtector"
_SEALED_KEY = ClassDesc(
    SEALED_KEY,
    -3650226485480866989,
    parent=ClassDesc(
        SEALED_OBJECT,
        4482838265551344752,
        fields=(
            ("[", "encodedParams", "[B"),
            ("[", "encryptedContent", "[B"),
            ("L", "paramsAlg", _STRING),
            ("L", "sealAlg", _STRING),
        ),
    ),
)
_SECRET_KEY_SPEC = ClassDesc(
    "javax.crypto.spec.SecretKeySpec",
    6577238317307289933,
    fields=(("L", "algorithm", _STRING), ("[", "key", "[B")),
)


# The keystream is made block by block in Python. The largest keys there are (Classic
# McEliece) have 14 kB.
_MAX_KEY = 1 << 20


def scheme(data: bytes) -> str:
    """What seals a private key, in words; "unknown" where that can't be read."""
    try:
        oid = _algorithm(data)[0]
    except InputError:
        return "unknown"
    return SCHEMES.get(oid, oid)


def open_jks_key(data: bytes, password: Password | None) -> bytes:
    """The PKCS#8 PrivateKeyInfo inside a sealed key of a JKS; see `open_jceks_key`."""
    return open_jceks_key(data, password)


def open_jceks_key(data: bytes, password: Password | None) -> bytes:
    """The PKCS#8 PrivateKeyInfo inside an EncryptedPrivateKeyInfo of a JCEKS.

    Java opens both algorithms in a JCEKS, and in a JKS only that of JKS.

    Raises:
        PasswordRequired: none given; neither format has keys without one.
        WrongPassword: it does not open the key, or the bytes were changed.
        Unsupported: an algorithm that is neither format's own (named).
        Damaged: no EncryptedPrivateKeyInfo, or parameters Java does not write.
        LimitExceeded: more iterations than `LIMITS` allows.
    """
    text = _text(password)
    oid, parameters, ciphertext = _algorithm(data)
    if oid == JKS_PROTECTOR:
        return _open_jks(ciphertext, text)
    if oid != JCEKS_PROTECTOR:
        raise Unsupported(f"the private key is sealed by algorithm {oid}")
    if parameters is None:
        raise Damaged("the algorithm of the sealed private key has no parameters")
    plain = _open_jceks(parameters, ciphertext, text)
    try:
        # One wrong password in 256 leaves correct padding.
        version, algorithm, key = der.read(plain).items("private key", at_least=3)[:3]
        version.expect(der.INTEGER, "version")
        algorithm.expect(der.SEQUENCE, "algorithm")
        key.expect(der.OCTET_STRING, "key")
    except (Damaged, LimitExceeded):
        raise _wrong() from None
    return plain


def open_secret(data: bytes, password: Password | None) -> Secret:
    """The secret key inside a serialised object of a JCEKS; raises as `open_jceks_key`."""
    text = _text(password)
    sealed, _ = serialized.parse(data)
    if sealed.desc.name != SEALED_KEY:
        raise Unsupported(f"the secret key is an object of the Java class {sealed.desc.name}")
    algorithm = sealed.values.get("sealAlg")
    if algorithm != _ALGORITHM:
        raise Unsupported(f"the secret key is sealed by algorithm {algorithm!r}")
    parameters = der.only(_bytes(sealed, "encodedParams"), "parameters of the sealed key")
    plain = _open_jceks(parameters, _bytes(sealed, "encryptedContent"), text)
    if not plain.startswith(serialized.MAGIC):
        raise _wrong()
    key, _ = serialized.parse(plain)
    match key.desc.name:
        case "javax.crypto.spec.SecretKeySpec":
            return Secret(_name(key, "algorithm"), _bytes(key, "key"))
        case "java.security.KeyRep":
            kind, form = key.values.get("type"), key.values.get("format")
            if not isinstance(kind, Constant) or kind.name != "SECRET" or form != "RAW":
                raise Unsupported("the sealed object is a key, and no raw secret key")
            return Secret(_name(key, "algorithm"), _bytes(key, "encoded"))
        # Before Java 5 keys were written as they are, not as a KeyRep.
        case "com.sun.crypto.provider.DESKey":
            return Secret("DES", _bytes(key, "key"))
        case "com.sun.crypto.provider.DESedeKey":
            return Secret("DESede", _bytes(key, "key"))
        case "com.sun.crypto.provider.PBEKey":
            return Secret(_name(key, "type"), _bytes(key, "key"))
    raise Unsupported(f"the sealed object is of the Java class {key.desc.name}")


def seal_private_key(
    pkcs8: bytes,
    password: Password,
    format: Literal["JKS", "JCEKS"] = "JKS",
    *,
    random: Callable[[int], bytes] = os.urandom,
    iterations: int = ITERATIONS,
) -> Sealed:
    """A private key as that format seals it; ``iterations`` counts in JCEKS only.

    The algorithm's parameters are written as NULL for JKS: JDK 21 and later leave
    them out, and every JDK reads NULL.

    Raises:
        PasswordRequired: the password is none.
        UsageError: the format is another, or the password is not printable ASCII, which
            is all that every JDK takes for a JCEKS.
    """
    text = _text(password)
    if format == "JKS":
        salt = random(20)
        key = _utf16(text)
        cipher = salt + _keystream(pkcs8, salt, key) + sha1(key + pkcs8).digest()
        algorithm = der.sequence(der.oid(JKS_PROTECTOR), der.null())
    elif format == "JCEKS":
        parameters, cipher = _seal_jceks(pkcs8, text, random, iterations)
        algorithm = der.sequence(der.oid(JCEKS_PROTECTOR), parameters)
    else:
        raise UsageError(f"expected the format JKS or JCEKS, found {format!r}")
    data = der.sequence(algorithm, der.octet_string(cipher))
    return Sealed(scheme(data), data, open_jks_key if format == "JKS" else open_jceks_key)


def seal_secret(
    secret: Secret,
    password: Password,
    *,
    random: Callable[[int], bytes] = os.urandom,
    iterations: int = ITERATIONS,
) -> Sealed:
    """A secret key as a JCEKS holds it: a sealed `SecretKeySpec`, which every JDK reads.

    Raises as `seal_private_key`; a key without bytes or algorithm is a UsageError, since
    Java can't hold one.
    """
    if not secret.material or not secret.algorithm:
        raise UsageError("expected a secret key with an algorithm and at least one byte")
    spec = Instance(
        _SECRET_KEY_SPEC,
        {"algorithm": secret.algorithm, "key": Array(_BYTES, secret.material)},
    )
    parameters, cipher = _seal_jceks(
        serialized_write.dump(spec), _text(password), random, iterations
    )
    sealed = Instance(
        _SEALED_KEY,
        {
            "encodedParams": Array(_BYTES, parameters),
            "encryptedContent": Array(_BYTES, cipher),
            "paramsAlg": _ALGORITHM,
            "sealAlg": _ALGORITHM,
        },
    )
    return Sealed(SECRET_SCHEME, serialized_write.dump(sealed), open_secret)


def _text(password: Password | None) -> str:
    if password is None or password.text is None:
        raise PasswordRequired("the key is sealed and no key password was given")
    return password.text


def _wrong() -> WrongPassword:
    return WrongPassword(
        "wrong key password, or the key was changed",
        hint="a key may have another password than its store",
    )


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _algorithm(data: bytes) -> tuple[str, der.Value | None, bytes]:
    """OID, parameters and ciphertext of an EncryptedPrivateKeyInfo (RFC 5958 section 3)."""
    what = "sealed private key"
    outer = der.only(data, what).expect(der.SEQUENCE, what).items(what, at_least=2)
    algorithm = outer[0].expect(der.SEQUENCE, "algorithm of the sealed private key")
    parts = algorithm.items("algorithm of the sealed private key", at_least=1)
    oid = parts[0].oid("algorithm of the sealed private key")
    return oid, parts[1] if len(parts) > 1 else None, outer[1].octets("sealed private key")


# --- JKS: SHA-1 as a keystream ---


def _keystream(data: bytes, salt: bytes, key: bytes) -> bytes:
    """Data XORed with SHA-1(key, salt), SHA-1(key, that), ..."""
    blocks = []
    block = salt
    for _ in range(0, len(data), 20):
        block = sha1(key + block).digest()
        blocks.append(block)
    size = len(data)
    stream = int.from_bytes(b"".join(blocks)[:size], "big")
    return (int.from_bytes(data, "big") ^ stream).to_bytes(size, "big")


def _open_jks(ciphertext: bytes, text: str) -> bytes:
    if len(ciphertext) < 40:
        raise Damaged(f"a sealed private key of {len(ciphertext)} bytes, expected 40 or more")
    if len(ciphertext) > _MAX_KEY:
        raise LimitExceeded(
            f"a sealed private key of {len(ciphertext)} bytes, the limit is {_MAX_KEY}"
        )
    key = _utf16(text)
    plain = _keystream(ciphertext[20:-20], ciphertext[:20], key)
    if sha1(key + plain).digest() != ciphertext[-20:]:
        raise _wrong()
    return plain


# --- JCEKS: PBEWithMD5AndTripleDES ---


def _derive(text: str, salt: bytes, iterations: int) -> tuple[bytes, bytes]:
    """Key and IV. Each half of the salt is hashed on its own with the password.

    Equal halves would give equal keys, so the first is turned around then. The password is
    ASCII up to JDK 21, which refuses all else, and UTF-8 in JDK 25.
    """
    password = text.encode("utf-8", "surrogatepass")
    first, second = salt[:4], salt[4:]
    if first == second:
        first = first[::-1]
    derived = b""
    for half in (first, second):
        for _ in range(iterations):
            half = md5(half + password).digest()
        derived += half
    return derived[:24], derived[24:]


def _open_jceks(parameters: der.Value, ciphertext: bytes, text: str) -> bytes:
    what = "parameters of the sealed key"
    fields = parameters.expect(der.SEQUENCE, what).items(what, at_least=2)
    salt = fields[0].octets("salt of the sealed key")
    iterations = fields[1].count("iterations of the sealed key")
    if len(salt) != _SALT:
        raise Damaged(f"salt of the sealed key: expected {_SALT} bytes, found {len(salt)}")
    if iterations < 1:
        raise Damaged(f"iterations of the sealed key: expected 1 or more, found {iterations}")
    if iterations > _MOST_ITERATIONS:
        raise LimitExceeded(
            f"the sealed key asks for {iterations} iterations, the limit is {_MOST_ITERATIONS}"
        )
    if not ciphertext or len(ciphertext) % 8:
        raise Damaged(f"a sealed key of {len(ciphertext)} bytes, expected a multiple of 8")
    from . import ciphers

    key, iv = _derive(text, salt, iterations)
    try:
        return ciphers.decrypt(ciphers.CIPHERS[_CIPHER], key, iv, ciphertext)
    except WrongPassword:
        raise _wrong() from None


def _seal_jceks(
    plain: bytes, text: str, random: Callable[[int], bytes], iterations: int
) -> tuple[bytes, bytes]:
    from . import ciphers

    if not (text.isascii() and (text.isprintable() or not text)):
        raise UsageError(
            "expected a JCEKS key password of printable ASCII: Java up to 21 takes no other"
        )
    if not 1 <= iterations <= _MOST_ITERATIONS:
        raise UsageError(f"expected 1 to {_MOST_ITERATIONS} iterations, found {iterations}")
    salt = random(_SALT)
    key, iv = _derive(text, salt, iterations)
    cipher = ciphers.encrypt(ciphers.CIPHERS[_CIPHER], key, iv, plain)
    return der.sequence(der.octet_string(salt), der.integer(iterations)), cipher


# --- fields of serialised objects ---


def _bytes(thing: Instance, field: str) -> bytes:
    value = thing.values.get(field)
    if not isinstance(value, Array) or value.desc.name != "[B" or value.content is None:
        raise Damaged(f"{thing.desc.name}: expected bytes in the field {field!r}")
    return value.content


def _name(thing: Instance, field: str) -> str:
    value = thing.values.get(field)
    if not isinstance(value, str):
        raise Damaged(f"{thing.desc.name}: expected a string in the field {field!r}")
    return value
