"""Findings about the lines of a text file, no more of them than a person will read."""

from __future__ import annotations

from ..model import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Severity

# A wrong file can be wrong on every line; past this the count says enough.
MOST = 100


class Findings:
    """Collects findings with line numbers; the first `MOST` in full, the rest counted."""

    def __init__(self, code: str = "damaged-row") -> None:
        self._code = code
        self._found: list[Finding] = []
        self._more = 0

    def add(
        self, line: int | None, message: str, severity: Severity = "warning", hint: str = ""
    ) -> None:
        """One finding about a line (counted from 1); None: about the whole."""
        if len(self._found) >= MOST:
            self._more += 1
            return
        self._found.append(
            Finding(self._code, severity, f"line {line}" if line else "", message, hint)
        )

    def all(self) -> tuple[Finding, ...]:
        """What was collected, in the order it was found."""
        if not self._more:
            return tuple(self._found)
        rest = Finding(self._code, "warning", "", f"and {self._more} more damaged rows")
        return (*self._found, rest)
