"""Data files that travel with the package."""

from __future__ import annotations

import os


def packaged(*parts: str) -> bytes:
    """The bytes of a file below the package's ``data``; the package may be within a zip file.

    Args:
        parts: of its path, such as "lists", "mozilla.tsv".

    Raises:
        OSError: there is none.
    """
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", *parts)
    # Through the loader, not open(): that one knows where the package lies.
    data: bytes = __spec__.loader.get_data(path)  # type: ignore[union-attr]
    return data
