# ruff: noqa: RUF001 - letters that look alike are the point
"""Distinguished names for hypothesis: the ones people have, and the ones attackers have."""

from __future__ import annotations

from hypothesis import strategies as st

from storekeeper import der
from storekeeper.names import SHORT
from storekeeper.names_java import JAVA

ENCODINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    der.T61_STRING: "latin-1",
    0x12: "ascii",  # NumericString
    0x1A: "ascii",  # VisibleString
    0x1B: "ascii",  # GeneralString
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}
OIDS = sorted({*SHORT, *JAVA, "1.2.3.4", "2.5.4.999", "2.999.18446744073709551616"})

# What quoting, folding, trimming, upper-casing and normalising treat specially.
_AWKWARD = (
    " \t\n\r\x00\x01\x7f,+=\"\\<>;#/'aAbZz09éÉßẞσΣıİŉﬁ，＋"
    "\u00a0\u00ad\u0301\u2028\u200f\u202e\u3000\ufeff\U0001f600\U00010400\U000e0041"
)
texts = st.one_of(
    st.text(_AWKWARD, max_size=8),
    st.text("abcXYZ ", max_size=12),
    # Letters assigned before Unicode 6, which every Java and Python here know alike.
    st.text(st.characters(max_codepoint=0x24FF, categories=["L", "N", "P", "Zs"]), max_size=8),
)


@st.composite
def string_values(draw: st.DrawFn, tags: tuple[int, ...] = tuple(ENCODINGS)) -> bytes:
    """A valid value of one of these string types."""
    tag = draw(st.sampled_from(tags))
    text = draw(texts)
    if tag == der.BMP_STRING:  # UCS-2: Java 25 refuses a surrogate in it
        text = "".join(c for c in text if ord(c) < 0x10000)
    return der.encode(tag, text.encode(ENCODINGS[tag], "ignore"))


odd_values = st.one_of(
    st.integers().map(der.integer),
    st.binary(max_size=6).map(der.octet_string),
    st.binary(max_size=6).map(der.bit_string),
    st.just(der.null()),
    st.booleans().map(lambda true: der.encode(der.BOOLEAN, b"\xff" if true else b"\0")),
    # Strings with octets their type does not allow.
    st.builds(
        der.encode,
        st.sampled_from([der.UTF8_STRING, der.PRINTABLE_STRING, der.IA5_STRING, 0x1B]),
        st.binary(max_size=8),
    ),
)


def names(
    values: st.SearchStrategy[bytes] | None = None, oids: list[str] = OIDS
) -> st.SearchStrategy[bytes]:
    """The DER of a name; SETs are sorted or, as some CAs leave them, not."""
    pairs = st.builds(
        lambda oid, value: der.sequence(der.oid(oid), value),
        st.sampled_from(oids),
        st.one_of(string_values(), string_values(), odd_values) if values is None else values,
    )
    sets = st.one_of(
        pairs.map(der.set_of),
        st.lists(pairs, min_size=1, max_size=3).map(lambda found: der.set_of(*found)),
        st.lists(pairs, min_size=1, max_size=3).map(lambda found: der.encode(der.SET, *found)),
    )
    return st.lists(sets, max_size=4).map(lambda found: der.sequence(*found))
