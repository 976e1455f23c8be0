"""What a key that is put into a store is sealed with, and who may read the file it is in."""

from __future__ import annotations

import os
import stat

from ..errors import PasswordRequired, UsageError, WriteRefused
from ..formats.reseal import encrypted_as, fit
from ..model import Entry, Finding, PrivateKey, SecretKey, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formats.encryption import Encryption
    from ..model import Password
    from .target import Target

__all__ = ["encrypted", "readers", "sealing"]

_PASSWORDED = ("PKCS12", "JKS", "JCEKS")


def sealing(
    target: Target,
    store: Store,
    key_password: Password | None,
    password: Password | None = None,
    *,
    in_clear: bool = False,
) -> Password:
    """The password a new key gets: its own, else that of the store.

    Raises:
        PasswordRequired, UsageError, WriteRefused: as `key_entries.plan_key`.
    """
    own = password if password is not None else target.password
    if own is None and (store.format in _PASSWORDED or key_password is None):
        raise PasswordRequired(
            "a store with a private key needs a password, and none was given",
            hint="give one with --storepass env:NAME, file:PATH or prompt",
            path=target.path,
        )
    if key_password is not None and (own is None or key_password.text != own.text):
        if store.format == "PKCS12":
            raise UsageError(
                "in a PKCS12 the key's password has to be that of the store: Java can't open it "
                "otherwise",
                hint=f"leave out the key's own, which came from {key_password.origin}, or make a "
                "JKS",
                path=target.path,
            )
        return key_password
    assert own is not None
    if own.text is None and target.store is not None and not in_clear:
        raise WriteRefused(
            "the store has no password, and the private key would lie in it unencrypted",
            hint="storekeeper passwd gives it a password; --storepass none if that is meant",
            path=target.path,
        )
    return own


def encrypted(
    entries: Sequence[Entry], store: Store, seals: Password, encryption: Encryption | None
) -> tuple[Entry, ...]:
    """The entries, all keys among them encrypted as a PKCS12 is to be from now on."""
    if encryption is None or store.format != "PKCS12" or not store.entries:
        return tuple(entries)
    if encrypted_as(store, encryption):
        return tuple(entries)
    return tuple(
        fit(one, "PKCS12", opens=seals, seals=seals, encryption=encryption)
        if isinstance(one, PrivateKey | SecretKey)
        else one
        for one in entries
    )


def readers(target: Target, store: Store) -> tuple[Finding, ...]:
    """Who may read the file a key is put into."""
    if target.store is None or os.name == "nt":
        return ()
    try:
        mode = stat.S_IMODE(os.stat(target.real).st_mode)
    except OSError:
        return ()
    if not mode & 0o004:
        return ()
    if any(isinstance(one, PrivateKey | SecretKey) for one in store.entries):
        return (
            Finding(
                "key-readable",
                "warning",
                "",
                f"{target.real} can be read by every user (mode {mode:04o}), and there are keys "
                "in it",
                "chmod 600 it, or 640 with the group of those who have to read it",
            ),
        )
    raise WriteRefused(
        f"every user may read it (mode {mode:04o}), and it would hold its first key",
        hint="chmod 600 it first, or put the key in a store of its own",
        path=target.path,
    )
