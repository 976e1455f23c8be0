"""The file of options ``-conf`` names.

A Java properties file (java.util.Properties): ``keytool.all`` holds options of every
command, ``keytool.list`` those of ``-list``. They go in front of the command line's own.
``${user.home}`` and its like are put in, ``${/}`` is the separator of paths.
"""

from __future__ import annotations

import os
import re

from ...errors import UsageError
from ...host.files import read_file
from ...model import LIMITS, replace

_SIZE = 64 * 1024
_WORD = r"""\s*(?:"([^"]*)"?|'([^']*)'?|([^\s"']+))"""
_LINE = r"(?:[^\\\r\n]|\\(?:\r\n|[\s\S]))*"
_KEY = r"((?:[^\\:=\s]|\\[\s\S])*)[ \t\f]*[:=]?[ \t\f]*([\s\S]*)"
_ESCAPE = r"\\(?:u([0-9A-Fa-f]{4})|(?:\r\n|[\r\n])[ \t\f]*|([\s\S]))"
_PROPERTY = r"\$\{([^}]*)\}"


def expanded(path: str, command: str, old: str, words: list[str]) -> list[str]:
    """The words with the file's options for this command in front.

    Raises:
        UsageError: options for both names of a command, or an unknown property in one.
        Unreadable, LimitExceeded: as `read_file`.
    """
    text = read_file(path.removeprefix("file:"), replace(LIMITS, file_size=_SIZE))
    found = properties(text.decode("latin-1"))
    own = found.get(f"keytool.{command}")
    other = found.get(f"keytool.{old}") if old else None
    if own is not None and other is not None:
        raise UsageError(f"{path} has options for -{command} and for -{old}, which are one command")
    first = [found.get("keytool.all"), own if own is not None else other]
    return [*(word for value in first if value for word in _split(value, path)), *words]


def properties(text: str) -> dict[str, str]:
    """Keys and values of a properties file; the last of a key counts."""
    found = {}
    for line in re.findall(_LINE, text):
        line = line.lstrip(" \t\f")
        if not line or line[0] in "#!":
            continue
        pair = re.match(_KEY, line)
        assert pair is not None  # every part of it may be empty
        key, value = (re.sub(_ESCAPE, _escaped, part) for part in pair.groups())
        found[key] = value
    return found


def _escaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}.get(match[2] or "", match[2] or "")


def _split(value: str, path: str) -> list[str]:
    words = ["".join(filter(None, parts)) for parts in re.findall(_WORD, value)]

    def known(match: re.Match[str]) -> str:
        name = match[1]
        if name in ("/", "file.separator"):
            return os.sep
        if name == "user.home":
            from .opening import home

            return home()
        if name == "user.dir":
            return os.getcwd()
        raise UsageError(f"{path}: there is no property {name!r} here")

    return [re.sub(_PROPERTY, known, word) for word in words]
