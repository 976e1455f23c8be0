"""What people write for a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import UsageError
from storekeeper.tls.hosts import host_of, is_address
from storekeeper.tls.target import SCHEMES, STARTTLS, Target, target


@pytest.mark.parametrize(
    ("text", "host", "port", "starttls", "application"),
    [
        ("example.com", "example.com", 443, None, "http"),
        (" Example.COM \n", "example.com", 443, None, "http"),
        ("example.com:8443", "example.com", 8443, None, "http"),
        ("example.com:9999", "example.com", 9999, None, ""),
        ("example.com/path", "example.com", 443, None, "http"),
        ("https://example.com", "example.com", 443, None, "http"),
        ("HTTPS://example.com:444/a", "example.com", 444, None, "http"),
        ("192.0.2.1", "192.0.2.1", 443, None, "http"),
        ("192.0.2.1:636", "192.0.2.1", 636, None, ""),
        ("[2001:db8::1]", "2001:db8::1", 443, None, "http"),
        ("[2001:DB8:0::1]:8443", "2001:db8::1", 8443, None, "http"),
        ("2001:db8::1", "2001:db8::1", 443, None, "http"),
        ("ldaps://[2001:db8::1]", "2001:db8::1", 636, None, "ldap"),
        ("https://[fe80::1%25eth0]:3/", "fe80::1%eth0", 3, None, "http"),
        ("smtp://mx", "mx", 25, "smtp", "smtp"),
        ("submission://mx", "mx", 587, "smtp", "smtp"),
        ("smtps://mx", "mx", 465, None, "smtp"),
        ("imap://mx", "mx", 143, "imap", "imap"),
        ("imaps://mx", "mx", 993, None, "imap"),
        ("pop3://mx", "mx", 110, "pop3", "pop3"),
        ("pop3s://mx", "mx", 995, None, "pop3"),
        ("sieve://mx", "mx", 4190, "sieve", "sieve"),
        ("ldap://dir:1389", "dir", 1389, "ldap", "ldap"),
        ("postgres://db", "db", 5432, "postgres", "postgres"),
        ("postgresql://db/name?sslmode=require", "db", 5432, "postgres", "postgres"),
        ("mysql://db", "db", 3306, "mysql", "mysql"),
        ("mariadb://db", "db", 3306, "mysql", "mysql"),
        ("mssql://db", "db", 1433, "mssql", "mssql"),
        ("ftp://f", "f", 21, "ftp", "ftp"),
        ("ftps://f", "f", 990, None, "ftp"),
        ("xmpp://x", "x", 5222, "xmpp", "xmpp"),
        ("xmpp-server://x", "x", 5269, "xmpp-server", "xmpp"),
        ("xmpps://x", "x", 5223, None, "xmpp"),
        ("nntp://n", "n", 119, "nntp", "nntp"),
        ("nntps://n", "n", 563, None, "nntp"),
        ("rdp://r", "r", 3389, "rdp", "rdp"),
        ("amqps://q", "q", 5671, None, "amqp"),
        ("mqtts://q", "q", 8883, None, "mqtt"),
        ("tls://t:1234", "t", 1234, None, ""),
    ],
)
def test_hosts_ports_and_schemes(
    text: str, host: str, port: int, starttls: str | None, application: str
) -> None:
    found = target(text)
    assert (found.host, found.port, found.starttls, found.application) == (
        host,
        port,
        starttls,
        application,
    )
    assert found.server_name == (None if is_address(host) else host)


def test_every_scheme_has_a_row_that_holds_together() -> None:
    for scheme, (port, how, _) in SCHEMES.items():
        found = target(f"{scheme}://host:{port or 1}")
        assert found.starttls == (how or None)
        assert 0 <= port < 65_536
        if how:
            assert SCHEMES[how][1] == how  # a scheme is named after each way of asking
    assert {"smtp", "imap", "pop3", "ldap", "postgres", "mysql", "ftp", "xmpp"} <= set(STARTTLS)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("https://h", ""),
        ("https://h/", "/"),
        ("https://h/a/b?c=d#e", "/a/b?c=d"),
        ("https://h?c", "/?c"),
        ("https://h#e", ""),
        ("https://h/a@b", "/a@b"),
        ("https://h/a b", "/a%20b"),
        ("https://h/a\r\nX-Evil: 1", "/a%0D%0AX-Evil:%201"),
        ("https://h/größe?ä=%C3%A4#ü", "/gr%C3%B6%C3%9Fe?%C3%A4=%C3%A4"),
        ("https://h\\a", "/a"),
        ("h/secure/", "/secure/"),
    ],
)
def test_the_path_of_a_url_is_kept(text: str, path: str) -> None:
    found = target(text)
    assert (found.host, found.path) == ("h", path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a server as HOST or HOST:PORT, found ''"),
        ("https://", "expected a server as HOST or HOST:PORT, found 'https://'"),
        ("h:", "expected a port from 1 to 65535 after the colon, found 'h:'"),
        ("h:0", "expected a port from 1 to 65535 after the colon, found 'h:0'"),
        ("h:65536", "expected a port from 1 to 65535 after the colon, found 'h:65536'"),
        ("h:https", "expected a port from 1 to 65535 after the colon, found 'h:https'"),
        ("h:\u0664\u0664\u0663", "expected a port from 1 to 65535"),
        ("[::1", "expected an IPv6 address, found '[::1'"),
        ("[::1]x", "expected an IPv6 address, found '[::1]x'"),
        ("[h]:443", "expected an IPv6 address in brackets, found '[h]:443'"),
        ("::1::2", "expected an IPv6 address, found '::1::2'"),
        ("127.1", "expected an IPv4 address of four numbers, found '127.1'"),
        ("0x7f000001", "expected an IPv4 address of four numbers, found '0x7f000001'"),
        ("010.0.0.1", "expected an IPv4 address of four numbers, found '010.0.0.1'"),
        ("256.1.1.1", "expected an IPv4 address of four numbers, found '256.1.1.1'"),
        ("a..b", "expected a host name, found 'a..b'"),
        ("a b", "expected a host name, found 'a b'"),
        ("ex%61mple.com", "expected a host name, found 'ex%61mple.com'"),
        ("a\x00b", "expected a host name, found 'a\\x00b'"),
        ("x" * 64 + ".de", "expected a host name, found"),
        ("a." * 127 + "de", "expected a host name of at most 253 characters"),
        ("x" * 9000, "expected a server, found 9000 characters"),
        ("http://h", "http: has no TLS"),
        ("gopher://h", "gopher: is no protocol that is known here"),
        ("tls://h", "tls: has no port of its own"),
        ("stra\u00dfe.de", "a host name that old and new rules of internationalised names differ"),
        ("\ud800.de", "expected a host name"),
    ],
)
def test_what_is_no_server(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        target(text)
    assert caught.value.message.startswith(message)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    "text",
    [
        "https://user:geheim@h/",
        "user:geheim@h:443",
        "https://geheim@h",
        "https://u:gehe/im@h",
        "https://u:gehe:im@[::1",
        "x://u:geheim@h",
        "u:geheim@h\u00df",
    ],
)
def test_a_password_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        target(text)
    said = f"{caught.value} {caught.value.hint} {caught.value!r}"
    assert "gehe" not in said
    assert "im@" not in said


def test_international_names_are_asked_for_in_ascii() -> None:
    found = target("https://B\u00fccher.Example/x")
    assert found.host == found.server_name == "xn--bcher-kva.example"
    assert found.notes == ("the name is asked for as xn--bcher-kva.example",)
    assert target("xn--bcher-kva.example").notes == ()


def test_unusual_names_are_noted() -> None:
    assert "underscore" in target("my_host.internal").notes[0]
    assert "hyphen" in target("a-.example.com").notes[0]
    assert "write smtp://HOST" in target("mx.example.com:25").notes[0]
    assert target("smtp://mx.example.com:25").notes == ()
    assert target("mx.example.com:25", starttls="smtp").notes == ()


def test_a_dot_at_the_end_is_for_the_resolver_alone() -> None:
    found = target("example.com.:443")
    assert (found.host, found.server_name) == ("example.com.", "example.com")


def test_starttls_by_name_decides_protocol_and_port() -> None:
    assert target("mx", starttls="smtp") == Target("mx", 25, "smtp", "mx", "smtp")
    assert target("mx:2525", starttls="SMTP").port == 2525
    assert target("db", starttls="postgresql").starttls == "postgres"
    assert target("https://h", starttls="imap").port == 443
    with pytest.raises(UsageError, match="expected a protocol with STARTTLS, found 'gopher'"):
        target("mx", starttls="gopher")


def test_the_server_name_can_be_another() -> None:
    assert target("192.0.2.1", server_name="example.com").server_name == "example.com"


@pytest.mark.parametrize("name", ["", ".", "a..b", "a" * 64, "1.2.3.4", "::1", "a b", "-\0"])
def test_what_is_no_server_name(name: str) -> None:
    with pytest.raises(UsageError):
        target("h", server_name=name)


def test_a_server_name_in_any_script() -> None:
    assert target("192.0.2.1", server_name="Bücher.example.").server_name == "xn--bcher-kva.example"


def test_the_peer_has_brackets_where_it_needs_them() -> None:
    assert target("2001:db8::1").peer == "[2001:db8::1]:443"
    assert target("h:1").peer == "h:1"


@given(st.text(max_size=60))
def test_any_text_is_a_server_or_a_usage_error(text: str) -> None:
    try:
        found = target(text)
    except UsageError:
        return
    assert found.host.isascii()
    assert found.host.isprintable()
    assert 0 < found.port < 65_536
    # What came out says the same when it is put in again.
    assert target(found.peer).host == found.host


@given(st.text("abc.-_09xn[]:%\u00fc\u00df@/", max_size=24))
def test_any_near_miss_is_a_server_or_a_usage_error(text: str) -> None:
    try:
        host, _ = host_of(text, "it")
    except UsageError:
        return
    assert host_of(host, "it")[0] == host
