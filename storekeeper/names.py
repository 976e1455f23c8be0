"""Distinguished names: read from DER, printed in the three forms people paste.

RFC 4514 is our own form; OpenSSL's one-line form and Java's (``X500Principal``) are
printed because logs and documents are full of them. `Name.canonical` is the form Java
compares names by (``X500Principal.CANONICAL``).
"""

from __future__ import annotations

from . import der
from .errors import StorekeeperError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

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
    "2.5.4.17": "postalCode",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
    "1.2.840.113549.1.9.2": "unstructuredName",
    "1.2.840.113549.1.9.8": "unstructuredAddress",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}
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
    oid: JAVA[oid]
    for oid in (
        "2.5.4.3",
        "2.5.4.6",
        "2.5.4.7",
        "2.5.4.8",
        "2.5.4.9",
        "2.5.4.10",
        "2.5.4.11",
        "0.9.2342.19200300.100.1.1",
        "0.9.2342.19200300.100.1.25",
    )
}
_ENCODINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    der.T61_STRING: "latin-1",
    0x12: "ascii",  # NumericString
    0x1A: "ascii",  # VisibleString
    0x1B: "latin-1",  # GeneralString
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}


class Attribute:
    """One attribute of a name: type, and the encoded value as found.

    Attributes:
        oid: the type, dotted decimal.
        tag: the value's tag (`der.UTF8_STRING` ...).
        value: the value's content octets.
    """

    __slots__ = ("oid", "tag", "value")

    def __init__(self, oid: str, tag: int, value: bytes) -> None:
        self.oid = oid
        self.tag = tag
        self.value = value

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

    @property
    def encoded(self) -> bytes:
        """The DER of the value."""
        return der.encode(self.tag, self.value)


class Name:
    """A distinguished name (RFC 5280 section 4.1.2.4), as the DER that was found.

    Equality and hash are those of the DER; `canonical` compares as Java does.
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
                attributes = []
                for pair in rdn.children():
                    oid, value = pair.items("attribute of a name", at_least=2)[:2]
                    attributes.append(
                        Attribute(oid.oid("attribute type"), value.tag, value.content)
                    )
                rdns.append(tuple(attributes))
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
        A name that can't be parsed gives ``#`` and its hex.
        """
        return self._joined(",", "+", SHORT, _escape_4514, "{}=#{}", backwards=True)

    def oneline(self) -> str:
        """``/C=US/O=Let's Encrypt/CN=R3``, as OpenSSL's X509_NAME_oneline prints it."""
        try:
            parts = [
                f"/{_OPENSSL.get(a.oid) or SHORT.get(a.oid, a.oid)}={_escape_oneline(a)}"
                for rdn in self.rdns
                for a in rdn
            ]
        except StorekeeperError:
            return "#" + self.der.hex()
        return "".join(parts)

    def java(self) -> str:
        """``CN=R3, O=Let's Encrypt, C=US``, as keytool and X500Principal.toString print it."""
        return self._joined(", ", " + ", JAVA, _quote_java, "OID.{}=#{}", backwards=True)

    def canonical(self) -> str:
        """The form X500Principal compares by: lower case, white space folded, NFKD."""
        from unicodedata import normalize

        try:
            rdns = ["+".join(sorted(_canonical(a) for a in rdn)) for rdn in reversed(self.rdns)]
        except StorekeeperError:
            return "#" + self.der.hex()
        return normalize("NFKD", ",".join(rdns).upper().lower())

    def _joined(
        self,
        comma: str,
        plus: str,
        keywords: dict[str, str],
        escape: Callable[[str], str],
        unknown: str,
        *,
        backwards: bool,
    ) -> str:
        try:
            rdns = []
            for rdn in reversed(self.rdns) if backwards else self.rdns:
                parts = []
                for attribute in rdn:
                    keyword = keywords.get(attribute.oid)
                    text = attribute.text
                    if keyword is None and keywords is JAVA and text is not None:
                        keyword = "OID." + attribute.oid
                    if text is None and keyword is not None:
                        parts.append(f"{keyword}=#{attribute.encoded.hex()}")
                    elif keyword is None or text is None:
                        parts.append(unknown.format(attribute.oid, attribute.encoded.hex()))
                    else:
                        parts.append(f"{keyword}={escape(text)}")
                rdns.append(plus.join(parts))
        except StorekeeperError:
            return "#" + self.der.hex()
        return comma.join(rdns)

    def __eq__(self, other: object) -> bool:
        return self.der == other.der if isinstance(other, Name) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.der)

    def __str__(self) -> str:
        return self.rfc4514()

    def __repr__(self) -> str:
        return f"Name({self.rfc4514()})"


# X509_NAME_oneline uses OpenSSL's short names, which differ from LDAP's here.
_OPENSSL = {
    "2.5.4.9": "street",
    "2.5.4.44": "generationQualifier",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
}


def _hidden(char: str) -> bool:
    # C0, DEL, C1 controls; bidirectional embeddings, overrides, isolates and marks;
    # line and paragraph separators; lone surrogates never survive decoding.
    code = ord(char)
    return (
        code < 0x20
        or 0x7F <= code <= 0x9F
        or 0x200B <= code <= 0x200F
        or 0x2028 <= code <= 0x202E
        or 0x2060 <= code <= 0x2069
        or code == 0xFEFF
    )


def printable(text: str) -> str:
    r"""Text from a file or server, made safe for a terminal: hidden characters as ``\u{…}``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(c):x}}}" if _hidden(c) else c for c in text)


def _escape_4514(text: str) -> str:
    if text.isalnum():
        return text
    out = []
    last = len(text) - 1
    for index, char in enumerate(text):
        if char in '"+,;<>\\' or (index == 0 and char in " #") or (index == last and char == " "):
            out.append("\\" + char)
        elif _hidden(char):
            out.append("".join(f"\\{octet:02X}" for octet in char.encode()))
        else:
            out.append(char)
    return "".join(out)


def _escape_oneline(attribute: Attribute) -> str:
    # OpenSSL prints the octets of the value, dropping the zero octets of wide ASCII strings.
    octets = attribute.value
    if attribute.tag == der.UNIVERSAL_STRING and not len(octets) % 4:
        if not any(any(octets[i : i + 3]) for i in range(0, len(octets), 4)):
            octets = octets[3::4]
    elif attribute.tag == der.BMP_STRING and not len(octets) % 2 and not any(octets[::2]):
        octets = octets[1::2]
    return "".join(chr(o) if 0x20 <= o <= 0x7E else f"\\x{o:02X}" for o in octets)


def _quote_java(text: str) -> str:
    quote = (
        any(c in ',+=\n<>#;\\"' for c in text)
        or text[:1] in (" ", "\n")
        or text[-1:] in (" ", "\n")
        or "  " in text
    )
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if quote else text


def _canonical(attribute: Attribute) -> str:
    keyword = _RFC2253.get(attribute.oid)
    text = attribute.text
    # Java compares only these two string types as text; T61 and the rest by their octets.
    if text is None or attribute.tag not in (der.UTF8_STRING, der.PRINTABLE_STRING):
        return f"{(keyword or attribute.oid).lower()}=#{attribute.encoded.hex()}"
    if keyword is None:
        return f"{attribute.oid}=#{attribute.encoded.hex()}"
    text = text.strip()
    out = []
    space = False
    for index, char in enumerate(text):
        if char.isspace():
            if not space:
                out.append(" ")
            space = True
            continue
        space = False
        if char in ',+<>;\\"' or (index == 0 and char == "#"):
            out.append("\\")
        out.append(char)
    return f"{keyword.lower()}=" + "".join(out)
