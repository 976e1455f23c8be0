"""Textual encoding (RFC 7468): where the blocks of a text are, and what they decode to.

One scan forward, each byte looked at a bounded number of times; a block that is broken
is reported and ends where the next one begins.
"""

from __future__ import annotations

import binascii

from ..errors import LimitExceeded
from .detect import BEGIN, starts_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Limits

_END = b"-----END "
_DASHES = b"-----"
_WHITE = b" \t\r\n\v\f"
# "BEGIN", a label and five hyphens must stand on one line; the longest label in use has 22.
_LONGEST_LABEL = 64


class Block:
    """One armoured block and the text that belongs to it.

    Attributes:
        index: number in the file, from 0.
        label: between BEGIN and the hyphens ("CERTIFICATE").
        preface: the text between the block before and this one.
        text: from BEGIN to the end of the END line; a part of the whole text, taken out of it
            when asked for, since a copy of every block would be the text a second time.
        offset: of BEGIN in the whole text.
        line: of BEGIN, counted from 1.
        headers: RFC 1421 headers inside (``Proc-Type``, ``DEK-Info``), as found.
        der: the decoded bytes, or None when they can't be decoded.
        problem: what is wrong with the armour, or "".
        members: how many certificates and the like it holds, set by its reader.
    """

    __slots__ = (
        "_end",
        "_whole",
        "der",
        "headers",
        "index",
        "label",
        "line",
        "members",
        "offset",
        "preface",
        "problem",
    )

    def __init__(
        self, index: int, label: str, preface: bytes, whole: bytes, offset: int, end: int
    ) -> None:
        self.index = index
        self.label = label
        self.preface = preface
        self._whole = whole
        self._end = end
        self.offset = offset
        self.line = 1
        self.headers = b""
        self.der: bytes | None = None
        self.problem = ""
        self.members = 1

    @property
    def text(self) -> bytes:  # noqa: D102 - told above
        return self._whole[self.offset : self._end]

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, tuple(getattr(self, name) for name in self.__slots__)


def _restore(*values: object) -> Block:
    block = Block.__new__(Block)
    for name, value in zip(Block.__slots__, values, strict=True):
        setattr(block, name, value)
    return block


def scan(data: bytes, limits: Limits) -> tuple[list[Block], bytes]:
    """The blocks of a text, and the text after the last one.

    Concatenating preface and text of every block and that rest gives ``data`` again.

    Raises:
        LimitExceeded: there are more blocks than ``limits.entries``.
    """
    found: list[Block] = []
    at = counted = 0
    line = 1
    begin = data.find(BEGIN)
    while begin >= 0:
        following = data.find(BEGIN, begin + len(BEGIN))
        if begin != at and not starts_line(data, begin):
            begin = following
            continue
        if len(found) >= limits.entries:
            raise LimitExceeded(f"more than {limits.entries} armoured blocks", offset=begin)
        bound = following if following >= 0 else len(data)
        label, body, end, stop, problem = _lines(data, begin, bound)
        block = Block(len(found), label, data[at:begin], data, begin, stop)
        block.problem = problem
        block.line = line = line + data.count(b"\n", counted, begin)
        counted = begin
        _decode(block, data[body:end])
        found.append(block)
        at = stop
        begin = following
    return found, data[at:]


def armour(label: str, der: bytes, newline: bytes = b"\n") -> bytes:
    """One block as RFC 7468 writes it: lines of 64 characters, a newline at the end."""
    base64 = binascii.b2a_base64(der, newline=False)
    lines = [base64[at : at + 64] for at in range(0, len(base64), 64)]
    name = label.encode()
    return newline.join(
        [b"-----BEGIN " + name + _DASHES, *lines, b"-----END " + name + _DASHES, b""]
    )


def header(headers: bytes, name: bytes) -> bytes:
    """The value of an RFC 1421 header, or b""."""
    for line in headers.splitlines():
        key, colon, value = line.partition(b":")
        if colon and key.strip() == name:
            return value.strip()
    return b""


def _lines(data: bytes, begin: int, bound: int) -> tuple[str, int, int, int, str]:
    """Label, offsets of base64 start and end and of the block's end, and what is wrong."""
    start = begin + len(BEGIN)
    close = data.find(_DASHES, start, min(start + _LONGEST_LABEL + len(_DASHES), bound))
    raw = data[start:close] if close >= 0 else b""
    if close < 0 or b"\n" in raw or b"\r" in raw:
        line = data[start : min(start + _LONGEST_LABEL, bound)].splitlines() or [b""]
        label = line[0].rstrip(b"- ").decode("ascii", "replace")
        body = start + len(line[0])
        problem = "the BEGIN line does not end with five hyphens"
    else:
        label, body, problem = raw.decode("ascii", "replace"), close + len(_DASHES), ""
    last = data.find(_END, body, bound)
    if last < 0:
        return label, body, bound, bound, problem or "there is no END line"
    named = last + len(_END)
    finish = data.find(_DASHES, named, min(named + _LONGEST_LABEL + len(_DASHES), bound))
    said = data[named:finish].decode("ascii", "replace") if finish >= 0 else None
    if said is None or "\n" in said:
        problem = problem or "the END line does not end with five hyphens"
        stop = data.find(b"\n", named, bound)
        stop = bound if stop < 0 else stop
    else:
        if said != label and not problem:
            problem = f"the block begins as {label} and ends as {said}"
        stop = finish + len(_DASHES)
    # The line's end belongs to the block.
    while stop < bound and data[stop] in b" \t":
        stop += 1
    if data[stop : min(stop + 2, bound)] == b"\r\n":
        stop += 2
    elif stop < bound and data[stop] in b"\r\n":
        stop += 1
    return label, body, last, stop, problem


def _decode(block: Block, body: bytes) -> None:
    if b":" in body:
        # Headers end with an empty line (RFC 1421 section 4.4).
        flat = body.replace(b"\r\n", b"\n")
        block.headers, blank, body = flat.partition(b"\n\n")
        if not blank:
            block.headers, body = b"", flat
    text = body.translate(None, _WHITE)
    if b"\\" in text:
        # A newline that went through JSON or a shell as two characters.
        text = text.replace(b"\\r", b"").replace(b"\\n", b"")
    try:
        block.der = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        block.problem = block.problem or f"the base64 can't be decoded: {_reason(error)}"
        return
    if not block.der:
        block.der = None
        block.problem = block.problem or "the block is empty"


def _reason(error: ValueError) -> str:
    text = str(error)
    return text[:1].lower() + text[1:].rstrip(".")
