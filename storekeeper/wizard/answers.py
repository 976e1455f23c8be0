"""Answers in a file: YAML, by the names of the options that give them."""

from __future__ import annotations

from ..errors import Damaged, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["answers"]

_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


def answers(
    path: str, names: Collection[str], several: Collection[str] = ()
) -> tuple[dict[str, list[str]], bool]:
    """What a file answers, and whether it takes the defaults of all that is left (``yes``).

    Every word is text, whatever it looks like: a fingerprint of digits stays one.

    Args:
        path: of the file.
        names: the options there are.
        several: those of them that may have a list.

    Raises:
        Damaged: it is no YAML, or an answer is no text. The path has line and column.
        LimitExceeded: it is larger than any answers.
        UsageError: no question is answered by a name.
        Unreadable: there is no such file.
    """
    from ..host.files import read_file
    from ..host.yaml_tree import MOST_BYTES, tree, wrong
    from ..model import LIMITS, replace
    from ..profile.shapes import text_of
    from ..profile.words import meant

    data = read_file(path, replace(LIMITS, file_size=MOST_BYTES))
    root = tree(data, path, "file of answers")
    if root is None or root.kind != "table":
        raise Damaged("expected answers in YAML, as in host: api.example.com", path=path)
    known = (*names, "yes")
    found: dict[str, list[str]] = {}
    for key, node in root.value:
        name = text_of(key)
        if name not in known:
            raise UsageError(
                f"no question is answered by {name[:80]!r}",
                hint=meant(name, known),
                path=str(key.mark),
            )
        if name in found:
            raise wrong(key.mark, f"{name} is said twice", "take one of them out")
        nodes = node.value if node.kind == "list" and name in several else (node,)
        found[name] = [text_of(one) for one in nodes]
    accept = found.pop("yes", ["no"])[0].lower()
    if accept not in (*_TRUE, *_FALSE):
        raise Damaged(f"expected yes: true or false, found {accept[:40]!r}", path=path)
    return found, accept in _TRUE
