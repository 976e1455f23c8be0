"""PEM: certificates, keys and the rest in armoured blocks, with text between them.

What becomes an entry:

* a certificate block is a `TrustedCert`, unless it belongs to a key;
* a private key is a `PrivateKey`; its chain is the certificate with the key's public key,
  then that one's issuers as far as they are in the file (`pem_pairs` says how they are found);
* a PKCS#7 block gives its certificates; everything else is `Opaque`.

PEM has no aliases. A ``friendlyName`` line, as ``openssl pkcs12`` writes it before a block, is
taken for one; otherwise the label is made from the subject (see `labels`). Nothing is
decrypted on reading.
"""

from __future__ import annotations

from .. import der
from ..errors import Damaged, LimitExceeded, StorekeeperError
from ..frozen import Frozen
from ..model import LIMITS, Certificate, Finding, Opaque, PrivateKey, Sealed, Store, TrustedCert
from ..x509 import facts_or_none, passing_facts
from . import armor
from .detect import transcode, utf16
from .labels import KEPT, Labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from ..model import Entry, Limits, Password

_CERTIFICATES = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}
KEYS = {
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
}
_PKCS7 = {"PKCS7", "PKCS #7 SIGNED DATA", "CMS"}
WHAT = {
    "X509 CRL": "certificate revocation list",
    "CERTIFICATE REQUEST": "certificate request",
    "NEW CERTIFICATE REQUEST": "certificate request",
    "PUBLIC KEY": "public key",
    "RSA PUBLIC KEY": "public key",
    "EC PARAMETERS": "EC parameters",
    "DH PARAMETERS": "DH parameters",
    "X9.42 DH PARAMETERS": "DH parameters",
    "DSA PARAMETERS": "DSA parameters",
    "ATTRIBUTE CERTIFICATE": "attribute certificate",
    "OPENSSH PRIVATE KEY": "OpenSSH private key",
}
# OpenSSL's X509_CERT_AUX names purposes by OID; these are the ones `openssl x509` can set.
_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}


class Piece(Frozen):
    """One thing inside a block, and where it lay.

    Attributes:
        block: the block.
        position: its number inside the block; 0 but for PKCS#7.
        value: a `Certificate`, a `Sealed` key, or the bytes of something opaque.
    """

    block: armor.Block
    position: int
    value: Certificate | Sealed | bytes

    _hidden: ClassVar[frozenset[str]] = frozenset({"value"})


class Origin(Frozen):
    """How an entry lay in its file.

    Attributes:
        pieces: those it was made of, its key first.
        alias: the alias it was read with.
        named: the file itself gave the alias.
    """

    pieces: tuple[Piece, ...]
    alias: str
    named: bool


class Layout(Frozen):
    """What of a file belongs to no entry.

    Attributes:
        header: the text before the first block, up to its last empty line.
        tail: the text after the last block.
        newline: how its lines end.
        encoding: codec and byte order mark of UTF-16 text, or None.
    """

    header: bytes = b""
    tail: bytes = b""
    newline: bytes = b"\n"
    encoding: tuple[str, bytes] | None = None


def read(data: bytes, password: Password | None = None, limits: Limits = LIMITS) -> Store:  # noqa: ARG001 - as every codec
    """The store in a PEM text.

    Raises:
        Damaged: no block of it can be decoded.
        LimitExceeded: it has more blocks than ``limits.entries``, or too many broken ones.
    """
    findings: list[Finding] = []
    text, encoding = data, None
    if utf16(data):
        text, encoding = _from_utf16(data)
        findings.append(Finding("utf-16", "warning", "", "the text is UTF-16; OpenSSL and Java "
                                "do not read that", hint="save it as plain text"))  # fmt: skip
    blocks, tail = armor.scan(text, limits)
    header = _split_header(blocks)
    certificates: list[Piece] = []
    keys: list[Piece] = []
    others: list[Piece] = []
    broken = 0
    for block in blocks:
        said = len(findings)
        _sort(block, certificates, keys, others, findings, limits)
        broken += any(one.code == "unreadable-entry" for one in findings[said:])
        if broken > limits.unreadable:
            raise LimitExceeded(
                f"more than {limits.unreadable} blocks can't be read", offset=block.offset
            )
    unreadable = sum(isinstance(p.value, bytes) and bool(p.block.problem) for p in others)
    readable = any(passing_facts(_cert(piece)) is not None for piece in certificates)
    if not keys and not readable and unreadable == len(others):
        worst = findings[-1].message if findings else "there is no armoured block"
        raise Damaged(f"nothing in this PEM text can be read: {worst}",
                      offset=blocks[0].offset if blocks else 0)  # fmt: skip
    entries = _entries(certificates, keys, others, findings, limits)
    newline = b"\r\n" if blocks and b"\r\n" in blocks[0].text else b"\n"
    return Store(
        "PEM",
        tuple(entries),
        findings=tuple(findings),
        layout=Layout(header, tail, newline, encoding),
    )


