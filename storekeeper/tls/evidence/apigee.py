"""Certificates of keystores as Apigee Edge's API gives them, and the stores its SSLInfo names."""

from __future__ import annotations

import re

from .name_lists import normal
from .printed import hexadecimal
from .values import Certified, Evidence, Listed, StorePath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Text

_FIELD = re.compile(r'"certInfo"\s{0,20}:')
_STORE = re.compile(r"<(KeyStore|TrustStore)>([^<\n]{1,300})</(?:KeyStore|TrustStore)>")
_MOST = 1_000
_FURTHEST = 4_096
"""Characters between an object's brace and its certInfo."""

_LONGEST = 1024 * 1024


def read(text: Text) -> Iterator[Evidence]:
    """An entry for each JSON object with ``certInfo``, also in the middle of other text."""
    for at, line in enumerate(text.lines):
        if "Store>" in line:
            for found in _STORE.finditer(line[:65_536]):
                use = "key" if found[1] == "KeyStore" else "trust"
                yield StorePath(text.place(at), use, found[2].strip(), "apigee")
    if not any('"certInfo"' in line for line in text.lines):
        return
    whole = "\n".join(text.lines)
    count = begin = 0
    for found in _FIELD.finditer(whole):
        if found.start() < begin:
            continue
        count += 1
        if count > _MOST:
            return
        brace = whole.rfind("{", max(begin, found.start() - _FURTHEST), found.start())
        if brace < 0:
            continue
        value, length = _object(whole[brace : brace + _LONGEST])
        if value is None:
            continue
        begin = brace + length
        first = whole.count("\n", 0, brace)
        text.claim(first, whole.count("\n", 0, begin) + 1)
        name = value.get("certName")
        yield Listed(
            text.place(first),
            name if isinstance(name, str) else "",
            "",
            _certificates(value.get("certInfo")),
        )


def _object(text: str) -> tuple[dict[str, object] | None, int]:
    """A JSON object that a text begins with, and how long it is."""
    from json import JSONDecoder

    try:
        value, length = JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None, 0
    return (value, length) if isinstance(value, dict) else (None, 0)


def _certificates(listed: object) -> tuple[Certified, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(_certificate(one) for one in listed[:_MOST] if isinstance(one, dict))


def _certificate(one: dict[str, object]) -> Certified:
    def words(field: str) -> str:
        value = one.get(field)
        return value if isinstance(value, str) else ""

    def seconds(field: str) -> int | None:
        value = one.get(field)
        # Milliseconds; a string in some versions.
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            return value // 1000
        return None

    names = one.get("subjectAlternativeNames")
    return Certified(
        b"",
        normal(words("subject")),
        normal(words("issuer")),
        hexadecimal(words("serialNumber")),
        seconds("validFrom"),
        seconds("expiryDate"),
        words("sigAlgName"),
        tuple(str(name) for name in names[:_MOST]) if isinstance(names, list) else (),
    )
