"""Object identifiers and the names the field uses for them.

Signature names are those of the JCA (what keytool and Java logs print). Sources: RFC 3279,
4055, 5758, 8410, 8017; FIPS 186-5, 203, 204 and 205 (NIST CSOR arcs); RFC 4357 and 9215 (GOST).
"""

from __future__ import annotations

DIGESTS = {
    "1.2.840.113549.2.2": "MD2",
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.1": "SHA-256",
    "2.16.840.1.101.3.4.2.2": "SHA-384",
    "2.16.840.1.101.3.4.2.3": "SHA-512",
    "2.16.840.1.101.3.4.2.4": "SHA-224",
    "2.16.840.1.101.3.4.2.5": "SHA-512/224",
    "2.16.840.1.101.3.4.2.6": "SHA-512/256",
    "2.16.840.1.101.3.4.2.7": "SHA3-224",
    "2.16.840.1.101.3.4.2.8": "SHA3-256",
    "2.16.840.1.101.3.4.2.9": "SHA3-384",
    "2.16.840.1.101.3.4.2.10": "SHA3-512",
}


def digest_name(oid: str) -> str:
    """Name of a digest algorithm, or its OID."""
    return DIGESTS.get(oid, oid)


_ML_DSA = {
    f"2.16.840.1.101.3.4.3.{17 + index}": f"ML-DSA-{size}"
    for index, size in enumerate((44, 65, 87))
}
_SLH_DSA = {
    f"2.16.840.1.101.3.4.3.{20 + index}": f"SLH-DSA-{name}"
    for index, name in enumerate(
        f"{digest}-{size}{speed}"
        for digest in ("SHA2", "SHAKE")
        for size in (128, 192, 256)
        for speed in "sf"
    )
}
_EDWARDS = {"1.3.101.112": "Ed25519", "1.3.101.113": "Ed448"}

SIGNATURES = {
    "1.2.840.113549.1.1.2": "MD2withRSA",
    "1.2.840.113549.1.1.4": "MD5withRSA",
    "1.2.840.113549.1.1.5": "SHA1withRSA",
    "1.3.14.3.2.29": "SHA1withRSA",
    "1.2.840.113549.1.1.14": "SHA224withRSA",
    "1.2.840.113549.1.1.11": "SHA256withRSA",
    "1.2.840.113549.1.1.12": "SHA384withRSA",
    "1.2.840.113549.1.1.13": "SHA512withRSA",
    "1.2.840.113549.1.1.15": "SHA512/224withRSA",
    "1.2.840.113549.1.1.16": "SHA512/256withRSA",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "2.16.840.1.101.3.4.3.13": "SHA3-224withRSA",
    "2.16.840.1.101.3.4.3.14": "SHA3-256withRSA",
    "2.16.840.1.101.3.4.3.15": "SHA3-384withRSA",
    "2.16.840.1.101.3.4.3.16": "SHA3-512withRSA",
    "1.2.840.10040.4.3": "SHA1withDSA",
    "1.3.14.3.2.27": "SHA1withDSA",
    "2.16.840.1.101.3.4.3.1": "SHA224withDSA",
    "2.16.840.1.101.3.4.3.2": "SHA256withDSA",
    "2.16.840.1.101.3.4.3.3": "SHA384withDSA",
    "2.16.840.1.101.3.4.3.4": "SHA512withDSA",
    "2.16.840.1.101.3.4.3.5": "SHA3-224withDSA",
    "2.16.840.1.101.3.4.3.6": "SHA3-256withDSA",
    "2.16.840.1.101.3.4.3.7": "SHA3-384withDSA",
    "2.16.840.1.101.3.4.3.8": "SHA3-512withDSA",
    "1.2.840.10045.4.1": "SHA1withECDSA",
    "1.2.840.10045.4.3.1": "SHA224withECDSA",
    "1.2.840.10045.4.3.2": "SHA256withECDSA",
    "1.2.840.10045.4.3.3": "SHA384withECDSA",
    "1.2.840.10045.4.3.4": "SHA512withECDSA",
    "2.16.840.1.101.3.4.3.9": "SHA3-224withECDSA",
    "2.16.840.1.101.3.4.3.10": "SHA3-256withECDSA",
    "2.16.840.1.101.3.4.3.11": "SHA3-384withECDSA",
    "2.16.840.1.101.3.4.3.12": "SHA3-512withECDSA",
    "1.2.643.2.2.3": "GOST3411withGOST3410-2001",
    "1.2.643.7.1.1.3.2": "GOST3411-2012-256withGOST3410",
    "1.2.643.7.1.1.3.3": "GOST3411-2012-512withGOST3410",
    "1.2.156.10197.1.501": "SM3withSM2",
    **_EDWARDS,
    **_ML_DSA,
    **_SLH_DSA,
}

KEY_ALGORITHMS = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.2.840.113549.1.1.7": "RSAES-OAEP",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10045.2.1": "EC",
    "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10046.2.1": "DH",
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.2.643.2.2.19": "GOST R 34.10-2001",
    "1.2.643.7.1.1.1.1": "GOST R 34.10-2012 256",
    "1.2.643.7.1.1.1.2": "GOST R 34.10-2012 512",
    **_EDWARDS,
    **_ML_DSA,
    **_SLH_DSA,
    **{
        f"2.16.840.1.101.3.4.4.{1 + index}": f"ML-KEM-{size}"
        for index, size in enumerate((512, 768, 1024))
    },
}

# OID to (name, size in bits); names as Java and OpenSSL print them.
CURVES: dict[str, tuple[str, int | None]] = {
    "1.2.840.10045.3.1.1": ("secp192r1", 192),
    "1.3.132.0.33": ("secp224r1", 224),
    "1.2.840.10045.3.1.7": ("secp256r1", 256),
    "1.3.132.0.34": ("secp384r1", 384),
    "1.3.132.0.35": ("secp521r1", 521),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
    "1.2.156.10197.1.301": ("sm2p256v1", 256),
}

EXTENDED_KEY_USAGES = {
    "2.5.29.37.0": "anyExtendedKeyUsage",
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "1.3.6.1.4.1.311.10.3.3": "msSGC",
    "2.16.840.1.113730.4.1": "nsSGC",
    "1.3.6.1.4.1.311.20.2.2": "smartcardLogon",
    "1.3.6.1.5.2.3.5": "kdcAuth",
}
