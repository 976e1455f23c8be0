from __future__ import annotations

import contextlib
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, InputError, LimitExceeded, Unsupported
from storekeeper.formats import mutf8, serialized
from storekeeper.formats.serialized import (
    ARRAY,
    BLOCK_DATA,
    BLOCKDATA,
    BLOCKDATALONG,
    CLASSDESC,
    END,
    ENUM,
    EXTERNALIZABLE,
    IS_ENUM,
    LONGSTRING,
    MAGIC,
    NULL,
    OBJECT,
    REFERENCE,
    SERIALIZABLE,
    STRING,
    WRITE_METHOD,
    Array,
    ClassDesc,
    Constant,
    Instance,
    parse,
)
from storekeeper.formats.serialized_write import dump
from tests import clock, jvm
from tests.strategies import any_text

BYTES = ClassDesc("[B", -5984413125824719648)


def utf(text: str) -> bytes:
    raw = mutf8.encode(text)
    return struct.pack(">H", len(raw)) + raw


def class_desc(
    name: str, flags: int = SERIALIZABLE, fields: bytes = b"\0\0", parent: bytes = bytes([NULL])
) -> bytes:
    """A new class description of no annotation."""
    return (
        bytes([CLASSDESC]) + utf(name) + bytes(8) + bytes([flags]) + fields + bytes([END]) + parent
    )


def reference(handle: int) -> bytes:
    return struct.pack(">BI", REFERENCE, serialized.BASE_HANDLE + handle)


def stream(*parts: bytes) -> bytes:
    return MAGIC + bytes([OBJECT]) + b"".join(parts)


# --- what Java writes ---


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_objects_of_a_jceks_are_walked_to_their_end_and_written_again(version: str) -> None:
    java = jvm.jvm(version)
    written = java.worker.store(
        "JCEKS",
        "changeit",
        [
            {"alias": "spec", "kind": "secret", "key": b"k" * 16, "key_algorithm": "AES"},
            {"alias": "long", "kind": "secret", "key": b"k" * 9999, "key_algorithm": "HmacSHA1"},
        ],
    )
    at = 0
    for _ in range(2):
        at = written.index(MAGIC, at)
        found, end = parse(written, at)
        assert found.desc.name == "com.sun.crypto.provider.SealedObjectForKeyProtector"
        assert found.values["sealAlg"] == "PBEWithMD5AndTripleDES"
        assert dump(found) == written[at:end]
        at = end
    # then comes the digest, or the second entry
    assert len(written) - at == 20


# --- the grammar, section 6.4.2 of the specification, rule by rule ---


def test_fields_of_every_type() -> None:
    fields = b"".join(
        code + utf(name)
        for code, name in zip(
            (b"B", b"C", b"D", b"F", b"I", b"J", b"S", b"Z"), "bcdfijsz", strict=True
        )
    )
    data = stream(
        class_desc("Primitives", fields=b"\0\x08" + fields),
        bytes(range(1, 1 + 1 + 2 + 8 + 4 + 4 + 8 + 2 + 1)),
    )
    found, end = parse(data)
    assert end == len(data)
    assert found.values["b"] == 1
    assert found.values["c"] == 0x0203
    assert found.values["z"] == 30


def test_superclass_fields_come_first() -> None:
    parent = class_desc("Parent", fields=b"\0\1" + b"B" + utf("p"))
    data = stream(class_desc("Child", fields=b"\0\1" + b"B" + utf("c"), parent=parent), b"\7\x09")
    assert parse(data)[0].values == {"p": 7, "c": 9}
    assert [desc.name for desc in parse(data)[0].desc.chain()] == ["Parent", "Child"]


def test_block_data_and_objects_of_a_write_method_are_passed_over() -> None:
    annotation = (
        bytes([BLOCKDATA, 3])
        + b"abc"
        + bytes([BLOCKDATALONG])
        + struct.pack(">I", 300)
        + bytes(300)
        + bytes([STRING])
        + utf("more")
        + bytes([NULL, END])
    )
    data = stream(class_desc("Own", SERIALIZABLE | WRITE_METHOD), annotation)
    assert parse(data + b"rest")[1] == len(data)


def test_externalizable_in_block_data_has_an_end_and_in_protocol_1_has_none() -> None:
    data = stream(class_desc("Ext", EXTERNALIZABLE | BLOCK_DATA), bytes([BLOCKDATA, 1, 5, END]))
    assert parse(data)[1] == len(data)
    with pytest.raises(Unsupported, match="of Ext, which does not tell its length"):
        parse(stream(class_desc("Ext", EXTERNALIZABLE), b"\5"))


def test_references_to_objects_strings_and_classes() -> None:
    fields = b"\0\3" + b"L" + utf("a") + bytes([STRING]) + utf("Ljava/lang/String;")
    fields += b"L" + utf("b") + reference(1) + b"L" + utf("c") + reference(1)
    # handles: 0 the class, 1 the signature, 2 the object, 3 the string
    data = stream(
        class_desc("Refs", fields=fields), bytes([STRING]), utf("x"), reference(3), reference(2)
    )
    found, end = parse(data)
    assert end == len(data)
    assert (found.values["a"], found.values["b"]) == ("x", "x")
    assert found.values["c"] is found


def test_enum_constant_and_long_string() -> None:
    fields = b"\0\1" + b"L" + utf("e") + bytes([STRING]) + utf("LKind;")
    enum = bytes([ENUM]) + class_desc("Kind", SERIALIZABLE | IS_ENUM)
    data = stream(
        class_desc("Holder", fields=fields),
        enum,
        bytes([LONGSTRING]) + struct.pack(">Q", 6) + b"SECRET",
    )
    constant = parse(data)[0].values["e"]
    assert isinstance(constant, Constant)
    assert (constant.desc.name, constant.name) == ("Kind", "SECRET")


