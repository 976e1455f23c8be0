"""Asking for TLS: real servers where there are any, scripted ones for what no honest server does.

NNTP, LMTP and SQL Server have no server in the bench: their dialogues are scripted after the
RFCs and MS-TDS, with a real TLS server behind them.
"""

from __future__ import annotations

import contextlib
import ssl
import time
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.errors import NetworkError, UsageError
from storekeeper.tls.client import Handshake
from storekeeper.tls.connect import Address, connect
from storekeeper.tls.greetings import Refused, looks_like, words
from storekeeper.tls.reach import reach
from storekeeper.tls.starttls import starttls
from storekeeper.tls.starttls_lines import OWN_NAME
from storekeeper.tls.stream import Stream
from storekeeper.tls.target import STARTTLS, target
from tests import servers
from tests.servers import Setup, scripted, setup
from tests.servers.bench import HOST, pem_file
from tests.servers.scripted import Talk

SECONDS = 20.0


def made() -> Setup:
    return setup("localhost", "Bench Inter", "Bench Root", kind="RSA")


def asked(port: int, protocol: str, seconds: float = SECONDS, name: str = "localhost") -> Stream:
    stream = connect(Address(HOST, port), seconds, f"server:{port}")
    try:
        return starttls(stream, protocol, name)
    except BaseException:
        stream.close()
        raise


def problem(port: int, protocol: str, seconds: float = SECONDS) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        asked(port, protocol, seconds)
    assert caught.value.exit_status == 5
    assert caught.value.message.replace("\\", "").isprintable()
    return caught.value


# -- real servers -------------------------------------------------------------------------


REAL = [
    pytest.param("postfix", "smtp", "220 localhost ESMTP Postfix", marks=pytest.mark.slow),
    ("dovecot", "imap", "* OK [CAPABILITY IMAP4rev1"),
    ("dovecot", "pop3", "+OK Dovecot"),
    ("dovecot", "sieve", '"IMPLEMENTATION" "Dovecot'),
    ("slapd", "ldap", "0"),
    pytest.param("postgres", "postgres", "S", marks=pytest.mark.slow),
    ("mariadb", "mysql", "5.5.5-"),
    ("vsftpd", "ftp", "220 (vsFTPd"),
    ("prosody", "xmpp", "<?xml version='1.0'?><stream:stream"),
    ("prosody", "xmpp-server", "<?xml version='1.0'?><stream:stream"),
    ("xrdp", "rdp", "protocol 1"),
]


@pytest.mark.parametrize(("name", "protocol", "greeting"), REAL)
def test_a_real_server_begins_tls(name: str, protocol: str, greeting: str) -> None:
    with servers.CLEAR[name](made()) as server:
        port = server.ports.get(protocol, server.port)
        with reach(target(f"{HOST}:{port}", starttls=protocol, server_name="localhost")) as stream:
            assert stream.said[0].startswith(greeting)
            done = Handshake(stream, server_name="localhost")
            assert done.completed, done.problem
            assert done.said.chain == made().chain


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


# -- scripted dialogues, with a real TLS server behind them -------------------------------


def _context() -> ssl.SSLContext:
    with servers.bench.folder() as where:
        path = pem_file(where / "both.pem", *made().chain, key=made().key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@contextlib.contextmanager
def speaking(*turns: tuple[bytes, bytes]) -> Iterator[int]:
    """A server of (what it says, what it then hears the end of), with TLS after the last turn."""
    context = _context()

    def behave(talk: Talk) -> None:
        for says, hears in turns:
            talk.say(says)
            if hears:
                talk.hear(hears)
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(talk.socket, server_side=True) as tls,
        ):
            tls.recv(10)

    with scripted(behave) as server:
        yield server.port


