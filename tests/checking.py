"""The command ``check`` in a folder with the chain of a server, and what judges it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import pki
from tests.commands import Commands
from tests.forge import key
from tests.responder import Responder
from tests.verdict_cases import HOST, leaf, mid, root

DAY = "2026-06-01"
OTHER = root(subject="CN=Other", own=key("other"))


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    commands = Commands(tmp_path, capsys, monkeypatch)
    monkeypatch.delenv("STOREKEEPER_STOREPASS")
    write(tmp_path / "chain.pem", leaf(), mid())
    write(tmp_path / "full.pem", leaf(), mid(), root())
    write(tmp_path / "leaf.pem", leaf())
    write(tmp_path / "mid.pem", mid())
    write(tmp_path / "root.pem", root())
    write(tmp_path / "other.pem", OTHER)
    return commands


def write(path: Path, *certificates: bytes) -> None:
    path.write_bytes(b"".join(pki.pem("CERTIFICATE", one) for one in certificates))


def asked(chain: str = "chain.pem", store: str = "root.pem", *more: str) -> list[str]:
    return ["--chain", chain, "--store", store, "--host", HOST, "--at", DAY, *more]


@pytest.fixture
def server() -> Iterator[Responder]:
    found = Responder()
    yield found
    found.close()
