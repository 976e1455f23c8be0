"""The profile of a plain JRE: a real Java program, before and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from tests import jvm, pki, presets, servers
from tests.servers.bench import setup

SERVER = setup("localhost", "localhost")


def test_a_server_without_its_fingerprint_is_not_trusted(tmp_path: Path) -> None:
    home = presets.furnish_jre(tmp_path / "jre")
    said = presets.storekeeper("plan", "jre", *presets.settings(home=home, host="localhost"))
    assert said.status == 4
    assert "pin is empty, expected a SHA-256 fingerprint" in said.err
    assert "storekeeper fetch HOST:PORT shows that of a server" in said.err


def test_with_a_file_the_server_is_only_asked(tmp_path: Path) -> None:
    home = presets.furnish_jre(tmp_path / "jre")
    (tmp_path / "it.pem").write_bytes(pki.pem("CERTIFICATE", SERVER.chain[0]))
    with servers.python_ssl(SERVER) as server:
        words = presets.settings(
            home=home, host="localhost", port=server.port, certificates=tmp_path / "it.pem"
        )
        assert "accepts the server" in presets.applied("jre", *words).out


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
