"""Lines that fit a terminal: folded sentences, fingerprints, and commands to be copied."""

from __future__ import annotations

from ..names import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Certificate

__all__ = ["WIDTH", "command", "cut", "fingerprint", "folded", "of_certificate"]

WIDTH = 78


def folded(text: str, indent: str = "", hang: str | None = None, width: int = WIDTH) -> list[str]:
    """A sentence in lines; words are not broken, so a path stays whole."""
    rest = indent if hang is None else hang
    lines: list[str] = []
    line = indent
    empty = True
    for word in printable(text).split():
        if not empty and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else f" {word}"
        empty = False
    return [*lines, line] if not empty else lines


def cut(text: str, width: int) -> str:
    """A label of at most ``width`` characters; what is left out is in its middle."""
    shown = printable(text)
    if len(shown) <= width:
        return shown
    head = (width - 3) // 3
    return f"{shown[:head]}...{shown[len(shown) - (width - 3 - head) :]}"


def fingerprint(sha256: str) -> tuple[str, str]:
    """A SHA-256 in two lines of sixteen bytes, to be compared by eye."""
    pairs = [sha256[at : at + 2].upper() for at in range(0, 64, 2)]
    return ":".join(pairs[:16]), ":".join(pairs[16:])


def of_certificate(one: Certificate) -> Iterator[str]:
    """What is to be looked at before a certificate is trusted."""
    from ..times import iso_date
    from ..trust.calling import called
    from ..x509 import facts_or_none

    facts = facts_or_none(one)
    yield from folded(called(one), "    ", "      ")
    if facts is not None:
        issuer = facts.issuer.rfc4514()
        own = facts.subject.rfc4514() == issuer
        yield from folded("issued by itself" if own else f"issued by {issuer}", "    ", "      ")
        if facts.not_before is not None and facts.not_after is not None:
            yield f"    valid from {iso_date(facts.not_before)} to {iso_date(facts.not_after)}"
    first, second = fingerprint(one.sha256)
    yield f"    SHA-256  {first}:"
    yield f"             {second}"


def command(words: Iterable[str], indent: str = "  ", width: int = WIDTH) -> list[str]:
    """A command in lines that a shell takes for one; an option stays with its value."""
    from shlex import quote

    return command_line(" ".join(map(quote, words)), indent, width)


def command_line(line: str, indent: str = "  ", width: int = WIDTH) -> list[str]:
    """The same of a command that is one text already."""
    groups: list[str] = []
    for word in _words(printable(line)):
        if groups and groups[-1].startswith("-") and " " not in groups[-1] and word[:1] != "-":
            groups[-1] += f" {word}"
        else:
            groups.append(word)
    lines = [indent]
    for group in groups:
        if lines[-1].strip() and len(lines[-1]) + 3 + len(group) > width:
            lines[-1] += " \\"
            lines.append(f"{indent}  ")
        lines[-1] += group if not lines[-1].strip() else f" {group}"
    return lines


def _words(line: str) -> Iterator[str]:
    """Split at spaces outside of quotes, and keep the quotes."""
    word, quote = "", ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        if character == " " and not quote:
            yield word
            word = ""
        else:
            word += character
    yield word
