"""What a file is, by its content. The name of a file promises nothing.

`sniff` gives one word for whatever it recognises, `detect` only for what this package
reads and an explanation for the rest. Both look at the first bytes and at the lengths of
the outermost values; a truncated store is still recognised, so that its own reader can say
where it ends.
"""

from __future__ import annotations

import binascii

from ..errors import UnknownFormat

FORMATS = ("JKS", "JCEKS", "PKCS12", "PEM", "DER", "PKCS7", "BKS", "UBER")

# How much of a text is looked at for its kind. Bundles with a longer preamble are still
# found: armour is searched for in the whole file.
_HEAD = 4096
BEGIN = b"-----BEGIN "
_WHITE = b" \t\r\n\v\f"

_MAGIC = (
    (b"\xfe\xed\xfe\xed", "JKS"),
    (b"\xce\xce\xce\xce", "JCEKS"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "compressed"),
    (b"\xfd7zXZ\0", "compressed"),
    (b"\x28\xb5\x2f\xfd", "compressed"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\0\x06\x15\x61", "berkeley-db"),
    (b"\0\0\0\0CERT", "sst"),
    (b"kych", "macos-keychain"),
    (b"\xac\xed\0\x05", "java-serialized"),
    (b"\xca\xfe\xba\xbe", "java-class"),
    (b"%PDF-", "pdf"),
    (b"\x7fELF", "executable"),
)
_TEXT_STARTS = (
    (b"<!doctype html", "html"),
    (b"<html", "html"),
    (b"<head", "html"),
    (b"<?xml", "xml"),
    (b"putty-user-key-file", "openssh"),
    (b"ssh-rsa ", "openssh"),
    (b"ssh-dss ", "openssh"),
    (b"ssh-ed25519 ", "openssh"),
    (b"ecdsa-sha2-", "openssh"),
    (b"---- begin ssh2", "openssh"),
    (b"http/1.", "http"),
)
_PKCS7_LABELS = (b"PKCS7", b"PKCS #7 SIGNED DATA", b"CMS")


def sniff(data: bytes) -> str:
    """One word for what the bytes look like, "" when they look like nothing known.

    One of `FORMATS`, or a word for what is recognised and not read here: "certdata"
    (NSS's text list), "csv", "fingerprints", "certificate request", "crl", "html" and so
    on: the keys of `strangers.EXPLANATIONS`.
    """
    if not data:
        return "empty"
    for magic, word in _MAGIC:
        if data.startswith(magic):
            return word
    if data[0] == 0x30 and (word := sniff_der(data)):
        return word
    if data[:3] == b"\0\0\0" and (word := _sniff_bouncycastle(data)):
        return word
    if utf16(data):
        text = transcode(data)
        return (text is not None and _sniff_text(text)) or "utf-16"
    return _sniff_text(data)


def detect(data: bytes) -> str:
    """The format of the bytes, one of `FORMATS`.

    "DER" is a certificate, or a private key, by itself; also the base64 of one without its
    armour. "PEM" is text with at least one armoured block, "PKCS7" also when armoured.

    Raises:
        UnknownFormat: none of these; the hint says what the file looks like, if that is known.
    """
    word = sniff(data)
    if word in FORMATS:
        return word
    from .strangers import explain

    message, hint = explain(word, data)
    raise UnknownFormat(message, hint=hint)


def utf16(data: bytes) -> bool:
    """Whether the bytes are text in UTF-16, as PowerShell's ``>`` writes it."""
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] in (b"-\0-\0", b"\0-\0-")


def transcode(data: bytes) -> bytes | None:
    """UTF-16 text as UTF-8, its byte order mark dropped; None when it is not UTF-16."""
    codec = "utf-16" if data[0] >= 0xFE else "utf-16-le" if data[0] else "utf-16-be"
    try:
        return data.decode(codec).encode()
    except UnicodeError:
        return None


def armoured(data: bytes) -> bool:
    """Whether an armoured block begins on some line."""
    at = data.find(BEGIN)
    while at >= 0:
        if starts_line(data, at):
            return True
        at = data.find(BEGIN, at + 1)
    return False


def starts_line(data: bytes, at: int) -> bool:
    """Whether only white space (or a byte order mark) stands before ``at`` on its line."""
    before = at
    while before > 0 and data[before - 1] in b" \t":
        before -= 1
    return (
        before == 0 or data[before - 1] in b"\r\n" or (before == 3 and data[:3] == b"\xef\xbb\xbf")
    )


def bare_base64(data: bytes) -> bytes | None:
    """The DER whose base64 the whole text is, or None."""
    text = data.strip(_WHITE)
    if not text.startswith((b"MI", b"MH", b"MF", b"MC")):
        return None
    try:
        decoded = binascii.a2b_base64(text.translate(None, _WHITE), strict_mode=True)
    except ValueError:
        return None
    return decoded if decoded[:1] == b"\x30" else None


