"""The JREs of this machine, or of an unpacked image, and the one that is in use."""

from __future__ import annotations

import os
import sys

from ..errors import Unreadable
from ..frozen import Frozen, replace
from .jre import Jre, Skipped, has_java, look, version_key
from .tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Jre", "Jres", "Skipped", "in_use", "java_home_in_use", "jre_at", "jres", "version_key"]

_PATH = "PATH"
_SHADOWED = "PATH, behind another java"

_BROKEN = (
    "without a readable cacerts Java trusts nothing and says 'the trustAnchors parameter must be "
    "non-empty'"
)


class Jres(Frozen):
    """What `jres` found, and what it passed over and why."""

    found: tuple[Jre, ...]
    skipped: tuple[Skipped, ...] = ()


def jres(
    environ: Mapping[str, str] | None = None, root: str = "/", platform: str = sys.platform
) -> Jres:
    """Every JRE in the known places, in the order of `_candidates`, each home once.

    Args:
        environ: default the process's environment (nothing for another root).
        root: the tree to look in.
        platform: whose places to look in, as `sys.platform`.
    """
    tree = _tree(environ, root)
    found: dict[str, Jre] = {}
    skipped: dict[str, Skipped] = {}
    for path, found_by, expected in _candidates(tree, platform):
        result = look(tree, path, found_by)
        if isinstance(result, Jre):
            known = found.get(result.home)
            if known is None:
                found[result.home] = result
            elif found_by not in known.found_by and not (
                found_by == _SHADOWED and _PATH in known.found_by
            ):
                found[result.home] = replace(known, found_by=(*known.found_by, found_by))
        elif expected or has_java(tree, path):
            skipped.setdefault(tree.real(result.path), result)
    return Jres(tuple(found.values()), tuple(skipped.values()))


def java_home_in_use(
    environ: Mapping[str, str] | None = None, root: str = "/", platform: str = sys.platform
) -> Jre | None:
    """The JRE of `in_use`; None also when what is in use has no cacerts that can be read."""
    try:
        return in_use(environ, root, platform)[0]
    except Unreadable:
        return None


def in_use(
    environ: Mapping[str, str] | None = None, root: str = "/", platform: str = sys.platform
) -> tuple[Jre | None, str]:
    """The JRE that ``cacerts`` means: JAVA_HOME's, else that of PATH's first java, else the newest.

    The machine is searched only when the first two give none. Of equally new ones the first
    found counts.

    Returns:
        The JRE, and a note: which JAVA_HOME or java is no JRE and was passed over, or "".
        The note is in the JRE too.

    Raises:
        Unreadable: JAVA_HOME or PATH does name a JRE, and its cacerts is broken. Another
            JRE's roots would be a wrong answer then.
    """
    tree = _tree(environ, root)
    notes: list[str] = []
    for path, found_by in (*_variables(tree, ("JAVA_HOME",)), *_on_path(tree, platform)):
        result = look(tree, path, found_by)
        if isinstance(result, Jre):
            note = "; ".join(notes)
            return replace(result, note=note), note
        if result.broken:
            raise Unreadable(
                f"the JRE that {found_by} names cannot be used: {result.why}",
                hint=f"{_BROKEN}; jre:HOME names another JRE",
                path=result.path,
            )
        notes.append(f"{found_by} ({result.path}) is passed over: {result.why}")
    found = jres(environ, root, platform).found
    if not found:
        return None, "; ".join(notes)
    newest = max(found, key=version_key)  # max keeps the first of equals
    if len(found) > 1:
        notes.append(f"neither JAVA_HOME nor PATH names a JRE: the newest of {len(found)} is used")
    note = "; ".join(notes)
    return replace(newest, note=note), note


def jre_at(home: str, root: str = "/") -> Jre:
    """The JRE somebody names: a JDK's or JRE's home, its ``jre``, ``bin`` or ``bin/java``,
    a macOS bundle, or the home of a product with a ``jre`` inside.

    Raises:
        Unreadable: there is no such place, or no JRE with a cacerts in it.
    """
    tree = _tree(None, root)
    path = tree.at(home)
    if not os.path.lexists(tree.real(path)):
        raise Unreadable(
            "no such directory", hint="storekeeper jres lists the JREs of this machine", path=home
        )
    result = look(tree, path, "named")
    if isinstance(result, Jre):
        return result
    if result.broken:
        raise Unreadable(f"this JRE cannot be used: {result.why}", hint=_BROKEN, path=home)
    raise Unreadable(
        f"not the home of a JRE: {result.why}",
        hint="name the directory that has lib/security/cacerts in it; storekeeper jres lists "
        "the JREs of this machine",
        path=home,
    )


def _tree(environ: Mapping[str, str] | None, root: str) -> Tree:
    tree = Tree(root, {} if environ is None else environ)
    if environ is None and not tree.foreign:
        return Tree(root, os.environ)
    return tree


def _candidates(tree: Tree, platform: str) -> Iterator[tuple[str, str, bool]]:
    """Places to look at: path, how it was found, and whether a JRE is surely expected there."""
    for path, found_by in _variables(tree, ("JAVA_HOME", "JDK_HOME", "JRE_HOME")):
        yield path, found_by, True
    for path, found_by in _on_path(tree, platform):
        yield path, found_by, True
    from .jres_shared import PLACES as SHARED

    if platform == "win32":
        from .jres_windows import PLACES, registry

        if not tree.foreign:
            for path, found_by in registry():
                yield path, found_by, True
        places = PLACES
    elif platform == "darwin":
        from .jres_macos import PLACES as MACOS

        places = MACOS
    else:
        from .jres_linux import PLACES as LINUX

        for path, found_by in _alternatives(tree):
            yield path, found_by, True
        places = LINUX
    for pattern, found_by in (*places, *SHARED):
        for path in tree.expand(pattern):
            if tree.isdir(path):
                yield path, found_by, False


def _variables(tree: Tree, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        if value := tree.environ.get(name):
            yield tree.at(value), name


def _on_path(tree: Tree, platform: str) -> Iterator[tuple[str, str]]:
    """Every java on the PATH; the first is the one that runs."""
    program = "java.exe" if platform == "win32" else "java"
    found_by = _PATH
    for folder in tree.environ.get("PATH", "").split(";" if platform == "win32" else ":"):
        if not folder.strip():
            continue
        path = os.path.join(tree.at(folder.strip('"')), program)
        if tree.isfile(path) and (platform == "win32" or os.access(tree.real(path), os.X_OK)):
            yield path, found_by
            found_by = _SHADOWED


def _alternatives(tree: Tree) -> Iterator[tuple[str, str]]:
    from .jres_linux import ALTERNATIVES, ALTERNATIVES_DATABASES

    for link in ALTERNATIVES:
        path = tree.at(link)
        if os.path.lexists(path):
            yield path, link
    for database in ALTERNATIVES_DATABASES:
        for line in tree.text(tree.at(database)).splitlines():
            if line.startswith("/") and line.endswith("/bin/java"):
                yield tree.at(line), "update-alternatives"
