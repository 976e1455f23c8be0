"""Work in several processes: the same results, in order, and a process that dies costs one."""

from __future__ import annotations

import multiprocessing
import os
import time

import pytest

from storekeeper.trust import workers
from tests.scanned_files import at_once

__all__ = ["at_once"]  # a fixture


def double(number: int) -> int:
    if number in (20, 21, 57):
        os._exit(9)
    return 2 * number


@pytest.mark.usefixtures("at_once")
def test_a_process_that_dies_costs_one_result() -> None:
    found = list(workers.in_order(range(100), double, jobs=2, lost=lambda number: -number))
    assert found == [-n if n in (20, 21, 57) else 2 * n for n in range(100)]


def late(number: int) -> int:
    time.sleep(0.02 if number % 5 == 0 else 0)
    return number


@pytest.mark.usefixtures("at_once")
def test_results_come_in_order_and_early() -> None:
    taken = []

    def source() -> object:
        for number in range(400):
            taken.append(number)
            yield number

    results = workers.in_order(source(), late, jobs=2, lost=late)  # type: ignore[arg-type]
    first = next(results)
    assert len(taken) < 100, "the source is read as there is room"
    assert [first, *results] == list(range(400))


@pytest.mark.usefixtures("at_once")
def test_giving_up_early_leaves_no_process_behind() -> None:
    results = workers.in_order(range(10_000), late, jobs=2, lost=late)
    next(results), next(results)
    assert multiprocessing.active_children()
    results.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 30
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert multiprocessing.active_children() == []


def own(number: int) -> int:
    return os.getpid() if number else 0


@pytest.mark.usefixtures("at_once")
def test_two_processes_share_the_work() -> None:
    found = set(workers.in_order(range(400), own, jobs=2, lost=own)) - {0}
    assert os.getpid() not in found
    assert len(found) == 2
