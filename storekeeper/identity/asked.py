"""What a Java client makes of a server's request: the kinds of key it looks for, in order.

Source: sun.security.ssl.CertificateRequest and SignatureScheme as seen from outside, on JDK 11
to 25; RFC 8446 section 4.2.3 and RFC 5246 section 7.4.4 for what the numbers mean.
"""

from __future__ import annotations

from ..frozen import Frozen, replace
from ..tls.words import SCHEMES
from ..trust.runtimes.jsse import forbids_scheme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tls.messages import CertificateRequest
    from ..trust.runtimes.algorithms import Rules
    from ..trust.runtimes.jdk import Release

_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})
_EDDSA_SINCE = 15
_PSS_IN_TLS12_SINCE = 17
_ONE_SCOPE_UNTIL = 21
"""Since then (measured: 25) a scheme that signs certificates alone is none of a handshake."""
_FATAL_SINCE = 17
"""A request without a scheme that is known ends the handshake; before, nothing was sent."""

# Of TLS 1.2 and before: which keys a type asks for, as Java calls them.
_OF_TYPE = {1: ("RSA", "RSASSA-PSS"), 2: ("DSA",), 64: ("EC", "EdDSA")}
_OF_OLD_TYPE = {1: "RSA", 2: "DSA", 64: "EC"}


class Scheme(Frozen):
    """A signature scheme as JSSE has it.

    Attributes:
        name: in RFC 8446.
        key: kind of the key, as Key.getAlgorithm calls it.
        signature: of certificates, as X509Certificate.getSigAlgName calls it.
        curve: the only one it is for, "" for no matter which.
        bits: the least a key must have.
        last: the last protocol it signs handshakes in.
        certificates: it is for certificates in TLS 1.3 too, even if not for handshakes.
    """

    name: str
    key: str
    signature: str
    curve: str = ""
    bits: int = 0
    last: str = "TLSv1.3"
    certificates: bool = True


_12, _13 = "TLSv1.2", "TLSv1.3"
KNOWN = {
    number: Scheme(SCHEMES[number], key, signature, curve, bits, last, certificates)
    for number, key, signature, curve, bits, last, certificates in (
        (0x0403, "EC", "SHA256withECDSA", "secp256r1", 0, _13, True),
        (0x0503, "EC", "SHA384withECDSA", "secp384r1", 0, _13, True),
        (0x0603, "EC", "SHA512withECDSA", "secp521r1", 0, _13, True),
        (0x0807, "EdDSA", "Ed25519", "Ed25519", 0, _13, True),
        (0x0808, "EdDSA", "Ed448", "Ed448", 0, _13, True),
        (0x0804, "RSA", "RSASSA-PSS", "", 528, _13, True),
        (0x0805, "RSA", "RSASSA-PSS", "", 784, _13, True),
        (0x0806, "RSA", "RSASSA-PSS", "", 1040, _13, True),
        (0x0809, "RSASSA-PSS", "RSASSA-PSS", "", 528, _13, True),
        (0x080A, "RSASSA-PSS", "RSASSA-PSS", "", 784, _13, True),
        (0x080B, "RSASSA-PSS", "RSASSA-PSS", "", 1040, _13, True),
        (0x0401, "RSA", "SHA256withRSA", "", 511, _12, True),
        (0x0501, "RSA", "SHA384withRSA", "", 768, _12, True),
        (0x0601, "RSA", "SHA512withRSA", "", 768, _12, True),
        (0x0402, "DSA", "SHA256withDSA", "", 0, _12, False),
        (0x0303, "EC", "SHA224withECDSA", "", 0, _12, False),
        (0x0301, "RSA", "SHA224withRSA", "", 511, _12, False),
        (0x0302, "DSA", "SHA224withDSA", "", 0, _12, False),
        (0x0203, "EC", "SHA1withECDSA", "", 0, _13, True),
        (0x0201, "RSA", "SHA1withRSA", "", 511, _12, True),
        (0x0202, "DSA", "SHA1withDSA", "", 0, _12, False),
        (0x0101, "RSA", "MD5withRSA", "", 511, _12, False),
    )
}


