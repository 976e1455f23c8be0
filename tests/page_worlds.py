"""What stands around the commands of a page: its files, and the servers it asks.

Servers are real ones on loopback. A page asks them by names, which lead to them here: that
is all that is changed between the page and the program.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storekeeper import formats
from storekeeper.model import Password, PrivateKey
from storekeeper.pki import keys
from tests import changing, jvm, pki, servers
from tests.commands import Authority
from tests.servers.bench import HOST, Running, Setup

SERVER = "server.example.net"
"""Whose certificate tests/scripts/files has."""

PARTNER = "partner.example.net"
"""That wants a certificate of the client."""

LOG = """\
2026-11-21 02:14:07,311 INFO  [main] starting integration agent
2026-11-21 02:14:09,870 ERROR [heartbeat] can't reach https://server.example.net/
javax.net.ssl.SSLHandshakeException: PKIX path building failed: \
sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification \
path to requested target
\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)
\tat java.base/sun.security.ssl.TransportContext.fatal(TransportContext.java:371)
"""
"""As a Java agent writes it; tests/test_error_pages.py has a JRE say the message."""


Places = dict[str, str]
"""Names, and where each leads to, as HOST:PORT."""


def lead(patch: pytest.MonkeyPatch, servers_by_name: dict[str, Running]) -> None:
    """Have names lead to servers, in this process alone: each has an address, and port 443."""
    resolve, connect = socket.getaddrinfo, socket.create_connection
    places = {name: f"127.77.0.{at}" for at, name in enumerate(servers_by_name, 1)}
    ports = {(places[name], 443): one.port for name, one in servers_by_name.items()}

    def resolved(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        name = host.decode("ascii") if isinstance(host, bytes) else host
        if name in places:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (places[name], port))]
        return resolve(host, port, *more, **options)

    def connected(address: Any, *more: Any, **options: Any) -> socket.socket:
        host = address[0].decode("ascii") if isinstance(address[0], bytes) else address[0]
        if (host, address[1]) in ports:
            address = (HOST, ports[host, address[1]])
        return connect(address, *more, **options)

    patch.setattr(socket, "getaddrinfo", resolved)
    patch.setattr(socket, "create_connection", connected)


def made(folder: Path) -> Setup:
    """The server's own certificate and who issued it, and its key."""
    store = formats.read((folder / "identity-openssl3.p12").read_bytes(), "changeit")
    entry = store.find("server")
    assert isinstance(entry, PrivateKey)
    chain = tuple(one.der for one in entry.chain)
    return Setup(chain[:2], entry.pkcs8(Password("changeit")))


@contextlib.contextmanager
def agent(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Places]:
    """An agent with a JRE of its own, its log, and the server it does not trust."""
    java = jvm.by_major(17)
    security = folder / "agent/jre/lib/security"
    security.mkdir(parents=True)
    shutil.copyfile(java.cacerts, security / "cacerts")
    shutil.copyfile(java.home / "release", folder / "agent/jre/release")
    (folder / "agent/agent.log").write_text(LOG, encoding="utf-8")
    with contextlib.ExitStack() as running:
        server = running.enter_context(servers.openssl(made(folder)))
        partner = running.enter_context(servers.openssl(_partner(folder)))
        lead(patch, {SERVER: server, PARTNER: partner})
        yield {SERVER: server.at, PARTNER: partner.at}


def _partner(folder: Path) -> Setup:
    """A server that wants a certificate of its own CA, and the agent's key, its chain not whole."""
    root = Authority("Partner Root")
    issuing = Authority("Partner CA", root)
    key = pki.pkcs8(pki.key("agent"))
    own = issuing.issues("agent", keys.spki_of(key), ext=("eku=clientAuth",))
    write = folder / "agent"
    files = {"key.pem": pki.pem("PRIVATE KEY", key), "own.pem": pki.pem("CERTIFICATE", own.der)}
    for name, data in files.items():
        (write / name).write_bytes(data)
    named = ("-inkey", str(write / "key.pem"), "-in", str(write / "own.pem"), "-name", "agent")
    out = ("-out", str(write / "id.p12"), "-passout", "pass:agent-secret")
    pki.openssl("pkcs12", "-export", *named, *out)
    for name in files:
        (write / name).unlink()
    (write / "partner-ca.pem").write_bytes(pki.pem("CERTIFICATE", issuing.certificate.der))
    changing.store_file(write / "trust.jks", "JKS", changing.trusted("partner", root.certificate))
    theirs = pki.pkcs8(pki.key("partner"))
    san = (f"san=dns:{PARTNER}", "eku=serverAuth")
    leaf = issuing.issues(PARTNER, keys.spki_of(theirs), ext=san)
    chain = (leaf.der, issuing.certificate.der)
    return Setup(chain, theirs, authorities=(root.certificate.der,), client="required")


@contextlib.contextmanager
def asked(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Places]:
    """A server with the chain of tests/scripts/files."""
    with servers.openssl(made(folder)) as running:
        lead(patch, {SERVER: running})
        yield {SERVER: running.at}


World = Callable[[Path, pytest.MonkeyPatch], contextlib.AbstractContextManager[Places]]
WORLDS: dict[str, World] = {"docs/start/agent.md": agent, "docs/migrating/keytool.md": asked}
"""By page."""


@contextlib.contextmanager
def world(page: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Places]:
    """Make a page's world in a folder, for as long as its commands run."""
    here = WORLDS.get(page)
    if here is None:
        yield {}
        return
    with here(folder, patch) as places:
        yield places
