"""Handshakes out of captures: of real programs, in every file format and link layer."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from storekeeper.tls.evidence import pcap
from storekeeper.tls.evidence.values import (
    AlertSeen,
    Chain,
    ClientIdentity,
    Ended,
    Handshake,
    Host,
    Moment,
    Negotiated,
    Offered,
    Wanted,
)
from tests import captures, servers
from tests.captures import LINKS, Talk, frames
from tests.evidence import notes as _notes
from tests.evidence import one as _one
from tests.recorded import AUTHORITIES, printed, read, recorded, s_client, talk_of
from tests.servers.bench import HOST, setup


def test_a_handshake_of_tls_1_2_is_all_there() -> None:
    talk, said = talk_of("TLSv1.2")
    found = read(captures.pcap(frames(talk)))
    chain = _one(found, Chain)
    assert [one.der for one in chain.certificates] == printed(said)
    assert chain.by == "server"
    assert chain.complete
    wanted = _one(found, Wanted)
    assert wanted.names == ("CN=Client Root", "CN=Zeta Root")
    assert re.findall(r"^CN = (\w+ Root)$", said, re.MULTILINE) == ["Client Root", "Zeta Root"]
    assert wanted.request.key_types == ("rsa_sign", "dss_sign", "ecdsa_sign")
    assert not _one(found, ClientIdentity).sent
    alert = _one(found, AlertSeen)
    assert (alert.by, alert.alert.description) == ("server", 40)
    assert "SSL alert number 40" in said
    assert _one(found, Host).name == "www.example.net"
    assert _one(found, Offered).server_name == "www.example.net"
    agreed = _one(found, Negotiated)
    assert agreed.protocol == "TLSv1.2"
    assert agreed.key_exchange == "ECDHE x25519, 253 bits"
    handshake = _one(found, Handshake)
    assert (handshake.client, handshake.server) == ("192.0.2.10:40000", "198.51.100.20:8443")
    assert handshake.at == captures.BEGIN == _one(found, Moment).at
    assert handshake.transcript.chain == tuple(one.der for one in chain.certificates)
    assert _notes(found) == []
    # The ClientHello is the first packet behind the three of TCP.
    assert _one(found, Offered).place.packet == 4
    assert chain.place.packet < alert.place.packet


def test_a_server_that_asks_for_another_hello() -> None:
    made = setup("localhost", "Root", versions=("TLSv1.3", "TLSv1.3"), extra=("-groups", "P-384"))
    with servers.openssl(made) as server:
        talk, _ = recorded(server, "-groups", "X25519:P-384")
    found = read(captures.pcap(frames(talk)))
    assert len([one for one in found if isinstance(one, Offered)]) == 2
    assert _one(found, Negotiated).key_exchange == "ECDHE secp384r1, 384 bits"
    assert _notes(found) == [pcap.HIDDEN]


def test_what_is_encrypted_is_counted_where_it_matters() -> None:
    made = setup("localhost", "Root", versions=("TLSv1.2", "TLSv1.2"))
    with servers.openssl(made) as server:
        quiet, _ = recorded(server)
        with captures.relay(HOST, server.port) as (here, talks):
            command = ["openssl", "s_client", "-connect", f"{HOST}:{here}", "-ign_eof"]
            subprocess.run(
                command, input=b"GET / HTTP/1.0\r\n\r\n", capture_output=True, timeout=30
            )
    assert _notes(read(captures.pcap(frames(talks[-1])))) == []
    found = read(captures.pcap(frames(quiet)))
    assert "the client sends an alert that is encrypted" in _notes(found)


@pytest.mark.parametrize("device", ["lo", "any"])
def test_a_capture_of_tcpdump(tmp_path: Path, device: str) -> None:
    path = tmp_path / "x.pcap"
    if shutil.which("tcpdump") is None:
        pytest.skip("tcpdump is not installed")
    made = setup("localhost", "Inter", "Root", versions=("TLSv1.2", "TLSv1.2"))
    with servers.openssl(made) as server:
        command = ["tcpdump", "-i", device, "-U", "-Z", "root", "-w", str(path)]
        capture = subprocess.Popen(
            [*command, f"tcp port {server.port}"], stderr=subprocess.PIPE, text=True
        )
        assert capture.stderr is not None
        if not any("listening on" in line for line in capture.stderr):
            capture.wait(10)
            pytest.skip("nothing may be captured here")
        s_client(server.port, "-servername", "a.example")
        for _ in range(100):
            if path.exists() and b"a.example" in path.read_bytes():
                break
            time.sleep(0.05)
        time.sleep(0.3)
        capture.terminate()
        capture.wait(10)
        capture.stderr.close()
    found = read(path.read_bytes())
    assert _one(found, Host).name == "a.example"
    assert tuple(one.der for one in _one(found, Chain).certificates) == made.chain


def test_what_tls_1_3_hides_is_said() -> None:
    talk, _ = talk_of("TLSv1.3")
    found = read(captures.pcap(frames(talk)))
    assert _one(found, Negotiated).protocol == "TLSv1.3"
    assert _one(found, Offered).protocols[:2] == ("TLSv1.3", "TLSv1.2")
    assert not any(isinstance(one, Chain | Wanted | AlertSeen | ClientIdentity) for one in found)
    assert _notes(found) == [pcap.HIDDEN]


@pytest.mark.parametrize("six", [False, True], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("link", list(LINKS))
def test_every_link_layer(link: str, six: bool) -> None:
    talk, said = talk_of("TLSv1.2")
    found = read(captures.pcap(frames(talk, link=link, six=six), link=link))
    assert [one.der for one in _one(found, Chain).certificates] == printed(said)
    if six:
        assert _one(found, Handshake).server == "[2001:db8::20]:8443"


def test_every_file_format() -> None:
    packets = frames(talk_of("TLSv1.2")[0])
    expected = read(captures.pcap(packets))
    for order in "<>":
        for nano in (False, True):
            assert read(captures.pcap(packets, order=order, nano=nano)) == expected
        for units in (None, 6, 9, 0x80 | 20):
            assert read(captures.pcapng(packets, order=order, units=units)) == expected
        assert read(captures.pcapng(packets, order=order, kind=2)) == expected
        bare = read(captures.pcapng(packets, order=order, kind=3))
        assert _one(bare, Chain) == _one(expected, Chain)
        assert not any(isinstance(one, Moment) for one in bare)


def test_several_connections_one_after_the_other_and_at_once() -> None:
    talk, _ = talk_of("TLSv1.2")
    other, _ = talk_of("TLSv1.3")
    first = frames(talk)
    again = frames(talk, first=(9_000, 10_000))
    beside = frames(other, client=("192.0.2.11", 40_001))
    mixed = [one for pair in zip(again, beside, strict=False) for one in pair]
    longer = again if len(again) > len(beside) else beside
    mixed += longer[len(mixed) // 2 :]
    found = read(captures.pcap([*first, *mixed]))
    handshakes = [one for one in found if isinstance(one, Handshake)]
    assert [one.client for one in handshakes] == ["192.0.2.10:40000"] * 2 + ["192.0.2.11:40001"]
    assert len([one for one in found if isinstance(one, Chain)]) == 2


def test_starttls_begins_where_it_begins() -> None:
    made = setup("localhost", "Root", versions=("TLSv1.2", "TLSv1.2"))
    with servers.postfix(made) as server:
        talk, said = recorded(server, "-starttls", "smtp", port=server.ports.get("smtp", 0))
    found = read(captures.pcap(frames(talk)))
    assert [one.der for one in _one(found, Chain).certificates] == printed(said)
    assert any(one.startswith("TLS begins after other words of the client: 'EHLO")
               for one in _notes(found))  # fmt: skip


def test_an_answer_that_is_no_tls_is_quoted() -> None:
    hello = talk_of("TLSv1.2")[0].said[0]
    answer = (False, b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n")
    found = read(captures.pcap(frames(Talk([hello, answer]))))
    ended = _one(found, Ended)
    assert str(ended) == "the server's answer is no TLS: 'HTTP/1.1 400 Bad Request'"
    assert ended.place.packet
    found = read(captures.pcap(frames(Talk([hello]), end=captures.RST)))
    assert _one(found, Ended).how == "silent"
    proxied = Talk([(True, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n"),
                    (False, b"HTTP/1.1 200 OK\r\n\r\n"), *talk_of("TLSv1.2")[0].said])  # fmt: skip
    found = read(captures.pcap(frames(proxied)))
    assert [(one.name, one.how) for one in found if isinstance(one, Host)] == [
        ("a.example", "connect"), ("www.example.net", "sni")]  # fmt: skip
    assert any(isinstance(one, Chain) for one in found)


def test_a_hello_in_the_layout_of_sslv2() -> None:
    talk, said = talk_of("TLSv1.2")
    body = b"\x01\x03\x01\x00\x06\x00\x00\x00\x10" + b"\0\0\x2f\0\0\x35" + b"r" * 16
    old = Talk([(True, (0x8000 | len(body)).to_bytes(2, "big") + body), *talk.said[1:]])
    found = read(captures.pcap(frames(old, size=20)))
    assert [one.der for one in _one(found, Chain).certificates] == printed(said)
    assert _notes(found) == ["the client begins with a hello of SSLv2's layout, which is not read"]


def test_a_resumed_session_has_no_certificates(tmp_path: Path) -> None:
    made = setup("localhost", "Root", versions=("TLSv1.2", "TLSv1.2"))
    session = tmp_path / "session"
    with servers.openssl(made) as server:
        recorded(server, "-sess_out", str(session))
        talk, said = recorded(server, "-sess_in", str(session))
    if "Reused, " not in said:
        pytest.skip("this OpenSSL did not resume the session")
    found = read(captures.pcap(frames(talk)))
    assert not any(isinstance(one, Chain) for one in found)
    assert any("resumed" in one for one in _notes(found))


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("six", [False, True], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("size", [300, 1_400])
def test_wireshark_sees_the_same(tmp_path: Path, size: int, six: bool) -> None:
    talk, _ = talk_of("TLSv1.2")
    packets = frames(talk, size=size, six=six)
    packets[6], packets[7] = packets[7], packets[6]
    for name, made in (("a.pcap", captures.pcap(packets)), ("a.ng", captures.pcapng(packets))):
        path = tmp_path / name
        path.write_bytes(made)
        fields = ("tls.handshake.type", "tls.handshake.certificate", "tls.handshake.dnames",
                  "tls.alert_message.desc", "tls.handshake.extensions_server_name",
                  "frame.number")  # fmt: skip
        command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|",
                   "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", "tls"]  # fmt: skip
        command += [f"-d{'tcp.port==8443,tls'}", *(f"-e{one}" for one in fields)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        rows = [line.split("|") for line in done.stdout.splitlines()]
        assert rows, done.stderr
        found = read(made)
        seen = [
            bytes.fromhex(one.replace(":", "")) for row in rows for one in row[1].split(",") if one
        ]
        assert [one.der for one in _one(found, Chain).certificates] == seen
        assert [row[3] for row in rows if row[3]] == [str(_one(found, AlertSeen).alert.description)]
        assert {row[4] for row in rows if row[4]} == {_one(found, Host).name}
        # Frames too: Wireshark shows a message with the packet that completes it.
        kinds = {kind: int(row[5]) for row in rows for kind in row[0].split(",") if kind}
        assert _one(found, Chain).place.packet == kinds["11"] or not _one(
            found, ClientIdentity).sent  # fmt: skip
        assert _one(found, Negotiated).place.packet == kinds["2"]
        assert _one(found, Wanted).place.packet == kinds["13"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(servers.TLS))
def test_every_server_of_the_bench(name: str) -> None:
    made = setup("localhost", "Inter", "Root", authorities=AUTHORITIES, client="required",
                 versions=("TLSv1.2", "TLSv1.2"))  # fmt: skip
    with servers.TLS[name](made) as server:
        talk, said = recorded(server, "-nameopt", "RFC2253")
    found = read(captures.pcap(frames(talk, size=700)))
    assert [one.der for one in _one(found, Chain).certificates] == printed(said)
    listed = re.search(r"CA names\n(.*?)\n(?:Client|Requested)", said, re.DOTALL)
    assert list(_one(found, Wanted).names) == (listed[1].splitlines() if listed else [])
    assert not _one(found, ClientIdentity).sent


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["smtp", "imap", "pop3", "ldap", "postgres", "mysql", "ftp"])
def test_every_starttls(scheme: str) -> None:
    made = setup("localhost", "Root", versions=("TLSv1.2", "TLSv1.2"))
    by_scheme = {"smtp": servers.postfix, "imap": servers.dovecot, "pop3": servers.dovecot,
                 "ldap": servers.slapd, "postgres": servers.postgres, "mysql": servers.mariadb,
                 "ftp": servers.vsftpd}  # fmt: skip
    with by_scheme[scheme](made) as server:
        port = server.ports.get(scheme, server.port)
        talk, said = recorded(server, "-starttls", scheme, "-tls1_2", port=port)
    found = read(captures.pcap(frames(talk)))
    assert [one.der for one in _one(found, Chain).certificates] == printed(said)
    assert any("TLS begins after other words" in one for one in _notes(found))
