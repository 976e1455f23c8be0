"""The profile of a plain JRE: a real Java program, before and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from tests import jvm, presets, servers
from tests.servers.bench import setup

SERVER = setup("localhost", "localhost")


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_a_program_trusts_a_self_signed_server_afterwards(version: str, tmp_path: Path) -> None:
    home = presets.furnish_jre(tmp_path / "jre", int(version.partition(".")[0]))
    with servers.python_ssl(SERVER) as server:
        assert "PKIX path building failed" in presets.handshake(home, server.port)
        cacerts = home / "lib" / "security" / "cacerts"
        kind = formats.read(cacerts.read_bytes(), path=str(cacerts)).format
        words = presets.settings(
            home=home, host="localhost", port=server.port, pin=presets.pin(SERVER.chain[0])
        )
        presets.applied("jre", *words)
        assert presets.handshake(home, server.port) == ""
        assert formats.read(cacerts.read_bytes(), path=str(cacerts)).format == kind
