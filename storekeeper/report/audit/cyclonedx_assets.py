"""Certificates, public keys and algorithms as components of CycloneDX 1.7."""

from __future__ import annotations

from hashlib import sha256

from ...errors import StorekeeperError
from ...times import iso
from ...x509 import facts_or_none
from .words import safe, serial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...model import Certificate
    from ...x509 import Facts

_NAMES_TOLD = 20  # of a subject alternative name, which can have a hundred thousand

# Of the schema's enumeration (cryptography-defs): how a name of ours begins, the family.
_FAMILIES = (
    ("RSASSA-PSS", "RSASSA-PSS"),
    ("ML-DSA", "ML-DSA"),
    ("ML-KEM", "ML-KEM"),
    ("SLH-DSA", "SLH-DSA"),
    ("Ed", "EdDSA"),
    ("X25519", "ECDH"),
    ("X448", "ECDH"),
    ("GOST", "GOST"),
    ("DSA", "DSA"),
    ("DH", "FFDH"),
)
_SIGNERS = {"RSA": "RSASSA-PKCS1", "ECDSA": "ECDSA", "DSA": "DSA", "SM2": "SM2"}
_CURVES = {
    "secp192r1": "secg/secp192r1",
    "secp224r1": "secg/secp224r1",
    "secp256r1": "secg/secp256r1",
    "secp384r1": "secg/secp384r1",
    "secp521r1": "secg/secp521r1",
    "secp256k1": "secg/secp256k1",
    "brainpoolP256r1": "brainpool/brainpoolP256r1",
    "brainpoolP384r1": "brainpool/brainpoolP384r1",
    "brainpoolP512r1": "brainpool/brainpoolP512r1",
    "sm2p256v1": "oscaa/SM2",
}
# Security categories the standards claim (FIPS 203 table 2, 204 table 1, 205 table 2).
_QUANTUM = {
    "ML-DSA-44": 2,
    "ML-DSA-65": 3,
    "ML-DSA-87": 5,
    "ML-KEM-512": 1,
    "ML-KEM-768": 3,
    "ML-KEM-1024": 5,
}
_SLH = {"128": 1, "192": 3, "256": 5}
_BROKEN_BY_SHOR = ("RSA", "DSA", "EC", "DH", "Ed25519", "Ed448", "X25519", "X448", "GOST")


def properties(**values: str) -> list[dict[str, str]]:
    """``storekeeper:`` properties of what is not ""."""
    return [
        {"name": f"storekeeper:{name.replace('_', '-')}", "value": safe(value)}
        for name, value in values.items()
        if value
    ]


def certificate(
    ref: str, one: Certificate, at: int, trusted_by: tuple[str, ...]
) -> tuple[dict[str, Any], str]:
    """The component of a certificate, and the name of its signature's algorithm or "".

    The schema's ``fingerprint`` is left out on purpose. 1.7 describes it as a hash of the
    certificate without its signature: no tool prints that one, and whoever compares it with
    the fingerprint they know takes a good certificate for a forged one. The usual SHA-256, of
    the whole encoding, is the component's hash and its ``bom-ref``.
    """
    facts = facts_or_none(one)
    found: dict[str, Any] = {"certificateFormat": one.type if one.type == "X.509" else "other"}
    name, problem, signature = f"unreadable certificate {one.sha256[:16]}", "", ""
    before = after = None
    if facts is None:
        problem = "its encoding can't be read"
    else:
        subject = facts.subject.rfc4514()
        before, after = facts.not_before, facts.not_after
        signature = facts.signature_algorithm
        name = safe(_common_name(facts) or subject, 200) or f"certificate {one.sha256[:16]}"
        found |= {
            "serialNumber": serial(facts.serial),
            "subjectName": safe(subject),
            "issuerName": safe(facts.issuer.rfc4514()),
            **_validity(before, after, at),
            **_references(one, signature),
            "certificateExtensions": _extensions(facts),
        }
        problem = "; ".join(facts.problems)
    return {
        "type": "cryptographic-asset",
        "bom-ref": ref,
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": one.sha256}],
        "cryptoProperties": {"assetType": "certificate", "certificateProperties": found},
        "properties": properties(
            sha256=one.sha256,
            trusted_by=", ".join(trusted_by),
            problem=problem,
            # What RFC 3339 has no word for: years of five digits.
            not_before="" if before is None or _moment(before) else iso(before),
            not_after="" if after is None or _moment(after) else iso(after),
        ),
    }, signature


def _common_name(facts: Facts) -> str:
    try:
        return facts.subject.common_name or ""
    except StorekeeperError:
        return ""


def _moment(seconds: int) -> str:
    text = iso(seconds)
    return text if len(text) == 20 and text[0] != "-" else ""


