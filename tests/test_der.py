from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, LimitExceeded, StorekeeperError
from tests import clock, pki

INTEGERS = st.one_of(
    st.integers(-(2**4000), 2**4000),
    st.sampled_from(
        [s * 2**n + d for n in (7, 8, 15, 31, 63) for d in (-1, 0, 1) for s in (1, -1)]
    ),
)
OIDS = st.one_of(
    st.tuples(st.integers(0, 1), st.integers(0, 39)), st.tuples(st.just(2), st.integers(0, 10**6))
).flatmap(
    lambda first: st.lists(st.integers(0, 2**40), max_size=6).map(
        lambda rest: ".".join(map(str, (*first, *rest)))
    )
)


# --- what is written is read again ------------------------------------------------------


@given(INTEGERS)
def test_integers(value: int) -> None:
    encoded = der.integer(value)
    assert der.only(encoded, "x").integer("x") == value
    content = der.only(encoded, "x").content
    # X.690 8.3.2: the first nine bits are never all alike.
    assert len(content) == 1 or content[0] not in (0, 255) or (content[0] ^ content[1]) & 0x80


@given(OIDS)
def test_oids(dotted: str) -> None:
    assert der.only(der.oid(dotted), "x").oid("x") == dotted


@given(st.binary(max_size=300), st.integers(0, 300))
def test_strings(value: bytes, more: int) -> None:
    value = value + bytes(more)
    assert der.only(der.octet_string(value), "x").octets("x") == value
    assert der.only(der.bit_string(value), "x").bits("x") == value
    assert der.only(der.encode(0x80, value), "x").string(0x80, "x") == value


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_constructed(values: list[bytes]) -> None:
    parts = [der.octet_string(value) for value in values]
    for encoded in (der.sequence(*parts), der.explicit(3, *parts)):
        value = der.only(encoded, "x")
        assert [child.octets("x") for child in value.children()] == values
        assert value.raw == encoded
        assert value.content == b"".join(parts)
    ordered = [child.raw for child in der.only(der.set_of(*parts), "x").children()]
    assert ordered == sorted(parts)


@given(st.lists(st.tuples(INTEGERS, OIDS, st.binary(max_size=40)), min_size=1, max_size=12))
def test_a_definite_value_inside_longer_bytes(rows: list[tuple[int, str, bytes]]) -> None:
    parts = [der.sequence(der.integer(i), der.oid(o), der.octet_string(b)) for i, o, b in rows]
    data = b"\xff" + b"".join(parts) + b"\xff"
    at = 1
    for number, oid, octets in rows:
        value = der.read(data, at)
        first, second, third = value.items("row", at_least=3)
        assert (first.integer("i"), second.oid("o"), third.octets("b")) == (number, oid, octets)
        at = value.after
    assert at == len(data) - 1


# --- a second opinion ------------------------------------------------------------------


def test_openssl_reads_what_is_written() -> None:
    numbers = [0, 1, -1, 127, 128, -128, -129, 255, 256, 65535, 2**31, 2**64, -(2**64)]
    oids = [
        "1.2.840.113549.1.1.1",
        "2.5.4.3",
        "0.9.2342.19200300.100.1.1",
        "2.999.1",
        "1.3.6.1.4.1.99999",
    ]
    data = der.sequence(
        *map(der.integer, numbers),
        *map(der.oid, oids),
        der.null(),
        der.octet_string(bytes(1000)),
        der.bit_string(b"\x80"),
        der.explicit(0, der.set_of(der.integer(5), der.integer(3))),
    )
    shown = pki.openssl("asn1parse", "-inform", "DER", stdin=data).decode()
    found = [int(text, 16) for text in re.findall(r"INTEGER +:(-?[0-9A-F]+)", shown)]
    assert found == [*numbers, 3, 5]
    named = re.findall(r"OBJECT +:(.+)", shown)
    assert named == ["rsaEncryption", "commonName", "userId", "2.999.1", "1.3.6.1.4.1.99999"]
    lines = re.findall(r"^ *(\d+):d=(\d+) +hl=(\d+) l= *(\d+)", shown, re.MULTILINE)

    def rows(value: der.Value) -> list[tuple[int, int, int, int]]:
        row = (value.start, value.depth, value.body - value.start, value.end - value.body)
        if not value.tag & 0x20:
            return [row]
        return [row, *(line for child in value.children() for line in rows(child))]

    assert [tuple(map(int, line)) for line in lines] == rows(der.read(data))


# --- BER -------------------------------------------------------------------------------

