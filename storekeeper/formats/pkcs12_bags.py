"""The bags of a PKCS12 (RFC 7292 section 4.2): what is in them, and how to make one.

A `Bag` keeps the bytes it was found in; everything else is read from them when asked.
That is what lets a file be written again with the untouched bags as they were.
"""

from __future__ import annotations

from .. import der
from ..errors import Damaged, LimitExceeded
from ..frozen import Frozen
from ..model import Attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import ClassVar

    from ..model import Limits
    from .mac import MacRecipe
    from .schemes import Recipe

_BAGS = "1.2.840.113549.1.12.10.1."
KEY_BAG = _BAGS + "1"
SHROUDED_KEY_BAG = _BAGS + "2"
CERT_BAG = _BAGS + "3"
CRL_BAG = _BAGS + "4"
SECRET_BAG = _BAGS + "5"
SAFE_CONTENTS_BAG = _BAGS + "6"
X509_CERTIFICATE = "1.2.840.113549.1.9.22.1"
SDSI_CERTIFICATE = "1.2.840.113549.1.9.22.2"
FRIENDLY_NAME = "1.2.840.113549.1.9.20"
LOCAL_KEY_ID = "1.2.840.113549.1.9.21"
TRUSTED_KEY_USAGE = "2.16.840.1.113894.746875.1.1"
ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0"

JAVA_TRUSTED = (Attribute(TRUSTED_KEY_USAGE, (der.oid(ANY_EXTENDED_KEY_USAGE),)),)
"""What Java puts on a trusted certificate, and what it needs to see it again."""

# Honest files nest not at all.
NESTING = 8
# Of one bag, and values of one attribute; honest bags have four attributes of one value.
ATTRIBUTES = 1_000

_TEXT = {
    der.BMP_STRING: "utf-16-be",
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "latin-1",
    der.T61_STRING: "latin-1",
    der.UNIVERSAL_STRING: "utf-32-be",
}


class Bag(Frozen):
    """One SafeBag as found.

    Attributes:
        oid: its kind; "" when it could not be read.
        raw: the whole encoded SafeBag.
        inner: the bags inside a safeContentsBag, else empty.
    """

    oid: str
    raw: bytes
    inner: tuple[Bag, ...] = ()

    _hidden: ClassVar[frozenset[str]] = frozenset({"raw"})


class Safe(Frozen):
    """One SafeContents.

    Attributes:
        recipe: how it was encrypted; None for in clear.
        spelling: note of the way its password was spelled (`kdf.Spelling`).
    """

    recipe: Recipe | None
    bags: tuple[Bag, ...]
    spelling: str = ""


class Layout(Frozen):
    """How a file was laid out.

    Attributes:
        token: the SHA-256 of the file: whose bags the numbers in an `Origin` count.
        mac: how it was authenticated; None for not at all.
        spelling: as in `Safe`, for the MAC.
    """

    token: bytes
    safes: tuple[Safe, ...]
    mac: MacRecipe | None
    spelling: str = ""


class Origin(Frozen):
    """Where an entry lay in its file.

    Attributes:
        token: of the `Layout` the numbers refer to.
        number: of the entry's bag, counted through the file, outer bags before inner ones.
        bag: that bag.
        alias: the alias the entry was given on reading.
        chain: for each certificate of a key's chain, the numbers of the bags that hold it.
        own: number of the bag with the key's own certificate.
        hidden: Java does not look where this bag lies.
    """

    token: bytes
    number: int
    bag: Bag
    alias: str
    chain: tuple[tuple[int, ...], ...] = ()
    own: int = -1
    hidden: bool = False


