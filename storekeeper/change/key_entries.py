"""Key entries: a key with its chain put in, or given a CA's answer."""

from __future__ import annotations

from ..errors import (
    PasswordError,
    StorekeeperError,
    UsageError,
    WriteRefused,
)
from ..formats.reseal import seal_private_key
from ..model import Certificate, Entry, Finding, PrivateKey, Store, kind, replace
from ..trust.chain import matches_key
from ..x509 import facts_or_none
from .aliases import Aliases, legal
from .changes import Step
from .key_chains import chain_of, newest, subjects
from .plan import now, plan_of, subject_of
from .sealing import encrypted, readers, sealing
from .target import format_for
from .which_key import key_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..formats.encryption import Encryption
    from ..model import Password
    from .changes import State
    from .plan import Plan
    from .target import Target

__all__ = [
    "holder_of",
    "plan_key",
    "plan_reply",
    "store_of",
    "taken",
]


def plan_key(
    target: Target,
    alias: str,
    pkcs8: bytes,
    chain: Sequence[Certificate],
    *,
    key_password: Password | None = None,
    password: Password | None = None,
    storetype: str | None = None,
    encryption: Encryption | None = None,
    replace_existing: bool = False,
    in_clear: bool = False,
    findings: Iterable[Finding] = (),
    now_ms: int | None = None,
) -> Plan:
    """The plan that makes a store hold a private key with its chain.

    The same key with the same chain under the alias is left as it is. The same key with
    another chain is a renewal: the chain is replaced, the key stays sealed as it is. A
    key password that was said and does not open it becomes its password.

    Args:
        target: the store; a new one is made when there is no file.
        alias: of the entry.
        pkcs8: the key.
        chain: its certificates in order, its own first; see `key_chains.chain_for`.
        key_password: of the entry; that of the store when None. A PKCS12 has one for all.
        password: of a new store.
        storetype: of a new store.
        encryption: of a PKCS12; one encrypted otherwise is encrypted anew, with its keys.
        replace_existing: another key, or a certificate, under the alias may go.
        in_clear: the key may lie unencrypted in a store that has no password.
        findings: what to tell; what is only worth knowing is left out when nothing changes.
        now_ms: the date of the entry, milliseconds since 1970 UTC.

    Raises:
        WriteRefused: the alias is taken by something else; the key would lie in clear, or be
            the first in a file that others may read.
        PasswordRequired: there is no password for the key.
        UsageError: a PKCS12's key with a password of its own.
    """
    store = store_of(target, storetype)
    alias = legal(alias, store.format)
    seals = sealing(target, store, key_password, password, in_clear=in_clear)
    moment = now() if now_ms is None else now_ms
    holder = holder_of(store, alias)
    state: State = "added" if holder is None else "replaced"
    message = _counted(chain)
    resealed: list[str] = []
    entry: Entry
    if isinstance(holder, PrivateKey) and _same_key(holder, pkcs8, seals):
        entry = holder
        if entry.chain != tuple(chain):
            entry = replace(entry, chain=tuple(chain), created_ms=moment)
        if key_password is not None and not _opens(holder, key_password):
            sealed = seal_private_key(pkcs8, store.format, seals, encryption)
            entry = replace(entry, sealed=sealed, origin=None)
            message = "under another password"
            resealed.append(entry.alias)
        if entry is holder:
            state = "unchanged"
    elif holder is not None and not replace_existing:
        raise taken(holder).at(path=target.path)
    else:
        sealed = seal_private_key(pkcs8, store.format, seals, encryption)
        entry = PrivateKey(holder.alias if holder else alias, tuple(chain), sealed, moment)
    entries = [entry if one is holder else one for one in store.entries]
    if holder is None:
        entries.append(entry)
    findings = list(findings)
    if state == "unchanged":
        findings = [one for one in findings if one.severity != "info"]
    else:
        findings += readers(target, store)
    return plan_of(
        target,
        replace(store, entries=encrypted(entries, store, seals, encryption)),
        password=password,
        encryption=encryption,
        resealed=resealed,
        steps=(_step(state, entry, message),),
        findings=findings,
        now_ms=now_ms,
    )


