"""Questions that come up while a change is planned, and are asked outside the lock.

A person may take as long as they like to answer, and nobody else should wait for them: the
plan is given up, the lock let go, the question asked, and the plan made anew.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    _T = TypeVar("_T")

__all__ = ["Answers", "Unanswered"]


class Unanswered(Exception):
    """A question the plan depends on; `settle` it without a lock, and plan again."""

    def __init__(self, answers: Answers, key: str, ask: Callable[[], object]) -> None:
        super().__init__(key)
        self._answers = answers
        self._key = key
        self._ask = ask

    def settle(self) -> None:
        """Ask it, and keep the answer."""
        self._answers.known[self._key] = self._ask()


class Answers:
    """What has been answered so far, by question."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def to(self, key: str, ask: Callable[[], _T]) -> _T:
        """The answer to a question; raises `Unanswered` the first time."""
        if key not in self.known:
            raise Unanswered(self, key, ask)
        answer: _T = self.known[key]
        return answer
