"""Who can read a store, in sentences, and who will not see all of it.

What is claimed of Java and OpenSSL is what the JREs and the OpenSSL of the tests do, tried
with every scheme there is; of versions older than these, and of Windows, it is what their
release notes say.
"""

from __future__ import annotations

import re

from ..model import PrivateKey, Store, TrustedCert
from .inventory import bare_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..formats.pkcs12_bags import Layout
    from .anchors import RootList

_FIXED = {
    "JKS": "read by every Java; not by OpenSSL, Python, Windows or browsers",
    "JCEKS": "read by every Java that has the SunJCE provider; by nothing else",
    "BKS": "read by Java with the BouncyCastle provider only (Android among them)",
    "UBER": "read by Java with the BouncyCastle provider only",
    "PEM": "read by OpenSSL, curl, Apache, nginx, Python and Go; Java needs it in a keystore",
    "DER": "read by keytool -importcert, OpenSSL and Windows; it is a certificate, not a store",
    "PKCS7": "read by keytool -printcert, OpenSSL and Windows; keytool -importcert takes it as "
    "the reply to a request; it is no keystore",
    "directory": "read by programs that take a directory of certificates (Apache's "
    "SSLCACertificatePath and OpenSSL's -CApath want names made by openssl rehash)",
}

# How new a Java has to be. Each level reads what is below it.
_EVERY, _SINCE_2021, _SINCE_21, _SINCE_26, _NONE = LEVELS = range(5)
_JAVA = {
    _EVERY: "every version",
    _SINCE_2021: "8u301, 11.0.12, 17 and later; an older one calls the password incorrect",
    _SINCE_21: "21 and later; an older one cannot parse it",
    _SINCE_26: "26 and later; an older one says that the integrity check failed",
}
_JAVA_SCHEMES = (
    (_EVERY, re.compile(r"PBEWith(SHA1And(RC4_40|RC4_128|DESede|RC2_40|RC2_128)|MD5AndDES)")),
    (_SINCE_2021, re.compile(r"PBEWithHmacSHA(1|224|256|384|512)AndAES_(128|256)")),
    (_SINCE_21, re.compile(r"PBEWithHmacSHA512/(224|256)AndAES_(128|256)")),
)
_JAVA_DIGESTS = {
    "sha1": _EVERY,
    "sha224": _SINCE_2021,
    "sha256": _SINCE_2021,
    "sha384": _SINCE_2021,
    "sha512": _SINCE_2021,
    "sha512_224": _SINCE_2021,
    "sha512_256": _SINCE_2021,
}
# In OpenSSL 3 these moved to the legacy provider, which is not loaded unless asked for.
_LEGACY = re.compile(r"RC2|RC4|AndDES$|HmacSHA\d+ DES-CBC")
_UNKNOWN_TO_OPENSSL = re.compile(r"GCM|^unreadable")
_WINDOWS = {"PBEWithSHA1AndRC2_40", "PBEWithSHA1AndDESede"}


def readers(source: Store | RootList) -> tuple[str, ...]:
    """Sentences, the general one first; lower case, no full stop."""
    if not isinstance(source, Store):
        return ("a list, not a store: nothing to load, only to compare with",)
    if source.format in ("PEM", "DER") and bare_keys(source):
        return ("a private key without its certificate, which is in a file of its own",)
    fixed = _FIXED.get(source.format)
    if fixed is not None:
        return (fixed,)
    layout = source.layout
    from ..formats.pkcs12_bags import Layout

    if not isinstance(layout, Layout):
        return ()
    keys = [e.sealed.scheme for e in source.entries if isinstance(e, PrivateKey)]
    return (*_pkcs12(layout, dict.fromkeys(keys)), *_java_blind(source))


def _pkcs12(layout: Layout, keys: Iterable[str]) -> list[str]:
    """How a PKCS12 is protected, and whom that shuts out."""
    recipes = dict.fromkeys(safe.recipe for safe in layout.safes if safe.recipe is not None)
    said = [f"{recipe.name}, {recipe.iterations} iterations" for recipe in recipes]
    sentences = [f"certificates: {', '.join(said) or 'not encrypted'}"]
    if keys:
        said = ["not encrypted" if key == "none" else key for key in keys]
        sentences.append(f"keys: {', '.join(said)}")
    mac = layout.mac
    sentences.append(
        "integrity: " + (f"{mac.name}, {mac.iterations} iterations" if mac else "no MAC")
    )
    # A key in clear is not Java's to open: it passes over it, which is said elsewhere.
    schemes = [recipe.name for recipe in recipes]
    sealed = [key for key in keys if key != "none"]
    sentences += _java(layout, sealed)
    sentences.append(f"OpenSSL: {_openssl(layout, [*schemes, *sealed])}")
    if _WINDOWS.issuperset([*schemes, *sealed]) and mac is not None and mac.digest == "sha1":
        sentences.append("Windows: every version")
    return sentences


