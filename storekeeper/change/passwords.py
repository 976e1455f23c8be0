"""Another password: of a store, with its keys, or of one key."""

from __future__ import annotations

from ..errors import PasswordError, UsageError, WriteRefused
from ..formats.encryption import MODERN, named
from ..formats.reseal import open_to_all, seal_again
from ..model import Finding, Password, PrivateKey, SecretKey, kind, replace
from .chosen import entry_named
from .delete import step_about
from .openings import KeyPasswords, opened
from .plan import plan_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.encryption import Encryption
    from ..model import Entry
    from .changes import Step
    from .plan import Plan
    from .target import Target

__all__ = ["plan_key_password", "plan_store_password"]

_WITH_PASSWORD = ("PKCS12", "JKS", "JCEKS")


def plan_store_password(
    target: Target,
    new: Password,
    *,
    keys: KeyPasswords | None = None,
    store_only: bool = False,
    encryption: Encryption | None = None,
) -> Plan:
    """The plan that gives a store another password.

    In a PKCS12 all keys follow, since Java opens them with the store's. In a JKS or JCEKS
    those follow that had the store's old password, and the others keep their own.

    Args:
        target: the store.
        new: `Password(None)` is no password: a PKCS12 without encryption and MAC.
        keys: what opens them; the store's old password is tried as well.
        store_only: keys keep the passwords they have. Not for a PKCS12 with a password.
        encryption: of a PKCS12. None is as it was; `MODERN` where it had no password, and
            "passwordless" where it is to have none.

    Raises:
        WriteRefused: the format has no such password, or needs one; keys would be left
            that nobody could open with the store's password.
        PasswordRequired, WrongPassword: a key of a PKCS12 can't be opened.
    """
    assert target.store is not None
    store, old = target.store, target.password
    if store.format not in _WITH_PASSWORD:
        raise WriteRefused(
            f"a {store.format} file as a whole has no password; a key in it may have one",
            hint="--key ALIAS --new-keypass changes that of a key; storekeeper convert makes a "
            "store with a password",
            path=target.path,
        )
    pkcs12 = store.format == "PKCS12"
    if new.text is None:
        if not pkcs12:
            raise WriteRefused(
                f"a {store.format} can't be without a password: its digest is made with one",
                hint="storekeeper convert --storetype PKCS12 --compat passwordless makes a store "
                "without",
                path=target.path,
            )
        encryption = encryption or named("passwordless")
    without = pkcs12 and open_to_all(store)
    if without and new.text is not None:
        encryption = encryption or MODERN
    passwords = replace(keys or KeyPasswords(), store=None if without else old)
    if pkcs12 and new.text is None and not store_only:
        _refuse_bare(store.entries, target.path)
    same = new.text is None if without else old is not None and old.text == new.text
    entries: list[Entry] = []
    steps: list[Step] = []
    resealed: list[str] = []
    for entry in store.entries:
        if not isinstance(entry, PrivateKey | SecretKey) or (store_only and not pkcs12):
            entries.append(entry)
            continue
        if pkcs12:
            changed = entry if new.text is None else _follow(entry, passwords, new, encryption)
            if store_only and new.text is not None and changed is not entry:
                raise WriteRefused(
                    "the key would keep a password that is not the store's, and Java opens the "
                    "keys of a PKCS12 with the store's",
                    alias=entry.alias,
                    hint="leave --store-only out, or convert to JKS",
                    path=target.path,
                )
        else:
            changed = _with_the_store(entry, old, new, store.format, steps, same=same)
        if changed is not entry:
            resealed.append(entry.alias)
        entries.append(changed)
    return plan_of(
        target,
        replace(store, entries=tuple(entries)),
        password=new,
        encryption=None if same and not resealed else encryption,
        repassword=not same,
        resealed=resealed,
        steps=steps,
        findings=_about(store.entries, new) if store_only and not same else (),
    )


