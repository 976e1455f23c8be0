"""Imports planned into stores of every type."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.plan import Plan
from storekeeper.change.target import Target
from storekeeper.model import Certificate, Store
from storekeeper.times import parse_iso
from tests import changing, pki
from tests.changing import PASS

NOW = 1_760_000_000_000
AT = parse_iso("2026-06-01")
NEW, NEWER = pki.cert("New Root"), pki.cert("Newer Root")
LEAF = pki.cert("pinned.example", "New Root")


def importing(*certificates: Certificate, **options: object) -> Callable[[Target], Plan]:
    given = [Incoming(one, "new.pem") for one in certificates]
    return lambda target: plan_import(target, given, at=AT, now_ms=NOW, **options)  # type: ignore[arg-type]


@pytest.fixture(params=["JKS", "JCEKS", "PKCS12"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "store"
    path.write_bytes(usual(request.param))
    return path


@functools.cache
def usual(format: str) -> bytes:
    return formats.write(Store(format, changing.usual(format)), PASS)