def java_needs_for(scheme: str) -> int:
    """How new a Java has to be for a scheme around certificates or a key, of `LEVELS`."""
    return next((level for level, known in _JAVA_SCHEMES if known.fullmatch(scheme)), _NONE)


def java_needs(layout: Layout) -> tuple[int, str]:
    """How new a Java has to be to open a PKCS12, of `LEVELS`, and what asks for it."""
    # Without a MAC or a cipher nothing is asked of Java but to take it so.
    recipes = [safe.recipe for safe in layout.safes if safe.recipe is not None]
    levels = {recipe.name: java_needs_for(recipe.name) for recipe in recipes}
    mac = layout.mac
    if mac is not None and mac.prf:
        levels["PBMAC1"] = _SINCE_26
    elif mac is not None:
        levels[f"a MAC with {mac.name}"] = _JAVA_DIGESTS.get(mac.digest, _NONE)
    else:
        levels["no MAC"] = _SINCE_2021
    newest = max(levels, key=lambda name: levels[name])
    return levels[newest], newest


def _java(layout: Layout, keys: list[str]) -> list[str]:
    """Which Java opens the file; and which opens its keys, where that differs."""
    level, newest = java_needs(layout)
    if level == _NONE:
        return [f"Java: none; it does not know {newest}"]
    worst = max(keys, key=java_needs_for, default="")
    if not worst or java_needs_for(worst) <= level:
        return [f"Java: {_JAVA[level]}"]
    if java_needs_for(worst) == _SINCE_2021:
        return [f"Java: {_JAVA[_SINCE_2021]}"]
    which = "no Java" if java_needs_for(worst) == _NONE else "only Java 21 and later"
    return [f"Java: {_JAVA[level]}", f"{which} opens keys under {worst}; all list them"]


def _openssl(layout: Layout, schemes: list[str]) -> str:
    unknown = [scheme for scheme in schemes if _UNKNOWN_TO_OPENSSL.search(scheme)]
    if unknown:
        return f"none; it does not know {unknown[0]}"
    since = "3.4" if layout.mac is not None and layout.mac.prf else ""
    if any(_LEGACY.search(scheme) for scheme in schemes):
        return f"{since or '3'} {'and later ' if since else ''}only with -legacy"
    if since:
        return f"{since} and later"
    modern = any("Hmac" in scheme or "PBES2" in scheme for scheme in schemes)
    return "1.1 and later" if modern else "every version"


def _java_blind(store: Store) -> list[str]:
    """What Java leaves out of a PKCS12, in numbers."""
    from ..formats.pkcs12_bags import TRUSTED_KEY_USAGE
    from ..formats.pkcs12_java import has_usage, java_view

    listed = java_view(store)
    sentences = []
    trusted = [entry for entry in store.entries if isinstance(entry, TrustedCert)]
    seen = sum(isinstance(entry, TrustedCert) for entry in listed)
    if seen < len(trusted):
        why = (
            "their aliases come again, and the last of one alias counts"
            if all(map(has_usage, trusted))
            else f"the bag attribute trustedKeyUsage ({TRUSTED_KEY_USAGE}) is missing"
        )
        sentences.append(f"{_listed(seen, len(trusted), 'certificate')}: {why}")
    keys = [entry for entry in store.entries if isinstance(entry, PrivateKey)]
    keys_seen = sum(isinstance(entry, PrivateKey) for entry in listed)
    if keys_seen < len(keys):
        sentences.append(
            f"{_listed(keys_seen, len(keys), 'key')}: it passes over keys in plain keyBags, "
            "and sees only the last of one alias"
        )
    return sentences


def _listed(seen: int, there: int, what: str) -> str:
    if there == 1:
        return f"Java does not list this {what}"
    return f"Java lists {seen} of these {there} {what}s"