_FEATURES = (
    b"<?xml version='1.0'?>\n<stream:stream id='1'>\n<stream:features><a/>"
    b"<tls:starttls xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'></tls:starttls></stream:features>"
)
SPOKEN: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    "smtp": (
        (b"220-mx greets\r\n220-you\r\n220 mx ESMTP\r\n", b"\n"),
        (b"250-mx\r\n250-SIZE 1000\r\n250-starttls\r\n250 HELP\r\n", b"\n"),
        (b"220-2.0.0 Ready\r\n220 go\r\n", b""),
    ),
    "lmtp": (
        (b"220 mx LMTP\r\n", b"\n"),
        (b"250-mx\r\n250 STARTTLS\r\n", b"\n"),
        (b"220 go\r\n", b""),
    ),
    "ftp": ((b"220-Hello\r\n  230 in between\r\n220 done\r\n", b"\n"), (b"234 go\r\n", b"")),
    "nntp": ((b"201 no posting\r\n", b"\n"), (b"382 go\r\n", b"")),
    "imap": (
        (b"* OK hello\n", b"\n"),
        (b"* CAPABILITY IMAP4rev1 {5}\r\nx\r\ny\nrest\r\na1 ok begin\r\n", b""),
    ),
    "pop3": ((b"+ok hello\r\n", b"\n"), (b"+OK go\r\n", b"")),
    "sieve": (
        (b'"IMPLEMENTATION" "x"\r\n"NOTE" {3+}\r\nab\n\r\n"starttls"\r\nOK\r\n', b"\n"),
        (b'OK "go"\r\n', b""),
    ),
    "xmpp": (
        (b"", b">"),
        (b"", b">"),
        (
            _FEATURES,
            b"/>",
        ),
        (b"<tls:proceed xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'></tls:proceed>", b""),
    ),
    # Active Directory writes every length in four bytes.
    "ldap": (
        (b"", b"1.3.6.1.4.1.1466.20037"),
        (
            bytes.fromhex("3084000000280201017884 0000001f0a0100040004008a16".replace(" ", ""))
            + b"1.3.6.1.4.1.1466.20037",
            b"",
        ),
    ),
}


@pytest.mark.parametrize("protocol", SPOKEN)
def test_every_legal_form_of_a_dialogue_leads_to_tls(protocol: str) -> None:
    with speaking(*SPOKEN[protocol]) as port, asked(port, protocol) as stream:
        done = Handshake(stream, server_name="localhost")
        assert done.completed, done.problem
        assert done.said.chain == made().chain


def test_smtp_is_greeted_with_a_name_that_says_nothing_about_this_machine() -> None:
    def behave(talk: Talk) -> None:
        talk.say(b"220 mx\r\n")
        talk.wait()

    with scripted(behave) as server:
        problem(server.port, "smtp", 0.3)
        server.settle()
    assert bytes(server.heard[0]) == f"EHLO {OWN_NAME}\r\n".encode()


@pytest.mark.parametrize("size", [4096, 120])
def test_sql_server_s_handshake_travels_in_its_packets(size: int) -> None:
    """TLS 1.2, as TDS 7 has it: wrapped until both sides are done, bare afterwards."""
    context = _context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def packet(kind: int, payload: bytes) -> bytes:
        return bytes([kind, 1]) + (8 + len(payload)).to_bytes(2, "big") + bytes(4) + payload

    def behave(talk: Talk) -> None:
        head = talk.hear_bytes(8)
        assert head[0] == 0x12
        talk.hear_bytes(int.from_bytes(head[2:4], "big") - 8)
        talk.say(
            packet(
                4, bytes.fromhex("00000b000601001100 01ff".replace(" ", "")) + bytes(6) + b"\x01"
            )
        )
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                done = False
            else:
                done = True
            data = outgoing.read()
            for at in range(0, len(data), size):
                talk.say(packet(0x12, data[at : at + size]))
            if done:
                break
            head = talk.hear_bytes(8)
            assert head[0] == 0x12
            incoming.write(talk.hear_bytes(int.from_bytes(head[2:4], "big") - 8))
        incoming.write(talk.socket.recv(4096))
        tls.write(tls.read(100).upper())
        talk.say(outgoing.read())
        talk.wait()

    with scripted(behave) as server, asked(server.port, "mssql") as stream:
        done = Handshake(stream, server_name="localhost")
        assert done.completed, done.problem
        assert done.said.chain == made().chain
        done.write(b"hello")
        assert done.read(10, rb"O") == b"HELLO"


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
# Those who wait for the client's word first, and how much of it.
FIRST = {"ldap": 31, "postgres": 8, "rdp": 19, "mssql": 26, "xmpp": 150}


