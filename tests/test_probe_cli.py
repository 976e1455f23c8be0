"""`probe`, `fetch` and everything else that asks a server, as commands."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper.model import Certificate, Password
from storekeeper.tls.wire import Message, Record, vector
from tests import jvm, pki, servers
from tests.commands import Commands
from tests.probing import ASKING, MADE, OTHER
from tests.servers import proxies
from tests.servers.bench import HOST, Running
from tests.servers.scripted import Talk, relay, scripted


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Commands(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with servers.openssl(
        MADE.but(chain=(*MADE.chain, pki.certificate("Root", None, ca=True)))
    ) as on:
        yield on


def test_probing_several_servers_at_once(run: Commands, server: Running) -> None:
    one = json.loads(run("probe", server.at, "--json").out)
    assert one["schema"] == "storekeeper.probe/1"
    assert len(one["members"][0]["chain"]) == 3
    many = [f"{HOST}:1", server.at, f"https://{server.at}"]
    found = json.loads(run("probe", *many, "--json", status=5).out)
    assert [sorted(one)[:2] for one in found["probes"]] == [
        ["error", "hint"], ["at", "dhe"], ["at", "dhe"],
    ]  # fmt: skip
    said = run("probe", *many, status=5)
    assert said.out.count("  protocol    TLSv1.3") == 2
    assert "connection refused" in said.err


def test_two_hundred_servers_are_asked_together(run: Commands) -> None:
    """None of them says a word before the last was asked."""
    barrier = threading.Barrier(200)

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        barrier.wait(30)
        talk.say(b"SSH-2.0-OpenSSH\r\n")

    with scripted(behave) as server:
        names = [f"https://{HOST}:{server.port}/{number}" for number in range(200)]
        found = json.loads(run("probe", *names, "--timeout", "30", "--json", status=5).out)
    assert not barrier.broken
    assert [one["name"] for one in found["probes"]] == names
    assert all("found SSH" in one["error"] for one in found["probes"])


def test_how_far_it_is_stands_on_a_terminal(server: Running) -> None:
    """While somebody is waited for, and is gone at the end; in a pipe nothing is said."""
    free = threading.Event()

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        free.wait(30)
        talk.say(b"SSH-2.0-OpenSSH\r\n")

    ours, theirs = os.openpty()
    with scripted(behave) as silent, os.fdopen(ours, "rb", 0) as terminal:
        names = (f"{HOST}:{silent.port}", server.at)
        command = [sys.executable, "-m", "storekeeper", "probe", *names, "--timeout", "30"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
            os.close(theirs)
            said = b""
            while b"1 of 2 servers probed" not in said:
                said += terminal.read(1000)
            free.set()
            with contextlib.suppress(OSError):  # Linux ends a terminal like this
                while piece := terminal.read(1000):
                    said += piece
            assert process.stdout is not None
            assert b"TLSv1.3" in process.stdout.read()
        assert process.returncode == 5
    assert b"probed\x1b[K\r\x1b[K" in said
    assert said.rstrip().splitlines()[-1].startswith(b"hint: ")


def test_fetching_the_leaf(run: Commands, server: Running) -> None:
    said = run("fetch", server.at)
    assert said.out.count("BEGIN CERTIFICATE") == 1
    sha256 = Certificate(MADE.chain[0]).sha256
    assert bytes.fromhex(sha256).hex(":").upper() in said.err
    assert run("fetch", server.at, "--only", "all").out.count("BEGIN CERTIFICATE") == 3
    run("fetch", server.at, "--der", "-o", "leaf.der", "--pin", sha256)
    assert (run.folder / "leaf.der").read_bytes() == MADE.chain[0]
    wrong = run("fetch", server.at, "--pin", "00" * 32, status=6)
    assert "sends no certificate with SHA-256 00:00" in wrong.err
    assert "expected a whole SHA-256" in run("fetch", server.at, "--pin", sha256[:16], status=2).err


def test_importing_what_a_server_sends(
    run: Commands, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not without a look at the fingerprint; the pinned one wherever it stands in the chain."""
    refused = run("import", "t.p12", server.at, status=2)
    assert "nobody is here to confirm" in refused.err
    assert not (run.folder / "t.p12").exists()
    leaf, root = Certificate(MADE.chain[0]).sha256, Certificate(MADE.chain[1]).sha256
    run("import", "t.p12", server.at, "--pin", leaf)
    assert [one.sha256 for one in run.store("t.p12").certificates()] == [leaf]
    assert "unchanged" in run("import", "t.p12", server.at, "--pin", leaf).out
    run("import", "t.p12", server.at, "--pin", root)
    assert {one.sha256 for one in run.store("t.p12").certificates()} == {leaf, root}
    run("import", "t.p12", server.at, "--pin", "00" * 32, status=6)
    # A person at a terminal is asked, and "no" changes nothing.
    from storekeeper.cli import options, voice

    monkeypatch.setattr(options, "can_ask", lambda: True)
    monkeypatch.setattr(voice, "agreed", lambda _question: False)
    run("import", "u.p12", server.at, status=6)
    assert not (run.folder / "u.p12").exists()
    monkeypatch.setattr(voice, "agreed", lambda _question: True)
    run("import", "u.p12", server.at)
    assert [one.sha256 for one in run.store("u.p12").certificates()] == [leaf]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_printcert_of_a_server_as_keytool_prints_it(
    run: Commands, server: Running, version: str
) -> None:
    java = jvm.jvm(version)
    for options in ((), ("-rfc",)):
        words_ = ("-printcert", *options, "-sslserver", server.at)
        ours = run("keytool", *words_).out
        theirs = java.keytool("-J-Duser.language=en", *words_).stdout
        # JDK 11 prints a path length that is not limited as a number.
        theirs = theirs.replace("\r\n", "\n").replace("PathLen:2147483647", "PathLen: no limit")
        assert ours.replace("\r\n", "\n") == theirs
    assert "can't connect" in run("keytool", "-printcert", "-sslserver", f"{HOST}:1", status=5).err


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_checking_a_server_that_wants_a_certificate(run: Commands, version: str) -> None:
    """OpenSSL has judged the server before the server misses a certificate of ours."""
    root = pki.certificate("Root", None, ca=True)
    (run.folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", root))
    (run.folder / "other.pem").write_bytes(pki.pem("CERTIFICATE", OTHER))
    with servers.openssl(ASKING.but(versions=(version, version))) as running:
        name = f"localhost:{running.port}"
        said = run("check", name, "--store", "root.pem")
        assert said.out.rstrip().endswith("here accepts")
        assert said.err == ""  # the key is proved
        refused = run("check", name, "--store", "other.pem", status=1).out
        assert "here refuses: unable to get local issuer certificate" in refused


def test_openssl_may_meet_another_member_of_a_pool(run: Commands) -> None:
    """Behind one address: who asks again is sent the other one's chain."""
    (run.folder / "root.pem").write_bytes(
        pki.pem("CERTIFICATE", pki.certificate("Root", None, ca=True))
    )
    with servers.openssl(MADE) as one, servers.openssl(MADE.but(chain=MADE.chain[:1])) as other:
        turns = itertools.cycle((one.port, other.port))

        def behave(talk: Talk) -> None:
            with socket.create_connection((HOST, next(turns))) as onward:
                relay(talk.socket, onward)

        with scripted(behave) as pool:
            said = run("check", f"localhost:{pool.port}", "--store", "root.pem").out
    assert "java17.0.9 accepts" in said
    assert "here refuses (of another chain, which it was sent): unable to get local" in said


def test_a_key_that_is_not_proved_is_said(run: Commands) -> None:
    """A certificate is public: whoever sends it need not have its key."""
    hello = Message(2, b"\x03\x03" + bytes(33) + b"\xc0\x2b\0").encode()
    chain = Message(11, vector(b"".join(vector(one, 3) for one in MADE.chain), 3)).encode()
    point = vector(b"\x04" + bytes.fromhex(_BASE_POINT), 1)
    forged = vector(bytes.fromhex("3006020101020101"), 2)
    keys = Message(12, b"\x03\0\x17" + point + b"\x04\x03" + forged).encode()
    flight = Record(22, 0x0303, hello + chain + keys + Message(14, b"").encode()).encode()

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        talk.say(flight)
        talk.wait()

    with scripted(behave) as false:
        said = run("fetch", f"{HOST}:{false.port}")
    assert "BEGIN CERTIFICATE" in said.out
    assert "did not get far enough to prove that the server has the key" in said.err


_BASE_POINT = (
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


def test_checking_a_server_itself(run: Commands, server: Running) -> None:
    root = pki.certificate("Root", None, ca=True)
    (run.folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", root))
    (run.folder / "other.pem").write_bytes(pki.pem("CERTIFICATE", OTHER))
    name = f"localhost:{server.port}"
    good = run("check", name, "--store", "root.pem")
    assert "java17.0.9 accepts localhost" in good.out
    assert "openssl     OpenSSL" in good.out
    assert good.out.rstrip().endswith("here accepts")
    later = run("check", name, "--store", "root.pem", "--at", "2030-01-01").out
    assert later.rstrip().endswith("here accepts today")
    # Another name than the server's own is indicated, and checked by both.
    other = run("check", name, "--store", "root.pem", "--host", "example.com", status=1).out
    assert "Hostname mismatch, certificate is not valid for 'example.com'" in other
    # Python's ssl can't look for one name and indicate another.
    aside = run("check", name, "--store", "root.pem", "--sni", "example.com").out
    assert "here accepts (the host name not looked at)" in aside
    assert "it takes no such" not in aside
    odd = run("check", name, "--store", "root.pem", "--host", "a..b", status=1).out
    assert "Illegal given domain name: a..b" in odd
    bad = json.loads(run("check", name, "--store", "other.pem", "--json", status=1).out)
    assert bad["rule"] == "no-path"
    assert bad["openssl"]["accepts"] is False
    assert "self-signed certificate in certificate chain" in bad["openssl"]["message"]
    fix = run("fix", name, "--store", "other.pem", status=1).out
    pinned = Certificate(root).sha256
    assert f"storekeeper import other.pem {name} --pin {pinned}" in fix
    run("import", "other.pem", name, "--pin", pinned)
    run("check", name, "--store", "other.pem")
    run("chain", name, "--store", "root.pem")
    assert "expected a server or --chain" in run("check", "--store", "root.pem", status=2).err


def test_the_password_of_a_proxy_is_asked_for_once(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many servers there are; and every one gets through with it."""
    from storekeeper.cli import options

    asked: list[str] = []

    def password(_args: object, name: str) -> Password:
        asked.append(name)
        return Password("plain")

    monkeypatch.setattr(options, "password", password)
    with servers.nginx(MADE) as one, servers.tinyproxy(login=True) as proxy:
        names = [f"https://localhost:{one.port}/{number}" for number in range(5)]
        through = ("--proxy", f"http://{proxies.USER}@{HOST}:{proxy.port}")
        said = run("probe", *names, *through, "--proxy-password", "prompt").out
    assert asked == ["proxy_password"]
    assert said.count("  protocol    TLSv1.3") == 5
