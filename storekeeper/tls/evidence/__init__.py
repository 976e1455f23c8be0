"""Evidence in what people send by mail: captures, debug logs, stack traces, listings.

`read` finds out by the content what a file is; a text may be a mixture of everything, such as
a ticket with a stack trace, an excerpt of a log and certificates. Nothing is concluded here.
"""

from __future__ import annotations

from .values import Evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 100_000
"""Pieces of one file."""


def read(data: bytes, name: str) -> tuple[Evidence, ...]:
    """The pieces of a file, in the order of their places.

    What can't be read becomes a `values.Note`; a file with nothing in it gives one.

    Args:
        data: the whole file.
        name: of the file, for `values.Place`.
    """
    from .values import Note, Place

    found: list[Evidence] = []
    seen: set[Evidence] = set()
    for one in _found(data, name):
        # The same words again, as logs repeat an exception at each level, tell nothing new.
        bare = _placeless(one)
        if bare is not None:
            if bare in seen:
                continue
            seen.add(bare)
        found.append(one)
        if len(found) >= MOST:
            found.append(Note(Place(name), f"only the first {MOST:,} pieces were taken"))
            break
    if not found:
        found.append(Note(Place(name), "nothing that is known was found in this file"))
    return tuple(sorted(found, key=lambda one: (one.place.line, one.place.packet)))


def _placeless(one: Evidence) -> Evidence | None:
    """The same without its place, for what is told often; None for what counts each time."""
    from ...frozen import replace
    from .values import AlertSeen, Failure, Host, Place, Program, StorePath, Verified

    told_by_words = isinstance(one, AlertSeen) and not one.by
    if told_by_words or isinstance(one, Failure | Host | Program | StorePath | Verified):
        return replace(one, place=Place(""))
    return None


def _found(data: bytes, name: str) -> Iterator[Evidence]:
    from . import capture_file
    from .values import Chain, Note, Place, certified

    if capture_file.is_capture(data):
        from . import pcap

        yield from pcap.read(data, name)
        return
    if data[:2] == b"\x1f\x8b":
        yield Note(Place(name), "the file is packed with gzip: unpack it first")
        return
    if data[:4] == b"PK\x03\x04":
        yield Note(Place(name), "the file is packed with zip: unpack it first")
        return
    if data[:1] == b"\x30" and (one := certified(data)).subject:
        yield Chain(Place(name), "", (one,))
        return
    yield from _in_text(data, name)


def _in_text(data: bytes, name: str) -> Iterator[Evidence]:
    """What each reader finds; those that know more lines come first, and claim them."""
    from . import (
        apigee,
        blocks,
        curl_log,
        debug_log,
        debug_log_8,
        dissection,
        iaik_log,
        keytool_listing,
        messages_known,
        programs,
        s_client,
        stack_trace,
    )
    from .text import MOST_BYTES, Text
    from .values import Note, Place

    text = Text(data, name)
    if text.cut:
        yield Note(Place(name), f"only the first {MOST_BYTES:,} bytes were read")
    for reader in (
        debug_log.read,
        debug_log_8.read,
        iaik_log.read,
        s_client.read,
        keytool_listing.read,
        curl_log.read,
        apigee.read,
        dissection.read,
        blocks.read,
        stack_trace.read,
        messages_known.read,
        programs.read,
    ):
        yield from reader(text)


__all__ = ["MOST", "Evidence", "read"]
