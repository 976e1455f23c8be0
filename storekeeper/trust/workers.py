"""Work on many items in several processes: results in order, and a process that dies costs one.

Nothing is started for what is done quickly. Items are taken from their source as there is room, so
that neither they nor the results pile up.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from itertools import islice
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future, ProcessPoolExecutor
    from typing import Any, TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

# Starting processes takes about as long as this much work (seconds).
_WORTH_IT = 0.1
# A message between busy processes carries some; the results of more would come late.
_CHUNK = 4


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    *,
    jobs: int,
    lost: Callable[[Item], Result],
) -> Iterator[Result]:
    """``work`` of each item, in their order, however many processes there are.

    Args:
        items: are pickled, as the results are.
        work: a function of a module, or a partial of one.
        jobs: processes beside this one; below two, all is done here.
        lost: the result for an item whose process died (killed for its memory, or crashed).
    """
    source = iter(items)
    spent = 0.0
    for item in source:
        begun = monotonic()
        found = work(item)
        spent += monotonic() - begun
        yield found
        if jobs > 1 and spent > _WORTH_IT:
            break
    else:
        return
    pool = _Pool(work, jobs, lost)
    try:
        yield from pool.results(source)
        pool.close(wait=True)
    finally:
        pool.close()


class _Pool:
    def __init__(
        self, work: Callable[[Item], Result], jobs: int, lost: Callable[[Item], Result]
    ) -> None:
        self.work: Callable[..., object] = work
        self.jobs = jobs
        self.lost: Callable[..., object] = lost
        self.executor: ProcessPoolExecutor | None = None
        self.queue: deque[tuple[list[object], Future[list[object]]]] = deque()

    def results(self, items: Iterator[object]) -> Iterator[Any]:
        while chunk := list(islice(items, _CHUNK if len(self.queue) >= self.jobs else 1)):
            self.submit(chunk)
            # What is done already is given at once; beyond that, wait when there is enough.
            while self.queue and (len(self.queue) >= 4 * self.jobs or self.queue[0][1].done()):
                yield from self.oldest()
        while self.queue:
            yield from self.oldest()

    def submit(self, chunk: list[object]) -> None:
        from concurrent.futures.process import BrokenProcessPool

        if self.executor is None:
            self.executor = _executor(self.jobs)
        try:
            self.queue.append((chunk, self.executor.submit(_each, self.work, chunk)))
        except BrokenProcessPool:
            self.restart()
            self.submit(chunk)

    def oldest(self) -> list[object]:
        from concurrent.futures.process import BrokenProcessPool

        chunk, future = self.queue[0]
        try:
            found = future.result()
        except BrokenProcessPool:
            # With its thread gone, this process can be copied again (`_executor`).
            self.close(wait=True)
            found = [self.alone(item) for item in chunk]
            self.queue.popleft()
            self.restart()
            return found
        self.queue.popleft()
        return found

    def alone(self, item: object) -> object:
        """One item in a process of its own: this may be the one that kills it."""
        from concurrent.futures.process import BrokenProcessPool

        executor = _executor(1)
        try:
            return executor.submit(_each, self.work, [item]).result()[0]
        except BrokenProcessPool:
            return self.lost(item)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def restart(self) -> None:
        """Give what waits to new processes."""
        self.close(wait=True)
        again = [chunk for chunk, _ in self.queue]
        self.queue.clear()
        for chunk in again:
            self.submit(chunk)

    def close(self, *, wait: bool = False) -> None:
        if self.executor is not None:
            self.executor.shutdown(wait=wait, cancel_futures=True)
            self.executor = None


def _each(work: Callable[[Item], Result], chunk: list[Item]) -> list[Result]:
    return [work(item) for item in chunk]


def _executor(jobs: int) -> ProcessPoolExecutor:
    import multiprocessing
    import threading
    from concurrent.futures import ProcessPoolExecutor

    # A copy of this process has all modules loaded; with threads in it, it may deadlock.
    alone = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if alone else "spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_quiet)


def _quiet() -> None:
    """Ctrl-C goes to every process of the terminal; the first one ends the others."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
