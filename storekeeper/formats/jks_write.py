"""Writing JKS and JCEKS; the layout is told in `jks`."""

from __future__ import annotations

import os
import struct
import time

from ..errors import InputError, PasswordRequired, UsageError, WriteRefused
from ..model import (
    Certificate,
    Entry,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
    kind,
)
from . import mutf8, serialized
from .jks_keys import JCEKS_SCHEMES, JKS_SCHEMES, open_jceks_key, open_jks_key, open_secret, scheme
from .jks_layout import MAGIC, PRIVATE, SECRET, TRUSTED, X509, Layout, Spelling, digest

_RESEAL = "seal it again for this format, which needs the key's password"


def write(
    store: Store,
    password: Password | None = None,
    *,
    format: str | None = None,
    now_ms: int | None = None,
) -> bytes:
    """The bytes of ``store`` as a JKS or JCEKS.

    A store read from that format and not changed since is the same bytes again, and needs
    no password. Whatever followed the digest is kept. Entry attributes of other formats
    have no place here and are left out.

    Args:
        store: its keys must be sealed as this format seals them; see `seal_private_key`.
        password: for the digest; a changed or new store can't be written without.
        format: "JKS" or "JCEKS"; that of the store unless given.
        now_ms: the date of entries that have none, in milliseconds since 1970; unless
            given, ``SOURCE_DATE_EPOCH`` (seconds) where set, or the time now.

    Raises:
        PasswordRequired: none was given, and one is needed.
        WriteRefused: the format can't hold an entry, or not as it is sealed (named).
        UsageError: another format, or an unreadable ``SOURCE_DATE_EPOCH``.
    """
    target = store.format if format is None else format
    if target not in MAGIC:
        raise UsageError(f"expected the format JKS or JCEKS, found {target!r}")
    layout = store.layout
    if not isinstance(layout, Layout) or layout.format != target:
        layout = None
    content = _content(store, target, layout, now_ms)
    if password is None or password.text is None:
        if layout and len(content) == layout.content and layout.data.startswith(content):
            return layout.data
        raise PasswordRequired(
            f"a {target} can't be written without a password, which its digest needs"
        )
    trailing = layout.trailing if layout else b""
    return b"".join((content, digest(content, password.text), trailing))


def _content(store: Store, target: str, layout: Layout | None, now_ms: int | None) -> bytes:
    version = layout.version if layout else 2
    if any(certificate.type != X509 for certificate in store.certificates()):
        version = 2  # version 1 has no room for a type
    parts = [MAGIC[target], struct.pack(">II", version, len(store.entries))]
    for entry in store.entries:
        try:
            _entry(parts, entry, target, version, now_ms)
        except WriteRefused as error:
            raise error.at(alias=entry.alias) from None
    return b"".join(parts)


def _entry(parts: list[bytes], entry: Entry, target: str, version: int, now_ms: int | None) -> None:
    spelling = entry.origin if isinstance(entry.origin, Spelling) else None
    match entry:
        case TrustedCert():
            _head(parts, TRUSTED, entry, spelling, now_ms)
            _certificate(parts, entry.certificate, version, spelling, 0)
        case PrivateKey():
            _check_key(entry, target)
            _head(parts, PRIVATE, entry, spelling, now_ms)
            _sized(parts, entry.sealed.data, "the sealed key")
            parts.append(struct.pack(">I", len(entry.chain)))
            for index, certificate in enumerate(entry.chain):
                _certificate(parts, certificate, version, spelling, index)
        case SecretKey():
            _check_secret(entry, target)
            _head(parts, SECRET, entry, spelling, now_ms)
            parts.append(entry.sealed.data)
        case _:
            raise WriteRefused(f"a {target} can't hold a {kind(entry)} entry ({entry.what})")


def _check_key(entry: PrivateKey, target: str) -> None:
    """Refuse a key that Java could not open in this format.

    One that was found in it is written as found, whatever Java thinks of it.
    """
    opener, data = entry.sealed.opener, entry.sealed.data
    if opener is (open_jks_key if target == "JKS" else open_jceks_key):
        return
    readable = JKS_SCHEMES if target == "JKS" else JCEKS_SCHEMES
    if opener in (open_jks_key, open_jceks_key) and scheme(data) in readable:
        return
    raise WriteRefused(
        f"the private key is sealed with {entry.sealed.scheme}, and a {target} holds keys sealed "
        f"with {' or '.join(sorted(readable))} only",
        hint=_RESEAL,
    )


def _check_secret(entry: SecretKey, target: str) -> None:
    if target == "JKS":
        raise WriteRefused(
            "a JKS can't hold secret keys; Java refuses them too",
            hint="write a PKCS12 or JCEKS instead",
        )
    data = entry.sealed.data
    if entry.sealed.opener is open_secret:
        try:
            if serialized.parse(data)[1] == len(data):
                return
        except InputError:
            pass
    raise WriteRefused(
        f"the secret key is sealed with {entry.sealed.scheme}, and a JCEKS holds serialised Java "
        "objects only",
        hint=_RESEAL,
    )


def _head(
    parts: list[bytes], tag: int, entry: Entry, spelling: Spelling | None, now_ms: int | None
) -> None:
    parts.append(struct.pack(">I", tag))
    _string(parts, entry.alias, spelling.alias if spelling else None, "the alias")
    created = entry.created_ms
    if created is None:
        created = _now_ms() if now_ms is None else now_ms
    try:
        parts.append(struct.pack(">q", created))
    except struct.error:
        raise WriteRefused(f"the date {created} ms does not fit 64 bits") from None


def _now_ms() -> int:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return time.time_ns() // 1_000_000
    try:
        return int(epoch) * 1000
    except ValueError:
        raise UsageError(
            f"SOURCE_DATE_EPOCH: expected seconds since 1970, found {epoch!r}"
        ) from None


def _certificate(
    parts: list[bytes],
    certificate: Certificate,
    version: int,
    spelling: Spelling | None,
    index: int,
) -> None:
    if version == 2:
        known = spelling.types[index] if spelling and index < len(spelling.types) else None
        _string(parts, certificate.type, known, "the certificate's type")
    _sized(parts, certificate.der, "the certificate")


def _string(parts: list[bytes], text: str, known: tuple[str, bytes] | None, what: str) -> None:
    raw = known[1] if known and known[0] == text else mutf8.encode(text)
    if len(raw) > 0xFFFF:
        raise WriteRefused(f"{what} takes {len(raw)} bytes, the format has room for 65535")
    parts.append(struct.pack(">H", len(raw)))
    parts.append(raw)


def _sized(parts: list[bytes], content: bytes, what: str) -> None:
    if len(content) > 0x7FFF_FFFF:
        raise WriteRefused(f"{what} of {len(content)} bytes, Java reads 2147483647 at most")
    parts.append(struct.pack(">I", len(content)))
    parts.append(content)
