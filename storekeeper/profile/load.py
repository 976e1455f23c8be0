"""Loading a profile: its document, what it extends, its variables."""

from __future__ import annotations

import os

from ..errors import UsageError
from ..host.yaml_tree import Node
from ..model import replace
from .documents import document, locate
from .reader import profile_of, variables_of
from .shapes import table_of_any
from .values import Profile, wanted
from .variables import Values, substituted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["load", "parse", "validate"]


def load(
    source: str | os.PathLike[str] | bytes,
    variables: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    root: str = "/",
    resolve: bool = True,
) -> Profile:
    """A profile, what it extends put in and its variables replaced.

    Args:
        source: a path, the name of a shipped profile, ``-`` for standard input, or the bytes of
            the text itself.
        variables: values by name.
        environ: in place of the process's environment.
        root: the tree in which installations and their configuration are looked for.
        resolve: replace the variables; without, ``${name}`` stays as it is written.

    Raises:
        Unreadable: there is no such file, or one it extends.
        Damaged: it is no profile. The path of the error has line and column.
        LimitExceeded: it is larger than any profile.
        UsageError: a variable has no value, or one is said that is not declared.
    """
    data = source if isinstance(source, bytes) else None
    path = "profile" if isinstance(source, bytes) else locate(os.fspath(source))
    found = document(path, data)
    raw = profile_of(found.root, found.path, found.extends)
    if not resolve:
        return raw
    values = Values(
        variables_of(found.root),
        variables or {},
        os.environ if environ is None else environ,
        root,
    )
    values.need()
    pairs = tuple((key, _filled(key.value, value, values)) for key, value in found.root.value)
    made = profile_of(Node(pairs, "table", found.root.mark), found.path, found.extends)
    known = tuple((name, values.known[name][0]) for name in values.declared if name in values.known)
    return replace(made, values=known)


def validate(
    source: str | os.PathLike[str] | bytes,
    variables: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> Profile:
    """A profile that was looked over: every reference known, every name of a target there.

    Variables that are not said and have no value here are no mistake of the profile. Nothing
    but the profile is read.

    Raises:
        StorekeeperError: as `load`; the path has line and column.
    """
    from .names import refuse_unknown_targets

    data = source if isinstance(source, bytes) else None
    path = "profile" if isinstance(source, bytes) else locate(os.fspath(source))
    found = document(path, data)
    raw = profile_of(found.root, found.path, found.extends)
    environment = os.environ if environ is None else environ
    values = Values(variables_of(found.root), variables or {}, environment)
    for key, value in found.root.value:
        if key.value not in ("title", "about", "variables"):
            values.refuse_unknown(value)
    for variable in raw.variables:
        for text in (*variable.find, *variable.has, variable.default or ""):
            values.refuse_unknown(Node(text, "text", variable.mark))
    refuse_unknown_targets(raw)
    return load(source, variables, environ=environ) if variables else raw


def _filled(key: str, node: Node, values: Values) -> Node:
    """The value of a key of the profile, with its variables replaced where they count."""
    if key in ("variables", "storekeeper", "title", "about"):
        return node
    if key == "product":
        return substituted(node, values, quiet=True)
    if key in ("targets", "checks") and node.kind == "list":
        return Node(tuple(_if_wanted(one, values) for one in node.value), "list", node.mark)
    return substituted(node, values)


def _if_wanted(node: Node, values: Values) -> Node:
    """A target or check with its variables replaced, unless its ``when`` leaves it out.

    Of its sources those are left out whose own ``when`` says so.
    """
    said = table_of_any(node)
    when = said.get("when")
    if when is not None and _answerable(when):
        holds = _holds(when, values)
        if when.kind == "text" and not when.value.startswith("!"):
            answer = substituted(when, values)
        else:
            answer = Node("yes" if holds else "no", "text", when.mark)
        pairs = tuple((key, answer if value is when else value) for key, value in node.value)
        node = Node(pairs, "table", node.mark)
        if not holds:
            return _as_written(node)
    sources = said.get("sources")
    if sources is not None and sources.kind == "list":
        left = tuple(one for one in sources.value if _takes_part(one, values))
        kept = Node(left, "list", sources.mark)
        pairs = tuple((key, kept if value is sources else value) for key, value in node.value)
        node = Node(pairs, "table", node.mark)
    return substituted(node, values)


def _as_written(node: Node) -> Node:
    """What is left out: its variables may be empty or unknown, and only a dollar is one."""
    match node.kind:
        case "text" if "${" not in node.value:
            return Node(node.value.replace("$$", "$"), "text", node.mark, node.given)
        case "list":
            return Node(tuple(map(_as_written, node.value)), "list", node.mark)
        case "table":
            pairs = tuple((key, _as_written(one)) for key, one in node.value)
            return Node(pairs, "table", node.mark)
    return node


def _takes_part(node: Node, values: Values) -> bool:
    when = table_of_any(node).get("when")
    return when is None or not _answerable(when) or _holds(when, values)


def _answerable(when: Node) -> bool:
    """Whether it has the shape of a ``when``; of any other the reader says so."""
    return when.kind == "text" or (
        when.kind == "list" and all(one.kind == "text" for one in when.value)
    )


def _holds(when: Node, values: Values) -> bool:
    """Whether all it asks for is there; with ``!`` before it, not there."""
    for one in when.value if when.kind == "list" else (when,):
        text, _ = values.text(one.value.removeprefix("!"), one.mark)
        if wanted(text) == one.value.startswith("!"):
            return False
    return True


def parse(text: str | bytes, path: str = "profile") -> Profile:
    """The profile of a text, its variables as they are written; raises as `load`."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(data) == 0:
        raise UsageError("an empty text is no profile")
    found = document(path, data)
    return profile_of(found.root, found.path, found.extends)
