"""Distinguished names from text, as people write them on command lines and in profiles."""

from __future__ import annotations

import re

from . import der
from .errors import StorekeeperError, UsageError
from .names import SHORT, Name
from .names_java import JAVA

_BY_KEYWORD = {word.upper(): oid for table in (SHORT, JAVA) for oid, word in table.items()} | {
    "S": "2.5.4.8",
    "E": "1.2.840.113549.1.9.1",
    "EMAIL": "1.2.840.113549.1.9.1",
    "DNQUALIFIER": "2.5.4.46",
    "USERID": "0.9.2342.19200300.100.1.1",
}
_MAX_TEXT = 100_000  # characters; the longest subject of a public root has 600


def parse(text: str) -> Name:
    """A name from text: RFC 4514/2253 (``CN=a,O=b``) or OpenSSL one-line (``/O=b/CN=a``).

    Java's spelling (``, ``, ``;`` and quotes) is accepted too. Values become
    PrintableString where the alphabet allows, UTF8String otherwise, and IA5String where
    X.520 wants it (emailAddress, DC): the choice of X500Principal(String).

    Raises:
        UsageError: it is none of these.
    """
    if len(text) > _MAX_TEXT:
        raise UsageError(f"a distinguished name of {len(text)} characters")
    try:
        rdns = _oneline(text.strip()) if text.lstrip().startswith("/") else _rfc4514(text)
        return Name(der.sequence(*(der.set_of(*rdn) for rdn in rdns)))
    except (ValueError, StorekeeperError) as error:
        reason = error.message if isinstance(error, StorekeeperError) else str(error)
        raise UsageError(
            f"{text!r} is no distinguished name: {reason}",
            hint="write it as CN=host,O=company,C=US",
        ) from None


def _oid(keyword: str) -> str:
    known = _BY_KEYWORD.get(keyword.upper())
    if known:
        return known
    dotted = keyword.upper().removeprefix("OID.")
    if not _DOTTED.fullmatch(dotted):
        raise ValueError(f"{keyword!r} is no attribute type")
    return dotted


_DOTTED = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,30}){1,30}")
_PRINTABLE = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"
)
_IA5 = frozenset(("1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25"))


def _attribute(keyword: str, value: bytes, *, encoded: bool = False) -> bytes:
    """DER of an AttributeTypeAndValue; the value is UTF-8 text, or DER when ``encoded``."""
    oid = _oid(keyword.strip())
    type_ = der.oid(oid)
    der.only(type_, "attribute type").oid("attribute type")  # what we write we can read
    if encoded:
        der.only(value, "value")
        return der.sequence(type_, value)
    if oid in _IA5 and value and value.isascii():
        tag = der.IA5_STRING
    elif _PRINTABLE.issuperset(value):
        tag = der.PRINTABLE_STRING
    else:
        value.decode()
        tag = der.UTF8_STRING
    return der.sequence(type_, der.encode(tag, value))


# -- RFC 4514, RFC 2253, Java -------------------------------------------------------------


def _rfc4514(text: str) -> list[list[bytes]]:
    """The RDNs in the order of the DER, which is the reverse of the text's."""
    rdns: list[list[bytes]] = []
    rdn: list[bytes] = []
    at = 0
    separator = "" if not text.strip() else ","
    while separator:
        equals = text.find("=", at)
        if equals < 0:
            raise ValueError(f"expected TYPE=value, found {text[at:]!r}")
        attribute, at = _value(text, text[at:equals], equals + 1)
        rdn.append(attribute)
        separator = text[at : at + 1]
        at += 1
        if separator != "+":
            rdns.append(rdn)
            rdn = []
    return rdns[::-1]


_SEPARATORS = re.compile("[,;+]")
_HEX_PAIR = re.compile("[0-9a-fA-F]{2}")


def _value(text: str, keyword: str, at: int) -> tuple[bytes, int]:
    """The attribute whose value starts at ``at``, and the offset of the separator after it."""
    at = _skip_spaces(text, at)
    first = text[at : at + 1]
    if first == "#":
        end = _separator(text, at)
        return _attribute(keyword, bytes.fromhex(text[at + 1 : end]), encoded=True), end
    quoted = first == '"'
    at += quoted
    octets = bytearray()
    kept = 0  # spaces up to here were escaped, and don't belong to the separator
    while at < len(text):
        char = text[at]
        if char == "\\":
            pair = _HEX_PAIR.match(text, at + 1)
            octets += bytes.fromhex(pair[0]) if pair else text[at + 1 : at + 2].encode()
            if at + 1 == len(text):
                raise ValueError("nothing follows the last backslash")
            at += 3 if pair else 2
            kept = len(octets)
            continue
        if char == '"':
            if not quoted:
                raise ValueError("a quotation mark inside a value needs a backslash before it")
            at = _skip_spaces(text, at + 1)
            if at != _separator(text, at):
                raise ValueError(f"expected a comma after the quotes, found {text[at]!r}")
            return _attribute(keyword, bytes(octets)), at
        if char in ",;+" and not quoted:
            break
        octets += char.encode()
        at += 1
    if quoted:
        raise ValueError("a quotation mark is not closed")
    while len(octets) > kept and octets[-1] == 0x20:
        octets.pop()
    return _attribute(keyword, bytes(octets)), at


def _skip_spaces(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


def _separator(text: str, at: int) -> int:
    """The offset of the next separator from ``at`` on, or that of the end."""
    found = _SEPARATORS.search(text, at)
    return found.start() if found else len(text)


# -- OpenSSL ------------------------------------------------------------------------------

# Before version 3 slashes and pluses inside values are printed as they are: they divide
# only where a type follows.
_KEYWORDS = "|".join(sorted(_BY_KEYWORD, key=len, reverse=True))
_DIVIDER = re.compile(
    rf"(?<!\\)([/+])(?=(?:{_KEYWORDS}|(?:OID\.)?[0-9]+(?:\.[0-9]+)+)=)", re.IGNORECASE
)
_ESCAPED = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([^x]))", re.DOTALL)


def _oneline(text: str) -> list[list[bytes]]:
    nothing, *parts = _DIVIDER.split(text)
    if nothing or not parts:
        raise ValueError(f"expected /TYPE=value, found {text[:40]!r}")
    rdns: list[list[bytes]] = []
    for divider, part in zip(parts[::2], parts[1::2], strict=True):
        keyword, _, value = part.partition("=")
        octets = _ESCAPED.sub(
            lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2],
            value.encode(),
        )
        try:
            octets.decode()
        except UnicodeDecodeError:  # a T61String, or Latin-1 where it should not be
            octets = octets.decode("latin-1").encode()
        if divider == "/":
            rdns.append([])
        rdns[-1].append(_attribute(keyword, octets))
    return rdns