EOC = b"\0\0"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x24\x80\x04\x02ab\x04\x01c" + EOC, b"abc"),
        (b"\x24\x07\x04\x02ab\x04\x01c", b"abc"),
        (b"\x24\x80" + EOC, b""),
        (b"\x24\x80\x24\x80\x04\x01a" + EOC + b"\x24\x03\x04\x01b" + EOC, b"ab"),
        (b"\x04\x81\x03abc", b"abc"),
        (b"\x04\x84\x00\x00\x00\x03abc", b"abc"),
        (b"\x04\x88" + bytes(7) + b"\x03abc", b"abc"),
    ],
)
def test_octet_strings_of_ber(data: bytes, expected: bytes) -> None:
    assert der.only(data, "x").octets("x") == expected


def test_implicit_strings_have_universal_segments() -> None:
    assert der.only(b"\xa0\x80\x04\x01a\x04\x01b" + EOC, "x").string(0x80, "x") == b"ab"


def test_indefinite_lengths_nest() -> None:
    data = b"0\x80" + b"1\x80\x02\x01\x05" + EOC + b"0\x03\x02\x01\x07" + EOC
    value = der.only(data, "x")
    assert value.indefinite
    inner, other = value.items("x")
    assert (inner.raw, other.raw) == (b"1\x80\x02\x01\x05" + EOC, b"0\x03\x02\x01\x07")
    assert inner.content == b"\x02\x01\x05"
    assert value.after == len(data)
    assert value.end == len(data) - 2


@given(st.recursive(st.binary(max_size=6).map(der.octet_string),
                    lambda inner: st.lists(inner, max_size=4).flatmap(
                        lambda parts: st.sampled_from(
                            [der.sequence(*parts), b"0\x80" + b"".join(parts) + EOC])),
                    max_leaves=12))  # fmt: skip
def test_any_mixture_of_lengths_is_walked_whole(data: bytes) -> None:
    def leaves(value: der.Value) -> bytes:
        if value.tag == der.OCTET_STRING:
            return value.octets("x")
        return b"".join(map(leaves, value.children()))

    def plain(value: der.Value) -> bytes:
        if value.tag == der.OCTET_STRING:
            return value.raw
        return der.sequence(*map(plain, value.children()))

    value = der.only(data, "x")
    assert leaves(der.only(plain(value), "x")) == leaves(value)
    for size in range(len(data)):
        with pytest.raises(Damaged):
            der.only(data[:size], "x")


# --- refusals --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "offset", "said"),
    [
        (b"", 0, "expected a tag and a length, found 0 bytes"),
        (b"\x30", 0, "found 1 bytes"),
        (b"\x30\x05\x02\x01\x01", 0, "SEQUENCE says it is 5 bytes long, 3 are left"),
        (b"\x04\x84\xff\xff\xff\xff", 0, "4294967295 bytes long, 0 are left"),
        (b"\x04\x89" + bytes(9), 0, "a length field of 9 bytes"),
        (b"\x04\xff", 0, "a length field of 127 bytes"),
        (b"\x04\x82\x01", 0, "a length field of 2 bytes"),
        (b"\x04\x80\x00\x00", 0, "a primitive value of indefinite length"),
        (b"\x30\x80\x02\x01\x01", 0, "that does not end"),
        (b"\x30\x80\x02\x01\x01\x00", 0, "that does not end"),
        (b"\x3f\xff", 0, "a tag that does not end"),
        (b"\x3f\xff\xff\xff\xff\xff\xff\x01\x00", 0, "a tag number of more than 35 bits"),
        (b"\x3f\x21", 2, "expected a length, found the end"),
    ],
)
def test_what_is_no_value(data: bytes, offset: int, said: str) -> None:
    with pytest.raises(Damaged, match=said) as caught:
        der.read(data)
    assert caught.value.offset == offset


def test_a_value_must_fit_what_holds_it() -> None:
    data = b"\x30\x03\x04\x02ab"
    with pytest.raises(Damaged, match="OCTET STRING says it is 2 bytes long, 1 are left") as caught:
        der.read(data).items("x")
    assert caught.value.offset == 2
    # An end-of-contents beyond the holder does not end a value inside it.
    with pytest.raises(Damaged, match="does not end"):
        der.read(b"\x30\x03\x30\x80\x00\x00").items("x")


def test_long_tags_are_walked_over() -> None:
    value = der.only(b"\x30\x06\x9f\x21\x01a\x05\x00", "x")
    first, second = value.items("x")
    assert (first.tag, first.content, second.tag) == (0x9F, b"a", der.NULL)


