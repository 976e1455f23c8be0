"""The list of public suffixes a JRE brings along: ``lib/security/public_suffix_list.dat``.

A ZIP with a file for each top-level domain (in Unicode), and in it a rule a line: a byte for
who made the rule (0 the registry of the domain, 1 a private owner), then the rule as on
publicsuffix.org: ``co.uk``, ``*.ck``, ``!www.ck``.
"""

from __future__ import annotations

import contextlib

from ...errors import Damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zipfile import ZipFile

MOST_BYTES = 1 << 22
"""Of the file, and of the rules of one domain; those of JDK 11 to 25 have 230 and 60 kB."""

_REGISTRY = 0


class PublicSuffixes:
    """The list; a domain's rules are read when they are asked for.

    Raises:
        Damaged: the bytes are no such list.
    """

    def __init__(self, data: bytes) -> None:
        self._zip = _opened(data)
        self._rules: dict[str, dict[str, int] | None] = {}

    def registry_suffix(self, host: str) -> str | None:
        """The suffix below which a host's domain is registered.

        None where the list has none for it, where a private owner made the rule, or where the
        host is a suffix itself.

        Args:
            host: a name in Unicode or ASCII, without a dot at the end. Rules are in lower case,
                and other names meet none of them.
        """
        labels = unicode_name(host).split(".")
        rules = self._of(labels[-1])
        if not rules:
            return None
        best = 0
        maker = _REGISTRY
        for count in range(1, len(labels) + 1):
            tail = ".".join(labels[-count:])
            if f"!{tail}" in rules:
                best, maker = count - 1, rules[f"!{tail}"]
                break
            wild = ".".join(["*", *labels[len(labels) - count + 1 :]])
            for rule in (wild, tail):
                if rule in rules and count >= best:
                    best, maker = count, rules[rule]
        if not best or best >= len(labels) or maker != _REGISTRY:
            return None
        return ".".join(labels[-best:])

    def _of(self, domain: str) -> dict[str, int] | None:
        if domain not in self._rules:
            self._rules[domain] = self._read(domain)
        return self._rules[domain]

    def _read(self, domain: str) -> dict[str, int] | None:
        import zlib
        from zipfile import BadZipFile

        try:
            with self._zip.open(domain) as member:
                data = member.read(MOST_BYTES)
        except KeyError:
            return None
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
            raise Damaged(
                f"the rules of {domain!r} in the list of suffixes can't be read"
            ) from None
        lines = (line for line in data.split(b"\n") if len(line) > 1)
        return {line[1:].decode("utf-8", "replace"): line[0] for line in lines}


def _opened(data: bytes) -> ZipFile:
    import struct
    from io import BytesIO
    from zipfile import BadZipFile, ZipFile

    if len(data) > MOST_BYTES:
        raise Damaged(f"no list of public suffixes: it has {len(data)} bytes")
    try:
        return ZipFile(BytesIO(data))
    except (BadZipFile, struct.error, ValueError, OSError, NotImplementedError, OverflowError):
        raise Damaged("no list of public suffixes: it is no ZIP archive") from None


def unicode_name(host: str) -> str:
    """The host as the list writes it, in Unicode."""
    labels = []
    for label in host.split("."):
        if label.lower().startswith("xn--"):
            with contextlib.suppress(UnicodeError):
                label = label[4:].encode("ascii").decode("punycode")
        labels.append(label)
    return ".".join(labels)
