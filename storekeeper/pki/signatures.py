"""Signing by the JCA's names for signatures, which are keytool's ``-sigalg``.

AlgorithmIdentifiers are those of RFC 3279, 4055, 5754, 5758, 8410 and 8692, as JDK 25 writes
them: NULL parameters for RSA, none for the others. (JDK 11 and 17 write a NULL for DSA and
ECDSA, which the RFCs forbid.)
"""

from __future__ import annotations

from .. import der
from ..errors import StorekeeperError, Unsupported, UsageError
from ..frozen import Frozen
from ..oids import DIGESTS, SIGNATURES
from ..x509 import key_info
from . import keys
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar

    from ..x509 import KeyInfo

# OIDs that share a name with a newer one, or that name no algorithm Java can ask for.
_OLD = ("1.3.14.3.2.29", "1.3.14.3.2.27")
_OIDS = {name: oid for oid, name in reversed(SIGNATURES.items()) if oid not in _OLD}
_DIGEST_OIDS = {name: oid for oid, name in DIGESTS.items()}
_HASHES = {
    "MD5": "MD5",
    "SHA1": "SHA1",
    **{f"SHA{size}": f"SHA{size}" for size in (224, 256, 384, 512)},
    **{f"SHA512/{size}": f"SHA512_{size}" for size in (224, 256)},
    **{f"SHA3-{size}": f"SHA3_{size}" for size in (224, 256, 384, 512)},
}
_KINDS = ("RSA", "DSA", "ECDSA")
_OF_KEY = {"RSA": "RSA", "DSA": "DSA", "EC": "ECDSA"}
NAMES = (
    *(
        name
        for name in _OIDS
        if name.partition("with")[0] in _HASHES and name.partition("with")[2] in _KINDS
    ),
    *("RSASSA-PSS", "Ed25519", "Ed448"),
)
"""Every algorithm `sign` knows."""
_MGF1 = "1.2.840.113549.1.1.8"
_EDWARDS = ("Ed25519", "Ed448")


class Signer(Frozen):
    """A private key and how it signs.

    Attributes:
        name: the algorithm ("SHA384withRSA").
        algorithm: DER of the AlgorithmIdentifier.
        spki: DER of the public key.
        sign: data to the contents of the signature's BIT STRING.
    """

    name: str
    algorithm: bytes
    spki: bytes
    sign: Callable[[bytes], bytes]

    _hidden: ClassVar[frozenset[str]] = frozenset({"sign"})


def default_signature(spki: bytes, generation: int = keys.NEWEST) -> str:
    """The signature algorithm keytool chooses for a key, by kind and size.

    Args:
        spki: DER of the SubjectPublicKeyInfo.
        generation: the Java to be like; from 19 on nothing is weaker than SHA-384 but DSA.

    Raises:
        UsageError: the key can't sign (X25519, X448).
        Unsupported: we know no algorithm for it.
    """
    key = key_info(spki)
    if key.algorithm in ("RSASSA-PSS", *_EDWARDS):
        return key.algorithm
    if key.algorithm == "DSA":
        return "SHA256withDSA"
    if key.algorithm in ("RSA", "EC"):
        return f"{_digest(key, generation)}with{_OF_KEY[key.algorithm]}"
    if key.algorithm in ("X25519", "X448"):
        raise UsageError(
            f"an {key.algorithm} key can't sign, so nothing can be self-signed with it",
            hint="name a signer: an entry with a key that signs",
        )
    raise Unsupported(f"no signature algorithm is known for keys of {key.algorithm}")


def _digest(key: KeyInfo, generation: int) -> str:
    """The digest for a size: NIST SP 800-57's table, and CNSA's from Java 19 on."""
    bits = key.bits or 0
    middle, large = (384, 512) if key.algorithm == "EC" else (3073, 7681)
    if bits >= large:
        return "SHA512"
    return "SHA384" if bits >= middle or generation >= 19 else "SHA256"


def signature_name(word: str) -> str:
    """A ``-sigalg``, in any case or as an OID, in the spelling of `NAMES`.

    Raises:
        UsageError: it is none, or none that we can make.
    """
    spelled = {name.lower(): name for name in NAMES} | {"eddsa": "EdDSA"}
    name = SIGNATURES.get(word, spelled.get(word.lower(), ""))
    if name not in (*NAMES, "EdDSA"):
        raise UsageError(
            f"{word!r} is no signature algorithm known here",
            hint=meant(word, NAMES) or "for instance SHA384withRSA, SHA384withECDSA, RSASSA-PSS",
        )
    return name


