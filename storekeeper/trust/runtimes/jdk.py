"""Releases of the JDK, and the settings of one that a verdict depends on.

Defaults are those of the files ``conf/security/java.security`` of each release; a given file
overrides them. What changed in the code, and not in the file, is a property of `Release`.
"""

from __future__ import annotations

import re

from ...errors import UsageError
from ...frozen import Frozen, replace
from . import properties
from .jdk_blocked import BLOCKED

_NAME = r"(?:java|jdk|openjdk)?-?(?:1\.)?([0-9]{1,2})(?:u([0-9]{1,3})|((?:\.[0-9]{1,5})*))"

LATEST = {8: (8, 0, 392), 11: (11, 0, 13), 17: (17, 0, 9), 21: (21, 0, 8), 25: (25, 0, 2)}
"""What a name without an update stands for: the one its verdicts were measured with."""

MEASURED = frozenset(LATEST[feature] for feature in (11, 17, 21, 25))
"""Releases whose verdicts are compared with the runtime itself, by our tests."""


class Release(Frozen):
    """A release of the JDK.

    Attributes:
        version: (feature, interim, update), as in (17, 0, 9); (8, 0, 381) for 8u381.
    """

    version: tuple[int, int, int]

    @property
    def feature(self) -> int:
        """8, 11, 17, ..."""
        return self.version[0]

    @property
    def leading_dot(self) -> bool:
        """Name constraints may begin with a dot (JDK-8311546, since 22 and its backports)."""
        feature, _, update = self.version
        first = {8: 402, 11: 22, 17: 10, 21: 2}.get(feature)
        return feature >= 22 if first is None else update >= first

    @property
    def affirmtrust(self) -> bool:
        """Its ENTRUST_TLS is about the roots of AffirmTrust too: before October 2025.

        JDK-8361212, documented; measured on 17.0.15 and 21.0.8, and on 25.0.2, which has it.
        """
        feature, _, update = self.version
        first = {8: 471, 11: 29, 17: 17, 21: 9, 25: 1}.get(feature)
        return feature < 26 if first is None else update < first

    @property
    def name(self) -> str:
        """As in java17.0.9 and java8u381."""
        feature, interim, update = self.version
        if feature == 8:
            return f"java8u{update}"
        return f"java{feature}.{interim}.{update}"

    def __str__(self) -> str:
        return self.name


def release(name: str) -> Release | None:
    """The release a name stands for: ``java17``, ``java17.0.9``, ``java8u381``; None if none."""
    found = re.fullmatch(_NAME, name.lower())
    if found is None:
        return None
    feature, update, rest = int(found[1]), found[2], found[3]
    if update is not None:
        return Release((feature, 0, int(update)))
    parts = [int(part) for part in rest.split(".")[1:]] if rest else []
    if not parts:
        # A release line without measurements is like the one before it.
        known = max((line for line in LATEST if line <= feature), default=8)
        return Release(LATEST[known] if known == feature else (feature, 0, 0))
    if feature == 8:
        raise UsageError(
            f"expected a release such as java8u381, found {name!r}", hint="its update follows a u"
        )
    interim, last = (*parts, 0)[:2] if len(parts) > 1 else (0, parts[0])
    return Release((feature, interim, last))


class Settings(Frozen):
    """What `java.security` and system properties decide.

    Attributes:
        certpath: ``jdk.certpath.disabledAlgorithms``.
        tls: ``jdk.tls.disabledAlgorithms``.
        curves: ``jdk.disabled.namedCurves``, which the others may include.
        distrust: ``jdk.security.caDistrustPolicies``.
        allow_non_ca_anchor: ``jdk.security.allowNonCaAnchor``.
        chain_length: ``jdk.tls.maxCertificateChainLength``.
        message_size: ``jdk.tls.maxHandshakeMessageSize``.
        blocked: SHA-256 of the certificates of ``lib/security/blocked.certs``.
        ocsp: ``ocsp.enable``.
        only_end_entity: ``com.sun.security.onlyCheckRevocationOfEECert``.
        includes: another file that ``java.security`` includes (since JDK 24), "" for none.
    """

    certpath: str
    tls: str
    curves: str = ""
    distrust: tuple[str, ...] = ()
    allow_non_ca_anchor: bool = False
    chain_length: int = 10
    message_size: int = 32_768
    blocked: frozenset[str] = BLOCKED
    ocsp: bool = False
    only_end_entity: bool = False
    includes: str = ""


