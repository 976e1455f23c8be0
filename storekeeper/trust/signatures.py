"""Whether a key signed some bytes, by the algorithm of an AlgorithmIdentifier.

The certificate itself is not given to `cryptography`: its X.509 parser refuses what keytool
writes (DSA with NULL parameters), what old roots are (MD5, SHA-1) and odd serials, while
its keys and primitives know all of them.
"""

from __future__ import annotations

from functools import lru_cache

from .. import der
from ..errors import StorekeeperError
from ..oids import SIGNATURES, digest_name
from .public_keys import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PSS = "1.2.840.113549.1.1.10"
_RSA, _EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_USUAL_CURVES = {
    "1.2.840.10045.3.1.7": "SECP256R1",
    "1.3.132.0.34": "SECP384R1",
    "1.3.132.0.35": "SECP521R1",
}
_NULL = der.null()

# Digests of the JCA's names for signatures and of `oids.DIGESTS`, and cryptography's class.
_DIGESTS = {
    "MD5": "MD5",
    **{f"SHA{dash}1": "SHA1" for dash in ("", "-")},
    **{f"SHA{dash}{size}": f"SHA{size}" for dash in ("", "-") for size in (224, 256, 384, 512)},
    **{f"SHA{dash}512/{size}": f"SHA512_{size}" for dash in ("", "-") for size in (224, 256)},
    **{f"SHA3-{size}": f"SHA3_{size}" for size in (224, 256, 384, 512)},
}


def signed(spki: bytes, algorithm: bytes, signature: bytes, data: bytes) -> bool | None:
    """Whether the holder of a key signed ``data``. Imports `cryptography`.

    Args:
        spki: DER of the SubjectPublicKeyInfo.
        algorithm: DER of the signature's AlgorithmIdentifier (RFC 5280 section 4.1.1.2).
        signature: the contents of its BIT STRING.
        data: what is said to be signed.

    Returns:
        None when it can't be told: an algorithm, parameters or a key that `cryptography`
        does not know or that are malformed.
    """
    import warnings

    from cryptography.exceptions import InvalidSignature

    try:
        parts = der.read(algorithm).items("signature algorithm", at_least=1)
        oid = parts[0].oid("signature algorithm")
        key = _key(spki)
        if key is None:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _verify(key, oid == identity(spki)[0], oid, parts[1:], signature, data)
    except (InvalidSignature, _OtherKey):
        return False
    except Exception:  # noqa: BLE001 - whatever it dislikes, it only means "not known"
        return None
    return True


def readable_key(spki: bytes) -> bool:
    """Whether a SubjectPublicKeyInfo is a key that `cryptography` can use. Imports it."""
    return _key(spki) is not None


class _OtherKey(Exception):
    """The algorithm is not one of this kind of key."""


def _verify(
    key: Any, own: bool, oid: str, rest: list[der.Value], signature: bytes, data: bytes
) -> None:
    digest, _, kind = SIGNATURES.get(oid, "").partition("with")
    if oid == _PSS or kind == "RSA":
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        _of_kind(key, rsa.RSAPublicKey)
        how = _pss(rest) if oid == _PSS else (PKCS1v15(), _hash(digest))
        key.verify(signature, data, *how)
    elif kind == "DSA":
        from cryptography.hazmat.primitives.asymmetric import dsa

        _of_kind(key, dsa.DSAPublicKey)
        key.verify(signature, data, _hash(digest))
    elif kind == "ECDSA":
        from cryptography.hazmat.primitives.asymmetric import ec

        _of_kind(key, ec.EllipticCurvePublicKey)
        key.verify(signature, data, ec.ECDSA(_hash(digest)))
    elif own:  # Ed25519, Ed448, ML-DSA: key and signature are of one OID
        key.verify(signature, data)
    elif oid in SIGNATURES:
        raise _OtherKey
    else:
        raise LookupError(oid)


def _of_kind(key: object, kind: type) -> None:
    if not isinstance(key, kind):
        raise _OtherKey


def _hash(name: str) -> Any:
    from cryptography.hazmat.primitives import hashes

    return getattr(hashes, _DIGESTS[name])()


def _pss(rest: list[der.Value]) -> tuple[Any, Any]:
    """Padding and digest of RSASSA-PSS-params (RFC 4055 section 3.1), with its defaults."""
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS

    digest = mask = "SHA-1"
    salt = 20
    for part in rest[0].children() if rest else ():
        if part.tag == 0xA0:
            digest = _digest_of(part.explicit("hash"))
        elif part.tag == 0xA1:
            mask = _digest_of(part.explicit("mask").items("mask", at_least=2)[1])
        elif part.tag == 0xA2:
            salt = part.explicit("salt length").count("salt length")
    return PSS(MGF1(_hash(mask)), salt), _hash(digest)


def _digest_of(algorithm: der.Value) -> str:
    return digest_name(algorithm.items("digest", at_least=1)[0].oid("digest"))


@lru_cache(maxsize=256)  # one CA signs many certificates
def _key(spki: bytes) -> Any:
    """The key as `cryptography` has it, None when it can't be loaded."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _usual_key(spki) or _any_key(spki)
        except Exception:  # noqa: BLE001 - as in signed()
            return None


def _any_key(spki: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(spki)


def _usual_key(spki: bytes) -> Any:
    """An RSA key, or one of the usual curves, put together from its numbers; None for others.

    The module that reads any key brings SSH's formats along, and takes longer to import than
    most commands take.
    """
    try:
        algorithm, bits = der.read(spki).items("public key", at_least=2)[:2]
        oid, parameters = algorithm.items("algorithm", at_least=2)[:2]
        key = bits.bits("key")
        if oid.oid("algorithm") == _RSA and parameters.raw == _NULL:
            modulus, exponent = (part.integer("RSA key") for part in der.read(key).items("key", 2))
            if modulus.bit_length() >= 1024:
                from cryptography.hazmat.primitives.asymmetric import rsa

                return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        elif oid.oid("algorithm") == _EC and parameters.tag == der.OID and key[:1] == b"\x04":
            name = _USUAL_CURVES.get(parameters.oid("curve"))
            if name is not None:
                from cryptography.hazmat.primitives.asymmetric import ec

                return ec.EllipticCurvePublicKey.from_encoded_point(getattr(ec, name)(), key)
    except (StorekeeperError, ValueError):
        pass  # what is odd about it, the reader of any key knows
    return None
