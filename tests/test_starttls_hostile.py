"""Servers that inject, never end, stall, or cut their answers: an error in time, safe to print."""

from __future__ import annotations

import contextlib
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.errors import NetworkError
from storekeeper.tls.connect import Address, connect
from storekeeper.tls.greetings import Refused, looks_like, words
from storekeeper.tls.starttls import starttls
from storekeeper.tls.target import STARTTLS
from tests.servers import scripted
from tests.servers.bench import HOST
from tests.servers.scripted import Talk
from tests.starttls_cases import AGREED, FIRST, SECONDS, SPOKEN, asked, problem, saying


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
