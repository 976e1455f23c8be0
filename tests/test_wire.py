"""Records and handshake messages, in any pieces, and none too large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, LimitExceeded, StorekeeperError, UnknownFormat
from storekeeper.tls import wire
from storekeeper.tls.wire import Alert, Fields, Message, Messages, Record, header, vector


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300)), max_size=8), st.data())
def test_messages_come_whole_from_any_pieces(
    made: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    sent = [Message(kind, body) for kind, body in made]
    whole = b"".join(one.encode() for one in sent)
    joined = Messages()
    found = []
    at = 0
    while at < len(whole):
        size = data.draw(st.integers(1, len(whole) - at))
        found += joined.feed(whole[at : at + size])
        at += size
    assert found == sent
    assert joined.pending == 0


def test_a_record_and_an_alert_as_rfc_5246_has_them() -> None:
    assert Record(wire.ALERT, 0x0303, Alert(2, 40).encode()).encode().hex() == "15030300020228"
    assert header(bytes.fromhex("1503030002")) == (21, 0x0303, 2)
    assert Alert(2, 40).fatal
    assert not Alert(1, 0).fatal


def test_limits() -> None:
    with pytest.raises(LimitExceeded, match="message of 16777215 bytes"):
        Messages().feed(b"\x0b\xff\xff\xff")
    joined = Messages()
    one = Message(13, b"x" * 60_000).encode()
    for _ in range(wire.MOST_BYTES // len(one)):
        joined.feed(one)
    with pytest.raises(LimitExceeded, match="at most"):
        joined.feed(one)
    with pytest.raises(Damaged, match="a TLS record of 65535 bytes"):
        header(b"\x16\x03\x03\xff\xff")


@pytest.mark.parametrize(
    ("first", "what"),
    [
        (b"HTTP/1.1 400", "plain HTTP"),
        (b"SSH-2.0-x", "SSH"),
        (b"220 mail", "SMTP or FTP"),
        (b"* OK hi", "IMAP"),
        (b"\0\0\0\0\0", "the bytes 00 00 00 00 00"),
    ],
)
def test_what_is_no_tls_is_named(first: bytes, what: str) -> None:
    with pytest.raises(UnknownFormat, match=what):
        header(first[:5])


def test_fields_are_never_read_beyond_their_end() -> None:
    fields = Fields(vector(b"abc", 2) + b"\x05x", "thing")
    assert fields.vector(2) == b"abc"
    with pytest.raises(Damaged, match="thing: expected 5 bytes, found 1"):
        fields.vector(1)
    assert Fields(b"\0\x04\0\x01\0\x02", "numbers").numbers(2, 2) == (1, 2)


@given(st.binary(max_size=64))
def test_any_bytes(data: bytes) -> None:
    try:
        Messages().feed(data)
        if len(data) >= wire.RECORD_HEADER:
            header(data)
    except StorekeeperError:
        pass
