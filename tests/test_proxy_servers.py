"""The way through real proxies: squid, tinyproxy, microsocks, and stunnel before one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from storekeeper.errors import NetworkError, PasswordRequired
from storekeeper.model import Password
from storekeeper.tls.client import Handshake
from storekeeper.tls.firstflight import first_flight
from storekeeper.tls.proxy import Proxy
from storekeeper.tls.reach import reach, road
from storekeeper.tls.target import target
from tests import pki, servers
from tests.servers import Running, Setup, bench, setup
from tests.servers.bench import HOST
from tests.servers.proxies import PASSWORD, USER

AUTHORITIES = (pki.certificate("Client Root C"), pki.certificate("A Zeta Root"))


def made() -> Setup:
    return setup(
        *("localhost", "Bench Inter", "Bench Root"),
        kind="RSA",
        authorities=AUTHORITIES,
        client="optional",
    )


@contextlib.contextmanager
def behind(
    start: Callable[..., AbstractContextManager[Running]], **options: Any
) -> Iterator[tuple[Running, Running]]:
    """A server, and a proxy before it."""
    with servers.nginx(made()) as server, start(**options) as between:
        yield server, between


def through(between: Running, user: str | None = None, password: str | None = None) -> Proxy:
    secret = None if password is None else Password(password)
    return Proxy(between.scheme, HOST, between.port, user, secret)


PROXIES = [
    pytest.param(servers.squid, id="squid"),
    pytest.param(servers.tinyproxy, id="tinyproxy"),
    pytest.param(servers.microsocks, id="microsocks"),
]

LOGINS = {servers.squid: PASSWORD, servers.tinyproxy: "plain", servers.microsocks: "plain"}


@pytest.mark.parametrize("start", PROXIES)
def test_all_is_the_same_through_a_proxy(start: Any) -> None:
    with behind(start) as (server, between):
        there = target(server.url, server_name="localhost")
        seen = []
        for way in (None, through(between)):
            with reach(there, way, seconds=20) as stream:
                done = Handshake(stream, server_name="localhost")
                assert done.completed, done.problem
                seen.append((done.said.chain, done.said.requests))
            with reach(there, way, seconds=20) as stream:
                flight = first_flight(stream, server_name="localhost")
                seen[-1] += (flight.chain, flight.request)  # type: ignore[assignment]
        assert seen[0] == seen[1]
        assert seen[0][0] == made().chain
        assert len(seen[0][1][0].authorities) == 2


@pytest.mark.parametrize("start", PROXIES)
def test_a_password_opens_the_way(start: Any) -> None:
    with behind(start, login=True) as (server, between):
        there = target(server.url)
        secret = LOGINS[start]
        with reach(there, through(between, USER, secret), seconds=20) as stream:
            assert Handshake(stream).completed
        with pytest.raises(NetworkError) as caught:
            reach(there, through(between, USER, "wrong"), seconds=20)
        assert f"refuses the password of '{USER}', or the user" in caught.value.message
        assert "wrong" not in f"{caught.value} {caught.value.hint}"
        with pytest.raises(NetworkError) as caught:
            reach(there, through(between), seconds=20)
        assert "a user and a password" in caught.value.message or "log in" in caught.value.message
        assert "--proxy-password" in caught.value.hint
        with pytest.raises(PasswordRequired):
            reach(there, through(between, USER), seconds=20)


def test_the_proxy_resolves_the_name() -> None:
    """``server.test`` is a name that squid alone knows."""
    with behind(servers.squid) as (server, between):
        there = target(f"https://server.test:{server.port}")
        with reach(there, through(between), seconds=20) as stream:
            assert stream.peer == f"server.test:{server.port} through the proxy {between.at}"
            assert Handshake(stream, server_name="localhost").completed
        way = road(there, proxy=f"http://{between.at}", environ={})
        with way.open(way.addresses[0]) as stream:
            assert Handshake(stream, server_name="localhost").completed
        environ = {"https_proxy": f"http://{between.at}"}
        with road(there, environ=environ).open() as stream:
            assert Handshake(stream, server_name="localhost").completed
        with pytest.raises(NetworkError, match=r"server\.test has no address"):
            road(there, environ=environ | {"no_proxy": ".test"})


def test_starttls_goes_through_a_proxy() -> None:
    with servers.dovecot(made()) as server, servers.tinyproxy() as between:
        for scheme, port in server.ports.items():
            there = target(f"{scheme}://{HOST}:{port}")
            with reach(there, through(between), seconds=20) as stream:
                done = Handshake(stream)
                assert done.completed, done.problem
                assert done.said.chain == made().chain


def test_what_a_proxy_can_not_reach_is_told_with_its_reason() -> None:
    closed = bench.free_port()
    with servers.squid() as squid, servers.tinyproxy() as tiny, servers.microsocks() as socks:
        for between, reason in (
            (squid, "503 Service Unavailable (ERR_CONNECT_FAIL 111)"),
            (tiny, "500 Unable to connect"),
            (socks, "connection refused"),
        ):
            with pytest.raises(NetworkError) as caught:
                reach(target(f"{HOST}:{closed}"), through(between), seconds=20)
            assert f"can't reach {HOST}" in caught.value.message
            assert reason in caught.value.message
        with pytest.raises(NetworkError, match="500 Unable to connect"):
            reach(target("no-such-name.invalid"), through(tiny), seconds=20)


def test_what_a_proxy_forbids_is_told() -> None:
    rules = ("acl wanted port 443", "http_access deny CONNECT !wanted")
    with servers.squid(extra=("acl CONNECT method CONNECT", *rules)) as between:
        with pytest.raises(NetworkError) as caught:
            reach(target(f"{HOST}:444"), through(between), seconds=20)
        assert "403 Forbidden (ERR_ACCESS_DENIED 0)" in caught.value.message
    with servers.tinyproxy(extra=("ConnectPort 443",)) as between:
        with pytest.raises(NetworkError) as caught:
            reach(target(f"{HOST}:444"), through(between), seconds=20)
        assert "403 Access violation" in caught.value.message
        assert "port 443 alone" in caught.value.hint


def test_a_proxy_that_is_not_there_is_named() -> None:
    closed = bench.free_port()
    with pytest.raises(NetworkError, match=f"can't connect to the proxy {HOST}:{closed}"):
        reach(target("example.com"), Proxy("http", HOST, closed), seconds=5)


def test_a_proxy_over_tls_is_verified_before_it_gets_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = _for_loopback()
    with behind(servers.tinyproxy, login=True) as (server, between):
        front = own.but(extra=(f"connect = {between.at}",))
        with servers.stunnel(front) as secured:
            way = Proxy("https", HOST, secured.port, USER, Password("plain"))
            with pytest.raises(NetworkError) as caught:
                reach(target(server.url), way, seconds=20)
            assert "no TLS with the proxy" in caught.value.message
            assert "verif" in caught.value.message or "issuer" in caught.value.message
            trusted = bench.pem_file(tmp_path / "ca.pem", pki.certificate("Proxy Root"))
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            with reach(target(server.url), way, seconds=20) as stream:
                done = Handshake(stream)
                assert done.completed, done.problem
                assert done.said.chain == made().chain


def _for_loopback() -> Setup:
    """A certificate for the proxy's own address, which is verified."""
    from datetime import UTC, datetime
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    issuer = x509.load_der_x509_certificate(pki.certificate("Proxy Root"))
    signer, key = pki.key("Proxy Root"), pki.key("proxy")
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), True)
        .sign(signer, SHA256())
    )
    return Setup((built.public_bytes(Encoding.DER),), pki.pkcs8(key))
