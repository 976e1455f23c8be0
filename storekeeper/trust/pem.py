"""Certificates in PEM inside any text: CSV fields, HTML pages, copied documents.

`formats` reads PEM files, where everything in the file matters. This looks for
certificates in text that is about something else.
"""

from __future__ import annotations

from binascii import Error, a2b_base64

from .. import der
from ..errors import StorekeeperError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN, _END = "-----BEGIN ", "-----END "
_DASHES = "-----"
# Longer than any label there is.
_LABEL = 64


def certificates_in(text: str) -> Iterator[tuple[int, bytes | None]]:
    """(line counted from 1, DER or None for a block that can't be decoded) of each block."""
    for line, _, encoded in blocks_in(text, ("CERTIFICATE",)):
        if encoded is not None:
            try:
                der.only(encoded, "certificate").expect(der.SEQUENCE, "certificate")
            except StorekeeperError:
                encoded = None
        yield line, encoded


def blocks_in(text: str, labels: tuple[str, ...]) -> Iterator[tuple[int, str, bytes | None]]:
    """(line counted from 1, label, content or None where it is no base64) of PEM blocks.

    Args:
        text: any text.
        labels: of the blocks that are wanted; others are passed over.
    """
    at = counted = 0
    line = 1
    while (begin := text.find(_BEGIN, at)) >= 0:
        at = begin + len(_BEGIN)
        stop = text.find(_DASHES, at, at + _LABEL)
        label = text[at:stop] if stop >= 0 else ""
        if label not in labels:
            continue
        line += text.count("\n", counted, begin)
        counted = begin
        body = at = stop + len(_DASHES)
        # No further than the next block: one that is cut off must not swallow it.
        stop = text.find(_BEGIN, body)
        end = text.find(f"{_END}{label}{_DASHES}", body, stop if stop >= 0 else len(text))
        if end < 0:
            yield line, label, None
            continue
        yield line, label, _decode(text[body:end])
        at = end


def _decode(base64: str) -> bytes | None:
    try:
        return a2b_base64("".join(base64.split()).encode("ascii"), strict_mode=True)
    except (Error, ValueError):
        return None
