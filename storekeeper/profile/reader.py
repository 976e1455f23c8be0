"""Nodes as the values of a profile, by the table of keys; every error has its place."""

from __future__ import annotations

import os

from ..host.yaml_tree import Mark, Node, wrong
from .keys import SOURCES
from .shapes import kind_of, place_of, table_of, text_of, values_of
from .values import (
    CheckWish,
    Filters,
    KeyWish,
    Known,
    Product,
    Profile,
    Reading,
    Rule,
    Setting,
    SourceWish,
    TargetWish,
    Variable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["profile_of", "variables_of"]

_SERVER_KEYS = ("pin", "chains-to", "starttls", "proxy", "sni")


def profile_of(root: Node, path: str, extends: tuple[str, ...] = ()) -> Profile:
    """The profile of a document whose ``extends`` have been put in.

    Raises:
        Damaged: it says something no profile says, or of another shape.
    """
    found = values_of(root, "profile")
    targets = tuple(map(_target, found.get("targets", ())))
    checks = tuple(map(_check, found.get("checks", ())))
    _once(targets, "target")
    _once(checks, "check")
    product = _product(found["product"]) if "product" in found else None
    return Profile(
        path,
        found.get("title", ""),
        found.get("about", ""),
        variables_of(root),
        (),
        targets,
        checks,
        tuple(found.get("restart", ())),
        product,
        extends,
        root.mark,
    )


def variables_of(root: Node) -> tuple[Variable, ...]:
    """The variables a document declares; raises as `profile_of`."""
    node = table_of(root, "profile").get("variables")
    if node is None or node.kind == "nothing":
        return ()
    if node.kind != "table":
        raise wrong(node.mark, f"expected variables by name, found {kind_of(node)}")
    found: dict[str, Variable] = {}
    for key, value in node.value:
        name = text_of(key)
        if not _is_name(name):
            raise wrong(
                key.mark,
                f"expected a name of letters, digits, - and _, found {name[:80]!r}",
                "as in truststore or agent-home",
            )
        if name in found:
            raise wrong(key.mark, f"{name} is said twice", f"first in line {found[name].mark.line}")
        found[name] = _variable(name, value, key.mark)
    return tuple(found.values())


def _is_name(name: str) -> bool:
    return (
        name.isascii()
        and 0 < len(name) <= 64
        and name[0].isalpha()
        and name.replace("-", "").replace("_", "").isalnum()
    )


def _variable(name: str, node: Node, mark: Mark) -> Variable:
    if node.kind == "text":  # short for {default: ...}
        return Variable(name, default=node.value, mark=mark)
    found = values_of(node, "variable")
    for path in found.get("has", ()):
        if "find" not in found:
            raise wrong(
                mark, f"{name} has 'has' and no 'find'", "find: [/opt/product*] says where to look"
            )
        if os.path.isabs(path):
            raise wrong(mark, f"{path[:80]!r} in 'has' is to be below the directory that is found")
    return Variable(
        name,
        found.get("about", ""),
        found.get("default"),
        found.get("required", False),
        found.get("find", ()),
        found.get("has", ()),
        tuple(map(_reading, found.get("read", ()))),
        found.get("allowed", ""),
        mark,
    )


def _reading(node: Node) -> Reading:
    found = values_of(node, "reading")
    return Reading(
        found["file"],
        found["key"],
        found.get("base", ""),
        found.get("syntax", ""),
        found.get("site", ""),
        found.get("as", "text"),
        node.mark,
    )


def _target(node: Node) -> TargetWish:
    found = values_of(node, "target")
    mode = found.get("mode", "")
    if mode and "${" not in mode and not (mode.isdecimal() and _is_octal(mode)):
        raise wrong(
            place_of(node, "mode"),
            f"expected permissions in octal such as 0640, found {mode[:40]!r}",
        )
    wish = TargetWish(
        found.get("name", "") or found["path"],
        found["path"],
        found.get("about", ""),
        found.get("type", ""),
        found.get("password", ""),
        found.get("key-password", ""),
        found.get("compat", ""),
        found.get("alias", ""),
        found.get("on-conflict"),
        found.get("state", "present"),
        found.get("owner", ""),
        found.get("group", ""),
        mode,
        found.get("backups"),
        _when(found),
        tuple(map(_source, found.get("sources", ()))),
        _filters(found["filters"]) if "filters" in found else Filters(),
        tuple(map(_key, found.get("keys", ()))),
        found.get("hashed", False),
        found.get("chain-of", ""),
        found.get("part", "sent"),
        node.mark,
    )
    if wish.keys and wish.state != "present":
        raise wrong(
            place_of(node, "state"),
            f"a target with keys has the state present, found {wish.state}",
            "storekeeper delete takes a key out",
        )
    for key, needs, there in (
        ("hashed", "type: directory", wish.type == "directory" or not wish.hashed),
        ("part", "chain-of", bool(wish.chain_of) or wish.part == "sent"),
    ):
        if not there:
            raise wrong(place_of(node, key), f"{key} without {needs}", f"{key} goes with {needs}")
    if wish.chain_of and wish.keys:
        raise wrong(
            place_of(node, "chain-of"),
            "a target with keys has no chain-of",
            "the chain of a key is completed from the sources by itself",
        )
    if wish.alias and wish.keys:
        raise wrong(
            place_of(node, "alias"), "an alias of a target is for certificates", "keys have 'as'"
        )
    return wish


def _is_octal(mode: str) -> bool:
    return len(mode) in (3, 4) and all(digit in "01234567" for digit in mode)


def _source(node: Node) -> SourceWish:
    if node.kind == "text":
        raise wrong(
            node.mark,
            f"expected a source as a table, found the text {node.value[:80]!r}",
            "write - file: PATH, - store: PATH, - list: WORD or - server: HOST:PORT",
        )
    found = values_of(node, "source")
    kinds = [kind for kind in SOURCES if kind in found]
    if len(kinds) != 1:
        said = f"found {' and '.join(kinds)}" if kinds else "found none"
        raise wrong(node.mark, f"expected one of {', '.join(SOURCES)} in a source, {said}")
    kind: Any = kinds[0]
    for key in _SERVER_KEYS:
        if key in found and kind != "server":
            raise wrong(place_of(node, key), f"{key} is for a server, and this source is a {kind}")
    if "aliases" in found and kind not in ("store", "list", "file"):
        raise wrong(
            place_of(node, "aliases"), f"aliases is for a store, and this source is a {kind}"
        )
    if "password" in found and kind not in ("store", "file", "list"):
        raise wrong(
            place_of(node, "password"), f"password is for a store, and this source is a {kind}"
        )
    if kind == "server" and not ("pin" in found or "chains-to" in found):
        raise wrong(
            node.mark,
            f"the server {found[kind][:80]} without a pin: nothing it sends can be trusted unseen",
            "pin: SHA-256 of its certificate (storekeeper fetch shows it), or chains-to: FILE with "
            "its CA",
        )
    return SourceWish(
        kind,
        found[kind],
        found.get("password", ""),
        found.get("aliases", ()),
        found.get("only"),
        found.get("pin", ()),
        found.get("chains-to", ""),
        found.get("starttls", ""),
        found.get("proxy", ""),
        found.get("sni", ""),
        found.get("skip-bad", False),
        _when(found),
        node.mark,
    )


def _when(found: dict[str, Any]) -> str | tuple[str, ...]:
    said: tuple[str, ...] = found.get("when", ("yes",))
    return said[0] if len(said) == 1 else said


def _filters(node: Node) -> Filters:
    found = values_of(node, "filters")
    return Filters(
        found.get("expired", "keep"),
        found.get("non-ca", "keep"),
        found.get("distrusted", "keep"),
        found.get("on-list", ()),
        found.get("not-on-list", ()),
        found.get("sha256", ()),
        node.mark,
    )


def _key(node: Node) -> KeyWish:
    found = values_of(node, "key")
    if ("from" in found) == ("files" in found):
        said = "found both" if "from" in found else "found none"
        raise wrong(node.mark, f"expected one of from, files in a key, {said}")
    if "for" in found and "alias" in found:
        raise wrong(
            place_of(node, "for"), "alias names the key, and for has it chosen: only one can be"
        )
    return KeyWish(
        found.get("from", ""),
        found.get("files", ()),
        found.get("password", ""),
        found.get("key-password", ""),
        found.get("alias", ""),
        found.get("as", ""),
        found.get("for", ""),
        found.get("chain", "full"),
        node.mark,
    )


def _check(node: Node) -> CheckWish:
    found = values_of(node, "check")
    return CheckWish(
        found.get("name", "") or found["server"],
        found["server"],
        found.get("store", ""),
        found.get("runtime", ""),
        found.get("identity", ""),
        found.get("password", ""),
        found.get("host", ""),
        found.get("starttls", ""),
        found.get("proxy", ""),
        _when(found),
        node.mark,
    )


def _product(node: Node) -> Product:
    found = values_of(node, "product")
    return Product(
        found["name"],
        found.get("vendor", ""),
        found.get("system", "client"),
        found.get("runtime", ""),
        found.get("trust", ""),
        found.get("identity", ""),
        tuple(map(_rule, found.get("rules", ()))),
        tuple(map(_setting, found.get("settings", ()))),
        tuple(map(_error, found.get("errors", ()))),
        found.get("pages", ()),
        node.mark,
    )


def _rule(node: Node) -> Rule:
    if node.kind == "text":
        return Rule(node.value, mark=node.mark)
    found = values_of(node, "rule")
    return Rule(found["text"], found.get("source", ""), found.get("measured", False), node.mark)


def _setting(node: Node) -> Setting:
    found = values_of(node, "setting")
    return Setting(
        found["file"],
        found["key"],
        found.get("default", ""),
        found.get("about", ""),
        found.get("values", ()),
        found.get("syntax", ""),
        node.mark,
    )


def _error(node: Node) -> Known:
    found = values_of(node, "error")
    return Known(found["message"], found["means"], node.mark)


def _once(found: tuple[TargetWish, ...] | tuple[CheckWish, ...], what: str) -> None:
    seen: dict[str, Mark] = {}
    for one in found:
        if one.name in seen:
            raise wrong(
                one.mark,
                f"a second {what} of the name {one.name[:80]!r}",
                f"the first is in line {seen[one.name].line}; give one a name of its own",
            )
        seen[one.name] = one.mark
