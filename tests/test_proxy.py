"""Which proxy is taken: as it is written, from the environment, or none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import UsageError
from storekeeper.model import Password
from storekeeper.tls.connect import Address
from storekeeper.tls.proxy import bypassed, is_loopback, of_environment, proxy
from storekeeper.tls.reach import road
from storekeeper.tls.target import target
from tests.servers.bench import HOST


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
