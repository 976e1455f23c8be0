"""Time as a ratio: machines differ and are busy, so no test knows how long a second is."""

from __future__ import annotations

import functools
import time


def _loop() -> float:
    """CPU seconds of a fixed loop, about 10 ms on most machines."""
    started = time.process_time()
    number = 0
    for step in range(150_000):
        number = (number * 31 + step) & 0xFFFF
    return time.process_time() - started


@functools.cache
def _unit() -> float:
    return min(_loop() for _ in range(5))


def units(elapsed: float) -> float:
    """CPU seconds in units of a fixed loop.

    The loop is timed once in this process, and again when much was spent: a machine that is
    slower now than it was then has made the loop slower too.
    """
    unit = _unit()
    if elapsed > unit:
        unit = max(unit, min(_loop() for _ in range(3)))
    return elapsed / unit
