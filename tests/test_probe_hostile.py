"""Probing what is no honest server: clear words in bounded time and memory."""

from __future__ import annotations

import contextlib
import ssl
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.errors import NetworkError
from storekeeper.tls.connect import Address
from storekeeper.tls.probe import probe, wish_of
from storekeeper.tls.target import Target
from storekeeper.tls.wire import MOST_BYTES, Message, Record, vector
from tests.commands import Commands
from tests.probing import CA, MADE, impatient, look
from tests.servers.bench import HOST
from tests.servers.scripted import Talk, context_of, scripted


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    return Commands(tmp_path, capsys, monkeypatch)


def _hello(cipher: int = 0xC02B) -> bytes:
    body = b"\x03\x03" + bytes(32) + b"\0" + cipher.to_bytes(2, "big") + b"\0"
    return Message(2, body).encode()


def _flight(*messages: bytes) -> bytes:
    whole = b"".join(messages)
    pieces = [whole[at : at + 16_000] for at in range(0, len(whole), 16_000)]
    return b"".join(Record(22, 0x0303, piece).encode() for piece in pieces)


def _says(data: bytes) -> Any:
    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        talk.say(data)
        talk.wait()

    return behave


CHAIN = Message(11, vector(b"".join(vector(one, 3) for one in MADE.chain), 3)).encode()


def test_ten_thousand_ca_names() -> None:
    name = bytes.fromhex("3000")
    listed = vector(vector(name, 2) * 10_000, 2)
    request = Message(13, vector(b"\x01", 1) + vector(b"\x04\x03", 2) + listed).encode()
    with scripted(_says(_flight(_hello(), CHAIN, request, Message(14, b"").encode()))) as server:
        found = look(server.port, weak=False, no_name=False)
    assert found.member.request is not None
    assert len(found.member.request.authorities) == 10_000


PLAIN_HTTP = _says(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (PLAIN_HTTP, "expected TLS, found plain HTTP"),
        (_says(b"220 mail.example.com ESMTP\r\n"), "found an SMTP or FTP greeting"),
        (_says(b"\x15\x03\x01\x00\x02\x02\x28"), "alert handshake_failure (40)"),
        (_says(_flight(_hello(), Message(11, b"\xff" * 90_000).encode())), "can't be read"),
        (_says(_flight(Message(11, b"x" * 3).encode()) * 5), "no TLS handshake"),
        (_says(b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + bytes(16_380)), "no TLS handshake"),
        (_says(b""), "did not answer in time"),
        (lambda talk: talk.socket.close(), "the connection"),
    ],
)
def test_servers_that_make_no_sense(run: Commands, behave: Any, told: str) -> None:
    with scripted(behave) as server:
        said = run("probe", f"{HOST}:{server.port}", "--timeout", "0.4", status=5).err
    assert told in said
    assert "hint: " in said
    assert "sslv3" not in said  # as OpenSSL calls an alert of any version


def test_a_server_that_stops_after_its_hello(run: Commands) -> None:
    behave = _says(_flight(_hello()) + b"\x17\x03\x03\x00\x10" + bytes(16))
    with scripted(behave) as server:
        said = run("probe", f"{HOST}:{server.port}", "--timeout", "0.4", status=1).out
    assert "not completed: unexpected record" in said
    assert "[no-chain]" in said


@pytest.mark.parametrize(
    "words",
    [
        ("probe",),
        ("fetch",),
        ("check", "--store", "certifi"),
        ("import", "new.p12"),
        ("keytool", "-printcert", "-sslserver"),
    ],
)
def test_every_command_that_asks_a_server_says_the_same(
    run: Commands, words: tuple[str, ...]
) -> None:
    with scripted(PLAIN_HTTP) as server:
        place = f"{HOST}:{server.port}"
        assert "found plain HTTP" in run(*words, place, status=5).err
    assert "connection refused" in run(*words, f"{HOST}:1", status=5).err
    assert "nobody.invalid has no address" in run(*words, "nobody.invalid:443", status=5).err
    assert not (run.folder / "new.p12").exists()


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 No", "502 No"])
def test_what_a_proxy_refuses(run: Commands, status: str) -> None:
    answer = f"HTTP/1.1 {status}\r\nProxy-Authenticate: Basic realm=x\r\n\r\n".encode()
    with scripted(_says(answer)) as server:
        proxy = f"http://{HOST}:{server.port}"
        said = run("probe", "api.example.com", "--proxy", proxy, status=5).err
    assert status in said
    assert "hint: " in said


