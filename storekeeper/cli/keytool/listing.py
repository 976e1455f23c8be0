"""``keytool -list``: what is printed of a keystore and its entries."""

from __future__ import annotations

import time

from ...model import Opaque, PrivateKey, TrustedCert
from ...names import printable
from .certificate import readable_form
from .java_text import date, fingerprint, pem, utf16_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from ...model import Certificate, Entry, Store

    Style = Literal["short", "v", "rfc"]

_RULE = "*******************************************\n"


def whole(store: Store, type: str, provider: str, style: Style) -> Iterator[str]:
    """A keystore: heading, then every entry, sorted by alias as keytool does.

    Args:
        store: what was read.
        type: its type, for the heading.
        provider: Java's name for who reads it, for the heading.
        style: "v" and "rfc" as the options.
    """
    shown = seen_by_java(store)
    count = len(shown)
    yield f"Keystore type: {type}\nKeystore provider: {provider}\n\n"
    yield f"Your keystore contains {count} {'entry' if count == 1 else 'entries'}\n\n"
    trusted = trusted_by(store)
    for alias in sorted(shown, key=utf16_order):
        yield entry(shown[alias], alias, style, trusted)
        if style != "short":
            yield f"\n\n{_RULE}{_RULE}\n\n"


def one(store: Store, alias: str, style: Style) -> str | None:
    """One entry, under the name it was asked by; None when there is no such entry."""
    found = find(store, alias)
    return None if found is None else entry(found, alias, style, trusted_by(store))


def find(store: Store, alias: str) -> Entry | None:
    """The entry Java has under a name; one it does not see is none."""
    return seen_by_java(store).get(alias.lower())


def entry(found: Entry, alias: str, style: Style, trusted: frozenset[Certificate]) -> str:
    """One entry.

    Args:
        found: the entry.
        alias: the name it is shown under.
        style: as for `whole`.
        trusted: the certificates whose signature nobody relies on, see `certificate.long_form`.
    """
    kind, name = _kind(found), printable(alias)
    # A PKCS12 keeps no date with a certificate; Java says when it read it.
    created = time.time() if found.created_ms is None else found.created_ms / 1000
    made = date(int(created // 1))
    if style == "short":
        shown = f"{name}, {made}, {kind}, \n"
        if isinstance(found, PrivateKey) and not found.chain:
            return f"{shown}Certificate chain length: 0\n"
        if certificate := _first(found):
            shown += f"Certificate fingerprint (SHA-256): {fingerprint(certificate.sha256)}\n"
        return shown
    shown = f"Alias name: {name}\nCreation date: {made}\nEntry type: {kind}\n"
    form: Callable[[Certificate], str] = (
        (lambda certificate: pem(certificate.der))
        if style == "rfc"
        else (lambda certificate: readable_form(certificate, trusted=certificate in trusted))
    )
    match found:
        case TrustedCert():
            return f"{shown}\n{form(found.certificate)}"
        case PrivateKey():
            chain = "".join(
                f"Certificate[{number}]:\n{form(link)}"
                for number, link in enumerate(found.chain, 1)
            )
            return f"{shown}Certificate chain length: {len(found.chain)}\n{chain}"
    return shown


def _kind(found: Entry) -> str:
    match found:
        case TrustedCert():
            return "trustedCertEntry"
        case PrivateKey():
            return "PrivateKeyEntry"
    return "SecretKeyEntry"


def _first(found: Entry) -> Certificate | None:
    match found:
        case TrustedCert():
            return found.certificate
        case PrivateKey():
            return found.chain[0]
    return None


def trusted_by(store: Store) -> frozenset[Certificate]:
    """The certificates that are entries of their own."""
    return frozenset(e.certificate for e in store.entries if isinstance(e, TrustedCert))


def seen_by_java(store: Store) -> dict[str, Entry]:
    """Alias to entry, as Java has them: aliases in lower case, the last of a name counts."""
    entries = [found for found in store.entries if not isinstance(found, Opaque)]
    if store.format == "PKCS12":
        from ...formats.pkcs12_java import listed

        entries = list(filter(listed, entries))
    return {found.alias.lower(): found for found in entries}
