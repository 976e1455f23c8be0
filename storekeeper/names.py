"""Distinguished names: read from DER, printed in the three forms people paste.

RFC 4514 is our own form; OpenSSL's one-line form and Java's (``X500Principal``) are
printed because logs and documents are full of them. `Name.canonical` is the form Java
compares names by (``X500Principal.CANONICAL``).
"""

from __future__ import annotations

import re

from . import der, names_java
from .errors import StorekeeperError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Descriptors of the IANA LDAP registry where there is one, OpenSSL's long names elsewhere.
SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "businessCategory",
    "2.5.4.16": "postalAddress",
    "2.5.4.17": "postalCode",
    "2.5.4.18": "postOfficeBox",
    "2.5.4.20": "telephoneNumber",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.45": "x500UniqueIdentifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.51": "houseIdentifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.3": "mail",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
    "1.2.840.113549.1.9.2": "unstructuredName",
    "1.2.840.113549.1.9.8": "unstructuredAddress",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
    "1.2.643.3.131.1.1": "INN",
    "1.2.643.100.1": "OGRN",
    "1.2.643.100.3": "SNILS",
}
# X509_NAME_oneline uses OpenSSL's own short names, which differ from LDAP's here.
_OPENSSL = SHORT | {"2.5.4.9": "street"}
_ENCODINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    der.T61_STRING: "latin-1",
    0x12: "ascii",  # NumericString
    0x1A: "ascii",  # VisibleString
    names_java.GENERAL_STRING: "latin-1",
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}


class Attribute:
    """One attribute of a name: type, and the encoded value as found.

    Attributes:
        oid: the type, dotted decimal.
        tag: the value's tag (`der.UTF8_STRING` ...).
        value: the value's content octets.
        encoded: the whole value, as found.
    """

    __slots__ = ("encoded", "oid", "tag", "value")

    def __init__(self, oid: str, tag: int, value: bytes, encoded: bytes) -> None:
        self.oid = oid
        self.tag = tag
        self.value = value
        self.encoded = encoded

    @property
    def text(self) -> str | None:
        """The value as text, or None where it is no string or not valid in its encoding."""
        encoding = _ENCODINGS.get(self.tag)
        if encoding is None:
            return None
        try:
            return self.value.decode(encoding)
        except UnicodeDecodeError:
            # Latin-1 in PrintableString is the commonest sin of old CAs.
            return self.value.decode("latin-1") if encoding == "ascii" else None


class Name:
    """A distinguished name (RFC 5280 section 4.1.2.4), as the DER that was found.

    Equality and hash are those of the DER; `matches` compares as Java does. The
    printed forms never fail: a name that can't be parsed prints as ``#`` and its hex.
    """

    __slots__ = ("_rdns", "der")

    def __init__(self, encoded: bytes) -> None:
        self.der = encoded
        self._rdns: tuple[tuple[Attribute, ...], ...] | None = None

    @property
    def rdns(self) -> tuple[tuple[Attribute, ...], ...]:
        """Relative distinguished names in file order; `Damaged` when it is no name."""
        if self._rdns is None:
            rdns = []
            for rdn in der.read(self.der).expect(der.SEQUENCE, "name").children():
                rdn.expect(der.SET, "relative distinguished name")
                rdns.append(_usual(rdn) or tuple(map(_attribute, rdn.children())))
            self._rdns = tuple(rdns)
        return self._rdns

    def first(self, oid: str) -> str | None:
        """The text of the most specific attribute of this type, or None."""
        for rdn in reversed(self.rdns):
            for attribute in rdn:
                if attribute.oid == oid:
                    return attribute.text
        return None

    @property
    def common_name(self) -> str | None:
        """The last CN of the name."""
        return self.first("2.5.4.3")

    def rfc4514(self) -> str:
        """``CN=R3,O=Let's Encrypt,C=US``: most specific first (RFC 4514).

        Control and bidirectional formatting characters come out as escaped hex pairs,
        which the RFC allows and which keeps a hostile subject from rewriting a terminal.
        """
        return self._joined(_pair_4514, "+", ",")

    def java(self) -> str:
        """``CN=R3, O=Let's Encrypt, C=US``, as keytool and X500Principal.toString print it.

        The spelling of JDK 17 and later: JDK 11 prints hex in capitals and knows no
        UniversalString. Control characters are printed as they are, as Java does: put
        it through `printable` before it goes to a terminal.
        """
        return self._joined(names_java.pair, " + ", ", ")

    def oneline(self) -> str:
        """``/C=US/O=Let's Encrypt/CN=R3``, as OpenSSL's X509_NAME_oneline prints it.

        As of OpenSSL 3, which escapes ``/`` and ``+`` inside values and joins the parts
        of an RDN with ``+``; 1.1 did neither.
        """
        try:
            return "".join(["/" + "+".join(map(_pair_openssl, rdn)) for rdn in self.rdns if rdn])
        except StorekeeperError:
            return "#" + self.der.hex()

    def canonical(self) -> str:
        """``X500Principal.getName("CANONICAL")``: cases and runs of spaces folded, NFKD.

        Only PrintableString and UTF8String under a keyword of RFC 2253 are compared as
        text; every other value by its octets. As of JDK 25: up to JDK 21 octets above
        0x7F in a PrintableString are taken for UTF-8, since then for Latin-1. Beside digits
        and punctuation Java may choose the other small sigma, which changes no comparison.
        """
        return self._joined(names_java.canonical_pair, "+", ",", names_java.canonical_order)

    def matches(self, other: Name) -> bool:
        """What X500Principal.equals says of two names: the same shape and canonical form.

        The shape counts because normalisation can turn one value into what looks like
        two: a full-width comma becomes a plain one, after the escaping.
        """
        if self.der == other.der:
            return True
        try:
            shape, others = [len(rdn) for rdn in self.rdns], [len(rdn) for rdn in other.rdns]
        except StorekeeperError:
            return False
        return shape == others and self.canonical() == other.canonical()

    def _joined(
        self,
        pair: Callable[[Attribute], str],
        plus: str,
        comma: str,
        order: Callable[[Iterable[Attribute]], Iterable[Attribute]] = iter,
    ) -> str:
        try:
            rdns = reversed(self.rdns)
            return comma.join(
                [
                    pair(rdn[0]) if len(rdn) == 1 else plus.join(map(pair, order(rdn)))
                    for rdn in rdns
                ]
            )
        except StorekeeperError:
            return "#" + self.der.hex()

    def __eq__(self, other: object) -> bool:
        return self.der == other.der if isinstance(other, Name) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.der)

    def __str__(self) -> str:
        return self.rfc4514()

    def __repr__(self) -> str:
        return f"Name({self.rfc4514()})"