def test_wrong_types_say_both() -> None:
    value = der.read(der.sequence())
    for read, expected in (
        (value.integer, "INTEGER"), (value.oid, "OBJECT IDENTIFIER"),
        (value.octets, "OCTET STRING"), (value.bits, "BIT STRING"),
    ):  # fmt: skip
        with pytest.raises(Damaged, match=f"salt: expected {expected}, found SEQUENCE") as caught:
            read("salt")
        assert caught.value.offset == 0
    with pytest.raises(Damaged, match="expected 2 values, found 0"):
        value.items("pair", at_least=2)
    with pytest.raises(Damaged, match="an INTEGER without contents"):
        der.read(b"\x02\x00").integer("x")
    assert der.read(der.integer(-(2**63))).count("x") == -(2**63)
    with pytest.raises(LimitExceeded, match="rounds: a number of 9 bytes"):
        der.read(der.integer(2**63)).count("rounds")
    for bits in (b"\x03\x00", b"\x03\x01\x08"):
        with pytest.raises(Damaged, match="without a valid first octet"):
            der.read(bits).bits("x")
    with pytest.raises(Damaged, match="3 bytes follow the value") as caught:
        der.only(b"\x05\x00abc", "x")
    assert caught.value.offset == 2


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x2a\x86", b"\x01" * 65])
def test_oids_that_are_none(content: bytes) -> None:
    with pytest.raises(Damaged, match="algorithm: a malformed OBJECT IDENTIFIER"):
        der.read(der.encode(der.OID, content)).oid("algorithm")


@pytest.mark.parametrize(
    "dotted", ["", "1", "3.1", "1.40", "1.-2", "1.2.x", "1..2", "1.2_3", "\uff11.2", " 1.2"]
)
def test_texts_that_are_no_oids(dotted: str) -> None:
    with pytest.raises(ValueError):
        der.oid(dotted)


def deep(levels: int, indefinite: bool) -> bytes:
    if indefinite:
        return b"\x30\x80" * levels + EOC * levels
    data = b""
    for _ in range(levels):
        data = der.sequence(data)
    return data


def depth_of(value: der.Value) -> int:
    return 1 + max(map(depth_of, value.children()), default=0)


@pytest.mark.parametrize(
    ("indefinite", "most"), [(False, der.MAX_DEPTH), (True, der.MAX_INDEFINITE)]
)
def test_depth_is_bounded(indefinite: bool, most: int) -> None:
    assert depth_of(der.read(deep(most, indefinite))) == most
    with pytest.raises(LimitExceeded, match=f"nested deeper than {most}"):
        depth_of(der.read(deep(most + 2, indefinite)))
    nested = b"\x04\x01a"
    for _ in range(70):
        nested = der.encode(0x24, nested)
    with pytest.raises(LimitExceeded):
        der.read(nested).octets("x")


def test_a_structure_has_few_parts_and_a_list_may_be_long() -> None:
    assert len(der.read(der.sequence(der.null() * der.MAX_ITEMS)).items("x")) == der.MAX_ITEMS
    longer = der.read(der.sequence(der.null() * (der.MAX_ITEMS + 1)))
    with pytest.raises(LimitExceeded, match="x: more than 100 values"):
        longer.items("x")
    assert sum(1 for _ in longer.children()) == der.MAX_ITEMS + 1


@pytest.mark.parametrize(
    "data",
    [b"\x30\x80" * 500_000, b"\x30\x80" + b"\x30\x00" * 500_000, deep(2_000, indefinite=False),
     (b"\x30\x80" * 60 + b"\x04\x00" * 8_000) * 2, b"\x24\x80" * 63 + b"\x04\x01a" * 100_000],
    ids=["deep", "wide", "definite", "both", "segments"],
)  # fmt: skip
def test_hostile_nesting_is_refused_or_read_quickly(data: bytes) -> None:
    started = time.process_time()

    def walk() -> None:
        for child in der.read(data).children():
            child.octets("x")

    with pytest.raises(StorekeeperError):
        walk()
    assert clock.units(time.process_time() - started) < 200


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    def walk(value: der.Value, levels: int) -> None:
        assert value.start < value.body <= value.end <= value.after <= len(data)
        for what in (value.integer, value.oid, value.octets, value.bits):
            with contextlib.suppress(StorekeeperError):
                what("x")
        if value.tag & 0x20 and levels:
            for child in value.children():
                walk(child, levels - 1)

    with contextlib.suppress(StorekeeperError):
        walk(der.read(data), 20)


def test_names_of_tags() -> None:
    assert [der.tag_name(tag) for tag in (0x30, 0xA0, 0x82, 0x1E, 0x41)] == [
        "SEQUENCE", "[0]", "[2]", "BMPString", "tag 0x41",
    ]  # fmt: skip
