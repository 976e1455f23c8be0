"""The bench does what it is told: each of its servers, judged by ``openssl s_client``."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest
from cryptography import x509

from tests import pki, servers
from tests.s_client import s_client
from tests.servers import Running, Setup, bench, setup
from tests.servers.proxies import PASSWORD, USER
from tests.servers.scripted import Talk

Start = Callable[[Setup], AbstractContextManager[Running]]

AUTHORITIES = tuple(pki.certificate(name) for name in ("Client Root C", "A Zeta Root"))
NAMES = {"CN=Client Root C", "CN=A Zeta Root"}

SLOW = {"postgres", "postfix", "tomcat", "java"}
ALL: dict[str, Start] = {
    **servers.TLS,
    **servers.CLEAR,
    "java": servers.java_socket,
    "tomcat": servers.tomcat,
}
EACH = [pytest.param(name, id=name, marks=pytest.mark.slow if name in SLOW else ()) for name in ALL]

NAMELESS = {"python", "mariadb", "prosody"}
"""They ask for a certificate and name no authority."""

ALWAYS = {("mariadb", "mysql"), ("prosody", "xmpp-server")}
"""Where every client is asked for a certificate, whatever the configuration says."""

CERTIFICATE, REQUEST = 11, 13


def made(**more: object) -> Setup:
    return setup("localhost", "Bench Inter", "Bench Root", kind="RSA", **more)


def ways(server: Running) -> list[str]:
    """The schemes of a server that s_client can ask by."""
    return list(server.ports or [server.scheme])


@pytest.mark.parametrize("name", [one for one in EACH if one.id != "xrdp"])
def test_a_server_sends_its_chain_and_asks_nobody(name: str) -> None:
    with ALL[name](made()) as server:
        for scheme in ways(server):
            seen = s_client(server, scheme=scheme)
            assert seen.chain == made().chain, server.log()
            assert bool(seen.bodies(REQUEST)) is ((name, scheme) in ALWAYS)


@pytest.mark.parametrize("client", ["optional", "required"])
@pytest.mark.parametrize("name", [one for one in EACH if one.id != "xrdp"])
def test_a_server_asks_for_certificates_of_its_authorities(name: str, client: str) -> None:
    with ALL[name](made(authorities=AUTHORITIES, client=client)) as server:
        for scheme in ways(server):
            seen = s_client(server, scheme=scheme)
            assert seen.bodies(REQUEST), server.log()
            assert set(seen.names) == (set() if name in NAMELESS else NAMES)


# What says no in the handshake itself; the others let the application say it (nginx, Dovecot,
# Postfix, PostgreSQL, MariaDB, Prosody).
STRICT = ("apache", "haproxy", "stunnel", "openssl", "gnutls", "python", "vsftpd")


@pytest.mark.parametrize("client", ["none", "optional", "required"])
@pytest.mark.parametrize("name", STRICT)
def test_only_who_requires_a_certificate_refuses_those_without(name: str, client: str) -> None:
    with ALL[name](made(authorities=AUTHORITIES, client=client)) as server:
        seen = s_client(server, "-tls1_2")
        refused = any(level == 2 for level, _ in seen.alerts) or "Cipher is (NONE)" in seen.text
        assert refused is (client == "required"), seen.text[-2000:]


@pytest.mark.parametrize("name", ["nginx", "haproxy", "stunnel", "openssl", "gnutls", "python"])
def test_the_right_certificate_is_taken(name: str, tmp_path: Path) -> None:
    own = pki.certificate("client", "Client Root C")
    bench.pem_file(tmp_path / "own.pem", own, key=pki.pkcs8(pki.key("client")))
    arguments = ["-cert", str(tmp_path / "own.pem"), "-tls1_2"]
    with ALL[name](made(authorities=AUTHORITIES, client="required")) as server:
        seen = s_client(server, *arguments)
        assert not any(level == 2 for level, _ in seen.alerts), seen.text[-2000:]
        assert "Cipher is (NONE)" not in seen.text


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("name", servers.TLS)
def test_a_server_keeps_to_its_protocols(name: str, version: str) -> None:
    other = {"TLSv1.2": "-tls1_3", "TLSv1.3": "-tls1_2"}[version]
    with ALL[name](made(versions=(version, version))) as server:
        assert f"New, {version}" in s_client(server).text
        assert "Cipher is (NONE)" in s_client(server, other).text


@pytest.mark.parametrize("name", ["nginx", "apache", "openssl", "python", "haproxy", "stunnel"])
def test_a_chain_in_the_wrong_order_is_sent_as_it_is(name: str) -> None:
    leaf, inter = made().chain
    muddled = made().but(chain=(leaf, pki.certificate("Bench Root"), inter))
    with ALL[name](muddled) as server:
        assert s_client(server).chain == muddled.chain


@pytest.mark.slow
def test_java_sends_any_chain_too() -> None:
    leaf, inter = made().chain
    muddled = made().but(chain=(leaf, pki.certificate("Bench Root"), inter, inter))
    with servers.java_socket(muddled) as server:
        assert s_client(server).chain == muddled.chain


def test_ciphers_are_those_asked_for() -> None:
    for name, ciphers in (("nginx", "ECDHE-RSA-AES128-GCM-SHA256"), ("openssl", "AES256-SHA256")):
        with ALL[name](made(versions=("TLSv1.2", "TLSv1.2"), ciphers=ciphers)) as server:
            assert f"Cipher is {ciphers}" in s_client(server).text


def test_nothing_of_a_server_is_left() -> None:
    with servers.nginx(made()) as server:
        process, folder, port = server.process, server.directory, server.port
        assert folder.exists()
    assert process is not None
    assert process.poll() is not None
    assert not folder.exists()
    assert not bench.answers(port)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_server_that_a_test_fails_in_ends_too() -> None:
    with pytest.raises(ZeroDivisionError), servers.openssl(made()) as server:  # noqa: PT012
        process = server.process
        raise ZeroDivisionError
    assert process is not None
    assert process.poll() is not None


def test_a_server_that_can_not_start_says_why() -> None:
    broken = made(extra=("no_such_word on;",))
    with pytest.raises(pytest.fail.Exception, match="no_such_word"), servers.nginx(broken):
        pass


def test_what_is_not_installed_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    for name in ("nginx", "stunnel", "slapd"):
        with pytest.raises(pytest.skip.Exception, match="is not installed"), ALL[name](made()):
            pass
    assert servers.missing("nginx") == "nginx is not installed"


def _ask(port: int, *lines: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as asked:
        asked.sendall("".join(line + "\r\n" for line in lines).encode())
        asked.settimeout(10)
        return asked.recv(4096)


@contextlib.contextmanager
def _page() -> Iterator[Running]:
    with servers.openssl(made()) as server:
        yield server


def test_proxies_let_through_and_ask_for_a_password() -> None:
    from base64 import b64encode

    with _page() as server:
        asked = f"CONNECT {server.at} HTTP/1.1"
        for start, secret in ((servers.squid, PASSWORD), (servers.tinyproxy, "plain")):
            with start() as proxy:
                assert b" 200 " in _ask(proxy.port, asked, "", "")
            with start(login=True) as proxy:
                assert b" 407 " in _ask(proxy.port, asked, "", "")
                login = b64encode(f"{USER}:{secret}".encode()).decode()
                header = f"Proxy-Authorization: Basic {login}"
                assert b" 200 " in _ask(proxy.port, asked, header, "", ""), proxy.log()


@pytest.mark.parametrize("unasked", [True, False])
def test_an_inspecting_proxy_shows_its_own_certificate_and_hides_the_request(unasked: bool) -> None:
    asked = made(authorities=AUTHORITIES, client="required")
    with servers.nginx(asked) as server, servers.inspecting(server if unasked else None) as between:
        arguments = [] if unasked else ["-proxy", between.at]
        for version in ("-tls1_2", "-tls1_3"):
            seen = s_client(between if unasked else server, version, *arguments)
            (leaf,) = seen.chain
            parsed = x509.load_der_x509_certificate(leaf)
            assert parsed.issuer.rfc4514_string() == f"CN={servers.INSPECTOR}"
            assert parsed.subject.rfc4514_string() == "CN=localhost"
            assert seen.bodies(REQUEST) == []
        # The server is not deceived: it misses the client's certificate.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        way = ProxyHandler({} if unasked else {"https": f"http://{between.at}"})
        opener = build_opener(way, HTTPSHandler(context=context))
        with pytest.raises(HTTPError) as caught:
            opener.open(f"https://{(between if unasked else server).at}/", timeout=30)
        with caught.value as page:
            assert b"No required SSL certificate was sent" in page.read()


def test_a_scripted_server_keeps_what_it_heard() -> None:
    def behave(talk: Talk) -> None:
        talk.say(b"hello\r\n")
        talk.hear()

    with servers.scripted(behave) as server:
        assert _ask(server.port, "I am here") == b"hello\r\n"
        server.settle()
    assert server.heard == [bytearray(b"I am here\r\n")]
