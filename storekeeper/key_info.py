"""What a public key is, as its SubjectPublicKeyInfo says (RFC 5280 section 4.1.2.7)."""

from __future__ import annotations

from . import der
from .errors import StorekeeperError
from .oids import CURVES, KEY_ALGORITHMS


class KeyInfo:
    """What a SubjectPublicKeyInfo says of its key.

    Attributes:
        oid: the algorithm.
        algorithm: its usual name ("RSA", "EC", "Ed25519", "ML-DSA-65"), or the OID.
        bits: size in bits where the algorithm has one, else None.
        curve: name or OID of a named curve, "explicit parameters", or "".
    """

    __slots__ = ("algorithm", "bits", "curve", "oid")

    def __init__(self, oid: str, algorithm: str, bits: int | None, curve: str) -> None:
        self.oid = oid
        self.algorithm = algorithm
        self.bits = bits
        self.curve = curve

    def __str__(self) -> str:
        if self.curve:
            return f"{self.algorithm} {self.curve}"
        return f"{self.algorithm} {self.bits}" if self.bits else self.algorithm


def key_info(spki: bytes) -> KeyInfo:
    """What a SubjectPublicKeyInfo (DER) holds; raises `Damaged` when it is none."""
    parts = der.read(spki).items("subjectPublicKeyInfo", at_least=2)
    algorithm = parts[0].items("key algorithm", at_least=1)
    oid = algorithm[0].oid("key algorithm")
    name = KEY_ALGORITHMS.get(oid, oid)
    bits: int | None = None
    curve = ""
    try:
        if name in ("RSA", "RSASSA-PSS"):
            modulus = der.read(parts[1].bits("RSA key")).items("RSA key", 1)[0]
            bits = modulus.integer("modulus").bit_length()
        elif name == "EC":
            if algorithm[1].tag == der.OID:
                dotted = algorithm[1].oid("curve")
                curve, bits = CURVES.get(dotted, (dotted, None))
            else:
                curve = "explicit parameters"
        elif name in ("DSA", "DH") and len(algorithm) > 1:
            prime = algorithm[1].items("parameters", at_least=1)[0]
            bits = prime.integer("prime").bit_length()
    except (StorekeeperError, IndexError):
        pass  # the algorithm is known, its numbers are not: the name alone is still true
    return KeyInfo(oid, name, bits, curve)


def spki_bits(spki: bytes) -> bytes | None:
    """The contents of the BIT STRING of a SubjectPublicKeyInfo."""
    try:
        return der.read(spki).items("public key", at_least=2)[1].bits("public key")
    except StorekeeperError:
        return None
