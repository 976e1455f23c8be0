"""Asking for TLS: real servers where there are any, scripted ones for what no honest server does.

NNTP, LMTP and SQL Server have no server in the bench: their dialogues are scripted after the
RFCs and MS-TDS, with a real TLS server behind them.
"""

from __future__ import annotations

import ssl

import pytest

from storekeeper.errors import UsageError
from storekeeper.tls.client import Handshake
from storekeeper.tls.reach import reach
from storekeeper.tls.starttls_lines import OWN_NAME
from storekeeper.tls.target import target
from tests import servers
from tests.servers import scripted
from tests.servers.bench import HOST
from tests.servers.scripted import Talk, context_of
from tests.starttls_cases import SPOKEN, asked, made, problem, speaking

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
    context = context_of(made())
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


def test_an_unknown_protocol_is_a_usage_error() -> None:
    with scripted(lambda talk: talk.wait()) as server, pytest.raises(UsageError, match="gopher"):
        asked(server.port, "gopher")
