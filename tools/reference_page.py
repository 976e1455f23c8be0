"""docs/reference.md: every public name, from its docstring and its source."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from functools import cache
from importlib import import_module
from pathlib import Path

import storekeeper
from storekeeper import errors

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"
ROOMS = {
    "Stores and entries": ("model",),
    "Looking and judging": ("trust",),
    "Client keys": ("identity", "tls"),
    "Changing": ("change", "host"),
    "Profiles": ("profile",),
    "Errors": ("errors",),
}
"""Headings, and the rooms whose names stand below them."""

_SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Yields")
_WIDTH = 88


def page() -> str:
    """The text of docs/reference.md.

    Raises:
        LookupError: a public name is in a room that has no heading.
    """
    parts = [
        "# Library reference",
        "",
        "<!-- made by python -m tools.make_docs from the docstrings -->",
        "",
        "Every public name of `storekeeper`, in the words of its docstring;",
        "[as a library](library.md) has examples. What is not here is not promised. Values are",
        "frozen and compare by what they hold; an instant without a unit is in seconds since 1970",
        "UTC.",
        "",
    ]
    for heading, names in _by_heading().items():
        parts += [f"## {heading}", ""]
        for name in names:
            parts += _entry(name)
        if heading == "Errors":
            parts += _errors()
    return "\n".join(parts).rstrip() + "\n"


def _by_heading() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {heading: [] for heading in ROOMS}
    for name in sorted(storekeeper.__all__, key=lambda one: (one[0].islower(), one)):
        room = storekeeper._EXPORTS[name][0].partition(".")[0]
        heading = next((head for head, rooms in ROOMS.items() if room in rooms), None)
        if heading is None:
            raise LookupError(f"{name}: no heading for the room {room!r}")
        found[heading].append(name)
    return found


def _entry(name: str) -> list[str]:
    thing = getattr(storekeeper, name)
    module, own = storekeeper._EXPORTS[name]
    node = _definition(module, own)
    parts = [f"### {name}", ""]
    if isinstance(node, ast.ClassDef):
        parts += ["```py", *_fields(name, thing, node), "```", "", *_prose(inspect.getdoc(thing))]
        for one in node.body:
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                parts += _method(name, one)
        return parts
    return [*parts, "```py", *_signature(name, node), "```", "", *_prose(inspect.getdoc(thing))]


@cache
def _module(name: str) -> ast.Module:
    found = import_module(f"storekeeper.{name}")
    assert found.__file__ is not None
    return ast.parse(Path(found.__file__).read_text(encoding="utf-8"))


def _definition(module: str, name: str) -> ast.ClassDef | ast.FunctionDef:
    for node in _module(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return node
    raise LookupError(f"{module}: {name} is not defined there")


def _fields(name: str, thing: object, node: ast.ClassDef) -> list[str]:
    """A class as it is called: its fields, or the arguments of its ``__init__``."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            return _signature(name, one, skip=1)
    own = [
        ast.unparse(one)
        for one in node.body
        if isinstance(one, ast.AnnAssign) and "ClassVar" not in ast.unparse(one.annotation)
    ]
    inherited = [one for one in getattr(thing, "_fields", ()) if f"{one}:" not in " ".join(own)]
    return _wrapped(f"class {name}(", [*inherited, *own], ")")


def _signature(name: str, node: ast.FunctionDef | ast.ClassDef, skip: int = 0) -> list[str]:
    assert isinstance(node, ast.FunctionDef)
    gives = f") -> {ast.unparse(node.returns)}" if node.returns is not None and not skip else ")"
    begin = "class" if skip else "def"
    return _wrapped(f"{begin} {name}(", _arguments(node.args)[skip:], gives)


def _arguments(given: ast.arguments) -> list[str]:
    """All of them, as they are written."""
    first = [*given.posonlyargs, *given.args]
    defaults = [*[None] * (len(first) - len(given.defaults)), *given.defaults]
    words = [_argument(one, default) for one, default in zip(first, defaults, strict=True)]
    if given.vararg is not None:
        words.append(f"*{ast.unparse(given.vararg)}")
    elif given.kwonlyargs:
        words.append("*")
    for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        words.append(_argument(one, default))
    return words


def _argument(one: ast.arg, default: ast.expr | None) -> str:
    text = ast.unparse(one)
    return text if default is None else f"{text} = {ast.unparse(default)}"


def _wrapped(begin: str, words: list[str], end: str) -> list[str]:
    whole = f"{begin}{', '.join(words)}{end}"
    if len(whole) <= _WIDTH:
        return [whole]
    return [begin, *(f"    {one}," for one in words), end]


def _method(name: str, node: ast.FunctionDef) -> list[str]:
    text = ast.get_docstring(node)
    if not text:
        return []
    kinds = {ast.unparse(one) for one in node.decorator_list}
    if kinds & {"property", "cached_property", "functools.cached_property"}:
        head = f"`{name}.{node.name}`"
    else:
        head = f"`{name}.{node.name}({', '.join(_arguments(node.args)[1:])})`"
    return [f"{head}:", *_prose(text)]


def _prose(text: str | None) -> list[str]:
    """A docstring as Markdown: sections become lists, double backquotes single ones."""
    parts: list[str] = []
    heads = "|".join(_SECTIONS)
    for block in re.split(rf"\n(?=(?:{heads}):\n)", text or ""):
        head, _, body = block.partition("\n")
        if head.rstrip(":") in _SECTIONS and head.endswith(":"):
            parts += [f"{head}", "", *_items(textwrap.dedent(body)), ""]
        else:
            parts += [block.strip(), ""]
    return [_backquotes(one) for one in "\n".join(parts).splitlines()] + [""]


def _items(body: str) -> list[str]:
    found: list[str] = []
    for line in body.rstrip().splitlines():
        if line.startswith(" ") and found:
            found[-1] += f" {line.strip()}"
        elif line.strip():
            words, colon, rest = line.strip().partition(":")
            names = ", ".join(f"`{one.strip('`')}`" for one in words.split(", "))
            plain = colon and re.fullmatch(r"[\w*.`]+(?:, [\w*.`]+)*", words)
            found.append(f"- {names}:{rest}" if plain else f"- {line.strip()}")
    return found


def _backquotes(line: str) -> str:
    return re.sub(r"``([^`]+)``", r"`\1`", line)


def _errors() -> list[str]:
    """The tree of errors, with the exit status of each."""
    parts = ["### Every error", "", "| error | exit status | |", "|---|---|---|"]
    kinds = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.StorekeeperError)
    ]
    for one in kinds:
        first = (inspect.getdoc(one) or "").partition("\n\n")[0].replace("\n", " ")
        base = "" if one is errors.StorekeeperError else f" ({one.__bases__[0].__name__})"
        parts.append(f"| `{one.__name__}`{base} | {one.exit_status} | {_backquotes(first)} |")
    return [*parts, "", "All are in `storekeeper.errors`."]
