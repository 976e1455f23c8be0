"""A profile as YAML again: what the wizard offers, and what ``profiles new`` begins with."""

from __future__ import annotations

import re

from ..frozen import Frozen
from .keys import SOURCES, TABLES
from .values import Filters, Profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["as_values", "concealed", "dump", "scalar", "shown_values", "started"]

# Where a key is called otherwise than its field.
_FIELDS = {
    ("source", "pin"): "pins",
    ("reading", "as"): "kind",
    ("key", "from"): "source",
    ("key", "as"): "name",
    ("key", "for"): "server",
}
# What a field holds where its key was left out.
_LEFT_OUT = {
    "state": "present",
    "when": "yes",
    "chain": "full",
    "system": "client",
    "part": "sent",
    "as": "text",
}

# What every reader of YAML takes for this very text, also those to which 0640 is a number.
_PLAIN = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.@+=~-]*(?::[A-Za-z0-9/_.@+=~-]+)*\Z")
_WORDS = {"y", "yes", "n", "no", "true", "false", "on", "off", "null"}


def dump(profile: Profile, *, escape: bool = True) -> str:
    """The text of a profile; `load` gives an equal one.

    Args:
        profile: what it extends is in it already, and is not named.
        escape: its texts are values, so that a dollar is written ``$$``; without, ``${name}``
            stays a variable.
    """
    lines = ["storekeeper: 1"]
    lines += _table(profile, "profile", 0, escape)
    return "\n".join(lines) + "\n"


def _table(value: Frozen, table: str, depth: int, escape: bool) -> Iterator[str]:
    for name, shape, found in _said(value, table):
        prose = name in ("title", "about") and table == "profile"
        yield from _key(name, found, shape, depth, escape and not prose)


def _said(value: Frozen, table: str) -> Iterator[tuple[str, str, Any]]:
    """(key, shape, what it says) of every key that is not left out."""
    for key in TABLES[table]:
        if key.name in ("storekeeper", "extends"):
            continue
        field = _FIELDS.get((table, key.name), key.name.replace("-", "_"))
        if table == "source" and key.name in SOURCES:
            found: Any = value.name if value.kind == key.name else None  # type: ignore[attr-defined]
        else:
            found = getattr(value, field)
        if not _is_left_out(key.name, found):
            yield key.name, key.shape, found


def as_values(value: Frozen, table: str = "profile") -> dict[str, Any]:
    """A part of a profile as plain values, key for key; no password that stands in it."""
    found: dict[str, Any] = {}
    for name, shape, one in _said(value, table):
        kind, _, inner = shape.partition(" ")
        match kind:
            case "tables":
                found[name] = [as_values(each, inner) for each in one]
            case "named":
                found[name] = {each.name: as_values(each, inner) for each in one}
            case "table":
                found[name] = as_values(one, inner)
            case "pairs":
                found[name] = dict(one)
            case "password" | "text" if isinstance(one, str):
                found[name] = concealed(one)
            case _:
                found[name] = list(one) if isinstance(one, tuple) else one
    return found


def concealed(text: str) -> str:
    """A text to be shown; where it is a password itself, that is not in it."""
    return "pass:..." if text.startswith("pass:") else text


def shown_values(profile: Profile) -> dict[str, str]:
    """The values of a profile's variables by name, without those that are part of a password."""
    said = [one.password for one in profile.checks]
    for target in profile.targets:
        said += [target.password, target.key_password]
        said += [one.password for one in target.sources]
        said += [text for one in target.keys for text in (one.password, one.key_password)]
    secrets = [one for one in said if one.startswith("pass:")]
    return {
        name: "pass:..." if value and any(value in one for one in secrets) else concealed(value)
        for name, value in profile.values
    }


def _is_left_out(name: str, found: Any) -> bool:
    if name == "default":
        return found is None
    if found is None or found is False or found in ("", (), Filters()):
        return True
    return bool(found == _LEFT_OUT.get(name))


def _key(name: str, found: Any, shape: str, depth: int, escape: bool) -> Iterator[str]:
    pad = "  " * depth
    kind, _, table = shape.partition(" ")
    if kind in ("tables", "named", "table", "pairs"):
        yield f"{pad}{name}:"
        yield from _nested(kind, table, found, depth + 1, escape)
    elif isinstance(found, tuple):
        yield f"{pad}{name}:"
        for one in found:
            yield f"{pad}  - {scalar(one, escape)}"
    elif isinstance(found, bool):
        yield f"{pad}{name}: {'true' if found else 'false'}"
    else:
        yield f"{pad}{name}: {scalar(str(found), escape)}"


def _nested(kind: str, table: str, found: Any, depth: int, escape: bool) -> Iterator[str]:
    pad = "  " * depth
    match kind:
        case "tables":
            for one in found:
                lines = list(_table(one, table, depth + 1, escape))
                first = lines[0].lstrip() if lines else "{}"
                yield f"{pad}- {first}"
                yield from lines[1:]
        case "named":
            for one in found:
                lines = list(_table(one, table, depth + 1, escape))
                yield f"{pad}{scalar(one.name, False)}:{'' if lines else ' {}'}"
                yield from lines
        case "pairs":
            for name, text in found:
                yield f"{pad}{scalar(name, False)}: {scalar(text, escape)}"
        case _:
            yield from _table(found, table, depth, escape)


def scalar(text: str, escape: bool = True) -> str:
    """A text as YAML reads it back: plain where that is plain enough, else in double quotes."""
    if escape:
        text = text.replace("$", "$$")
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    if character.isprintable() and character not in "\u2028\u2029\ufeff":
        return character
    number = ord(character)
    if number > 0xFFFF:
        return f"\\U{number:08x}"
    return f"\\u{number:04x}" if number > 0xFF else f"\\x{number:02x}"


def started(name: str, base: Profile, variables: Mapping[str, str]) -> str:
    """A profile that extends another, its variables said or to be said.

    Args:
        name: of the other.
        base: it, its variables as they are written.
        variables: values by name.
    """
    lines = [
        "# storekeeper plan THIS-FILE shows what it would change, storekeeper apply does it.",
        "storekeeper: 1",
        f"title: {scalar(base.title or name, False)}",
        f"extends: {scalar(name, False)}",
    ]
    if base.variables:
        lines += ["variables:"] if variables else ["# variables:"]
    for variable in base.variables:
        about = " ".join(variable.about.split())
        if about:
            lines.append(f"  # {about}")
        if variable.name in variables:
            lines.append(f"  {variable.name}: {scalar(variables[variable.name])}")
        else:
            value = variable.default if variable.default is not None else "VALUE"
            needed = "" if variable.default is not None else "  # to be said, or found"
            lines.append(f"  # {variable.name}: {scalar(value, False)}{needed}")
    return "\n".join(lines) + "\n"
