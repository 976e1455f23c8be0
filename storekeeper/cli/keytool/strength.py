"""Which algorithms keytool calls weak or disabled.

What ``jdk.certpath.disabledAlgorithms`` and ``jdk.security.legacyAlgorithms`` say in the
java.security of JDK 17 to 25, as far as it applies to a certificate that is looked at.
"""

from __future__ import annotations

_DISABLED_DIGESTS = ("MD2", "MD5")
_LEGACY_DIGESTS = ("SHA1",)
# Algorithm: (fewer bits are disabled, fewer bits are legacy).
_SIZES = {"RSA": (1024, 2048), "RSASSA-PSS": (1024, 2048), "DSA": (1024, 2048), "EC": (224, 224)}


def of_signature(name: str) -> str:
    """``weak``, ``disabled`` or "" for a signature algorithm as the JCA names it."""
    digest = name.partition("with")[0]
    if digest in _DISABLED_DIGESTS:
        return "disabled"
    return "weak" if digest in _LEGACY_DIGESTS else ""


def of_key(algorithm: str, bits: int | None) -> str:
    """``weak``, ``disabled`` or "" for a key of this algorithm and size."""
    disabled, legacy = _SIZES.get(algorithm, (0, 0))
    if bits is None or bits >= legacy:
        return ""
    return "disabled" if bits < disabled else "weak"


def marked(text: str, mark: str) -> str:
    """``text (weak)``, or the text alone."""
    return f"{text} ({mark})" if mark else text
