"""Importing certificates: which are new, which are there already, and what each is called."""

from __future__ import annotations

from ..errors import UsageError, WriteRefused
from ..model import Certificate, Entry, Finding, Opaque, Store, TrustedCert, kind, replace
from ..x509 import facts_or_none
from .aliases import TEMPLATE, Aliases, expand, is_template
from .changes import Step
from .fitting import invisible
from .plan import now, plan_of, subject_of
from .sealing import encrypted
from .target import format_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Literal

    from ..formats.encryption import Encryption
    from ..model import Password
    from ..trust.checks import Expected
    from .changes import State
    from .incoming import Incoming
    from .plan import Plan
    from .target import Target

    Dates = Callable[[Certificate], int]
    OnConflict = Literal["fail", "skip", "rename", "replace"]

__all__ = ["ON_CONFLICT", "plan_import"]

ON_CONFLICT = ("fail", "skip", "rename", "replace")
"""What to do about a wanted alias that another certificate has."""


def plan_import(
    target: Target,
    incoming: Iterable[Incoming],
    *,
    alias: str | None = None,
    on_conflict: OnConflict | None = None,
    storetype: str | None = None,
    password: Password | None = None,
    encryption: Encryption | None = None,
    strict: bool = False,
    at: int | None = None,
    steps: Sequence[Step] = (),
    now_ms: int | Dates | None = None,
) -> Plan:
    """The plan that makes a store trust these certificates.

    A certificate is known by its SHA-256: one that is trusted already is left as it is,
    under whatever alias.

    Args:
        target: the store; a new one is made when there is no file.
        incoming: those that are wanted; see `incoming.choose`.
        alias: an alias, or a template of `aliases.FIELDS`; `TEMPLATE` when None.
        on_conflict: of `ON_CONFLICT`; None fails for an alias that somebody chose and
            renames for one out of a template. Of certificates that are wanted together none
            takes another's alias: the later one is renamed, whatever this says.
        storetype: of a new store; see `target.format_for`.
        password: of a new store.
        encryption: of a PKCS12.
        strict: refuse what there would be warnings about.
        at: when to judge validity, seconds since 1970 UTC; now when None.
        steps: what became of others on the way here.
        now_ms: the date of new entries, milliseconds since 1970 UTC, or what gives one for a
            certificate.

    Raises:
        WriteRefused: an alias is taken, or belongs to a key; with ``strict``, a warning.
        PasswordRequired: a new store that needs a password, and there is none.
        UsageError: nothing to import, or a template that makes no sense.
    """
    incoming = list(incoming)
    wanted = {one.certificate for one in incoming}
    importer = _Importer(target, alias, on_conflict, storetype, now_ms, wanted)
    seen: set[Certificate] = set()
    findings: list[Finding] = []
    for number, one in enumerate(incoming, 1):
        if one.certificate in seen:
            continue
        seen.add(one.certificate)
        # Its facts are kept with a copy, for as long as this one is looked at: of ten
        # thousand they would be most of the memory.
        copy = Certificate(one.certificate.der, one.certificate.type)
        facts_or_none(copy)
        name = importer.take(one, copy, number)
        findings += _warnings(copy, name, at, "leaf" if one.as_leaf else "anchor")
    if not seen and not steps:
        raise UsageError("there is nothing to import")
    worst = next((f for f in findings if f.severity != "info"), None)
    if strict and worst is not None:
        raise WriteRefused(
            f"{worst.message} [{worst.code}]",
            alias=worst.where,
            hint="--strict refuses what would be warned about",
            path=target.path,
        )
    made = importer.result()
    resealed: list[str] = []
    if target.store is not None and encryption is not None and target.password is not None:
        # Its keys are encrypted as the rest of it, or the same import would never be done.
        entries = encrypted(made.entries, target.store, target.password, encryption)
        resealed = [one.alias for one, was in zip(entries, made.entries, strict=True) if one != was]
        made = replace(made, entries=entries)
    if target.store is None and password is None and target.password is None:
        _need_password(made.format, encryption, target.path)
    plan = plan_of(
        target,
        made,
        password=password,
        encryption=encryption,
        steps=(*importer.steps, *steps),
        resealed=resealed,
        findings=findings,
        now_ms=None if callable(now_ms) else now_ms,
    )
    return _directed(plan)


