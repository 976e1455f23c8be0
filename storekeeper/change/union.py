"""Entries of several stores put into one: what is the same stands once, what collides is told."""

from __future__ import annotations

from ..errors import InputError, PasswordError, PasswordRequired, WriteRefused
from ..model import Certificate, Entry, Finding, Opaque, Store, TrustedCert, kind, replace
from .aliases import Aliases, legal
from .delete import step_about
from .fitting import Sealing, fitted, invisible, keeps_date
from .openings import KeyPasswords, same_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from ..errors import StorekeeperError
    from ..model import Password
    from .changes import State, Step
    from .plan import Plan

    OnConflict = Literal["fail", "skip", "rename", "replace"]

__all__ = [
    "Side",
    "Union",
    "counted",
    "need_password",
    "refuse_leftover",
    "refuse_unsupported",
    "settled",
]


class Side:
    """One of the stores that entries come from.

    Attributes:
        name: what to call it.
        store: what it holds.
        opens: what opens its keys.
        native: it is the target itself, whose entries stay as they are.
    """

    __slots__ = ("name", "native", "opens", "store")

    def __init__(
        self, name: str, store: Store, opens: KeyPasswords, *, native: bool = False
    ) -> None:
        self.name = name
        self.store = store
        self.opens = opens
        self.native = native


class _Slot:
    __slots__ = ("entry", "place", "side", "state", "told", "twins")

    def __init__(self, entry: Entry, side: Side, state: State, told: str, place: int) -> None:
        self.entry = entry
        self.side = side
        self.state = state
        self.told = told
        self.place = place  # in the target
        self.twins: list[tuple[TrustedCert, Side, Step | None]] = []  # left out as the same


