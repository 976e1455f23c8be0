"""Time as a ratio: machines differ and are busy, so no test knows how long a second is."""

from __future__ import annotations

import functools
import time


@functools.cache
def _unit() -> float:
    fastest = float("inf")
    for _ in range(5):
        started = time.process_time()
        number = 0
        for step in range(150_000):
            number = (number * 31 + step) & 0xFFFF
        fastest = min(fastest, time.process_time() - started)
    return fastest


def units(elapsed: float) -> float:
    """CPU seconds in units of a fixed loop, timed once in this process (about 10 ms on most)."""
    return elapsed / _unit()
