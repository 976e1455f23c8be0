"""Reading and writing stores of every format.

>>> from storekeeper import formats
>>> store = formats.read(data, "changeit", path="cacerts")    # doctest: +SKIP
>>> data = formats.write(store, "changeit")                   # doctest: +SKIP

Each codec is a module with ``read(data, password, limits)`` and, where we write the
format, ``write(store, password, **options)``; it is imported when it is first needed.
"""

from __future__ import annotations

from ..errors import Damaged, LimitExceeded, StorekeeperError, Unsupported, WrongPassword
from ..lazy import load
from ..model import LIMITS, Finding, Password, replace
from .detect import FORMATS, detect, sniff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..model import Limits, Store

__all__ = ["FORMATS", "detect", "read", "sniff", "write"]

_CODECS = {
    "JKS": "jks",
    "JCEKS": "jks",
    "PKCS12": "pkcs12",
    "PEM": "pem",
    "DER": "der_file",
    "PKCS7": "pkcs7",
    "BKS": "bouncycastle",
    "UBER": "bouncycastle",
}
# What a suffix promises. Those not here (.cer and .crt but for PKCS7, .keystore,
# .truststore, .key, none) promise nothing.
_SUFFIXES = {
    ".jks": ("JKS",),
    ".jceks": ("JCEKS",),
    ".jck": ("JCEKS",),
    ".p12": ("PKCS12",),
    ".pfx": ("PKCS12",),
    ".pkcs12": ("PKCS12",),
    ".pem": ("PEM",),
    ".der": ("DER",),
    ".cer": ("DER", "PEM"),
    ".crt": ("DER", "PEM"),
    ".p7b": ("PKCS7",),
    ".p7c": ("PKCS7",),
    ".p7s": ("PKCS7",),
    ".bks": ("BKS",),
    ".uber": ("UBER",),
    ".ubr": ("UBER",),
}
# What to do next, where the codec knows nothing better.
_HINTS: dict[type[StorekeeperError], str] = {
    Damaged: "it was cut off or changed on its way: compare size or checksum with the original, "
    "and copy it in binary mode",
    LimitExceeded: "no honest store needs as much; raise the limit if this one is yours",
    Unsupported: "the tool that wrote it can convert it, to PKCS12 for instance",
    WrongPassword: "blanks and line ends count; to rule out damage, try a copy or a backup",
}


def read(
    data: bytes | bytearray | memoryview,
    password: Password | str | None = None,
    *,
    limits: Limits = LIMITS,
    path: str | None = None,
) -> Store:
    """The store in ``data``, whatever its format.

    Args:
        data: the whole file, as bytes or another buffer.
        password: the store's password; None when nobody has said one.
        limits: how much the input may ask for.
        path: where the bytes came from, for messages and `Store.path`.

    Raises:
        UnknownFormat, Damaged, Unsupported, LimitExceeded, PasswordRequired, WrongPassword:
            each with ``path`` set. Nothing else, on any bytes.
    """
    try:
        if len(data) > limits.file_size:
            raise LimitExceeded(
                f"the file is {len(data)} bytes long, the limit is {limits.file_size}",
                hint="no honest store is as large; raise the limit if this one is yours",
            )
        # Slices of it are kept, hashed and compared.
        data = bytes(data)
        format = detect(data)
        given = Password(password) if isinstance(password, str) else password
        store: Store = _codec(format).read(data, given, limits)
    except StorekeeperError as error:
        error.hint = error.hint or _HINTS.get(type(error), "")
        raise error.at(path=path) from error.__cause__
    if path is not None:
        store = replace(store, path=path, findings=_suffix_findings(path, store) + store.findings)
    return store


def write(store: Store, password: Password | str | None = None, **options: Any) -> bytes:
    """The bytes of a file in ``store.format``; ``options`` are those of the codec's ``write``.

    Raises:
        WriteRefused: the format can't hold what is in the store.
        Unsupported: the format is only read here.
        PasswordRequired, WrongPassword: a key has to be opened for it.
    """
    given = Password(password) if isinstance(password, str) else password
    try:
        codec = _codec(store.format)
        if not hasattr(codec, "write"):
            raise Unsupported(
                f"{store.format} is read here and not written",
                hint="convert to PKCS12, which every Java reads",
            )
        written: bytes = codec.write(store, given, **options)
    except StorekeeperError as error:
        raise error.at(path=store.path) from error.__cause__
    return written


def _codec(format: str) -> ModuleType:
    name = _CODECS.get(format)
    if name is None:
        raise Unsupported(f"{format} is no file format that can be written")
    return load(f"formats.{name}")


def _suffix_findings(path: str, store: Store) -> tuple[Finding, ...]:
    name = path.replace("\\", "/").rsplit("/", 1)[-1].lower()
    suffix = name[name.rfind(".") :] if "." in name else ""
    promised = _SUFFIXES.get(suffix)
    if promised is None or store.format in promised:
        return ()
    return (
        Finding(
            "format-mismatch",
            "info",
            "",
            f"the name ends in {suffix}, which promises {' or '.join(promised)}; "
            f"the content is {store.format}",
            hint="it is read and written as what it is; tools that go by the name may fail",
        ),
    )
