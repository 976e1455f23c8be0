"""The JSON Schema of profiles, for editors; drawn from the table of keys."""

from __future__ import annotations

from .keys import SOURCES, TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .keys import Key

__all__ = ["schema"]

# What these lack, the profile that is extended may have.
_COMPLETED = ("target", "check", "product")
_SCALAR = ["string", "number", "boolean"]
_REFERENCE = r"\$\{"
_FINGERPRINT = r"^(?:[0-9A-Fa-f]{2}[: ]?){31}[0-9A-Fa-f]{2}$|\$\{"
_SPECIFICATION = r"^(?:none|prompt|stdin|(?:env|file|fd|keyring|cmd|pass):.+)$|\$\{"
_NAME = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    found: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "storekeeper profile, version 1",
        "$ref": "#/$defs/profile",
        "$defs": {name: _table(name) for name in TABLES},
    }
    return found


def _table(name: str) -> dict[str, Any]:
    keys = TABLES[name]
    found: dict[str, Any] = {
        "type": "object",
        "properties": {key.name: _value(key) for key in keys},
        "additionalProperties": False,
    }
    required = [key.name for key in keys if key.required]
    if required and name not in _COMPLETED:
        found["required"] = required
    if name == "profile":
        found["if"] = {"not": {"required": ["extends"]}}
        found["then"] = {"properties": _complete()}
    if name == "source":
        found["oneOf"] = [{"required": [kind]} for kind in SOURCES]
    if name == "key":
        found["oneOf"] = [{"required": ["from"]}, {"required": ["files"]}]
    if name == "rule":
        return {"oneOf": [{"type": "string"}, found]}
    if name == "variable":
        # A text alone is its default.
        return {"oneOf": [{"type": _SCALAR}, found, {"type": "null"}]}
    return found


def _complete() -> dict[str, Any]:
    """What the tables of a profile need that builds on no other."""
    found: dict[str, Any] = {}
    for key in TABLES["profile"]:
        kind, _, table = key.shape.partition(" ")
        if table in _COMPLETED:
            needs = {"required": [one.name for one in TABLES[table] if one.required]}
            found[key.name] = {"items": needs} if kind == "tables" else needs
    return found


def _value(key: Key) -> dict[str, Any]:
    kind, _, table = key.shape.partition(" ")
    match kind:
        case "table":
            found: dict[str, Any] = {"anyOf": [{"$ref": f"#/$defs/{table}"}, {"type": "null"}]}
        case "tables":
            found = {"type": ["array", "null"], "items": {"$ref": f"#/$defs/{table}"}}
        case "named":
            found = {
                "type": ["object", "null"],
                "additionalProperties": {"$ref": f"#/$defs/{table}"},
                "propertyNames": {"pattern": _NAME},
            }
        case "pairs":
            found = {"type": ["object", "null"], "additionalProperties": {"type": _SCALAR}}
        case "texts" | "paths":
            found = _one_or_more({"type": _SCALAR})
        case "fingerprints":
            found = _one_or_more({"type": "string", "pattern": _FINGERPRINT})
        case _:
            found = _single(key, kind)
    return {"description": key.about, **found}


def _single(key: Key, kind: str) -> dict[str, Any]:
    match kind:
        case "choice":
            choices: list[Any] = list(key.choices)
            choices += [int(one) for one in key.choices if one.isdecimal()]
            allowed: dict[str, Any] = {"enum": choices}
            return {"anyOf": [allowed, {"type": "string", "pattern": _REFERENCE}, {"type": "null"}]}
        case "flag":
            return {"enum": [True, False, "true", "false", "yes", "no", None]}
        case "number":
            return {
                "anyOf": [
                    {"type": "integer", "minimum": key.least, "maximum": key.most},
                    {"type": "string", "pattern": rf"^[0-9]+$|{_REFERENCE}"},
                    {"type": "null"},
                ]
            }
        case "password":
            return {"type": ["string", "null"], "pattern": _SPECIFICATION}
    return {"type": [*_SCALAR, "null"]}


def _one_or_more(one: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]}
