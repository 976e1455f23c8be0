"""What OpenSSL asks of a chain that is built: extensions, purpose, strength, signatures, dates.

Source: openssl-verification-options(1) ("Certificate Extensions", -x509_strict),
X509_check_ca(3), X509_check_purpose(3), and the behaviour of libcrypto 1.1.1, 3.0 and 3.5.
"""

from __future__ import annotations

from .openssl_build import Failed, is_self_signed, issued, time_error
from .openssl_names import constraint_error
from .openssl_seen import (
    ANY_CA,
    SSL_CA,
    SSL_SERVER_TYPE,
    digest_strength,
    key_strength,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .openssl import Parameters
    from .openssl_build import Chain
    from .openssl_seen import View

LEVELS = (0, 80, 112, 128, 192, 256)
"""Bits of security each security level asks for."""

_SERVER, _CLIENT = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
_SGC = ("2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3")
_SAN, _AKI, _SKI = "2.5.29.17", "2.5.29.35", "2.5.29.14"


def check_extensions(chain: Chain, parameters: Parameters) -> None:
    """Critical extensions, who may issue, the purpose, path lengths; in the strict way or not.

    Raises:
        Failed: at the first that does not fit, from the leaf up.
    """
    path = chain.path
    count = 0
    new = parameters.version >= (3, 0)
    for depth, one in enumerate(path):
        if one.unhandled:
            raise Failed(34, depth, one)
        standing = ca_standing(one)
        if depth == 0:
            if parameters.strict and standing not in (0, 1):
                raise Failed(79, depth, one)
        elif standing == 0 or (standing != 1 and (parameters.strict or depth + 1 < len(path))):
            raise Failed(79, depth, one)
        if len(path) > 1:
            if parameters.strict or new:
                if not one.kind:
                    raise Failed(1, depth, one)
                if one.facts.key.curve == "explicit parameters":
                    raise Failed(94, depth, one)
            if parameters.strict and new:
                _check_strictly(one, depth, len(path))
        if not _fits_purpose(one, parameters, ca=depth > 0):
            raise Failed(26, depth, one)
        if depth > 1 and one.path_length is not None and count > one.path_length:
            raise Failed(25, depth, one)
        if depth > 0 and not one.self_issued:
            count += 1


def ca_standing(one: View) -> int:
    """As X509_check_ca: 0 no CA, 1 a CA, 3 a self-signed one of version 1, 4 by its key usage, 5
    by its Netscape type.
    """
    if not one.may("keyCertSign"):
        return 0
    if one.has_constraints:
        return 1 if one.ca_bit else 0
    if one.facts.version == 1 and is_self_signed(one):
        return 3
    if one.usage is not None:
        return 4
    if one.netscape is not None and one.netscape & ANY_CA:
        return 5
    return 0


def _fits_purpose(one: View, parameters: Parameters, *, ca: bool) -> bool:
    if parameters.purpose == "any":
        return True
    if one.invalid(parameters.version):
        return not parameters.strict
    server = parameters.purpose == "sslserver"
    wanted = {_SERVER, *_SGC} if server else {_CLIENT}
    if one.purposes is not None and not wanted & one.purposes:
        return False
    if ca:
        standing = ca_standing(one)
        return standing not in (0, 5) or bool(standing and (one.netscape or 0) & SSL_CA)
    if one.netscape is not None and not one.netscape & (SSL_SERVER_TYPE if server else 0x80):
        return False
    if server:
        return one.may("digitalSignature", "keyEncipherment", "keyAgreement")
    return one.may("digitalSignature", "keyAgreement")


def _check_strictly(one: View, depth: int, count: int) -> None:
    """-x509_strict: what RFC 5280 asks of those who issue."""
    facts = one.facts
    ca = one.ca_bit
    usage = one.usage or frozenset()
    sans = facts.extension(_SAN)
    empty = not facts.subject.rdns
    authority = one.authority
    last = depth + 1 == count
    errors = (
        (80, not ca and one.path_length is not None),
        (81, one.path_length is not None and "keyCertSign" not in usage),
        (89, ca and one.has_constraints and not one.critical("2.5.29.19")),
        (92, ca and one.usage is None),
        (82, not ca and "keyCertSign" in usage),
        (83, not facts.issuer.rdns),
        (84, empty and (ca or "cRLSign" in usage or sans is None)),
        (88, empty and sans is not None and not one.critical(_SAN)),
        (87, sans is not None and not facts.subject_alt_names),
        (78, facts.inner_algorithm != facts.signature[0]),
        (90, one.critical(_AKI)),
        (91, one.critical(_SKI)),
    )
    for number, broken in errors:
        if broken:
            raise Failed(number, depth, one)
    if facts.version < 3:
        if facts.extensions:
            raise Failed(93, depth, one)
        return
    if not last and (authority is None or authority[0] is None):
        raise Failed(85, depth, one)
    if ca and one.key_id is None:
        raise Failed(86, depth, one)


def check_strength(chain: Chain, parameters: Parameters) -> None:
    """The security level: keys of issuers, digests of all but the anchor.

    Raises:
        Failed: one is too weak.
    """
    if parameters.level <= 0:
        return
    least = LEVELS[min(parameters.level, 5)]
    for depth, one in enumerate(chain.path):
        if depth and (not one.kind or key_strength(one.facts, parameters.version) < least):
            raise Failed(67, depth, one)
        if depth + 1 < len(chain.path) and digest_strength(one.facts, parameters.version) < least:
            raise Failed(68, depth, one)


def check_leaf_key(leaf: View, parameters: Parameters) -> None:
    """The security level of the server's key, looked at before anything else."""
    if parameters.level <= 0:
        return
    least = LEVELS[min(parameters.level, 5)]
    if not leaf.kind or key_strength(leaf.facts, parameters.version) < least:
        raise Failed(66, 0, leaf)


def check_signatures(chain: Chain, parameters: Parameters) -> None:
    """Signatures and dates, from the anchor down.

    Raises:
        Failed: at the first that does not hold.
    """
    from ..signatures import signed

    path = chain.path
    version = parameters.version
    depth = len(path) - 1
    issuer = one = path[depth]
    skip = issued(issuer, issuer, version) is None
    if not skip:
        if not parameters.partial_chain:
            if depth <= 0:
                raise Failed(21, 0, issuer)
            depth -= 1
            one = path[depth]
        else:
            skip = True
    while depth >= 0:
        if one is not issuer:
            if version >= (3, 0) and not issuer.may("keyCertSign"):
                raise Failed(32, depth + 1, issuer)
            if not issuer.kind:
                raise Failed(6, depth + 1, issuer)
            facts = one.facts
            if facts.inner_algorithm != facts.signature[0] or not signed(
                issuer.facts.spki, *facts.signature, facts.tbs
            ):
                raise Failed(7, depth, one)
        error = time_error(one, parameters.at)
        if error is not None:
            raise Failed(error, depth, one)
        issuer = one
        depth -= 1
        one = path[depth]


def check_constraints(chain: Chain, parameters: Parameters) -> None:
    """Name constraints of all above, the anchor included.

    Raises:
        Failed: a name is outside of them.
    """
    path = chain.path
    for depth in range(len(path) - 1, -1, -1):
        one = path[depth]
        if depth and one.self_issued:
            continue
        for above in range(len(path) - 1, depth, -1):
            error = constraint_error(
                one,
                path[above],
                parameters.version,
                leaf=depth == 0,
                common_name=parameters.common_name,
            )
            if error is not None:
                raise Failed(error, depth, one)
