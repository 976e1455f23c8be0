"""Named, dated sets of what to encrypt a PKCS12 with, and who can read the result."""

from __future__ import annotations

from ..errors import UsageError
from ..frozen import Frozen, replace
from .ciphers import CIPHERS
from .mac import MacRecipe
from .schemes import Recipe

__all__ = [
    "COMPATIBLE",
    "ENCRYPTIONS",
    "MODERN",
    "Encryption",
    "as_asked",
    "compatible",
    "named",
    "protecting",
    "with_iterations",
]


class Encryption(Frozen):
    """One parameter set.

    Attributes:
        name: what ``--compat`` takes.
        dated: since when its model writes it, a year or a release.
        who_reads: one sentence.
        certificates: around the certificates; None leaves them in clear.
        keys: around each key.
        mac: over the file; None leaves it out.
    """

    name: str
    dated: str
    who_reads: str
    certificates: Recipe | None
    keys: Recipe
    mac: MacRecipe | None


_AES = Recipe("PBKDF2", "sha256", CIPHERS["AES-256-CBC"], 10_000, 20)
_TRIPLE_DES = Recipe("PKCS12", "sha1", CIPHERS["DES-EDE3-CBC"], 50_000, 20)
_RC2 = Recipe("PKCS12", "sha1", CIPHERS["RC2-40-CBC"], 50_000, 20)

MODERN = Encryption(
    "modern",
    "JDK 17 (2021), and 8u301 and 11.0.12 of the same year",
    "Java 8u301, 11.0.12, 17 and later, OpenSSL 1.1 and later, cryptography; older Java calls "
    "the password wrong",
    _AES,
    _AES,
    MacRecipe("sha256", 10_000, 20),
)

_SETS = (
    MODERN,
    Encryption(
        "java8",
        "JDK 8 (2014), until 8u301 (2021)",
        "every Java, with a password in ASCII; OpenSSL 3 only with -legacy",
        _RC2,
        _TRIPLE_DES,
        MacRecipe("sha1", 100_000, 20),
    ),
    Encryption(
        "passwordless",
        "JDK 18 (2022), whose cacerts is like this",
        "Java 8u301, 11.0.12, 17 and later with any password or none, OpenSSL likewise; keys "
        "stay encrypted by themselves",
        None,
        _AES,
        None,
    ),
    Encryption(
        "openssl1",
        "OpenSSL 1.0 (2010) with -descert, and since then everywhere",
        "every Java, with a password in ASCII, and every OpenSSL without -legacy: the choice "
        "for old peers",
        replace(_TRIPLE_DES, iterations=2_048, salt_length=8),
        replace(_TRIPLE_DES, iterations=2_048, salt_length=8),
        MacRecipe("sha1", 2_048, 8),
    ),
    Encryption(
        "fips",
        "NIST SP 800-132 and FIPS 140-3 (2019)",
        "Java 8u301, 11.0.12, 17 and later, OpenSSL 1.1 and later; the parts a FIPS module "
        "refuses are gone except the derivation of the MAC key, which only PBMAC1 replaces",
        replace(_AES, iterations=210_000, salt_length=16),
        replace(_AES, iterations=210_000, salt_length=16),
        MacRecipe("sha256", 100_000, 16),
    ),
    Encryption(
        "pbmac1",
        "RFC 9579 (2024), JDK 26 and OpenSSL 3.4",
        "OpenSSL 3.4 and later, cryptography 50, Java 26 and later; Java up to 25 and OpenSSL "
        "up to 3.3 cannot check its MAC and refuse it",
        _AES,
        _AES,
        MacRecipe("sha256", 10_000, 20, "sha256", 32),
    ),
)

ENCRYPTIONS: dict[str, Encryption] = {one.name: one for one in _SETS}


def named(name: str) -> Encryption:
    """The set of that name; `UsageError` listing the names there are."""
    if name not in ENCRYPTIONS:
        raise UsageError(
            f"no encryption is called {name!r}", hint=f"there are: {', '.join(ENCRYPTIONS)}"
        )
    return ENCRYPTIONS[name]


COMPATIBLE = {
    "java8": "java8",  # also before 8u301
    "java8u301": "modern",
    "java11": "modern",  # 11.0.12 and later; an older one is told to take java8
    "java17": "modern",
    "java21": "modern",
    "java25": "modern",
    "openssl1": "openssl1",
    "openssl3": "modern",
    # Windows Server 2019 and Windows 10 1709 were the first to read AES with HMAC-SHA-256.
    "windows": "openssl1",
    "fips": "fips",
}
"""Who has to read the file, and the set that fits."""


def compatible(reader: str) -> Encryption:
    """The set for a reader of `COMPATIBLE`, or of that name; `UsageError` listing both."""
    name = COMPATIBLE.get(reader, reader)
    if name not in ENCRYPTIONS:
        from difflib import get_close_matches

        words = tuple(dict.fromkeys((*COMPATIBLE, *ENCRYPTIONS)))
        close = get_close_matches(reader, words, 1)
        raise UsageError(
            f"no reader of PKCS12 is known as {reader!r}",
            hint=f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(words)}",
        )
    return ENCRYPTIONS[name]


def as_asked(reader: str) -> Encryption:
    """`compatible`, called by the name that was asked for: "java11 (modern)"."""
    made = compatible(reader)
    return made if made.name == reader else replace(made, name=f"{reader} ({made.name})")


def with_iterations(encryption: Encryption, iterations: int) -> Encryption:
    """The same set with another iteration count throughout."""
    if iterations < 1:
        raise UsageError(f"an iteration count of {iterations}")
    certificates, mac = encryption.certificates, encryption.mac
    return replace(
        encryption,
        certificates=certificates and replace(certificates, iterations=iterations),
        keys=replace(encryption.keys, iterations=iterations),
        mac=mac and replace(mac, iterations=iterations),
    )


_JAVA_PBES1 = (
    "PBEWithMD5AndDES",
    "PBEWithSHA1AndDESede",
    "PBEWithSHA1AndRC2_40",
    "PBEWithSHA1AndRC2_128",
    "PBEWithSHA1AndRC4_40",
    "PBEWithSHA1AndRC4_128",
)


def protecting(name: str) -> Encryption:
    """`MODERN`, its keys sealed by the scheme of that name.

    Args:
        name: as the JCA has it, ``PBEWithHmacSHA256AndAES_128``; case does not count.

    Raises:
        UsageError: Java seals no keys of a PKCS12 so.
    """
    from .schemes import PBES1

    known = {name.lower(): how for name, *how in PBES1.values() if name in _JAVA_PBES1}
    for digest in ("sha1", "sha224", "sha256", "sha384", "sha512"):
        for bits in (128, 256):
            scheme = f"pbewithhmac{digest}andaes_{bits}"
            known[scheme] = ["PBKDF2", digest, f"AES-{bits}-CBC"]
    if name.lower() not in known:
        raise UsageError(
            f"no key of a PKCS12 is sealed by {name}",
            hint="PBEWithHmacSHA256AndAES_256 is what Java takes unless told",
        )
    derivation, digest, cipher = known[name.lower()]
    salt = 8 if derivation == "PBKDF1" else 20
    recipe = Recipe(derivation, digest, CIPHERS[cipher], 10_000, salt)
    return replace(MODERN, keys=recipe)
