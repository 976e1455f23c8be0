"""JSSE as a client: a whole verdict on a server's chain, from the handshake to the host name."""

from __future__ import annotations

from . import algorithms, end_entity, endpoint, jdk, parsing, pkix, simple
from .anchors import Anchors
from .pkix import Context, Either
from .refusal import Refused
from .seen import seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...model import Certificate
    from .algorithms import Rules
    from .jdk import Release, Settings
    from .public_suffix import PublicSuffixes
    from .revocation import Revocation, RevocationChecker
    from .seen import Seen

_EDDSA_SINCE = 15

# What a client offers (RFC 8446 section 4.2.3), and what it says of certificates with it.
_SCHEMES = {
    "ecdsa_secp256r1_sha256": "SHA256withECDSA",
    "ecdsa_secp384r1_sha384": "SHA384withECDSA",
    "ecdsa_secp521r1_sha512": "SHA512withECDSA",
    "rsa_pss_rsae_sha256": "RSASSA-PSS",
    "rsa_pss_rsae_sha384": "RSASSA-PSS",
    "rsa_pss_rsae_sha512": "RSASSA-PSS",
    "rsa_pss_pss_sha256": "RSASSA-PSS",
    "rsa_pss_pss_sha384": "RSASSA-PSS",
    "rsa_pss_pss_sha512": "RSASSA-PSS",
    "rsa_pkcs1_sha256": "SHA256withRSA",
    "rsa_pkcs1_sha384": "SHA384withRSA",
    "rsa_pkcs1_sha512": "SHA512withRSA",
}
_EDDSA = {"ed25519": "Ed25519", "ed448": "Ed448"}
_SHA1 = {"ecdsa_sha1": "SHA1withECDSA", "rsa_pkcs1_sha1": "SHA1withRSA"}
_TLS12 = {
    "dsa_sha256": "SHA256withDSA",
    "ecdsa_sha224": "SHA224withECDSA",
    "rsa_sha224": "SHA224withRSA",
    "dsa_sha224": "SHA224withDSA",
    "dsa_sha1": "SHA1withDSA",
}


def supported_algorithms(
    feature: int, protocol: str, tls: Rules, certpath: Rules
) -> tuple[str, ...] | None:
    """Signature algorithms a client of that release offers; None before TLS 1.2.

    Args:
        feature: the release line.
        protocol: "TLSv1.3", ...
        tls: ``jdk.tls.disabledAlgorithms``, which may name schemes and their curves.
        certpath: ``jdk.certpath.disabledAlgorithms``, which may, too.
    """
    if protocol in ("TLSv1", "TLSv1.1", "SSLv3"):
        return None
    schemes = dict(_SCHEMES)
    if feature >= _EDDSA_SINCE:
        schemes |= _EDDSA
    schemes |= _SHA1
    if protocol != "TLSv1.3":
        schemes |= _TLS12
    found = [
        name
        for scheme, name in schemes.items()
        if not any(forbids_scheme(rules, scheme, feature) for rules in (tls, certpath))
    ]
    if "Ed25519" in found or "Ed448" in found:
        found.append("EdDSA")
    return tuple(dict.fromkeys(found))


def forbids_scheme(
    rules: Rules, scheme: str, feature: int, use: str = "certificatesignature"
) -> bool:
    """Whether a list of disabled algorithms takes a scheme out of the handshake.

    Args:
        rules: the list.
        scheme: its name in RFC 8446.
        feature: the release line.
        use: what it is wanted for, "certificatesignature" or "handshakesignature".
    """
    if rules.forbids_name(scheme) or (scheme.startswith("ecdsa") and rules.forbids_name("EC")):
        return True
    for rule in rules.named(scheme):
        uses = [use.lower() for one in rule.conditions for use in one.usages]
        if feature > 21 and use in uses:
            return True
    curve, bits = _CURVES.get(scheme, ("", 0))
    return bool(curve) and (
        rules.forbids_name(curve)
        or any(
            algorithms.key_size_forbids(condition, bits)
            for rule in rules.named("EC")
            for condition in rule.conditions
            if condition.kind == "keySize" and len(rule.conditions) == 1
        )
    )


# The curve a scheme of TLS 1.3 is for, and the size of its keys.
_CURVES = {
    "ecdsa_secp256r1_sha256": ("secp256r1", 256),
    "ecdsa_secp384r1_sha384": ("secp384r1", 384),
    "ecdsa_secp521r1_sha512": ("secp521r1", 521),
}


