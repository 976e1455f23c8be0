"""The same entries in another format, or encrypted for other readers."""

from __future__ import annotations

from ..errors import UsageError, WriteRefused
from ..formats.encryption import named
from ..formats.reseal import encrypted_as, own_encryption, seal_again
from ..model import Finding, Password, PrivateKey, SecretKey, Store, replace
from .fitting import Sealing, invisible
from .openings import opened
from .plan import plan_of
from .target import format_for
from .union import Side, Union, counted, need_password, refuse_leftover, refuse_unsupported, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.encryption import Encryption
    from ..model import Entry
    from .changes import Step
    from .plan import Plan
    from .target import Target

__all__ = ["plan_convert"]


def plan_convert(
    target: Target,
    source: Side,
    *,
    storetype: str | None = None,
    password: Password | None = None,
    key_password: Password | None = None,
    encryption: Encryption | None = None,
    make_visible: bool = False,
    skip_unsupported: bool = False,
    force: bool = False,
    now_ms: int | None = None,
) -> Plan:
    """The plan that makes the target hold what the source holds, in a format of its own.

    Args:
        target: the file to be. When it is the source itself, that is converted in place.
        source: what to convert; ``native`` when it is the target.
        storetype: the format; else that of the target there is, else what its suffix promises.
        password: of the target; None where the target or the format needs none.
        key_password: of the keys in it, where it is not to be the store's. Not in a PKCS12.
        encryption: of a PKCS12.
        make_visible: certificates of a PKCS12 that Java does not list become trusted entries
            in a PKCS12 as well. In another format they are anyway.
        skip_unsupported: leave out what the format has no place for.
        force: what the target holds and the source has not may go; its format may change.
        now_ms: the date of entries that have none, milliseconds since 1970 UTC.

    Raises:
        UsageError: nothing to do was said; an encryption for a format that has one way.
        WriteRefused: the format has no place for an entry, or the target holds more.
        PasswordRequired, WrongPassword: a key can't be opened, or nothing seals it.
    """
    format = _format(target, source, storetype, force=force)
    if encryption is not None and format != "PKCS12":
        raise UsageError(f"the encryption {encryption.name!r} is one of PKCS12, not of {format}")
    if key_password is not None and format == "PKCS12":
        raise UsageError(
            "in a PKCS12 the password of a key is that of the store: Java can't open it otherwise",
            hint="leave --dest-keypass out",
        )
    if password is None and (source.native or target.store is not None):
        password = target.password
    if format == "PKCS12" and password is not None and password.text is None:
        encryption = encryption or named("passwordless")
    if format == source.store.format and (source.native or target.store is None):
        return _again(target, source, password, key_password, encryption, make_visible=make_visible)
    there = target.store
    beside = None
    if there is not None and not source.native and there.format == format:
        beside = Side(target.path, there, replace(source.opens, store=password))
    need_password(format, password, target.path, "--dest-storepass")
    renew = encryption is not None and there is not None and not encrypted_as(there, encryption)
    fresh = there is None or there.format != format
    seals = encryption if fresh or renew else None
    union = Union(
        Sealing(
            format,
            password,
            key_password,
            seals,
            None if fresh else own_encryption(there),
            visible=make_visible or format != source.store.format,
        ),
        None if renew else beside,
        on_conflict="rename",
    )
    # In place as well nothing is left as it was: the format is another.
    side = Side(source.name, source.store, source.opens)
    for entry in side.store.entries:
        union.take(entry, side)
    if not skip_unsupported:
        refuse_unsupported(union, target.path)
    if beside is not None and not force:
        union.there = beside
        refuse_leftover(union, target.path)
    findings = [*union.findings(), *_new_dates(source.store, format)]
    plan = plan_of(
        target,
        union.result(None if fresh else there),
        password=password,
        encryption=encryption,
        resealed=[entry.alias for entry in source.store.entries] if renew else (),
        steps=_steps(union, in_place=source.native),
        findings=findings,
        now_ms=now_ms,
    )
    return settled(plan)


