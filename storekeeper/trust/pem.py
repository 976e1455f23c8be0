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

_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"


def certificates_in(text: str) -> Iterator[tuple[int, bytes | None]]:
    """(line counted from 1, DER or None for a block that can't be decoded) of each block."""
    at = counted = 0
    line = 1
    while (begin := text.find(_BEGIN, at)) >= 0:
        line += text.count("\n", counted, begin)
        counted = begin
        body = begin + len(_BEGIN)
        end = text.find(_END, body)
        if end < 0:
            yield line, None
            return
        # A block cut off before its end must not swallow the next one.
        again = text.find(_BEGIN, body, end)
        if again >= 0:
            yield line, None
            at = again
            continue
        yield line, _decode(text[body:end])
        at = end + len(_END)


def _decode(base64: str) -> bytes | None:
    try:
        encoded = a2b_base64("".join(base64.split()).encode("ascii"), strict_mode=True)
        der.only(encoded, "certificate").expect(der.SEQUENCE, "certificate")
    except (Error, ValueError, StorekeeperError):
        return None
    return encoded
