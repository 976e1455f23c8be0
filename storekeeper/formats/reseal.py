"""Making an entry fit for another file: its key opened with one password, sealed with another.

Certificates go from format to format as they are; keys don't, each format seals them in
its own way. Whatever is sealed here is opened once more and compared before it is given out.
"""

from __future__ import annotations

from ..errors import PasswordRequired, WriteRefused
from ..lazy import load
from ..model import Opaque, Password, PrivateKey, Sealed, Secret, SecretKey, Store, replace
from .encryption import MODERN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Entry
    from .encryption import Encryption
    from .schemes import Recipe

__all__ = [
    "encrypted_as",
    "fit",
    "open_to_all",
    "own_encryption",
    "seal_again",
    "seal_private_key",
    "seal_secret",
]


def fit(
    entry: Entry,
    format: str,
    *,
    opens: Password | None,
    seals: Password | None,
    encryption: Encryption | None = None,
) -> Entry:
    """The entry as it can stand in a file of that format, freed from where it was read.

    Args:
        entry: of any format.
        format: of the file to be.
        opens: the password of its key; not needed where there is none.
        seals: the password its key is to have.
        encryption: how a PKCS12 seals it; None is `MODERN`.

    Raises:
        PasswordRequired, WrongPassword: the key can't be opened, or there is no password
            to seal it with.
        WriteRefused: the format has no place for such an entry.
        Unsupported: a secret key of an algorithm the format has no name for.
    """
    match entry:
        case PrivateKey():
            sealed = seal_private_key(entry.pkcs8(opens), format, seals, encryption)
            return replace(entry, sealed=sealed, origin=None, attributes=None)
        case SecretKey():
            sealed = seal_secret(entry.secret(opens), format, seals, encryption)
            return replace(entry, sealed=sealed, origin=None, attributes=None)
        case Opaque():
            return entry  # the writer says whether it has a place for it
    return replace(entry, origin=None, attributes=None)


def seal_private_key(
    pkcs8: bytes, format: str, password: Password | None, encryption: Encryption | None = None
) -> Sealed:
    """A private key sealed the way a format does it; `Password(None)` leaves it in clear.

    Raises:
        PasswordRequired: the format can't hold a key in clear, or nobody said which password.
        WriteRefused: the format holds no keys.
    """
    if password is None:
        raise PasswordRequired(
            "a private key is written under a password, and none was given",
            hint="give one with --storepass; 'none' leaves it in clear where the format can",
        )
    match format:
        case "PKCS12":
            sealed: Sealed = load("formats.pkcs12").seal_private_key(
                pkcs8, password, encryption or MODERN
            )
        case "JKS" | "JCEKS":
            if password.text is None:
                raise PasswordRequired(
                    f"a {format} can't hold a private key without a password",
                    hint="PEM and PKCS12 can, though Java does not list it there",
                )
            sealed = load("formats.jks_keys").seal_private_key(pkcs8, password, format)
        case "PEM" | "DER":
            sealed = load("formats.pem_keys").seal_private_key(pkcs8, password)
        case _:
            raise WriteRefused(
                f"{format} can't hold a private key", hint="convert to PKCS12, JKS or PEM"
            )
    _check(sealed, password, pkcs8)
    return sealed


def seal_secret(
    secret: Secret, format: str, password: Password | None, encryption: Encryption | None = None
) -> Sealed:
    """A secret key sealed the way a format does it.

    Raises:
        PasswordRequired: there is no password; neither format holds one in clear.
        WriteRefused: the format holds no secret keys.
        Unsupported: PKCS12 has no object identifier for the algorithm.
    """
    if format not in ("PKCS12", "JCEKS"):
        raise WriteRefused(
            f"{format} can't hold a secret key; PKCS12 and JCEKS can",
            hint="leave the entry out, or choose one of them",
        )
    if password is None or password.text is None:
        raise PasswordRequired("a secret key is written under a password, and there is none")
    if format == "PKCS12":
        sealed: Sealed = load("formats.pkcs12").seal_secret(secret, password, encryption or MODERN)
    else:
        sealed = load("formats.jks_keys").seal_secret(secret, password)
    _check(sealed, password, secret)
    return sealed


def seal_again(
    key: bytes | Secret,
    sealed: Sealed,
    format: str,
    password: Password,
    encryption: Encryption | None = None,
) -> Sealed:
    """The same key under another password, in the way it was sealed before.

    Args:
        key: opened.
        sealed: as it lay in the file.
        format: of the file.
        password: the new one.
        encryption: another way, of a PKCS12.

    Raises:
        PasswordRequired, WriteRefused, Unsupported: as `seal_private_key` and `seal_secret`.
    """
    if encryption is None and format == "PKCS12":
        recipe = _recipe(sealed)
        if recipe is not None:
            recipe = replace(recipe, salt_length=max(recipe.salt_length, 8))
            encryption = replace(MODERN, keys=recipe)
    if isinstance(key, Secret):
        return seal_secret(key, format, password, encryption)
    return seal_private_key(key, format, password, encryption)


def own_encryption(store: Store | None) -> Encryption | None:
    """How a new key is sealed to go with the others of a PKCS12 that was read.

    As the first key is, else as the named set that has its MAC and its certificates; None
    where neither says anything.
    """
    from .encryption import ENCRYPTIONS

    if store is None or store.format != "PKCS12":
        return None
    for entry in store.entries:
        if isinstance(entry, PrivateKey | SecretKey):
            recipe = _recipe(entry.sealed)
            if recipe is not None:
                return replace(MODERN, keys=replace(recipe, salt_length=max(recipe.salt_length, 8)))
    bare = replace(store, entries=())
    return next((one for one in ENCRYPTIONS.values() if encrypted_as(bare, one)), None)


def open_to_all(store: Store) -> bool:
    """Whether a PKCS12 that was read has neither a MAC nor anything encrypted but its keys."""
    from .pkcs12_bags import CERT_BAG, Layout, flatten

    layout = store.layout
    if not isinstance(layout, Layout) or layout.mac is not None:
        return False
    return not any(
        safe.recipe is not None and any(one.bag.oid == CERT_BAG for one in flatten(safe.bags))
        for safe in layout.safes
    )


def _check(sealed: Sealed, password: Password, expected: bytes | Secret) -> None:
    found = sealed.opener(sealed.data, password)
    if isinstance(found, Secret) and isinstance(expected, Secret):
        # PKCS12 names the algorithm by OID and gives Java's name for it back.
        same = found.material == expected.material
    else:
        same = found == expected
    if not same:
        raise WriteRefused("the key, sealed and opened again, is not the key that was given")


def encrypted_as(store: Store, encryption: Encryption) -> bool:
    """Whether a PKCS12 that was read is encrypted as that set would do it, throughout."""
    from .pkcs12_bags import CERT_BAG, Layout, flatten

    layout = store.layout
    if not isinstance(layout, Layout):
        return False
    if layout.mac != encryption.mac:
        return False
    for safe in layout.safes:
        holds = any(found.bag.oid == CERT_BAG for found in flatten(safe.bags))
        if holds and safe.recipe != encryption.certificates:
            return False
    keys = [e.sealed for e in store.entries if isinstance(e, PrivateKey | SecretKey)]
    return all(_recipe(sealed) == encryption.keys for sealed in keys)


def _recipe(sealed: Sealed) -> Recipe | None:
    from ..errors import StorekeeperError
    from . import pbe

    try:
        return pbe.read_encrypted(sealed.data, "key")[0].recipe
    except StorekeeperError:
        return None