class Union:
    """The store as it grows.

    Args:
        into: the target's format, and how its keys are sealed.
        there: what the target holds. What is wanted and there already is that very entry.
        on_conflict: what to do when an alias has another content: "fail", "skip" (the
            first stays), "rename" or "replace" (the last wins).
        dedupe: a certificate that is trusted under one alias is not under a second.
        redate: of two that are the same the older date counts; else that of the target.
    """

    def __init__(
        self,
        into: Sealing,
        there: Side | None,
        *,
        on_conflict: OnConflict = "fail",
        dedupe: bool = False,
        redate: bool = False,
    ) -> None:
        self.into = into
        self.there = there
        self.on_conflict = on_conflict
        self.dedupe = dedupe
        self.redate = redate
        self.steps: list[Step] = []
        self.refused: list[tuple[Entry, StorekeeperError]] = []
        self.lost_dates = 0
        self.made_visible: list[str] = []
        self._slots: list[_Slot] = []
        self._by_alias: dict[str, _Slot] = {}
        self._by_certificate: dict[Certificate, _Slot] = {}
        self._aliases = Aliases((), into.format)
        self._spare: dict[str, Entry] = {}
        self._places: dict[str, int] = {}
        for place, entry in enumerate(there.store.entries if there else ()):
            self._spare[entry.alias.lower()] = entry
            self._places.setdefault(entry.alias.lower(), place)

    def take(self, entry: Entry, side: Side, alias: str | None = None) -> None:
        """Put one entry in.

        Raises:
            WriteRefused: its alias has another content and the policy is "fail", or the
                format would not keep the alias.
            PasswordRequired, WrongPassword: its key can't be opened.
        """
        try:
            self._take(entry, side, alias)
        except PasswordError as error:
            raise error.at(path=side.name) from None

    def _take(self, entry: Entry, side: Side, alias: str | None) -> None:
        if isinstance(entry, Opaque):
            self._place(entry, side, entry.alias)
            return
        if self.dedupe and isinstance(entry, TrustedCert):
            first = self._by_certificate.get(entry.certificate)
            if first is not None:
                self._same(first, entry, side, f"{entry.alias!r} is the same certificate")
                return
        wanted = self._wanted(entry, side, alias)
        holder = self._by_alias.get(wanted.lower())
        if holder is None or (side.native and holder.side.native):
            self._place(entry, side, wanted)
        elif same_entry(entry, holder.entry, side.opens, self._opens(holder)):
            self._same(holder, entry, side, "")
        else:
            self._conflict(holder, entry, side, wanted)

    def result(self, like: Store | None = None) -> Store:
        """The store with everything in it; laid out as ``like`` if that has its format.

        What the target has stays in its place, and what is new comes after it.
        """
        self._slots.sort(key=lambda slot: slot.place)
        for slot in self._slots:
            self.steps.append(step_about(slot.state, slot.entry, slot.told, slot.side.name))
        entries = tuple(slot.entry for slot in self._slots)
        if like is None or like.format != self.into.format:
            like = Store(self.into.format)
        return replace(like, entries=entries)

    def leftover(self) -> list[Entry]:
        """What the target holds and nobody wants."""
        used = {id(slot.entry) for slot in self._slots}
        names = {slot.entry.alias.lower() for slot in self._slots}
        entries = self.there.store.entries if self.there else ()
        return [one for one in entries if id(one) not in used and one.alias.lower() not in names]

    def findings(self) -> list[Finding]:
        """What could not be kept, and what is seen otherwise from now on."""
        found: list[Finding] = []
        if self.lost_dates:
            of = " of trusted certificates" if self.into.format == "PKCS12" else ""
            many = counted(self.lost_dates, "creation date is", "creation dates are")
            found.append(
                Finding(
                    "dates-lost",
                    "info",
                    "",
                    f"{many} not kept: a {self.into.format} has none{of}",
                )
            )
        if self.made_visible:
            found.append(
                Finding(
                    "made-visible",
                    "warning",
                    "",
                    "trusted entries now, which Java did not list before: "
                    f"{_some(self.made_visible)}",
                    "storekeeper delete takes out what should not be trusted",
                )
            )
        return found

    def _opens(self, slot: _Slot) -> KeyPasswords:
        own = slot.side.opens
        seals = tuple(one for one in (self.into.password, self.into.keys) if one is not None)
        if slot.side.native or not seals:
            return own
        return KeyPasswords(own.store, self.into.keys or self.into.password, own.own)

    def _wanted(self, entry: Entry, side: Side, alias: str | None) -> str:
        if alias is None and (side.native or side.store.format == self.into.format):
            return entry.alias
        try:
            return legal(entry.alias if alias is None else alias, self.into.format)
        except WriteRefused as error:
            if alias is None:
                error.hint = "storekeeper rename gives it another one first"
            raise

    def _place(self, entry: Entry, side: Side, alias: str, note: str = "") -> None:
        """A new entry, or the one the target has already."""
        made = self._made(entry, side, alias)
        if made is None:
            return
        placed, state = made
        if not note and placed.alias != entry.alias:
            note = f"was {entry.alias!r}"
        place = self._places.get(alias.lower(), len(self._places) + len(self._slots))
        slot = _Slot(placed, side, state, note, place)
        self._slots.append(slot)
        self._by_alias.setdefault(self._aliases.give(alias).lower(), slot)
        if isinstance(placed, TrustedCert):
            self._by_certificate.setdefault(placed.certificate, slot)

    def _made(self, entry: Entry, side: Side, alias: str) -> tuple[Entry, State] | None:
        """The entry as it will stand, and what that is to the target; None when it can't."""
        if side.native:
            if alias == entry.alias:
                return entry, "unchanged"
            return replace(entry, alias=alias), "renamed"
        if entry.created_ms is not None and not keeps_date(self.into.format, entry):
            self.lost_dates += 1
        spare = self._spare_for(entry, alias)
        if (
            self.there is not None
            and spare is not None
            and same_entry(entry, spare, side.opens, self.there.opens)
            and not (self.into.visible and invisible(spare))
        ):
            dated = spare
            if entry.created_ms is not None and keeps_date(self.into.format, spare):
                dated = replace(spare, created_ms=entry.created_ms)
            return (spare if dated == spare else dated), "unchanged"
        try:
            placed = fitted(entry, side.store.format, side.opens, self.into)
        except (WriteRefused, InputError) as error:
            self.refused.append((entry, error))
            self.steps.append(step_about("left-out", entry, error.message, side.name))
            return None
        if invisible(entry) and not invisible(placed):
            self.made_visible.append(alias)
        return replace(placed, alias=alias), "added" if spare is None else "replaced"

    def _spare_for(self, entry: Entry, alias: str) -> Entry | None:
        if not isinstance(entry, Opaque) or self.there is None:
            return self._spare.get(alias.lower())
        # Most of them have no alias to tell them apart by.
        used = {id(slot.entry) for slot in self._slots}
        held = (one for one in self.there.store.entries if id(one) not in used)
        return next((one for one in held if one == entry), None)

    def _same(self, slot: _Slot, entry: Entry, side: Side, why: str) -> None:
        state: State = "removed" if side.native else "present"
        if why:
            message = f"{why} as {slot.entry.alias!r}, the first of them, which stays"
            # Of one that has the same alias as well there is nothing to tell.
            step = step_about(state, entry, message, side.name)
            told = None if entry.alias == slot.entry.alias and not side.native else step
            self.steps += [told] if told else []
            assert isinstance(entry, TrustedCert)
            slot.twins.append((entry, side, told))
        date, other = slot.entry.created_ms, entry.created_ms
        if self.redate and date is not None and other is not None and other < date:
            slot.entry = replace(slot.entry, created_ms=other)

    def _conflict(self, slot: _Slot, entry: Entry, side: Side, wanted: str) -> None:
        if self.on_conflict == "skip":
            message = f"the alias is that of another {word(slot.entry)}, and this is skipped"
            self.steps.append(step_about("conflict", entry, message, side.name))
            return
        if self.on_conflict == "rename":
            self._place(entry, side, self._aliases.free(wanted), f"{wanted!r} is taken by another")
            return
        same_kind = kind(slot.entry) == kind(entry)
        if self.on_conflict == "fail" or not same_kind:
            raise WriteRefused(
                f"the alias is taken by another {word(slot.entry)}, in {slot.side.name}"
                if same_kind
                else f"the alias is taken by a {word(slot.entry)} in {slot.side.name}, and this "
                f"is a {word(entry)}",
                alias=wanted,
                hint="--on-conflict rename adds it under another alias, skip leaves it out"
                + (", replace takes it in place of the other" if same_kind else ""),
                path=side.name,
            )
        made = self._made(entry, side, slot.entry.alias)
        if made is None:
            return
        placed, slot.state = made
        old, twins, slot.twins = slot.entry, slot.twins, []
        slot.entry, slot.side = placed, side
        if isinstance(old, TrustedCert) and self._by_certificate.get(old.certificate) is slot:
            del self._by_certificate[old.certificate]
        if isinstance(placed, TrustedCert):
            self._by_certificate.setdefault(placed.certificate, slot)
        # What was left out as the same as the old one is not the same as the new.
        for twin, its_side, step in twins:
            if twin.alias.lower() == wanted.lower() or twin.certificate in self._by_certificate:
                continue
            self.steps = [one for one in self.steps if one is not step]
            alias = self._wanted(twin, its_side, None)
            note = f"{alias!r} is taken by another" if alias.lower() in self._by_alias else ""
            self._place(twin, its_side, self._aliases.free(alias), note)