def _steps(union: Union, *, in_place: bool) -> list[Step]:
    """What is worth telling: in place nothing is new, but for aliases."""
    told = [step for step in union.steps if step.state != "unchanged"]
    if not in_place:
        return told
    return [
        replace(step, state="renamed") if step.state == "added" else step
        for step in told
        if step.state != "added" or step.message
    ]


def _format(target: Target, source: Side, storetype: str | None, *, force: bool) -> str:
    if storetype is not None:
        format = format_for("", storetype)
    elif source.native:
        format = source.store.format
    elif target.store is not None:
        return target.store.format
    else:
        return format_for(target.path)
    held = target.store
    if held is not None and not source.native and held.format != format and not force:
        raise WriteRefused(
            f"it is a {held.format}, and was asked to be a {format}",
            hint="choose another name, or --force to replace it; a backup is kept",
            path=target.path,
        )
    return format


def _again(
    target: Target,
    source: Side,
    password: Password | None,
    key_password: Password | None,
    encryption: Encryption | None,
    *,
    make_visible: bool,
) -> Plan:
    """The same format, encrypted in another way; what need not change stays as it is."""
    store = source.store
    findings: list[Finding] = []
    entries: list[Entry] = []
    resealed: list[str] = []
    renew = encryption is not None and not encrypted_as(store, encryption)
    if renew and encryption is not None and encryption.mac is None:
        findings += _still_sealed(store)
    hidden = [entry.alias for entry in store.entries if invisible(entry)]
    into = Sealing(store.format, password, key_password, encryption)
    other = password is not None and password != source.opens.store
    for entry in store.entries:
        if isinstance(entry, PrivateKey | SecretKey):
            changed = _resealed(entry, source, into) if renew or other or key_password else entry
            resealed += [entry.alias] if changed is not entry else []
            entry = changed
        elif make_visible and invisible(entry):
            entry = replace(entry, attributes=None)
        entries.append(entry)
    if hidden:
        findings.append(_hidden(hidden, made=make_visible))
    return plan_of(
        target,
        replace(store, entries=tuple(entries)),
        password=password,
        encryption=encryption,
        repassword=source.native and other and password != target.password,
        resealed=resealed,
        findings=findings,
    )


def _resealed(entry: PrivateKey | SecretKey, source: Side, into: Sealing) -> Entry:
    """A key under the password it is to have; itself when nothing is different."""
    key, by = opened(entry, source.opens)
    own = into.format != "PKCS12" and by is not None and by != source.opens.store
    seals = into.keys or (by if own else into.password)
    if seals is None or seals.text is None:
        seals = by  # Java does not list keys in clear
    if seals is None or (seals == by and into.encryption is None):
        return entry
    sealed = seal_again(key, entry.sealed, into.format, seals, into.encryption)
    return replace(entry, sealed=sealed)


def _hidden(names: list[str], *, made: bool) -> Finding:
    shown = ", ".join(map(repr, names[:3])) + (", ..." if len(names) > 3 else "")
    if made:
        return Finding(
            "made-visible",
            "warning",
            "",
            f"trusted entries now, which Java did not list before: {shown}",
            "storekeeper delete takes out what should not be trusted",
        )
    return Finding(
        "java-invisible",
        "warning",
        "",
        f"{counted(len(names), 'certificate', 'certificates')} still not listed by Java: {shown}",
        "--make-visible makes trusted entries of them",
    )


def _still_sealed(store: Store) -> list[Finding]:
    keys = [one.alias for one in store.entries if isinstance(one, PrivateKey | SecretKey)]
    if not keys:
        return []
    return [
        Finding(
            "key-password-differs",
            "info",
            "",
            f"{counted(len(keys), 'key stays', 'keys stay')} under a password, though the store "
            "has none: Java does not list a key in clear",
        )
    ]


def _new_dates(store: Store, format: str) -> list[Finding]:
    from .fitting import keeps_date

    new = [one for one in store.entries if one.created_ms is None and keeps_date(format, one)]
    if not new or format == "PKCS12":
        return []
    return [
        Finding(
            "dates-made",
            "info",
            "",
            f"{counted(len(new), 'entry has', 'entries have')} no creation date, which a {format} "
            "needs: it is the time of this change",
        )
    ]
