"""Reading one value out of a product's configuration, whatever syntax it has.

Properties (``key=value``, also within ``-Dkey=value``), directives (``Key value``, ``key
value;``) and XML attributes (``key="value"``) are all found by the key itself. Comments of
each kind are passed over; the last value counts, as it does for properties and for Apache.
"""

from __future__ import annotations

import glob
import re

from ..errors import StorekeeperError
from ..frozen import Frozen
from ..host.files import read_file
from ..model import LIMITS, replace

__all__ = ["Found", "looked_up"]

_MOST_BYTES = 8 * 1024 * 1024


class Found(Frozen):
    """A value of a configuration file.

    Attributes:
        value: without quotes.
        path: of the file.
        line: where it stands, counted from 1.
    """

    value: str
    path: str
    line: int


def looked_up(pattern: str, key: str) -> Found | None:
    """The value of a key in the first file that a path or glob names and that has it.

    A file that is not there, or can't be read, says nothing.
    """
    for path in sorted(glob.glob(pattern)) if glob.has_magic(pattern) else [pattern]:
        try:
            data = read_file(path, replace(LIMITS, file_size=_MOST_BYTES))
        except StorekeeperError:
            continue
        found = _in(data.decode("utf-8", "replace"), key)
        if found:
            return Found(found[0], path, found[1])
    return None


def _in(text: str, key: str) -> tuple[str, int] | None:
    # What an XML comment holds counts nothing; its lines still count.
    text = re.sub(r"<!--.*?(?:-->|\Z)", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)
    word = re.escape(key)
    pattern = re.compile(
        rf"(?:(?<![\w.$-])|(?<=-D)){word}"
        r"""(?:\s*[=:]\s*|[ \t]+)(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'][^\n]*))?"""
    )
    found: tuple[str, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 65_536 or line.lstrip().startswith(("#", "!", "//", ";")):
            continue
        for match in pattern.finditer(line):
            quoted = match[1] if match[1] is not None else match[2]
            value = quoted if quoted is not None else _plain(match[3] or "", line, match.start())
            found = value, number
    return found


def _plain(value: str, line: str, start: int) -> str:
    """A value without quotes: to the end of its line, or of its word where more follows."""
    value = value.rstrip().removesuffix(";").rstrip()
    if line[max(0, start - 2) : start] == "-D" or "<" in line[:start]:
        value = re.split(r"[\s\"'>]", value, maxsplit=1)[0]
    return value
