"""What was perhaps meant by a name that is neither a word nor a file."""

from __future__ import annotations

import os

from . import lists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def word_meant(path: str, words: Sequence[str]) -> str:
    """A hint naming the word somebody meant, or ""."""
    from difflib import get_close_matches

    family, dash, _ = path.partition("-")
    related = [word for word in lists.SHIPPED if dash and word.startswith(f"{family}-")]
    if related:
        return f"there are {', '.join(related)}"
    close = get_close_matches(path.lower(), words, n=1, cutoff=0.7)
    return f"did you mean the word {close[0]!r}" if close else ""


def file_meant(path: str) -> str:
    """A hint naming the file of that directory somebody meant, or ""."""
    from difflib import get_close_matches

    folder, name = os.path.split(path)
    try:
        names = os.listdir(folder or ".")
    except (OSError, ValueError):
        return ""
    # A directory can hold a million names, and this is only a courtesy.
    close = get_close_matches(name, names[:2000], n=1, cutoff=0.75)
    return f"did you mean {os.path.join(folder, close[0])!r}" if close else ""
