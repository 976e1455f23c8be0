"""Writing serialised Java objects, as `java.io.ObjectOutputStream` does; see `serialized`."""

from __future__ import annotations

import struct

from . import mutf8
from .serialized import (
    ARRAY,
    BASE_HANDLE,
    CLASSDESC,
    END,
    ENUM,
    MAGIC,
    NULL,
    OBJECT,
    REFERENCE,
    SIZES,
    STRING,
    Array,
    ClassDesc,
    Constant,
    Instance,
)


def dump(root: Instance) -> bytes:
    """The stream of an object whose classes have neither annotations nor own writers.

    Java writes one string object used twice as a reference the second time, and here no
    value is shared; in what the JDK seals, none is.
    """
    writer = _Writer()
    writer.content(root)
    return bytes(writer.out)


class _Writer:
    def __init__(self) -> None:
        self.out = bytearray(MAGIC)
        self.handles: dict[object, int] = {}
        self.used = 0

    def known(self, key: object) -> bool:
        """Write a reference if the key has a handle already; otherwise give it one."""
        handle = self.handles.get(key)
        if handle is not None:
            self.out += struct.pack(">BI", REFERENCE, BASE_HANDLE + handle)
            return True
        self.assign(key)
        return False

    def assign(self, key: object = None) -> None:
        if key is not None:
            self.handles[key] = self.used
        self.used += 1

    def utf(self, text: str) -> None:
        raw = mutf8.encode(text)
        self.out += struct.pack(">H", len(raw)) + raw

    def string(self, text: str) -> None:
        self.out.append(STRING)
        self.utf(text)

    def class_desc(self, desc: ClassDesc | None) -> None:
        if desc is None:
            self.out.append(NULL)
            return
        # A class has one description a stream; Java knows it by identity, we by name.
        if self.known(("class", desc.name)):
            return
        self.out.append(CLASSDESC)
        self.utf(desc.name)
        self.out += struct.pack(">qBH", desc.uid, desc.flags, len(desc.fields))
        for code, name, signature in desc.fields:
            self.out += code.encode("ascii")
            self.utf(name)
            # Java shares the strings of field types and no others.
            if code in "[L" and not self.known(("type", signature)):
                self.string(signature)
        self.out.append(END)
        self.class_desc(desc.parent)

    def content(self, node: object) -> None:
        match node:
            case None:
                self.out.append(NULL)
            case str():
                self.assign()
                self.string(node)
            case Array(content=bytes(content)):
                self.out.append(ARRAY)
                self.class_desc(node.desc)
                self.assign()
                self.out += struct.pack(">I", len(content) // SIZES[node.desc.name[1]])
                self.out += content
            case Constant():
                self.out.append(ENUM)
                self.class_desc(node.desc)
                self.assign()
                self.content(node.name)
            case Instance():
                self.out.append(OBJECT)
                self.class_desc(node.desc)
                self.assign()
                for level in node.desc.chain():
                    for code, name, _ in level.fields:
                        value = node.values[name]
                        if code in SIZES:
                            assert isinstance(value, int)
                            self.out += value.to_bytes(SIZES[code], "big", signed=True)
                        else:
                            self.content(value)
            case _:
                raise TypeError(f"{type(node).__name__} can't be serialised")
