"""What a Java client sends to real servers, and what we say from the request that we read."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from storekeeper import formats, select_client_key
from storekeeper.formats import reseal
from storekeeper.model import Certificate, Password, PrivateKey, Store
from tests import asking, jvm, pki, servers
from tests.probing import look
from tests.test_client_cli import LEAF, MID, OTHER, ROOT, SERVER, STRANGER

PASSWORD = Password("changeit")
RSA = pki.certificate("Client RSA", "Client Issuing", kind="RSA")
KEYS = {"one": ("Client One", "EC", LEAF), "two": ("Client Two", "EC", STRANGER),
        "rsa": ("Client RSA", "RSA", RSA)}  # fmt: skip


@functools.cache
def store(format: str, chosen: tuple[tuple[str, bool], ...]) -> bytes:
    """Keys by name, each with or without its issuer."""
    entries = []
    for alias, linked in chosen:
        name, kind, leaf = KEYS[alias]
        chain = [leaf, *([MID] if linked and alias != "two" else [])]
        sealed = reseal.seal_private_key(pki.pkcs8(pki.key(name, kind)), format, PASSWORD)
        entries.append(PrivateKey(alias, tuple(map(Certificate, chain)), sealed))
    return formats.write(Store(format, tuple(entries)), PASSWORD)


STORES = (
    (("one", False),),
    (("one", True),),
    (("two", False), ("rsa", True), ("one", True)),
)
SERVERS = [
    *(pytest.param(one, id=one.__name__) for one in (servers.openssl, servers.gnutls)),
    *(
        pytest.param(one, id=one.__name__, marks=pytest.mark.slow)
        for one in (
            *(servers.nginx, servers.apache, servers.haproxy, servers.stunnel),
            *(servers.python_ssl, servers.java_socket),
        )
    ),
]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_java_sends_what_we_say(server: Any, version: str) -> None:
    real = jvm.jvm(version)
    release = "java" + ".".join(version.split(".")[:3])
    compared = 0
    for authorities in ((ROOT,), (MID, OTHER)):
        made = SERVER.but(authorities=authorities, client="optional")
        for protocol in ("TLSv1.2", "TLSv1.3"):
            with server(made.but(versions=(protocol, protocol))) as running:
                request = look(running.port, weak=False, no_name=False).member.request
                assert request is not None
                for chosen in STORES:
                    data = store("JKS", chosen)
                    for manager in ("SunX509", "PKIX"):
                        sent = asking.oracle(real).meet(
                            running.port, data, "JKS", protocol, manager=manager
                        )
                        said = select_client_key(
                            formats.read(data, PASSWORD), request, release, manager
                        )
                        assert tuple(one.der for one in said.chain) == sent.chain
                        assert said.problem == sent.problem == ""
                        assert said.kinds == tuple(dict.fromkeys(sent.types)) or sent.chain
                        compared += 1
    assert compared == 24