class Found:
    """What one bag holds: read, and not yet an entry.

    Attributes:
        number, bag: as in `Origin`.
        index: position in its SafeContents.
        nested: it lies inside a safeContentsBag.
        alias: friendlyName, or None.
        key_id: localKeyID, or None.
        others: the other attributes, sorted by their encoding.
        trusted: trustedKeyUsage is among them.
        content: the certificate, the PKCS#8, the encrypted key or the secret's bytes;
            for other bags the value. In definite lengths, so that it compares equal to
            itself when written and read again.
        what: for bags that are no certificate, key or secret: what it is, in words.
        problem: what was odd about the attributes, or why the bag could not be read.
    """

    __slots__ = (
        "alias", "bag", "content", "index", "key_id", "nested", "number", "others", "problem",
        "trusted", "type", "what",
    )  # fmt: skip

    def __init__(self, bag: Bag, number: int, index: int, nested: bool) -> None:
        self.bag = bag
        self.number = number
        self.index = index
        self.nested = nested
        self.alias: str | None = None
        self.key_id: bytes | None = None
        self.others: tuple[Attribute, ...] = ()
        self.trusted = False
        self.content = b""
        self.what = ""
        self.type = ""
        self.problem = ""

    @property
    def is_certificate(self) -> bool:
        """An X.509 certificate."""
        return self.bag.oid == CERT_BAG and not self.what

    @property
    def is_key(self) -> bool:
        """A private key, encrypted or not."""
        return self.bag.oid in {SHROUDED_KEY_BAG, KEY_BAG} and not self.what

    @property
    def is_secret(self) -> bool:
        """A secret bag Java would list."""
        return self.bag.oid == SECRET_BAG and not self.what

    @property
    def created_ms(self) -> int | None:
        """The date Java hides in localKeyID as ``Time <ms>``."""
        if self.key_id is None or not self.key_id.startswith(b"Time "):
            return None
        digits = self.key_id[5:]
        if not digits.removeprefix(b"-").isdigit() or len(digits) > 20:
            return None
        number = int(digits)
        return number if -(1 << 63) <= number < 1 << 63 else None


def safe_contents(value: der.Value, limits: Limits, count: int = 0, depth: int = 0) -> list[Bag]:
    """The bags of a SafeContents; ``count`` is how many the file has had before it."""
    if depth > NESTING:
        raise LimitExceeded(f"bags nested deeper than {NESTING}", offset=value.start)
    bags = []
    for child in value.expect(der.SEQUENCE, "SafeContents").children():
        count += 1
        if count > limits.entries:
            raise LimitExceeded(f"more than {limits.entries} bags", offset=child.start)
        child.expect(der.SEQUENCE, "SafeBag")
        oid = ""
        inner: list[Bag] = []
        try:
            kind, content = _kind(child)
            if kind == SAFE_CONTENTS_BAG:
                inner = safe_contents(content, limits, count, depth + 1)
                count += len(inner)
            oid = kind
        except Damaged:
            pass  # an unreadable bag is kept as it is
        bags.append(Bag(oid, child.raw, tuple(inner)))
    return bags


def _kind(bag: der.Value) -> tuple[str, der.Value]:
    children = bag.children()
    try:
        oid = next(children).oid("SafeBag: type")
        return oid, next(children).expect(0xA0, "SafeBag: value").explicit("SafeBag: value")
    except StopIteration:
        raise Damaged("SafeBag: expected a type and a value", offset=bag.start) from None


def flatten(bags: Iterable[Bag], number: int = 0, nested: bool = False) -> Iterator[Found]:
    """Every bag with its content read, outer bags before inner ones."""
    for index, bag in enumerate(bags):
        yield examine(bag, number, index, nested)
        number += 1
        for found in flatten(bag.inner, number, nested=True):
            yield found
            number += 1


def examine(bag: Bag, number: int = 0, index: int = 0, nested: bool = False) -> Found:
    """What a bag holds; a bag that can't be read is a `Found` with a problem."""
    found = Found(bag, number, index, nested)
    if not bag.oid:
        found.what = "unreadable bag"
        found.problem = "the bag can't be read"
        found.content = bag.raw
        return found
    value = der.read(bag.raw)
    try:
        items = value.items("SafeBag", at_least=2)
        _content(found, items[1].explicit("SafeBag: value"))
        if len(items) > 2:
            _attributes(found, items[2])
    except (Damaged, LimitExceeded) as error:
        found.what = "unreadable bag"
        found.problem = error.message
        found.content = bag.raw
    return found


def _content(found: Found, value: der.Value) -> None:
    oid = found.bag.oid
    if oid in {SHROUDED_KEY_BAG, KEY_BAG}:
        found.content = canonical(value.expect(der.SEQUENCE, "key bag"))
    elif oid == CERT_BAG:
        items = value.expect(der.SEQUENCE, "CertBag").items("CertBag", at_least=2)
        kind = items[0].oid("CertBag: type")
        inner = items[1].expect(0xA0, "CertBag: value").explicit("CertBag: value")
        if kind == X509_CERTIFICATE:
            found.content = inner.octets("CertBag: certificate")
        else:
            found.what = "SDSI certificate" if kind == SDSI_CERTIFICATE else f"certificate {kind}"
            found.content = canonical(value)
    elif oid == SECRET_BAG:
        items = value.expect(der.SEQUENCE, "SecretBag").items("SecretBag", at_least=2)
        found.type = items[0].oid("SecretBag: type")
        inner = items[1].expect(0xA0, "SecretBag: value").explicit("SecretBag: value")
        if inner.tag & ~0x20 == der.OCTET_STRING:
            found.content = inner.octets("SecretBag: value")
        else:
            found.what = f"secret bag {found.type}"
            found.content = canonical(value)
    else:
        found.what = {CRL_BAG: "CRL bag", SAFE_CONTENTS_BAG: "safe contents bag"}.get(
            oid, f"bag {oid}"
        )
        found.content = canonical(value)


