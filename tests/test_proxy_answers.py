"""What a scripted proxy is asked, and what is made of its answers, the bad ones above all."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.errors import NetworkError, StorekeeperError
from storekeeper.model import Password
from storekeeper.tls.connect import Address
from storekeeper.tls.proxy import Proxy
from storekeeper.tls.reach import reach
from storekeeper.tls.target import target
from tests.servers import scripted
from tests.servers.bench import HOST
from tests.servers.scripted import Talk


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