@given(
    st.dictionaries(any_text, st.one_of(st.none(), any_text, st.binary()), min_size=1, max_size=6),
    any_text,
)
def test_what_is_written_is_read_the_same(values: dict[str, object], name: str) -> None:
    """Field names, class names and strings in full Unicode; bytes of any content."""
    fields = tuple(
        ("[", field, "[B") if isinstance(value, bytes) else ("L", field, "Ljava/lang/String;")
        for field, value in values.items()
    )
    given_values = {
        field: Array(BYTES, value) if isinstance(value, bytes) else value
        for field, value in values.items()
    }
    desc = ClassDesc("X" + name, -1, fields=fields)
    data = dump(Instance(desc, given_values))
    found, end = parse(b"before" + data + b"after", 6)
    assert end == 6 + len(data)
    assert found.desc.name == "X" + name
    assert found.desc.fields == fields
    assert {
        field: value.content if isinstance(value, Array) else value
        for field, value in found.values.items()
    } == values


# --- bytes that want to hurt ---

_DEEP_CLASSES = stream(
    b"".join(
        bytes([CLASSDESC]) + utf("C") + bytes(8) + bytes([SERIALIZABLE]) + b"\0\0" + bytes([END])
        for _ in range(5000)
    )
)
_NEST = (
    stream(class_desc("N", SERIALIZABLE | WRITE_METHOD)) + (bytes([OBJECT]) + reference(0)) * 5000
)
_MANY_OBJECTS = (
    stream(class_desc("M", SERIALIZABLE | WRITE_METHOD)) + (bytes([STRING]) + utf("")) * 100_000
)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (_DEEP_CLASSES, LimitExceeded, "nested deeper than 32"),
        (_NEST, LimitExceeded, "nested deeper than 32"),
        (_MANY_OBJECTS, LimitExceeded, "more than 1000 parts"),
        (stream(class_desc("S", parent=reference(0))), LimitExceeded, "superclasses"),
        (
            stream(class_desc("A", SERIALIZABLE | WRITE_METHOD), bytes([ARRAY]))
            + class_desc("[B")
            + b"\x7f\xff\xff\xff",
            Damaged,
            "an array of 2147483647 bytes, 0 are left",
        ),
        (
            stream(class_desc("A", SERIALIZABLE | WRITE_METHOD), bytes([ARRAY]))
            + class_desc("[J")
            + b"\xff\xff\xff\xff",
            Damaged,
            "an array of -8 bytes",
        ),
        (
            stream(class_desc("A", SERIALIZABLE | WRITE_METHOD), bytes([ARRAY]))
            + class_desc("[Ljava/lang/Object;")
            + b"\x7f\xff\xff\xff",
            LimitExceeded,
            "a Java array of 2147483647 objects",
        ),
        (
            stream(class_desc("A", SERIALIZABLE | WRITE_METHOD), bytes([LONGSTRING]) + b"\xff" * 8),
            LimitExceeded,
            "18446744073709551615 bytes",
        ),
        (stream(class_desc("F", fields=b"\xff\xff")), LimitExceeded, "65535 fields"),
        (stream(class_desc("F", fields=b"\0\1Q" + utf("q"))), Damaged, "field type 'Q'"),
        (stream(reference(0)), Damaged, "a reference to part 0 of 0"),
        (stream(bytes([NULL])), Damaged, "expected a class description, found null"),
        (MAGIC + b"\x79", Unsupported, "a reset"),
        (MAGIC + bytes([OBJECT, 0x7D]), Unsupported, "a proxy class"),
        (MAGIC + bytes([NULL]), Damaged, "another kind of value"),
        (MAGIC + bytes([BLOCKDATA, 0]), Damaged, "expected a value, found block data"),
        (b"\xac\xed\0\4", Damaged, "expected aced0005, found aced0004"),
        (b"", Damaged, "magic number"),
    ],
)
def test_hostile_streams(data: bytes, error: type[InputError], words: str) -> None:
    start = time.process_time()
    with pytest.raises(error, match=words) as raised:
        parse(data)
    assert raised.type is error
    assert clock.units(time.process_time() - start) < 50


SAMPLE = dump(
    Instance(
        ClassDesc(
            "javax.crypto.spec.SecretKeySpec",
            6577238317307289933,
            fields=(("L", "algorithm", "Ljava/lang/String;"), ("[", "key", "[B")),
        ),
        {"algorithm": "AES", "key": Array(BYTES, b"k" * 16)},
    )
)


def test_truncated_at_every_byte_is_damaged() -> None:
    for size in range(len(SAMPLE)):
        with pytest.raises(Damaged) as raised:
            parse(SAMPLE[:size])
        assert raised.value.offset is not None
        assert raised.value.offset <= size
        with pytest.raises(Damaged):
            parse(SAMPLE, 0, size)


def test_every_byte_changed_gives_our_errors_or_an_object() -> None:
    for at in range(len(SAMPLE)):
        for value in range(256):
            data = SAMPLE[:at] + bytes((value,)) + SAMPLE[at + 1 :]
            try:
                _, end = parse(data)
            except InputError:
                continue
            assert end <= len(data)


@given(st.lists(st.one_of(st.integers(0x70, 0x7E), st.integers(0, 255)), max_size=200))
def test_any_bytes_give_our_errors(octets: list[int]) -> None:
    with contextlib.suppress(Damaged, Unsupported, LimitExceeded):
        parse(stream(bytes(octets)))
