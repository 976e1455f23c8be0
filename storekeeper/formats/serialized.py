"""The part of Java's object serialisation that secret keys in a JCEKS need.

`parse` walks the grammar (Java Object Serialization Specification, chapter 6) without
loading, constructing or running anything: what comes back are class names, field names
and values. It finds the end of an object of any class; which classes mean something is
decided by the caller. `serialized_write` is the other direction.
"""

from __future__ import annotations

from ..errors import Damaged, InputError, LimitExceeded, Unsupported
from . import mutf8

MAGIC = b"\xac\xed\x00\x05"
BASE_HANDLE = 0x7E0000

# A sealed key has 11 handles and 4 levels; the rest is room for classes of other providers.
MAX_HANDLES = 1_000
MAX_DEPTH = 32
# Class, field and algorithm names; honest ones have under 100 characters.
MAX_STRING = 65_535
MAX_ELEMENTS = 1_000  # of an array of objects

NULL, REFERENCE, CLASSDESC, OBJECT, STRING, ARRAY = 0x70, 0x71, 0x72, 0x73, 0x74, 0x75
CLASS, BLOCKDATA, END, BLOCKDATALONG, LONGSTRING, ENUM = 0x76, 0x77, 0x78, 0x7A, 0x7C, 0x7E

WRITE_METHOD, SERIALIZABLE, EXTERNALIZABLE, BLOCK_DATA, IS_ENUM = 1, 2, 4, 8, 16

SIZES = {"B": 1, "C": 2, "D": 8, "F": 4, "I": 4, "J": 8, "S": 2, "Z": 1}
_NAMES = {
    NULL: "null",
    REFERENCE: "a reference",
    CLASSDESC: "a class description",
    OBJECT: "an object",
    STRING: "a string",
    ARRAY: "an array",
    CLASS: "a class",
    BLOCKDATA: "block data",
    END: "the end of block data",
    0x79: "a reset",
    BLOCKDATALONG: "long block data",
    0x7B: "an exception",
    LONGSTRING: "a long string",
    0x7D: "a proxy class",
    ENUM: "an enum constant",
}


class ClassDesc:
    """A class as the stream describes it.

    Attributes:
        name: binary name ("javax.crypto.SealedObject", "[B").
        uid: serialVersionUID, signed 64 bit.
        flags: SC_* bits.
        fields: (type code, name, signature or "") in stream order.
        parent: the serialisable superclass, or None.
    """

    __slots__ = ("fields", "flags", "name", "parent", "uid")

    def __init__(
        self,
        name: str,
        uid: int,
        flags: int = SERIALIZABLE,
        fields: tuple[tuple[str, str, str], ...] = (),
        parent: ClassDesc | None = None,
    ) -> None:
        self.name = name
        self.uid = uid
        self.flags = flags
        self.fields = fields
        self.parent = parent

    def chain(self) -> list[ClassDesc]:
        """The classes from the topmost superclass down to this one."""
        found: list[ClassDesc] = []
        desc: ClassDesc | None = self
        while desc is not None:
            found.append(desc)
            if len(found) > MAX_DEPTH:  # also where a class is its own superclass
                raise LimitExceeded(f"a Java class with more than {MAX_DEPTH} superclasses")
            desc = desc.parent
        return found[::-1]


class Instance:
    """An object: its class and the values of its fields, superclasses included."""

    __slots__ = ("desc", "values")

    def __init__(self, desc: ClassDesc, values: dict[str, object]) -> None:
        self.desc = desc
        self.values = values


class Array:
    """An array; ``content`` is the raw bytes of primitives, None for one of objects."""

    __slots__ = ("content", "desc")

    def __init__(self, desc: ClassDesc, content: bytes | None) -> None:
        self.desc = desc
        self.content = content


class Constant:
    """A constant of an enum."""

    __slots__ = ("desc", "name")

    def __init__(self, desc: ClassDesc, name: str) -> None:
        self.desc = desc
        self.name = name


