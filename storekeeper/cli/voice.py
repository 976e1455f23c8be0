"""What is said on standard error."""

from __future__ import annotations

import os
import sys

from ..names import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..errors import StorekeeperError
    from ..model import Finding, Store
    from ..trust.anchors import RootList


def _write(word: str, colour: str, text: str) -> None:
    if sys.stderr.isatty() and "NO_COLOR" not in os.environ:
        word = f"\x1b[{colour}m{word}\x1b[0m"
    sys.stderr.write(f"storekeeper: {word}: {printable(text)}\n")


def note(text: str) -> None:
    """Say what was done on the way, such as which default password opened a store."""
    _write("note", "36", text)


def warn(text: str) -> None:
    """Say what may go wrong."""
    _write("warning", "33", text)


def hint(text: str) -> None:
    """Say what to do next."""
    sys.stderr.write(f"hint: {printable(text)}\n")


def agreed(question: str) -> bool:
    """Whether a person at the terminal says yes; no is what anything else means."""
    sys.stderr.write(f"storekeeper: {printable(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class Progress:
    """A line on the terminal that says how far something is, and goes away again.

    Attributes:
        wanted: whether there is a terminal to say it on.
    """

    def __init__(self) -> None:
        self.wanted = sys.stderr.isatty()
        self._shown = False
        self._last = 0.0

    def show(self, text: str) -> None:
        """Write the line anew, ten times a second at most."""
        from time import monotonic

        if not self.wanted or monotonic() - self._last < 0.1:
            return
        self._last = monotonic()
        self._shown = True
        sys.stderr.write(f"\r{printable(text)}\x1b[K")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


def fail(error: StorekeeperError) -> int:
    """Say an error and its hint; returns the exit status."""
    sys.stdout.flush()
    _write("error", "31", str(error))
    if error.hint:
        hint(error.hint)
    return error.exit_status


def findings(
    path: str,
    found: Iterable[Finding],
    source: Store | RootList,
    *,
    least: str = "warning",
    headline: bool = False,
    quiet: bool = False,
) -> None:
    """Say findings about a source of at least this severity; hints once for each code.

    Args:
        path: what they are about.
        found: the findings.
        source: the store, whose aliases are told from other places (a line, a file).
        least: "warning" or "info".
        headline: a line was printed about the store, which said what password opened it.
        quiet: say warnings alone.
    """

    def worth(finding: Finding) -> bool:
        if quiet and finding.severity == "info":
            return False
        password = finding.code == "default-password"
        return finding.severity != "info" or not (headline if password else least != "info")

    aliases = {entry.alias for entry in getattr(source, "entries", ())}
    _say_all(f"{path}: ", filter(worth, found), aliases.__contains__)


def said(found: Iterable[Finding]) -> None:
    """Say findings about what was changed, whose places are aliases."""
    _say_all("", found, bool)


def _say_all(before: str, found: Iterable[Finding], is_alias: Callable[[str], bool]) -> None:
    sys.stdout.flush()
    told: dict[str, int] = {}
    says: dict[str, Callable[[str], None]] = {}
    for finding in found:
        told[finding.code] = told.get(finding.code, 0) + 1
        if finding.code not in says or finding.severity != "info":
            says[finding.code] = note if finding.severity == "info" else warn
        if told[finding.code] > _MOST:
            continue
        where = f"{finding.where}: " if finding.where else ""
        if finding.where and is_alias(finding.where):
            where = f"alias {finding.where!r}: "
        say = note if finding.severity == "info" else warn
        say(f"{before}{where}{finding.message} [{finding.code}]")
        if finding.hint and told[finding.code] == 1:
            hint(finding.hint)
    for code, times in told.items():
        if times > _MOST:
            says[code](
                f"{before}and {times - _MOST} more of this kind; --json has them all [{code}]"
            )


_MOST = 3
"""So many findings of one code are said; a store can have a thousand of a kind."""
