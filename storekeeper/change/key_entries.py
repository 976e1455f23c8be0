"""Key entries: a key with its chain put in, made, or given a CA's answer.

A chain that is installed belongs to its key, is in order, and closes: it ends at a
certificate that signed itself or is trusted. What is missing is named.
"""

from __future__ import annotations

from ..errors import PasswordError, UsageError, WriteRefused
from ..formats.reseal import seal_private_key
from ..model import Certificate, Entry, Finding, PrivateKey, Store, TrustedCert, kind, replace
from ..trust.chain import complete, matches_key
from ..x509 import facts_or_none
from .aliases import Aliases, legal
from .changes import Step
from .plan import now, plan_of, subject_of
from .target import format_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..formats.encryption import Encryption
    from ..model import Password
    from ..trust.chain import Completed
    from .changes import State
    from .plan import Plan
    from .target import Target

__all__ = ["chain_for", "key_entry", "plan_key", "plan_reply", "store_of", "trusted_of"]


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
    findings: Iterable[Finding] = (),
    now_ms: int | None = None,
) -> Plan:
    """The plan that makes a store hold a private key with its chain.

    The same key with the same chain under the alias is left as it is. The same key with
    another chain is a renewal, and replaces it.

    Args:
        target: the store; a new one is made when there is no file.
        alias: of the entry.
        pkcs8: the key, PrivateKeyInfo DER.
        chain: its certificates in order, its own first; see `chain_for`.
        key_password: of the entry; that of the store when None. A PKCS12 has one for all.
        password: of a new store.
        storetype: of a new store.
        encryption: of a PKCS12.
        replace_existing: another key, or a certificate, under the alias may go.
        findings: what to tell.
        now_ms: the date of the entry, milliseconds since 1970 UTC.

    Raises:
        WriteRefused: the alias is taken by something else.
        PasswordRequired: there is no password for the key.
        UsageError: a PKCS12's key with a password of its own.
    """
    store = store_of(target, storetype)
    alias = legal(alias, store.format)
    seals = password if password is not None else target.password
    if key_password is not None and seals is not None and key_password.text != seals.text:
        if store.format == "PKCS12":
            raise UsageError(
                "in a PKCS12 the key's password has to be that of the store: Java can't open it "
                "otherwise",
                hint="leave the key's password out, or make a JKS",
            )
        seals = key_password
    moment = now() if now_ms is None else now_ms
    holder = Aliases(store.entries, store.format).holder(alias)
    state: State = "added"
    entry: Entry | None = None
    if isinstance(holder, PrivateKey):
        same = _opens_to(holder, pkcs8, (key_password, seals, target.password))
        if same and holder.chain == tuple(chain):
            state, entry = "unchanged", holder
        elif same or replace_existing:
            state = "replaced"
        else:
            raise _taken(holder)
        if same and entry is None:
            entry = replace(holder, chain=tuple(chain), created_ms=moment)
    elif holder is not None:
        if not replace_existing:
            raise _taken(holder)
        state = "replaced"
    if entry is None:
        sealed = seal_private_key(pkcs8, store.format, seals, encryption)
        entry = PrivateKey(holder.alias if holder else alias, tuple(chain), sealed, moment)
    entries = [entry if one is holder else one for one in store.entries]
    if holder is None:
        entries.append(entry)
    step = _step(state, entry, "a private key" if not chain else f"{len(chain)} in its chain")
    return plan_of(
        target,
        replace(store, entries=tuple(entries)),
        password=password,
        encryption=encryption,
        steps=(step,),
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
) -> Plan:
    """The plan that gives a key entry the certificates a CA answered with.

    The answer's own certificate is the one with the entry's public key, wherever it stands;
    the chain is built from the answer, the store's trusted certificates and ``trusted``.
    Nothing but the entry changes, its date included.

    Args:
        target: the store.
        alias: of the key entry.
        reply: the answer's certificates in any order.
        trusted: anchors beside those of the store.
        key_password: of the entry; needed only when it has no certificate to compare with.
        incomplete: a chain that does not close is installed all the same.

    Raises:
        WriteRefused: no certificate of the answer is for this key, or the chain does not
            close; the message names the issuer that is missing.
        UsageError: the alias has no private key.
    """
    assert target.store is not None
    entry = key_entry(target.store, alias)
    given = list(dict.fromkeys(reply))
    public = _public_key(entry, key_password or target.password)
    own = [one for one in given if matches_key(one, public)]
    if not own:
        raise WriteRefused(
            f"none of the {len(given)} certificates in the answer is for this key: "
            f"{_subjects(given)}",
            alias=entry.alias,
            hint="was it asked for with another key? storekeeper csr makes a request of this one",
            path=target.path,
        )
    leaf = max(own, key=_begins)
    anchors = [*trusted_of(target.store), *trusted]
    completed = complete(leaf, [one for one in given if one != leaf], anchors)
    if not completed.closed:
        # The chain the key had may know the way, when a certificate is renewed.
        completed = complete(leaf, [*given, *entry.chain[1:]], anchors)
    findings = _judge(completed, entry.alias, target.path, incomplete=incomplete)
    if entry.chain == completed.chain:
        changed, state = entry, "unchanged"
    else:
        changed, state = replace(entry, chain=completed.chain), "replaced"
    entries = tuple(changed if one is entry else one for one in target.store.entries)
    step = _step(
        "unchanged" if state == "unchanged" else "replaced",
        changed,
        f"{len(completed.chain)} certificates in its chain",
    )
    steps = [step]
    steps += [
        Step("left-out", "", subject_of(one), one.sha256, "no part of the chain")
        for one in given
        if one not in completed.chain
    ]
    result = replace(target.store, entries=entries)
    return plan_of(target, result, steps=steps, findings=findings)


