"""Private keys as PKCS#8 (RFC 5208, RFC 5958): made, and asked for their public half.

Sizes and curves left out are those of keytool, whose defaults grew with Java 19
(JDK-8267319); ``generation`` says which Java to be like.
"""

from __future__ import annotations

from .. import der
from ..errors import Damaged, StorekeeperError, Unsupported, UsageError
from ..oids import KEY_ALGORITHMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from ..model import Certificate

NEWEST = 25
"""The Java whose defaults are ours."""
_LARGER = 19

ALGORITHMS = (
    *("RSA", "RSASSA-PSS", "EC", "DSA", "EdDSA", "Ed25519", "Ed448", "XDH", "X25519", "X448"),
)
GROUPS = ("secp256r1", "secp384r1", "secp521r1")
_EC_SIZES = {256: "secp256r1", 384: "secp384r1", 521: "secp521r1"}
_EC_WORDS = {
    "nist p-256": "secp256r1",
    "p-256": "secp256r1",
    "prime256v1": "secp256r1",
    "x9.62 prime256v1": "secp256r1",
    "nist p-384": "secp384r1",
    "p-384": "secp384r1",
    "nist p-521": "secp521r1",
    "p-521": "secp521r1",
} | {name: name for name in GROUPS}
# The smallest that `cryptography` makes, the largest that Java reads.
_RSA_SIZES = (1024, 16_384)
_DSA_SIZES = (1024, 2048, 3072)
_FAMILIES = {"EdDSA": {255: "Ed25519", 448: "Ed448"}, "XDH": {255: "X25519", 448: "X448"}}

RSA = "1.2.840.113549.1.1.1"
PSS = "1.2.840.113549.1.1.10"


def generate(
    algorithm: str,
    size: int | None = None,
    curve: str | None = None,
    *,
    generation: int = NEWEST,
) -> bytes:
    """A fresh private key as PKCS#8 DER.

    Args:
        algorithm: keytool's ``-keyalg``, in any case: one of `ALGORITHMS`.
        size: bits (``-keysize``); RSA 1024 to 16384, DSA 1024, 2048 or 3072, EC 256, 384 or
            521, EdDSA and XDH 255 or 448.
        curve: the group (``-groupname``): ``secp256r1``, ``secp384r1``, ``secp521r1``, or one
            of EdDSA and XDH; NIST's and OpenSSL's words for them are understood too.
        generation: the Java whose defaults fill in what is missing, 11 and later.

    Raises:
        UsageError: no such algorithm, or a size or curve it does not have.
    """
    algorithm = key_algorithm(algorithm)
    if size is not None and curve is not None:
        raise UsageError(
            "a key has a size or a group, not both",
            hint=f"leave out the size: {curve} has one of its own",
        )
    kind, size, curve = _chosen(algorithm, size, curve, generation)
    encoded = _encoded(_made(kind, size, curve))
    return _with_algorithm(encoded, PSS) if kind == "RSASSA-PSS" else encoded


def kind(
    algorithm: str,
    size: int | None = None,
    curve: str | None = None,
    *,
    generation: int = NEWEST,
) -> str:
    """What `generate` would make, in the words of `x509.KeyInfo` ("RSA 3072", "EC secp384r1").

    Raises:
        UsageError: as `generate`.
    """
    name, bits, group = _chosen(key_algorithm(algorithm), size, curve, generation)
    return " ".join(filter(None, (name, group or (str(bits) if bits else ""))))


def key_algorithm(word: str) -> str:
    """A word for a kind of key as `ALGORITHMS` spells it; `UsageError` when it is none."""
    for known in ALGORITHMS:
        if known.lower() == word.lower():
            return known
    raise UsageError(
        f"{word!r} is no key algorithm known here",
        hint=_meant(word, ALGORITHMS) or f"one of {', '.join(ALGORITHMS)}",
    )


def spki_of(pkcs8: bytes) -> bytes:
    """The public half of a private key as SubjectPublicKeyInfo DER (RFC 5280 section 4.1).

    Raises:
        Damaged: it is no PKCS#8.
        Unsupported: `cryptography` does not know the algorithm, or finds the key wrong.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public: Any = load(pkcs8).public_key()
    spki: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if algorithm_of(pkcs8) == PSS:
        bits = der.read(spki).items("public key", at_least=2)[1]
        return der.sequence(_parameters(pkcs8), bits.raw)
    return spki


def same_key(pkcs8: bytes, certificate: Certificate) -> bool:
    """Whether a certificate is for this key; False when it can't be parsed.

    Raises:
        Damaged, Unsupported: as `spki_of`.
    """
    from ..trust.public_keys import matches_key

    return matches_key(certificate, spki_of(pkcs8))


def algorithm_of(pkcs8: bytes) -> str:
    """The OID of a private key's algorithm; `Damaged` when it is no PKCS#8."""
    identifier = der.read(_parameters(pkcs8)).items("key algorithm", at_least=1)
    return identifier[0].oid("key algorithm")


