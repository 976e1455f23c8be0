"""The keys a target is to hold: found, opened, given their chain, and planned one on the other."""

from __future__ import annotations

from ..change.changes import Repassword
from ..change.client_keystore import plan_client_keystore
from ..change.key_chains import chain_for
from ..change.key_entries import plan_key
from ..change.key_sources import alias_of, one_key
from ..change.plan import plan_of
from ..errors import PasswordError, StorekeeperError, UsageError, WriteRefused
from ..frozen import Frozen, replace
from ..model import Certificate, Store
from .context import placed
from .converge import by_not_before
from .values import KeyWish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import ClassVar

    from ..change.import_ import Dates
    from ..change.plan import Plan
    from ..change.target import Target
    from ..formats.encryption import Encryption
    from ..identity.build import Built
    from ..model import Password, PrivateKey
    from ..tls.messages import CertificateRequest
    from .context import Context
    from .values import TargetWish

__all__ = ["Key", "converge_keys", "gathered_key", "instant"]


class Key(Frozen):
    """A key that is wanted, opened.

    Attributes:
        wish: what the profile says of it.
        alias: what it is to be called.
        pkcs8: the key.
        certificates: what may be in its chain, its own among it; in any order.
        built: what was chosen for a server; None where the profile names the key.
        request: what that server asks for.
    """

    wish: KeyWish
    alias: str
    pkcs8: bytes
    certificates: tuple[Certificate, ...]
    built: Built | None = None
    request: CertificateRequest | None = None

    _hidden: ClassVar[frozenset[str]] = frozenset({"pkcs8"})


def gathered_key(wish: KeyWish, issuers: Sequence[Certificate], context: Context) -> Key:
    """The key of a wish.

    Args:
        wish: where it is, or for which server.
        issuers: where missing issuers may be found.
        context: passwords and limits.

    Raises:
        UsageError: not one key is meant.
        WriteRefused: the server would accept none of them.
        NetworkError: the server can't be reached.
        StorekeeperError: a source can't be read. The place in the profile is in the error.
    """
    try:
        return _gathered(wish, issuers, context)
    except StorekeeperError as error:
        raise placed(error, wish.mark) from None


def _gathered(wish: KeyWish, issuers: Sequence[Certificate], context: Context) -> Key:
    from ..trust.sources import open_store

    stores: list[Store] = []
    given = context.password(wish.password, wish.source or wish.files[0], wish.mark)
    for name in (wish.source,) if wish.source else wish.files:
        source = context.open(name, given)
        stores.append(open_store(source))
    own = context.password(wish.key_password, "the key", wish.mark)
    every = tuple(dict.fromkeys(one for store in stores for one in store.certificates()))
    if wish.server:
        return _for_server(wish, stores, issuers, own or given, context)
    try:
        entry, store = one_key(stores, wish.alias or None)
    except UsageError as error:
        error.hint = error.hint.replace("--srcalias says", "alias says")
        raise
    pkcs8 = _opened(entry, own or given)
    return Key(wish, wish.name or alias_of(entry, store, pkcs8, every), pkcs8, every)


def _for_server(
    wish: KeyWish,
    stores: Sequence[Store],
    issuers: Sequence[Certificate],
    password: Password | None,
    context: Context,
) -> Key:
    from ..identity.build import build_client_key
    from .servers import request_of

    request = request_of(wish.server, context)
    built = build_client_key(stores, request, known=issuers, at=instant(context))
    chosen = built.chosen
    if chosen is None:
        wanted = ", ".join(built.authorities[:3]) or "any CA"
        why = "; ".join(f"{one.alias}: {one.why}" for one in built.rejected[:3])
        raise WriteRefused(
            f"{wish.server} would accept none of the keys: {why or 'there is none'}",
            hint=f"it asks for one of {', '.join(built.kinds) or 'any kind'} below {wanted}",
        )
    pkcs8 = _opened(chosen.entry, password)
    alias = wish.name or alias_of(chosen.entry, stores[chosen.source], pkcs8, chosen.chain)
    if wish.chain == "leaf":
        built = replace(built, chosen=replace(chosen, chain=chosen.chain[:1]))
    return Key(wish, alias, pkcs8, chosen.chain, built, request)


