"""The articles on Salesforce: peer not authenticated, made with real servers and stores."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import forge, servers
from tests.commands import Commands
from tests.doctoring import (
    CA,
    GONE,
    GOOD,
    LONG,
    agrees,
    ask,
    ask_at,
    client,
    codes,
    identity,
    leaf,
    mid,
    root,
    run,
    served,
    walked,
    write,
)
from tests.forge import key, make
from tests.servers.bench import HOST, Setup
from tests.servers.scripted import Scripted, context_of

__all__ = ["agrees", "run"]


def test_salesforce_intermediates_that_apache_does_not_send(
    run: Commands, agrees: list[str]
) -> None:
    """Network Solutions' three certificates, in one file that Apache sends in the end."""
    upper = make("CN=Upper", key("u"), "CN=Root", key("root"), *CA, **GOOD)
    lower = make("CN=Issuing", key("mid"), "CN=Upper", key("u"), *CA, **GOOD)
    write(run.folder / "bundle.pem", upper, lower, root())
    words = ("--store", "root.jks", "--with", "bundle.pem")
    with servers.apache(served(leaf())) as running:
        said = subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-showcerts"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        ).stdout  # fmt: skip
        assert "missing-intermediate" in codes(said)
        found, _ = ask_at(run, running, *words)
        assert found == ["missing-intermediate"]
    chain = served(leaf(), lower, upper)
    found, _ = ask(run, chain, "--store", "root.jks", server=servers.apache, status=0)
    assert found == []


def test_salesforce_a_ca_that_is_not_public(run: Commands) -> None:
    pytest.importorskip("certifi")
    found, _ = ask(run, served(leaf(), mid()), "--store", "certifi", "--runtime", "salesforce")
    assert found == ["unknown-root"]


def test_salesforce_one_of_a_pool_has_expired(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two addresses of one name; the resolver's answer is made up, the servers are not."""
    good, bad = served(leaf(), mid()), served(leaf(**GONE), mid())
    with servers.python_ssl(good) as one, on_another_address(bad, one.port) as other:
        if other is None:
            pytest.skip("this machine has no second loopback address")
        real = socket.getaddrinfo

        def both(host: Any, *more: Any, **named: Any) -> Any:
            if host not in ("pool.example", b"pool.example"):
                return real(host, *more, **named)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, one.port))
                for address in (HOST, other)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        found, told = ask_at_pool(run, one.port, "--store", "root.jks", "--host", "localhost")
    assert found == ["members-differ"]
    diagnosis = told["diagnoses"][0]
    assert f"refuses what {other}" in diagnosis["what"]
    assert any("expired on" in proof for proof in diagnosis["proofs"])


def ask_at_pool(run: Commands, port: int, *words: str) -> Any:
    said = run("doctor", f"https://pool.example:{port}", *words, "--json", status=1)
    found = json.loads(said.out)
    return [one["code"] for one in found["diagnoses"]], found


@contextlib.contextmanager
def on_another_address(made: Setup, port: int) -> Iterator[str | None]:
    """A server with that setup at 127.0.0.2, on the same port; None where that is no address."""
    context = context_of(made)
    try:
        server = Scripted(lambda talk: talk.secure(context), ("127.0.0.2", port))
    except OSError:
        yield None
        return
    with contextlib.closing(server):
        yield "127.0.0.2"


def test_salesforce_the_wrong_order(run: Commands) -> None:
    upper = make("CN=Upper", key("u"), "CN=Root", key("root"), *CA, **GOOD)
    lower = make("CN=Issuing", key("mid"), "CN=Upper", key("u"), *CA, **GOOD)
    with servers.nginx(served(leaf(end=LONG), upper, lower)) as running:
        said = subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-showcerts"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        ).stdout  # fmt: skip
    assert "wrong-order" in codes(said)


def test_salesforce_a_wildcard_is_good_for_one_level(run: Commands) -> None:
    made = served(leaf(forge.names(("dns", "*.hello.example"))), mid())
    for host, expected in (("hi.hello.example", []), ("hey.hi.hello.example", ["name-mismatch"])):
        found, _ = ask(run, made, "--store", "root.jks", "--host", host,
                       status=1 if expected else 0)  # fmt: skip
        assert found == expected


def test_salesforce_apaches_verify_depth(run: Commands) -> None:
    """SSLVerifyDepth 1, and the client's certificate is two below the root."""
    chain = (client(issuer="CN=Issuing", signer=key("mid")), mid())
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    file = identity(run.folder, *chain, own=key("me"))
    words = ("--store", "root.jks", "--identity", Path(file).name, "--identity-storepass",
             "pass:changeit")  # fmt: skip
    found, told = ask(run, made.but(extra=("SSLVerifyDepth 1",)), *words, server=servers.apache)
    assert found == ["client-certificate-refused"]
    assert "SSLVerifyDepth" in " ".join(told["diagnoses"][0]["proofs"])
    found, _ = ask(run, made, *words, server=servers.apache, status=0)
    assert found == []


def test_salesforce_works_until_client_authentication_is_on(run: Commands) -> None:
    """The server does not trust who issued the client's certificate, and does not say whom."""
    stranger = make("CN=me", key("me"), "CN=Other", key("o"), **GOOD)
    file = identity(run.folder, stranger, own=key("me"))
    words = ("--store", "root.jks", "--identity", Path(file).name, "--identity-storepass",
             "pass:changeit")  # fmt: skip
    found, _ = ask(run, served(leaf(), mid()), *words, status=0)
    assert found == []
    # Python's server lists nobody: the certificate is sent, and refused.
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    found, told = ask(run, made, *words, server=servers.python_ssl)
    assert found == ["client-certificate-refused"]
    assert "does not trust who issued" in " ".join(told["diagnoses"][0]["proofs"])


def test_salesforce_tibco_wants_every_certificate_of_the_chain(
    run: Commands, agrees: list[str]
) -> None:
    words = ("--store", "root.jks", "--runtime", "tibco-bw")
    made = served(leaf(), mid())
    found, _ = ask(run, made, *words)
    assert found == ["intermediate-not-trusted"]
    agrees.append("import")
    with servers.nginx(made) as running:
        walked(run, running, *words)