def parse(data: bytes, at: int = 0, end: int | None = None) -> tuple[Instance, int]:
    """The object whose stream starts at ``at``, and the offset after it.

    Raises:
        Damaged: the bytes break the grammar, or do not fit before ``end``.
        Unsupported: a construct whose length the stream does not tell.
        LimitExceeded: nesting, number or size beyond what any key needs.
    """
    reader = _Reader(data, at, len(data) if end is None else end)
    magic = reader.take(4, "the magic number of a Java object stream")
    if magic != MAGIC:
        raise Damaged(
            f"a serialised Java object: expected {MAGIC.hex()}, found {magic.hex()}", offset=at
        )
    found = reader.content(0)
    if not isinstance(found, Instance):
        raise Damaged("a serialised Java object: found another kind of value", offset=at + 4)
    return found, reader.at


class _Reader:
    __slots__ = ("at", "data", "end", "handles")

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data = data
        self.at = at
        self.end = end
        self.handles: list[object] = []

    def take(self, size: int, what: str) -> bytes:
        at = self.at
        if size < 0 or size > self.end - at:
            raise Damaged(
                f"a serialised Java object: {what} of {size} bytes, {self.end - at} are left",
                offset=at,
            )
        self.at = at + size
        return self.data[at : self.at]

    def number(self, size: int, what: str) -> int:
        return int.from_bytes(self.take(size, what), "big", signed=True)

    def utf(self, what: str, width: int = 2) -> str:
        start = self.at
        size = int.from_bytes(self.take(width, what), "big")
        if size > MAX_STRING:
            raise LimitExceeded(f"{what} of {size} bytes, the limit is {MAX_STRING}", offset=start)
        text, unusual = mutf8.decode(self.take(size, what))
        if unusual == "malformed":
            raise Damaged(f"a serialised Java object: {what} is no modified UTF-8", offset=start)
        return text

    def remember(self, thing: object) -> None:
        if len(self.handles) >= MAX_HANDLES:
            raise LimitExceeded(
                f"a serialised Java object of more than {MAX_HANDLES} parts", offset=self.at
            )
        self.handles.append(thing)

    def unexpected(self, tag: int, wanted: str) -> InputError:
        found = _NAMES.get(tag, f"0x{tag:02X}")
        message = f"a serialised Java object: expected {wanted}, found {found}"
        if tag in (0x79, 0x7B, 0x7D):
            return Unsupported(message, offset=self.at - 1)
        return Damaged(message, offset=self.at - 1)

    def content(self, depth: int) -> object:
        """Any value: an object, array, string, class, enum constant, null or reference."""
        if depth > MAX_DEPTH:
            raise LimitExceeded(
                f"a serialised Java object nested deeper than {MAX_DEPTH}", offset=self.at
            )
        tag = self.take(1, "a type code")[0]
        if tag == OBJECT:
            return self.instance(depth)
        if tag == ARRAY:
            return self.array(depth)
        if tag in (STRING, LONGSTRING):
            text = self.utf("a string", 2 if tag == STRING else 8)
            self.remember(text)
            return text
        if tag == NULL:
            return None
        if tag == REFERENCE:
            return self.reference()
        if tag == ENUM:
            desc = self.class_desc(depth + 1)
            constant = Constant(desc, "")
            self.remember(constant)
            name = self.content(depth + 1)
            if not isinstance(name, str):
                raise self.unexpected(tag, "the name of an enum constant")
            constant.name = name
            return constant
        if tag == CLASSDESC:
            return self.new_class_desc(depth)
        if tag == CLASS:
            desc = self.class_desc(depth + 1)
            self.remember(desc)
            return desc
        raise self.unexpected(tag, "a value")

    def reference(self) -> object:
        handle = self.number(4, "a handle") - BASE_HANDLE
        if not 0 <= handle < len(self.handles):
            raise Damaged(
                f"a serialised Java object: a reference to part {handle} of {len(self.handles)}",
                offset=self.at - 4,
            )
        return self.handles[handle]

    def class_desc(self, depth: int) -> ClassDesc:
        desc = self.optional_class_desc(depth)
        if desc is None:
            raise self.unexpected(NULL, "a class description")
        return desc

    def optional_class_desc(self, depth: int) -> ClassDesc | None:
        start = self.at
        tag = self.take(1, "a class description")[0]
        if tag == NULL:
            return None
        if tag == CLASSDESC:
            return self.new_class_desc(depth)
        if tag == REFERENCE:
            desc = self.reference()
            if isinstance(desc, ClassDesc):
                return desc
            raise Damaged(
                "a serialised Java object: expected a class description, found a reference to "
                "something else",
                offset=start,
            )
        raise self.unexpected(tag, "a class description")

    def new_class_desc(self, depth: int) -> ClassDesc:
        if depth > MAX_DEPTH:
            raise LimitExceeded(
                f"a serialised Java object nested deeper than {MAX_DEPTH}", offset=self.at
            )
        desc = ClassDesc(self.utf("a class name"), self.number(8, "a serialVersionUID"))
        self.remember(desc)
        desc.flags = self.take(1, "class flags")[0]
        count = int.from_bytes(self.take(2, "a number of fields"), "big")
        if count > MAX_ELEMENTS:
            raise LimitExceeded(f"a Java class of {count} fields", offset=self.at - 2)
        fields: list[tuple[str, str, str]] = []
        for _ in range(count):
            code = chr(self.take(1, "a field type")[0])
            name = self.utf("a field name")
            signature: object = ""
            if code in "[L":
                signature = self.content(depth + 1)
            elif code not in SIZES:
                raise Damaged(f"a serialised Java object: field type {code!r}", offset=self.at - 1)
            if not isinstance(signature, str):
                raise Damaged(
                    "a serialised Java object: the type of a field is no string", offset=self.at
                )
            fields.append((code, name, signature))
        desc.fields = tuple(fields)
        self.annotation(depth)
        desc.parent = self.optional_class_desc(depth + 1)
        return desc

    def annotation(self, depth: int) -> None:
        """Block data and values up to the end of block data; passed over."""
        while True:
            tag = self.take(1, "an annotation")[0]
            if tag == END:
                return
            if tag == BLOCKDATA:
                self.take(self.take(1, "block data")[0], "block data")
            elif tag == BLOCKDATALONG:
                self.take(self.number(4, "block data"), "block data")
            else:
                self.at -= 1
                self.content(depth + 1)

    def instance(self, depth: int) -> Instance:
        desc = self.class_desc(depth + 1)
        found = Instance(desc, {})
        self.remember(found)
        for level in desc.chain():
            if level.flags & EXTERNALIZABLE:
                if not level.flags & BLOCK_DATA:
                    raise Unsupported(
                        f"a serialised Java object of {level.name}, which does not tell its length",
                        offset=self.at,
                    )
                self.annotation(depth)
                continue
            if not level.flags & SERIALIZABLE:
                continue
            for code, name, _ in level.fields:
                found.values[name] = self.value(code, depth)
            if level.flags & WRITE_METHOD:
                self.annotation(depth)
        return found

    def value(self, code: str, depth: int) -> object:
        size = SIZES.get(code)
        return self.content(depth + 1) if size is None else self.number(size, "a field")

    def array(self, depth: int) -> Array:
        desc = self.class_desc(depth + 1)
        found = Array(desc, None)
        self.remember(found)
        start = self.at
        count = self.number(4, "the length of an array")
        code = desc.name[1:2]
        if code in SIZES:
            found.content = self.take(count * SIZES[code], "an array")
            return found
        if not 0 <= count <= MAX_ELEMENTS:
            raise LimitExceeded(f"a Java array of {count} objects", offset=start)
        for _ in range(count):
            self.content(depth + 1)
        return found
