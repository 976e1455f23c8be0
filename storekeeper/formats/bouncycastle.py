"""BouncyCastle's BKS and UBER stores, reading (BC class BcKeyStoreSpi).

Both hold the same list of entries. BKS has it in the open with an HMAC-SHA1 after it, keyed
by PKCS#12's derivation; UBER encrypts it with Twofish. The list is walked here, so its
bounds are checked and certificates are listed without a password; Twofish comes from
pyjks, the extra ``storekeeper[bouncycastle]``. pyjks reads BKS as well, and is a second opinion
in the tests; it is not used for that because it refuses stores with two like aliases,
Java's modified UTF-8, and a missing password.
"""

from __future__ import annotations

import hmac
from hashlib import sha1

from ..errors import (
    Damaged,
    LimitExceeded,
    PasswordRequired,
    Unsupported,
    WrongPassword,
)
from ..model import (
    LIMITS,
    Certificate,
    Finding,
    Integrity,
    Opaque,
    Password,
    PrivateKey,
    Sealed,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model import Entry, Limits

_CERTIFICATE, _KEY, _SECRET, _SEALED = 1, 2, 3, 4
_PRIVATE_KEY, _PUBLIC_KEY, _SECRET_KEY = 0, 1, 2
_DIGEST = 20
_CIPHER = "PBEWithSHAAnd3-KeyTripleDES-CBC"
_CHANGED = "wrong password, or the store was changed"
EXTRA = "storekeeper[bouncycastle]"


def read(data: bytes, password: Password | None = None, limits: Limits = LIMITS) -> Store:
    """The store in a BKS or UBER file.

    A sealed entry does not say whether it is a private key or a secret one before it is
    opened; one with a certificate chain is taken for the former, one without for the latter.

    Raises:
        PasswordRequired: for UBER, when there is none.
        WrongPassword: the HMAC (BKS) or the digest (UBER) does not fit.
        Unsupported: UBER, and pyjks or its Twofish is not installed.
        Damaged, LimitExceeded.
    """
    cursor = _Cursor(data)
    version = cursor.number(4, "version")
    if version > 2:
        raise Damaged(f"BKS or UBER: expected version 0, 1 or 2, found {version}", offset=0)
    salt = cursor.sized("salt")
    if not 1 <= len(salt) <= limits.salt_length:
        raise LimitExceeded(f"a salt of {len(salt)} bytes", offset=4)
    iterations = cursor.number(4, "iterations")
    # As in `_open`: UBER takes a key of two runs and an initialization vector.
    most = limits.kdf_iterations // 5
    if not 1 <= iterations <= most:
        raise LimitExceeded(
            f"{iterations} iterations, at most {most} are worked off", offset=cursor.at - 4
        )
    if version < 2 and not looks_plain(data, cursor.at):
        return _read_uber(data[cursor.at :], password, salt, iterations, limits)
    start = cursor.at
    findings: list[Finding] = []
    entries = _entries(cursor, limits, findings)
    content = data[start : cursor.at]
    found = cursor.take(_DIGEST, "HMAC")
    if cursor.at < len(data):
        findings.append(
            Finding(
                "trailing-bytes", "warning", "", f"{len(data) - cursor.at} bytes follow the HMAC"
            )
        )
    if password is None or password.text is None:
        integrity = Integrity("not-checked", f"HMAC-SHA1, {iterations} iterations")
    else:
        # Version 0 and 1 used 20 bits of key where 20 bytes were meant (CVE-2018-5382).
        size = _DIGEST if version == 2 else 2
        key = _derive(password.text, salt, iterations, 3, size)
        if not hmac.compare_digest(hmac.digest(key, content, "sha1"), found):
            raise WrongPassword(_CHANGED)
        integrity = Integrity("verified", f"HMAC-SHA1, {iterations} iterations")
    return Store("BKS", tuple(entries), integrity, tuple(findings))


def looks_plain(data: bytes, at: int) -> bool:
    """Whether a walk over plain entries from ``at`` ends where an HMAC begins."""
    cursor = _Cursor(data, at)
    try:
        for _ in range(LIMITS.entries):
            kind = cursor.number(1, "")
            if kind == 0:
                return len(data) - cursor.at >= _DIGEST
            if kind > _SEALED:
                return False
            cursor.skip_entry(kind)
    except Damaged:
        # Truncated, perhaps: plain if a certificate has been seen.
        return b"X.509" in data[at : cursor.at]
    return False


def open_private(data: bytes, password: Password | None) -> bytes:
    """The opener of a private key; the data is one entry's key, sealed or not."""
    kind, _, key = _open(data, password)
    if kind != _PRIVATE_KEY:
        raise Unsupported("the entry has a certificate chain, and its key is no private key")
    return key


def open_secret(data: bytes, password: Password | None) -> Secret:
    """The opener of a secret key."""
    kind, algorithm, key = _open(data, password)
    if kind != _SECRET_KEY:
        what = "private" if kind == _PRIVATE_KEY else "public"
        raise Unsupported(f"the entry holds a {what} key without certificates")
    return Secret(algorithm, key)


def _open(data: bytes, password: Password | None) -> tuple[int, str, bytes]:
    if data[:1] == bytes((_KEY,)):
        return _key(data[1:])
    from .ciphers import CIPHERS, decrypt

    cursor = _Cursor(data, 1)
    salt = cursor.sized("salt")
    iterations = cursor.number(4, "iterations")
    if not 1 <= len(salt) <= LIMITS.salt_length:
        raise LimitExceeded(f"a salt of {len(salt)} bytes")
    # The key takes two runs and the initialization vector a third, all looped in Python.
    if not 1 <= iterations <= LIMITS.kdf_iterations // 5:
        raise LimitExceeded(f"{iterations} iterations, at most {LIMITS.kdf_iterations // 5}")
    if password is None or password.text is None:
        raise PasswordRequired(f"the key is encrypted ({_CIPHER})")
    cipher = CIPHERS["DES-EDE3-CBC"]
    key = _derive(password.text, salt, iterations, 1, cipher.key_length)
    iv = _derive(password.text, salt, iterations, 2, cipher.iv_length)
    try:
        return _key(decrypt(cipher, key, iv, data[cursor.at :]))
    except (WrongPassword, Damaged):
        raise WrongPassword("wrong password for the key, or the key was changed") from None


def _key(plain: bytes) -> tuple[int, str, bytes]:
    """Kind, algorithm and bytes of a key as `encodeKey` of BcKeyStoreSpi writes it."""
    cursor = _Cursor(plain)
    kind = cursor.number(1, "kind of key")
    cursor.utf("key format")
    algorithm = cursor.utf("key algorithm")
    key = cursor.sized("key")
    if kind > _SECRET_KEY:
        raise Damaged(f"expected a kind of key from 0 to 2, found {kind}")
    return kind, algorithm, key


def _derive(text: str, salt: bytes, iterations: int, purpose: int, length: int) -> bytes:
    from .kdf import bmp, pkcs12_key

    # BC gives the empty password no octets at all (PBEParametersGenerator).
    return pkcs12_key("sha1", bmp(text) if text else b"", salt, iterations, purpose, length)


def _read_uber(
    sealed: bytes, password: Password | None, salt: bytes, iterations: int, limits: Limits
) -> Store:
    if password is None or password.text is None:
        raise PasswordRequired("an UBER store is encrypted as a whole")
    if len(sealed) % 16 or not sealed:
        raise Damaged(f"UBER: expected whole blocks of 16 bytes, found {len(sealed)} bytes")
    plain = _twofish(sealed, password.text, salt, iterations)
    if plain is None or sha1(plain[:-_DIGEST]).digest() != plain[-_DIGEST:]:
        raise WrongPassword(_CHANGED)
    findings: list[Finding] = []
    entries = _entries(_Cursor(plain[:-_DIGEST]), limits, findings)
    integrity = Integrity("verified", f"SHA-1 digest under Twofish, {iterations} iterations")
    return Store("UBER", tuple(entries), integrity, tuple(findings))


def _twofish(data: bytes, text: str, salt: bytes, iterations: int) -> bytes | None:
    """The plain text by pyjks, None when the padding does not fit."""
    try:
        rfc7292, wrong = _pyjks()
    except Exception as problem:  # noqa: BLE001 - twofish 0.3.0 on Python 3.12 fails in its own ways
        missing = problem.name if isinstance(problem, ModuleNotFoundError) else None
        if missing in ("twofish", "jks"):
            raise Unsupported(
                f"UBER is encrypted with Twofish, and the module {missing} is not installed",
                hint=f"pip install '{EXTRA}', which builds C code and so needs a compiler; or "
                "convert the store to PKCS12 by keytool with BouncyCastle's provider",
            ) from None
        raise Unsupported(
            f"UBER is encrypted with Twofish, and the module for it does not start: {problem}",
            hint="twofish 0.3.0 does not work on Python 3.12 and later",
        ) from None
    try:
        plain = rfc7292.decrypt_PBEWithSHAAndTwofishCBC(data, text, salt, iterations)
    except wrong:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it raises, the bytes are at fault
        raise Damaged(f"UBER: pyjks can't decrypt the store ({type(error).__name__})") from None
    return bytes(plain)


def _pyjks() -> tuple[Any, type[Exception]]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # twofish uses the module imp
        # pyjks imports it only in the middle of its work.
        import twofish  # noqa: F401
        from jks import rfc7292
        from jks.util import KeystoreException
    return rfc7292, KeystoreException


def _entries(cursor: _Cursor, limits: Limits, findings: list[Finding]) -> list[Entry]:
    entries: list[Entry] = []
    while cursor.at < len(cursor.data):
        start = cursor.at
        kind = cursor.number(1, "kind of entry")
        if kind == 0:
            break
        if len(entries) >= limits.entries:
            raise LimitExceeded(f"more than {limits.entries} entries", offset=start)
        if kind > _SEALED:
            raise Damaged(f"expected a kind of entry from 0 to 4, found {kind}", offset=start)
        entries.append(_entry(cursor, kind, limits, findings))
    return entries


def _entry(cursor: _Cursor, kind: int, limits: Limits, findings: list[Finding]) -> Entry:
    alias = cursor.utf("alias")
    created = cursor.number(8, "date")
    created -= (created >> 63) << 64
    count = cursor.number(4, "length of the chain")
    if count > limits.chain:
        raise LimitExceeded(f"a chain of {count}, at most {limits.chain} are read",
                            alias=alias, offset=cursor.at - 4)  # fmt: skip
    chain = tuple(cursor.certificate() for _ in range(count))
    if kind == _CERTIFICATE:
        return TrustedCert(alias, cursor.certificate(), created)
    start = cursor.at
    if kind == _KEY:
        cursor.skip_key()
        data = bytes((_KEY,)) + cursor.data[start : cursor.at]
        what, _, _ = _key(data[1:])
        if what == _PRIVATE_KEY:
            return PrivateKey(alias, chain, Sealed("none", data, open_private), created)
        if what == _SECRET_KEY:
            return SecretKey(alias, Sealed("none", data, open_secret), created)
        return Opaque(alias, "public key", data, created)
    data = cursor.sized("key")
    if kind == _SECRET:
        findings.append(
            Finding("opaque-key", "info", alias, "the entry is bytes that were protected before "
                    "they were put into the store; how, is not said")
        )  # fmt: skip
        return Opaque(alias, "protected bytes", data, created)
    sealed = bytes((_SEALED,)) + data
    if chain:
        return PrivateKey(alias, chain, Sealed(_CIPHER, sealed, open_private), created)
    return SecretKey(alias, Sealed(_CIPHER, sealed, open_secret), created)


class _Cursor:
    """A place in the bytes that moves forward and never past their end."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, size: int, what: str) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise Damaged(
                f"{what}: expected {size} bytes, {len(self.data) - self.at} are left",
                offset=self.at,
            )
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def number(self, size: int, what: str) -> int:
        return int.from_bytes(self.take(size, what), "big")

    def sized(self, what: str) -> bytes:
        return self.take(self.number(4, what), what)

    def utf(self, what: str) -> str:
        from .mutf8 import decode

        return decode(self.take(self.number(2, what), what))[0]

    def certificate(self) -> Certificate:
        type = self.utf("certificate type")
        return Certificate(self.sized("certificate"), type)

    def skip_key(self) -> None:
        self.take(1, "kind of key")
        self.take(self.number(2, "key format"), "key format")
        self.take(self.number(2, "key algorithm"), "key algorithm")
        self.sized("key")

    def skip_entry(self, kind: int) -> None:
        self.take(self.number(2, "alias"), "alias")
        self.take(8, "date")
        for _ in range(self.number(4, "length of the chain") + (kind == _CERTIFICATE)):
            self.take(self.number(2, "certificate type"), "certificate type")
            self.sized("certificate")
        if kind == _KEY:
            self.skip_key()
        elif kind != _CERTIFICATE:
            self.sized("key")
