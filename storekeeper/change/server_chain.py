"""The chain file of a server: its certificate and those above it, in order, as it sends them.

Apache's ``SSLCertificateFile`` and ``SSLCertificateChainFile``, nginx's ``ssl_certificate``, the
chain of a BIG-IP profile, an upload to a cloud service: each wants the certificate first, then
each issuer after what it issued (RFC 8446 section 4.4.2), and differs in where it begins and
ends.
"""

from __future__ import annotations

from ..errors import UsageError
from ..formats.labels import Labels
from ..model import PrivateKey, Store, TrustedCert, replace
from .changes import Step
from .key_chains import chain_of
from .plan import plan_of, subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from ..model import Certificate, Entry, Finding
    from .changes import State
    from .plan import Plan
    from .target import Target

    Part = Literal["sent", "intermediates", "issuers", "whole"]

__all__ = ["PARTS", "part_of", "plan_server_chain"]

PARTS = ("sent", "intermediates", "issuers", "whole")
"""Without the root; that without the certificate itself; all above it; everything."""


def part_of(
    leaf: Certificate,
    at_hand: Iterable[Certificate],
    part: Part = "sent",
    *,
    path: str | None = None,
    at: int | None = None,
) -> tuple[tuple[Certificate, ...], tuple[Finding, ...]]:
    """The part of a certificate's chain, in order, and what to tell of it.

    Args:
        leaf: the certificate.
        at_hand: in which its issuers are looked for, its root included: only then is it known
            where the chain ends.
        part: one of `PARTS`.
        path: of the file it is for, for messages.
        at: when to judge dates, seconds since 1970 UTC; now when None.

    Raises:
        WriteRefused: an issuer is missing.
        UsageError: there is no such part.
    """
    if part not in PARTS:
        raise UsageError(f"no part of a chain is called {part!r}", hint=", ".join(PARTS))
    chain, findings = chain_of(leaf, list(at_hand), path=path, at=at)
    begin = 1 if part in ("intermediates", "issuers") else 0
    # A certificate that signed itself is its own root, and is sent all the same.
    end = len(chain) - 1 if part in ("sent", "intermediates") and len(chain) > 1 else len(chain)
    # Whether the root is trusted is a matter of those who connect.
    return chain[begin:end], tuple(one for one in findings if one.code != "root-not-trusted")


def plan_server_chain(
    target: Target,
    leaf: Certificate,
    at_hand: Iterable[Certificate],
    part: Part = "sent",
    *,
    at: int | None = None,
) -> Plan:
    """The plan that makes a file hold that part of a chain, in order, and no other certificate.

    A key in the file stays, with the chain behind it.

    Args:
        target: a PEM file, or one that is yet to be.
        leaf: the certificate.
        at_hand: as for `part_of`; what the file holds already counts as well.
        part: one of `PARTS`.
        at: as for `part_of`.

    Raises:
        WriteRefused: an issuer is missing.
        UsageError: the file is no PEM, or its key is another certificate's.
    """
    before = target.store
    format = before.format if before else "PEM"
    if format != "PEM":
        raise UsageError(
            f"expected a PEM file, which keeps certificates in order, found {format}",
            path=target.path,
        )
    there = [one for entry in before.entries for one in _within(entry)] if before else []
    given = [*at_hand, *there]
    chain, findings = part_of(leaf, given, part, path=target.path, at=at)
    store = before or Store(format, ())
    keys = [entry for entry in store.entries if isinstance(entry, PrivateKey)]
    if len(keys) > 1 or any(entry.chain[:1] != (leaf,) for entry in keys):
        raise UsageError(
            "the file holds a key that is not for this certificate",
            hint="name another file for the chain",
            path=target.path,
            alias=keys[0].alias,
        )
    if keys:
        behind = (leaf, *(one for one in chain if one != leaf))
        entries: list[Entry] = [_behind(keys[0], behind)]
    else:
        entries = _in_order(store, chain)
    others = [e for e in store.entries if not isinstance(e, PrivateKey | TrustedCert)]
    result = replace(store, entries=(*entries, *others))
    steps = [_step(entry, store) for entry in entries if isinstance(entry, TrustedCert)]
    return plan_of(target, result, steps=steps, findings=findings)


def _within(entry: Entry) -> tuple[Certificate, ...]:
    match entry:
        case TrustedCert():
            return (entry.certificate,)
        case PrivateKey():
            return entry.chain
    return ()


def _behind(key: PrivateKey, chain: tuple[Certificate, ...]) -> PrivateKey:
    return key if key.chain == chain else replace(key, chain=chain)


def _in_order(store: Store, chain: tuple[Certificate, ...]) -> list[Entry]:
    """Entries for certificates, those that are there as they stand."""
    known = {e.certificate: e for e in reversed(store.entries) if isinstance(e, TrustedCert)}
    labels = Labels()
    entries: list[Entry] = []
    for one in chain:
        if one in known:
            labels.claim(known[one].alias)
            entries.append(known[one])
        else:
            entries.append(TrustedCert(labels.of(one), one))
    return entries


def _step(entry: TrustedCert, store: Store) -> Step:
    state: State = "unchanged" if any(entry is one for one in store.entries) else "added"
    one = entry.certificate
    return Step(state, entry.alias, subject_of(one), one.sha256)
