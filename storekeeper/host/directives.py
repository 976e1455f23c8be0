"""Directives of web servers, as they stand in the files of their configuration.

Read here are names, arguments and the blocks they stand in, over all files that one file
includes. What a server would do with them, such as which of two virtual hosts answers, is
not asked.

Sources: httpd.apache.org, "Configuration Files"; nginx.org, "Beginner's Guide", configuration
file's structure. Tried against both servers in the tests.
"""

from __future__ import annotations

import os

from ..errors import Damaged, LimitExceeded, Unreadable
from ..frozen import Frozen
from ..model import LIMITS, replace
from .files import read_file
from .tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["SYNTAXES", "Directive", "named", "read_apache", "read_nginx"]

MAX_FILES = 2_000
"""Files of one configuration; a host with a thousand sites has a file for each."""
MAX_SIZE = 16 * 1024 * 1024
"""Bytes of all of them together."""
_LONGEST_NAME = 256
MAX_DEPTH = 16
"""Files that include one another, and blocks within blocks; Apache allows 128 and nginx any."""


class Directive(Frozen):
    """One directive.

    Attributes:
        name: as it is written.
        values: its arguments, without their quotes.
        blocks: the blocks it stands in, the outermost first, as words: ("VirtualHost", "*:443").
        path: of the file.
        line: from 1, where it begins.
        base: the directory that a relative name among its arguments begins at.
        scope: a number for each of the blocks, which no other block of the configuration has.
    """

    name: str
    values: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...]
    path: str
    line: int
    base: str
    scope: tuple[int, ...] = ()

    @property
    def value(self) -> str:
        """Its first argument, or ""."""
        return self.values[0] if self.values else ""

    @property
    def file(self) -> str:
        """The first argument as the name of a file."""
        return os.path.join(self.base, self.value) if self.value else ""


def named(directives: Iterable[Directive], name: str, block: str = "") -> tuple[Directive, ...]:
    """Those of a name, whatever its case.

    Args:
        directives: of a configuration.
        name: of the directives.
        block: a word of a block they must stand in, such as ``VirtualHost`` or ``*:443``.
    """
    wanted, inside = name.lower(), block.lower()
    return tuple(
        one
        for one in directives
        if one.name.lower() == wanted
        and (not inside or any(inside == word.lower() for words in one.blocks for word in words))
    )


def read_apache(
    path: str, *, root: str = "/", environ: Mapping[str, str] | None = None
) -> tuple[Directive, ...]:
    """The directives of Apache httpd, in the order in which it reads them.

    ``Include`` is followed, ``Define`` and variables of the environment are put in where they
    are known. Of ``<IfDefine>`` only what holds is read; every ``<IfModule>`` is, unless it is
    negated, since a certificate matters as soon as the module is loaded.

    Args:
        path: of the main file, ``apache2.conf`` or ``httpd.conf``.
        root: the tree that the names in it belong to.
        environ: variables of its environment; none when not given.

    Raises:
        Unreadable: the main file can't be read, or one that must be there.
        Damaged: a block is not closed, or closed twice.
        LimitExceeded: more files, bytes or blocks than any honest configuration has.
    """
    reader = _Apache(Tree(root, {}), dict(environ or {}))
    reader.start(path)
    reader.closed(path)
    return tuple(reader.found)


def read_nginx(path: str, *, root: str = "/") -> tuple[Directive, ...]:
    """The directives of nginx, in the order in which it reads them; ``include`` is followed.

    Args:
        path: of ``nginx.conf``.
        root: the tree that the names in it belong to.

    Raises:
        Unreadable, LimitExceeded: as `read_apache`.
        Damaged: braces or quotes don't match.
    """
    reader = _Nginx(Tree(root, {}))
    reader.start(path)
    return tuple(reader.found)


SYNTAXES = {"apache": read_apache, "nginx": read_nginx}
"""By the word for the syntax."""


