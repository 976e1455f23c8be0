"""Connections of s_client with servers of the bench, recorded for the tests of captures."""

from __future__ import annotations

import functools
import subprocess

from storekeeper.tls.evidence import pcap
from storekeeper.tls.evidence.values import Evidence
from tests import captures, pki, servers
from tests.captures import Talk
from tests.servers.bench import HOST, Running, setup

AUTHORITIES = (pki.certificate("Client Root"), pki.certificate("Zeta Root"))


def s_client(port: int, *args: str) -> str:
    command = ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-showcerts", *args]
    done = subprocess.run(command, input=b"Q\n", capture_output=True, timeout=30)
    return (done.stdout + done.stderr).decode()


def recorded(server: Running, *args: str, port: int = 0) -> tuple[Talk, str]:
    with captures.relay(HOST, port or server.port) as (here, talks):
        said = s_client(here, *args)
    return talks[-1], said


@functools.cache
def talk_of(version: str, client: str = "required") -> tuple[Talk, str]:
    """A connection of s_client, without a certificate, and what it printed."""
    made = setup("localhost", "Inter", "Root", authorities=AUTHORITIES, client=client)
    with servers.openssl(made.but(versions=(version, version))) as server:
        return recorded(server, "-servername", "www.example.net")


def read(data: bytes) -> list[Evidence]:
    return list(pcap.read(data, "x.pcap"))


def printed(said: str) -> list[bytes]:
    from storekeeper.trust.pem import certificates_in

    return list(dict.fromkeys(der for _, der in certificates_in(said) if der))