def _attribute(pair: der.Value) -> Attribute:
    pair.expect(der.SEQUENCE, "attribute of a name")
    oid, value = pair.items("attribute of a name", at_least=2)[:2]
    return Attribute(oid.oid("attribute type"), value.tag, value.content, value.raw)


def _usual(rdn: der.Value) -> tuple[Attribute] | None:
    """The attribute of an RDN that holds one, in short lengths; None when it is not so.

    Nearly all are: reading them in one look halves the time to print a `cacerts`.
    """
    data, at, end = rdn.data, rdn.body, rdn.end
    if end - at < 8 or data[at] != der.SEQUENCE or data[at + 1] != end - at - 2:
        return None
    value = at + 4 + data[at + 3]
    if (
        data[at + 1] > 0x7F
        or data[at + 2] != der.OID
        or value + 2 > end
        or data[value] & 0x1F == 0x1F
        or data[value + 1] != end - value - 2
    ):
        return None
    return (
        Attribute(
            der.decode_oid(data[at + 4 : value]),
            data[value],
            data[value + 2 : end],
            data[value:end],
        ),
    )


# C0, DEL and C1 controls; marks, embeddings, overrides and isolates that change the
# direction of text; what has no width; line and paragraph separators; tags.
_HIDDEN = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_UNPRINTABLE = f"[{_HIDDEN}]"
_SPECIAL = f'["+,;<>\\\\{_HIDDEN}]|^[ #]| \\Z'
# The same for text of visible ASCII, which nearly all is: the wide ranges above take a
# millisecond to compile.
_SPECIAL_ASCII = r'["+,;<>\\]|^[ #]| \Z'


def printable(text: str) -> str:
    r"""Text from a file or server, made safe for a terminal: hidden characters as ``\u{…}``."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_UNPRINTABLE, lambda found: f"\\u{{{ord(found[0]):x}}}", text)


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    if char in ' #"+,;<>\\':
        return "\\" + char
    return "".join(f"\\{octet:02X}" for octet in char.encode("utf-8", "surrogatepass"))


def _pair_4514(attribute: Attribute) -> str:
    keyword = SHORT.get(attribute.oid)
    text = attribute.text
    if keyword is None or text is None:
        return f"{keyword or attribute.oid}=#{attribute.encoded.hex()}"
    special = _SPECIAL_ASCII if text.isascii() and text.isprintable() else _SPECIAL
    return f"{keyword}={re.sub(special, _escaped, text)}"


def _pair_openssl(attribute: Attribute) -> str:
    octets = attribute.value
    if attribute.tag == der.BIT_STRING:
        octets = octets[1:]
    # A GeneralString, and no other, of wide characters that are all ASCII loses its
    # zero octets.
    wide = attribute.tag == names_java.GENERAL_STRING and len(octets) % 4 == 0
    if wide and not any(any(octets[i : i + 3]) for i in range(0, len(octets), 4)):
        octets = octets[3::4]
    text = "".join(chr(o) if 0x20 <= o <= 0x7E else f"\\x{o:02X}" for o in octets)
    text = text.replace("/", "\\/").replace("+", "\\+")
    return f"{_OPENSSL.get(attribute.oid, attribute.oid)}={text}"
