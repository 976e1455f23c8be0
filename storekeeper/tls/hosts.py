"""Host names as they are asked for: addresses, ASCII names, internationalised names."""

from __future__ import annotations

import re

from ..errors import UsageError

_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_DEVIATING = "\u00df\u03c2\u200c\u200d"
"""Characters that IDNA 2003 and 2008 treat differently (RFC 5894 section 7.2): what the standard
library would make of them is another name."""


def is_address(host: str) -> bool:
    """Whether it is an IPv4 or IPv6 address rather than a name."""
    from ipaddress import ip_address

    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def host_of(text: str, shown: str) -> tuple[str, tuple[str, ...]]:
    """A host as it is connected to, and notes about it.

    Addresses come out in their shortest form, names in lower case and ASCII; a dot at the end
    stays, as resolvers heed it.

    Args:
        text: an address without brackets, or a name in any script.
        shown: what is said to be found when it is neither.

    Raises:
        UsageError: it is neither.
    """
    from ipaddress import ip_address

    if ":" in text:
        try:
            return str(ip_address(text.replace("%25", "%", 1))), ()
        except ValueError:
            raise UsageError(
                f"expected an IPv6 address, found {shown}",
                hint="with a port it is written [2001:db8::1]:443",
            ) from None
    name = _ascii(text, shown).lower()
    labels = name.removesuffix(".").split(".")
    last = labels[-1]
    if last.isdigit() or re.fullmatch("0x[0-9a-f]*", last):
        # Resolvers read 127.1, 0x7f000001 and 010.0.0.1 as addresses, each in its own way.
        if not is_address(name):
            raise UsageError(f"expected an IPv4 address of four numbers, found {shown}")
        return name, ()
    for label in labels:
        if not re.fullmatch("[a-z0-9_-]+", label) or len(label) > _LONGEST_LABEL:
            raise UsageError(f"expected a host name, found {shown}")
    if len(name) > _LONGEST_NAME + name.endswith("."):
        raise UsageError(f"expected a host name of at most {_LONGEST_NAME} characters")
    return name, _notes(text, name, labels)


def _ascii(text: str, shown: str) -> str:
    if text.isascii():
        return text
    if any(character in text for character in _DEVIATING):
        raise UsageError(
            f"a host name that old and new rules of internationalised names differ on: {shown}",
            hint="write its xn-- form",
        )
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        raise UsageError(
            f"expected a host name, found {shown}",
            hint="if it is an internationalised name, write its xn-- form",
        ) from None


def _notes(text: str, name: str, labels: list[str]) -> tuple[str, ...]:
    found = []
    if not text.isascii():
        found.append(f"the name is asked for as {name}")
    if any("_" in label for label in labels):
        found.append(
            "a host name with an underscore: Java's URI does not take it as a host, and JSSE sends"
            " no server name for it"
        )
    if any(label.startswith("-") or label.endswith("-") for label in labels):
        found.append("a host name with a hyphen at the edge of a label, which many refuse")
    return tuple(found)


__all__ = ["host_of", "is_address"]
