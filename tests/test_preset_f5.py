"""The preset for F5 BIG-IP: its three files, judged by Apache, which has the same three."""

from __future__ import annotations

from pathlib import Path

from tests.commands import Commands
from tests.preset_world import (
    CLIENT_CHAIN,
    OTHER,
    SERVER,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    Preset,
    asked,
    authority_files,
    command,
    key_file,
    names_of,
    pem,
    where,
)
from tests.servers.installed import apache_home, apache_of

__all__ = ["command", "where"]  # fixtures

# The certificate, its key, the chain, ca-file and client-cert-ca of a Client SSL profile with
# peer-cert-mode require.
SITE = """  SSLCertificateFile {home}/www.crt
  SSLCertificateKeyFile {home}/www.key
  SSLCertificateChainFile {home}/chain.crt
  SSLCACertificateFile {home}/client-ca.crt
  SSLCADNRequestFile {home}/client-ca-names.crt
  SSLVerifyClient require
  SSLVerifyDepth 9"""


def test_chain_and_clients(where: Path, command: Commands) -> None:
    home = apache_home(where, SITE)
    pem(home / "www.crt", SERVER)
    key_file(home / "www.key", "localhost")
    pem(home / "chain.crt", SERVER_TOP)  # the chain of another certificate, as it were
    pem(home / "client-ca.crt", OTHER)
    pem(home / "client-ca-names.crt", OTHER)
    authority_files(where)
    with apache_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT)
        assert "unable to get local issuer certificate" in said
        said = asked(running, where, *CLIENT_CHAIN)
        assert "200 OK" not in said
        assert names_of(said) == {"CN = Other Root"}
    done = Preset(
        command, "f5", folder=home, certificate=home / "www.crt",
        issuers=where / "server-cas.pem", clients=where / "client-cas.pem",
    ).apply()  # fmt: skip
    assert "tmsh modify ltm profile client-ssl" in done.err
    expected = pem(where / "x", SERVER_LOW, SERVER_TOP).read_bytes()
    assert (home / "chain.crt").read_bytes() == expected
    with apache_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT)
        assert "200 OK" in said
        # Whom it lets in and whom it names are two things: the first keeps what it had.
        assert names_of(said) == {"CN = Client Root", "CN = Client Low"}
    assert OTHER.der in {
        one.der for one in command.store("etc/apache2/client-ca.crt").certificates()
    }


def test_new_files(where: Path, command: Commands) -> None:
    """None of them is there yet, and pool members are verified as well."""
    pem(where / "www.crt", SERVER)
    pem(where / "cas.pem", SERVER_ROOT, SERVER_TOP, SERVER_LOW)
    Preset(
        command, "f5", folder=where, certificate=where / "www.crt", issuers=where / "cas.pem",
        servers=where / "cas.pem",
    ).apply()  # fmt: skip
    assert len(tuple(command.store("chain.crt").certificates())) == 2
    assert len(tuple(command.store("server-ca.crt").certificates())) == 3
    assert not (where / "client-ca.crt").exists()
