"""The keys a Java key manager finds in a store, in the order in which it finds them.

Source: java.security.KeyStore as `sun.security.provider.JavaKeyStore` and
`sun.security.pkcs12.PKCS12KeyStore` implement it, seen from outside on JDK 11 to 25: a PKCS12
gives its aliases in file order, a JKS or JCEKS in that of a java.util.Hashtable.
"""

from __future__ import annotations

from .. import der
from ..errors import PasswordError, StorekeeperError
from ..model import Opaque, PrivateKey, SecretKey, TrustedCert
from ..oids import KEY_ALGORITHMS
from ..trust.java_trust import java_entries
from ..trust.runtimes import parsing
from ..trust.runtimes.java_hash import hashtable_order
from ..trust.runtimes.seen import seen
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Certificate, Entry, Password, Store
    from ..trust.runtimes.seen import Seen

_HASHED = frozenset({"JKS", "JCEKS", "BKS", "UBER"})
_JAVA_READS = frozenset({"JKS", "JCEKS", "PKCS12", "BKS", "UBER"})
_EDWARDS = frozenset({"Ed25519", "Ed448"})
_EDDSA_SINCE = 15
_KEPT = "unreadable for java"


class Held:
    """A key as a key manager has it.

    Attributes:
        entry: where it is.
        alias: as Java spells it.
        chain: its certificates, as Java sees them.
        private: the kind of the private key itself, "" where nobody looked.
        unopened: why it does not open with the password Java is given, "" where it does or
            none was given to try.
    """

    __slots__ = ("alias", "chain", "entry", "private", "unopened")

    def __init__(self, entry: PrivateKey, alias: str, chain: tuple[Seen, ...]) -> None:
        self.entry = entry
        self.alias = alias
        self.chain = chain
        self.private = ""
        self.unopened = ""

    @property
    def kind(self) -> str:
        """As Key.getAlgorithm of its public key: "RSA", "EC", "EdDSA", ..."""
        return self.chain[0].key_algorithm

    @property
    def curve(self) -> str:
        """Of an EC key, or the name of an EdDSA key; "" of others."""
        key = self.chain[0].facts.key
        return key.algorithm if key.algorithm in _EDWARDS else key.curve

    @property
    def issuers(self) -> tuple[object, ...]:
        """The issuers of all its certificates, which compare as X500Principal.equals."""
        return tuple(one.issuer for one in self.chain)


class Loaded:
    """A store as a key manager has loaded it.

    Attributes:
        keys: in the order of KeyStore.aliases().
        left: why an entry is no key for it, (code, message) by the entry's place in the store.
        problem: why Java can't load the store, "" where it can.
        notes: what limits the answer.
    """

    __slots__ = ("keys", "left", "notes", "places", "problem")

    def __init__(self) -> None:
        self.keys: list[Held] = []
        self.left: dict[int, tuple[str, str]] = {}
        self.places: dict[int, Held] = {}
        self.problem = ""
        self.notes: list[str] = []


def load(store: Store, feature: int, password: Password | str | None = None) -> Loaded:
    """What a key manager finds.

    Args:
        store: as it was read; a store of another format than Java's is taken as if it were
            one, in file order.
        feature: the release line.
        password: what Java is given for the keys, to try it on each; None tries nothing.
    """
    loaded = Loaded()
    if store.format not in _JAVA_READS:
        loaded.notes.append(f"Java has no keystore of the type {store.format}: convert it first")
    place_of = {id(entry): place for place, entry in enumerate(store.entries)}
    for entry, alias in _visible(store, loaded, place_of):
        place = place_of[id(entry)]
        match entry:
            case PrivateKey():
                held = _held(entry, alias, loaded, place)
            case TrustedCert():
                loaded.left[place] = "not-a-key", "a trusted certificate, and no key with it"
                continue
            case SecretKey():
                loaded.left[place] = "not-a-key", "a secret key, which has no certificate"
                continue
            case Opaque():
                loaded.left[place] = "not-a-key", f"no key that Java knows ({entry.what})"
                continue
        if held is None:
            continue
        loaded.keys.append(held)
        loaded.places[place] = held
        if password is not None:
            _try(held, password)
        # A JKS gives a key that nobody asks for; a PKCS12 gives none.
        if held.curve in _EDWARDS and feature < _EDDSA_SINCE and store.format == "PKCS12":
            held.unopened = held.unopened or f"Java {feature} knows no {held.curve} keys"
    return loaded


def _visible(store: Store, loaded: Loaded, place_of: Mapping[int, int]) -> list[tuple[Entry, str]]:
    """The entries Java lists, with its spelling of their aliases, in its order."""
    if store.format not in _HASHED:
        listed = [(entry, entry.alias.lower()) for entry in java_entries(store)]
        there = {id(entry) for entry, _ in listed}
        for entry in store.entries:
            if id(entry) not in there:
                loaded.left[place_of[id(entry)]] = (
                    "not-listed",
                    "Java does not list it: its alias comes again, or its bag lacks something",
                )
        return listed
    last: dict[str, Entry] = {}
    for entry in store.entries:
        if entry.alias in last:
            loaded.left[place_of[id(last[entry.alias])]] = (
                "not-listed",
                "Java has the last entry of this alias, and this is an earlier one",
            )
        last[entry.alias] = entry
    found = []
    for alias in hashtable_order(last):
        folded = alias.lower()
        if alias == folded or store.format not in ("JKS", "JCEKS"):
            found.append((last[alias], alias))
            continue
        loaded.left[place_of[id(last[alias])]] = (
            "not-listed",
            "its alias is not in lower case, and Java looks for lower case alone",
        )
        if folded in last:  # both aliases are listed, and lead to one entry
            found.append((last[folded], alias))
    return found


def _held(entry: PrivateKey, alias: str, loaded: Loaded, place: int) -> Held | None:
    if not entry.chain:
        loaded.left[place] = "no-certificate", "the key has no certificate"
        return None
    for one in entry.chain:
        if why := unreadable(one):
            loaded.left[place] = "unreadable", f"a certificate Java can't read: {why}"
            loaded.problem = loaded.problem or (
                f"Java can't load the store: a certificate of {alias!r} can't be read: {why}"
            )
            return None
    return Held(entry, alias, tuple(map(seen, entry.chain)))


def unreadable(certificate: Certificate) -> str:
    """Why Java can't read a certificate, "" where it can; kept with its facts."""
    facts = facts_or_none(certificate)
    known = None if facts is None else facts.kept.get(_KEPT)
    if isinstance(known, str):
        return known
    why = parsing.problem(certificate)
    if not why:
        try:
            seen(certificate)
        except StorekeeperError as error:
            why = error.message
    if facts is not None:
        facts.kept[_KEPT] = why
    return why


def _try(held: Held, password: Password | str) -> None:
    try:
        pkcs8 = held.entry.pkcs8(password)
    except PasswordError:
        held.unopened = "it does not open with the password of the store"
    except StorekeeperError as error:
        held.unopened = error.message
    else:
        held.private = _kind(pkcs8)


def _kind(pkcs8: bytes) -> str:
    try:
        oid = der.read(pkcs8).items("key", 3)[1].items("key algorithm", 1)[0].oid("key algorithm")
    except StorekeeperError:
        return ""
    name = KEY_ALGORITHMS.get(oid, oid)
    return "EdDSA" if name in _EDWARDS else name