def _need_password(format: str, encryption: Encryption | None, path: str) -> None:
    if encryption is None or encryption.mac is not None:
        from .union import need_password

        need_password(format, None, path, "--storepass")


def _directed(plan: Plan) -> Plan:
    """Offer the directory where the certificates would stay, where the file is rewritten."""
    manager = plan.target.manager
    if manager is None or not manager.anchors:
        return plan
    sources = list(dict.fromkeys(step.source for step in plan.steps if step.state == "added"))
    words = " ".join(map(_quoted, sources)) if 0 < len(sources) <= 5 else "FILE"
    return replace(
        plan,
        findings=tuple(
            replace(one, hint=f"to keep it: {manager.keeping(words)}")
            if one.code == "managed-file"
            else one
            for one in plan.findings
        ),
    )


def _quoted(word: str) -> str:
    from shlex import quote

    return quote(word)


class _Importer:
    """The store as it grows."""

    def __init__(
        self,
        target: Target,
        alias: str | None,
        on_conflict: OnConflict | None,
        storetype: str | None,
        now_ms: int | Dates | None,
        wanted: set[Certificate],
    ) -> None:
        self.batch = wanted
        self.path = target.path
        self.store = target.store or Store(format_for(target.path, storetype))
        if target.store and storetype and format_for("", storetype) != target.store.format:
            raise UsageError(
                f"the store is a {target.store.format}, not a {storetype}",
                hint="storekeeper convert changes the type of a store",
            )
        self.template = TEMPLATE if alias is None else alias
        self.chosen = alias is not None and not is_template(alias)
        self.on_conflict = on_conflict or ("fail" if self.chosen else "rename")
        self.aliases = Aliases(self.store.entries, self.store.format)
        if self.store.format == "directory":
            from .folder import FileNames

            self.aliases = FileNames(self.store)
        self.now_ms = now() if now_ms is None else now_ms
        self.trusted: dict[Certificate, str] = {}
        self.hidden: dict[Certificate, TrustedCert] = {}
        for entry in self.store.entries:
            if invisible(entry):
                assert isinstance(entry, TrustedCert)
                self.hidden.setdefault(entry.certificate, entry)
            elif isinstance(entry, TrustedCert):
                self.trusted.setdefault(entry.certificate, entry.alias)
        self.added: list[Entry] = []
        self.exchanged: dict[int, Entry] = {}  # by the id of the entry that was there
        self.steps: list[Step] = []
        self.copy = Certificate(b"")

    def take(self, one: Incoming, copy: Certificate, number: int) -> str:
        """Put one certificate in, if it is not there; the alias it has in the end.

        ``copy`` is the same certificate, for what is read from it on the way.
        """
        self.copy = copy
        there = self.trusted.get(one.certificate)
        wanted = self._wanted(one, number)
        if there is not None:
            same = not self.chosen or there.lower() == wanted.lower()
            self._say(
                "unchanged" if same else "present",
                there,
                one,
                "" if same else f"already trusted under this alias; {wanted!r} is not added",
            )
            return there
        hidden = self.hidden.get(one.certificate)
        if hidden is not None:
            return self._uncover(hidden, wanted, one)
        holder = self.aliases.holder(wanted)
        if holder is None and not self.aliases.is_given(wanted):
            return self._add(self.aliases.give(wanted), one, "")
        if holder is None or self.aliases.is_given(wanted) or self._holds_wanted(holder):
            # Two certificates of this very import: both are wanted, whichever came first.
            return self._add(self.aliases.free(wanted), one, f"{wanted!r} is taken by another")
        return self._conflict(holder, wanted, one)

    def _holds_wanted(self, holder: Entry) -> bool:
        return isinstance(holder, TrustedCert) and holder.certificate in self.batch

    def _uncover(self, hidden: TrustedCert, wanted: str, one: Incoming) -> str:
        """A certificate that lies in a PKCS12 and that Java does not list."""
        alias = hidden.alias
        free = self.aliases.holder(wanted) is None and not self.aliases.is_given(wanted)
        if self.chosen and free:
            alias = self.aliases.give(wanted)
        self.exchanged[id(hidden)] = replace(hidden, alias=alias, attributes=None)
        self.trusted[one.certificate] = alias
        self._say("replaced", alias, one, "it was there, and Java did not list it; now it does")
        return alias

    def _conflict(self, holder: Entry, wanted: str, one: Incoming) -> str:
        what = holder.what if isinstance(holder, Opaque) else kind(holder)
        if not isinstance(holder, TrustedCert) and self.on_conflict in ("fail", "replace"):
            raise WriteRefused(
                f"the alias belongs to a {what}, which an import of certificates leaves alone",
                alias=wanted,
                path=self.path,
                hint="for a CA's answer to a request: storekeeper reply; else another --alias",
            )
        match self.on_conflict:
            case "fail":
                assert isinstance(holder, TrustedCert)
                from ..trust.inventory import colons

                raise WriteRefused(
                    f"the alias is taken by another certificate: {subject_of(holder.certificate)}, "
                    f"SHA-256 {colons(holder.certificate.sha256)}",
                    alias=wanted,
                    path=self.path,
                    hint="--on-conflict replace exchanges it, rename adds the new one as "
                    f"{wanted}-1, skip leaves it out",
                )
            case "skip":
                self._say("conflict", holder.alias, one, "the alias is taken, and this is skipped")
                return holder.alias
            case "rename":
                return self._add(self.aliases.free(wanted), one, f"{wanted!r} is taken by another")
        assert isinstance(holder, TrustedCert)
        # In the place of one that Java does not list it would not be listed either.
        attributes = None if invisible(holder) else holder.attributes
        self.exchanged[id(holder)] = replace(
            holder,
            certificate=one.certificate,
            created_ms=self._date(one.certificate),
            attributes=attributes,
        )
        self.aliases.give(wanted)
        self.trusted[one.certificate] = holder.alias
        from ..trust.inventory import colons

        before = colons(holder.certificate.sha256)
        self._say("replaced", holder.alias, one, f"in place of SHA-256 {before}")
        return holder.alias

    def result(self) -> Store:
        """The store with everything in it."""
        entries = [self.exchanged.get(id(entry), entry) for entry in self.store.entries]
        return replace(self.store, entries=(*entries, *self.added))

    def _wanted(self, one: Incoming, number: int) -> str:
        if self.chosen:
            return self.aliases.legal(self.template)
        text = expand(self.template, self.copy, label=one.label, number=number)
        return self.aliases.legal(text)

    def _add(self, alias: str, one: Incoming, message: str) -> str:
        self.added.append(TrustedCert(alias, one.certificate, self._date(one.certificate)))
        self.trusted[one.certificate] = alias
        self._say("added", alias, one, message)
        return alias

    def _date(self, certificate: Certificate) -> int:
        return self.now_ms(certificate) if callable(self.now_ms) else self.now_ms

    def _say(self, state: State, alias: str, one: Incoming, message: str) -> None:
        subject, sha256 = subject_of(self.copy), one.certificate.sha256
        self.steps.append(Step(state, alias, subject, sha256, message, one.source))


def _warnings(
    certificate: Certificate, alias: str, at: int | None, expected: Expected
) -> list[Finding]:
    from ..trust.checks import check

    if at is None:
        import time

        at = int(time.time())
    found = check(certificate, at, expected=expected)
    return [replace(finding, where=finding.where or alias) for finding in found]
