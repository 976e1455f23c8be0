"""Every message the verdict model can give, read off its source: with … for what is filled in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOM = Path(__file__).parent.parent / "storekeeper" / "trust" / "runtimes"
GAP = "…"
_MADE = ("Refused", "Unsure", "GaveUp", "NotAsked", "_Unknown")


@dataclass(frozen=True)
class Template:
    """A message of the model, and where it is made."""

    where: str
    text: str


def templates() -> list[Template]:
    """All of them, each place once."""
    found: dict[Template, None] = {}
    for path in sorted(ROOM.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function, call in _refusals(tree):
            for text in _texts(call.args[0], function, tree):
                found[Template(f"{path.name}:{call.lineno}", text)] = None
    return list(found)


def _refusals(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Calls that make a refusal or a doubt, with the function they are in."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and node.args:
                    name = node.func.id if isinstance(node.func, ast.Name) else ""
                    if name in _MADE:
                        yield function, node


def _texts(node: ast.AST, function: ast.AST, tree: ast.Module, depth: int = 0) -> list[str]:
    """What an expression can be."""
    if depth > 8:
        return [GAP]
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return _joined([_texts(one, function, tree, depth + 1) for one in parts])
        case ast.FormattedValue(value=ast.Name() as name):
            return _texts(name, function, tree, depth + 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            sides = (left, right)
            return _joined([_texts(one, function, tree, depth + 1) for one in sides])
        case ast.IfExp(body=body, orelse=other):
            return [
                *_texts(body, function, tree, depth + 1),
                *_texts(other, function, tree, depth + 1),
            ]
        case ast.Name(id=name):
            values = _assigned(name, function) or _assigned(name, tree, top=True)
            found = [one for value in values for one in _texts(value, function, tree, depth + 1)]
            return list(dict.fromkeys(found)) or [GAP]
        case ast.Call(func=ast.Name(id=name)):
            made = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
            found = [
                text
                for body in made
                if body.name == name
                for value in _given(body)
                for text in _texts(value, body, tree, depth + 1)
            ]
            return list(dict.fromkeys(found)) or [GAP]
    return [GAP]


def _given(body: ast.FunctionDef) -> list[ast.expr]:
    """What a function returns."""
    returns = [one for one in ast.walk(body) if isinstance(one, ast.Return)]
    return [one.value for one in returns if one.value is not None]


def _joined(parts: list[list[str]]) -> list[str]:
    found = [""]
    for choices in parts:
        found = [before + one for before in found for one in choices]
    return found


def _assigned(name: str, where: ast.AST, *, top: bool = False) -> list[ast.expr]:
    nodes = where.body if top and isinstance(where, ast.Module) else ast.walk(where)
    found: list[ast.expr] = []
    for node in nodes:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AugAssign):
            targets, value = [node.target], node.value
        else:
            continue
        for one in targets:
            if isinstance(one, ast.Name) and one.id == name:
                found.append(value)
            elif isinstance(one, ast.Tuple) and isinstance(value, ast.Tuple):
                found += [
                    part
                    for target, part in zip(one.elts, value.elts, strict=True)
                    if isinstance(target, ast.Name) and target.id == name
                ]
    return found
