"""A bounded, tolerant reader of DER and BER, and a DER writer (ITU-T X.690).

The reader walks the tags and lengths of bytes already in memory and copies nothing
until a value is asked for. It accepts what real stores hold: indefinite lengths,
constructed strings, non-minimal lengths. It refuses, with `Damaged` and the offset,
what does not fit its enclosing value, and nesting beyond a limit.
"""

from __future__ import annotations

from .errors import Damaged, LimitExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
UTF8_STRING = 0x0C
SEQUENCE = 0x30
SET = 0x31
PRINTABLE_STRING = 0x13
T61_STRING = 0x14
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
UNIVERSAL_STRING = 0x1C
BMP_STRING = 0x1E

MAX_DEPTH = 64
# Each is walked to find its end, and again by whoever reads what is inside.
MAX_INDEFINITE = 16
# Values of a structure whose parts are told apart by their place; lists go by `children`.
MAX_ITEMS = 100

_NAMES = {
    BOOLEAN: "BOOLEAN",
    INTEGER: "INTEGER",
    BIT_STRING: "BIT STRING",
    OCTET_STRING: "OCTET STRING",
    NULL: "NULL",
    OID: "OBJECT IDENTIFIER",
    UTF8_STRING: "UTF8String",
    SEQUENCE: "SEQUENCE",
    SET: "SET",
    PRINTABLE_STRING: "PrintableString",
    T61_STRING: "T61String",
    IA5_STRING: "IA5String",
    UTC_TIME: "UTCTime",
    GENERALIZED_TIME: "GeneralizedTime",
    UNIVERSAL_STRING: "UniversalString",
    BMP_STRING: "BMPString",
}


def tag_name(tag: int) -> str:
    """A tag in the words of X.680: 0x30 is SEQUENCE, 0xA0 is [0]."""
    if tag & 0xC0 == 0x80:
        return f"[{tag & 0x1F}]"
    return _NAMES.get(tag, f"tag 0x{tag:02X}")


