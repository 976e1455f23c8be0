"""Auditing in several processes: their results in the order of the input, few in memory.

Not `multiprocessing`: it would import the caller's program again, or fork one that has
threads. A worker is this interpreter with the caller's search path; tasks go in and results
come out pickled, through its pipes. One that dies takes one store with it.
"""

from __future__ import annotations

import sys

from .values import AuditedStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen
    from threading import Condition
    from typing import Any

    from .engine import Settings
    from .tasks import Task

AHEAD = 4
"""Results for each worker that may wait for one that is slow."""

REMEMBERED = 32
"""Results over which a worker remembers what it has sent: stores that are alike are sent once."""

# Only the search path is in the arguments, which every user of the machine can read.
_PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from storekeeper.trust.audit.workers import main; main()"
)


def audited(tasks: Iterator[Task], settings: Settings, count: int) -> Iterator[AuditedStore]:
    """The stores of the tasks, in their order, made by so many processes."""
    if not _interpreter():
        from .engine import Auditor

        auditor = Auditor(settings)
        for task in tasks:
            yield auditor.audited(task)
        return
    pool = _Pool(tasks, settings, count)
    try:
        yield from pool.results()
    finally:
        pool.close()


def _interpreter() -> bool:
    """Whether ``sys.executable`` takes a program: not in a server that embeds Python, or frozen."""
    import os

    name = os.path.basename(sys.executable or "").lower()
    return name.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)


class _Pool:
    """Workers, each driven by a thread that waits for it."""

    def __init__(self, tasks: Iterator[Task], settings: Settings, count: int) -> None:
        from threading import Condition, Thread

        self._tasks = enumerate(tasks)
        self._settings = settings
        self._window = count * AHEAD
        self._changed: Condition = Condition()
        self._done: dict[int, AuditedStore] = {}
        self._next = 0  # the result that is yielded next
        self._taken = 0  # tasks taken so far
        self._exhausted = self._closed = False
        self._failure: BaseException | None = None
        self._processes: list[Popen[bytes]] = []
        self._threads = [Thread(target=self._drive, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def results(self) -> Iterator[AuditedStore]:
        """The results, as the input has them."""
        while True:
            with self._changed:
                while (
                    self._next not in self._done
                    and self._failure is None
                    and not (self._exhausted and self._next >= self._taken)
                ):
                    self._changed.wait()
                if self._failure is not None:
                    raise self._failure
                if self._next not in self._done:
                    return
                found = self._done.pop(self._next)
                self._next += 1
                self._changed.notify_all()
            yield found

    def close(self) -> None:
        """End what still runs."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for process in self._processes:
            if process.poll() is None:
                process.kill()
        for thread in self._threads:
            thread.join(10)
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _shut(pipe)

    def _take(self) -> tuple[int, Task] | None:
        with self._changed:
            while not self._closed and self._taken - self._next >= self._window:
                self._changed.wait()
            if self._closed or self._exhausted or self._failure is not None:
                return None
            try:
                number, task = next(self._tasks)
            except StopIteration:
                self._exhausted = True
                self._changed.notify_all()
                return None
            except BaseException as problem:  # noqa: BLE001 - of whoever names the stores
                self._failure = problem
                self._changed.notify_all()
                return None
            self._taken = number + 1
            return number, task

    def _drive(self) -> None:
        worker: _Worker | None = None
        while (taken := self._take()) is not None:
            number, task = taken
            try:
                worker, found = self._asked(task, worker)
            except BaseException as problem:  # noqa: BLE001 - raised where results are read
                with self._changed:
                    self._failure = problem
                    self._changed.notify_all()
                return
            with self._changed:
                self._done[number] = found
                self._changed.notify_all()
        if worker is not None:
            worker.end()

    def _asked(self, task: Task, worker: _Worker | None) -> tuple[_Worker | None, AuditedStore]:
        from pickle import UnpicklingError

        if not isinstance(task.source, str) or task.source == "-":
            from .engine import Auditor  # what is open here is not sent about

            return worker, Auditor(self._settings).audited(task)
        if worker is None:
            worker = _Worker(self._settings)
            self._processes.append(worker.process)
        try:
            return worker, worker.audited(task)
        except (OSError, EOFError, UnpicklingError):
            if self._closed:
                return None, AuditedStore(task.name)
        worker.process.kill()
        how = worker.process.wait()
        said = f"signal {-how}" if how < 0 else f"status {how}"
        return None, AuditedStore(
            task.name,
            task.source,
            problem=f"the process that read it ended with {said}",
            hint="look at it by itself: storekeeper show; memory may have run out",
            status=4,
        )


class _Worker:
    """One process, from the side that asks it."""

    def __init__(self, settings: Settings) -> None:
        import pickle
        from subprocess import PIPE, Popen

        program = _PROGRAM.format(path=sys.path)
        self.process = Popen([sys.executable, "-c", program], stdin=PIPE, stdout=PIPE)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._tasks = self.process.stdin
        self._results = self.process.stdout
        self._unpickler: pickle.Unpickler | None = None
        self._read = 0
        pickle.dump(settings, self._tasks, pickle.HIGHEST_PROTOCOL)

    def audited(self, task: Task) -> AuditedStore:
        """The result of a task; raises OSError, EOFError or UnpicklingError when it died."""
        import pickle

        pickle.dump(task, self._tasks, pickle.HIGHEST_PROTOCOL)
        self._tasks.flush()
        if self._unpickler is None or self._read % REMEMBERED == 0:
            self._unpickler = pickle.Unpickler(self._results)  # noqa: S301 - our own process
        self._read += 1
        found = self._unpickler.load()
        assert isinstance(found, AuditedStore)
        return found

    def end(self) -> None:
        """Let it end: there are no more tasks."""
        _shut(self._tasks)


def _shut(pipe: Any) -> None:
    from contextlib import suppress

    with suppress(OSError):
        pipe.close()


def main() -> None:
    """A worker: settings first, then a task, its result, and so on to the end of the input."""
    import os
    import pickle
    import signal

    from .engine import Auditor

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started it ends it
    tasks = sys.stdin.buffer
    # What anything below prints by mistake must not stand among the results.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    auditor = Auditor(pickle.load(tasks))  # noqa: S301 - of the process that started this one
    pickler: pickle.Pickler | None = None
    done = 0
    while True:
        try:
            task = pickle.load(tasks)  # noqa: S301
        except EOFError:
            return
        if pickler is None or done % REMEMBERED == 0:
            pickler = pickle.Pickler(results, pickle.HIGHEST_PROTOCOL)
        done += 1
        try:
            pickler.dump(auditor.audited(task))
            results.flush()
        except BrokenPipeError:
            return
