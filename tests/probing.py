"""Probes of servers on loopback, as tests make them."""

from __future__ import annotations

from typing import Any

from storekeeper.tls.connect import Address, connect
from storekeeper.tls.probe import probe, wish_of
from storekeeper.tls.probed import Probe
from storekeeper.tls.stream import Stream
from storekeeper.tls.target import Target
from tests import pki, servers
from tests.servers.bench import HOST

CA = pki.certificate("Client Root", None, ca=True)
OTHER = pki.certificate("Client Other", None, ca=True)
MADE = servers.setup("localhost", "Inter", "Root")
ASKING = MADE.but(authorities=(CA, OTHER), client="required")
NAMES = {"CN=Client Root", "CN=Client Other"}


def open_(address: Address | None) -> Stream:
    assert address is not None
    return connect(address, 5.0)


def impatient(address: Address | None) -> Stream:
    assert address is not None
    return connect(address, 0.4)


def look(*ports: int, http: bool = False, way: Any = open_, **more: Any) -> Probe:
    """A probe of these ports, as if they were addresses of one name."""
    found = tuple(Address(HOST, port) for port in ports)
    server = Target("localhost", ports[0], application="http" if http else "")
    wish = wish_of(server, asks=True, **{"server_name": "localhost", **more})
    return probe("localhost", "localhost", ports[0], way, found, wish)


def names(found: Probe) -> set[str]:
    from storekeeper.names import Name

    assert found.member.request is not None
    return {Name(one).rfc4514() for one in found.member.request.authorities}


def codes(found: Probe) -> set[str]:
    return {one.code for one in found.findings}
