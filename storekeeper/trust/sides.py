"""The two sides of a comparison, brought to one shape: held things by identity."""

from __future__ import annotations

from hashlib import sha256

from ..frozen import Frozen
from ..model import Opaque, PrivateKey, Store, TrustedCert, kind
from .anchors import Anchor, RootList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate, Entry

# Formats in which an alias is the owner's choice. In PEM, DER, PKCS7 and directories it is
# what the codec made up or a file's name, and comparing those tells nothing.
_WITH_ALIASES = frozenset({"JKS", "JCEKS", "PKCS12", "BKS", "UBER"})

TRUSTED = "trusted-certificate"


class Side(Frozen):
    """One side of a comparison, as a report names it.

    Attributes:
        name: path or word it was opened by.
        title: what it is, in a phrase.
        date: ISO date of a list, or "".
        certificates: distinct trusted certificates.
        keys: private keys, secret keys and opaque entries.
        has_aliases: aliases in it are somebody's choice.
    """

    name: str
    title: str
    date: str = ""
    certificates: int = 0
    keys: int = 0
    has_aliases: bool = False


class Held:
    """One thing a side holds, under all its aliases.

    Attributes:
        kind: "trusted-certificate", "private-key", "secret-key" or "opaque".
        identity: what makes two things of a kind the same.
        anchor: certificate (for a private key, its own) or what is published about it.
        aliases: in file order.
        chain: of a private key.
    """

    __slots__ = ("_names", "aliases", "anchor", "chain", "identity", "kind")

    def __init__(
        self, kind: str, identity: str, anchor: Anchor, chain: tuple[Certificate, ...] = ()
    ) -> None:
        self.kind = kind
        self.identity = identity
        self.anchor = anchor
        self.chain = chain
        self.aliases: list[str] = []
        self._names: tuple[str | None, str | None] | None = None

    @property
    def names(self) -> tuple[str | None, str | None]:
        """SHA-256 of the canonical subject and of the key, hex; worked out once."""
        if self._names is None:
            self._names = self.anchor.subject_sha256, self.anchor.spki_sha256
        return self._names

    def __repr__(self) -> str:
        return f"Held({self.kind}, {self.identity[:16]}, {self.aliases})"


Holdings = dict[tuple[str, str], Held]


def holdings(source: Store | RootList) -> tuple[Side, Holdings]:
    """What a store or a list holds, by kind and identity, in its order."""
    found: Holdings = {}
    if isinstance(source, RootList):
        for anchor in source.anchors:
            held = found.setdefault((TRUSTED, anchor.sha256), Held(TRUSTED, anchor.sha256, anchor))
            if anchor.label:
                held.aliases.append(anchor.label)
        side = Side(source.name, source.title, source.date, len(found))
        return side, found
    for entry in source.entries:
        made = _held(entry)
        held = found.setdefault((made.kind, made.identity), made)
        if entry.alias not in held.aliases:
            held.aliases.append(entry.alias)
        # Of entries with one identity the last wins, as the last of one alias does in Java.
        held.chain = made.chain
    certificates = sum(held.kind == TRUSTED for held in found.values())
    side = Side(
        source.path or f"{source.format} store",
        f"{source.format} store" if source.format != "directory" else "directory",
        certificates=certificates,
        keys=len(found) - certificates,
        has_aliases=source.format in _WITH_ALIASES,
    )
    return side, found


def _held(entry: Entry) -> Held:
    what = kind(entry)
    match entry:
        case TrustedCert():
            certificate = entry.certificate
            anchor = Anchor(certificate.sha256, entry.alias, certificate)
            return Held(what, certificate.sha256, anchor)
        case PrivateKey() if entry.chain:
            own = entry.chain[0]
            return Held(what, own.sha256, Anchor(own.sha256, entry.alias, own), entry.chain)
        case Opaque():
            digest = sha256(entry.what.encode("utf-8", "replace") + b"\0" + entry.data)
            return Held(what, digest.hexdigest(), Anchor("", entry.alias))
        case _:
            # Without a certificate there are only the sealed bytes to go by.
            digest = sha256(entry.sealed.data)
            return Held(what, digest.hexdigest(), Anchor("", entry.alias))
