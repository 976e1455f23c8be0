"""PKCS#7 bundles (.p7b): SignedData that carries certificates and signs nothing.

RFC 2315 section 9.1 and RFC 5652 section 5.1; "degenerate" is the standard's word for a
SignedData without signers. Signatures, where there are any, are not looked at.
"""

from __future__ import annotations

from .. import der
from ..errors import Damaged, LimitExceeded, Unsupported, WriteRefused
from ..frozen import Frozen
from ..model import LIMITS, Certificate, Finding, Opaque, Password, Store, TrustedCert, kind
from ..x509 import facts_or_none
from . import armor
from .labels import Labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from ..model import Entry, Limits

_DATA = "1.2.840.113549.1.7.1"
_SIGNED = "1.2.840.113549.1.7.2"
_KINDS = {
    _DATA: "plain data",
    "1.2.840.113549.1.7.3": "enveloped (encrypted) data",
    "1.2.840.113549.1.7.4": "signed and enveloped data",
    "1.2.840.113549.1.7.5": "digested data",
    "1.2.840.113549.1.7.6": "encrypted data",
}
CRL = "certificate revocation list"
# CertificateChoices of RFC 5652 section 10.2.2.
_CHOICES = {
    0xA0: "PKCS#6 extended certificate",
    0xA1: "attribute certificate, version 1",
    0xA2: "attribute certificate",
    0xA3: "other certificate format",
}


class Content(Frozen):
    """What a SignedData carries.

    Attributes:
        certificates: in file order.
        others: CRLs and certificates of other kinds: what, in words, and the bytes.
        signers: how many have signed.
        trailing: bytes after the value.
    """

    certificates: tuple[Certificate, ...]
    others: tuple[tuple[str, bytes], ...] = ()
    signers: int = 0
    trailing: int = 0


class _Layout(Frozen):
    data: bytes
    values: tuple[object, ...]

    _hidden: ClassVar[frozenset[str]] = frozenset({"data", "values"})


def read(data: bytes, password: Password | None = None, limits: Limits = LIMITS) -> Store:  # noqa: ARG001 - as every codec
    """The store in a PKCS#7 file, DER, BER or armoured.

    Raises:
        Damaged: the bytes break off, or are no ContentInfo.
        Unsupported: it is another content type than signed data.
        LimitExceeded: it holds more than ``limits.entries``.
    """
    encoded = data
    if data[:1] != b"\x30":
        blocks = armor.scan(data, limits)[0]
        if not blocks or blocks[0].der is None:
            problem = blocks[0].problem if blocks else "there is no armoured block"
            raise Damaged(problem, offset=blocks[0].offset if blocks else 0)
        encoded = blocks[0].der
    content = parse(encoded, limits)
    findings: list[Finding] = []
    labels = Labels()
    entries: list[Entry] = []
    for certificate in content.certificates:
        alias = labels.of(certificate)
        entries.append(TrustedCert(alias, certificate))
        if facts_or_none(certificate) is None:
            if len(findings) >= limits.unreadable:
                raise LimitExceeded(f"more than {limits.unreadable} certificates can't be parsed")
            findings.append(
                Finding("unreadable-entry", "warning", alias, "the certificate can't be parsed")
            )
    entries += [Opaque("", what, raw) for what, raw in content.others]
    if content.signers:
        findings.append(
            Finding("signature-not-checked", "info", "",
                    f"{content.signers} signatures in the file were not checked")
        )  # fmt: skip
    if content.trailing:
        findings.append(
            Finding("trailing-bytes", "warning", "", f"{content.trailing} bytes follow the value")
        )
    return Store(
        "PKCS7",
        tuple(entries),
        findings=tuple(findings),
        layout=_Layout(data, tuple(map(_value, entries))),
    )


def parse(data: bytes, limits: Limits = LIMITS) -> Content:
    """What is in the DER or BER of a ContentInfo; raises as `read` does."""
    outer = der.read(data).expect(der.SEQUENCE, "ContentInfo")
    items = outer.items("ContentInfo", at_least=1)
    oid = items[0].oid("content type")
    if oid != _SIGNED:
        raise Unsupported(
            f"PKCS#7 with {_KINDS.get(oid, oid)}; certificates come in signed data ({_SIGNED})"
        )
    if len(items) < 2:
        raise Damaged("signed data: the content is missing", offset=outer.end)
    signed = items[1].expect(0xA0, "content").explicit("signed data")
    parts = signed.expect(der.SEQUENCE, "signed data").items("signed data", at_least=3)
    certificates: list[Certificate] = []
    others: list[tuple[str, bytes]] = []
    signers = 0
    for part in parts[3:]:
        if part.tag not in (0xA0, 0xA1, der.SET):
            raise Damaged(
                f"signed data: expected certificates, CRLs or signers, found "
                f"{der.tag_name(part.tag)}",
                offset=part.start,
            )
        for child in part.children():
            if len(certificates) + len(others) + signers >= limits.entries:
                raise LimitExceeded(f"more than {limits.entries} values", offset=child.start)
            if part.tag == der.SET:
                signers += 1
            elif part.tag == 0xA1:
                others.append((CRL, child.raw))
            elif child.tag == der.SEQUENCE:
                certificates.append(Certificate(child.raw))
            else:
                others.append((_CHOICES.get(child.tag, "unknown certificate"), child.raw))
    return Content(tuple(certificates), tuple(others), signers, len(data) - outer.after)


def write(store: Store, password: Password | None = None) -> bytes:  # noqa: ARG001 - as every codec
    """Degenerate SignedData with the store's certificates, DER but for their order.

    Certificates stay in the order of the entries, as OpenSSL writes them, where DER would
    sort. A store that was read and holds the same things gives the same file again.

    Raises:
        WriteRefused: there is a key among the entries; PKCS#7 holds none.
    """
    values = tuple(map(_value, store.entries))
    if isinstance(store.layout, _Layout) and store.layout.values == values:
        return store.layout.data
    certificates: list[bytes] = []
    crls: list[bytes] = []
    for entry in store.entries:
        match entry:
            case TrustedCert():
                certificates.append(entry.certificate.der)
            case Opaque(what=what) if what == CRL:
                crls.append(entry.data)
            case Opaque(what=what) if what in _CHOICES.values():
                certificates.append(entry.data)
            case _:
                what = entry.what if isinstance(entry, Opaque) else kind(entry)
                raise WriteRefused(
                    f"PKCS#7 can't hold a {what}",
                    alias=entry.alias,
                    hint="export the certificates alone, or write PKCS12",
                )
    signed = der.sequence(
        der.integer(1),
        der.set_of(),
        der.sequence(der.oid(_DATA)),
        *([der.explicit(0, *certificates)] if certificates else []),
        *([der.explicit(1, *crls)] if crls else []),
        der.set_of(),
    )
    return der.sequence(der.oid(_SIGNED), der.explicit(0, signed))


def _value(entry: Entry) -> object:
    return entry.certificate if isinstance(entry, TrustedCert) else entry
