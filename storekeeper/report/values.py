"""The JSON shapes that several reports share (docs/json.md)."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Certificate
from ..names import printable
from ..times import iso
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ..model import Finding
    from ..trust.inventory import Row


def moment(seconds: int | None) -> str | None:
    """ISO 8601 of seconds since 1970 UTC."""
    return None if seconds is None else iso(seconds)


def certificate_json(certificate: Certificate) -> dict[str, Any]:
    """Fingerprint, names and validity of a certificate; nulls where it can't be read."""
    facts = facts_or_none(certificate)
    return {
        "sha256": certificate.sha256,
        "subject": facts and facts.subject.rfc4514(),
        "issuer": facts and facts.issuer.rfc4514(),
        "not_before": moment(facts.not_before if facts else None),
        "not_after": moment(facts.not_after if facts else None),
    }


def row_json(row: Row) -> dict[str, Any]:
    """One entry of ``list --json``."""
    read = row.read()
    return {
        "alias": row.alias,
        "kind": row.kind,
        "created": moment(None if row.created_ms is None else row.created_ms // 1000),
        "sha256": row.sha256,
        "subject": read.subject,
        "issuer": read.issuer,
        "not_before": moment(read.not_before),
        "not_after": moment(read.not_after),
        "chain": [certificate_json(c) for c in row.chain] if row.kind == "private-key" else [],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding; ``where`` is an alias or ""."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "where": finding.where,
        "message": finding.message,
        "hint": finding.hint,
    }


def dump(values: object, *, ascii: bool = False) -> Iterator[str]:
    """JSON text in pieces: two spaces deep, with a final newline.

    An iterator in ``values`` is written as a list, item by item as it comes: a listing of
    100,000 entries never lies in memory as a whole, as ``json.dumps`` would have it. A function
    is called when its turn comes: it gives what is known only after the items before it.

    Args:
        values: dicts, lists, iterators, text, whole numbers, booleans, None and functions.
        ascii: escape everything that is not ASCII, for a stream that can't carry it.
    """
    from json.encoder import encode_basestring, encode_basestring_ascii

    def quoted(text: str) -> str:
        # Text of strangers: what a terminal or an editor would obey, and halves of pairs, which
        # no stream carries, are escaped; a reader gets them back.
        if text.isascii() and text.isprintable():
            return encode_basestring(text)
        if ascii or printable(text) != text:
            return encode_basestring_ascii(text)
        return encode_basestring(text)

    yield from _pieces(values, "\n", quoted)
    yield "\n"


def _pieces(value: object, newline: str, quoted: Callable[[str], str]) -> Iterator[str]:
    inner = newline + "  "
    if isinstance(value, str):
        yield quoted(value)
    elif value is None:
        yield "null"
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, int):
        yield str(value)
    elif isinstance(value, dict):
        start = "{"
        for key, item in value.items():
            yield f"{start}{inner}{quoted(key)}: "
            yield from _pieces(item, inner, quoted)
            start = ","
        yield "{}" if start == "{" else newline + "}"
    elif isinstance(value, Iterable):
        start = "["
        for item in value:
            yield start + inner
            yield from _pieces(item, inner, quoted)
            start = ","
        yield "[]" if start == "[" else newline + "]"
    elif callable(value):
        yield from _pieces(value(), newline, quoted)
    else:
        raise TypeError(f"{type(value).__name__} has no form in JSON")