def load(pkcs8: bytes) -> PrivateKeyTypes:
    """The key as `cryptography` has it; raises as `spki_of`."""
    import warnings

    from cryptography.hazmat.primitives.serialization import load_der_private_key

    oid = algorithm_of(pkcs8)
    if oid == PSS:  # the same numbers, and one loader for both
        pkcs8 = _with_algorithm(pkcs8, RSA)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short key is a finding of `trust.checks`
        try:
            return load_der_private_key(pkcs8, None)
        except Exception:  # noqa: BLE001 - its messages may quote what it read
            name = KEY_ALGORITHMS.get(oid, oid)
            raise Unsupported(f"a private key ({name}) that can't be used") from None


# -- making -------------------------------------------------------------------------------


def _chosen(
    algorithm: str, size: int | None, curve: str | None, generation: int
) -> tuple[str, int, str]:
    """Kind ("EC", "Ed25519", ...), size in bits where it counts, curve where it counts."""
    larger = generation >= _LARGER
    if algorithm == "EC":
        return algorithm, 0, _group(size, curve, "secp384r1" if larger else "secp256r1")
    if algorithm in _FAMILIES:
        return _member(algorithm, size, curve), 0, ""
    for family in _FAMILIES.values():
        for bits, name in family.items():
            if name == algorithm:
                if size not in (None, bits) or (curve or name).lower() != name.lower():
                    raise UsageError(f"{name} has no other size or group")
                return name, 0, ""
    if curve is not None:
        raise UsageError(
            f"{algorithm} keys have no group", hint="give a size, or EC as the algorithm"
        )
    if algorithm == "DSA":
        size = size or 2048
        if size not in _DSA_SIZES:
            raise UsageError(f"expected a DSA key of 1024, 2048 or 3072 bits, found {size}")
    else:
        size = size if size is not None else 3072 if larger else 2048
        if not _RSA_SIZES[0] <= size <= _RSA_SIZES[1]:
            raise UsageError(
                f"expected an RSA key of {_RSA_SIZES[0]} to {_RSA_SIZES[1]} bits, found {size}"
            )
    return algorithm, size, ""


def _group(size: int | None, curve: str | None, default: str) -> str:
    if curve is None and size is None:
        return default
    found = _EC_SIZES.get(size or 0) if curve is None else _EC_WORDS.get(curve.lower())
    if found is None:
        asked = f"an EC key of {size} bits" if curve is None else f"the group {curve!r}"
        raise UsageError(
            f"{asked} is none that Java supports",
            hint=_meant(curve or "", tuple(_EC_WORDS)) or f"one of {', '.join(GROUPS)}",
        )
    return found


def _member(family: str, size: int | None, curve: str | None) -> str:
    names = _FAMILIES[family]
    if curve is None:
        found = names.get(size or 255)
    else:
        found = next((name for name in names.values() if name.lower() == curve.lower()), None)
    if found is None:
        raise UsageError(
            f"{curve or size} is no {'group' if curve else 'size'} of {family}",
            hint=f"one of {', '.join(names.values())}",
        )
    return found


def _made(kind: str, size: int, curve: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import (
        dsa,
        ec,
        ed448,
        ed25519,
        rsa,
        x448,
        x25519,
    )

    match kind:
        case "EC":
            return ec.generate_private_key(
                {"secp256r1": ec.SECP256R1, "secp384r1": ec.SECP384R1}.get(curve, ec.SECP521R1)()
            )
        case "DSA":
            return dsa.generate_private_key(size)
        case "Ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "Ed448":
            return ed448.Ed448PrivateKey.generate()
        case "X25519":
            return x25519.X25519PrivateKey.generate()
        case "X448":
            return x448.X448PrivateKey.generate()
    return rsa.generate_private_key(65537, size)


def _encoded(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    encoded: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return encoded


# -- PKCS#8 -------------------------------------------------------------------------------


def _parts(pkcs8: bytes) -> list[der.Value]:
    try:
        outer = der.read(pkcs8).expect(der.SEQUENCE, "private key")
        parts = outer.items("private key", at_least=3)
        parts[1].expect(der.SEQUENCE, "key algorithm")
    except StorekeeperError as error:
        raise Damaged(f"no PKCS#8 private key: {error.message}") from None
    return parts


def _parameters(pkcs8: bytes) -> bytes:
    """The AlgorithmIdentifier of a private key."""
    return _parts(pkcs8)[1].raw


def _with_algorithm(pkcs8: bytes, oid: str) -> bytes:
    """The same RSA numbers under another algorithm; RSASSA-PSS without parameters, as Java."""
    version, _, numbers = _parts(pkcs8)[:3]
    identifier = (der.oid(oid), der.null()) if oid == RSA else (der.oid(oid),)
    return der.sequence(version.raw, der.sequence(*identifier), numbers.raw)


def _meant(word: str, known: tuple[str, ...]) -> str:
    from .words import meant

    return meant(word, known)
