"""Loading a profile: its document, what it extends, its variables."""

from __future__ import annotations

import os

from ..errors import UsageError
from ..host.yaml_tree import Node
from ..model import replace
from .conditions import if_wanted, unused
from .documents import document, locate
from .reader import profile_of, variables_of
from .values import Profile
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
    return replace(made, values=known, unused=unused(found.root, values))


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
        return Node(tuple(if_wanted(one, values) for one in node.value), "list", node.mark)
    return substituted(node, values)


def parse(text: str | bytes, path: str = "profile") -> Profile:
    """The profile of a text, its variables as they are written; raises as `load`."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(data) == 0:
        raise UsageError("an empty text is no profile")
    found = document(path, data)
    return profile_of(found.root, found.path, found.extends)