def signer(pkcs8: bytes, algorithm: str | None = None, *, generation: int = keys.NEWEST) -> Signer:
    """How a key signs, by the algorithm named or by `default_signature`.

    Raises:
        UsageError: no such algorithm, or none of this kind of key.
        Damaged, Unsupported: as `keys.spki_of`.
    """
    key: Any = keys.load(pkcs8)
    spki = keys.spki_of(pkcs8)
    info = key_info(spki)
    name = default_signature(spki, generation) if algorithm is None else signature_name(algorithm)
    if name == "EdDSA" and info.algorithm in _EDWARDS:
        name = info.algorithm
    if not _fits(name, info.algorithm):
        raise UsageError(
            f"{name} can't be made with a key for {info.algorithm}",
            hint=f"leave it out: {default_signature(spki, generation)} fits the key",
        )
    if name in _EDWARDS:
        return Signer(name, der.sequence(der.oid(_OIDS[name])), spki, key.sign)
    digest, _, kind = name.partition("with")
    if name == "RSASSA-PSS":
        digest = _pss_digest(spki) or _digest(info, generation)
    return _Arguments(key, kind or name, digest).signer(name, spki)


def sign(
    pkcs8: bytes, data: bytes, algorithm: str | None = None, *, generation: int = keys.NEWEST
) -> tuple[bytes, bytes]:
    """(DER of the AlgorithmIdentifier, signature); raises as `signer`, which it calls."""
    found = signer(pkcs8, algorithm, generation=generation)
    return found.algorithm, found.sign(data)


def verify(spki: bytes, algorithm: bytes, data: bytes, signature: bytes) -> bool | None:
    """Whether a key signed ``data``: `trust.signatures.signed`; None when it can't be told."""
    from ..trust.signatures import signed

    return signed(spki, algorithm, signature, data)


def _fits(name: str, key_algorithm: str) -> bool:
    if name == "RSASSA-PSS":
        return key_algorithm in ("RSA", "RSASSA-PSS")
    if name in _EDWARDS:
        return key_algorithm == name
    return name.partition("with")[2] == _OF_KEY.get(key_algorithm)


class _Arguments:
    """What `cryptography` wants to be told for an algorithm."""

    def __init__(self, key: Any, kind: str, digest: str) -> None:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding

        self._key = key
        self._digest = digest
        hashing = getattr(hashes, _HASHES[digest])()
        self._rest: tuple[Any, ...] = (hashing,)
        if kind == "ECDSA":
            self._rest = (ec.ECDSA(hashing),)
        elif kind == "RSA":
            self._rest = (padding.PKCS1v15(), hashing)
        elif kind == "RSASSA-PSS":
            self._salt = hashing.digest_size
            self._rest = (padding.PSS(padding.MGF1(hashing), self._salt), hashing)

    def signer(self, name: str, spki: bytes) -> Signer:
        oid = der.oid(_OIDS[name])
        if name == "RSASSA-PSS":
            identifier = der.sequence(oid, self._pss())
        elif name.endswith("withRSA"):
            identifier = der.sequence(oid, der.null())
        else:
            identifier = der.sequence(oid)
        return Signer(name, identifier, spki, self._sign)

    def _sign(self, data: bytes) -> bytes:
        from cryptography.exceptions import UnsupportedAlgorithm

        try:
            signature: bytes = self._key.sign(data, *self._rest)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Unsupported(
                f"this key can't sign with {self._digest}: {str(error).rstrip('.').lower()}",
                hint="the key is too short for the digest, or the digest is switched off",
            ) from None
        return signature

    def _pss(self) -> bytes:
        """RSASSA-PSS-params (RFC 4055 section 3.1) as Java writes them."""
        name = self._digest.replace("SHA", "SHA-") if "-" not in self._digest else self._digest
        digest = der.sequence(der.oid(_DIGEST_OIDS[name]), der.null())
        return der.sequence(
            der.explicit(0, digest),
            der.explicit(1, der.sequence(der.oid(_MGF1), digest)),
            der.explicit(2, der.integer(self._salt)),
        )


def _pss_digest(spki: bytes) -> str | None:
    """The digest that a key for RSASSA-PSS is restricted to (RFC 4055 section 3.3), if it is."""
    try:
        algorithm = der.read(spki).items("public key", at_least=1)[0].items("algorithm", 1)
        for part in algorithm[1].children() if len(algorithm) > 1 else ():
            if part.tag == 0xA0:
                oid = part.explicit("hash").items("hash", at_least=1)[0].oid("hash")
                return DIGESTS.get(oid, "").replace("SHA-", "SHA") or None
    except StorekeeperError:
        pass
    return None


def algorithm_name(algorithm: bytes) -> str:
    """The JCA's name for an AlgorithmIdentifier, or its OID; `Damaged` when it is none."""
    oid = der.read(algorithm).items("signature algorithm", at_least=1)[0]
    dotted = oid.oid("signature algorithm")
    return SIGNATURES.get(dotted, dotted)