class _Reader:
    """What both have in common: files, how many, and which include which."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.found: list[Directive] = []
        self.base = ""
        self.blocks: list[tuple[str, ...]] = []
        self._numbers: list[int] = []
        self._last = 0
        self._open: list[str] = []
        self._files = 0
        self._size = 0

    def start(self, path: str) -> None:
        """Read the main file; relative names begin beside it."""
        inside = os.path.abspath(path)
        above = os.path.realpath(self.tree.root)
        if self.tree.foreign and inside.startswith(above + os.sep):
            inside = inside[len(above) :]
        self.base = os.path.dirname(inside)
        self.file(self.tree.at(inside))

    def file(self, path: str) -> None:
        """Read a file, and those it includes."""
        self._files += 1
        real = self.tree.real(path)
        if real in self._open or len(self._open) >= MAX_DEPTH:
            raise Damaged("the file includes itself, or too many one another", path=path)
        if self._files > MAX_FILES:
            raise LimitExceeded(f"more than {MAX_FILES} files of one configuration", path=path)
        content = read_file(real, replace(LIMITS, file_size=MAX_SIZE))
        self._open.append(real)
        self.text(self._grown(content.decode("utf-8", "replace"), path), path)
        self._open.pop()

    def _grown(self, text: str, path: str) -> str:
        self._size += len(text)
        if self._size > MAX_SIZE:
            raise LimitExceeded(f"more than {MAX_SIZE} bytes of one configuration", path=path)
        return text

    def text(self, text: str, path: str) -> None:
        """Read what a file holds."""
        raise NotImplementedError

    def include(self, pattern: str, *, optional: bool, path: str, line: int) -> None:
        """Read the files of a pattern, in the order of their names; of a directory all."""
        whole = os.path.join(self.base, pattern)
        patterned = any(letter in pattern for letter in "*?[")
        for name in self._matching(self.tree.at(whole)) if patterned else [self.tree.at(whole)]:
            if self.tree.isdir(name):
                for one in self.tree.names(name):
                    if self.tree.isfile(os.path.join(name, one)):
                        self.file(os.path.join(name, one))
            elif self.tree.isfile(name):
                self.file(name)
            elif not (optional or patterned):
                raise Unreadable(f"no such file: {whole}", path=f"{path}:{line}")

    def _matching(self, pattern: str) -> list[str]:
        from fnmatch import fnmatchcase

        head, _, tail = pattern.rpartition("/")
        above = self._matching(head) if any(letter in head for letter in "*?[") else [head]
        if len(above) > MAX_FILES:
            raise LimitExceeded(f"more than {MAX_FILES} directories match", path=head)
        return [
            os.path.join(one, name)
            for one in above
            for name in self.tree.names(one or "/")
            if fnmatchcase(name, tail) and (tail.startswith(".") or not name.startswith("."))
        ]

    def enter(self, words: tuple[str, ...], path: str, line: int) -> None:
        """A block begins."""
        if len(self.blocks) >= MAX_DEPTH:
            raise LimitExceeded(f"more than {MAX_DEPTH} nested blocks", path=f"{path}:{line}")
        self._last += 1
        self.blocks.append(words)
        self._numbers.append(self._last)

    def leave(self) -> None:
        """The innermost block ends."""
        self.blocks.pop()
        self._numbers.pop()

    def add(self, words: list[str], path: str, line: int) -> None:
        """A directive."""
        shown = tuple(one for one in self.blocks if one)
        scope = tuple(n for n, one in zip(self._numbers, self.blocks, strict=True) if one)
        self.found.append(
            Directive(words[0], tuple(words[1:]), shown, path, line, self.base, scope)
        )


class _Apache(_Reader):
    def __init__(self, tree: Tree, defined: dict[str, str]) -> None:
        super().__init__(tree)
        self._defined = defined
        self._names: list[str] = []
        self._skipping = 0  # how many blocks deep in one that does not hold

    def text(self, text: str, path: str) -> None:
        for line, whole in _apache_lines(text):
            if whole.startswith("</"):
                self._leave(whole[2:].rstrip(">").strip(), path, line)
            elif whole.startswith("<"):
                self._begin(_apache_words(whole[1:].rstrip().removesuffix(">")), path, line)
            elif not self._skipping:
                self._directive(_apache_words(self._filled(whole, path)), path, line)

    def _begin(self, words: list[str], path: str, line: int) -> None:
        word = words[0].lower() if words else ""
        self.enter(tuple(words) if not word.startswith("if") else (), path, line)
        self._names.append(word)
        if self._skipping or not self._holds(word, words[1:]):
            self._skipping += 1

    def _holds(self, word: str, values: list[str]) -> bool:
        value = values[0] if values else ""
        if word == "ifdefine":
            return (value.lstrip("!") in self._defined) != value.startswith("!")
        return not (word == "ifmodule" and value.startswith("!"))

    def _leave(self, word: str, path: str, line: int) -> None:
        if not self._names or self._names[-1] != word.lower():
            raise Damaged(f"</{word}> closes nothing", path=f"{path}:{line}")
        self._names.pop()
        self.leave()
        self._skipping -= 1 if self._skipping else 0

    def _directive(self, words: list[str], path: str, line: int) -> None:
        word = words[0].lower() if words else ""
        value = words[1] if len(words) > 1 else ""
        if word == "define" and value:
            self._defined[value] = words[2] if len(words) > 2 else ""
        elif word == "undefine":
            self._defined.pop(value, None)
        elif word == "serverroot" and value:
            self.base = value
            self.add(words, path, line)
        elif word in ("include", "includeoptional") and value:
            self.include(value, optional=word != "include", path=path, line=line)
        elif words:
            self.add(words, path, line)

    def _filled(self, text: str, path: str) -> str:
        """With ``${NAME}`` of what is known; the rest stays, as Apache leaves it."""
        if "${" not in text:
            return text
        import re

        # A few lines can double a text without end.
        known = self._defined
        pattern = r"\$\{([^}:]+)\}"
        return re.sub(pattern, lambda one: self._grown(known.get(one[1], one[0]), path), text)

    def closed(self, path: str) -> None:
        """Nothing is open any more."""
        if self._names:
            raise Damaged(f"<{self._names[-1]}> is not closed", path=path)


def _apache_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number, line) of each that says something; a backslash at the end joins the next."""
    begun = 0
    parts: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        begun = begun or number
        parts.append(line.rstrip("\r"))
        if parts[-1].endswith("\\"):
            parts[-1] = parts[-1][:-1]
            continue
        whole, at = "".join(parts).strip(), begun
        begun, parts = 0, []
        if whole and not whole.startswith("#"):
            yield at, whole


