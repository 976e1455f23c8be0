"""Asking for TLS where there is none: the server's own words, or what stands there instead."""

from __future__ import annotations

import pytest

from storekeeper.tls.greetings import Refused
from tests import servers
from tests.servers import scripted
from tests.servers.scripted import Talk
from tests.starttls_cases import asked, made, problem, saying

WITHOUT = [
    pytest.param(
        *("postfix", "smtp", "does not offer STARTTLS; it offers PIPELINING"),
        marks=pytest.mark.slow,
    ),
    ("slapd", "ldap", "refuses TLS: "),
    pytest.param("postgres", "postgres", "has no TLS", marks=pytest.mark.slow),
    ("mariadb", "mysql", "has no TLS (version 5.5.5-10"),
    ("vsftpd", "ftp", "refuses TLS: 530 Please login with USER and PASS."),
    ("prosody", "xmpp", "does not offer STARTTLS for localhost"),
    ("xrdp", "rdp", "chooses standard RDP security, without TLS"),
]


@pytest.mark.parametrize(("name", "protocol", "message"), WITHOUT)
def test_a_real_server_without_tls_says_so(name: str, protocol: str, message: str) -> None:
    with servers.CLEAR[name](made().but(chain=())) as server:
        port = server.ports.get(protocol, server.port)
        error = problem(port, protocol)
        assert isinstance(error, Refused), error
        assert message in error.message


def test_imap_without_tls_is_told_in_the_server_s_words() -> None:
    with servers.dovecot(made().but(chain=())) as server:
        error = problem(server.ports["imap"], "imap")
        assert isinstance(error, Refused)
        assert "refuses TLS: BAD" in error.message
        error = problem(server.ports["pop3"], "pop3")
        assert "refuses TLS: -ERR" in error.message
        if "sieve" in server.ports:
            assert "does not offer STARTTLS" in problem(server.ports["sieve"], "sieve").message


def test_a_domain_that_xmpp_does_not_serve_is_named() -> None:
    with servers.prosody(made()) as server, pytest.raises(Refused) as caught:
        asked(server.port, "xmpp", name="elsewhere.example")
    assert "host-unknown" in caught.value.message
    assert "--sni" in caught.value.hint


