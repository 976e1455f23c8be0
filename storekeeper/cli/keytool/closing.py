"""keytool's last words, below ``Warning:`` on standard error: weak algorithms, old formats.

Worded as by keytool 17, which later releases shorten; `strength` says what is weak.
"""

from __future__ import annotations

import sys

from ...errors import StorekeeperError
from ...model import PrivateKey, SecretKey, TrustedCert
from ...names import printable
from ...x509 import key_info, passing_facts
from . import listing, strength
from .certificate import described, signature_name
from .java_text import utf16_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...model import Certificate, Entry, Store
    from ...pki.requests import Request as Asked
    from ...x509 import KeyInfo
    from .settling import Done, Keystore
    from .words import Request

    Trusted = frozenset[Certificate]

_NOBODY: Trusted = frozenset()
_RISK = "which is considered a security risk"


def say(request: Request, lines: Iterable[str]) -> None:
    """Say all of it, unless ``-nowarn`` was given."""
    if request.has("nowarn"):
        return
    found = list(lines)
    if found:
        sys.stdout.flush()
        sys.stderr.write("\nWarning:\n" + "".join(f"{line}\n" for line in found))


def finish(request: Request, kept: Keystore, done: Done | None, lines: Iterable[str] = ()) -> None:
    """Say that, and what there is to say of a keystore that may have been changed."""
    result = None if done is None else done.plan.result
    say(request, (*lines, *proprietary(result, kept.path)))


def of_signature(label: str, name: str) -> Iterator[str]:
    """What there is to say of a signature algorithm, by Java's name."""
    yield from _weak(
        f"{label} uses the {name} signature algorithm", strength.of_signature(name), "algorithm"
    )


def of_key(label: str, key: KeyInfo) -> Iterator[str]:
    """What there is to say of a key."""
    name, mark = described(key)
    yield from _weak(f"{label} uses a {name}", mark, "key size")


def of_certificate(
    label: str, certificate: Certificate, trusted: Trusted = _NOBODY
) -> Iterator[str]:
    """What there is to say of a certificate; nobody relies on the signature of a trusted one."""
    found = passing_facts(certificate)
    try:
        if found is not None and certificate not in trusted:
            name = signature_name(found.signature_oid, trusted=True)
            yield from of_signature(label, name)
        if found is not None:
            yield from of_key(label, found.key)
    except StorekeeperError:
        return  # what can't be read is told of where it is shown


def of_certificates(
    label: str, found: Sequence[Certificate], trusted: Trusted = _NOBODY, *, number: bool = True
) -> Iterator[str]:
    """The same of each, numbered if there are several."""
    for place, certificate in enumerate(found, 1):
        one = f"{label} #{place} of {len(found)}" if number and len(found) > 1 else label
        yield from of_certificate(one, certificate, trusted)


def of_entry(
    label: str, entry: Entry, trusted: Trusted = _NOBODY, *, number: bool = True
) -> Iterator[str]:
    """The same of the certificates of an entry."""
    match entry:
        case TrustedCert():
            yield from of_certificate(label, entry.certificate, trusted)
        case PrivateKey():
            yield from of_certificates(label, entry.chain, trusted, number=number)


def of_request(label: str, asked: Asked) -> Iterator[str]:
    """What there is to say of a certificate request."""
    yield from of_signature(label, asked.signature_algorithm)
    yield from of_key(label, key_info(asked.spki))


def of_keystore(store: Store, alias: str | None, *, number: bool) -> Iterator[str]:
    """The same of all entries Java sees in a keystore, or of one, and of its format."""
    trusted = listing.trusted_by(store)
    seen = listing.seen_by_java(store)
    if alias is not None:
        found = seen.get(alias.lower())
        if found is not None:
            yield from of_entry("The certificate", found, trusted, number=number)
    else:
        for name in sorted(seen, key=utf16_order):
            yield from of_entry(f"<{printable(name)}>", seen[name], trusted, number=number)
    yield from proprietary(store, store.path or "")


def proprietary(store: Store | None, path: str) -> Iterator[str]:
    """That a keystore of an old format has keys in it."""
    if store is None or store.format not in ("JKS", "JCEKS"):
        return
    if not any(isinstance(one, PrivateKey | SecretKey) for one in store.entries):
        return
    name = printable(path)
    yield (
        f"The {store.format} keystore uses a proprietary format. It is recommended to migrate to "
        f'PKCS12 which is an industry standard format using "keytool -importkeystore '
        f'-srckeystore {name} -destkeystore {name} -deststoretype pkcs12".'
    )


def _weak(what: str, mark: str, of: str) -> Iterator[str]:
    if mark == "disabled":
        yield f"{what} {_RISK} and is disabled."
    elif mark:
        yield f"{what} {_RISK}. This {of} will be disabled in a future update."