def plan_reply(
    target: Target,
    alias: str,
    reply: Iterable[Certificate],
    *,
    trusted: Iterable[Certificate] = (),
    key_password: Password | None = None,
    incomplete: bool = False,
    at: int | None = None,
) -> Plan:
    """The plan that gives a key entry the certificates a CA answered with.

    The answer's own certificate is the one with the entry's public key, wherever it stands,
    and the newest of several; the chain is built from the answer, the store and ``trusted``.
    Nothing but the entry changes, its date included.

    Args:
        target: the store.
        alias: of the key entry.
        reply: the answer's certificates in any order.
        trusted: anchors beside those of the store.
        key_password: of the entry; needed only when it has no certificate to compare with.
        incomplete: a chain that does not close is installed all the same.
        at: when to judge dates, seconds since 1970 UTC; now when None.

    Raises:
        WriteRefused: no certificate of the answer is for this key, or the chain does not
            close; the message names the issuer that is missing.
        NoSuchEntry, UsageError: the alias has no private key.
    """
    assert target.store is not None
    entry = key_entry(target.store, alias)
    given = list(dict.fromkeys(reply))
    public = _public_key(entry, key_password or target.password)
    own = [one for one in given if matches_key(one, public)]
    if not own:
        raise WriteRefused(
            f"{_none_of(given)} for this key: {subjects(given)}",
            alias=entry.alias,
            hint="was it asked for with another key? storekeeper csr makes a request of this one",
            path=target.path,
        )
    leaf = newest(own)
    chain, findings = chain_of(
        leaf,
        given,
        trusted=trusted,
        store=target.store,
        renews=entry,
        incomplete=incomplete,
        where=entry.alias,
        path=target.path,
        at=at,
    )
    changed = entry
    state: State = "unchanged"
    if entry.chain != chain:
        changed, state = replace(entry, chain=chain), "replaced"
    else:
        findings = tuple(one for one in findings if one.severity != "info")
    steps = [_step(state, changed, _counted(chain))]
    steps += [
        Step(
            "left-out",
            "",
            subject_of(one),
            one.sha256,
            "an older one of this key" if one in own else "no part of the chain",
        )
        for one in given
        if one not in chain
    ]
    entries = tuple(changed if one is entry else one for one in target.store.entries)
    result = replace(target.store, entries=entries)
    return plan_of(target, result, steps=steps, findings=findings)


def store_of(target: Target, storetype: str | None = None) -> Store:
    """The store of a target, or the empty one it will begin with.

    Raises:
        UsageError: the store there is has another type than the one asked for.
    """
    if target.store is None:
        return Store(format_for(target.path, storetype))
    if storetype and format_for("", storetype) != target.store.format:
        raise UsageError(
            f"the store is a {target.store.format}, not a {storetype}",
            hint="storekeeper convert changes the type of a store",
            path=target.path,
        )
    return target.store


def holder_of(store: Store, alias: str) -> Entry | None:
    """The entry that has the alias, as Java compares them."""
    return Aliases(store.entries, store.format).holder(alias)


def taken(holder: Entry) -> WriteRefused:
    """The error about an alias that something else has."""
    own = holder.chain[0] if isinstance(holder, PrivateKey) and holder.chain else None
    about = facts_or_none(own) if own else None
    who = f": {about.key} for {about.subject.rfc4514() or 'nobody'}" if about else ""
    other = "another private key" if isinstance(holder, PrivateKey) else f"a {_kind(holder)}"
    return WriteRefused(
        f"the alias is taken by {other}{who}",
        alias=holder.alias,
        hint="choose another --alias, or exchange it with --on-conflict replace",
    )


def _public_key(entry: PrivateKey, password: Password | None) -> bytes:
    """What to know the key's own certificate by: no password is needed where it has one."""
    if entry.chain and (facts := facts_or_none(entry.chain[0])) is not None:
        return facts.spki
    from ..pki.keys import spki_of

    return spki_of(entry.pkcs8(password))


def _same_key(entry: PrivateKey, pkcs8: bytes, password: Password) -> bool:
    from ..pki.keys import spki_of

    if entry.chain:
        return matches_key(entry.chain[0], spki_of(pkcs8))
    try:
        return spki_of(entry.pkcs8(password)) == spki_of(pkcs8)
    except StorekeeperError:
        return False


def _opens(entry: PrivateKey, password: Password) -> bool:
    try:
        entry.pkcs8(password)
    except PasswordError:
        return False
    return True


def _step(state: State, entry: Entry, message: str) -> Step:
    own = entry.chain[0] if isinstance(entry, PrivateKey) and entry.chain else None
    return Step(
        state,
        entry.alias,
        subject_of(own) if own else _kind(entry),
        own.sha256 if own else "",
        message,
    )


def _kind(entry: Entry) -> str:
    return kind(entry).replace("-", " ")


def _counted(chain: Sequence[Certificate]) -> str:
    count = len(chain)
    return f"{count or 'no'} certificate{'' if count == 1 else 's'} in its chain"


def _none_of(given: Sequence[Certificate]) -> str:
    if len(given) == 1:
        return "the certificate in the answer is not"
    return f"none of the {len(given)} certificates in the answer is"
