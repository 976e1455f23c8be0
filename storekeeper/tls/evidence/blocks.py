"""Certificates in PEM inside a text: their bytes, and chains of those that stand together."""

from __future__ import annotations

from .values import Chain, Evidence, Note, certified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Text

_BEGINS = ("-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----",
           "-----BEGIN X509 CERTIFICATE-----")  # fmt: skip
_LONGEST = 4_000  # lines
_APART = 12
"""Lines between certificates of one chain: subjects and issuers, Bag Attributes."""

MOST = 20_000


def decoded(text: Text, at: int) -> tuple[bytes, int]:
    """(DER, the line behind the block) of a block that begins in a line; b"" for a broken one.

    Lines may be indented, or quoted with ``>`` as in mails.
    """
    from ...errors import StorekeeperError
    from ...trust.pem import certificates_in

    lines = text.lines
    begin = lines[at] if at < len(lines) else ""
    mark = begin.find("-----BEGIN ")
    if mark < 0:
        return b"", at + 1
    prefix = begin[:mark]
    body: list[str] = []
    for end in range(at + 1, min(at + _LONGEST, len(lines))):
        line = lines[end].removeprefix(prefix).strip()
        if "-----END " in line:
            joined = "\n".join([_BEGINS[0], *body, "-----END CERTIFICATE-----"])
            try:
                found = [der for _, der in certificates_in(joined) if der]
            except StorekeeperError:
                found = []
            return (found[0] if found else b""), end + 1
        if "-----BEGIN " in line:
            return b"", end
        body.append(line)
    return b"", min(at + _LONGEST, len(lines))


def read(text: Text) -> Iterator[Evidence]:
    """The blocks that no other reader took, those that stand together as one chain."""
    lines = text.lines
    chain: list[bytes] = []
    first = last = 0
    at = count = 0
    while at < len(lines):
        if at in text.claimed or "-----BEGIN " not in lines[at] or not _is_certificate(lines[at]):
            at += 1
            continue
        count += 1
        if count > MOST:
            yield Note(text.place(at), f"only {MOST} certificates were read")
            break
        if chain and at - last > _APART:
            yield Chain(text.place(first), "", tuple(map(certified, chain)))
            chain = []
        der, end = decoded(text, at)
        if der:
            first = first if chain else at
            chain.append(der)
            last = end
        else:
            yield Note(text.place(at), "the certificate in PEM is cut or damaged")
        text.claim(at, end)
        at = end
    if chain:
        yield Chain(text.place(first), "", tuple(map(certified, chain)))


def _is_certificate(line: str) -> bool:
    return any(begin in line for begin in _BEGINS)
