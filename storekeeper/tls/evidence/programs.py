"""Programs with their versions and stores with their paths, wherever a text names them."""

from __future__ import annotations

import re

from .values import Evidence, Program, StorePath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Text

_V = r"[0-9][\w.+-]{0,40}"
_PROGRAMS = (
    ("java", re.compile(rf'(?:java|openjdk) version "({_V})"')),
    ("java", re.compile(rf"java\.(?:runtime\.)?version ?[=:] ?({_V})")),
    ("java", re.compile(rf"Java (?:VM|Runtime)?[^\n]{{0,60}}\(build ({_V})")),
    ("java", re.compile(rf"Java/({_V})")),
    ("OpenSSL", re.compile(r"OpenSSL[ /]([0-9]\.[0-9]\.[0-9]{1,2}[a-z]{0,2})\b")),
    ("LibreSSL", re.compile(r"LibreSSL[ /]([0-9]\.[0-9]{1,2}\.[0-9]{1,2})\b")),
    ("GnuTLS", re.compile(r"GnuTLS[ /]([0-9]\.[0-9]{1,2}\.[0-9]{1,2})\b")),
    ("curl", re.compile(r"\bcurl[ /]([0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3})\b")),
    ("Python", re.compile(r"\bPython[ /]([23]\.[0-9]{1,2}(?:\.[0-9]{1,2})?)\b")),
    ("Go", re.compile(r"\bgo version go([0-9]\.[0-9]{1,3}(?:\.[0-9]{1,3})?)\b")),
    ("Node.js", re.compile(r"\bNode\.js v?([0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3})\b")),
    (".NET", re.compile(r"\.NET (?:Runtime|Framework|Core) ?(?:v|version )?([0-9][0-9.]{0,20})")),
)
_WORDS = ("version", "Java", "SSL", "TLS", "curl", "Python", "Node", ".NET")
_STORE = re.compile(
    r"javax\.net\.ssl\.(trust|key)Store ?[=:] ?(?:\"([^\"\n]{1,400})\"|([^\s\"']{1,400}))"
)
_TYPE = re.compile(r"javax\.net\.ssl\.(trust|key)StoreType ?[=:] ?([\w-]{1,20})")
_LONGEST_LINE = 8_192


def read(text: Text) -> Iterator[Evidence]:
    """What is named; passwords that stand beside it are passed over."""
    for at, line in enumerate(text.lines):
        short = line[:_LONGEST_LINE]
        # Inside a debug log these words are names of suites and protocols.
        if short and at not in text.claimed and any(word in short for word in _WORDS):
            for name, pattern in _PROGRAMS:
                if found := pattern.search(short):
                    yield Program(text.place(at), name, found[1])
        if "javax.net.ssl." in short:
            kinds = {one[1]: one[2] for one in _TYPE.finditer(short)}
            for found in _STORE.finditer(short):
                path = found[2] or found[3]
                yield StorePath(text.place(at), found[1], path, kinds.get(found[1], ""))
