"""How Java prints and compares distinguished names (JDK classes X500Name, RDN and AVA)."""

from __future__ import annotations

import re

from . import der

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .names import Attribute

# What X500Principal.toString prints, and keytool with it (JDK class AVAKeyword).
JAVA = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SURNAME",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "T",
    "2.5.4.42": "GIVENNAME",
    "2.5.4.43": "INITIALS",
    "2.5.4.44": "GENERATION",
    "2.5.4.46": "DNQ",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "EMAILADDRESS",
    "1.3.6.1.4.1.42.2.11.2.1": "IP",
}
# The keywords RFC 2253 itself names; Java's canonical form writes all others as OIDs.
_RFC2253 = {
    "2.5.4.3": "cn",
    "2.5.4.6": "c",
    "2.5.4.7": "l",
    "2.5.4.8": "st",
    "2.5.4.9": "street",
    "2.5.4.10": "o",
    "2.5.4.11": "ou",
    "0.9.2342.19200300.100.1.1": "uid",
    "0.9.2342.19200300.100.1.25": "dc",
}
GENERAL_STRING = 0x1B

# How X500Principal.toString reads each string type; it prints the rest in hex.
_ENCODINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    der.T61_STRING: "latin-1",
    GENERAL_STRING: "ascii",
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}
# Patterns as text: compiled by `re` when first used, which a `list` never does.
_QUOTED = r'[,+=\n<>#;\\"]|^ |  | \Z'
_ESCAPED = r'[,+<>;\\"]|^#'
_SURROGATE = rb"\xed[\xa0-\xbf][\x80-\xbf]"
_SPACE = "".join(map(chr, range(0x21)))


def pair(attribute: Attribute) -> str:
    """``CN=text`` as X500Principal.toString prints it; see `names.Name.java`."""
    keyword = JAVA.get(attribute.oid) or f"OID.{attribute.oid}"
    encoding = _ENCODINGS.get(attribute.tag)
    if encoding is None:
        return f"{keyword}=#{attribute.encoded.hex()}"
    text = _decoded(attribute.value, encoding)
    if len(text) > 1 and text[0] == text[-1] == '"':
        # Taken for quoted already: its own quotes stay and those between are escaped.
        inner = text[1:-1].replace("\\", "\\\\").replace('"', '\\"')
        return f'{keyword}="{inner}"'
    quote = '"' if re.search(_QUOTED, text) else ""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f"{keyword}={quote}{escaped}{quote}"


def _decoded(octets: bytes, encoding: str) -> str:
    """As `new String(octets, encoding)` reads it: what is malformed becomes U+FFFD."""
    if encoding == "utf-8":
        # One for an encoded surrogate, where Python puts three.
        octets = re.sub(_SURROGATE, "\ufffd".encode(), octets)
    return octets.decode(encoding, "replace")


def canonical_pair(attribute: Attribute) -> str:
    """``cn=text`` as X500Principal.CANONICAL has it; see `names.Name.canonical`."""
    from unicodedata import normalize

    keyword = _RFC2253.get(attribute.oid)
    encoding = {der.UTF8_STRING: "utf-8", der.PRINTABLE_STRING: "latin-1"}.get(attribute.tag)
    if keyword is None or encoding is None:
        return f"{keyword or attribute.oid}=#{attribute.encoded.hex()}"
    text = re.sub(_ESCAPED, r"\\\g<0>", _decoded(attribute.value, encoding))
    # String.trim() takes every control character for white space, the folding only spaces.
    text = re.sub("  +", " ", text).strip(_SPACE)
    return normalize("NFKD", f"{keyword}={text}".upper().lower())


def canonical_order(rdn: Iterable[Attribute]) -> list[Attribute]:
    """The attributes of one RDN as CANONICAL has them: keywords first, then OIDs.

    Both by their text, in UTF-16 units.
    """
    return sorted(rdn, key=lambda a: (a.oid not in _RFC2253, canonical_pair(a).encode("utf-16-be")))
