"""Waiting for many servers at once: threads that nobody waits for when the answer is not wanted."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

_PATIENCE = 0.2


def together(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    most: int,
    tell: Callable[[int], None] | None = None,
) -> Iterator[Result]:
    """The result for each, in the order of the items; the first error ends it.

    Twice as many as work at once are begun ahead of the one that is waited for, so what is kept
    does not grow with their number. The threads end with the process, also when it is
    interrupted: a server that is silent holds nobody up.

    Args:
        work: what is done for each.
        items: what it is done for.
        most: that are worked on at once.
        tell: is called with the number that are done, now and then while one is waited for.
    """
    if len(items) < 2 or most < 2:
        yield from map(work, items)
        return
    from threading import Condition, Thread

    changed = Condition()
    found: dict[int, Callable[[], Result]] = {}
    begun = given = done = 0
    stopped = False

    def ready() -> bool:
        return stopped or begun < min(len(items), given + 2 * most)

    def run() -> None:
        nonlocal begun, done
        while True:
            with changed:
                changed.wait_for(ready)
                if stopped:
                    return
                number, begun = begun, begun + 1
            outcome = _outcome(work, items[number])
            with changed:
                found[number] = outcome
                done += 1
                changed.notify_all()

    for _ in range(min(most, len(items))):
        Thread(target=run, daemon=True).start()
    try:
        for number in range(len(items)):
            with changed:
                while number not in found:
                    changed.wait(_PATIENCE)
                    if tell is not None:
                        tell(done)
                outcome = found.pop(number)
                given = number + 1
                changed.notify_all()
            yield outcome()
    finally:
        with changed:
            stopped = True
            changed.notify_all()


def _outcome(work: Callable[[Item], Result], item: Item) -> Callable[[], Result]:
    """Gives the result, or raises what was raised."""
    try:
        result = work(item)
    except BaseException as error:  # noqa: BLE001
        raised = error

        def fails() -> Result:
            raise raised

        return fails
    return lambda: result


__all__ = ["together"]
