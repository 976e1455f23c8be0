"""What the tests of product presets share: two CAs, their files, and who judges a connection.

A server at localhost is issued by Server Low, below Server Top, below Server Root; its client by
Client Low, below Client Root. `Other Root` has nothing to do with either.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper.model import Certificate
from tests import pki, presets
from tests.commands import PASSWORD, Commands, Said
from tests.servers.bench import HOST, Running, Setup, folder, pem_file

OTHER = pki.cert("Other Root")
SERVER_ROOT = pki.cert("Server Root")
SERVER_TOP = pki.cert("Server Top", "Server Root", ca=True)
SERVER_LOW = pki.cert("Server Low", "Server Top", ca=True)
SERVER = pki.cert("localhost", "Server Low")
SERVER_CHAIN = (SERVER, SERVER_LOW, SERVER_TOP)
CLIENT_ROOT = pki.cert("Client Root")
CLIENT_LOW = pki.cert("Client Low", "Client Root", ca=True)
CLIENT = pki.cert("client", "Client Low")
CLIENT_CHAIN = (CLIENT, CLIENT_LOW)
UPSTREAM = Setup(tuple(one.der for one in SERVER_CHAIN), pki.pkcs8(pki.key("localhost")))
"""A server behind the product, which sends the whole chain and asks nobody for a certificate."""


@pytest.fixture
def where() -> Iterator[Path]:
    """A tree that servers may read when they are no longer root."""
    with folder() as path:
        yield path


@pytest.fixture
def command(
    where: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """The command there, with the passwords that the presets read of the environment."""
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    monkeypatch.setenv("KEYSTORE_PASSWORD", PASSWORD)
    return Commands(where, capsys, monkeypatch)


def pem(path: Path, *certificates: Certificate) -> Path:
    """A PEM file; of no certificates an empty one."""
    return pem_file(path, *(one.der for one in certificates))


def key_file(path: Path, name: str) -> Path:
    """The key of somebody, in PEM."""
    return pem_file(path, key=pki.pkcs8(pki.key(name)))


def authority_files(where: Path) -> None:
    """``server-cas.pem`` and ``client-cas.pem``: who issued the server and the client."""
    pem(where / "server-cas.pem", SERVER_TOP, SERVER_ROOT, SERVER_LOW)
    pem(where / "client-cas.pem", CLIENT_ROOT, CLIENT_LOW)


def keystore(path: Path, name: str, *chain: Certificate, alias: str = "", kind: str = "EC") -> Path:
    """A PKCS12 with somebody's key and as much of the chain as is given."""
    ders = (one.der for one in chain)
    return presets.keystore(path, "PKCS12", PASSWORD, name, *ders, alias=alias or name, kind=kind)


def asked(
    server: Running, folder: Path, *client: Certificate, trusting: Certificate | None = None
) -> str:
    """What OpenSSL sees and gets when it asks a server for its page.

    Args:
        server: that runs.
        folder: for files.
        client: the client's chain, of which the first one's key is known; none for no client.
        trusting: the root that the server has to come from; whoever answers is believed without.
    """
    command = ["openssl", "s_client", "-connect", f"{HOST}:{server.port}", "-ign_eof"]
    command += ["-servername", "localhost"]
    if trusting:
        command += ["-CAfile", str(pem(folder / "trusting.pem", trusting)), "-no-CApath"]
        command += ["-verify_return_error"]
    if client:
        command += ["-cert", str(pem(folder / "client.pem", *client[:1]))]
        command += ["-key", str(key_file(folder / "client.key", "client"))]
        command += ["-cert_chain", str(pem(folder / "client-chain.pem", *client[1:]))] * bool(
            client[1:]
        )
    done = subprocess.run(
        command,
        input=b"GET /index.html HTTP/1.0\r\nHost: localhost\r\n\r\n",
        capture_output=True,
        timeout=30,
    )
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def names_of(said: str) -> set[str]:
    """The CAs that a server asks a client's certificate of, in what OpenSSL printed."""
    _, _, after = said.partition("Acceptable client certificate CA names\n")
    return set(after.partition("\nRequested")[0].partition("\nClient Cert")[0].splitlines())


class Preset:
    """A shipped profile with its variables, applied by the command."""

    def __init__(self, command: Commands, profile: str, /, **variables: str | Path) -> None:
        self.command = command
        said = {name.replace("_", "-"): value for name, value in variables.items()}
        self.words = [profile, *(f"--set={name}={value}" for name, value in said.items())]

    def apply(self) -> Said:
        """Apply it: something is changed, and nothing is left to do."""
        self.command("apply", *self.words, "--check", status=1)
        said = self.command("apply", *self.words)
        before = self.times()
        again = self.command("apply", *self.words, "--detailed-exitcode")
        assert self.times() == before
        assert again.status == 0
        self.command("plan", *self.words)
        return said

    def times(self) -> dict[str, int]:
        """When each file below the folder was changed, locks and the journal aside."""
        found = {}
        for above, folders, names in os.walk(self.command.folder):
            folders[:] = [one for one in folders if one != "state"]
            for name in names:
                path = os.path.join(above, name)
                found[path] = os.lstat(path).st_mtime_ns
        return found
