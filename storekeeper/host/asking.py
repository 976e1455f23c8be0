"""Responders and revocation lists, each asked once, and only those that may be."""

from __future__ import annotations

from ..errors import NetworkError, UsageError
from .fetch import fetch

MOST_LIST_BYTES = 64 * 1024 * 1024
"""The largest revocation lists of public CAs have a few tens of megabytes."""


class Asker:
    """What `Revocation.ask` wants; remembers every answer, failures too.

    Args:
        ocsp: responders may be asked.
        lists: revocation lists may be fetched.
    """

    def __init__(self, *, ocsp: bool, lists: bool) -> None:
        self._ocsp = ocsp
        self._lists = lists
        self._known: dict[tuple[str, bytes | None], bytes | NetworkError] = {}

    def __call__(self, url: str, content: bytes | None = None) -> bytes:
        """The answer of an address.

        Raises:
            UsageError: nobody said that this may be asked, or it is no http address.
            NetworkError: as `fetch.fetch`.
        """
        if not (self._lists if content is None else self._ocsp):
            raise UsageError(f"{url} is not asked", hint="--ocsp asks responders, --crl for lists")
        asked = url, content
        if asked not in self._known:
            try:
                if content is None:
                    self._known[asked] = fetch(url, most=MOST_LIST_BYTES, seconds=60)
                else:
                    self._known[asked] = fetch(url, content)
            except NetworkError as problem:
                self._known[asked] = problem
        found = self._known[asked]
        if isinstance(found, NetworkError):
            raise found
        return found
