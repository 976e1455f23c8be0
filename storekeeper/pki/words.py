"""Words that were nearly right."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def meant(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` with the nearest of the known words, or "" when none is near."""
    from difflib import get_close_matches

    spelled = {one.lower(): one for one in known}
    near = get_close_matches(word.lower(), list(spelled), n=1, cutoff=0.6)
    return f"did you mean {spelled[near[0]]!r}?" if near else ""