class Value:
    """One encoded value inside a buffer.

    Attributes:
        data: the whole buffer.
        tag: the identifier octet (low-tag-number form; multi-byte tags give their first octet).
        start: offset of the identifier octet.
        body: offset of the first content octet.
        end: offset after the last content octet (before end-of-contents octets).
        after: offset of what follows the value.
        indefinite: the value had no length and ended with end-of-contents octets.
        depth: nesting, 0 for the outermost.
    """

    __slots__ = ("after", "body", "data", "depth", "end", "indefinite", "start", "tag")

    def __init__(
        self,
        data: bytes,
        tag: int,
        start: int,
        body: int,
        end: int,
        after: int,
        indefinite: bool,
        depth: int,
    ) -> None:
        self.data = data
        self.tag = tag
        self.start = start
        self.body = body
        self.end = end
        self.after = after
        self.indefinite = indefinite
        self.depth = depth

    @property
    def raw(self) -> bytes:
        """Identifier, length and contents, as found."""
        return self.data[self.start : self.after]

    @property
    def content(self) -> bytes:
        """The content octets, as found."""
        return self.data[self.body : self.end]

    def expect(self, tag: int, what: str) -> Value:
        """Itself, if it has this tag; `Damaged` naming what was expected otherwise."""
        if self.tag != tag:
            raise Damaged(
                f"{what}: expected {tag_name(tag)}, found {tag_name(self.tag)}", offset=self.start
            )
        return self

    def children(self) -> Iterator[Value]:
        """The values inside a constructed value, in order."""
        at = self.body
        while at < self.end:
            child = read(self.data, at, self.end, self.depth + 1)
            yield child
            at = child.after

    def items(self, what: str, at_least: int = 0) -> list[Value]:
        """The children of a structure with few parts, as a list.

        Raises:
            Damaged: there are fewer than ``at_least``.
            LimitExceeded: there are more than `MAX_ITEMS`.
        """
        found: list[Value] = []
        for child in self.children():
            if len(found) == MAX_ITEMS:
                raise LimitExceeded(f"{what}: more than {MAX_ITEMS} values", offset=child.start)
            found.append(child)
        if len(found) < at_least:
            raise Damaged(
                f"{what}: expected {at_least} values, found {len(found)}", offset=self.start
            )
        return found

    def integer(self, what: str) -> int:
        """The value of an INTEGER (signed)."""
        self.expect(INTEGER, what)
        if self.body == self.end:
            raise Damaged(f"{what}: an INTEGER without contents", offset=self.start)
        return int.from_bytes(self.data[self.body : self.end], "big", signed=True)

    def count(self, what: str) -> int:
        """The value of an INTEGER that counts something, and so has at most eight octets.

        Python prints no number of more than 4,300 digits; a count that has to stand in a
        message must not be one.
        """
        number = self.integer(what)
        if self.end - self.body > 8:
            raise LimitExceeded(
                f"{what}: a number of {self.end - self.body} bytes", offset=self.start
            )
        return number

    def oid(self, what: str) -> str:
        """The value of an OBJECT IDENTIFIER in dotted decimal."""
        self.expect(OID, what)
        try:
            return decode_oid(self.data[self.body : self.end])
        except Damaged as error:
            raise Damaged(f"{what}: {error.message}", offset=self.start) from None

    def octets(self, what: str) -> bytes:
        """The value of an OCTET STRING, its BER segments joined."""
        return self.string(OCTET_STRING, what)

    def string(self, tag: int, what: str) -> bytes:
        """Contents of a string type, primitive or constructed from segments (X.690 8.7, 8.21).

        For a [n] IMPLICIT string pass the context tag; segments then carry the universal tag,
        whatever it is.
        """
        if self.tag == tag:
            return self.data[self.body : self.end]
        if self.tag == tag | 0x20:
            joined = bytearray()
            for child in self.children():
                joined += child.string(child.tag & ~0x20, f"segment of {what}")
            return bytes(joined)
        self.expect(tag, what)
        raise AssertionError  # expect() has raised

    def bits(self, what: str) -> bytes:
        """The value of a primitive BIT STRING without its count of unused bits."""
        self.expect(BIT_STRING, what)
        if self.body == self.end or self.data[self.body] > 7:
            raise Damaged(f"{what}: a BIT STRING without a valid first octet", offset=self.start)
        return self.data[self.body + 1 : self.end]

    def explicit(self, what: str) -> Value:
        """The single value inside an explicit tag."""
        return self.items(what, at_least=1)[0]


def read(data: bytes, at: int = 0, end: int | None = None, depth: int = 0) -> Value:
    """The value that starts at offset ``at`` and must finish before ``end``.

    Raises:
        Damaged: it does not fit, or its tag or length is malformed.
        LimitExceeded: it is nested deeper than `MAX_DEPTH`.
    """
    if end is None:
        end = len(data)
    if depth > MAX_DEPTH:
        raise LimitExceeded(f"values nested deeper than {MAX_DEPTH}", offset=at)
    start = at
    if at + 2 > end:
        raise Damaged(f"expected a tag and a length, found {max(end - at, 0)} bytes", offset=at)
    tag = data[at]
    at += 1
    if tag & 0x1F == 0x1F:
        while True:
            if at >= end:
                raise Damaged("a tag that does not end", offset=start)
            at += 1
            if not data[at - 1] & 0x80:
                break
            if at - start > 6:
                raise Damaged("a tag number of more than 35 bits", offset=start)
        if at >= end:
            raise Damaged("expected a length, found the end", offset=at)
    length = data[at]
    at += 1
    if length == 0x80:
        if not tag & 0x20:
            raise Damaged("a primitive value of indefinite length", offset=start)
        return _indefinite(data, tag, start, at, end, depth)
    if length & 0x80:
        count = length & 0x7F
        if count > 8 or at + count > end:
            raise Damaged(f"a length field of {count} bytes", offset=start)
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    if length > end - at:
        raise Damaged(
            f"{tag_name(tag)} says it is {length} bytes long, {end - at} are left", offset=start
        )
    return Value(data, tag, start, at, at + length, at + length, False, depth)