def saying(protocol: str, script: bytes) -> Callable[[Talk], None]:
    def behave(talk: Talk) -> None:
        if protocol == "xmpp":
            talk.hear(b"version='1.0'>")
        elif protocol in FIRST:
            talk.hear_bytes(FIRST[protocol])
        for number, says in enumerate(script.split(b"|")):
            if number:
                talk.hear(b">" if protocol == "xmpp" else b"\n")
            talk.say(says)

    return behave


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


# -- malicious ones -----------------------------------------------------------------------


AGREED = {protocol: b"".join(says for says, _ in turns) for protocol, turns in SPOKEN.items()} | {
    "postgres": b"S",
    "mysql": b"\x1c\x00\x00\x00\x0a5.0\x00" + bytes(13) + b"\xff\xff" + bytes(8),
    "rdp": bytes.fromhex("030000130ed000000000000200080001000000"),
}


@pytest.mark.parametrize("protocol", ["imap", "pop3", "ftp", "nntp", "ldap", "postgres", "rdp"])
def test_bytes_behind_the_answer_are_an_injection(protocol: str) -> None:
    script = AGREED[protocol] + b"A2 OK injected\x1b[31m\r\n"
    if protocol in ("imap", "pop3", "ftp", "nntp"):
        greeting, answer = (says for says, _ in SPOKEN[protocol])
        script = greeting + b"|" + answer + b"A2 OK injected\x1b[31m\r\n"
    with scripted(saying(protocol, script)) as server:
        error = problem(server.port, protocol)
        assert "bytes behind its answer, before TLS began: A2 OK injected\\u{1b}" in error.message
        assert not isinstance(error, Refused)


def test_injections_in_smtp_sieve_xmpp_and_mysql() -> None:
    for protocol in ("smtp", "sieve", "xmpp"):
        turns = [says for says, _ in SPOKEN[protocol] if says]
        script = b"|".join(turns) + b"250 injected\r\n"
        with scripted(saying(protocol, script)) as server:
            assert "bytes behind its answer" in problem(server.port, protocol).message
    with scripted(lambda talk: talk.say(AGREED["mysql"] + b"\x16\x03\x03")) as server:
        assert "bytes behind its answer" in problem(server.port, "mysql").message


ENDLESS = {
    "line": (b"", b"220 " + b"x" * 60_000),
    "lines": (b"", b"220-x\r\n" * 9_000),
    "untagged": (b"* OK x\r\n", b"* 1 EXISTS\r\n" * 6_000),
    "capabilities": (b"", b'"X" "y"\r\n' * 6_000),
    "literal": (b"", b'"X" {8000}\r\n' * 6_000),
    "features": (b"<stream:stream><stream:features>", b"<x/>" * 10_000),
    "ldap": (b"\x30\x84\x7f\xff\xff\xff", b"x" * 60_000),
    "mysql": (b"\xff\xff\xff\x00", b"x" * 60_000),
    "error": (b"E\x7f\xff\xff\xff", b"x" * 60_000),
    "zeros": (b"", b"\0" * 60_000),
}


