"""Streams out of segments: whatever the order, the bytes are the same, and gaps have their size."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from storekeeper.tls.evidence import reassembly
from storekeeper.tls.evidence.reassembly import Piece, Stream
from storekeeper.tls.evidence.segments import Segment


def _segment(start: int, payload: bytes, missing: int = 0) -> Segment:
    return Segment("a:1", "b:2", start & 0xFFFFFFFF, 0, payload, missing)


def _whole(pieces: list[Piece]) -> list[bytes | int]:
    """Bytes and the sizes of gaps, neighbours joined."""
    found: list[bytes | int] = []
    for piece in pieces:
        last = found[-1] if found else None
        if piece.gap:
            found[-1:] = [last + piece.gap] if isinstance(last, int) else [*found[-1:], piece.gap]
        else:
            found[-1:] = (
                [last + piece.data] if isinstance(last, bytes) else [*found[-1:], piece.data]
            )
    return found


@given(st.data())
def test_any_order_any_overlap_any_place_of_the_numbers(data: st.DataObject) -> None:
    whole = data.draw(st.binary(min_size=1, max_size=200))
    begin = data.draw(st.sampled_from([0, 5, 2**31 - 50, 2**32 - 1, 2**32 - 60]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    bounds = [0, *cuts, len(whole)]
    parts = [(a, whole[a:b]) for a, b in itertools.pairwise(bounds) if b > a]
    extra = data.draw(
        st.lists(st.tuples(st.integers(0, len(whole)), st.integers(0, 60)), max_size=6)
    )
    parts += [(at, whole[at : at + size]) for at, size in extra]
    parts = data.draw(st.permutations(parts))
    stream = Stream()
    stream.start(begin)
    found: list[Piece] = []
    for number, (at, payload) in enumerate(parts, 1):
        found += stream.take(_segment(begin + 1 + at, payload), number)
    assert b"".join(one.data for one in found) == whole
    assert not list(stream.finish())
    assert sum(one.gap for one in found) == 0


@given(st.binary(min_size=9, max_size=60), st.integers(1, 4), st.integers(5, 8))
def test_a_gap_has_its_size(whole: bytes, first: int, second: int) -> None:
    stream = Stream()
    stream.start(99)
    found = list(stream.take(_segment(100, whole[:first]), 1))
    found += stream.take(_segment(100 + second, whole[second:]), 2)
    assert _whole(found) == [whole[:first]]
    found += stream.finish()
    assert _whole(found) == [whole[:first], second - first, whole[second:]]


def test_what_was_not_captured_of_a_segment_is_a_gap_until_it_comes_again() -> None:
    stream = Stream()
    stream.start(0)
    found = list(stream.take(_segment(1, b"abc", missing=2), 1))
    found += stream.take(_segment(6, b"f"), 2)
    assert _whole(found) == [b"abc", 2, b"f"]
    assert list(stream.take(_segment(1, b"abcde"), 3)) == []
    assert stream.retransmitted == 1
    later = Stream()
    later.start(0)
    assert list(later.take(_segment(4, b"de", missing=1), 1)) == []
    assert list(later.take(_segment(4, b"def"), 2)) == []
    assert _whole(list(later.take(_segment(1, b"abc"), 3))) == [b"abcdef"]


def test_what_waits_is_bounded() -> None:
    stream = Stream()
    stream.start(0)
    size = 60_000
    given_up = 0
    for number in range(60):
        pieces = list(stream.take(_segment(10 + number * size, b"x" * size), number))
        given_up += sum(one.gap for one in pieces)
        assert stream._kept <= reassembly.MOST_WAITING + size
    assert given_up == 9
    for number in range(10_000):
        list(stream.take(_segment(10_000_000 + number * 2, b"y"), number))
        assert len(stream._order) <= reassembly._MOST_SEGMENTS
