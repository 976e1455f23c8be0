"""JKS and JCEKS, Java's own keystore formats (JDK: sun.security.provider.JavaKeyStore,
com.sun.crypto.provider.JceKeyStore; no other specification exists).

::

    magic FEEDFEED (JKS) or CECECECE (JCEKS), version 1 or 2, number of entries
    each entry: tag, alias, date, then
        1  private key   length and EncryptedPrivateKeyInfo, chain length, certificates
        2  trusted       certificate
        3  secret key    serialised object (JCEKS only)
    certificate: type string (version 2), length, bytes
    SHA-1 of password, "Mighty Aphrodite" and all of the above

Numbers are big-endian, strings modified UTF-8 after a 16-bit length. An entry does not
say how long it is, so what follows an unknown one can't be read.
"""

from __future__ import annotations

import struct

from ..errors import Damaged, LimitExceeded, Unsupported, WrongPassword
from ..model import (
    LIMITS,
    Certificate,
    Entry,
    Finding,
    Integrity,
    Limits,
    Password,
    PrivateKey,
    Sealed,
    SecretKey,
    Store,
    TrustedCert,
)
from .jks_layout import (
    DIGEST,
    FORMATS,
    KINDS,
    SECRET,
    TRUSTED,
    X509,
    Layout,
    Spelling,
    digest,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from .jks_keys import seal_private_key, seal_secret
    from .jks_write import write

__all__ = ["FORMATS", "read", "seal_private_key", "seal_secret", "write"]


def __getattr__(name: str) -> object:
    # A trust store is read with neither keys nor writing: they are loaded by who needs them.
    if name in __all__:
        from . import jks_keys, jks_write

        return getattr(jks_write if name == "write" else jks_keys, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def read(data: bytes, password: Password | None = None, limits: Limits = LIMITS) -> Store:
    """The store in ``data``; no key is decrypted and no certificate parsed.

    With a password the digest is checked, without (`None` or `Password(None)`) the
    store's integrity is "not-checked".

    Raises:
        WrongPassword: the digest does not fit.
        Damaged: the bytes end early or break the format; the message names the entry.
        Unsupported: neither version 1 nor 2, or an object whose end can't be found.
        LimitExceeded: more entries or certificates than ``limits`` allows.
    """
    data = bytes(data)
    format = FORMATS.get(data[:4])
    if format is None:
        raise Damaged(
            f"expected the magic number feedfeed or cececece, found {data[:4].hex() or 'nothing'}",
            offset=0,
        )
    cursor = _Cursor(data, 4, f"{format} store")
    version = cursor.number(4, "its version")
    if version not in (1, 2):
        raise Unsupported(f"{format} version {version}, expected 1 or 2", offset=4)
    cursor.version = version
    count = cursor.number(4, "its number of entries")
    if count > limits.entries:
        raise LimitExceeded(f"{count} entries, the limit is {limits.entries}", offset=8)
    entries, findings = _entries(cursor, count, format, limits)
    cursor.place = f"{format} store"
    content = cursor.at
    found = cursor.take(DIGEST, "the digest after the last entry")
    integrity = Integrity("not-checked", "SHA-1 digest")
    if password is not None and password.text is not None:
        if digest(memoryview(data)[:content], password.text) != found:
            raise WrongPassword("wrong password, or the file was changed")
        integrity = Integrity("verified", "SHA-1 digest")
    findings += _alias_findings(entries)
    if cursor.at < len(data):
        findings.append(
            Finding(
                "trailing-bytes",
                "warning",
                "",
                f"{len(data) - cursor.at} bytes follow the store; Java ignores them",
            )
        )
    layout = Layout(format, version, data, content)
    return Store(format, tuple(entries), integrity, tuple(findings), None, layout)


_HEAD = struct.Struct(">IH")
_MIDDLE = struct.Struct(">q7sI")
_PLAIN_TYPE = b"\0\5X.509"

# A trust store is hundreds of plain entries, and making them is most of the time: their
# slots are filled here without going through __init__, at a quarter of its cost.
_new = object.__new__
_certificate_slots = tuple(
    Certificate.__dict__[name].__set__ for name in ("der", "type", "_sha256", "_cache")
)
_trusted_slots = tuple(TrustedCert.__dict__[name].__set__ for name in TrustedCert._fields)


def _entries(
    cursor: _Cursor, count: int, format: str, limits: Limits
) -> tuple[list[Entry], list[Finding]]:
    entries: list[Entry] = []
    findings: list[Finding] = []
    data = cursor.data
    set_der, set_type, set_sha256, set_cache = _certificate_slots
    set_alias, set_certificate, set_created, set_attributes, set_origin = _trusted_slots
    head, middle = _HEAD.unpack_from, _MIDDLE.unpack_from
    at, size = cursor.at, len(data)
    last = size - _MIDDLE.size - DIGEST
    # Version 1 has no certificate types, and takes the slow road.
    plain = _PLAIN_TYPE if cursor.version == 2 else None
    for number in range(1, count + 1):
        tag, length = head(data, at) if at < last else (0, 0)
        after = at + 6 + length
        if tag == TRUSTED and after <= last:
            raw = data[at + 6 : after]
            created, type, length = middle(data, after)
            start = after + 19
            end = start + length
            if type == plain and end <= size and raw.isascii() and b"\0" not in raw:
                certificate = _new(Certificate)
                set_der(certificate, data[start:end])
                set_type(certificate, X509)
                set_sha256(certificate, None)
                set_cache(certificate, None)
                entry = _new(TrustedCert)
                set_alias(entry, raw.decode())
                set_certificate(entry, certificate)
                set_created(entry, created)
                set_attributes(entry, None)
                set_origin(entry, None)
                entries.append(entry)
                at = end
                continue
        cursor.at = at
        entries.append(_entry(cursor, number, format, limits, findings))
        at = cursor.at
    cursor.at = at
    return entries, findings


def _entry(
    cursor: _Cursor, number: int, format: str, limits: Limits, findings: list[Finding]
) -> Entry:
    """One entry, whatever it is, with every step named."""
    cursor.place = f"entry {number}"
    start = cursor.at
    tag = cursor.number(4, "its kind")
    if tag not in KINDS or (tag == SECRET and format == "JKS"):
        known = "1 or 2" if format == "JKS" else "1, 2 or 3"
        raise Damaged(f"entry {number}: expected kind {known}, found {tag}", offset=start)
    cursor.place = f"{KINDS[tag]} {number}"
    alias = cursor.string("its alias")
    created = int.from_bytes(cursor.take(8, "its date"), "big", signed=True)
    if alias[1] == "malformed":
        findings.append(_malformed(alias[0]))
    types: list[tuple[str, str, bytes]] = []
    if tag == TRUSTED:
        certificate = _certificate(cursor, "the certificate", types)
        return TrustedCert(alias[0], certificate, created, None, _spelling(alias, types))
    if tag == SECRET:
        return SecretKey(
            alias[0],
            _secret(cursor, alias[0], findings),
            created,
            None,
            _spelling(alias, types),
        )
    key = cursor.sized("the sealed key")
    start = cursor.at
    length = cursor.number(4, "the length of the chain")
    if length > limits.chain:
        raise LimitExceeded(
            f"{cursor.place}: a chain of {length} certificates, the limit is {limits.chain}",
            offset=start,
        )
    chain = tuple(
        _certificate(cursor, f"certificate {i} of the chain", types) for i in range(1, length + 1)
    )
    from . import jks_keys

    opener = jks_keys.open_jks_key if format == "JKS" else jks_keys.open_jceks_key
    sealed = Sealed(jks_keys.scheme(key), key, opener)
    opened = jks_keys.JKS_SCHEMES if format == "JKS" else jks_keys.JCEKS_SCHEMES
    if sealed.scheme not in opened:
        findings.append(
            Finding(
                "unknown-key-protector",
                "warning",
                alias[0],
                f"the private key is sealed with {sealed.scheme}, which Java can't open in a "
                f"{format}",
            )
        )
    return PrivateKey(alias[0], chain, sealed, created, None, _spelling(alias, types))


def _certificate(cursor: _Cursor, step: str, types: list[tuple[str, str, bytes]]) -> Certificate:
    type = (X509, "", b"")
    if cursor.version == 2:
        type = cursor.string(f"the type of {step}")
        types.append(type)
    return Certificate(cursor.sized(step), type[0])


def _secret(cursor: _Cursor, alias: str, findings: list[Finding]) -> Sealed:
    from . import serialized
    from .jks_keys import SEALED_KEY, SECRET_SCHEME, open_secret

    start = cursor.at
    try:
        thing, cursor.at = serialized.parse(cursor.data, start)
    except (Damaged, LimitExceeded, Unsupported) as error:
        raise type(error)(f"{cursor.place}: {error.message}", offset=error.offset) from None
    name = thing.desc.name
    if name != SEALED_KEY:
        findings.append(
            Finding(
                "unknown-secret-key-class",
                "error",
                alias,
                f"the secret key is an object of the Java class {name}, expected {SEALED_KEY}; "
                "Java refuses the whole store",
                hint="delete the entry, or ask the tool that wrote it for the key",
            )
        )
    text = SECRET_SCHEME if name == SEALED_KEY else f"serialised {name}"
    return Sealed(text, cursor.data[start : cursor.at], open_secret)


def _spelling(
    alias: tuple[str, str, bytes], types: list[tuple[str, str, bytes]]
) -> Spelling | None:
    """A note for `write`, where any string is not as Java would write it."""
    if alias[1] or any(type[1] for type in types):
        return Spelling((alias[0], alias[2]), tuple((type[0], type[2]) for type in types))
    return None


def _malformed(alias: str) -> Finding:
    return Finding(
        "alias-malformed",
        "error",
        alias,
        "the alias is not in Java's modified UTF-8; Java refuses the whole store",
        hint="rename the entry: a new alias is written as Java reads it",
    )


def _alias_findings(entries: list[Entry]) -> list[Finding]:
    """Entries Java does not find: it keeps one an alias, and looks up in lower case.

    `JavaKeyStore` and `JceKeyStore` fill a hash table with the aliases as they are stored,
    and every question to it, "is this a certificate entry" included, is asked in lower case.
    """
    aliases = [entry.alias for entry in entries]
    findings = []
    if len(set(aliases)) < len(aliases):
        counts: dict[str, int] = {}
        for alias in aliases:
            counts[alias] = counts.get(alias, 0) + 1
        findings += [
            Finding(
                "duplicate-alias",
                "warning",
                alias,
                f"{times} entries have this alias; Java keeps the last of them",
                hint="rename or delete all but one",
            )
            for alias, times in counts.items()
            if times > 1
        ]
    joined = "\n".join(aliases)
    if joined != joined.lower():
        known = set(aliases)
        for alias in dict.fromkeys(aliases):
            low = alias.lower()
            if low == alias:
                continue
            there = "the entry of that alias" if low in known else "nothing"
            findings.append(
                Finding(
                    "alias-not-lower-case",
                    "warning",
                    alias,
                    f"Java lists this alias, looks it up as {low!r}, and finds {there}: "
                    "this entry is neither trusted nor used",
                    hint="rename it to an alias in lower case that is not taken",
                )
            )
    return findings


class _Cursor:
    """A place in the bytes; every step forward is checked against what is left."""

    __slots__ = ("at", "data", "place", "version")

    def __init__(self, data: bytes, at: int, place: str) -> None:
        self.data = data
        self.at = at
        self.place = place
        self.version = 2

    def take(self, size: int, step: str) -> bytes:
        at = self.at
        if size > len(self.data) - at:
            self.short(size, step)
        self.at = at + size
        return self.data[at : at + size]

    def short(self, size: int, step: str) -> NoReturn:
        left = len(self.data) - self.at
        raise Damaged(
            f"{self.place}: {step}: expected {size} bytes, {left} are left", offset=self.at
        )

    def number(self, size: int, step: str) -> int:
        return int.from_bytes(self.take(size, step), "big")

    def sized(self, step: str) -> bytes:
        return self.take(self.number(4, f"the length of {step}"), step)

    def string(self, step: str) -> tuple[str, str, bytes]:
        """A string's text, what is unusual about it, and its bytes."""
        raw = self.take(self.number(2, f"the length of {step}"), step)
        from .mutf8 import decode

        text, unusual = decode(raw)
        return text, unusual, raw
