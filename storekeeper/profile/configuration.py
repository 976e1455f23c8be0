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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.directives import Directive

__all__ = ["Found", "directives_of", "looked_up", "path_of_url", "paths_of"]

_MOST_BYTES = 8 * 1024 * 1024


class Found(Frozen):
    """A value of a configuration file.

    Attributes:
        value: without quotes.
        path: of the file.
        line: where it stands, counted from 1.
        base: the directory a relative name in it begins at, where the syntax knows; or "".
    """

    value: str
    path: str
    line: int
    base: str = ""


def looked_up(
    pattern: str, key: str, *, syntax: str = "", site: str = "", root: str = "/"
) -> Found | None:
    """The value of a key in the first file that a path or glob names and that has it.

    A file that is not there, or can't be read, says nothing.

    Args:
        pattern: of the files; ``{a,b}`` stands for either.
        key: name of the property or directive.
        syntax: of `host.directives.SYNTAXES`, to follow the includes of a web server.
        site: of one with several.
        root: the tree that its includes belong to.

    Raises:
        UsageError: the server has several sites where the value differs, and none is said.
    """
    if syntax:
        from ..host.virtual_hosts import one_of

        for directives in directives_of(pattern, syntax, root):
            if (one := one_of(directives, key, site)) is not None:
                return Found(one.value, one.path, one.line, one.base)
        return None
    for path in paths_of(pattern):
        try:
            data = read_file(path, replace(LIMITS, file_size=_MOST_BYTES))
        except StorekeeperError:
            continue
        found = _in(data.decode("utf-8", "replace"), key)
        if found:
            return Found(found[0], path, found[1])
    return None


def directives_of(pattern: str, syntax: str, root: str = "/") -> list[tuple[Directive, ...]]:
    """The directives of each web server's configuration that a pattern names and that is there."""
    from ..host.directives import SYNTAXES

    found = []
    for path in paths_of(pattern):
        try:
            found.append(SYNTAXES[syntax](path, root=root))
        except StorekeeperError:
            continue
    return found


def paths_of(pattern: str) -> list[str]:
    """The paths a glob stands for, in which ``{a,b}`` is either; one without is itself."""
    before, brace, rest = pattern.partition("{")
    inner, closed, after = rest.partition("}")
    if brace and closed and "," in inner and not before.endswith("$"):
        return [path for one in inner.split(",")[:64] for path in paths_of(before + one + after)]
    return sorted(glob.glob(pattern)) if glob.has_magic(pattern) else [pattern]


def path_of_url(text: str) -> str:
    """The path of a ``file:`` URL; other texts as they are."""
    if not text.lower().startswith("file:"):
        return text
    from urllib.parse import unquote

    path = unquote(text[5:])
    path = "/" + path.lstrip("/")
    return path[1:] if re.match(r"/[A-Za-z]:[/\\]", path) else path


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
