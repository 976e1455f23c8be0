"""An entry of one store as it will stand in another."""

from __future__ import annotations

from .. import formats
from ..errors import InputError, PasswordError, WriteRefused
from ..formats.reseal import seal_private_key, seal_secret
from ..frozen import Frozen
from ..model import (
    Entry,
    Opaque,
    Password,
    PrivateKey,
    Sealed,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
    kind,
    replace,
)
from .openings import opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.encryption import Encryption
    from .openings import KeyPasswords

__all__ = ["Sealing", "fitted", "invisible", "keeps_date"]


class Sealing(Frozen):
    """How keys are sealed in the store they go to.

    Attributes:
        format: of the store.
        password: of the store, and so of its keys.
        keys: of its keys, where that is to be another one.
        encryption: of a PKCS12; None is `encryption.MODERN`.
        like: how its other keys are encrypted, in a PKCS12 that is there already.
        visible: certificates that Java does not list become trusted entries it lists.
    """

    format: str
    password: Password | None = None
    keys: Password | None = None
    encryption: Encryption | None = None
    like: Encryption | None = None
    visible: bool = True


def keeps_date(format: str, entry: Entry) -> bool:
    """Whether a format has a place for the creation date of such an entry."""
    if format == "PKCS12":
        return isinstance(entry, PrivateKey | SecretKey)
    return format in ("JKS", "JCEKS")


def invisible(entry: Entry) -> bool:
    """Whether it is a certificate of a PKCS12 that Java does not list."""
    from ..formats.pkcs12_java import has_usage

    return isinstance(entry, TrustedCert) and not has_usage(entry)


def fitted(entry: Entry, came_from: str, opens: KeyPasswords, into: Sealing) -> Entry:
    """The entry, free from where it was read, its key sealed for the other store.

    A key that has a password of its own keeps it where the format lets Java open it; in a
    PKCS12 every key gets the store's. What is sealed rightly already is not sealed again.

    Args:
        entry: of any format.
        came_from: that format.
        opens: what opens its key.
        into: how it is to be sealed.

    Raises:
        PasswordRequired, WrongPassword: its key can't be opened, or there is nothing to
            seal it with.
        WriteRefused, Unsupported: the format has no place for it.
    """
    match entry:
        case PrivateKey() | SecretKey():
            attributes = entry.attributes if came_from == into.format == "PKCS12" else None
            return replace(
                entry,
                sealed=entry.sealed
                if _stays(entry, came_from, into)
                else _sealed(entry, opens, into),
                attributes=attributes,
                origin=None,
            )
        case Opaque():
            _refuse_stranger(entry, came_from, into.format)
            return entry
    keeps = came_from == into.format and not (into.visible and invisible(entry))
    return replace(entry, attributes=entry.attributes if keeps else None, origin=None)


def _stays(entry: PrivateKey | SecretKey, came_from: str, into: Sealing) -> bool:
    password = into.keys or into.password
    if came_from != into.format or into.encryption is not None or password is None:
        return False
    if (entry.sealed.scheme == "none") != (password.text is None):
        return False
    try:
        entry.sealed.opener(entry.sealed.data, password)
    except (PasswordError, InputError):
        return False
    return True


def _sealed(entry: PrivateKey | SecretKey, opens: KeyPasswords, into: Sealing) -> Sealed:
    key, password = opened(entry, opens)
    seals = into.keys or into.password
    if seals is not None and seals.text is None and into.format == "PKCS12":
        raise WriteRefused(
            "the store has no password, and Java does not list a key that lies in clear",
            alias=entry.alias,
            hint="storekeeper passwd gives the store one",
        )
    own = password is not None and password.text is not None and password != opens.store
    if into.keys is None and into.format != "PKCS12" and own:
        seals = password
    try:
        if isinstance(key, Secret):
            return seal_secret(key, into.format, seals, into.encryption or into.like)
        return seal_private_key(key, into.format, seals, into.encryption or into.like)
    except (PasswordError, InputError, WriteRefused) as error:
        raise error.at(alias=entry.alias) from None


def _refuse_stranger(entry: Opaque, came_from: str, format: str) -> None:
    """Let the writer say whether it has a place for something nobody understands."""
    if came_from == format:
        return
    try:
        formats.write(Store(format, (entry,)), Password("x"))
    except (WriteRefused, InputError):
        raise WriteRefused(
            f"a {format} has no place for this: {entry.what or kind(entry)}", alias=entry.alias
        ) from None
