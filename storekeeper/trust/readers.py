"""Who can read a store, in sentences, and who will not see all of it.

What the sentences claim of Java and OpenSSL is what the JREs and the OpenSSL of the tests do
(`formats.encryption` says where each parameter set was tried); Windows is documented, not
measured.
"""

from __future__ import annotations

from ..model import PrivateKey, Store, TrustedCert
from .inventory import bare_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.pkcs12_bags import Layout
    from ..formats.schemes import Recipe
    from .anchors import RootList

_FIXED = {
    "JKS": "read by every Java; not by OpenSSL, Python, Windows or browsers",
    "JCEKS": "read by every Java that has the SunJCE provider; by nothing else",
    "BKS": "read by Java with the BouncyCastle provider only (Android among them)",
    "UBER": "read by Java with the BouncyCastle provider only",
    "PEM": "read by OpenSSL, curl, Apache, nginx, Python and Go; Java needs it in a keystore",
    "DER": "read by keytool -importcert, OpenSSL and Windows; it is a certificate, not a store",
    "PKCS7": "read by keytool -printcert and -importcert as a reply, OpenSSL and Windows; "
    "it is no keystore",
    "directory": "read by programs that take a directory of certificates (Apache's "
    "SSLCACertificatePath and OpenSSL's -CApath want names made by openssl rehash)",
}
_OLD_CIPHERS = ("RC2", "RC4", "DES-CBC")


def readers(source: Store | RootList) -> tuple[str, ...]:
    """Sentences, the general one first; lower case, no full stop."""
    if not isinstance(source, Store):
        return ("a list, not a store: nothing to load, only to compare with",)
    if bare_keys(source):
        return ("a private key without its certificate, which is in a file of its own",)
    fixed = _FIXED.get(source.format)
    if fixed is not None:
        return (fixed,)
    layout = source.layout
    from ..formats.pkcs12_bags import Layout

    if not isinstance(layout, Layout):
        return ()
    return (*_protection(layout, _key_schemes(source)), *_java_blind(source))


def _key_schemes(store: Store) -> set[str]:
    return {entry.sealed.scheme for entry in store.entries if isinstance(entry, PrivateKey)}


def _protection(layout: Layout, keys: set[str]) -> list[str]:
    """How a PKCS12 is protected, and who that shuts out."""
    recipes: list[Recipe] = [safe.recipe for safe in layout.safes if safe.recipe is not None]
    certificates = ", ".join(dict.fromkeys(_recipe(recipe) for recipe in recipes)) or "in clear"
    sentences = [f"certificates: {certificates}"]
    if keys:
        sentences.append(f"keys: {', '.join(sorted(keys))}")
    mac = layout.mac
    sentences.append(
        "integrity: " + (f"{mac.name}, {mac.iterations} iterations" if mac else "no MAC")
    )
    names = " ".join([*(recipe.name + " " + recipe.cipher.name for recipe in recipes), *keys])
    strangers = [r.cipher.name for r in recipes if r.derivation == "PBKDF2" and _no_java(r)]
    if strangers:
        sentences.append(f"no Java reads it: PBES2 with {strangers[0]}, of which it knows only AES")
    elif mac is not None and mac.prf:
        sentences.append(
            "OpenSSL 3.4 and later and Java 26 and later read it; older ones refuse PBMAC1"
        )
    elif any(recipe.derivation == "PBKDF2" for recipe in recipes) or "AES" in names:
        sentences.append(
            "Java 8u301, 11.0.12, 17 and later and OpenSSL 1.1 and later read it; an older Java "
            "says that the keystore password was incorrect"
        )
    elif any(cipher in names for cipher in _OLD_CIPHERS):
        sentences.append("every Java and Windows read it; OpenSSL 3 only with -legacy")
    else:
        sentences.append("every Java, OpenSSL and Windows read it")
    return sentences


def _recipe(recipe: Recipe) -> str:
    return f"{recipe.name}, {recipe.iterations} iterations"


def _no_java(recipe: Recipe) -> bool:
    return not recipe.cipher.name.startswith("AES") or not recipe.cipher.name.endswith("CBC")


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
