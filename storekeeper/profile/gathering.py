"""The certificates a target is to hold: out of its sources, then through its filters."""

from __future__ import annotations

import glob
import os

from .. import formats
from ..change.changes import Step
from ..change.incoming import Incoming, choose, gather, pinned
from ..errors import StorekeeperError, Unreadable, UsageError, WriteRefused
from ..frozen import Frozen
from ..model import Finding, PrivateKey, SecretKey, Store, TrustedCert, replace
from .context import placed
from .filtering import filtered
from .identities import Key, gathered_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Certificate
    from ..trust.anchors import RootList
    from ..trust.chain import Issuance
    from .context import Context
    from .values import SourceWish, TargetWish

__all__ = ["Gathered", "authentic", "gathered"]

_MOST_FILES = 100_000


class Gathered(Frozen):
    """What the sources of a target come to.

    Attributes:
        incoming: the certificates that are wanted, in the order of the sources.
        steps: what became of the others.
        findings: what there is to tell about the sources.
        keys: the keys that are wanted; then ``incoming`` may be in their chains, and no more.
    """

    incoming: tuple[Incoming, ...] = ()
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    keys: tuple[Key, ...] = ()


def gathered(wish: TargetWish, context: Context) -> Gathered:
    """The certificates of every source of a target that its filters let through.

    Raises:
        NetworkError: a server can't be reached.
        WriteRefused: a source holds a key, or a server does not send what is pinned; a filter
            says refuse.
        StorekeeperError: a source can't be read. The place in the profile is in the error.
    """
    incoming: list[Incoming] = []
    steps: list[Step] = []
    findings: list[Finding] = []
    for source in wish.sources:
        try:
            found = _of(source, context, whole=bool(wish.chain_of or wish.keys))
        except StorekeeperError as error:
            raise placed(error, source.mark) from None
        incoming += found.incoming
        steps += found.steps
        findings += found.findings
    kept, left = filtered(incoming, wish.filters, context)
    if not wish.keys:
        return Gathered(tuple(kept), (*steps, *left), tuple(findings))
    issuers = [one.certificate for one in kept]
    keys = tuple(gathered_key(one, issuers, context) for one in wish.keys)
    return Gathered(tuple(kept), (), tuple(findings), keys)


def _of(source: SourceWish, context: Context, *, whole: bool = False) -> Gathered:
    incoming: list[Incoming] = []
    steps: list[Step] = []
    findings: list[Finding] = []
    for name, store in _opened(source, context):
        found, skipped = gather(name, _narrowed(store, source), skip_bad=source.skip_bad)
        only = source.only or ("all" if whole else None)
        own = found[0].certificate if source.kind == "server" else None
        if source.kind == "server":
            found = authentic(source, found, context)
            only = only or "all"
        chosen, left = choose(found, only, own)  # type: ignore[arg-type]
        incoming += chosen
        steps += [*left, *skipped]
        findings += [
            replace(one, where=f"{name}: {one.where}" if one.where else name)
            for one in store.findings
            if one.severity != "info"
        ]
    return Gathered(tuple(incoming), tuple(steps), tuple(findings))


def _opened(source: SourceWish, context: Context) -> Iterator[tuple[str, Store | RootList]]:
    """Each thing a source names, opened."""
    match source.kind:
        case "server":
            from .servers import chain_of

            yield source.name, chain_of(source, context)
            return
        case "certificate":
            name = f"{source.mark.path}:{source.mark.line}"
            yield name, formats.read(source.name.encode("utf-8", "surrogateescape"), path=name)
            return
        case "directory" if not os.path.isdir(source.name):
            raise Unreadable("there is no such directory", path=source.name)
    password = context.password(source.password, source.name, source.mark)
    for name in _files(source):
        store = context.open(name, password)
        yield name, store


def _files(source: SourceWish) -> list[str]:
    """The paths a source names; its own word where it is no glob."""
    if not glob.has_magic(source.name) or os.path.lexists(source.name):
        return [source.name]
    found: list[str] = []
    for path in glob.iglob(source.name):
        found.append(path)
        if len(found) > _MOST_FILES:
            raise UsageError(f"more than {_MOST_FILES} files match", path=source.name)
    if not found:
        raise Unreadable(
            "no file matches", hint="nothing at all would be trusted by it", path=source.name
        )
    return sorted(found)


def _narrowed(store: Store | RootList, source: SourceWish) -> Store | RootList:
    """A store's certificates without its keys, and only those of the aliases that are wanted."""
    if not isinstance(store, Store):
        return store
    entries = store.entries
    if source.aliases:
        from ..trust.inventory import matches

        entries = tuple(e for e in entries if matches(e.alias, source.aliases))
        if not entries:
            raise WriteRefused(
                f"it has no entry called {' or '.join(source.aliases)[:200]}",
                hint="storekeeper list shows its aliases",
                path=source.name,
            )
    if source.kind != "store":
        return replace(store, entries=entries)
    certificates: list[TrustedCert] = []
    rest = []
    for entry in entries:
        if isinstance(entry, PrivateKey):
            certificates += [TrustedCert(entry.alias, one) for one in entry.chain]
        elif isinstance(entry, TrustedCert):
            certificates.append(entry)
        elif not isinstance(entry, SecretKey):
            rest.append(entry)
    return replace(store, entries=(*certificates, *rest))


def authentic(source: SourceWish, sent: list[Incoming], context: Context) -> list[Incoming]:
    """What of a server's chain is known to be its owner's.

    With ``pin``, the certificates of those fingerprints; where ``only`` asks for a role, those
    that issued them as well: a signature that verifies is the issuer's word. With
    ``chains-to``, the chain from the leaf up to that certificate.

    Raises:
        WriteRefused: it does not send what is pinned, or its chain ends elsewhere.
    """
    from ..trust.chain import issuance

    found: dict[str, Incoming] = {}
    if source.pins:
        certain = pinned(source.name, sent, source.pins)
        if source.only is None:
            return certain
        known = issuance(one.certificate for one in sent)
        above = {c for one in certain for c in _verified(known, one.certificate)}
        found = {one.certificate.sha256: one for one in sent if one.certificate in above}
    if source.chains_to:
        found |= {one.certificate.sha256: one for one in _chained(source, sent, context)}
    return list(found.values())


def _verified(known: Issuance, certificate: Certificate) -> Iterator[Certificate]:
    """A certificate and its issuers, as far as each signature could be verified."""
    for one in known.path(certificate):
        yield one
        if known.doubt(one):
            return


def _chained(source: SourceWish, sent: list[Incoming], context: Context) -> list[Incoming]:
    """The chain of a server up to a CA that is known, its name and dates judged as Java does."""
    from datetime import UTC, datetime

    from ..tls.target import target
    from ..trust.sources import open_store
    from ..trust.verdict import judge

    store = open_store(source.chains_to, environ=context.environ, limits=context.limits)
    at = None if context.at is None else datetime.fromtimestamp(context.at, UTC)
    host = source.sni or target(source.name, starttls=source.starttls or None).host
    chain = [one.certificate for one in sent]
    verdict = judge(chain, tuple(store.certificates()), host, at=at)
    if not verdict.accepts:
        raise WriteRefused(
            f"the chain {source.name} sends is not one of {source.chains_to}: "
            f"{verdict.message or verdict.rule}",
            hint="either its CA was changed, or somebody else answers: ask who runs the server",
        )
    return [one for one in sent if one.certificate in verdict.path]
