"""Taking entries out of a store."""

from __future__ import annotations

from ..errors import UsageError
from ..model import Entry, Opaque, PrivateKey, TrustedCert, kind, replace
from ..trust.inventory import Filter
from .changes import Step
from .chosen import choose_entries, no_such_entry, spared_because
from .plan import plan_of, subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .changes import State
    from .plan import Plan
    from .target import Target

__all__ = ["plan_delete", "step_about"]


def plan_delete(
    target: Target,
    words: Sequence[str] = (),
    wanted: Filter | None = None,
    *,
    missing_ok: bool = False,
    at: int | None = None,
) -> Plan:
    """The plan that takes entries out.

    Args:
        target: the store.
        words: aliases and patterns; see `chosen.choose_entries`.
        wanted: what else has to hold of an entry.
        missing_ok: an alias that is not there is as wished.
        at: when to judge validity, seconds since 1970 UTC; now when None.

    Raises:
        NoSuchEntry: an alias is not there; nothing is deleted then.
        UsageError: nothing says which entries are meant.
    """
    assert target.store is not None
    store, wanted = target.store, wanted or Filter()
    if not words and wanted == Filter():
        raise UsageError(
            "which entries are to be deleted?", hint="name aliases, a pattern such as 'corp-*', "
            "or a filter such as --expired",
        )  # fmt: skip
    if at is None:
        import time

        at = int(time.time())
    found = choose_entries(store, words, wanted, at)
    if found.missing and not missing_ok:
        raise no_such_entry(
            store,
            found.missing[0],
            "storekeeper list shows the aliases; --missing-ok takes what is gone as done",
        )
    going = {id(entry) for entry in found.entries}
    steps = [step_about("removed", entry) for entry in found.entries]
    steps += [step_about("left-out", entry, spared_because(entry)) for entry in found.spared]
    steps += [Step("unchanged", word, "", "", "there is no such entry") for word in found.missing]
    steps += [Step("unchanged", word, "", "", "no alias fits") for word in found.unmatched]
    rest = tuple(entry for entry in store.entries if id(entry) not in going)
    return plan_of(target, replace(store, entries=rest), steps=steps)


def step_about(state: State, entry: Entry, message: str = "", source: str = "") -> Step:
    """What became of an entry, told with its certificate."""
    certificate = None
    match entry:
        case TrustedCert():
            certificate = entry.certificate
        case PrivateKey(chain=(own, *_)):
            certificate = own
    if certificate is None:
        what = entry.what if isinstance(entry, Opaque) else kind(entry)
        return Step(state, entry.alias, f"({what})", "", message, source)
    return Step(state, entry.alias, subject_of(certificate), certificate.sha256, message, source)
