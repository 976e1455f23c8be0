"""Walks as tests of them want them."""

from __future__ import annotations

from pathlib import Path

from storekeeper.host.scan import Met, walk

FILES = Path(__file__).parent / "scripts" / "files"
ROOT_PEM = (FILES / "root.pem").read_bytes()


def every(head: bytes, size: int) -> bool:
    """Take each file that has anything in it."""
    return bool(head and size)


def met(*paths: Path, **options: object) -> list[Met]:
    return list(walk([str(path) for path in paths], **options))  # type: ignore[arg-type]


def names(found: list[Met], what: str = "file") -> list[str]:
    return [Path(one.path).name for one in found if one.what == what]
