"""The names under which OpenSSL looks a certificate up in a directory (``-CApath``).

Eight hex digits of a hash of the subject, a dot, and a number that tells certificates of one
subject apart: what ``openssl rehash`` makes and ``X509_LOOKUP_hash_dir`` reads. Since
OpenSSL 1.0.0 (2010) the hash is of a canonical form of the name, so that spellings that
compare equal have one file; before it was of the name as encoded.
"""

from __future__ import annotations

from hashlib import md5, sha1

from .. import der
from ..errors import StorekeeperError
from ..model import Finding, replace
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Certificate
    from ..names import Attribute, Name
    from .outputs import Product

__all__ = ["canonical", "hash_links", "subject_hash", "subject_hash_old"]

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


def hash_links(
    files: Sequence[tuple[Product, Certificate]], findings: list[Finding]
) -> list[Product]:
    """The links ``openssl rehash -compat`` makes to files with one certificate each.

    Args:
        files: the files and what is in them, no certificate twice.
        findings: gets a ``no-hash`` for each certificate OpenSSL would never find.
    """
    links: list[Product] = []
    numbers: dict[str, int] = {}
    # rehash numbers certificates of one hash in the order of their files' names.
    for product, certificate in sorted(files, key=lambda file: file[0].name.encode()):
        for word in _hashes(certificate, product, findings):
            number = numbers[word] = numbers.get(word, -1) + 1
            links.append(replace(product, name=f"{word}.{number}", link=product.name))
    return links


def _hashes(certificate: Certificate, product: Product, findings: list[Finding]) -> list[str]:
    facts = facts_or_none(certificate)
    try:
        new = subject_hash(facts.subject) if facts else None
    except StorekeeperError:
        new = None
    if facts is None or new is None:
        findings.append(
            Finding("no-hash", "warning", product.aliases[0],
                    "OpenSSL can't read the certificate's subject, so it would never find it",
                    f"it is in {product.name}, without a name made of its hash")
        )  # fmt: skip
        return []
    return list(dict.fromkeys((new, subject_hash_old(facts.subject))))


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