def write(store: Store, password: Password | None = None) -> bytes:  # noqa: ARG001 - as every codec
    """A PEM text of the store's entries.

    Blocks of entries that were read from PEM stay as they were, comments included. An
    alias that reading would not give again is written as a ``friendlyName`` line before its
    block. ``password`` is not used: keys are written as they are sealed
    (`pem_keys.seal_private_key`).

    Raises:
        WriteRefused: an entry of a kind that PEM does not hold (a secret key), or a key that
            is sealed in another format's way.
    """
    from .pem_write import write as written

    return written(store)


def _from_utf16(data: bytes) -> tuple[bytes, tuple[str, bytes]]:
    text = transcode(data)
    if text is None:
        raise Damaged("the text begins as UTF-16 and is none")
    mark = data[:2] if data[:1] in (b"\xff", b"\xfe") else b""
    little = mark == b"\xff\xfe" or (not mark and data[:1] != b"\0")
    return text, ("utf-16-le" if little else "utf-16-be", mark)


def _split_header(blocks: list[armor.Block]) -> bytes:
    """Take what precedes the last empty line off the first block: it is about the file."""
    if not blocks:
        return b""
    preface = blocks[0].preface
    cut = max(preface.rfind(b"\n\n") + 2, preface.rfind(b"\n\r\n") + 3)
    if cut <= 2:
        return b""
    blocks[0].preface = preface[cut:]
    return preface[:cut]


def _cert(piece: Piece) -> Certificate:
    assert isinstance(piece.value, Certificate)
    return piece.value


def _place(block: armor.Block) -> str:
    return f"line {block.line}, byte {block.offset}"


def _unreadable(block: armor.Block, message: str) -> Finding:
    return Finding(
        "unreadable-entry", "warning", _place(block), f"{block.label}: {message}"
    )  # fmt: skip


def _sort(
    block: armor.Block,
    certificates: list[Piece],
    keys: list[Piece],
    others: list[Piece],
    findings: list[Finding],
    limits: Limits,
) -> None:
    """Put what a block holds where it belongs."""
    if block.problem:
        findings.append(_unreadable(block, block.problem))
    if block.der is None:
        others.append(Piece(block, 0, block.text))
    elif block.label in _CERTIFICATES:
        keep = len(certificates) < KEPT
        certificates.append(_certificate(block, findings, keep))
    elif block.label in KEYS:
        from . import pem_keys

        keys.append(Piece(block, 0, pem_keys.sealed(block)))
    elif block.label in _PKCS7:
        _open_pkcs7(block, certificates, others, findings, limits)
    else:
        others.append(Piece(block, 0, block.der))


def _certificate(block: armor.Block, findings: list[Finding], keep: bool) -> Piece:
    assert block.der is not None
    encoded = block.der
    try:
        after = der.read(encoded).after
    except StorekeeperError as error:
        after = len(encoded)
        block.problem = block.problem or error.message
        findings.append(_unreadable(block, f"{error.message} (at byte {error.offset})"))
    certificate = Certificate(encoded[:after])
    rest = encoded[after:]
    if rest and block.label == "TRUSTED CERTIFICATE":
        findings.append(Finding("openssl-trust", "info", _place(block), _trust(rest)))
    elif rest:
        findings.append(
            Finding("trailing-bytes", "warning", _place(block),
                    f"{len(rest)} bytes follow the certificate inside its block")
        )  # fmt: skip
    facts = facts_or_none(certificate) if keep else passing_facts(certificate)
    if not block.problem and facts is None:
        findings.append(_unreadable(block, "no X.509 certificate"))
    return Piece(block, 0, certificate)


