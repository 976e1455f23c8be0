from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.formats import mutf8
from tests import jvm
from tests.strategies import any_text

# java.io.DataInput, "Modified UTF-8": its three ranges at their ends, and the two
# differences from UTF-8.
VECTORS = [
    ("", ""),
    ("A", "41"),
    ("\x01", "01"),
    ("\x7f", "7f"),
    ("\x00", "c080"),
    ("\x80", "c280"),
    ("\u07ff", "dfbf"),
    ("\u0800", "e0a080"),
    ("\uffff", "efbfbf"),
    ("\U00010000", "eda080edb080"),
    ("\U0001f600", "eda0bdedb880"),
    ("\U0010ffff", "edafbfedbfbf"),
    ("\ud800", "eda080"),
    ("\udc00\ud800", "edb080eda080"),
    ("é\0😀x", "c3a9c080eda0bdedb88078"),
]


@pytest.mark.parametrize(("text", "octets"), VECTORS)
def test_java_io_datainput_ranges(text: str, octets: str) -> None:
    assert mutf8.encode(text).hex() == octets
    assert mutf8.decode(bytes.fromhex(octets)) == (text, "")


@pytest.mark.parametrize(
    ("octets", "text"),
    [("00", "\0"), ("c181", "A"), ("e08181", "A"), ("e08080", "\0"), ("c080e083a9", "\0é")],
)
def test_what_java_reads_and_would_write_otherwise_is_overlong(octets: str, text: str) -> None:
    assert mutf8.decode(bytes.fromhex(octets)) == (text, "overlong")


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("f09f9880", "😀"),  # UTF-8 as pyjks 20 writes it
        ("61f09f988062", "a😀b"),
        ("ff", "\\xff"),
        ("61c3", "a\\xc3"),
        ("c341", "\\xc3A"),
        ("80", "\\x80"),
        ("e282", "\\xe2\\x82"),
    ],
)
def test_what_java_refuses_is_shown_all_the_same(octets: str, text: str) -> None:
    assert mutf8.decode(bytes.fromhex(octets)) == (text, "malformed")


@given(any_text)
def test_text_comes_back(text: str) -> None:
    assert mutf8.decode(mutf8.encode(text)) == (text, "")


@given(st.one_of(st.binary(), any_text.map(mutf8.encode), st.text().map(str.encode)))
def test_any_bytes_are_read_and_only_java_s_own_come_back(raw: bytes) -> None:
    text, unusual = mutf8.decode(raw)
    assert unusual in ("", "overlong", "malformed")
    assert (mutf8.encode(text) == raw) is (unusual == "") or unusual == "malformed"


@given(st.lists(st.sampled_from([0x41, 0x80, 0xC0, 0xC3, 0xE0, 0xED, 0xA0, 0xF0, 0xFF])))
def test_text_of_malformed_bytes_can_be_printed(octets: list[int]) -> None:
    text, unusual = mutf8.decode(bytes(octets))
    if unusual == "malformed":
        text.encode("utf-8")


def test_java_agrees_on_every_vector() -> None:
    """An alias goes through `DataOutputStream.writeUTF`, and back through `readUTF`."""
    from storekeeper.formats import jks
    from storekeeper.model import Certificate, Password, Store, TrustedCert

    java = jvm.newest()
    root = next(jks.read(java_cacerts()).certificates())
    aliases = sorted({text.lower() for text, _ in VECTORS if text})
    entries = [{"alias": alias, "kind": "trusted", "chain": [root.der]} for alias in aliases]
    written = java.worker.store("JKS", "changeit", entries)
    for alias in aliases:
        assert b"".join((len(e := mutf8.encode(alias)).to_bytes(2, "big"), e)) in written
    ours = Store("JKS", tuple(TrustedCert(alias, Certificate(root.der), 0) for alias in aliases))
    seen = java.worker.load(jks.write(ours, Password("changeit")), "changeit", "JKS")
    assert sorted(entry["alias"] for entry in seen["entries"]) == aliases


def java_cacerts() -> bytes:
    return jvm.newest().cacerts.read_bytes()
