"""What JSSE asks of a server's own certificate once its path is trusted.

Source: sun.security.validator.EndEntityChecker and CADistrustPolicy as seen from outside on
JDK 11 to 25.
"""

from __future__ import annotations

from ... import der
from ...errors import StorekeeperError
from .jdk_distrust import check_distrust
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pkix import Context
    from .seen import Seen

_EKU, _KU, _NETSCAPE = "2.5.29.37", "2.5.29.15", "2.16.840.1.113730.1.1"
_BASIC, _SAN = "2.5.29.19", "2.5.29.17"
# Server-gated cryptography of Microsoft and Netscape: as good as serverAuth.
_GATED = frozenset({"msSGC", "nsSGC"})
_ANY_PURPOSE = frozenset({"anyExtendedKeyUsage", "2.5.29.37.0"})

# How the handshake names the exchange of keys: what the key must be allowed to do for it.
_ENCIPHERING = frozenset({"RSA"})
_AGREEING = frozenset({"DH_DSS", "DH_RSA", "ECDH_ECDSA", "ECDH_RSA"})


def check(path: Sequence[Seen], auth: str, context: Context, *, strict: bool) -> None:
    """Checks of the leaf of a path that has an anchor above it.

    Args:
        path: leaf first, anchor last.
        auth: the kind of key exchange, "UNKNOWN" in TLS 1.3.
        context: the question.
        strict: critical extensions nobody has looked at are refused (SunX509).

    Raises:
        Refused: with the message of the ValidatorException.
    """
    leaf = path[0]
    usage = leaf.key_usage
    if usage is not None:
        if auth in _ENCIPHERING:
            needed, said = "keyEncipherment", "KeyUsage does not allow key encipherment"
        elif auth in _AGREEING:
            needed, said = "keyAgreement", "KeyUsage does not allow key agreement"
        else:
            needed, said = "digitalSignature", "KeyUsage does not allow digital signatures"
        if needed not in usage:
            raise Refused(said, "key-usage", leaf.certificate)
    purposes = leaf.facts.extended_key_usage
    if purposes is None and context.feature >= 21:
        _check_readable(leaf)
    if purposes is not None:
        named = frozenset(purposes)
        if not named & (_ANY_PURPOSE | _GATED | {"serverAuth"}):
            raise Refused(
                "Extended key usage does not permit use for TLS server authentication",
                "extended-key-usage",
                leaf.certificate,
            )
    if not _netscape(leaf, 1):
        raise Refused(
            "Netscape cert type does not permit use for SSL server",
            "netscape-type",
            leaf.certificate,
        )
    if strict:
        left = leaf.critical - {_EKU, _KU, _NETSCAPE, _BASIC, _SAN}
        if left:
            raise Refused(
                "Certificate contains unsupported critical extensions: "
                f"[{', '.join(sorted(left))}]",
                "critical-extension",
                leaf.certificate,
            )
    check_distrust(path, context.settings.distrust, context.release)


def _check_readable(leaf: Seen) -> None:
    """Purposes that can't be read are an error since JDK 21, and were none before."""
    encoded = leaf.facts.extension(_EKU)
    if encoded is None:
        return
    said = "not enough content"
    try:
        for part in der.read(encoded).children():
            if part.tag != der.OID:
                said = f"DerValue.getOID, not an OID {part.tag}"
                break
    except StorekeeperError:
        pass
    raise Refused(said, "unreadable-purposes", leaf.certificate)


def _netscape(one: Seen, bit: int) -> bool:
    """Whether a bit of the Netscape certificate type is set; True without the extension."""
    encoded = one.facts.extension(_NETSCAPE)
    if encoded is None:
        return True
    try:
        bits = der.read(encoded).bits("netscape certificate type")
    except StorekeeperError:
        return False
    return bool(bits) and bool(bits[0] & (0x80 >> bit))


def netscape_ca(one: Seen) -> bool:
    """Whether an issuer may be a CA for TLS by its Netscape certificate type."""
    return _netscape(one, 5)