def refuse_unsupported(union: Union, path: str) -> None:
    """Refuse when the format had no place for something."""
    if not union.refused:
        return
    entry, error = union.refused[0]
    more = [one.alias for one, _ in union.refused[1:]]
    skip = "--skip-unsupported leaves out what can't be taken along"
    raise WriteRefused(
        f"{error.message}; and {len(more)} more: {_some(more)}" if more else error.message,
        alias=entry.alias or None,  # what is not understood often has none
        hint=f"{error.hint}; {skip}" if error.hint else skip,
        path=path,
    )


def need_password(format: str, password: Password | None, path: str, option: str) -> None:
    """Refuse to make a store without a password that has to have one."""
    if password is not None or format not in ("PKCS12", "JKS", "JCEKS"):
        return
    raise PasswordRequired(
        f"a password is needed for the {format} that is to be made",
        hint=f"{option} env:NAME, file:PATH or prompt"
        + ("; none makes it without" if format == "PKCS12" else ""),
        path=path,
    )


def refuse_leftover(union: Union, path: str) -> None:
    """Refuse to drop what the target holds and no source has."""
    left = union.leftover()
    if left:
        raise WriteRefused(
            f"it holds {counted(len(left), 'entry', 'entries')} that would be gone: "
            f"{_some([one.alias for one in left])}",
            hint="storekeeper merge keeps them when it is named as an input too; --force "
            "drops them",
            path=path,
        )


def settled(plan: Plan) -> Plan:
    """The plan without notes about what is done, when nothing is."""
    return replace(plan, findings=()) if plan.unchanged else plan


def counted(number: int, one: str, many: str) -> str:
    """``1 entry``, ``2 entries``."""
    return f"{number} {one if number == 1 else many}"


def word(entry: Entry) -> str:
    """What an entry is, in a sentence."""
    return kind(entry).replace("-", " ")


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:3])) + (", ..." if len(names) > 3 else "")