class Asked(Frozen):
    """A request as a release understands it.

    Attributes:
        calls: how its key manager is asked: once for all kinds of key, or once for each.
        handshake: the schemes it may sign the handshake with, in the server's order; None
            before TLS 1.2.
        signatures: names of the algorithms the chain may be signed with; None before TLS 1.2.
        problem: what ends the handshake before a key is looked for, "" for nothing.
        notes: what was taken for granted, as the request does not say it.
    """

    calls: tuple[tuple[str, ...], ...]
    handshake: tuple[Scheme, ...] | None
    signatures: tuple[str, ...] | None
    problem: str = ""
    notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of key asked for, in order."""
        return tuple(dict.fromkeys(kind for call in self.calls for kind in call))


def once_for_all(release: Release) -> bool:
    """Whether the key manager is asked once for all kinds of key (JDK-8262186)."""
    feature, _, update = release.version
    return feature >= 18 or (feature == 17 and update >= 10)


USUAL_TYPES = (1, 2, 64)
USUAL_SCHEMES = (
    *(0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080A, 0x080B, 0x0804, 0x0805, 0x0806),
    *(0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602),
)
"""What a server on OpenSSL 3 asks for, in its order, when nobody has told it otherwise."""


def filled(request: CertificateRequest) -> tuple[CertificateRequest, tuple[str, ...]]:
    """A request with what it does not say taken from OpenSSL 3, and what that is.

    No server can leave out key types in TLS 1.2 or signature algorithms since: a request
    without comes from somewhere else than the wire.
    """
    notes = []
    if not request.certificate_types and request.protocol != "TLSv1.3":
        request = replace(request, certificate_types=USUAL_TYPES)
        notes.append("the key types are not known: taken for those of a server on OpenSSL 3")
    if not request.signature_algorithms and request.protocol not in _OLD:
        request = replace(request, signature_algorithms=USUAL_SCHEMES)
        notes.append(
            "the signature algorithms are not known: taken for those of a server on OpenSSL 3"
        )
    return request, tuple(notes)


def asked(request: CertificateRequest, release: Release, tls: Rules, certpath: Rules) -> Asked:
    """What a release looks for when it gets this request.

    Args:
        request: as the server sent it.
        release: of the JDK.
        tls: its ``jdk.tls.disabledAlgorithms``.
        certpath: its ``jdk.certpath.disabledAlgorithms``.
    """
    request, notes = filled(request)
    found = _asked(request, release, tls, certpath)
    return replace(found, notes=notes)


def _asked(request: CertificateRequest, release: Release, tls: Rules, certpath: Rules) -> Asked:
    types = request.certificate_types
    if request.protocol in _OLD:
        old = dict.fromkeys(_OF_OLD_TYPE[one] for one in types if one in _OF_OLD_TYPE)
        return Asked((tuple(old),), None, None)

    # Before JDK 17 a scheme that is disabled still says for what keys and chains it would be.
    lax = release.feature < _FATAL_SINCE and request.protocol == "TLSv1.2"

    def permitted(numbers: tuple[int, ...], use: str) -> tuple[Scheme, ...]:
        every = lax and use == "certificatesignature"
        return tuple(
            KNOWN[number]
            for number in numbers
            if number in KNOWN
            and _exists(KNOWN[number], request.protocol, release)
            and (
                every
                or not any(
                    _forbids(rules, KNOWN[number], release.feature, use)
                    for rules in (tls, certpath)
                )
            )
        )

    def for_handshakes(numbers: tuple[int, ...]) -> tuple[Scheme, ...]:
        found = permitted(numbers, "handshakesignature")
        if release.feature <= _ONE_SCOPE_UNTIL:
            return found
        return tuple(
            one
            for one in found
            if _signs(one, request.protocol)
            and (request.protocol != "TLSv1.3" or one.signature != "SHA1withECDSA")
        )

    handshake = for_handshakes(request.signature_algorithms)
    if not handshake:
        fatal = release.feature >= _FATAL_SINCE
        return Asked((), (), (), "No supported signature algorithm" if fatal else "")
    for_chain = request.signature_algorithms_cert if request.protocol == "TLSv1.3" else ()
    certificates = permitted(for_chain or request.signature_algorithms, "certificatesignature")
    kinds = dict.fromkeys(one.key for one in certificates)
    wanted = {kind for one in types for kind in _OF_TYPE.get(one, ())}
    usable = tuple(
        kind
        for kind in kinds
        if any(one.key == kind and _signs(one, request.protocol) for one in handshake)
        and (request.protocol == "TLSv1.3" or kind in wanted)
        and (
            kind != "RSASSA-PSS"
            or request.protocol == "TLSv1.3"
            or release.feature >= _PSS_IN_TLS12_SINCE
        )
    )
    calls = (usable,) if once_for_all(release) else tuple((kind,) for kind in usable)
    names = tuple(dict.fromkeys(one.signature for one in certificates))
    return Asked(calls if usable else (), handshake, names)


def signing_scheme(
    asked: Asked, protocol: str, kind: str, bits: int | None, curve: str
) -> Scheme | None:
    """The scheme a key signs the handshake with; None when there is none.

    Args:
        asked: what the server asks for, of TLS 1.2 or 1.3.
        protocol: of the handshake.
        kind: of the key, as Key.getAlgorithm calls it.
        bits: its size, None when unknown.
        curve: of an EC key, or the name of an EdDSA key.
    """
    for one in asked.handshake or ():
        if (
            one.key == kind
            and _signs(one, protocol)
            and (bits is None or bits >= one.bits)
            and (not one.curve or one.curve == curve)
            and (kind != "EC" or one.curve or curve in _CURVES)
        ):
            return one
    return None


_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


def _forbids(rules: Rules, scheme: Scheme, feature: int, use: str) -> bool:
    return (
        forbids_scheme(rules, scheme.name, feature, use)
        or rules.forbids_name(scheme.signature)
        or (scheme.key == "EdDSA" and rules.forbids_name(scheme.key))
    )


def _exists(scheme: Scheme, protocol: str, release: Release) -> bool:
    if scheme.key == "EdDSA" and release.feature < _EDDSA_SINCE:
        return False
    return protocol != "TLSv1.3" or scheme.certificates


def _signs(scheme: Scheme, protocol: str) -> bool:
    return protocol != "TLSv1.3" or scheme.last == "TLSv1.3"
