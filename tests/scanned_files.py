"""Folders to be scanned, and what is found in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.model import Password, Store
from storekeeper.trust import workers
from storekeeper.trust.scanning import Found, scan
from tests import changing

FILES = Path(__file__).parent / "scripts" / "files"
AT = 1_795_000_000  # 2026-11-18
SECRET = "correct horse"


def scanned(*paths: Path, **options: object) -> dict[str, Found]:
    rows = list(scan([str(path) for path in paths], at=AT, **options))  # type: ignore[arg-type]
    found = {os.path.relpath(row.path, paths[0]): row for row in rows}
    assert len(found) == len(rows), "a file has two rows"
    return found


def p12(password: str | None = SECRET) -> bytes:
    store = Store("PKCS12", (changing.private("server", "PKCS12", password or ""),))
    return formats.write(store, Password(password))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes from the first item on, however quickly it is done."""
    monkeypatch.setattr(workers, "_WORTH_IT", -1.0)