def _trust(aux: bytes) -> str:
    """In words what OpenSSL's X509_CERT_AUX says (crypto/x509/x_x509a.c)."""
    said = []
    try:
        for part in der.read(aux).items("trust settings"):
            if part.tag in (der.SEQUENCE, 0xA0):
                oids = [oid.oid("purpose") for oid in part.children()]
                verb = "trusted for" if part.tag == der.SEQUENCE else "rejected for"
                said.append(f"{verb} {', '.join(_PURPOSES.get(oid, oid) for oid in oids)}")
            elif part.tag == der.UTF8_STRING:
                said.append(f"called {part.content.decode('utf-8', 'replace')!r}")
    except StorekeeperError:
        return "OpenSSL's trust settings follow the certificate and can't be read"
    return f"OpenSSL's trust settings: {'; '.join(said) or 'none'}"


def _aux_alias(block: armor.Block) -> str:
    assert block.der is not None
    try:
        aux = der.read(block.der, der.read(block.der).after)
        for part in aux.children():
            if part.tag == der.UTF8_STRING:
                return part.content.decode("utf-8", "replace")
    except StorekeeperError:
        pass
    return ""


def _open_pkcs7(
    block: armor.Block,
    certificates: list[Piece],
    others: list[Piece],
    findings: list[Finding],
    limits: Limits,
) -> None:
    from . import pkcs7

    assert block.der is not None
    try:
        content = pkcs7.parse(block.der, limits)
    except StorekeeperError as error:
        findings.append(_unreadable(block, error.message))
        block.problem = error.message
        others.append(Piece(block, 0, block.der))
        return
    block.members = 0
    for certificate in content.certificates:
        certificates.append(Piece(block, block.members, certificate))
        block.members += 1
    for _, raw in content.others:
        others.append(Piece(block, block.members, raw))
        block.members += 1
    if not block.members:
        block.members = 1
        others.append(Piece(block, 0, block.der))


def friendly_name(preface: bytes) -> str:
    """The alias in a preface of ``openssl pkcs12``, or ""."""
    return preface_value(preface, b"friendlyName")


def preface_value(preface: bytes, name: bytes) -> str:
    """The value of a ``Bag Attributes`` line before a block, or ""."""
    if name not in preface:
        return ""
    for line in reversed(preface.splitlines()):
        key, colon, value = line.partition(b":")
        if colon and key.strip() == name:
            try:
                return value.strip().decode()
            except UnicodeDecodeError:
                # OpenSSL 3.0 prints the low byte of each character.
                return value.strip().decode("latin-1")
    return ""


def _entries(
    certificates: list[Piece],
    keys: list[Piece],
    others: list[Piece],
    findings: list[Finding],
    limits: Limits,
) -> list[Entry]:
    chains: dict[int, list[Piece]] = {}
    alone = certificates
    if keys:
        from .pem_pairs import pair

        chains, alone = pair(keys, certificates, findings, limits)
    order = [(piece.block.index, piece.position, piece) for piece in (*keys, *alone, *others)]
    order.sort(key=lambda item: item[:2])
    labels = Labels()
    entries: list[Entry] = []
    for _, _, piece in order:
        value = piece.value
        if isinstance(value, Sealed):
            chain = chains.get(piece.block.index, [])
            entries.append(_key_entry(piece, chain, labels))
        elif isinstance(value, Certificate):
            alias = friendly_name(piece.block.preface) if piece.position == 0 else ""
            if not alias and piece.block.label == "TRUSTED CERTIFICATE":
                alias = _aux_alias(piece.block)
            named = bool(alias)
            alias = labels.claim(alias) if named else labels.of(value)
            entries.append(TrustedCert(alias, value, origin=Origin((piece,), alias, named)))
        else:
            block = piece.block
            what = WHAT.get(block.label, f"{block.label} block")
            if block.label in _PKCS7 and not block.problem:
                what = "from a PKCS#7 block"
            if block.der is None:
                what = f"unreadable {block.label} block"
            entries.append(Opaque("", what, value, origin=Origin((piece,), "", named=True)))
    return entries


def _key_entry(piece: Piece, chain: list[Piece], labels: Labels) -> PrivateKey:
    assert isinstance(piece.value, Sealed)
    certificates = tuple(_cert(link) for link in chain)
    alias = friendly_name(piece.block.preface)
    if not alias and chain and chain[0].position == 0:
        alias = friendly_name(chain[0].block.preface)
    named = bool(alias)
    if named:
        labels.claim(alias)
    else:
        alias = key_label(certificates, labels)
    return PrivateKey(
        alias, certificates, piece.value, origin=Origin((piece, *chain), alias, named)
    )  # fmt: skip


def key_label(chain: tuple[Certificate, ...], labels: Labels) -> str:
    """The label of a key without a name: its certificate's, or "key"."""
    return labels.of(chain[0]) if chain else labels.claim("key")
