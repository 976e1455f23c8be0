"""What a Java program trusts when it loads a store: which entries it sees, and what it misses.

Measured on JDK 11 to 25: anchors are the trusted certificates and the own certificate of each
key; of a PKCS12 only what its reader lists (`formats.pkcs12_java`), and nothing that is
encrypted when the program gives no password.
"""

from __future__ import annotations

from ..frozen import Frozen
from ..model import Certificate, PrivateKey, Store, TrustedCert
from ..x509 import facts_or_none
from .sources import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Entry
    from .anchors import RootList

# How cacerts files name the roots that came with the JDK (sun.security.util.AnchorCertificates).
_OF_JDK = " [jdk"


class Trust(Frozen):
    """The anchors a program takes from a store.

    Attributes:
        anchors: those Java sees, each once, in file order.
        unseen: certificates of the store that Java does not see.
        aliases: (SHA-256, alias) of the anchors.
        jdk_roots: SHA-256 of those whose alias says that they are the JDK's own.
        notes: what loading the store does to the answer.
        why_none: why there is no anchor at all, "" where there is one.
    """

    anchors: tuple[Certificate, ...]
    unseen: tuple[Certificate, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    jdk_roots: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    why_none: str = ""

    def seen_by(self, runtime: str) -> tuple[Certificate, ...]:
        """The anchors of a runtime: what Java does not see, others may."""
        from .runtimes import jdk

        return self.anchors if jdk.release(runtime) else (*self.anchors, *self.unseen)

    def alias(self, certificate: Certificate) -> str:
        """The alias of an anchor, or ""."""
        return next((alias for sha256, alias in self.aliases if sha256 == certificate.sha256), "")


def trust_of(source: Store | RootList, *, null_password: bool = False) -> Trust:
    """What Java trusts of an opened store.

    Args:
        source: the store, or a list that has its certificates.
        null_password: the program loads the store without a password (null).

    Raises:
        UnknownFormat: a list of fingerprints without certificates.
    """
    store = open_store(source)
    seen = java_entries(store)
    notes: list[str] = []
    why_none = ""
    if null_password and _encrypted(store):
        why_none = (
            "the certificates of this PKCS12 are encrypted, and a program that gives no password "
            "(null) sees none of them"
        )
        seen = ()
    own = dict.fromkeys(own_certificate(entry) for entry in seen)
    anchors = tuple(one for one in own if one is not None)
    there = dict.fromkeys(own_certificate(entry) for entry in store.entries)
    unseen = tuple(one for one in there if one is not None and one not in own)
    if not anchors and not why_none:
        why_none = "there is no certificate in the store"
        if unseen:
            why_none = (
                f"the store holds {_count(len(unseen))}, and Java sees none: the bag attribute "
                "trustedKeyUsage, which keytool writes and openssl pkcs12 does not, is missing"
            )
    if why_none:
        notes.append(f"no trust anchors: {why_none}")
    elif unseen:
        notes.append(
            f"Java does not see {_count(len(unseen))} of the store: without the bag attribute "
            "trustedKeyUsage, or hidden by an alias that comes again"
        )
    aliases = [
        (one.sha256, entry.alias) for entry in seen if (one := own_certificate(entry)) is not None
    ]
    jdk = frozenset(sha256 for sha256, alias in aliases if _OF_JDK in alias.lower())
    notes += _broken(store, anchors)
    return Trust(anchors, unseen, tuple(aliases), jdk, tuple(notes), why_none)


def java_entries(store: Store) -> tuple[Entry, ...]:
    """The entries of a store that Java lists."""
    if store.format != "PKCS12":
        return store.entries
    from ..formats.pkcs12_java import java_view

    return java_view(store)


def own_certificate(entry: Entry) -> Certificate | None:
    """The certificate an entry makes an anchor; None where it makes none."""
    if isinstance(entry, TrustedCert):
        return entry.certificate
    if isinstance(entry, PrivateKey) and entry.chain:
        return entry.chain[0]
    return None


def _encrypted(store: Store) -> bool:
    from ..formats.pkcs12_bags import Layout

    layout = store.layout
    return isinstance(layout, Layout) and any(safe.recipe is not None for safe in layout.safes)


def _broken(store: Store, anchors: tuple[Certificate, ...]) -> list[str]:
    bad = [one for one in anchors if facts_or_none(one) is None]
    if not bad or store.format in ("PEM", "directory", "system"):
        return []
    what = f"{_count(len(bad))} of the store can't be parsed"
    return [f"{what}, and Java may refuse to load a store with such a one"]


def _count(number: int) -> str:
    return f"{number} certificate{'' if number == 1 else 's'}"


def sent_chain(source: Store | RootList, alias: str | None = None) -> tuple[Certificate, ...]:
    """The chain a server sends, as a file has it: in file order, repetitions kept.

    Of a keystore it is the chain of its key; ``alias`` says which when there are several.

    Raises:
        StorekeeperError: there is no certificate, no such alias, or more than one key.
    """
    from ..errors import NoSuchEntry, UnknownFormat, UsageError

    store = open_store(source)
    keys = [entry for entry in store.entries if isinstance(entry, PrivateKey) and entry.chain]
    if alias is not None:
        entry = store.find(alias)
        if entry is None:
            raise NoSuchEntry("there is no such entry", path=store.path, alias=alias)
        if isinstance(entry, PrivateKey):
            return entry.chain
        own = own_certificate(entry)
        return _some((own,) if own is not None else (), store)
    if store.format == "PEM":
        return _some(_in_file(store), store)
    if len(keys) > 1:
        raise UsageError(
            f"{len(keys)} keys, each with a chain of its own: {_names(keys)}",
            hint="say which with --alias",
        )
    if keys:
        return keys[0].chain
    found = tuple(one for entry in store.entries if (one := own_certificate(entry)) is not None)
    if not found:
        raise UnknownFormat("expected a chain, found no certificate in it", path=store.path)
    return found


def _some(found: tuple[Certificate, ...], store: Store) -> tuple[Certificate, ...]:
    if not found:
        from ..errors import UnknownFormat

        raise UnknownFormat("expected a chain, found no certificate in it", path=store.path)
    return found


def _in_file(store: Store) -> tuple[Certificate, ...]:
    """The certificates of a PEM text as they lie there, those of a key's chain among them."""
    from ..formats.pem import Origin

    placed: list[tuple[int, int, Certificate]] = []
    for entry in store.entries:
        if isinstance(entry.origin, Origin):
            placed += [
                (piece.block.index, piece.position, piece.value)
                for piece in entry.origin.pieces
                if isinstance(piece.value, Certificate)
            ]
        else:
            placed += [(len(placed), 0, one) for one in _of(entry)]
    placed.sort(key=lambda place: place[:2])
    return tuple(one for _, _, one in placed)


def _of(entry: Entry) -> tuple[Certificate, ...]:
    if isinstance(entry, PrivateKey):
        return entry.chain
    own = own_certificate(entry)
    return () if own is None else (own,)


def _names(keys: list[PrivateKey]) -> str:
    shown = ", ".join(repr(key.alias) for key in keys[:3])
    return f"{shown} ..." if len(keys) > 3 else shown


__all__ = ["Trust", "java_entries", "own_certificate", "sent_chain", "trust_of"]