def _opened(entry: PrivateKey, password: Password | None) -> bytes:
    try:
        return entry.pkcs8(password)
    except PasswordError as error:
        came = "" if password is None else f"the password came from {password.origin}; "
        error.hint = f"{came}key-password says the key's, password the store's"
        raise error.at(alias=entry.alias) from None


def instant(context: Context) -> datetime | None:
    """When to judge, or None for now."""
    if context.at is None:
        return None
    from datetime import UTC, datetime

    return datetime.fromtimestamp(context.at, UTC)


def converge_keys(
    target: Target,
    wish: TargetWish,
    keys: Iterable[Key],
    issuers: Sequence[Certificate],
    *,
    key_password: Password | None = None,
    encryption: Encryption | None = None,
    at: int | None = None,
    now_ms: int | Dates | None = None,
) -> Plan:
    """The plan that makes a store hold keys with their chains.

    With one key it is the plan of ``import-key``, or of ``client build``, for the same words.

    Args:
        target: the store.
        wish: its type, and what to do about an alias that is taken.
        keys: those that are wanted.
        issuers: where missing issuers may be found.
        key_password: of the keys, where it is not that of the store.
        encryption: of a PKCS12.
        at: when to judge validity, seconds since 1970 UTC.
        now_ms: the date of new entries; None for the notBefore of each certificate.

    Raises:
        WriteRefused, PasswordRequired, UsageError: as `plan_key`.
    """
    plans: list[Plan] = []
    base = target
    for key in keys:
        try:
            plan = _planned(base, wish, key, issuers, key_password, encryption, at, now_ms)
        except StorekeeperError as error:
            raise placed(error, key.wish.mark) from None
        plans.append(plan)
        base = replace(base, store=plan.result)
    if len(plans) == 1:
        return plans[0]
    last = plans[-1].result
    assert last is not None
    again = [c.alias for one in plans for c in one.changes if isinstance(c, Repassword) and c.alias]
    return plan_of(
        target,
        last,
        password=plans[-1].password,
        encryption=encryption,
        resealed=again,
        steps=[step for one in plans for step in one.steps],
        findings=dict.fromkeys(
            note for one in plans for note in one.findings if note.code not in _ANEW
        ),
    )


# What `plan_of` says itself of the whole.
_ANEW = ("key-in-clear", "managed-file")


def _planned(
    target: Target,
    wish: TargetWish,
    key: Key,
    issuers: Sequence[Certificate],
    key_password: Password | None,
    encryption: Encryption | None,
    at: int | None,
    now_ms: int | Dates | None,
) -> Plan:
    storetype = wish.type or None
    again = wish.on_conflict == "replace"
    in_clear = target.password is not None and target.password.text is None
    if target.store is not None and storetype is not None and target.store.format != storetype:
        raise UsageError(
            f"the store is a {target.store.format}, not a {storetype}",
            hint="storekeeper convert changes the type of a store",
            path=target.path,
        )
    if key.built is not None:
        assert key.request is not None
        return plan_client_keystore(
            target,
            key.built,
            key.pkcs8,
            key.request,
            alias=key.alias,
            key_password=key_password,
            storetype=storetype,
            encryption=encryption,
            replace_existing=again,
            in_clear=in_clear,
            now_ms=_date(key.built.chain, now_ms),
        )
    chain, findings = chain_for(
        key.pkcs8,
        key.certificates,
        trusted=issuers,
        store=target.store,
        incomplete=key.wish.chain == "leaf",
        where=key.alias,
        at=at,
    )
    if key.wish.chain == "leaf":
        chain, findings = chain[:1], ()
    elif key.wish.chain == "without-root" and len(chain) > 1 and _signed_itself(chain[-1]):
        chain = chain[:-1]
    return plan_key(
        target,
        key.alias,
        key.pkcs8,
        chain,
        key_password=key_password,
        storetype=storetype,
        encryption=encryption,
        replace_existing=again,
        in_clear=in_clear,
        findings=findings,
        now_ms=_date(chain, now_ms),
    )


def _date(chain: Sequence[Certificate], now_ms: int | Dates | None) -> int:
    dates = by_not_before if now_ms is None else now_ms
    return dates(chain[0]) if callable(dates) else dates


def _signed_itself(certificate: Certificate) -> bool:
    from ..trust.chain import issuance

    return issuance((certificate,)).is_self_signed(certificate)
