"""Secret keys and stored passwords put into a store."""

from __future__ import annotations

from ..formats.reseal import own_encryption, seal_secret
from ..model import Secret, SecretKey, replace
from .aliases import legal
from .changes import Step
from .key_entries import holder_of, store_of, taken
from .openings import KeyPasswords, opened
from .plan import now, plan_of
from .sealing import readers, sealing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.encryption import Encryption
    from ..model import Password
    from .plan import Plan
    from .target import Target

__all__ = ["plan_secret"]


def plan_secret(
    target: Target,
    alias: str,
    secret: Secret,
    *,
    key_password: Password | None = None,
    storetype: str | None = None,
    encryption: Encryption | None = None,
    now_ms: int | None = None,
) -> Plan:
    """The plan that makes a store hold a secret key.

    The same key under the alias is left as it is.

    Args:
        target: the store; a new one is made when there is no file.
        alias: of the entry.
        secret: the key; a password is one of ``PBEWithMD5AndDES``, its text as bytes.
        key_password: of the entry; that of the store when None. A PKCS12 has one for all.
        storetype: of a new store.
        encryption: how a PKCS12 seals this key; None seals it as its others are.
        now_ms: the date of the entry, milliseconds since 1970 UTC.

    Raises:
        WriteRefused: the alias is taken, the format holds no secret keys, or the file would
            be readable by others.
        PasswordRequired: there is no password for the key.
        UsageError: a PKCS12's key with a password of its own.
        Unsupported: PKCS12 has no object identifier for the algorithm.
    """
    store = store_of(target, storetype)
    alias = legal(alias, store.format)
    holder = holder_of(store, alias)
    if isinstance(holder, SecretKey) and _is(holder, secret, target, key_password):
        step = Step("unchanged", holder.alias, "secret key", "", "such a key is there")
        return plan_of(target, store, steps=(step,))
    if holder is not None:
        raise taken(holder).at(path=target.path)
    seals = sealing(target, store, key_password, target.password)
    sealed = seal_secret(secret, store.format, seals, encryption or own_encryption(target.store))
    moment = now() if now_ms is None else now_ms
    entry = SecretKey(alias, sealed, moment)
    return plan_of(
        target,
        replace(store, entries=(*store.entries, entry)),
        steps=(Step("added", alias, "secret key", "", ""),),
        findings=readers(target, store),
        now_ms=now_ms,
    )


def _is(holder: SecretKey, secret: Secret, target: Target, password: Password | None) -> bool:
    from ..errors import StorekeeperError

    try:
        key = opened(holder, KeyPasswords(store=target.password, every=password))[0]
    except StorekeeperError:
        return False
    return isinstance(key, Secret) and key.material == secret.material
