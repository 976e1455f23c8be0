"""Whether a release of Java can load a store at all, and in which words it says that it can't.

Measured on JDK 11 to 25: `java.security.KeyStore` finds out by itself which of JKS and PKCS12 a
file is, whatever type it was asked for, and nothing else; a PKCS12 of schemes that are newer
than the release does not load; one certificate that can't be read keeps the whole store from
loading. Of Java 8 it is what its release notes say.
"""

from __future__ import annotations

from ..frozen import Frozen
from ..model import PrivateKey
from .readers import LEVELS, java_needs, java_needs_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Store
    from .runtimes.jdk import Release

_EVERY, _SINCE_2021, _SINCE_21, _SINCE_26, _NONE = LEVELS
_SINCE = {
    _SINCE_2021: "8u301, 11.0.12 and 17",
    _SINCE_21: "21",
    _SINCE_26: "26",
}
_SAYS = {
    _SINCE_2021: "keystore password was incorrect",
    _SINCE_21: "parseAlgParameters failed: PBE parameter parsing error",
    _SINCE_26: "Integrity check failed: java.security.NoSuchAlgorithmException",
}
_FORMATS = {
    "PEM": "PEM text",
    "DER": "a bare certificate",
    "PKCS7": "PKCS#7",
    "directory": "a directory of certificates",
}


class Unloadable(Frozen):
    """A store that a release of Java can't load, or not unless it is told how.

    Attributes:
        code: stable identifier: "scheme", "key-scheme", "provider", "type", "format",
            "certificate".
        why: a clause, as in "the certificates are under PBEWith...".
        says: the message of Java, "" where it is not known.
        since: the releases that can, as in "21"; "" where none can as it is.
        certain: False where a program may well read it in another way.
    """

    code: str
    why: str
    says: str = ""
    since: str = ""
    certain: bool = True


def unloadable(store: Store, release: Release) -> Unloadable | None:
    """Why a release of Java can't load a store as it is; None where it can."""
    if store.format in _FORMATS:
        return Unloadable(
            "format",
            f"it is {_FORMATS[store.format]}, and a Java program loads keystores, unless it has "
            "a reader of its own",
            "Invalid keystore format",
            certain=False,
        )
    if store.format in ("BKS", "UBER"):
        return Unloadable(
            "provider",
            f"it is {store.format}, which Java loads with the provider of BouncyCastle only",
            f"{store.format} not found",
        )
    if store.format == "JCEKS":
        return Unloadable(
            "type",
            "it is JCEKS, which Java loads only when it is told that type",
            "Invalid keystore format",
            certain=False,
        )
    if (found := _scheme(store, release)) is not None:
        return found
    return _certificate(store)


def _scheme(store: Store, release: Release) -> Unloadable | None:
    from ..formats.pkcs12_bags import Layout

    layout = store.layout
    if not isinstance(layout, Layout):
        return None
    known = _level(release)
    level, newest = java_needs(layout)
    if level > known:
        since = _SINCE.get(level, "")
        why = f"it has {newest}, which Java knows since {since}" if since else (
            f"it has {newest}, which no Java knows"
        )  # fmt: skip
        return Unloadable("scheme", why, _SAYS.get(level, ""), since)
    keys = (one for one in store.entries if isinstance(one, PrivateKey))
    for key in keys:
        scheme = key.sealed.scheme
        if scheme != "none" and java_needs_for(scheme) > known:
            since = _SINCE.get(java_needs_for(scheme), "")
            told = f"Java knows since {since}" if since else "no Java knows"
            why = f"the key {key.alias!r} is under {scheme}, which {told}"
            return Unloadable("key-scheme", why, "Get Key failed", since)
    return None


def _level(release: Release) -> int:
    """The newest schemes a release knows."""
    feature, _, update = release.version
    if feature >= 26:
        return _SINCE_26
    if feature >= 21:
        return _SINCE_21
    # JDK-8076190, of JDK 16, with its backports.
    if feature >= 16 or (feature == 11 and update >= 12) or (feature == 8 and update >= 301):
        return _SINCE_2021
    return _EVERY


def _certificate(store: Store) -> Unloadable | None:
    from .runtimes import parsing

    if store.format not in ("JKS", "PKCS12"):
        return None
    for entry in store.entries:
        for one in getattr(entry, "chain", None) or (getattr(entry, "certificate", None),):
            if one is not None and (why := parsing.problem(one)):
                return Unloadable(
                    "certificate",
                    f"a certificate of {entry.alias!r} can't be read ({why}), and Java loads all "
                    "of a store or nothing",
                )
    return None
