"""Single entries copied from one store to another."""

from __future__ import annotations

from ..errors import UsageError
from ..formats.reseal import own_encryption
from ..model import Store
from ..trust.inventory import Filter
from .changes import Step
from .chosen import choose_entries, no_such_entry, spared_because
from .delete import step_about
from .fitting import Sealing
from .openings import KeyPasswords
from .plan import plan_of
from .target import format_for
from .union import Side, Union, need_password, refuse_unsupported, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formats.encryption import Encryption
    from ..model import Password
    from .plan import Plan
    from .target import Target
    from .union import OnConflict

__all__ = ["plan_copy"]


def plan_copy(
    target: Target,
    source: Side,
    words: Sequence[str] = (),
    wanted: Filter | None = None,
    *,
    rename: str | None = None,
    on_conflict: OnConflict = "fail",
    storetype: str | None = None,
    password: Password | None = None,
    keys: KeyPasswords | None = None,
    key_password: Password | None = None,
    encryption: Encryption | None = None,
    skip_unsupported: bool = False,
    at: int | None = None,
    now_ms: int | None = None,
) -> Plan:
    """The plan that puts entries of another store into this one.

    An entry that is there already, under the same alias with the same chain and the same
    key, stays as it is, however its key is sealed.

    Args:
        target: the store they go to; a new one is made when there is no file.
        source: the store they come from.
        words: aliases and patterns; see `chosen.choose_entries`.
        wanted: what else has to hold of an entry.
        rename: the alias there, of one entry.
        on_conflict: what to do about an alias that has another content.
        storetype: of a new store.
        password: of a new store.
        keys: what opens the keys of the target, to compare them; its password is tried.
        key_password: of the copied keys, where it is not to be the store's. Not in a PKCS12.
        encryption: of a new store.
        skip_unsupported: leave out what the format has no place for.
        at: when to judge validity, seconds since 1970 UTC; now when None.
        now_ms: the date of entries that have none, milliseconds since 1970 UTC.

    Raises:
        NoSuchEntry: an alias is not in the source, or nothing was found at all.
        UsageError: nothing says which entries are meant; a new alias for several.
        WriteRefused: an alias is taken; the format has no place for an entry.
        PasswordRequired, WrongPassword: a key can't be opened.
    """
    wanted = wanted or Filter()
    if not words and wanted == Filter():
        raise UsageError(
            "which entries are to be copied?",
            hint="say --alias NAME, --alias 'corp-*' or a filter; storekeeper merge takes all",
        )
    if at is None:
        import time

        at = int(time.time())
    found = choose_entries(source.store, words, wanted, at)
    if found.missing:
        raise no_such_entry(source.store, found.missing[0]).at(path=source.name)
    if rename is not None and len(found.entries) != 1:
        raise UsageError(
            f"one alias for {len(found.entries)} entries", hint="--as names a single entry"
        )
    there = target.store or Store(format_for(target.path, storetype))
    password = password if password is not None else target.password
    need_password(there.format, password, target.path, "--storepass")
    opens = keys or KeyPasswords(store=password)
    again = encryption if target.store is None else None
    apart = _apart(key_password, there.format)
    into = Sealing(there.format, password, apart, again, own_encryption(there))
    native = Side(target.path, there, opens, native=True)
    union = Union(into, native, on_conflict=on_conflict)
    for entry in there.entries:
        union.take(entry, native)
    for entry in found.entries:
        union.take(entry, source, rename)
    if not skip_unsupported:
        refuse_unsupported(union, target.path)
    result = union.result(there)
    names = {rename.lower()} if rename else {entry.alias.lower() for entry in found.entries}
    steps = [
        step
        for step in union.steps
        if step.state != "unchanged" or step.alias.lower() in names
    ]  # fmt: skip
    steps += [step_about("left-out", one, spared_because(one), source.name) for one in found.spared]
    steps += [Step("unchanged", word, "", "", "no alias fits") for word in found.unmatched]
    plan = plan_of(
        target,
        result,
        password=password,
        encryption=again,
        steps=steps,
        findings=union.findings(),
        now_ms=now_ms,
    )
    return settled(plan)


def _apart(password: Password | None, format: str) -> Password | None:
    if password is not None and format == "PKCS12":
        raise UsageError(
            "in a PKCS12 the password of a key is that of the store: Java can't open it otherwise",
            hint="leave --dest-keypass out, or make a JKS",
        )
    return password
