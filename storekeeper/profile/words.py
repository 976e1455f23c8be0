"""What somebody probably meant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["meant"]

_MOST = 12


def meant(word: str, known: Iterable[str]) -> str:
    """``did you mean 'targets'?``, else what there is."""
    from difflib import get_close_matches

    words = list(known)
    folded = word[:80].lower().replace("_", "-")
    close = get_close_matches(folded, words, 1, 0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not words:
        return ""
    more = ", ..." if len(words) > _MOST else ""
    return f"there are {', '.join(words[:_MOST])}{more}"
