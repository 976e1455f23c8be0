"""A certificate, or a private key, by itself: DER, and the base64 of it without armour."""

from __future__ import annotations

from .. import der
from ..errors import Damaged, StorekeeperError, WriteRefused
from ..frozen import Frozen
from ..model import (
    LIMITS,
    Certificate,
    Finding,
    Opaque,
    Password,
    PrivateKey,
    Store,
    TrustedCert,
    kind,
)
from ..x509 import facts_or_none
from . import pem_keys
from .detect import bare_base64
from .labels import Labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from ..model import Entry, Limits


class _Layout(Frozen):
    data: bytes
    values: tuple[object, ...]

    _hidden: ClassVar[frozenset[str]] = frozenset({"data", "values"})


def read(data: bytes, password: Password | None = None, limits: Limits = LIMITS) -> Store:  # noqa: ARG001 - as every codec
    """The certificate or key in a DER file.

    Several certificates one after the other are read as several entries, as Java does.
    Other bytes that follow are kept as `Opaque` and reported.

    Raises:
        Damaged: the first value breaks off, or is no certificate and no key.
    """
    findings: list[Finding] = []
    encoded = data
    if data[:1] != b"\x30":
        decoded = bare_base64(data)
        if decoded is None:
            raise Damaged(
                f"expected a SEQUENCE, found {der.tag_name(data[0]) if data else 'nothing'}",
                offset=0,
            )
        encoded = decoded
        findings.append(
            Finding("no-armour", "warning", "", "base64 without its PEM armour; "
                    "keytool and OpenSSL do not read that")
        )  # fmt: skip
    entries = _entries(encoded, findings, limits)
    values = tuple(map(_value, entries))
    return Store("DER", tuple(entries), findings=tuple(findings), layout=_Layout(data, values))


def write(store: Store, password: Password | None = None) -> bytes:  # noqa: ARG001 - as every codec
    """The DER of the store's only entry.

    Raises:
        WriteRefused: the store does not hold exactly one certificate or open key.
    """
    values = tuple(map(_value, store.entries))
    if isinstance(store.layout, _Layout) and store.layout.values == values:
        return store.layout.data
    if len(store.entries) != 1:
        raise WriteRefused(
            f"a DER file holds one certificate, here are {len(store.entries)} entries",
            hint="write PEM or PKCS7 for several",
        )
    match store.entries[0]:
        case TrustedCert(certificate=certificate):
            return certificate.der
        case PrivateKey(chain=(), sealed=sealed) if pem_keys.label_of(sealed):
            return sealed.data
        case entry:
            raise WriteRefused(
                f"a DER file holds one certificate, here is a {kind(entry)}",
                alias=entry.alias,
                hint="write PEM or PKCS12",
            )


def _entries(data: bytes, findings: list[Finding], limits: Limits) -> list[Entry]:
    first = der.read(data)
    entries: list[Entry] = []
    labels = Labels()
    certificate = Certificate(first.raw)
    if facts_or_none(certificate) is not None:
        entries.append(TrustedCert(labels.of(certificate), certificate))
    elif _is_key(first.raw):
        entries.append(PrivateKey("key", (), pem_keys.from_der(first.raw)))
    else:
        # Its outside is a certificate's: detect has seen that.
        alias = labels.of(certificate)
        entries.append(TrustedCert(alias, certificate))
        findings.append(
            Finding("unreadable-entry", "warning", alias, "the certificate can't be parsed")
        )
    at = first.after
    while at < len(data) and len(entries) < limits.entries:
        try:
            following = Certificate(der.read(data, at).raw)
        except StorekeeperError:
            break
        if facts_or_none(following) is None:
            break
        entries.append(TrustedCert(labels.of(following), following))
        at += len(following.der)
    if at < len(data):
        findings.append(
            Finding("trailing-bytes", "warning", "", f"{len(data) - at} bytes follow at byte {at}")
        )
        entries.append(Opaque("", "bytes after the value", data[at:]))
    elif len(entries) > 1:
        findings.append(
            Finding("several-certificates", "info", "",
                    f"{len(entries)} certificates follow each other; OpenSSL reads the first")
        )  # fmt: skip
    return entries


def _is_key(data: bytes) -> bool:
    try:
        pem_keys.shape(data)
    except StorekeeperError:
        return False
    return True


def _value(entry: Entry) -> object:
    return entry.certificate if isinstance(entry, TrustedCert) else entry