def judge(
    chain: Sequence[Certificate],
    anchors: Anchors,
    *,
    host: str | None,
    release: Release,
    settings: Settings,
    trust_manager: str,
    protocol: str,
    at: int,
    auth: str,
    say: Callable[[str], None],
    note: Callable[[str], None],
    revocation: Revocation | None = None,
    suffixes: PublicSuffixes | None = None,
) -> list[Certificate]:
    """The trusted path, leaf first and anchor last.

    Raises:
        Refused: with the message of the exception the application sees.
        Either: Java's own answer is one of two.
        GaveUp: the search for a path found no end.
    """
    feature = release.feature
    if settings.includes:
        note(f"java.security includes {settings.includes}, which is not read")
    certpath = algorithms.rules(settings.certpath, settings.curves, feature)
    tls = algorithms.rules(settings.tls, settings.curves, feature)
    for rules in (tls, certpath):
        if rules.error:
            note("no handshake begins so: java.lang.ExceptionInInitializerError")
            raise Refused(rules.error, "unusable-settings")
    suites = ["TLS_*", "TLS_RSA_*"] if auth == "RSA" else ["TLS_*"]
    if tls.forbids_name(protocol) or (feature > 21 and any(map(tls.forbids_name, suites))):
        raise Refused(
            "No appropriate protocol (protocol is disabled or cipher suites are inappropriate)",
            "no-protocol",
        )
    _check_handshake(chain, settings, protocol)
    for index, one in enumerate(chain):
        if why := parsing.problem(one):
            say(f"certificate {index} is none for Java: {why}")
            raise Refused("Failed to parse server certificates", "unparsable", one)
    if why := _without_scheme(seen(chain[0]), feature, protocol):
        say(f"no signature scheme of {protocol} is for the server's key: {why}")
        raise Refused("Received fatal alert: handshake_failure", "no-signature-scheme", chain[0])
    if not anchors:
        raise Refused(
            "Unexpected error: java.security.InvalidAlgorithmParameterException: the trustAnchors "
            "parameter must be non-empty"
            if trust_manager != "SunX509"
            else "No trusted certificate found",
            "no-anchors",
        )
    checker: RevocationChecker | None = None
    if revocation is not None:
        from . import revocation as checking

        checker = checking.checker(revocation, chain, feature, settings)
    context = Context(
        anchors,
        at,
        release,
        settings,
        certpath,
        tls,
        supported_algorithms(feature, protocol, tls, certpath),
        say,
        settings.blocked,
        checker,
    )
    sent = [seen(one) for one in chain]
    way = simple.trusted_path if trust_manager == "SunX509" else pkix.trusted_path
    either: Either | None = None
    try:
        path = way(sent, context)
    except Either as found:
        if found.accepted is None:
            raise
        either, path = found, found.accepted
    try:
        if len(path) > 1:
            end_entity.check(path, auth, context, strict=trust_manager == "SunX509")
        if host is not None:
            known = endpoint.Suffixes(suffixes, public=anchors.of_jdk(path[-1]))
            try:
                endpoint.check(host, path[0], feature, known)
            finally:
                for suffix in sorted(known.guessed):
                    note(f"whether {suffix} is a public suffix is a guess without the JRE's list")
    except Refused as refused:
        if either is not None:
            refused.others = (either.refused.message, *either.refused.others)
        raise
    if either is not None:
        raise either
    return [one.certificate for one in path]


def _without_scheme(leaf: Seen, feature: int, protocol: str) -> str:
    """Why no server can prove in this protocol that it has the key; "" when one can.

    The server has nothing to sign with and ends the handshake (RFC 8446 section 4.4.2.2).
    """
    key = leaf.facts.key
    if key.algorithm == "EC":
        return "" if key.curve in pkix.CURVES or key.bits is None else str(key)
    if key.algorithm in ("Ed25519", "Ed448"):
        return "" if feature >= _EDDSA_SINCE else str(key)
    if key.algorithm == "DSA":
        return str(key) if protocol == "TLSv1.3" else ""
    return ""


def _check_handshake(chain: Sequence[Certificate], settings: Settings, protocol: str) -> None:
    # RFC 5246 section 7.4.2 and RFC 8446 section 4.4.2: a length of three bytes for each, and
    # in TLS 1.3 two bytes of extensions, and one before all of them.
    size = 3 + sum(len(one.der) + 3 for one in chain)
    if protocol == "TLSv1.3":
        size += 1 + 2 * len(chain)
    if size > settings.message_size:
        raise Refused(
            f"The size of the handshake message ({size}) exceeds the maximum allowed size "
            f"({settings.message_size})",
            "message-size",
        )
    if len(chain) > settings.chain_length:
        # It counts no further than it has to.
        raise Refused(
            f"The certificate chain length ({settings.chain_length + 1}) exceeds the maximum "
            "allowed length "
            f"({settings.chain_length})",
            "chain-length",
        )


__all__ = [
    "Anchors",
    "Either",
    "Refused",
    "forbids_scheme",
    "jdk",
    "judge",
    "supported_algorithms",
]
