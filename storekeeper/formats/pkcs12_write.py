"""PKCS12 (RFC 7292): writing, in DER.

A store that was read keeps its safes, its bags in their order and its parameters; a new
one is laid out as the JDK does: keys in one safe in clear (each is encrypted by itself),
certificates in a second, encrypted one, and a MAC.
"""

from __future__ import annotations

import os

from .. import der
from ..errors import PasswordRequired, WriteRefused
from ..frozen import replace
from ..model import Opaque, Password, PrivateKey, Sealed, Secret, SecretKey, TrustedCert
from . import mac, pbe, pkcs12_secrets, schemes
from .encryption import MODERN, Encryption
from .pkcs12_bags import (
    CERT_BAG,
    KEY_BAG,
    SECRET_BAG,
    SHROUDED_KEY_BAG,
    Found,
    Layout,
    encode_bag,
    examine,
    flatten,
    friendly_name,
    parts,
)
from .pkcs12_java import name_all
from .pkcs12_plan import (
    Claims,
    Keeper,
    Slot,
    fresh_chain,
    fresh_key,
    fresh_link,
    fresh_opaque,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Store
    from .mac import MacRecipe
    from .schemes import Recipe

    Random = Callable[[int], bytes]

_DATA = der.oid("1.2.840.113549.1.7.1")
_ENCRYPTED_DATA = der.oid("1.2.840.113549.1.7.6")
_KEYS = {KEY_BAG, SHROUDED_KEY_BAG, SECRET_BAG}
# Java refuses to read less, and a file that had less was not made with care.
_SHORTEST_SALT = 8


def seal_private_key(
    pkcs8: bytes,
    password: Password | None,
    encryption: Encryption = MODERN,
    *,
    random: Random = os.urandom,
) -> Sealed:
    """A private key sealed for a PKCS12.

    Args:
        pkcs8: PrivateKeyInfo DER of any algorithm; it is not parsed.
        password: `Password(None)` leaves the key in clear, which Java will not list.
        encryption: whose ``keys`` recipe to use.
        random: where salts come from.
    """
    if password is None:
        raise PasswordRequired("sealing a private key needs a password")
    if password.text is None:
        return Sealed("none", pkcs8, pbe.unsealed)
    recipe = encryption.keys
    return Sealed(recipe.name, pbe.seal(pkcs8, password, recipe, random), pbe.unseal)


def seal_secret(
    secret: Secret,
    password: Password | None,
    encryption: Encryption = MODERN,
    *,
    random: Random = os.urandom,
) -> Sealed:
    """A secret key sealed for a PKCS12, as Java lays it out.

    Raises:
        PasswordRequired: there is no password; Java has no way to keep a secret in clear.
        Unsupported: the algorithm has no object identifier.
    """
    if password is None or password.text is None:
        raise PasswordRequired("sealing a secret key needs a password")
    recipe = encryption.keys
    data = pkcs12_secrets.seal_secret(secret, password, recipe, random)
    return Sealed(recipe.name, data, pkcs12_secrets.unseal_secret)


class _Safe:
    def __init__(self, recipe: Recipe | None, slots: list[Slot], spelling: str = "") -> None:
        self.recipe = recipe
        self.slots = slots
        self.spelling = spelling

    def holds(self, oids: set[str]) -> bool:
        return any(slot.bag.oid in oids for slot in self.slots)


def write(
    store: Store,
    password: Password | None,
    *,
    encryption: Encryption | None = None,
    random: Random = os.urandom,
) -> bytes:
    """The store as a PKCS12 file.

    Args:
        store: entries whose keys are already sealed for PKCS12 (`seal_private_key`); keys
            that came from a PKCS12 stay as they are, under the password they have.
        password: for the certificates and the MAC. `Password(None)` is no password, which
            is not the empty one.
        encryption: None keeps what the store was read with; for a new one `MODERN`.
        random: where salts come from; everything else is determined by the arguments.

    Raises:
        PasswordRequired: something is to be encrypted or authenticated and there is none.
        WriteRefused: what would be written is not what would be read again.
    """
    layout = store.layout if isinstance(store.layout, Layout) else None
    safes = _plan(store, layout, encryption, password)
    _settle(safes)
    content = der.sequence(*_encoded(safes, password, random))
    spelling = ""
    if encryption is not None:
        recipe = encryption.mac
    elif layout is not None:
        recipe, spelling = layout.mac, layout.spelling
    else:
        recipe = MODERN.mac
    check = _encode_mac(recipe, content, password, spelling, random)
    content = der.enclose(content, (der.OCTET_STRING, b""), (0xA0, b""), (der.SEQUENCE, _DATA))
    return der.sequence(der.integer(3), content, check)


def _plan(
    store: Store, layout: Layout | None, encryption: Encryption | None, password: Password | None
) -> list[_Safe]:
    claims = Claims(store.entries, layout)
    keeper = Keeper(claims)
    safes = []
    for safe in layout.safes if layout else ():
        slots = keeper.keep(safe.bags)
        if slots or not safe.bags:
            spelling = safe.spelling if encryption is None else ""
            safes.append(_Safe(_recipe(safe.recipe, slots, encryption), slots, spelling))
    keys: list[Slot] = []
    certificates: list[Slot] = []
    for key, certificate in claims.missing:
        if key.chain[0] is certificate:
            certificates.append(Slot(fresh_chain(key)[0], None))
        else:
            certificates.append(Slot(fresh_link(certificate), None))
    for entry in claims.fresh:
        match entry:
            case TrustedCert():
                certificates.append(Slot(None, entry))
            case PrivateKey():
                if entry.sealed.opener is pbe.unsealed and password and password.text is not None:
                    raise WriteRefused(
                        "the key would lie in clear in a store that has a password",
                        alias=entry.alias,
                        hint="seal it with a password first",
                    )
                keys.append(Slot(fresh_key(entry), entry))
                certificates += [Slot(bag, None) for bag in fresh_chain(entry)]
            case SecretKey():
                keys.append(Slot(fresh_key(entry), entry))
            case Opaque():
                certificates.append(Slot(fresh_opaque(entry), entry))
    if keys:
        home = next((safe for safe in reversed(safes) if safe.holds(_KEYS)), None)
        if home is None:
            safes.insert(0, _Safe(None, keys))
        else:
            home.slots += keys
    if certificates:
        home = next((safe for safe in reversed(safes) if safe.holds({CERT_BAG})), None)
        if home is None:
            recipe = _certificate_recipe(layout, encryption)
            safes.append(_Safe(recipe, certificates))
        else:
            home.slots += certificates
    return safes


def _recipe(own: Recipe | None, slots: list[Slot], encryption: Encryption | None) -> Recipe | None:
    """How a safe of the file is to be encrypted now."""
    if encryption is None:
        return own
    bags = {slot.bag.oid for slot in slots}
    if own is None and CERT_BAG not in bags:
        return None
    if encryption.certificates is None and own is not None and KEY_BAG in bags:
        # A key that only its safe protected would lie bare.
        return encryption.keys
    return encryption.certificates


def _certificate_recipe(layout: Layout | None, encryption: Encryption | None) -> Recipe | None:
    if encryption is not None:
        return encryption.certificates
    if layout is None or not layout.safes:
        return MODERN.certificates if layout is None or layout.mac else None
    known = [safe.recipe for safe in layout.safes if safe.recipe]
    if known:
        return known[0]
    clear = any(bag.oid == CERT_BAG for safe in layout.safes for bag in safe.bags)
    return None if clear or layout.mac is None else MODERN.certificates


def _settle(safes: list[_Safe]) -> None:
    """Read the planned bags as Java will, name what would be renamed, refuse what would differ."""
    slots = [slot for safe in safes for slot in safe.slots]
    aliased = all(
        slot.entry is None or slot.unmade or examine(slot.bag).alias is not None for slot in slots
    )
    if aliased and not any(isinstance(slot.entry, PrivateKey) for slot in slots):
        return
    while True:
        founds: list[Found] = []
        top: dict[int, Slot] = {}
        for safe in safes:
            number = len(founds)
            for slot, found in zip(
                _each(safe.slots), flatten([s.bag for s in safe.slots], number), strict=True
            ):
                if slot is not None:
                    top[len(founds)] = slot
                founds.append(found)
        named = name_all(founds)
        drifted = [
            (top[at], one)
            for at, one in enumerate(named)
            if at in top
            and (entry := top[at].entry) is not None
            and one.alias != entry.alias.removesuffix("\0")
            and one.found.alias is None
        ]
        if not drifted:
            break
        for slot, _ in drifted:
            assert slot.entry is not None
            value, attributes = parts(slot.bag)
            name = friendly_name(slot.entry.alias)
            slot.bag = encode_bag(slot.bag.oid, value, [name, *attributes])
    for at, one in enumerate(named):
        entry = top[at].entry if at in top else None
        if isinstance(entry, PrivateKey):
            chain = [link.certificate for link in one.chain]
            if chain[: len(entry.chain)] != list(entry.chain):
                raise WriteRefused(
                    "a PKCS12 does not say which certificates form a chain; Java would put "
                    "this key's together in another way",
                    alias=entry.alias,
                    hint="the chain must go from issuer to issuer, and each name may stand for "
                    "one certificate only in the whole file",
                )


def _each(slots: list[Slot]) -> list[Slot | None]:
    """The slots with a place for every bag inside them."""
    places: list[Slot | None] = []
    for slot in slots:
        places.append(slot)
        places += [None] * sum(1 for _ in flatten(slot.bag.inner))
    return places


def _encoded(safes: list[_Safe], password: Password | None, random: Random) -> Iterator[bytes]:
    """The safes one after the other; what is encoded is not kept as well."""
    while safes:
        yield _encode_safe(safes.pop(0), password, random)


def _encode_safe(safe: _Safe, password: Password | None, random: Random) -> bytes:
    content = _contents(safe)
    if safe.recipe is None:
        return der.enclose(content, (der.OCTET_STRING, b""), (0xA0, b""), (der.SEQUENCE, _DATA))
    if password is None:
        raise PasswordRequired(
            f"the certificates are to be encrypted ({safe.recipe.name}) and there is no password"
        )
    recipe = replace(safe.recipe, salt_length=max(safe.recipe.salt_length, _SHORTEST_SALT))
    scheme = schemes.make(recipe, random)
    content = scheme.encrypt(content, password, safe.spelling)
    return der.enclose(
        content,
        (0x80, b""),
        (der.SEQUENCE, _DATA + scheme.encode()),
        (der.SEQUENCE, der.integer(0)),
        (0xA0, b""),
        (der.SEQUENCE, _ENCRYPTED_DATA),
    )


def _contents(safe: _Safe) -> bytes:
    """The SafeContents."""
    content = bytearray()
    for slot in safe.slots:
        content += slot.bag.raw
    safe.slots.clear()
    return der.sequence(bytes(content))


def _encode_mac(
    recipe: MacRecipe | None,
    content: bytes,
    password: Password | None,
    spelling: str,
    random: Random,
) -> bytes:
    if recipe is None:
        return b""
    if password is None:
        raise PasswordRequired(f"the store is to have a MAC ({recipe.name}) and no password")
    recipe = replace(recipe, salt_length=max(recipe.salt_length, _SHORTEST_SALT))
    return mac.make(recipe, content, password, random, spelling).encode()