def read_attributes(value: der.Value) -> Iterator[Attribute]:
    """The attributes of a SafeBag's SET."""
    for child in _few(value.expect(der.SET, "bag attributes")):
        items = child.expect(der.SEQUENCE, "bag attribute").items("bag attribute", at_least=2)
        values = _few(items[1].expect(der.SET, "bag attribute: values"))
        yield Attribute(items[0].oid("bag attribute"), tuple(map(canonical, values)))


def _few(value: der.Value) -> Iterator[der.Value]:
    for number, child in enumerate(value.children()):
        if number == ATTRIBUTES:
            raise LimitExceeded(f"more than {ATTRIBUTES} bag attributes", offset=child.start)
        yield child


def _attributes(found: Found, value: der.Value) -> None:
    others = []
    for attribute in read_attributes(value):
        if attribute.oid == FRIENDLY_NAME:
            found.alias = _text(attribute)
            if found.alias is None:
                found.problem = "friendlyName is no text"
        elif attribute.oid == LOCAL_KEY_ID:
            try:
                found.key_id = der.read(attribute.values[0]).octets("localKeyID")
            except (IndexError, Damaged):
                found.problem = "localKeyID is no OCTET STRING"
        else:
            if attribute.oid == TRUSTED_KEY_USAGE:
                found.trusted = True
            others.append(attribute)
    # A SET has no order; its encoded form is sorted, so that is the order to compare by.
    if len(others) > 1:
        others.sort(key=encode_attribute)
    # One tuple for the thousands of certificates that have Java's and nothing else.
    found.others = JAVA_TRUSTED if tuple(others) == JAVA_TRUSTED else tuple(others)


def _text(attribute: Attribute) -> str | None:
    try:
        value = der.read(attribute.values[0])
    except IndexError:
        return None
    tag = value.tag & ~0x20
    if tag not in _TEXT:
        return None
    # Some writers count a terminator in.
    return value.string(tag, "friendlyName").decode(_TEXT[tag], "replace").removesuffix("\0")


# --- writing ------------------------------------------------------------------------------------


def canonical(value: der.Value) -> bytes:
    """BER as definite lengths and whole strings; DER, even with unsorted sets, as it is."""
    tag = value.tag
    if tag & 0x1F == 0x1F:
        return value.raw
    if not tag & 0x20:
        return der.encode(tag, value.content)
    if tag & 0xC0 == 0 and tag not in {der.SEQUENCE, der.SET}:
        return der.encode(tag & ~0x20, value.string(tag & ~0x20, "string"))
    return der.encode(tag, *(canonical(child) for child in value.children()))


def friendly_name(alias: str) -> Attribute:
    """The attribute that holds an alias."""
    name = der.encode(der.BMP_STRING, alias.encode("utf-16-be", "surrogatepass"))
    return Attribute(FRIENDLY_NAME, (name,))


def local_key_id(octets: bytes) -> Attribute:
    """The attribute that pairs a key with its certificate."""
    return Attribute(LOCAL_KEY_ID, (der.octet_string(octets),))


def encode_attribute(attribute: Attribute) -> bytes:
    """An attribute in DER, its values in the order given."""
    return der.sequence(der.oid(attribute.oid), der.encode(der.SET, *attribute.values))


def encode_bag(oid: str, value: bytes, attributes: Iterable[Attribute]) -> Bag:
    """A SafeBag in DER."""
    encoded = list(map(encode_attribute, attributes))
    kept = der.set_of(*encoded) if encoded else b""
    return Bag(oid, der.sequence(der.oid(oid), der.explicit(0, value), kept))


def certificate_value(certificate: bytes) -> bytes:
    """CertBag of an X.509 certificate."""
    return der.sequence(der.oid(X509_CERTIFICATE), der.explicit(0, der.octet_string(certificate)))


def secret_value(type: str, content: bytes) -> bytes:
    """SecretBag around an OCTET STRING."""
    return der.sequence(der.oid(type), der.explicit(0, der.octet_string(content)))


def parts(bag: Bag) -> tuple[bytes, list[Attribute]]:
    """Value and attributes of a readable bag, in DER."""
    items = der.read(bag.raw).items("SafeBag", at_least=2)
    attributes = list(read_attributes(items[2])) if len(items) > 2 else []
    return canonical(items[1].explicit("SafeBag: value")), attributes