def _apache_words(text: str) -> list[str]:
    """Words between blanks; quotes of either kind hold several, a backslash keeps a quote."""
    words: list[str] = []
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace():
            at += 1
        elif text[at] in "\"'":
            quote, word = text[at], ""
            at += 1
            while at < end and text[at] != quote:
                if text[at] == "\\" and text[at + 1 : at + 2] in (quote, "\\"):
                    at += 1
                word += text[at]
                at += 1
            at += 1
            words.append(word)
        else:
            begin = at
            while at < end and not text[at].isspace():
                at += 1
            words.append(text[begin:at])
    return words


class _Nginx(_Reader):
    def text(self, text: str, path: str) -> None:
        depth = len(self.blocks)
        words: list[str] = []
        begun = 0
        for line, token, quoted in _nginx_tokens(text, path):
            if not quoted and token in ("{", "}", ";"):
                self._mark(token, words, path, begun or line, depth)
                words, begun = [], 0
            else:
                begun = begun or line
                words.append(token)
        if words or len(self.blocks) != depth:
            raise Damaged("the file ends within a directive or a block", path=path)

    def _mark(self, token: str, words: list[str], path: str, line: int, depth: int) -> None:
        if token == "{" and words:
            self.enter(tuple(words), path, line)
        elif token == "}" and not words and len(self.blocks) > depth:
            self.leave()
        elif token == ";" and words:
            if words[0] == "include" and len(words) == 2:
                glob = any(letter in words[1] for letter in "*?[")
                self.include(words[1], optional=glob, path=path, line=line)
            else:
                self.add(words, path, line)
        else:
            raise Damaged(f"unexpected {token!r}", path=f"{path}:{line}")


def _nginx_tokens(text: str, path: str) -> Iterator[tuple[int, str, bool]]:
    """(line, token, whether it was quoted)."""
    at, end, line = 0, len(text), 1
    while at < end:
        letter = text[at]
        if letter.isspace():
            line += letter == "\n"
            at += 1
        elif letter == "#":
            found = text.find("\n", at)
            at = end if found < 0 else found
        elif letter in "{};":
            yield line, letter, False
            at += 1
        elif letter in "\"'":
            word, begun = "", line
            at += 1
            while at < end and text[at] != letter:
                if text[at] == "\\" and at + 1 < end:
                    at += 1
                line += text[at] == "\n"
                word += text[at]
                at += 1
            if at >= end:
                raise Damaged("a quote is not closed", path=f"{path}:{begun}")
            yield begun, word, True
            at += 1
        else:
            begin = at
            while at < end and not text[at].isspace() and text[at] not in ";{":
                # A variable's braces are no block.
                if text.startswith("${", at):
                    at = max(at, text.find("}", at, at + _LONGEST_NAME))
                at += 2 if text[at] == "\\" else 1
            yield line, text[begin:at].replace("\\", ""), False
