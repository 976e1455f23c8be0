"""Certification requests (PKCS#10, RFC 2986): made, read, checked."""

from __future__ import annotations

from .. import der
from ..errors import Damaged, StorekeeperError, UnknownFormat, UsageError
from ..frozen import Frozen
from ..names import Name
from . import keys
from .extensions import decode_all, encode_all, ordered, subject_key_id
from .signatures import algorithm_name, signer, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import ClassVar

    from .extensions import Extension

KEYTOOL_LABEL = "NEW CERTIFICATE REQUEST"
OPENSSL_LABEL = "CERTIFICATE REQUEST"
# PKCS#9 (RFC 2985 section 5.4.2), and Microsoft's own, which old servers of theirs write.
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_EXTENSION_REQUESTS = (_EXTENSION_REQUEST, "1.3.6.1.4.1.311.2.1.14")


class Request(Frozen):
    """A certification request.

    Attributes:
        der: as found.
        subject: the name asked for.
        spki: DER of the SubjectPublicKeyInfo.
        extensions: those asked for, in the order found.
        signature_algorithm: as Java names it ("SHA256withRSA"), or an OID.
        verified: whether its own key signed it; None when that can't be told.
        attributes: OIDs of the attributes that are not requests for extensions.
    """

    der: bytes
    subject: Name
    spki: bytes
    extensions: tuple[Extension, ...] = ()
    signature_algorithm: str = ""
    verified: bool | None = None
    attributes: tuple[str, ...] = ()

    _hidden: ClassVar[frozenset[str]] = frozenset({"der", "spki"})  # long, and in the way
    _uncompared: ClassVar[frozenset[str]] = frozenset({"verified"})


def make(
    pkcs8: bytes,
    subject: Name,
    extensions: Iterable[Extension] = (),
    *,
    key_id: bool = True,
    signature_algorithm: str | None = None,
    generation: int = keys.NEWEST,
) -> bytes:
    """DER of a request for a certificate, as ``keytool -certreq`` makes it.

    Args:
        pkcs8: the private key.
        subject: the name asked for.
        extensions: to ask for; put into keytool's order, the last of each kind counts.
        key_id: ask for the subject key identifier too, as keytool always does.
        signature_algorithm: keytool's ``-sigalg``; None for its default.
        generation: the Java whose default that is.

    Raises:
        UsageError: the key can't sign, or not so.
        Damaged, Unsupported: as `keys.spki_of`.
    """
    by = signer(pkcs8, signature_algorithm, generation=generation)
    added = [subject_key_id(by.spki)] if key_id else []
    asked = encode_all(ordered([*added, *extensions]))
    attributes = (
        der.sequence(der.oid(_EXTENSION_REQUEST), der.encode(der.SET, asked)) if asked else b""
    )
    info = der.sequence(der.integer(0), subject.der, by.spki, der.encode(0xA0, attributes))
    return der.sequence(info, by.algorithm, der.bit_string(by.sign(info)))


def pem(request: bytes, label: str = KEYTOOL_LABEL, newline: bytes = b"\n") -> bytes:
    """A request in PEM armour; OpenSSL leaves the NEW out of the label, and reads both.

    keytool ends lines with CR LF: all of them in Java 25, in older ones those of base64.
    """
    from ..formats.armor import armour

    return armour(label, request, newline)


def read(data: bytes) -> Request:
    """The one request in PEM or DER.

    Raises:
        UsageError: there are several.
        UnknownFormat, Damaged, LimitExceeded: as `read_all`.
    """
    found = read_all(data)
    if len(found) > 1:
        raise UsageError(
            f"expected one certificate request, found {len(found)}",
            hint="split the file at its BEGIN lines",
        )
    return found[0]


def read_all(data: bytes) -> tuple[Request, ...]:
    """Every request in PEM, with any text around the blocks, or the one in DER.

    Raises:
        UnknownFormat: there is none.
        Damaged: one is broken.
        LimitExceeded: there are more blocks than `Limits.entries`.
    """
    return tuple(map(_request, blocks(data, (KEYTOOL_LABEL, OPENSSL_LABEL), "certificate request")))


def blocks(data: bytes, labels: tuple[str, ...], what: str) -> list[bytes]:
    """DER of every PEM block under one of the labels, or ``data`` itself when it is DER.

    Raises as `read_all`.
    """
    from ..formats.armor import scan
    from ..formats.detect import transcode, utf16
    from ..model import LIMITS

    if data[:1] == b"\x30":
        return [data]
    text = transcode(data) if utf16(data) else data
    found, _ = scan(text or data, LIMITS)
    wanted = [block for block in found if block.label in labels]
    if not wanted:
        others = ", ".join(dict.fromkeys(block.label for block in found[:10]))
        raise UnknownFormat(
            f"expected a {what} in PEM or DER, found {others or 'neither'}",
            hint=f"a PEM file begins with -----BEGIN {labels[-1]}-----",
        )
    broken = next((block for block in wanted if block.der is None), None)
    if broken is not None:
        raise Damaged(f"{what} in line {broken.line}: {broken.problem}", offset=broken.offset)
    return [block.der for block in wanted if block.der is not None]


def _request(encoded: bytes) -> Request:
    what = "certificate request"
    try:
        outer = der.only(encoded, what).expect(der.SEQUENCE, what).items(what, at_least=3)
        info, algorithm, signature = outer[:3]
        fields = info.expect(der.SEQUENCE, "request info").items("request info", at_least=3)
        version, subject, spki, *rest = fields
        version.count("version")
        name = Name(subject.expect(der.SEQUENCE, "subject").raw)
        name.rdns  # noqa: B018 - read now, so that a broken one is found here
        extensions: tuple[Extension, ...] = ()
        others = []
        for attribute in rest[0].expect(0xA0, "attributes").children() if rest else ():
            parts = attribute.expect(der.SEQUENCE, "attribute").items("attribute", at_least=2)
            oid = parts[0].oid("attribute")
            if oid not in _EXTENSION_REQUESTS:
                others.append(oid)
                continue
            for value in parts[1].expect(der.SET, "attribute").children():
                extensions += decode_all(value)
        public = spki.expect(der.SEQUENCE, "public key").raw
        return Request(
            encoded,
            name,
            public,
            extensions,
            algorithm_name(algorithm.expect(der.SEQUENCE, "signature algorithm").raw),
            verify(public, algorithm.raw, info.raw, signature.bits("signature")),
            tuple(others),
        )
    except StorekeeperError as error:
        raise Damaged(
            f"no certificate request: {error.message}",
            hint="a request is made by keytool -certreq or openssl req",
            offset=error.offset,
        ) from None
