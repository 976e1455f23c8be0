"""One direction of a TCP connection, put together from its segments (RFC 9293)."""

from __future__ import annotations

from heapq import heappop, heappush

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .segments import Segment

MOST_WAITING = 2 * 1024 * 1024
"""Bytes that are kept behind a gap."""

_MOST_SEGMENTS = 4_096
_HALF = 1 << 31


class Piece:
    """Bytes that follow what came before, or a gap.

    Attributes:
        data: b"" for a gap.
        gap: bytes that the capture does not have.
        packet: from which they are; for a gap the one behind it.
    """

    __slots__ = ("data", "gap", "packet")

    def __init__(self, data: bytes, gap: int, packet: int) -> None:
        self.data = data
        self.gap = gap
        self.packet = packet


class Stream:
    """Takes segments in any order, several times, with parts missing; gives pieces in order."""

    def __init__(self) -> None:
        # Places are counted on past 2^32, so that they can be ordered.
        self._next: int | None = None
        self._order: list[int] = []
        self._waiting: dict[int, tuple[bytes, int, int]] = {}
        self._kept = 0
        self.retransmitted = 0

    @property
    def begun(self) -> bool:
        """Whether its begin is known."""
        return self._next is not None

    def start(self, sequence: int) -> None:
        """What its SYN says."""
        if self._next is None:
            self._next = sequence + 1

    def take(self, segment: Segment, packet: int) -> Iterator[Piece]:
        """What is complete now."""
        length = len(segment.payload) + segment.missing
        if not length:
            return
        if self._next is None:
            self._next = segment.sequence
        away = (segment.sequence - self._next) & 0xFFFFFFFF
        place = self._next + (away - (1 << 32) if away >= _HALF else away)
        if place + length <= self._next:
            self.retransmitted += 1
            return
        old = self._waiting.get(place)
        if old is None:
            heappush(self._order, place)
        # Of two segments at one place the one with more of its bytes counts.
        if old is None or len(old[0]) < len(segment.payload):
            self._kept += len(segment.payload) - (len(old[0]) if old else 0)
            self._waiting[place] = (segment.payload, segment.missing, packet)
        yield from self._due()
        if self._kept > MOST_WAITING or len(self._order) > _MOST_SEGMENTS:
            yield from self.finish()

    def finish(self) -> Iterator[Piece]:
        """What waits behind gaps, when nothing more is waited for."""
        while self._order:
            assert self._next is not None
            gap = self._order[0] - self._next
            if gap > 0:
                yield Piece(b"", gap, self._waiting[self._order[0]][2])
                self._next += gap
            yield from self._due()

    def _due(self) -> Iterator[Piece]:
        assert self._next is not None
        while self._order and self._order[0] <= self._next:
            place = heappop(self._order)
            payload, missing, packet = self._waiting.pop(place)
            self._kept -= len(payload)
            before = self._next - place
            if before >= len(payload) + missing:
                self.retransmitted += 1
                continue
            fresh = payload[before:]
            lost = missing - max(before - len(payload), 0)
            self._next += len(fresh) + lost
            if fresh:
                yield Piece(fresh, 0, packet)
            if lost:
                yield Piece(b"", lost, packet)
