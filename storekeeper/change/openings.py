"""Which passwords open the keys of a store, and keys opened with them to be compared."""

from __future__ import annotations

from ..errors import InputError, PasswordError, WrongPassword
from ..frozen import Frozen
from ..model import Entry, Password, PrivateKey, Secret, SecretKey, TrustedCert, kind

__all__ = ["KeyPasswords", "material", "opened", "same_entry"]


class KeyPasswords(Frozen):
    """What may open the keys of one store.

    Attributes:
        store: the store's password, which is that of its keys in most.
        every: of its keys, where that is another one.
        own: (alias in lower case, password) of single keys, tried before the others.
    """

    store: Password | None = None
    every: Password | None = None
    own: tuple[tuple[str, Password], ...] = ()

    def of(self, alias: str) -> tuple[Password, ...]:
        """What to try for the key of an alias, in this order."""
        own = next((one for name, one in self.own if name == alias.lower()), None)
        tried = dict.fromkeys((own, self.every, self.store))
        return tuple(password for password in tried if password is not None)


def opened(
    entry: PrivateKey | SecretKey, passwords: KeyPasswords
) -> tuple[bytes | Secret, Password | None]:
    """The key, and the password that opened it; None where it needs none.

    Raises:
        PasswordRequired: there is no password to try.
        WrongPassword: none of them opens it.
        Unsupported, Damaged, LimitExceeded: as from any reader.
    """
    sealed = entry.sealed
    tries = passwords.of(entry.alias)
    wrong: WrongPassword | None = None
    try:
        for password in tries:
            try:
                return sealed.opener(sealed.data, password), password
            except WrongPassword as error:
                wrong = error
        if wrong is None:
            return sealed.opener(sealed.data, None), None
    except PasswordError as error:
        error.hint = "give the password of the store, or that of the key with --keypass"
        raise error.at(alias=entry.alias) from None
    except InputError as error:
        raise error.at(alias=entry.alias) from None
    origins = " and ".join(dict.fromkeys(one.origin for one in tries))
    raise WrongPassword(
        f"the password of the {_word(entry)} is not the one from {origins}, or its bytes were "
        "changed",
        alias=entry.alias,
        hint="a key may have a password of its own: give it with --keypass",
    )


def _word(entry: Entry) -> str:
    return kind(entry).replace("-", " ")


def material(entry: PrivateKey | SecretKey, passwords: KeyPasswords) -> bytes | None:
    """What to compare keys by, or None when it can't be opened."""
    try:
        key = opened(entry, passwords)[0]
    except (PasswordError, InputError):
        return None
    # The formats call the algorithm of a secret key by different names.
    return key.material if isinstance(key, Secret) else key


def same_entry(
    one: Entry, other: Entry, opens_one: KeyPasswords, opens_other: KeyPasswords
) -> bool:
    """Whether two entries are the same whatever they are called and however they are sealed.

    Args:
        one: as it is wanted.
        other: as it is there. In a PKCS12 its chain may go on through the other certificates.
        opens_one: what opens its key, where the sealed bytes differ.
        opens_other: likewise.
    """
    match one, other:
        case TrustedCert(), TrustedCert():
            return one.certificate == other.certificate
        case PrivateKey(), PrivateKey():
            if one.chain != other.chain[: len(one.chain)] or bool(one.chain) != bool(other.chain):
                return False
            return _same_key(one, other, opens_one, opens_other)
        case SecretKey(), SecretKey():
            return _same_key(one, other, opens_one, opens_other)
    return one == other


def _same_key(
    one: PrivateKey | SecretKey,
    other: PrivateKey | SecretKey,
    opens_one: KeyPasswords,
    opens_other: KeyPasswords,
) -> bool:
    if one.sealed == other.sealed:
        return True
    key = material(one, opens_one)
    return key is not None and key == material(other, opens_other)
