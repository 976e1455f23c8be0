"""Whether a file can hold a store or certificates, by its first bytes alone.

For walks over whole file systems: a few comparisons a file, and no parser. What is taken for
one here is read whole and judged by `detect` and its reader; what is not is never opened
again.
"""

from __future__ import annotations

import binascii

from .detect import BEGIN, sniff_der, starts_line, utf16

FIRST = 4096
"""Bytes to begin with."""

TEXT = 65_536
"""How far a text is searched for armour, and an SQLite file for NSS's tables."""

FOREIGN = ("bcfks", "sst", "macos-keychain", "nss")
"""Stores that are recognised and have no reader here (of NSS's files, see `is_nss`)."""

_DER = frozenset(("DER", "PKCS12", "PKCS7", "bcfks"))
_PKCS7 = (b"PKCS7", b"CMS", b"PKCS #7 SIGNED DATA")
_ARMOUR_16 = tuple(BEGIN.decode().encode(codec) for codec in ("utf-16-le", "utf-16-be"))
_SQLITE = b"SQLite format 3\0"
# BouncyCastle writes 1024 to 2047; what has the first bytes by chance, any number.
_MOST_ITERATIONS = 10_000_000


def promising(head: bytes, size: int) -> bool | None:
    """Whether the file may hold a store or certificates; None: more of it has to be seen.

    Args:
        head: its first `FIRST` bytes or more; all of it when it is shorter.
        size: of the file. None is never the answer where ``head`` has `TEXT` bytes, or all.
    """
    more = None if len(head) < min(size, TEXT) else False
    if b"\0" in head:
        return _binary(head, size, more)
    at = head.find(BEGIN)
    while at >= 0:
        if starts_line(head, at) and _wanted(head[at + len(BEGIN) : at + 80]):
            return True
        at = head.find(BEGIN, at + 1)
    if head[:1] == b"0" and sniff_der(head) in _DER:  # no zero in it: short, or cut
        return True
    if head[:1].isspace() or head[:1] == b"M":
        return _bare(head) or more
    # An end that begins an armour may go on behind it.
    return more


def is_nss(head: bytes) -> bool:
    """Whether the beginning of an SQLite file has the tables of NSS's cert9.db or key4.db."""
    return head.startswith(_SQLITE) and (b"nssPublic" in head or b"nssPrivate" in head)


def is_nss_keys(data: bytes) -> bool:
    """Whether it is NSS's key4.db: private keys and passwords, no certificates."""
    return is_nss(data) and b"TABLE nssPublic" not in data and b"TABLE metaData" in data


def _binary(head: bytes, size: int, more: bool | None) -> bool | None:
    match head[0]:
        case 0x30:
            return sniff_der(head) in _DER
        case 0xFE | 0xCE:
            if head.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")):
                return head[4:7] == b"\0\0\0" and head[7] in (1, 2) if len(head) > 7 else True
        case 0x00:
            return head.startswith(b"\0\0\0\0CERT") or _bouncycastle(head, size)
        case 0x53:
            if head.startswith(_SQLITE):
                return is_nss(head) or more
        case 0x6B:
            return head.startswith(b"kych")
    if utf16(head):
        return any(armour in head for armour in _ARMOUR_16) or more
    return False


def _wanted(after: bytes) -> bool:
    """Whether a label stands for certificates or a private key that is not of SSH."""
    label, _, rest = after.partition(b"-----")
    if not rest and b"-----" not in after:
        return False
    if label.endswith(b"PRIVATE KEY"):
        return not label.startswith((b"OPENSSH", b"SSH2", b"PGP"))
    return label.endswith(b"CERTIFICATE") or label in _PKCS7


def _bare(head: bytes) -> bool:
    """Base64 of a DER store without armour: its first line decodes to one's beginning."""
    line = head.lstrip().split(b"\n", 1)[0].strip()[:64]
    if len(line) < 40 or line[:1] != b"M":
        return False
    try:
        decoded = binascii.a2b_base64(line[: len(line) // 4 * 4], strict_mode=True)
    except ValueError:
        return False
    return sniff_der(decoded) in ("DER", "PKCS12", "PKCS7")


def _bouncycastle(head: bytes, size: int) -> bool:
    """BKS or UBER: version, a salt that is no text of zeros, and a number of iterations."""
    if len(head) < 12 or head[:3] != b"\0\0\0" or head[3] > 2:
        return False
    salt = int.from_bytes(head[4:8], "big")
    at = 8 + salt
    if not 8 <= salt <= 64 or at + 4 > len(head) or not any(head[8:at]):
        return False
    if not 0 < int.from_bytes(head[at : at + 4], "big") <= _MOST_ITERATIONS:
        return False
    if head[3] == 2:
        return True
    # UBER is one text of Twofish blocks; version 1 of BKS goes on with the type of an entry.
    return (size - at - 4) % 16 == 0 or (len(head) > at + 4 and head[at + 4] <= 4)