def test_the_proxy_of_the_environment(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets the name and Basic authentication; NO_PROXY and "none" keep away from it."""
    answer = b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\n\r\n"
    for name in ("https_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with scripted(_says(answer)) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://bench:geheim@{HOST}:{server.port}")
        said = run("probe", "nobody.invalid", status=5)
        assert "refuses the password of 'bench'" in said.err
        assert "geheim" not in said.out + said.err
        assert "has no address" in run("probe", "nobody.invalid", "--proxy", "none", status=5).err
        monkeypatch.setenv("NO_PROXY", "example.com, .invalid")
        assert "has no address" in run("probe", "nobody.invalid", status=5).err
        server.settle()
        (heard,) = map(bytes, server.heard)
    assert heard.startswith(b"CONNECT nobody.invalid:443 HTTP/1.1\r\nHost: nobody.invalid:443\r\n")
    assert b"Proxy-Authorization: Basic YmVuY2g6Z2VoZWlt\r\n" in heard


@pytest.mark.parametrize(
    "words",
    [
        ("--sni", "a..b"),
        ("--sni", "a" * 300),
        ("--sni", "192.0.2.7"),
        ("--sni", "a", "--no-sni"),
        ("--starttls", "gopher"),
        ("--timeout", "0"),
        ("--timeout", "nan"),
        ("--timeout", "99999999999"),
        ("--proxy", "gopher://proxy"),
    ],
)
def test_options_that_make_no_sense(run: Commands, words: tuple[str, ...]) -> None:
    assert "error: " in run("probe", f"{HOST}:1", *words, status=2).err


def test_many_megabytes_of_handshake() -> None:
    """Ten times the limit: neither it nor what is kept of it is waited for."""
    told = []

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        piece = _flight(Message(11, bytes(16_000)).encode())
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 10 * MOST_BYTES:
                talk.say(piece)
                sent += len(piece)
        told.append(sent)

    tracemalloc.start()
    try:
        with scripted(behave) as server, pytest.raises(NetworkError, match="no TLS handshake"):
            look(server.port, weak=False, no_name=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert max(told) < 5 * MOST_BYTES
    assert peak < 4 * MOST_BYTES


def test_tickets_without_end() -> None:
    """A handshake that is complete, and then as many messages as the server likes to send."""
    context = context_of(MADE)
    context.num_tickets = 200_000
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(cadata=CA)

    def behave(talk: Talk) -> None:
        with context.wrap_socket(talk.socket, server_side=True) as tls:
            tls.recv(1)

    with scripted(behave) as server:
        found = look(server.port, http=True, weak=False, no_name=False)
    assert found.member.client == "unknown"
    assert f"more than {MOST_BYTES} bytes" in found.member.why


def test_servers_that_stall() -> None:
    """At any byte: the time that was given is all that is spent."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(_stalls, (0, 1, 4, 5, 9, 60)))


@pytest.mark.slow
def test_servers_that_stall_at_each_byte() -> None:
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(_stalls, range(len(FLIGHT))))


FLIGHT = _flight(_hello(), CHAIN)


def _stalls(after: int) -> None:
    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        talk.say(FLIGHT[:after])
        talk.wait()

    wish = wish_of(Target("localhost", 443), server_name="localhost", weak=False, no_name=False)
    with scripted(behave) as server:
        at = (Address(HOST, server.port),)
        with pytest.raises(NetworkError, match="in time"):
            probe("localhost", "localhost", server.port, impatient, at, wish)
        # The whole handshake, and one raw hello: an older one would be waited for as long.
        assert len(server.heard) == 2


def test_a_server_that_sends_a_byte_now_and_then() -> None:
    """Each comes in time, all of them do not."""
    sent = []

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        with contextlib.suppress(OSError):
            for at in range(len(FLIGHT)):
                talk.say(FLIGHT[at : at + 1])
                sent.append(at)
                time.sleep(0.05)

    with scripted(behave) as server, pytest.raises(NetworkError, match="in time"):
        look(server.port, way=impatient, weak=False, no_name=False)
    assert len(sent) < 100


@given(st.integers(0, len(FLIGHT) - 1), st.binary(min_size=1, max_size=4))
@settings(max_examples=40)
def test_any_change_of_a_flight_is_an_answer_or_a_network_error(at: int, put: bytes) -> None:
    changed = FLIGHT[:at] + put + FLIGHT[at + len(put) :]

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        talk.say(changed)

    with scripted(behave) as server, contextlib.suppress(NetworkError):
        look(server.port, way=impatient, weak=False, no_name=False)
