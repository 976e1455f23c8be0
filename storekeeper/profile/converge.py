"""What a target is to hold, as a plan in the same words a command uses."""

from __future__ import annotations

from ..change.changes import Step
from ..change.fitting import invisible
from ..change.import_ import plan_import
from ..change.plan import Plan, plan_of, subject_of
from ..errors import UsageError, WriteRefused
from ..model import PrivateKey, SecretKey, TrustedCert, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..change.changes import State
    from ..change.import_ import Dates
    from ..change.incoming import Incoming
    from ..change.target import Target
    from ..formats.encryption import Encryption
    from ..model import Certificate, Entry
    from .values import TargetWish

__all__ = ["by_not_before", "converge"]


def converge(
    target: Target,
    wish: TargetWish,
    incoming: Sequence[Incoming],
    *,
    steps: Sequence[Step] = (),
    encryption: Encryption | None = None,
    at: int | None = None,
    now_ms: int | Dates | None = None,
) -> Plan:
    """The plan that makes a store hold what is wished of its trusted certificates.

    With the state present it is the plan of ``import``, for the same words the same one.

    Args:
        target: the store.
        wish: its state, aliases and type.
        incoming: the certificates its sources and filters come to.
        steps: what became of others on the way here.
        encryption: of a PKCS12.
        at: when to judge validity, seconds since 1970 UTC.
        now_ms: the date of new entries; None for the notBefore of each certificate.

    Raises:
        WriteRefused, PasswordRequired, UsageError: as `plan_import`; and where ``exact``
            would leave no certificate at all.
    """
    dates = by_not_before if now_ms is None else now_ms
    if wish.type == "directory" and (target.store is None or target.store.format != "directory"):
        found = "none" if target.store is None else f"a {target.store.format}"
        raise UsageError(f"expected a directory, found {found}", path=target.path)
    if wish.state == "absent":
        return _absent(target, incoming, steps)
    if not incoming:
        if wish.state == "exact":
            raise WriteRefused(
                "nothing is left to trust: its sources and filters come to no certificate",
                hint="exact would take every certificate out; state: absent takes out named ones",
                path=target.path,
            )
        if target.store is None:
            return Plan(target, None, steps=tuple(steps))
        return plan_of(target, target.store, steps=steps)
    base, gone = target, []
    if wish.state == "exact" and target.store is not None:
        wanted = {one.certificate for one in incoming}
        keyed = any(isinstance(e, PrivateKey | SecretKey) for e in target.store.entries)
        gone = [e for e in target.store.entries if _needless(e, wanted, keyed)]
        left = {id(entry) for entry in gone}
        kept = tuple(e for e in target.store.entries if id(e) not in left)
        # An alias that goes is free for what comes.
        base = replace(target, store=replace(target.store, entries=kept))
    plan = plan_import(
        base,
        incoming,
        alias=wish.alias or None,
        on_conflict=wish.on_conflict,
        storetype=None if wish.type == "directory" else wish.type or None,
        password=target.password,
        encryption=encryption,
        at=at,
        steps=steps,
        now_ms=dates,
    )
    if not gone:
        return plan if base is target else _again(target, plan, plan.steps)
    removed = [_step("removed", entry, "no source has it") for entry in gone]
    return _again(target, plan, (*plan.steps, *removed))


def _again(target: Target, plan: Plan, steps: Sequence[Step]) -> Plan:
    """The same result, compared with what the file really holds."""
    assert plan.result is not None
    was = target.store.entries if target.store is not None else ()
    before = {id(entry) for entry in was}
    # Keys that were encrypted as the rest of the file is from now on.
    resealed = [
        one.alias
        for one in plan.result.entries
        if isinstance(one, PrivateKey | SecretKey) and id(one) not in before
    ]
    findings = [one for one in plan.findings if one.code not in ("managed-file", "key-in-clear")]
    return plan_of(
        target,
        plan.result,
        password=plan.password,
        encryption=plan.encryption,
        resealed=resealed,
        steps=steps,
        findings=findings,
    )


def _absent(target: Target, incoming: Sequence[Incoming], steps: Sequence[Step]) -> Plan:
    unwanted = {one.certificate: one for one in incoming}
    there = target.store.entries if target.store is not None else ()
    gone = [e for e in there if isinstance(e, TrustedCert) and e.certificate in unwanted]
    found = {entry.certificate for entry in gone}
    said = [_step("removed", entry, "") for entry in gone]
    said += [
        Step("unchanged", "", subject_of(one.certificate), one.certificate.sha256,
             "not there", one.source)
        for certificate, one in unwanted.items() if certificate not in found
    ]  # fmt: skip
    every = (*said, *steps)
    if target.store is None:
        return Plan(target, None, steps=every)
    left = {id(entry) for entry in gone}
    result = replace(target.store, entries=tuple(e for e in there if id(e) not in left))
    return plan_of(target, result, steps=every)


def _needless(entry: Entry, wanted: set[Certificate], keyed: bool) -> bool:
    """Whether ``exact`` takes an entry out.

    Keys stay, and so does what is kept but not understood. In a store with keys, a certificate
    that Java does not list is a link of some chain and no trust.
    """
    if not isinstance(entry, TrustedCert) or entry.certificate in wanted:
        return False
    return not (keyed and invisible(entry))


def _step(state: State, entry: Entry, message: str) -> Step:
    assert isinstance(entry, TrustedCert)
    certificate = entry.certificate
    return Step(state, entry.alias, subject_of(certificate), certificate.sha256, message)


def by_not_before(certificate: Certificate) -> int:
    """The date of an entry that is the same on every machine: when its certificate begins."""
    from ..x509 import passing_facts

    facts = passing_facts(certificate)
    begins = facts.not_before if facts is not None else None
    return 0 if begins is None else begins * 1000