def _validity(before: int | None, after: int | None, at: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if before is not None and _moment(before):
        found["notValidBefore"] = _moment(before)
    if after is not None and _moment(after):
        found["notValidAfter"] = _moment(after)
    if after is not None and at > after:
        found["certificateState"] = [{"state": "deactivated", "reason": "it has expired"}]
    elif before is not None and at < before:
        found["certificateState"] = [{"state": "pre-activation", "reason": "not valid yet"}]
    elif before is not None and after is not None:
        found["certificateState"] = [{"state": "active"}]
    return found


def _references(one: Certificate, signature: str) -> dict[str, Any]:
    key = spki_digest(one)
    signed = algorithm_ref(signature)
    related = [{"type": "algorithm", "ref": signed}]
    found: dict[str, Any] = {"signatureAlgorithmRef": signed}
    if key and key_algorithm_name(one):
        found["subjectPublicKeyRef"] = f"key:sha256:{key}"
        related.append({"type": "publicKey", "ref": f"key:sha256:{key}"})
    return found | {"relatedCryptographicAssets": related}


def _extensions(facts: Facts) -> list[dict[str, str]]:
    constraints = facts.basic_constraints
    names = facts.subject_alt_names
    told = [str(one) for one in names[:_NAMES_TOLD]]
    told += [f"and {len(names) - _NAMES_TOLD} more"] if len(names) > _NAMES_TOLD else []
    found: dict[str, str | None] = {
        "basicConstraints": None,
        "keyUsage": ", ".join(facts.key_usage or ()),
        "extendedKeyUsage": ", ".join(facts.extended_key_usage or ()),
        "subjectAlternativeName": ", ".join(told),
        "subjectKeyIdentifier": (facts.subject_key_id or b"").hex(),
        "authorityKeyIdentifier": (facts.authority_key_id or b"").hex(),
    }
    if constraints is not None:
        length = "" if constraints[1] is None else f", path length {constraints[1]}"
        found["basicConstraints"] = f"{'CA' if constraints[0] else 'no CA'}{length}"
    return [
        {"commonExtensionName": name, "commonExtensionValue": safe(value)}
        for name, value in found.items()
        if value
    ]


# -- keys ---------------------------------------------------------------------------------


def spki_digest(one: Certificate | None) -> str:
    """SHA-256 of a certificate's SubjectPublicKeyInfo, "" when it can't be read."""
    facts = None if one is None else facts_or_none(one)
    return sha256(facts.spki).hexdigest() if facts is not None else ""


def key_algorithm_name(one: Certificate) -> str:
    """``RSA 2048``, ``EC secp256r1``, an OID, or "" when the key can't be read."""
    facts = facts_or_none(one)
    try:
        return str(facts.key) if facts is not None else ""
    except StorekeeperError:
        return ""


def public_key(one: Certificate) -> dict[str, Any] | None:
    """The component of a certificate's key: re-issued roots share theirs."""
    name = key_algorithm_name(one)
    if not name:
        return None
    facts = facts_or_none(one)
    assert facts is not None
    digest = spki_digest(one)
    used = algorithm_ref(name)
    bits = facts.key.bits
    return {
        "type": "cryptographic-asset",
        "bom-ref": f"key:sha256:{digest}",
        "name": f"{safe(name, 200)} public key",
        "cryptoProperties": {
            "assetType": "related-crypto-material",
            "relatedCryptoMaterialProperties": {
                "type": "public-key",
                "id": digest,
                **({"size": bits} if bits is not None else {}),
                "format": "SubjectPublicKeyInfo",
                "algorithmRef": used,
                "fingerprint": {"alg": "SHA-256", "content": digest},
                "relatedCryptographicAssets": [{"type": "algorithm", "ref": used}],
            },
        },
    }


# -- algorithms ---------------------------------------------------------------------------


def algorithm_ref(name: str) -> str:
    """The reference of an algorithm by the name reports print."""
    return f"algorithm:{safe(name, 200).replace(' ', '-')}"


def algorithm(name: str) -> dict[str, Any]:
    """The component of a signature's or key's algorithm, by that name."""
    word, _, size = name.partition(" ")
    digest, _, signer = word.partition("with")
    found: dict[str, Any] = {"primitive": _primitive(word, signer)}
    family = _SIGNERS.get(signer) or next(
        (family for start, family in _FAMILIES if word.startswith(start)), None
    )
    if signer:
        found["parameterSetIdentifier"] = digest
    elif word == "EC":
        if size in _CURVES:
            found["ellipticCurve"] = _CURVES[size]
        found["parameterSetIdentifier"] = safe(size, 200)
    elif size.startswith("with "):
        found["parameterSetIdentifier"] = safe(size[5:], 200)
    elif size.isdigit():
        found["parameterSetIdentifier"] = size
    elif word.startswith(("ML-", "SLH-")):
        found["parameterSetIdentifier"] = word.split("-", 2)[-1]
    if family:
        found["algorithmFamily"] = family
    level = _quantum_level(word, signer)
    if level is not None:
        found["nistQuantumSecurityLevel"] = level
    if found["primitive"] == "signature":
        found["cryptoFunctions"] = ["verify"]
    return {
        "type": "cryptographic-asset",
        "bom-ref": algorithm_ref(name),
        "name": safe(name, 200),
        "cryptoProperties": {"assetType": "algorithm", "algorithmProperties": found},
    }


def _primitive(word: str, signer: str) -> str:
    if signer or word.startswith(("RSASSA", "Ed", "ML-DSA", "SLH-DSA", "DSA")):
        return "signature"
    if word.startswith("ML-KEM"):
        return "kem"
    if word.startswith(("X25519", "X448", "DH")):
        return "key-agree"
    # A key of RSA or on a curve signs and does more: what for, the key does not say.
    return "pke" if word.startswith("RSA") else "other" if word == "EC" else "unknown"


def _quantum_level(word: str, signer: str) -> int | None:
    """0 where a quantum computer breaks it; None where nothing is claimed."""
    if word.startswith("SLH-DSA"):
        return next((level for size, level in _SLH.items() if f"-{size}" in word), None)
    if word in _QUANTUM:
        return _QUANTUM[word]
    if signer or word.startswith(_BROKEN_BY_SHOR):
        return 0
    return None
