"""Which shipped root lists have a certificate, looked up without loading any of them.

One file, joined from all the shipped lists by ``tools/make_lists.py``, holds a line a root:
SHA-256 of the certificate, SHA-256 of subject and key, and a number whose bits are lists in
the order of its ``# list`` lines. Reading it costs about a millisecond, a look-up nothing.
"""

from __future__ import annotations

from ..packaged import packaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .audit.values import ListUsed

__all__ = ["FIRST_LINE", "known_as", "known_to", "used"]

FIRST_LINE = "# storekeeper roots of all lists 1"


class _Index:
    """The file, read once."""

    def __init__(self, text: str) -> None:
        head, _, rows = text.partition("\n\n")
        described = [line.split("\t") for line in head.split("\n") if line.startswith("# list\t")]
        self.lists = {cells[1]: tuple(cells[2:]) for cells in described}
        self.names = tuple(self.lists)
        cells = rows.split()
        self.by_sha256 = dict(zip(cells[::3], cells[2::3], strict=True))
        self.by_both: dict[str, int] = {}
        for both, bits in zip(cells[1::3], cells[2::3], strict=True):
            self.by_both[both] = self.by_both.get(both, 0) | int(bits, 16)
        self._sets: dict[int, tuple[str, ...]] = {}

    def of(self, bits: int) -> tuple[str, ...]:
        """The names a number stands for."""
        found = self._sets.get(bits)
        if found is None:
            named = tuple(name for at, name in enumerate(self.names) if bits >> at & 1)
            found = self._sets[bits] = named
        return found


_index: _Index | None = None


def _loaded() -> _Index:
    global _index  # noqa: PLW0603 - read on the first look-up, once
    if _index is None:
        _index = _Index(packaged("roots.tsv").decode("utf-8"))
    return _index


def known_to(sha256: str) -> tuple[str, ...]:
    """Names of the shipped lists that trust this very certificate for TLS servers.

    Microsoft's and Apple's lists do not say what for: theirs are trusted for something.

    Args:
        sha256: of the certificate, 64 lower-case hex digits.

    Returns:
        Words of `lists.SHIPPED`, in that order; empty when no list has it.
    """
    index = _loaded()
    return index.of(int(index.by_sha256.get(sha256, "0"), 16))


def known_as(subject_spki_sha256: str) -> tuple[str, ...]:
    """Names of the shipped lists that trust a certificate of this subject and key for TLS.

    Those of `known_to` are among them: what is here and not there is the same root issued
    again.

    Args:
        subject_spki_sha256: SHA-256 over subject DER followed by SubjectPublicKeyInfo DER,
            64 lower-case hex digits: CCADB's "Subject + SPKI SHA256".
    """
    index = _loaded()
    return index.of(index.by_both.get(subject_spki_sha256, 0))


def used(name: str, now: int) -> ListUsed:
    """What a report says of a shipped list it was judged by.

    Args:
        name: a word of `lists.SHIPPED`.
        now: seconds since 1970 UTC: a list is old beside it.

    Raises:
        UsageError: there is none of that name.
    """
    from ..errors import UsageError
    from ..times import DAY
    from .anchors import OLD_AFTER_DAYS, parse_date
    from .audit.values import ListUsed

    index = _loaded()
    if name not in index.lists:
        raise UsageError(
            f"no root list is called {name!r}", hint=f"there are {', '.join(index.names)}"
        )
    count, date, title, source = index.lists[name]
    dated = parse_date(date)
    old = dated is not None and now - dated > OLD_AFTER_DAYS * DAY
    return ListUsed(name, title, date, source, int(count), old)