CROSSED = [
    ("dovecot", "imap", "smtp", "expected SMTP, found an IMAP greeting: * OK"),
    ("dovecot", "pop3", "imap", "expected IMAP, found a POP3 greeting: +OK"),
    ("dovecot", "sieve", "imap", "expected IMAP, found a ManageSieve greeting"),
    ("dovecot", "imap", "xmpp", "expected XMPP, found an IMAP greeting"),
    ("vsftpd", "ftp", "smtp", "expected SMTP, found an FTP greeting"),
    ("vsftpd", "ftp", "imap", "expected IMAP, found an FTP greeting"),
    ("mariadb", "mysql", "smtp", "expected SMTP, found a MySQL greeting"),
    ("dovecot", "imap", "mysql", "expected MySQL, found an IMAP greeting"),
    pytest.param("postfix", "smtp", "ftp", "expected FTP, found an SMTP", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("name", "port", "protocol", "message"), CROSSED)
def test_another_protocol_on_the_port_is_named(
    name: str, port: str, protocol: str, message: str
) -> None:
    with servers.CLEAR[name](made()) as server:
        error = problem(server.ports.get(port, server.port), protocol, 5.0)
        assert message in error.message
        assert not isinstance(error, Refused)


@pytest.mark.parametrize("protocol", ["ldap", "postgres", "xmpp", "rdp", "mssql"])
def test_tls_at_once_is_recognised_where_the_client_speaks_first(protocol: str) -> None:
    with servers.openssl(made()) as server:
        error = problem(server.port, protocol)
        assert "found TLS at once" in error.message or "closed the connection" in error.message


def test_a_server_that_waits_for_tls_is_guessed_at() -> None:
    with servers.openssl(made()) as server:
        error = problem(server.port, "smtp", 0.5)
        assert "did not answer in time: no SMTP so far" in error.message
        assert "TLS begins at once" in error.hint


def test_an_ssh_server_is_named() -> None:
    with scripted(lambda talk: talk.say(b"SSH-2.0-OpenSSH_9.2p1\r\n")) as server:
        for protocol in ("smtp", "imap", "pop3", "ftp", "nntp", "sieve", "mysql"):
            assert (
                "found an SSH greeting: SSH-2.0-OpenSSH" in problem(server.port, protocol).message
            )


def test_plain_http_is_named() -> None:
    def web(talk: Talk) -> None:
        talk.hear_bytes(1)
        talk.say(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with scripted(web) as server:
        for protocol in ("xmpp", "ldap", "postgres", "rdp", "mssql"):
            assert "found an answer of HTTP" in problem(server.port, protocol).message


_STREAM_ERROR = (
    b"<stream:stream><stream:error><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
    b"<text>no</text></stream:error>"
)

_FAILURE = (
    b"<stream:stream><stream:features><starttls/></stream:features>|"
    b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
)

REFUSALS = [
    ("smtp", b"554 5.7.1 go away\r\n", "refuses TLS: it greets with 554 5.7.1 go away"),
    ("smtp", b"220 mx\r\n|502 no\r\n", "refuses TLS: EHLO is answered with 502 no"),
    ("smtp", b"220 mx\r\n|250-mx\r\n250 SIZE\r\n", "does not offer STARTTLS; it offers SIZE"),
    ("smtp", b"220 mx\r\n|250-mx\r\n250 XXXXXXXA\r\n", "it offers XXXXXXXA"),
    (
        "smtp",
        b"220 mx\r\n|250-mx\r\n250 STARTTLS\r\n|454 4.7.0 TLS not available\r\n",
        "refuses TLS: 454 4.7.0 TLS not available",
    ),
    ("ftp", b"220 x\r\n|534 not here\r\n", "refuses TLS: 534 not here"),
    ("nntp", b"200 x\r\n|580 can not\r\n", "refuses TLS: 580 can not"),
    ("imap", b"* BYE too many\r\n", "refuses TLS: BYE too many"),
    ("imap", b"* PREAUTH hello\r\n", "refuses TLS: PREAUTH hello"),
    ("imap", b"* OK x\r\n|A1 NO not now\r\n", "refuses TLS: NO not now"),
    ("pop3", b"-ERR locked\r\n", "refuses TLS: -ERR locked"),
    ("sieve", b'"SIEVE" "x"\r\nOK\r\n', "does not offer STARTTLS; it offers SIEVE"),
    ("sieve", b'BYE "full"\r\n', 'refuses TLS: BYE "full"'),
    ("sieve", b'"STARTTLS"\r\nOK\r\n|NO "broken"\r\n', 'refuses TLS: NO "broken"'),
    (
        "ldap",
        bytes.fromhex("3014020101780f0a013404000408") + b"no cert." + b"",
        "refuses TLS: 52 unavailable no cert.",
    ),
    ("postgres", b"N", "has no TLS"),
    (
        "postgres",
        b"E\x00\x00\x00\x17SFATAL\x00Mtoo many!\x00\x00",
        "refuses TLS: too many!",
    ),
    ("mysql", b"\x17\x00\x00\x00\xff\x6a\x04Host is not allowed.", "refuses: Host is not allowed."),
    ("mysql", b"\x1b\x00\x00\x00\x0a5.0\x00" + bytes(22), "has no TLS (version 5.0)"),
    ("rdp", bytes.fromhex("030000130ed000000000000300080005000000"), "HYBRID_REQUIRED_BY_SERVER"),
    ("rdp", bytes.fromhex("030000130ed000000000000200080000000000"), "without TLS"),
    ("rdp", bytes.fromhex("0300000b06d00000000000"), "standard RDP security alone"),
    (
        "mssql",
        bytes.fromhex("0401001a00000000" + "00000b000601001100 01ff".replace(" ", "") + "00" * 6)
        + b"\x02",
        "has no TLS",
    ),
    (
        "xmpp",
        _STREAM_ERROR,
        "refuses TLS: not-allowed: no",
    ),
    (
        "xmpp",
        _FAILURE,
        "refuses TLS: <failure",
    ),
]


@pytest.mark.parametrize(("protocol", "script", "message"), REFUSALS)
def test_a_refusal_is_told_in_the_server_s_words(
    protocol: str, script: bytes, message: str
) -> None:
    if protocol == "mssql":
        script = script[:3] + bytes([len(script)]) + script[4:]
    with scripted(saying(protocol, script)) as server:
        error = problem(server.port, protocol)
        assert isinstance(error, Refused), error
        assert message in error.message


def test_a_firewall_that_masks_starttls_is_recognised() -> None:
    script = b"220 ****\r\n|250-mx\r\n250-XXXXXXXA\r\n250 SIZE\r\n"
    with scripted(saying("smtp", script)) as server:
        assert "firewall" in problem(server.port, "smtp").hint
