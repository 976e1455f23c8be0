"""Conditions of handshakes, on real servers: protocols, suites, names, clocks, inspection."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Iterator
from email.utils import formatdate

from tests import forge, pki, servers
from tests.commands import Commands
from tests.doctoring import (
    agrees,
    ask,
    ask_at,
    first,
    leaf,
    mid,
    run,
    served,
    write,
)
from tests.forge import DAY, key
from tests.servers.bench import HOST, Running, Setup, folder
from tests.servers.scripted import context_of, scripted

__all__ = ["agrees", "run"]


def test_a_protocol_too_old_and_one_too_new(run: Commands) -> None:
    own = key("small", "RSA2048")
    made = served(leaf(own=own), mid(), key=own).but(
        versions=("TLSv1", "TLSv1"), weak=True, ciphers="ALL:!aNULL:@SECLEVEL=0"
    )
    codes, found = ask(run, made, "--store", "root.jks", server=servers.nginx)
    assert codes == ["protocol-too-old"]
    assert first(found)["what"] == "a server that speaks TLS 1.2 or 1.3"
    codes, _ = ask(run, made, "--store", "root.jks", "--runtime", "webmethods-iaik",
                   server=servers.nginx, status=0)  # fmt: skip
    assert codes == []
    today = made.but(versions=("TLSv1.2", "TLSv1.3"), weak=False, ciphers="")
    codes, _ = ask(run, today, "--store", "root.jks", server=servers.nginx, status=0)
    assert codes == []
    codes, found = ask(run, today, "--store", "root.jks", "--runtime", "webmethods-iaik",
                       server=servers.nginx)  # fmt: skip
    assert codes == ["protocol-too-new"]
    assert "JSSE" in first(found)["what"]
    newest = made.but(versions=("TLSv1.3", "TLSv1.3"), weak=False, ciphers="")
    codes, found = ask(run, newest, "--store", "root.jks", "--runtime", "java8u202",
                       server=servers.nginx)  # fmt: skip
    assert codes == ["protocol-too-new"]
    codes, _ = ask(run, newest, "--store", "root.jks", "--runtime", "java8u392",
                   server=servers.nginx, status=0)  # fmt: skip
    assert codes == []


def test_a_cipher_the_jdk_refuses(run: Commands) -> None:
    own = key("small", "RSA2048")
    security = run.folder / "java.security"
    security.write_text("jdk.tls.disabledAlgorithms=TLS_RSA_*\n")
    made = served(leaf(own=own), mid(), key=own).but(
        versions=("TLSv1.2", "TLSv1.2"), ciphers="AES128-GCM-SHA256"
    )
    words = ("--store", "root.jks", "--java-security", str(security), "--runtime", "java25")
    codes, found = ask(run, made, *words, server=servers.nginx)
    assert codes == ["cipher-refused"]
    assert "TLS_RSA_WITH_AES_128_GCM_SHA256" in found["diagnoses"][0]["what"]
    codes, _ = ask(run, made.but(ciphers=""), *words, server=servers.nginx, status=0)
    assert codes == []


def test_a_server_name_is_needed(run: Commands) -> None:
    """A server that ends the handshake without a name it knows; one that sends another chain."""
    strict = served(leaf(), mid()).but(extra=("ssl_reject_handshake on;",))
    codes, found = ask(run, strict, "--store", "root.jks", server=servers.nginx, status=5)
    assert codes == ["sni-needed"]
    assert "unrecognized_name" in found["diagnoses"][0]["proofs"][0]
    other = leaf(forge.names(("dns", "other.example")))
    with two_hosts(served(leaf(), mid()), served(other, mid())) as running:
        codes, found = ask_at(run, running, "--store", "root.jks")
        assert codes == ["sni-needed"]
        assert "java17 sends none for a name without a dot" in found["diagnoses"][0]["what"]
        codes, _ = ask_at(run, running, "--store", "root.jks", "--runtime", "openssl3", status=0)
        assert codes == []
    with two_hosts(served(leaf(), mid()), served(leaf(), mid())) as running:
        codes, _ = ask_at(run, running, "--store", "root.jks", status=0)
        assert codes == []


@contextlib.contextmanager
def two_hosts(named: Setup, default: Setup) -> Iterator[Running]:
    """One port with two certificates: for localhost by name, and for who names nobody."""
    by_name, context = context_of(named), context_of(default)

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name == "localhost":
            connection.context = by_name

    context.sni_callback = choose
    with answering(context) as running:
        yield running


@contextlib.contextmanager
def answering(context: ssl.SSLContext, date: str = "") -> Iterator[Running]:
    """A web server of these few lines, which says this date."""
    said = f"HTTP/1.1 200 OK\r\n{'Date: ' + date if date else 'X: y'}\r\nContent-Length: 0\r\n\r\n"
    with folder() as where, scripted(lambda talk: talk.secure(context, said.encode())) as server:
        yield Running("python", server.port, where)


def test_clock_off(run: Commands) -> None:
    context = context_of(served(leaf(), mid()))
    for off, expected in ((2 * DAY, ["clock-off"]), (0, [])):
        date = formatdate(time.time() - off, usegmt=True)
        with answering(context, date) as running:
            codes, found = ask_at(run, running, "--store", "root.jks", status=1 if off else 0)
        assert codes == expected
        if off:
            assert "set the clock that is wrong" in first(found)["what"]


def test_an_inspecting_proxy(run: Commands, agrees: list[str]) -> None:
    """Told as what it is; its own leaf is no thing to import, its CA is."""
    inspector = pki.certificate(servers.INSPECTOR)
    write(run.folder / "inspector.pem", inspector)
    with servers.nginx(served(leaf(), mid())) as server, servers.inspecting() as proxy:
        words = ("--store", "root.jks", "--proxy", f"http://{HOST}:{proxy.port}")
        codes, found = ask_at(run, server, *words)
        assert codes == ["inspecting-proxy", "unknown-issuer"]
        assert not any("import the server's own" in step["what"]
                       for one in found["diagnoses"] for step in one["steps"])  # fmt: skip
        agrees.append("import the root")
        said = run("doctor", f"https://localhost:{server.port}", *words, "--with", "inspector.pem",
                   "--apply")  # fmt: skip
    last = said.out.split("for java17, at")[-1]
    assert "[inspecting-proxy]" in last
    assert "java17.0.9 trusts CN=localhost" in last
