"""The house keeps its shape: who may import whom, what no import may load, how long a file is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "storekeeper"

# docs/architecture.md has the words for this table. A room imports from the rooms above
# its own line, and from itself; rooms on one line do not know each other.
FLOORS = [
    ["errors", "frozen", "lazy", "model", "packaged"],
    [
        *("der", "extensions", "general_names", "key_info", "name_text", "names", "names_java"),
        *("oids", "times", "x509"),
    ],
    ["formats"],
    ["host"],
    ["trust"],
    ["pki"],
    ["tls"],
    ["identity"],
    ["change"],
    ["profile"],
    ["doctor"],
    ["report"],
    ["wizard"],
    ["cli"],
    ["__main__", "__init__"],
]
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SINGLE_FILES = 2  # the lines whose modules, each a file, may build on one another

# What start-up must not pay for: imported inside the function that needs it.
HEAVY = {
    *("asyncio", "certifi", "cryptography", "dataclasses", "datetime", "email", "enum"),
    *("http", "importlib.metadata", "importlib.resources", "inspect", "jks", "json"),
    *("logging", "pathlib", "prompt_toolkit", "questionary", "rich", "socket", "ssl"),
    *("subprocess", "tempfile", "typing", "urllib", "yaml"),
}
# (module, what it imports at once): why it may.
ALLOWED_HEAVY: dict[tuple[str, str], str] = {}

LONGEST = 400  # lines


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def dotted(path: Path) -> str:
    """``formats/jks.py`` is formats.jks, ``formats/__init__.py`` is formats."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


def room(module: str) -> str:
    return module.partition(".")[0]


def targets(path: Path, node: ast.AST) -> Iterator[str]:
    """What an import statement names inside storekeeper, as `dotted` spells it."""
    found: list[str] = []
    if isinstance(node, ast.Import):
        found = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level:
            package = ["storekeeper", *path.relative_to(ROOT).parts[:-1]]
            base = package[: len(package) - node.level + 1]
            assert base, f"{path}: an import from above storekeeper"
            module = ".".join([*base, *filter(None, [module])])
        found = [f"{module}.{alias.name}" for alias in node.names]
    for name in found:
        if name.partition(".")[0] != "storekeeper":
            continue
        inside = name.partition(".")[2]
        if inside == "__version__":  # a string every room may print
            continue
        while inside and not is_module(inside):
            inside = inside.rpartition(".")[0]
        yield inside or "__init__"


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every import of our own modules: inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for target in targets(path, node):
            yield target, getattr(node, "lineno", 0)


def at_once(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            waiting += node.orelse
            continue
        yield node
        for child in ast.iter_child_nodes(node):
            waiting += [child] if isinstance(child, ast.stmt) else []
            if isinstance(child, ast.ExceptHandler):
                waiting += child.body


def floor(module: str) -> int:
    if room(module) not in FLOOR_OF:
        pytest.fail(
            f"storekeeper.{module} stands on no floor: add {room(module)!r} to FLOORS in"
            " tests/test_floors.py and to the table in docs/architecture.md"
        )
    return FLOOR_OF[room(module)]


def breaches(path: Path) -> list[str]:
    """Sentences about imports that go up or across."""
    module = dotted(path)
    return [
        f"{module}, line {line}, imports {target}, which is not below it"
        for target, line in imports(path)
        if room(module) != room(target)
        and not (floor(target) == floor(module) < SINGLE_FILES)
        and floor(target) >= floor(module)
    ]


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_imports_go_down(path: Path) -> None:
    floor(dotted(path))
    assert breaches(path) == []


def test_no_module_needs_itself_to_be_imported() -> None:
    """What runs at import makes no circle; inside functions the floors suffice."""
    needs = {
        dotted(path): {
            target
            for node in at_once(ast.parse(path.read_text("utf-8")))
            for target in targets(path, node)
        }
        for path in modules()
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " imports ".join([*trail, module])
        if module not in done:
            for target in needs[module] - {module}:
                visit(target, (*trail, module))
            done.add(module)

    for module in needs:
        visit(module, ())


def heavy(path: Path) -> set[str]:
    """What of `HEAVY` a module loads when it is imported."""
    named: set[str] = set()
    for node in at_once(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {one for one in HEAVY for name in named if f"{name}.".startswith(f"{one}.")}


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_heavy_modules_are_imported_where_they_are_used(path: Path) -> None:
    allowed = {what for module, what in ALLOWED_HEAVY if module == dotted(path)}
    assert heavy(path) == allowed


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_no_file_is_too_long(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LONGEST, f"{dotted(path)} has {lines} lines: split it along a noun"


# -- the checks themselves ----------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house of three modules to break rules in."""
    for name in ("__init__.py", "der.py", "formats/__init__.py", "formats/jks.py", "attic.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("from .formats import jks\n", True),
        ("import storekeeper.formats.jks\n", True),
        ("from storekeeper.formats.jks import read\n", True),
        ("from . import Anything\n", True),
        ("def f():\n    from .formats.jks import read\n", True),
        ("if TYPE_CHECKING:\n    from .formats.jks import Jks\n", True),
        ("from . import __version__\n", False),
        ("from .der import read\nimport re\n", False),
    ],
)
def test_an_import_upwards_is_found(house: Path, text: str, breaks: bool) -> None:
    (house / "der.py").write_text(text)
    assert bool(breaches(house / "der.py")) is breaks
    (house / "formats/jks.py").write_text("from ..der import read\nfrom . import x\n")
    assert breaches(house / "formats/jks.py") == []


def test_a_module_on_no_floor_is_told_where_to_go(house: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="add 'attic' to FLOORS"):
        floor(dotted(house / "attic.py"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import json\n", {"json"}),
        ("from importlib import metadata\n", {"importlib.metadata"}),
        ("import importlib\n", set()),
        ("try:\n    import ssl\nexcept ImportError:\n    import yaml\n", {"ssl", "yaml"}),
        ("class A:\n    from cryptography.x509 import Name\n", {"cryptography"}),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import typing\n", set()),
        ("if TYPE_CHECKING:\n    import typing\nelse:\n    import enum\n", {"enum"}),
        ("def f():\n    import json\n", set()),
    ],
)
def test_a_heavy_import_is_found(house: Path, text: str, found: set[str]) -> None:
    (house / "der.py").write_text(text)
    assert heavy(house / "der.py") == found