def chain_for(
    pkcs8: bytes,
    certificates: Iterable[Certificate],
    *,
    trusted: Iterable[Certificate] = (),
    incomplete: bool = False,
    where: str = "",
) -> tuple[tuple[Certificate, ...], tuple[Finding, ...]]:
    """The ordered chain of a key out of certificates in any order, and what to tell of it.

    Args:
        pkcs8: the key.
        certificates: among them the key's own.
        trusted: where missing issuers may be found.
        incomplete: a chain that does not close is given all the same.
        where: alias or file, for messages.

    Raises:
        WriteRefused: none of the certificates is for the key, or the chain does not close.
    """
    from ..pki.keys import spki_of

    given = list(dict.fromkeys(certificates))
    public = spki_of(pkcs8)
    own = [one for one in given if matches_key(one, public)]
    if not own:
        raise WriteRefused(
            f"the private key does not belong to any of the {len(given)} certificates: "
            f"{_subjects(given)}"
            if given
            else "there is no certificate beside the private key",
            hint="the key's own certificate has to be among them",
            path=where or None,
        )
    leaf = max(own, key=_begins)
    completed = complete(leaf, [one for one in given if one != leaf], trusted)
    return completed.chain, _judge(completed, where, None, incomplete=incomplete)


def key_entry(store: Store, alias: str) -> PrivateKey:
    """The private key entry of that alias.

    Raises:
        UsageError: there is none; the hint names those there are.
    """
    entry = store.find(alias)
    if isinstance(entry, PrivateKey):
        return entry
    keys = [one.alias for one in store.entries if isinstance(one, PrivateKey)]
    what = "there is no such entry" if entry is None else f"it is a {kind(entry)}"
    raise UsageError(
        f"expected the alias of a private key, {what}",
        alias=alias,
        hint=f"private keys here: {', '.join(keys[:5])}" if keys else "there is no private key",
        path=store.path,
    )


def only_key_alias(store: Store, alias: str | None) -> str:
    """The alias that was said, or the only private key's.

    Raises:
        UsageError: none was said and there are none or several.
    """
    if alias is not None:
        return alias
    keys = [one.alias for one in store.entries if isinstance(one, PrivateKey)]
    if len(keys) == 1:
        return keys[0]
    found = f"{len(keys)} private keys" if keys else "no private key"
    raise UsageError(
        f"there is {found} in the store, so the alias has to be said"
        if not keys
        else f"there are {found} in the store, so the alias has to be said",
        hint=f"--alias one of {', '.join(keys[:5])}" if keys else "storekeeper genkey makes one",
        path=store.path,
    )


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


def trusted_of(store: Store) -> list[Certificate]:
    """The trusted certificates of a store."""
    return [one.certificate for one in store.entries if isinstance(one, TrustedCert)]


def _public_key(entry: PrivateKey, password: Password | None) -> bytes:
    """What to know the key's own certificate by: no password is needed where it has one."""
    if entry.chain and (facts := facts_or_none(entry.chain[0])) is not None:
        return facts.spki
    from ..pki.keys import spki_of

    return spki_of(entry.pkcs8(password))


def _judge(
    completed: Completed, alias: str, path: str | None, *, incomplete: bool
) -> tuple[Finding, ...]:
    findings = [Finding("unverified-signature", "warning", alias, one) for one in completed.doubts]
    if not completed.closed:
        missing = completed.missing.rfc4514() if completed.missing else "(unreadable)"
        message = f"the chain does not close: the certificate of its issuer {missing} is missing"
        if not incomplete:
            raise WriteRefused(
                message,
                alias=alias or None,
                hint="give it along with the others, or name a store that has it: --trust cacerts",
                path=path,
            )
        findings.append(Finding("incomplete-chain", "warning", alias, message))
    elif not completed.anchored and len(completed.chain) > 1:
        root = completed.chain[-1]
        findings.append(
            Finding(
                "root-not-trusted",
                "info",
                alias,
                f"the chain ends at {subject_of(root)}, SHA-256 {root.sha256}, which is in none of "
                "the trusted stores",
                "compare the fingerprint with what the CA publishes",
            )
        )
    if completed.from_anchors:
        names = ", ".join(subject_of(one) for one in completed.from_anchors)
        findings.append(
            Finding("chain-completed", "info", alias, f"taken from the trusted stores: {names}")
        )
    return tuple(findings)


def _opens_to(entry: PrivateKey, pkcs8: bytes, passwords: Iterable[Password | None]) -> bool:
    from ..pki.keys import spki_of

    for password in dict.fromkeys(one for one in passwords if one is not None):
        try:
            found = entry.pkcs8(password)
        except PasswordError:
            continue
        return found == pkcs8 or spki_of(found) == spki_of(pkcs8)
    return False


def _taken(holder: Entry) -> WriteRefused:
    return WriteRefused(
        f"the alias is taken by a {kind(holder)}"
        + (" with another key" if isinstance(holder, PrivateKey) else ""),
        alias=holder.alias,
        hint="choose another --alias, or exchange it with --on-conflict replace",
    )


def _step(state: State, entry: Entry, message: str) -> Step:
    own = entry.chain[0] if isinstance(entry, PrivateKey) and entry.chain else None
    return Step(
        state,
        entry.alias,
        subject_of(own) if own else kind(entry),
        own.sha256 if own else "",
        message,
    )


def _subjects(certificates: Sequence[Certificate]) -> str:
    shown = "; ".join(subject_of(one) for one in certificates[:3])
    return f"{shown}; ..." if len(certificates) > 3 else shown or "none"


def _begins(certificate: Certificate) -> int:
    facts = facts_or_none(certificate)
    return (facts.not_before if facts else None) or 0