_BASE = "MD2, MD5, SHA1 jdkCA & usage TLSServer, RSA keySize < 1024, DSA keySize < 1024, "
_SIGNED_JAR = "SHA1 usage SignedJAR & denyAfter 2019-01-01"
_CURVES = (
    "secp112r1, secp112r2, secp128r1, secp128r2, secp160k1, secp160r1, secp160r2, secp192k1, "
    "secp192r1, secp224k1, secp224r1, secp256k1, sect113r1, sect113r2, sect131r1, sect131r2, "
    "sect163k1, sect163r1, sect163r2, sect193r1, sect193r2, sect233k1, sect233r1, sect239k1, "
    "sect283k1, sect283r1, sect409k1, sect409r1, sect571k1, sect571r1, X9.62 c2tnb191v1, "
    "X9.62 c2tnb191v2, X9.62 c2tnb191v3, X9.62 c2tnb239v1, X9.62 c2tnb239v2, X9.62 c2tnb239v3, "
    "X9.62 c2tnb359v1, X9.62 c2tnb431r1, X9.62 prime192v2, X9.62 prime192v3, X9.62 prime239v1, "
    "X9.62 prime239v2, X9.62 prime239v3, brainpoolP256r1, brainpoolP320r1, brainpoolP384r1, "
    "brainpoolP512r1"
)
_TLS = (
    "SSLv3, TLSv1, TLSv1.1, %sRC4, DES, MD5withRSA, DH keySize < 1024, EC keySize < 224, "
    "3DES_EDE_CBC, anon, NULL"
)
_TLS_25 = (
    ", ECDH, TLS_RSA_*, rsa_pkcs1_sha1 usage HandshakeSignature, "
    "ecdsa_sha1 usage HandshakeSignature, dsa_sha1 usage HandshakeSignature"
)


def defaults(release: Release) -> Settings:
    """The settings a release is shipped with."""
    feature = release.feature
    old = feature < 16
    curves = _CURVES if old else ""
    jar = "" if old else ", " + _SIGNED_JAR
    include = ", include jdk.disabled.namedCurves" if old else ""
    tls = _TLS % ("DTLSv1.0, " if feature >= 19 else "")
    tls += _TLS_25 if feature >= 24 else ", ECDH" if feature >= 19 else ""
    return Settings(
        f"{_BASE}EC keySize < 224{jar}{include}",
        tls + include,
        curves,
        distrusting(release),
    )


def distrusting(release: Release) -> tuple[str, ...]:
    """The default ``jdk.security.caDistrustPolicies`` of a release.

    Documented in the release notes of the updates (JDK-8207258, JDK-8339495, JDK-8346587,
    JDK-8374829), measured for those in `MEASURED`: Symantec since April 2019, Entrust since
    October 2024, Camerfirma since April 2025, Chunghwa since April 2026.
    """
    feature, _, update = release.version
    policies = []
    for name, since in _SINCE.items():
        first = since.get(feature)
        if first is None:
            first = 0 if feature > max(since) else 10_000
        if update >= first:
            policies.append(name)
    return tuple(policies)


# Policy: release line and the first update with it; a later line has had it from the start.
# Of JDK 8, Oracle's updates have odd numbers, and OpenJDK's the even ones that follow.
_SINCE = {
    "SYMANTEC_TLS": {8: 212, 11: 3, 12: 1},
    "ENTRUST_TLS": {8: 431, 11: 25, 17: 13, 21: 5, 23: 1},
    "CAMERFIRMA_TLS": {8: 451, 11: 27, 17: 15, 21: 7, 24: 1},
    "CHUNGHWA_TLS": {8: 491, 11: 31, 17: 19, 21: 11, 25: 3, 26: 1},
}


_INCLUDES_SINCE = 24
"""JDK-8319332."""


def read(text: str, release: Release) -> Settings:
    """The settings of a ``java.security``; what it does not say is as shipped.

    Args:
        text: the file.
        release: whose it is.

    Raises:
        Damaged: as `properties.read`.
    """
    found = properties.read(text)
    own = defaults(release)
    distrust = found.get("jdk.security.caDistrustPolicies")
    return replace(
        own,
        certpath=found.get("jdk.certpath.disabledAlgorithms", own.certpath),
        tls=found.get("jdk.tls.disabledAlgorithms", own.tls),
        curves=found.get("jdk.disabled.namedCurves", own.curves),
        distrust=own.distrust if distrust is None else policies(distrust),
        allow_non_ca_anchor=found.get("jdk.security.allowNonCaAnchor", "no").lower()
        in ("", "true"),
        ocsp=said_true(found.get("ocsp.enable")),
        only_end_entity=said_true(found.get("com.sun.security.onlyCheckRevocationOfEECert")),
        includes=found.get("include", "") if release.feature >= _INCLUDES_SINCE else "",
    )


def policies(text: str) -> tuple[str, ...]:
    """The policies of a value of ``jdk.security.caDistrustPolicies``; others Java passes over."""
    return tuple(dict.fromkeys(part.strip().upper() for part in text.split(",") if part.strip()))


def said_true(text: str | None) -> bool:
    """A flag of ``java.security``, as Java reads one."""
    return text is not None and text.lower() == "true"
