"""Distinguished names from text, as people write them on command lines and in profiles."""

from __future__ import annotations

from . import der
from .errors import Damaged, UsageError
from .names import JAVA, SHORT, Name

_BY_KEYWORD = {word.upper(): oid for table in (SHORT, JAVA) for oid, word in table.items()} | {
    "S": "2.5.4.8",
    "E": "1.2.840.113549.1.9.1",
    "EMAIL": "1.2.840.113549.1.9.1",
    "SURNAME": "2.5.4.4",
    "DNQUALIFIER": "2.5.4.46",
}


def parse(text: str) -> Name:
    """A name from text: RFC 4514/2253 (``CN=a,O=b``) or OpenSSL one-line (``/O=b/CN=a``).

    Java's spelling (``, `` and quotes) is accepted too. Values become PrintableString
    where the alphabet allows, UTF8String otherwise.

    Raises:
        UsageError: it is none of these.
    """
    text = text.strip()
    if text.startswith("/"):
        pieces = [part.split("=", 1) for part in text[1:].replace("\\/", "\0").split("/")]
        if not all(len(piece) == 2 for piece in pieces):
            raise _no_name(text)
        pairs = [[(piece[0], piece[1].replace("\0", "/"))] for piece in pieces]
    else:
        pairs = list(reversed(_parse_4514(text)))
    rdns = []
    for rdn in pairs:
        encoded = []
        for keyword, value in rdn:
            oid = _oid_of(keyword.strip(), text)
            encoded.append(der.sequence(der.oid(oid), _encode_value(oid, value, text)))
        rdns.append(der.set_of(*encoded))
    return Name(der.sequence(*rdns))


def _no_name(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is no distinguished name", hint="write it as CN=host,O=company,C=US"
    )


def _oid_of(keyword: str, text: str) -> str:
    known = _BY_KEYWORD.get(keyword.upper())
    if known:
        return known
    dotted = keyword.upper().removeprefix("OID.")
    if dotted.replace(".", "").isdecimal() and "." in dotted:
        return dotted
    raise UsageError(f"{keyword!r} in {text!r} is no attribute type of a name")


_PRINTABLE = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"
)


def _encode_value(oid: str, value: str, text: str) -> bytes:
    if value.startswith("\0#"):  # an unescaped leading '#': hex of the DER
        try:
            encoded = bytes.fromhex(value[2:])
            der.only(encoded, "value")
        except (ValueError, Damaged):
            raise _no_name(text) from None
        return encoded
    if oid in ("1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25"):
        return der.encode(der.IA5_STRING, value.encode())
    octets = value.encode()
    tag = der.PRINTABLE_STRING if _PRINTABLE.issuperset(octets) else der.UTF8_STRING
    return der.encode(tag, octets)


def _parse_4514(text: str) -> list[list[tuple[str, str]]]:
    rdns: list[list[tuple[str, str]]] = []
    rdn: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        equals = text.find("=", at)
        if equals < 0:
            raise _no_name(text)
        keyword = text[at:equals]
        value, at = _value(text, equals + 1)
        rdn.append((keyword, value))
        separator = text[at : at + 1]
        at += 1
        if separator != "+":
            rdns.append(rdn)
            rdn = []
        if separator in (",", ";", "+") and not text[at:].strip():
            raise _no_name(text)
    return rdns


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that starts at ``at`` and the offset of the separator that ends it."""
    while at < len(text) and text[at] == " ":
        at += 1
    octets = bytearray()
    keep = 0  # length up to which trailing spaces were escaped or quoted
    quoted = False
    if text[at : at + 1] == "#":
        octets += b"\0"
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\\" and at < len(text):
            pair = text[at : at + 2]
            if len(pair) == 2 and all(c in "0123456789abcdefABCDEF" for c in pair):
                octets.append(int(pair, 16))
                at += 2
            else:
                octets += text[at].encode()
                at += 1
            keep = len(octets)
        elif char == '"':
            quoted = not quoted
            keep = len(octets)
        elif char in ",;+" and not quoted:
            at -= 1
            break
        else:
            octets += char.encode("utf-8", "surrogatepass")
    if quoted:
        raise _no_name(text)
    while len(octets) > keep and octets[-1] == 0x20:
        octets.pop()
    try:
        return octets.decode(), at
    except UnicodeDecodeError:
        raise _no_name(text) from None