def plan_key_password(
    target: Target, alias: str, new: Password, *, keys: KeyPasswords | None = None
) -> Plan:
    """The plan that gives one key another password; the store keeps its own.

    Args:
        target: the store.
        alias: of the key.
        new: `Password(None)` leaves it in clear, in a PEM.
        keys: what opens it; the store's password is tried as well.

    Raises:
        NoSuchEntry: no entry has that alias.
        UsageError: it is no key.
        WriteRefused: it is in a PKCS12, and the password not the store's.
        PasswordRequired, WrongPassword: it can't be opened.
    """
    assert target.store is not None
    store = target.store
    entry = entry_named(store, alias)
    if not isinstance(entry, PrivateKey | SecretKey):
        raise UsageError(
            f"a {kind(entry).replace('-', ' ')} has no password of its own",
            alias=entry.alias,
            path=target.path,
        )
    whole = target.password
    if store.format == "PKCS12" and (whole is None or whole.text != new.text):
        raise WriteRefused(
            "in a PKCS12 the key's password has to be that of the store: Java can't open it "
            "otherwise",
            alias=entry.alias,
            hint="change the store's with --new-storepass, and the keys follow; or convert to JKS",
            path=target.path,
        )
    changed = _follow(entry, replace(keys or KeyPasswords(), store=whole), new, None, store.format)
    if changed is entry:
        return plan_of(target, store, steps=[step_about("unchanged", entry)])
    entries = tuple(changed if one is entry else one for one in store.entries)
    return plan_of(target, replace(store, entries=entries), resealed=[entry.alias])


def _follow(
    entry: PrivateKey | SecretKey,
    passwords: KeyPasswords,
    new: Password,
    encryption: Encryption | None,
    format: str = "PKCS12",
) -> Entry:
    """The entry under the new password; itself when it is so already."""
    # In clear is one thing, under a password another.
    if _opens(entry, new) and _bare(entry) == (new.text is None):
        return entry
    key = opened(entry, passwords)[0]
    sealed = seal_again(key, entry.sealed, format, new, encryption)
    return replace(entry, sealed=sealed)


def _with_the_store(
    entry: PrivateKey | SecretKey,
    old: Password | None,
    new: Password,
    format: str,
    steps: list[Step],
    *,
    same: bool,
) -> Entry:
    """A key of a JKS or JCEKS: it follows if it had the password of the store."""
    if same or _opens(entry, new):
        return entry
    if old is None or not _opens(entry, old):
        message = "it has a password of its own, and keeps it"
        steps.append(step_about("unchanged", entry, message))
        return entry
    key = opened(entry, KeyPasswords(store=old))[0]
    return replace(entry, sealed=seal_again(key, entry.sealed, format, new))


def _opens(entry: PrivateKey | SecretKey, password: Password) -> bool:
    from ..errors import InputError

    try:
        entry.sealed.opener(entry.sealed.data, password)
    except (PasswordError, InputError):
        return False
    return True


def _bare(entry: PrivateKey | SecretKey) -> bool:
    """Whether it lies in clear, and any password opens it."""
    from ..errors import InputError

    try:
        entry.sealed.opener(entry.sealed.data, None)
    except (PasswordError, InputError):
        return False
    return True


def _refuse_bare(entries: tuple[Entry, ...], path: str) -> None:
    for entry in entries:
        if isinstance(entry, PrivateKey | SecretKey) and not _bare(entry):
            raise WriteRefused(
                "a PKCS12 without a password would have its keys in clear, and Java does not list "
                "such keys",
                alias=entry.alias,
                hint="--store-only takes the password from the certificates alone, and keys keep "
                "theirs",
                path=path,
            )


def _about(entries: tuple[Entry, ...], new: Password) -> tuple[Finding, ...]:
    keys = [one.alias for one in entries if isinstance(one, PrivateKey | SecretKey)]
    if not keys:
        return ()
    return (
        Finding(
            "key-password-differs",
            "warning",
            "",
            f"the password of {len(keys)} {'key' if len(keys) == 1 else 'keys'} is not changed: "
            f"{', '.join(keys[:5])}{', ...' if len(keys) > 5 else ''}",
            "whoever reads them needs both passwords"
            if new.text is not None
            else "Java opens them with their password when it is given as the store's",
        ),
    )