@pytest.mark.parametrize("kind", ENDLESS)
@pytest.mark.parametrize("protocol", STARTTLS)
def test_what_never_ends_is_given_up(protocol: str, kind: str) -> None:
    first, again = ENDLESS[kind]

    def behave(talk: Talk) -> None:
        if protocol in FIRST:
            talk.hear_bytes(1)
        talk.say(first)
        # Less than 4 MB would be waited for, had the client no bounds of its own.
        for _ in range(70):
            talk.say(again)
        talk.wait()

    with scripted(behave) as server:
        stream = connect(Address(HOST, server.port), SECONDS, "server")
        begun = time.monotonic()
        with stream, pytest.raises(NetworkError):
            starttls(stream, protocol, "localhost")
        assert stream.received < 400_000
        assert time.monotonic() - begun < SECONDS / 2


@pytest.mark.parametrize("protocol", [one for one in SPOKEN if one not in ("xmpp", "ldap")])
def test_a_server_that_stalls_anywhere_is_given_up_in_time(protocol: str) -> None:
    """Every turn cut short in the middle of its last line."""
    turns = [says for says, _ in SPOKEN[protocol]]
    for number in range(len(turns)):
        cut = [*turns[:number], turns[number][:-3]]

        def behave(talk: Talk, cut: list[bytes] = cut) -> None:
            for at, says in enumerate(cut):
                if at:
                    talk.hear()
                talk.say(says)
            talk.wait()

        with scripted(behave) as server:
            assert "in time" in problem(server.port, protocol, 0.2).message


@pytest.mark.slow
@pytest.mark.parametrize("protocol", [*SPOKEN, "postgres", "mysql", "rdp"])
@pytest.mark.parametrize("closes", [True, False])
def test_every_cut_of_a_dialogue_is_an_error_in_time(protocol: str, closes: bool) -> None:
    whole = AGREED[protocol]
    for size in range(len(whole)):

        def behave(talk: Talk, size: int = size) -> None:
            if protocol in FIRST:
                talk.hear_bytes(1)
            talk.say(whole[:size])
            if not closes:
                talk.wait()

        with scripted(behave) as server:
            assert problem(server.port, protocol, 0.04).message


def test_a_server_that_closes_or_resets_is_told() -> None:
    with scripted(lambda _: None) as server:
        error = problem(server.port, "smtp")
        assert "before it said anything, expected SMTP" in error.message


def test_a_dialogue_one_byte_at_a_time_is_understood() -> None:
    greeting, answer = (says for says, _ in SPOKEN["imap"])

    def behave(talk: Talk) -> None:
        for number, says in enumerate((greeting, answer)):
            if number:
                talk.hear()
            for at in range(len(says)):
                talk.say(says[at : at + 1])
        talk.wait()

    with scripted(behave) as server, asked(server.port, "imap") as stream:
        assert stream.pending == b""


@settings(max_examples=40)
@given(st.sampled_from(STARTTLS), st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_a_network_error(protocol: str, data: bytes) -> None:
    with scripted(lambda talk: talk.say(data)) as server, contextlib.suppress(NetworkError):
        asked(server.port, protocol, 2.0).close()


@settings(max_examples=60)
@given(st.sampled_from(sorted(AGREED)), st.data())
def test_any_change_of_a_dialogue_is_an_answer_or_a_network_error(
    protocol: str, data: st.DataObject
) -> None:
    whole = bytearray(AGREED[protocol])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with scripted(lambda talk: talk.say(bytes(whole))) as server, contextlib.suppress(NetworkError):
        asked(server.port, protocol, 2.0).close()


@given(st.binary(max_size=400))
def test_what_a_server_says_is_safe_to_print(data: bytes) -> None:
    for text in (words(data), looks_like(data)):
        # Characters that no Unicode assigns yet, or private ones, do a terminal no harm.
        assert not {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, text))
        directed = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        assert not directed & set(map(unicodedata.bidirectional, text))
    assert len(words(data)) < 4_000


def test_an_unknown_protocol_is_a_usage_error() -> None:
    with scripted(lambda talk: talk.wait()) as server, pytest.raises(UsageError, match="gopher"):
        asked(server.port, "gopher")