def _indefinite(data: bytes, tag: int, start: int, body: int, end: int, depth: int) -> Value:
    # A stack of its own rather than recursion into read(): nested indefinite lengths
    # would otherwise be walked once per level, quadratic in the depth.
    ends = [end]
    at = body
    while True:
        if data[at : at + 2] == b"\0\0" and at + 2 <= ends[-1]:
            at += 2
            ends.pop()
            if not ends:
                return Value(data, tag, start, body, at - 2, at, True, depth)
            continue
        if at + 2 > end:
            raise Damaged("a value of indefinite length that does not end", offset=start)
        child_tag, length = data[at], data[at + 1]
        if child_tag & 0x1F != 0x1F and length == 0x80 and child_tag & 0x20:
            ends.append(end)
            at += 2
            if len(ends) > MAX_INDEFINITE:
                raise LimitExceeded(
                    f"indefinite lengths nested deeper than {MAX_INDEFINITE}", offset=at
                )
            if len(ends) + depth > MAX_DEPTH:
                raise LimitExceeded(f"values nested deeper than {MAX_DEPTH}", offset=at)
            continue
        at = read(data, at, end, depth + len(ends)).after


def only(data: bytes, what: str) -> Value:
    """The one value ``data`` holds; `Damaged` when bytes follow it."""
    value = read(data)
    if value.after != len(data):
        raise Damaged(
            f"{what}: {len(data) - value.after} bytes follow the value", offset=value.after
        )
    return value


def decode_oid(content: bytes) -> str:
    """Dotted decimal of the content octets of an OBJECT IDENTIFIER (X.690 8.19)."""
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise Damaged("a malformed OBJECT IDENTIFIER")
    known = _OIDS.get(content)
    if known is not None:
        return known
    arcs: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    dotted = ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))
    if len(_OIDS) < 4096:
        _OIDS[content] = dotted
    return dotted


# The same few dozen OIDs stand in every certificate.
_OIDS: dict[bytes, str] = {}


def encode(tag: int, *contents: bytes) -> bytes:
    """Tag, minimal definite length and the contents joined."""
    return b"".join((_head(tag, sum(map(len, contents))), *contents))


def enclose(content: bytes, *layers: tuple[int, bytes]) -> bytes:
    """Nested values around one large content, which is copied once.

    Args:
        content: of the innermost value.
        layers: tag, and what stands before the rest inside; the innermost first.
    """
    before = b""
    for tag, first in layers:
        before = _head(tag, len(first) + len(before) + len(content)) + first + before
    return before + content


def _head(tag: int, size: int) -> bytes:
    if size < 0x80:
        return bytes((tag, size))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets


def sequence(*contents: bytes) -> bytes:
    """A SEQUENCE of already encoded values."""
    return encode(SEQUENCE, *contents)


def set_of(*contents: bytes) -> bytes:
    """A SET OF already encoded values, sorted as DER requires (X.690 11.6)."""
    return encode(SET, *sorted(contents))


def integer(value: int) -> bytes:
    """An INTEGER of the fewest octets."""
    size = ((value if value >= 0 else ~value).bit_length() // 8) + 1
    return encode(INTEGER, value.to_bytes(size, "big", signed=True))


def octet_string(value: bytes) -> bytes:
    """A primitive OCTET STRING."""
    return encode(OCTET_STRING, value)


def bit_string(value: bytes) -> bytes:
    """A BIT STRING of whole octets."""
    return encode(BIT_STRING, b"\0", value)


def null() -> bytes:
    """NULL."""
    return b"\x05\x00"


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from dotted decimal; ValueError when it is none."""
    words = dotted.split(".")
    if not all(word.isascii() and word.isdigit() for word in words):
        raise ValueError(f"{dotted!r} is no object identifier")
    arcs = [int(word) for word in words]
    if len(arcs) < 2 or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError(f"{dotted!r} is no object identifier")
    content = bytearray()
    for arc in [arcs[0] * 40 + arcs[1], *arcs[2:]]:
        octets = [arc & 0x7F]
        while arc := arc >> 7:
            octets.append(0x80 | arc & 0x7F)
        content += bytes(reversed(octets))
    return encode(OID, bytes(content))


def explicit(number: int, *contents: bytes) -> bytes:
    """[number] EXPLICIT."""
    return encode(0xA0 | number, *contents)
