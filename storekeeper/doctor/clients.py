"""What a client's runtime does in a handshake, whatever the server sends.

Sources: the JDK's release notes (JDK-8245263: TLS 1.3 for clients of Java 8 since 8u341),
sun.security.ssl's server name indication as `endpoint` has it, and Software AG's knowledge base
for the Entrust IAIK library of webMethods.
"""

from __future__ import annotations

from ..tls.words import TLS10, TLS12, TLS13
from ..trust.runtimes import jdk
from ..trust.runtimes.endpoint import server_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..trust.runtimes.algorithms import Rules

_IAIK = "webmethods-iaik"
_TLS13_IN_8 = 341


def protocols(runtime: str) -> tuple[int, int]:
    """The oldest and the newest protocol a client offers, as far as that depends on its runtime.

    SSLv3, which IAIK also speaks, is left out: no handshake is made with it here.
    """
    if runtime.startswith(_IAIK):
        return TLS10, TLS10
    release = jdk.release(runtime)
    if release is not None and release.feature == 8 and release.version[2] < _TLS13_IN_8:
        return TLS10, TLS12
    return TLS10, TLS13


def sends_name(runtime: str, host: str) -> bool:
    """Whether a client of this runtime sends a server name for a host."""
    if runtime.startswith(_IAIK):
        return False
    return jdk.release(runtime) is None or server_name(host) is not None


def refuses_suite(rules: Rules, name: str, feature: int) -> bool:
    """Whether ``jdk.tls.disabledAlgorithms`` keeps a client from a suite of TLS 1.2 or before.

    Args:
        rules: of that property.
        name: as IANA spells it.
        feature: the release line, of which later ones know wildcards.
    """
    from fnmatch import fnmatchcase

    parts, spelled = _parts(name), _jdk_name(name).upper()
    for rule in rules.entries:
        if rule.always and "*" in rule.algorithm:
            if feature >= _WILDCARDS and fnmatchcase(spelled, rule.algorithm):
                return True
        elif rule.always and rule.algorithm in parts:
            return True
    return False


_WILDCARDS = 24
_OF_SSL3 = frozenset(
    {"RC4_128_MD5", "RC4_128_SHA", "3DES_EDE_CBC_SHA", "DES_CBC_SHA", "NULL_MD5", "NULL_SHA"}
)
_EXCHANGES = {"DH": ("DH", "DiffieHellman"), "DHE": ("DH", "DHE", "DiffieHellman")}
_CIPHERS = {
    "NULL": ("NULL", "C_NULL"),
    "RC4_128": ("RC4",),
    "RC4_40": ("RC4",),
    "DES_CBC": ("DES",),
    "DES40_CBC": ("DES",),
}


def _jdk_name(name: str) -> str:
    """The JDK's name: suites that SSL 3.0 brought begin with SSL_ there."""
    exchange, _, rest = name.partition("_WITH_")
    old = rest in _OF_SSL3 and "EC" not in exchange
    return name.replace("TLS_", "SSL_", 1) if old or "EXPORT" in name else name


def _parts(name: str) -> frozenset[str]:
    """What the JDK takes a suite apart into, in upper case (measured on JDK 11 to 25).

    Of the export suites, which no Java offers unless it is told to, it is not exact.
    """
    exchange, _, rest = name.partition("_WITH_")
    first, _, second = exchange.partition("_")[2].removesuffix("_EXPORT").partition("_")
    found = {
        _jdk_name(name),
        f"{first}_{second}" if second else first,
        *_EXCHANGES.get(first, (first,)),
    }
    found |= {"DSA", "DSS"} if second == "DSS" else {second} if second else set()
    cipher, _, digest = rest.rpartition("_")
    found |= {cipher, cipher.partition("_")[0] if cipher.startswith("AES") else cipher}
    found |= set(_CIPHERS.get(cipher, ()))
    sealed = any(mode in cipher for mode in ("GCM", "CCM", "POLY1305"))
    found |= _digest(digest, mac=not sealed)
    if digest != "SHA384" and "EXPORT" not in name and not cipher.startswith(("DES", "RC4_40")):
        found |= _digest("SHA256", mac=False)  # of the keys that TLS 1.2 derives
    return frozenset(part.upper() for part in found)


def _digest(name: str, *, mac: bool) -> set[str]:
    digest = "SHA1" if name == "SHA" else name
    found = {digest, digest.replace("SHA", "SHA-")}
    return found | {f"Hmac{digest}"} if mac else found
