"""Proxies: which is taken, and the way through it: squid, tinyproxy, microsocks and worse."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.errors import NetworkError, PasswordRequired, StorekeeperError, UsageError
from storekeeper.model import Password
from storekeeper.tls.client import Handshake
from storekeeper.tls.connect import Address
from storekeeper.tls.firstflight import first_flight
from storekeeper.tls.proxy import Proxy, bypassed, is_loopback, of_environment, proxy
from storekeeper.tls.reach import reach, road
from storekeeper.tls.target import target
from tests import pki, servers
from tests.servers import Running, Setup, bench, scripted, setup
from tests.servers.bench import HOST
from tests.servers.proxies import PASSWORD, USER
from tests.servers.scripted import Talk

AUTHORITIES = (pki.certificate("Client Root C"), pki.certificate("A Zeta Root"))


def made() -> Setup:
    return setup(
        *("localhost", "Bench Inter", "Bench Root"),
        kind="RSA",
        authorities=AUTHORITIES,
        client="optional",
    )


# -- which proxy --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://p", ("http", "p", 3128, None)),
        ("p:8080", ("http", "p", 8080, None)),
        ("p", ("http", "p", 3128, None)),
        ("http://P:8080/", ("http", "p", 8080, None)),
        ("http://u@p:1", ("http", "p", 1, "u")),
        ("http://do%40main@p", ("http", "p", 3128, "do@main")),
        ("https://p", ("https", "p", 443, None)),
        ("socks5://p", ("socks5", "p", 1080, None)),
        ("socks5h://u@[2001:db8::1]:9", ("socks5h", "2001:db8::1", 9, "u")),
    ],
)
def test_proxies_as_they_are_written(text: str, expected: tuple[object, ...]) -> None:
    found = proxy(text)
    assert (found.scheme, found.host, found.port, found.user) == expected


@pytest.mark.parametrize(
    "text", ["ftp://p", "http://", "http://p:x", "http://p:0", "http://[p", "http://a b", "://", ""]
)
def test_what_is_no_proxy(text: str) -> None:
    with pytest.raises(UsageError):
        proxy(text)


@pytest.mark.parametrize(
    "text", ["http://u:geheim@p:1", "u:geheim@p", "http://u:geh/eim@p", "http://u:geh@eim@p"]
)
def test_a_password_in_an_argument_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        proxy(text, origin="--proxy")
    said = f"{caught.value} {caught.value.hint} {caught.value!r}"
    assert "geh" not in said
    assert "eim" not in said
    assert "--proxy-password" in said


def test_a_password_in_the_environment_is_taken_and_not_shown() -> None:
    environ = {"HTTPS_PROXY": "http://u:geh%3Aeim%40@p:1"}
    found = of_environment("example.com", 443, environ)
    assert found is not None
    assert found.password == Password("geh:eim@")
    assert "geh" not in f"{found!r} {found} {found.peer}"
    given_ = of_environment("example.com", 443, environ, Password("other"))
    assert given_ is not None
    assert given_.password == Password("other")


def test_a_bad_variable_is_named_and_its_password_is_not() -> None:
    with pytest.raises(UsageError) as caught:
        of_environment("example.com", 443, {"https_proxy": "ftp://u:geheim@p"})
    assert caught.value.message.startswith("https_proxy: ")
    assert "geheim" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": "http://upper:1"}, "upper"),
        ({"HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:1"}, "lower"),
        ({"https_proxy": "", "HTTPS_PROXY": "http://upper:1"}, "upper"),
        ({"ALL_PROXY": "socks5://all:1"}, "all"),
        ({"ALL_PROXY": "socks5://all:1", "HTTPS_PROXY": "http://upper:1"}, "upper"),
        ({"HTTP_PROXY": "http://plain:1"}, None),
        ({"HTTPS_PROXY": "http://upper:1", "NO_PROXY": "example.com"}, None),
        ({"HTTPS_PROXY": "http://upper:1", "no_proxy": "x", "NO_PROXY": "example.com"}, "upper"),
    ],
)
def test_variables_in_their_order(environ: dict[str, str], expected: str | None) -> None:
    found = of_environment("www.example.com", 443, environ)
    assert (None if found is None else found.host) == expected


def test_this_machine_is_not_asked_for_through_the_environment() -> None:
    environ = {"HTTPS_PROXY": "http://p:1"}
    for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1", "a.localhost", "localhost."):
        assert is_loopback(host)
        assert of_environment(host, 443, environ) is None
    assert not is_loopback("localhost.example.com")


@pytest.mark.parametrize(
    ("host", "no_proxy", "expected"),
    [
        ("example.com", "*", True),
        ("example.com", "", False),
        ("example.com", "example.com", True),
        ("EXAMPLE.com", "Example.COM", True),
        ("www.example.com", "example.com", True),
        ("wwwexample.com", "example.com", False),
        ("example.com.evil.org", "example.com", False),
        ("www.example.com", ".example.com", True),
        ("example.com", ".example.com", True),
        ("www.example.com", "*.example.com", True),
        ("www.example.com", "a.b, example.com ,c", True),
        ("www.example.com", "a.b example.com", True),
        ("example.com", "example.com.", True),
        ("example.com.", "example.com", True),
        ("com", "example.com", False),
        ("example.com", "example.com:443", True),
        ("example.com", "example.com:8443", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.0/24", True),
        ("192.0.3.7", "192.0.2.0/24", False),
        ("192.0.2.7", "192.0.2.7:443", True),
        ("192.0.2.7", "2.7", False),
        ("2001:db8::7", "2001:db8::/32", True),
        ("2001:db8::7", "[2001:db8::7]", True),
        ("2001:db8::7", "[2001:db8::7]:443", True),
        ("2001:db8::7", "[2001:db8::7]:444", False),
        ("2001:db8::7", "192.0.2.0/24", False),
        ("example.com", "192.0.2.0/24", False),
        ("example.com", ",. *. :443", False),
    ],
)
def test_who_is_reached_directly(host: str, no_proxy: str, expected: bool) -> None:
    assert bypassed(host, 443, no_proxy) is expected


@given(st.text("a.b*:/[]0129 ,", max_size=20), st.sampled_from(["a.b", "1.2.0.9", "::1"]))
def test_any_exceptions_are_understood_somehow(no_proxy: str, host: str) -> None:
    assert bypassed(host, 443, no_proxy) in (True, False)


@given(st.text(max_size=30))
def test_any_text_is_a_proxy_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert 0 < proxy(text).port < 65_536


def test_the_option_goes_before_the_environment() -> None:
    environ = {"HTTPS_PROXY": "http://environment:1"}
    server = target("https://server.test")
    assert road(server, environ=environ).proxy == "http://environment:1"
    assert road(server, environ=environ).addresses == (None,)
    assert road(server, proxy="http://u@option:2", environ=environ).proxy == "http://option:2"
    direct = road(target(f"https://{HOST}:1"), proxy="none", environ=environ)
    assert (direct.proxy, direct.addresses) == ("", (Address(HOST, 1),))


# -- through real ones --------------------------------------------------------------------


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


# -- scripted bad ones --------------------------------------------------------------------


def answering(answer: bytes) -> Callable[[Talk], None]:
    def behave(talk: Talk) -> None:
        talk.hear(b"\r\n\r\n")
        talk.say(answer)

    return behave


def refused(answer: bytes, *, user: str | None = None, seconds: float = 20) -> NetworkError:
    with scripted(answering(answer)) as server:
        secret = Password("geheim") if user else None
        way = Proxy("http", HOST, server.port, user, secret)
        with pytest.raises(NetworkError) as caught:
            reach(target("example.com"), way, seconds=seconds)
    assert "geheim" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.exit_status == 5
    return caught.value


def test_the_request_has_the_name_and_the_password_and_no_more() -> None:
    with scripted(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        way = Proxy("http", HOST, server.port, "Aladdin", Password("open sesame"))
        reach(target("[2001:db8::1]:443"), way).close()
        reach(target("b\u00fccher.example"), Proxy("http", HOST, server.port)).close()
        there = target("example.com:443")
        reach(there, Proxy("http", HOST, server.port), Address("192.0.2.1", 443)).close()
        server.settle()
    with_password = b"Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"
    assert [bytes(one) for one in server.heard] == [
        b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n%b\r\n" % with_password,
        b"CONNECT xn--bcher-kva.example:443 HTTP/1.1\r\nHost: xn--bcher-kva.example:443\r\n\r\n",
        b"CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\r\n",
    ]


def test_authentication_that_is_not_spoken_is_named_with_a_way_out() -> None:
    head = b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    offers = b"Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n"
    error = refused(head + offers)
    assert "wants Negotiate or NTLM authentication" in error.message
    assert "px or cntlm" in error.hint
    error = refused(head + b'proxy-authenticate: Digest realm="x"\r\n\r\n', user="u")
    assert "wants Digest authentication" in error.message
    error = refused(
        head + b'Proxy-Authenticate: NTLM\r\nProxy-Authenticate: basic realm="\x1b"\r\n\r\n'
    )
    assert "wants a user and a password: 407 Proxy Authentication Required" in error.message
    error = refused(head + b"\r\n", user="u")
    assert "refuses the password of 'u'" in error.message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", "refuses the password of 'u'"),
        (b"HTTP/1.0 403 \r\n\r\n", "does not let anybody through to example.com:443: 403"),
        (b"HTTP/1.1 405 No\r\n\r\n", "does not understand CONNECT example.com:443: 405 No"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "can't reach example.com:443: 502 Bad Gateway"),
        (b"HTTP/1.1 504 Gateway Timeout\r\n\r\n", "can't reach example.com:443: 504 Gateway"),
        (b"HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n", "refuses CONNECT example.com:443: 302"),
        (b"HTTP/1.1 503\r\n\r\n", "can't reach example.com:443: 503"),
        (b"HTTP/1.1 500 a\x1b[31m\r\n\r\n", "500 a\\u{1b}[31m"),
        (b"", "closed the connection, expected an answer to CONNECT"),
        (b"SSH-2.0-x\r\n", "expected an HTTP proxy, found an SSH greeting"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "expected an HTTP proxy, found TLS"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "expected an HTTP proxy, found an answer of HTTP"),
        (b"HTTP/1.1 200 OK\r\n", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "more than 100 headers"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 90_000, "a line of more than 8192 bytes"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 10, "refuses CONNECT"),
        (b"y" * 90_000, "a line of more than 8192 bytes"),
    ],
)
def test_bad_answers(answer: bytes, message: str) -> None:
    assert message in refused(answer, user="u").message


def test_a_proxy_that_stalls_is_given_up_in_time() -> None:
    for cut in (b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: y\r\n"):

        def behave(talk: Talk, cut: bytes = cut) -> None:
            talk.say(cut)
            talk.wait()

        with scripted(behave) as server, pytest.raises(NetworkError, match="in time"):
            reach(target("example.com"), Proxy("http", HOST, server.port), seconds=0.2)


def test_what_the_server_says_first_is_kept() -> None:
    """A mail server's greeting may come in one piece with the proxy's answer."""
    answer = b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n220 hello\r\n"
    with (
        scripted(answering(answer)) as server,
        reach(target("example.com"), Proxy("http", HOST, server.port)) as stream,
    ):
        assert stream.line() == b"220 hello\r\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 400 Bad\r\n", "expected SOCKS 5, found 'HTTP/1.1 400 Bad'"),
        (b"", "closed the connection, expected SOCKS 5"),
        (b"\x05", "closed the connection, expected SOCKS 5"),
        (b"\x05\xff", "none of the ways to log in"),
        (b"\x05\x01", "wants GSSAPI"),
        (b"\x05\x00\x05\x02\x00\x01", "can't reach example.com port 443: not allowed by its rules"),
        (b"\x05\x00\x05\x77\x00\x01", "can't reach example.com port 443: reply 119"),
        (b"\x05\x00\x04\x00\x00\x01", "expected SOCKS 5"),
        (b"\x05\x00\x05\x00\x00\x01abc", "closed the connection"),
    ],
)
def test_bad_answers_of_socks(answer: bytes, message: str) -> None:
    def behave(talk: Talk) -> None:
        talk.hear_bytes(3)
        talk.say(answer)

    with scripted(behave) as server, pytest.raises(NetworkError) as caught:
        reach(target("example.com"), Proxy("socks5", HOST, server.port), seconds=20)
    assert message in caught.value.message


def test_socks_gets_the_name_and_all_kinds_of_addresses_back() -> None:
    bound = (b"\x01abcd", b"\x04" + bytes(16), b"\x03\x05hello")
    for kind in bound:

        def behave(talk: Talk, kind: bytes = kind) -> None:
            talk.hear_bytes(3)
            talk.say(b"\x05\x00")
            talk.hear_bytes(4 + 1 + 11 + 2)
            talk.say(b"\x05\x00\x00" + kind + b"\x01\xbb220 hello\r\n")

        with scripted(behave) as server:
            with reach(target("example.com"), Proxy("socks5", HOST, server.port)) as stream:
                assert stream.line() == b"220 hello\r\n"
            server.settle()
        assert bytes(server.heard[0]) == b"\x05\x01\x00\x05\x01\x00\x03\x0bexample.com\x01\xbb"


@settings(max_examples=60)
@given(st.sampled_from(["http", "socks5"]), st.binary(max_size=200))
def test_any_answer_is_a_way_or_a_network_error(scheme: str, data: bytes) -> None:
    with scripted(lambda talk: talk.say(data)) as server, contextlib.suppress(NetworkError):
        reach(target("example.com"), Proxy(scheme, HOST, server.port), seconds=2.0).close()


def test_a_user_that_basic_can_not_carry_is_a_usage_error() -> None:
    with scripted(answering(b"")) as server:
        way = Proxy("http", HOST, server.port, "a:b", Password("c"))
        with pytest.raises(StorekeeperError, match="colon"):
            reach(target("example.com"), way)


def test_no_error_of_tls_with_a_proxy_leaves_as_itself() -> None:
    bad = b"HTTP/1.1 400 Bad\r\n\r\n"
    with scripted(lambda talk: talk.say(bad)) as server, pytest.raises(NetworkError) as caught:
        reach(target("example.com"), Proxy("https", HOST, server.port), seconds=5)
    assert not isinstance(caught.value, ssl.SSLError)
    assert "no TLS with the proxy" in caught.value.message
