"""Many at once: in order, bounded, and nobody is waited for who is not wanted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.tls.together import together
from tests.servers.bench import HOST
from tests.servers.scripted import scripted


@given(st.lists(st.integers()), st.integers(1, 20))
def test_results_come_in_the_order_of_the_items(items: list[int], most: int) -> None:
    assert list(together(lambda one: one * 2, items, most)) == [one * 2 for one in items]


def test_so_many_work_at_once_and_no_more() -> None:
    barrier, lock = threading.Barrier(5), threading.Lock()
    working, peak = [], []

    def work(number: int) -> int:
        with lock:
            working.append(number)
            peak.append(len(working))
        barrier.wait(10)  # nobody goes on before five are here
        with lock:
            working.remove(number)
        return number

    assert list(together(work, range(20), 5)) == list(range(20))
    assert max(peak) == 5


def test_what_is_begun_ahead_is_bounded() -> None:
    """However long the first takes, results of the others do not pile up."""
    begun: list[int] = []
    free = threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        if number == 0:
            free.wait(10)
        return number

    def tell(_done: int) -> None:
        if len(begun) == 8:
            free.set()

    assert list(together(work, range(1_000), 4, tell)) == list(range(1_000))
    assert free.is_set()


def test_the_first_error_ends_it() -> None:
    def work(number: int) -> int:
        return 1 // (number - 3)

    results = together(work, range(100), 4)
    assert [next(results) for _ in range(3)] == [-1, -1, -1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_who_is_interrupted_does_not_wait_for_silent_servers() -> None:
    """Thirty servers that would be waited for half an hour."""
    with scripted(lambda talk: talk.wait()) as server:
        names = [f"https://{HOST}:{server.port}/{number}" for number in range(30)]
        process = subprocess.Popen(
            [sys.executable, "-m", "storekeeper", "probe", *names, "--timeout", "1800"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            while len(server.heard) < 30:
                assert process.poll() is None
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, b"", b"")
