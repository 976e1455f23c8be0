"""Entries in an order somebody wants, as far as the format has one."""

from __future__ import annotations

from ..model import Entry, Opaque, PrivateKey, Store, TrustedCert, replace
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Certificate

__all__ = ["SORTS", "in_order"]

SORTS = ("none", "alias", "expiry", "subject")


def in_order(store: Store, by: str) -> Store:
    """The store with its entries sorted; itself when they are so already.

    In a PKCS12 keys and certificates lie apart, so each are sorted among themselves, and
    what is not understood stays where it is.

    Args:
        store: of any format.
        by: one of `SORTS`. Entries without a certificate come first, by alias.
    """
    if by == "none":
        return store
    key = _KEYS[by]
    if store.format != "PKCS12":
        entries = tuple(sorted(store.entries, key=key))
        return replace(store, entries=entries) if entries != store.entries else store
    rest = [entry for entry in store.entries if isinstance(entry, Opaque)]
    certificates = [entry for entry in store.entries if isinstance(entry, TrustedCert)]
    keys = [entry for entry in store.entries if not isinstance(entry, TrustedCert | Opaque)]
    sorted_keys, sorted_certificates = sorted(keys, key=key), sorted(certificates, key=key)
    if sorted_keys == keys and sorted_certificates == certificates:
        return store
    # Bags that are kept stay in their places, so what moves is laid down anew.
    if sorted_keys != keys:
        sorted_keys = [replace(entry, origin=None) for entry in sorted_keys]
    if sorted_certificates != certificates:
        sorted_certificates = [replace(entry, origin=None) for entry in sorted_certificates]
    return replace(store, entries=(*sorted_keys, *rest, *sorted_certificates))


def _subject(entry: Entry) -> str:
    certificate = _own(entry)
    facts = facts_or_none(certificate) if certificate else None
    return facts.subject.rfc4514().lower() if facts else ""


def _expiry(entry: Entry) -> int:
    certificate = _own(entry)
    facts = facts_or_none(certificate) if certificate else None
    return (facts.not_after if facts else None) or 0


def _own(entry: Entry) -> Certificate | None:
    match entry:
        case TrustedCert():
            return entry.certificate
        case PrivateKey(chain=(own, *_)):
            return own
    return None


_KEYS: dict[str, Callable[[Entry], tuple[object, ...]]] = {
    "alias": lambda entry: (entry.alias.lower(), entry.alias),
    "expiry": lambda entry: (_expiry(entry), entry.alias.lower(), entry.alias),
    "subject": lambda entry: (_subject(entry), entry.alias.lower(), entry.alias),
}
