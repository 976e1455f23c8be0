"""The names under which OpenSSL looks a certificate up in a directory (``-CApath``).

Eight hex digits of a hash of the subject, a dot, and a number that tells certificates of one
subject apart: what ``openssl rehash`` makes and ``X509_LOOKUP_hash_dir`` reads. Since
OpenSSL 1.0.0 (2010) the hash is of a canonical form of the name, so that spellings that
compare equal have one file; before it was of the name as encoded.
"""

from __future__ import annotations

from hashlib import md5, sha1

from .. import der

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..names import Attribute, Name

# How OpenSSL takes the octets of what it folds (its ASN1_MASK_CANON); a NumericString and
# everything else is hashed as it stands.
_ENCODINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "latin-1",
    der.T61_STRING: "latin-1",
    der.IA5_STRING: "latin-1",
    0x1A: "latin-1",  # VisibleString
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}


def subject_hash(name: Name) -> str | None:
    """``openssl x509 -subject_hash``: SHA-1 of the canonical name (X509_NAME_hash).

    Returns:
        Eight hex digits; None for a name that holds text OpenSSL can't decode, and with
        it can't read the certificate.

    Raises:
        Damaged: it is no name.
    """
    encoded = canonical(name)
    return None if encoded is None else _word(sha1(encoded, usedforsecurity=False).digest())


def subject_hash_old(name: Name) -> str:
    """``openssl x509 -subject_hash_old``: MD5 of the name as encoded, as before OpenSSL 1.0."""
    return _word(md5(name.der, usedforsecurity=False).digest())


def canonical(name: Name) -> bytes | None:
    """The canonical encoding (X509_NAME's canon_enc): the RDNs, without a SEQUENCE around.

    Text becomes UTF8String, without space at its ends, with one blank for each run inside and
    ASCII letters in lower case. None where text is not valid in its encoding.
    """
    encoded = []
    for rdn in name.rdns:
        pairs = []
        for attribute in rdn:
            value = _folded(attribute)
            if value is None:
                return None
            pairs.append(der.sequence(der.oid(attribute.oid), value))
        if pairs:
            encoded.append(der.set_of(*pairs))
    return b"".join(encoded)


def _folded(attribute: Attribute) -> bytes | None:
    encoding = _ENCODINGS.get(attribute.tag)
    if encoding is None:
        return attribute.encoded
    octets = attribute.value
    try:
        if encoding == "utf-16-be":
            # BMPString has no surrogate pairs: two octets are a character.
            octets = b"".join(b"\0\0" + octets[at : at + 2] for at in range(0, len(octets), 2))
            encoding = "utf-32-be"
        text = octets.decode(encoding).encode()
    except UnicodeDecodeError:
        return None
    # bytes.split and lower know the same white space and letters as C does: ASCII's.
    return der.encode(der.UTF8_STRING, b" ".join(text.split()).lower())


def _word(digest: bytes) -> str:
    return digest[3::-1].hex()