def _sniff_text(data: bytes) -> str:
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(_WHITE)
    if not head:
        return "" if data.strip(_WHITE + b"\xef\xbb\xbf") else "blank"
    lowered = head.lower()
    for start, word in _TEXT_STARTS:
        if lowered.startswith(start):
            return word
    if head.startswith(b"{"):
        return "json"
    if b"BEGINDATA" in head or b"\nCKA_CLASS CK_OBJECT_CLASS" in head:
        return "certdata"
    first = head.split(b"\n", 1)[0].lower()
    if b"," in first and (b"sha256" in first or b"sha-256" in first or b"common name" in first):
        return "csv"
    if armoured(data):
        if data.count(BEGIN) == 1:
            label = data[data.find(BEGIN) + len(BEGIN) :][:40].split(b"-----")[0]
            if label in _PKCS7_LABELS:
                return "PKCS7"
            if label == b"OPENSSH PRIVATE KEY" or label.startswith(b"PGP "):
                return "openssh" if label.startswith(b"OPENSSH") else "pgp"
        return "PEM"
    decoded = bare_base64(data)
    if decoded is not None:
        word = sniff_der(decoded)
        return "DER" if word == "DER" else word and f"base64 of {word}"
    if lowered.startswith((b"[{", b'["')):
        return "json"
    if b"begin certificate" in data[: 1 << 20].lower() or (b"BEGIN " in head and b"----" in head):
        return "broken armour"
    if b"kind:" in head and b"apiVersion:" in head:
        return "yaml"
    if _is_fingerprint(first.strip()):
        return "fingerprints"
    return "text" if b"\0" not in head and _is_text(head) else ""


def _is_fingerprint(line: bytes) -> bool:
    digits = line.split(b" ")[0].split(b"=")[-1].replace(b":", b"")
    return len(digits) in (40, 64) and not digits.strip(b"0123456789abcdef")


def _is_text(head: bytes) -> bool:
    return not head.translate(None, bytes(range(32, 127)) + bytes(range(128, 256)) + _WHITE)


# --- DER -------------------------------------------------------------------------------


def _header(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Tag, offset of the contents, offset after them (the latter may lie beyond the data)."""
    if at + 2 > len(data):
        return None
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        count = length & 0x7F
        if count > 8 or at + count > len(data):
            return None
        if count:
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        else:
            length = len(data) - at  # indefinite: as if to the end
    return tag, at, at + length


def _tags(data: bytes, at: int, end: int, most: int = 7) -> list[tuple[int, int, int]]:
    """Headers of the first values from ``at`` on, as far as the data reaches."""
    found: list[tuple[int, int, int]] = []
    while at < end and len(found) < most:
        header = _header(data, at)
        if header is None:
            break
        found.append(header)
        at = header[2]
    return found


def sniff_der(data: bytes) -> str:
    """The word `sniff` has for a DER value, by the shape of its beginning; "" for none."""
    outer = _header(data, 0)
    if outer is None or outer[0] != 0x30:
        return ""
    parts = _tags(data, outer[1], outer[2])
    shape = bytes(tag for tag, _, _ in parts)
    if shape.startswith(b"\x06"):
        body, end = parts[0][1:]
        if data[body:end].startswith(b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"):  # PKCS#7's arc
            return "PKCS7"
        return ""
    if shape.startswith(b"\x02"):
        number = data[parts[0][1] : parts[0][2]]
        return _sniff_numbered(number, shape)
    if not shape.startswith(b"\x30"):
        return ""
    inner = _tags(data, parts[0][1], parts[0][2])
    inner_shape = bytes(tag for tag, _, _ in inner)
    if inner_shape.startswith(b"\x06"):
        if shape.startswith(b"\x30\x04"):
            return "DER"  # EncryptedPrivateKeyInfo, RFC 5958 section 3
        return "public key" if shape.startswith(b"\x30\x03") else ""
    if inner_shape.startswith(b"\x30\x04"):
        return "bcfks"
    if any(tag in b"\x17\x18" for tag in inner_shape):
        return "crl"
    if inner_shape.startswith((b"\xa0", b"\x02\x30\x30\x30")):
        return "DER"
    if inner_shape.startswith((b"\x02\x30\x30\xa0", b"\x02\x30\x30")):
        # Cut short inside its third value a version 1 certificate looks the same; there
        # the second SEQUENCE is a name, here an algorithm.
        return "certificate request"
    return ""


def _sniff_numbered(number: bytes, shape: bytes) -> str:
    if number == b"\x03" and shape.startswith(b"\x02\x30"):
        return "PKCS12"
    if number in (b"\0", b"\x01") and shape.startswith(b"\x02\x30\x04"):
        return "DER"  # PKCS#8
    if number == b"\x01" and shape.startswith(b"\x02\x04"):
        return "DER"  # SEC 1, RFC 5915
    if number in (b"\0", b"\x01") and shape.startswith(b"\x02\x02\x02\x02\x02\x02"):
        return "DER"  # PKCS#1 (nine numbers) or OpenSSL's DSA (six)
    if shape == b"\x02\x02":
        return "public key"
    if number == b"\0" and len(shape) == 1:
        return "DER"  # a key cut short
    return ""


# --- BouncyCastle ----------------------------------------------------------------------


def _sniff_bouncycastle(data: bytes) -> str:
    """BKS and UBER (BC's BcKeyStoreSpi): version, salt, iterations; then plain or encrypted."""
    if len(data) < 12 or data[3] > 2:
        return ""
    salt = int.from_bytes(data[4:8], "big")
    at = 8 + salt + 4
    if not 8 <= salt <= 64 or at > len(data):
        return ""
    if data[3] == 2:
        return "BKS"
    from .bouncycastle import looks_plain

    return "BKS" if looks_plain(data, at) else "UBER"
