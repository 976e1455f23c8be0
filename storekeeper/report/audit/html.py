"""The audit as one HTML file, to read on screen and to print; it asks nothing of any server.

The page is complete without its script, which only hides rows that somebody is not looking
for. Style and script are named in the page's Content-Security-Policy by their hashes, so a
subject that smuggles markup past everything else still finds nobody to run it.

Rows of stores go to a temporary file while stores come in, since what is wrong stands before
them on the page. Equal input gives equal bytes.
"""

from __future__ import annotations

from hashlib import sha256

from .html_chains import Chains
from .html_collected import Collected, Content, Place
from .html_page import closing, opening
from .html_stores import END, rows, section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from ...trust.audit.values import AuditedStore, AuditHead

_BLOCK = 1 << 20


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:
    """The page, piece by piece; nothing before the last store was seen.

    Args:
        head: what is the same for all stores; ``head.at`` is the date the page speaks of.
        stores: in the order they are to be listed.
    """
    import tempfile

    found = Collected(head)
    chains = Chains(head.at)
    with tempfile.TemporaryFile() as annex:
        _gather(found, chains, stores, annex)
        yield from opening(found, chains)
        for content in found.contents:
            yield from section(content)
            yield from _read(annex, *content.at)
            yield END
        yield from closing(found)


def _gather(
    found: Collected, chains: Chains, stores: Iterable[AuditedStore], annex: IO[bytes]
) -> None:
    """Rows of every content into the annex; the rest into `Collected` and `Chains`."""
    seen: dict[bytes, Content] = {}
    for store in stores:
        if store.problem:
            found.unread.append(store)
            continue
        identity = _identity(store)
        content = seen.get(identity)
        if content is None:
            content = seen[identity] = Content(len(found.contents) + 1, store)
            start = annex.tell()
            for piece in rows(store, content.number):
                annex.write(piece.encode())
            content.at = (start, annex.tell())
            found.add(store, content)
            chains.add(store, content.number)
        place = Place(store, content.number)
        content.places.append(place)
        found.places.append(place)


def _identity(store: AuditedStore) -> bytes:
    """The same for stores of which everything is the same but name, path and bytes."""
    digest = sha256(repr((store.format, store.missing)).encode("utf-8", "backslashreplace"))
    for part in (*store.entries, *store.findings):
        digest.update(repr(part).encode("utf-8", "backslashreplace"))
        digest.update(b"\0")
    return digest.digest()


def _read(annex: IO[bytes], start: int, end: int) -> Iterator[str]:
    """A part of the annex as text; characters that a block's end cuts are put together."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    annex.seek(start)
    while start < end:
        data = annex.read(min(_BLOCK, end - start))
        start += len(data)
        yield decoder.decode(data)
